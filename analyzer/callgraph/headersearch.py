"""Headers that mention a name, and the objects of an image that read a header.

The headers are those of ``include/``, of the architecture's include directory, and beside
the image's sources. They are read as bytes: which one an ``#include`` means is worked out
from its name alone, and an object found this way may turn out not to read the header.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence

from analyzer.callgraph.image import ImageSearch
from analyzer.kbuild.objects import ObjectFile
from analyzer.tree.source_tree import SourceTree

_INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*[<"]([^>"\n]+)[>"]', re.MULTILINE)
_GENERIC = "asm-generic/"
"""Headers that ``generic-y`` gives under ``asm/`` (``Documentation/kbuild/makefiles.rst``)."""


class HeaderSearch:
    """The headers of one tree, for one image's objects."""

    __slots__ = ("_headers", "_image", "_includers", "_roots", "_tree")

    def __init__(self, tree: SourceTree, arch: str, image: ImageSearch) -> None:
        self._tree = tree
        self._image = image
        own = f"arch/{arch}/include"
        self._roots = (own, "include", f"{own}/uapi", "include/uapi")
        self._headers: dict[str, bytes] | None = None
        self._includers: dict[str, tuple[str | ObjectFile, ...]] | None = None

    @property
    def headers(self) -> dict[str, bytes]:
        """All headers, by path."""
        if self._headers is None:
            paths = [path for root in self._roots[:2] for path in self._below(root)]
            beside = {posixpath.dirname(item.source) for item in self._image.objects()}
            for directory in sorted(beside):
                paths += self._in(directory)
            self._headers = {path: self._tree.read(path) or b"" for path in paths}
        return self._headers

    def mentioning(self, name: str) -> Iterator[tuple[str, bytes]]:
        """The headers in which ``name`` stands as a word, with their bytes."""
        word = name.encode()
        pattern = re.compile(rb"\b%s\b" % re.escape(word))
        for path, data in self.headers.items():
            if word in data and pattern.search(data):
                yield path, data

    def readers(self, header: str, name: str) -> list[ObjectFile]:
        """The C objects that seem to read ``header``: those whose source has ``name`` in it,
        then those of the core directories, then by how many files are between."""
        word = name.encode()
        found = list(dict.fromkeys(self._readers(header)))
        found.sort(
            key=lambda item: (
                word not in self._image.data(item.source),
                not self._image.is_core(item),
            )
        )
        return found

    def _readers(self, header: str) -> Iterator[ObjectFile]:
        seen = {header}
        level = [header]
        while level:
            following: list[str] = []
            for path in level:
                for includer in self._included_by().get(path, ()):
                    if not isinstance(includer, str):
                        yield includer
                    elif includer not in seen:
                        seen.add(includer)
                        following.append(includer)
            level = following

    def _included_by(self) -> dict[str, tuple[str | ObjectFile, ...]]:
        if self._includers is None:
            made: dict[str, dict[str | ObjectFile, None]] = {}
            for path, data in self.headers.items():
                for target in self._included(path, data):
                    made.setdefault(target, {})[path] = None
            for item in self._image.objects():
                if item.source.endswith(".c"):
                    for target in self._included(item.source, self._image.data(item.source)):
                        made.setdefault(target, {})[item] = None
            self._includers = {path: tuple(found) for path, found in made.items()}
        return self._includers

    def _included(self, path: str, data: bytes) -> Iterator[str]:
        """What the ``#include`` lines of a file may mean."""
        directory = posixpath.dirname(path)
        for raw in _INCLUDE.findall(data):
            name = raw.decode("utf-8", "surrogateescape")
            candidates = [posixpath.normpath(f"{directory}/{name}")]
            candidates += [f"{root}/{name}" for root in self._roots]
            if name.startswith("asm/"):
                candidates += [f"{r}/{_GENERIC}{name[4:]}" for r in ("include", "include/uapi")]
            for candidate in candidates:
                if candidate in self.headers:
                    yield candidate

    def _below(self, directory: str) -> Iterator[str]:
        yield from self._in(directory)
        for name in self._tree.listdir(directory):
            if name.endswith("/"):
                yield from self._below(f"{directory}/{name[:-1]}")

    def _in(self, directory: str) -> Sequence[str]:
        return [f"{directory}/{n}" for n in self._tree.listdir(directory) if n.endswith(".h")]
