"""The bytes of a tree's files, and which of them a word stands in.

Who asks in which of thousands of files a word stands asks for hundreds of words in one run. The
files are taken in groups, and all words of a group are collected once: a word is then looked
for only in the files of those groups that have it at all, which are few for most words. An
index of each word by file would answer faster and take longer to make than it saves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from analyzer.preprocessor.words import stands_in, words_in
from analyzer.tree.source_tree import SourceTree

GROUP_BYTES = 200_000
"""Size from which on a group takes no more files."""


@dataclass(frozen=True, slots=True)
class _Group:
    words: frozenset[bytes]
    paths: tuple[str, ...]


@dataclass(slots=True)
class _Hits:
    """The files of the first ``groups`` groups in which a word stands, in their order."""

    groups: int = 0
    paths: dict[str, None] = field(default_factory=dict)


class FileWords:
    """What has been read of one tree."""

    __slots__ = ("_data", "_divided", "_groups", "_hits", "_tree")

    def __init__(self, tree: SourceTree) -> None:
        self._tree = tree
        self._data: dict[str, bytes] = {}
        self._divided: set[str] = set()
        self._groups: list[_Group] = []
        self._hits: dict[bytes, _Hits] = {}

    def data(self, path: str) -> bytes:
        """The bytes of a file, empty where the tree has no such file; read once."""
        known = self._data.get(path)
        if known is None:
            known = self._data[path] = self._tree.read(path) or b""
        return known

    def divide(self, paths: Iterable[str]) -> None:
        """Take in files, so that :meth:`spelling` knows them; those already known are left
        out. Many at once are quicker than one by one."""
        group: list[str] = []
        size = 0
        for path in paths:
            if path in self._divided:
                continue
            self._divided.add(path)
            group.append(path)
            size += len(self.data(path))
            if size > GROUP_BYTES:
                self._close(group)
                group, size = [], 0
        if group:
            self._close(group)

    def spelling(self, word: bytes) -> Mapping[str, None]:
        """The files in which ``word`` stands, among those taken in so far, in that order."""
        hits = self._hits.get(word)
        if hits is None:
            hits = self._hits[word] = _Hits()
        for group in self._groups[hits.groups :]:
            if word in group.words:
                data = self._data
                hits.paths.update(
                    (path, None) for path in group.paths if stands_in(data[path], word)
                )
        hits.groups = len(self._groups)
        return hits.paths

    def _close(self, group: list[str]) -> None:
        text = b"\n".join(map(self._data.__getitem__, group))
        self._groups.append(_Group(words_in(text), tuple(group)))
