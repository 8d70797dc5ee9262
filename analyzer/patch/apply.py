"""Patches onto a tree: all of a patch or nothing, in memory.

A patch is read as git reads it: renames and copies start from the tree before the patch, so
that files can change places; a second change of a file adds to the first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput
from analyzer.location import Location
from analyzer.patch.hunks import Outcome, apply_hunks, counted
from analyzer.patch.lines import LineMap
from analyzer.patch.model import ChangeKind, FilePatch, Patch, Series
from analyzer.patch.paths import shown
from analyzer.patch.text import lines_of
from analyzer.tree.outside import REFUSED, leads_out
from analyzer.tree.overlay import OverlayTree, PatchableTree

_NOT_TEXT = {"120000": "symlink", "160000": "submodule"}
"""git's modes of what is no regular file."""


@dataclass(frozen=True, slots=True)
class FileChange:
    """What a patch made of a file. Paths and kind are as in :class:`FilePatch`.

    ``lines`` says which lines are new and where the others went. ``skipped``: the new
    contents are not known (binary, a symlink), so that the old ones stand, or none.
    ``location`` is the file's header in the patch.
    """

    old_path: str | None
    new_path: str | None
    kind: ChangeKind
    skipped: bool
    lines: LineMap
    location: Location

    @property
    def path(self) -> str:
        """The path after the patch; of a deleted file the one it had."""
        return self.new_path or self.old_path or ""


@dataclass(frozen=True, slots=True)
class AppliedPatch:
    """A patch, the tree after it, and what became of each file, in the patch's order."""

    patch: Patch
    tree: OverlayTree
    files: tuple[FileChange, ...]


def apply_series(
    tree: PatchableTree, series: Series, diagnostics: Diagnostics
) -> tuple[AppliedPatch, ...]:
    """Each patch of ``series`` on the tree that the one before made; see :func:`apply_patch`."""
    applied: list[AppliedPatch] = []
    below = tree
    for patch in series.patches:
        applied.append(apply_patch(below, patch, diagnostics))
        below = applied[-1].tree
    return tuple(applied)


def apply_patch(tree: PatchableTree, patch: Patch, diagnostics: Diagnostics) -> AppliedPatch:
    """``patch`` on ``tree``.

    Hunks may be off by lines or by up to two lines of context, as for GNU patch; that is
    remarked on, as is everything that is passed over (binary files, symlinks).

    Raises :class:`BadInput`, with the line of the patch, for a hunk that does not apply (the
    message has the place in the tree), a file that is missing or there already, a path
    through a symlink, a deleted file of which something is left.
    """
    return _Application(tree, patch, diagnostics).run()


