"""Small patches for the tests: read from texts, applied to files in a dictionary."""

from __future__ import annotations

from collections.abc import Mapping

from analyzer.diagnostics import Diagnostics
from analyzer.patch.apply import AppliedPatch, apply_series
from analyzer.patch.inputs import PatchInput
from analyzer.patch.model import FilePatch, Series
from analyzer.patch.series import read_series
from analyzer.tree.source_tree import Stamp


class FakeTree:
    """A tree of contents by path, with symlinks as pairs of path and target path."""

    def __init__(self, files: Mapping[str, str | bytes], links: Mapping[str, str | None]) -> None:
        self._files = {
            path: data.encode() if isinstance(data, str) else data for path, data in files.items()
        }
        self._links = dict(links)
        self.label = "fake"
        self.root = "/fake"
        self.stamps: dict[str, Stamp] = {}

    def canonical(self, path: str) -> str | None:
        for link, target in self._links.items():
            if path == link or path.startswith(link + "/"):
                return None if target is None else target + path[len(link) :]
        return path

    def read(self, path: str) -> bytes | None:
        real = self.canonical(path)
        if real in self._files:
            self.stamps[path] = Stamp(1, len(self._files[real]))
        return self._files.get(real) if real is not None else None

    def is_file(self, path: str) -> bool:
        return self.canonical(path) in self._files

    def listdir(self, path: str) -> tuple[str, ...]:
        prefix = f"{path}/" if path else ""
        inside = [name[len(prefix) :] for name in self._files if name.startswith(prefix)]
        return tuple(sorted({n.split("/")[0] + ("/" if "/" in n else "") for n in inside}))


def tree_of(files: Mapping[str, str | bytes], links: Mapping[str, str | None] = {}) -> FakeTree:
    """A tree with these files; ``links``: target by path, None for one that leads out."""
    return FakeTree(files, links)


def series_of(
    *texts: str | bytes, strip: int | None = None, diagnostics: Diagnostics | None = None
) -> Series:
    """Texts as inputs ``p1``, ``p2``, ... of one series."""
    inputs = [
        PatchInput(f"p{number}", text.encode() if isinstance(text, str) else text)
        for number, text in enumerate(texts, start=1)
    ]
    return read_series(inputs, Diagnostics() if diagnostics is None else diagnostics, strip)


def files_of(text: str | bytes, strip: int | None = None) -> tuple[FilePatch, ...]:
    """The files of the one patch that ``text`` is."""
    (patch,) = series_of(text, strip=strip).patches
    return patch.files


def file_of(text: str | bytes, strip: int | None = None) -> FilePatch:
    """The one file of the one patch that ``text`` is."""
    (found,) = files_of(text, strip)
    return found


def applied_to(
    tree: FakeTree, *texts: str | bytes, diagnostics: Diagnostics | None = None
) -> tuple[AppliedPatch, ...]:
    """The patches in ``texts`` applied to ``tree``."""
    given = Diagnostics() if diagnostics is None else diagnostics
    return apply_series(tree, series_of(*texts, diagnostics=given), given)


def remarks(diagnostics: Diagnostics) -> list[str]:
    """Each remark as ``file:line: code: message``."""
    return [f"{each.location}: {each.code}: {each.message}" for each in diagnostics]