class _Application:
    """One patch on its way: what the files are so far."""

    __slots__ = ("_diagnostics", "_leaving", "_new", "_patch", "_staged", "_tree")

    def __init__(self, tree: PatchableTree, patch: Patch, diagnostics: Diagnostics) -> None:
        self._tree = tree
        self._patch = patch
        self._diagnostics = diagnostics
        self._staged: dict[str, bytes | None] = {}
        self._new: list[FilePatch] = []
        moved = (each.old_path for each in patch.files if each.kind is ChangeKind.RENAMED)
        gone = (each.old_path for each in patch.files if each.kind is ChangeKind.DELETED)
        self._leaving = frozenset(path for path in (*moved, *gone) if path is not None)

    def run(self) -> AppliedPatch:
        """Apply all files; nothing is kept if one fails."""
        files: list[FileChange] = []
        latest: dict[str, int] = {}
        remarks = Diagnostics()
        for each in self._patch.files:
            self._require_inside(each)
            change = self._skip(each, remarks) or self._apply(each, remarks)
            earlier = latest.get(change.old_path or "")
            if earlier is not None and _continues(files[earlier], change):
                lines = files[earlier].lines.then(change.lines)
                files[earlier] = replace(files[earlier], lines=lines)
            else:
                latest[change.path] = len(files)
                files.append(change)
        below = self._tree.base if isinstance(self._tree, OverlayTree) else self._tree
        label = f"{below.label} with {self._patch.message.subject or self._patch.name}"
        tree = OverlayTree(self._tree, self._staged, label)
        self._require_places(tree)
        for remark in remarks:
            self._diagnostics.add(remark)
        return AppliedPatch(self._patch, tree, tuple(files))

    def _apply(self, change: FilePatch, remarks: Diagnostics) -> FileChange:
        old = self._old_contents(change)
        outcome = self._with_hunks(change, old, remarks)
        if change.kind is ChangeKind.DELETED:
            if outcome.data:
                left = counted(len(lines_of(outcome.data)), "line")
                raise _bad(
                    change, f"{shown(change.path)} is deleted, but not all of it: {left} left"
                )
        elif change.new_path is not None and change.new_path != change.old_path:
            self._require_free(change, change.new_path)
        self._stage(change, outcome.data)
        lines = outcome.lines
        return FileChange(
            change.old_path, change.new_path, change.kind, change.binary, lines, change.location
        )

    def _skip(self, change: FilePatch, remarks: Diagnostics) -> FileChange | None:
        """What is not applied: said, and how the file stands then; None if it is applied."""
        what = next((_NOT_TEXT[m] for m in _modes(change) if m in _NOT_TEXT), None)
        if what is None and not change.binary:
            return None
        kept = "" if change.kind is ChangeKind.DELETED else ": its contents are passed over"
        text = f"{shown(change.path)} is a {what or 'binary file'}{kept}"
        remarks.warning(f"patch-{what or 'binary'}-skipped", text, change.location)
        if change.binary and what is None:
            data = self._old_contents(change)
            if change.new_path is not None and change.new_path != change.old_path:
                self._require_free(change, change.new_path)
            self._stage(change, data)
        elif change.kind in (ChangeKind.DELETED, ChangeKind.RENAMED) and change.old_path:
            self._staged[change.old_path] = None
        return FileChange(
            *(change.old_path, change.new_path, change.kind, True),
            LineMap.unchanged(0),
            change.location,
        )

    def _old_contents(self, change: FilePatch) -> bytes:
        """What the hunks apply to: empty for an added file."""
        path = change.old_path
        if path is None:
            return b""
        here = change.kind in (ChangeKind.MODIFIED, ChangeKind.MODE)
        data = self._read(path) if here else self._tree.read(path)
        if data is None and path not in self._leaving:
            data = self._read(path)
        if data is None:
            what = "is a directory" if self._tree.listdir(path) else "is not in the tree"
            raise _bad(change, f"{shown(path)} {what}")
        return data

    def _read(self, path: str) -> bytes | None:
        return self._staged[path] if path in self._staged else self._tree.read(path)

    def _stage(self, change: FilePatch, data: bytes) -> None:
        old, new = change.old_path, change.new_path
        leaves = change.kind in (ChangeKind.RENAMED, ChangeKind.DELETED)
        # Another file of the patch may have taken the place already.
        if old is not None and leaves and self._staged.get(old) is None:
            self._staged[old] = None
        if new is not None:
            self._staged[new] = data

    def _require_free(self, change: FilePatch, path: str) -> None:
        """Raise :class:`BadInput` if a file cannot be put at ``path``."""
        there = self._staged.get(path) is not None
        if path not in self._staged:
            there = self._tree.is_file(path) and path not in self._leaving
        if there:
            raise _bad(change, f"{shown(path)} is in the tree already")
        self._new.append(change)

    def _require_places(self, tree: OverlayTree) -> None:
        """Raise :class:`BadInput` if ``tree`` has a name for a file and a directory both."""
        for change in self._new:
            path = change.path
            if not tree.is_file(path):
                continue
            if tree.listdir(path):
                raise _bad(change, f"{shown(path)} is a directory")
            for above in _above(path):
                if tree.is_file(above):
                    raise _bad(change, f"{shown(above)} is a file, no directory")

    def _require_inside(self, change: FilePatch) -> None:
        """Raise :class:`BadInput` for paths through symlinks."""
        if any(mode in _NOT_TEXT for mode in _modes(change)):
            return
        for path in (change.old_path, change.new_path):
            if path is not None and self._tree.canonical(path) != path:
                what = REFUSED if leads_out(self._tree, path) else "leads through a symlink"
                raise _bad(change, f"{shown(path)} {what}")

    def _with_hunks(self, change: FilePatch, old: bytes, remarks: Diagnostics) -> Outcome:
        path = change.old_path or change.path
        if not change.hunks:
            count = len(lines_of(old))
            return Outcome(old, LineMap.unchanged(count))
        return apply_hunks(change, path, old, remarks)


def _modes(change: FilePatch) -> Iterator[str]:
    for mode in (change.old_mode, change.new_mode):
        if mode is not None:
            yield mode


def _above(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def _continues(earlier: FileChange, later: FileChange) -> bool:
    """Whether ``later`` only changes the lines of what ``earlier`` left."""
    return (
        later.kind is ChangeKind.MODIFIED
        and not later.skipped
        and not earlier.skipped
        and earlier.new_path == later.old_path
        and earlier.new_path is not None
    )


def _bad(change: FilePatch, message: str) -> BadInput:
    return BadInput(message, change.location.file, change.location.line)
