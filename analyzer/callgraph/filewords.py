"""The bytes of a tree's files and the words in them, each file divided once.

Who asks in which of thousands of files a word stands asks for a hundred words in one run: a
list of files for each word answers all of them, where a search through the bytes would be made
again for every word. The bytes themselves are kept only of files that are asked for by name:
most are never looked at again.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable

from analyzer.preprocessor.words import words_in
from analyzer.tree.source_tree import SourceTree


class FileWords:
    """What has been read of one tree."""

    __slots__ = ("_data", "_numbers", "_paths", "_tree", "_where")

    def __init__(self, tree: SourceTree) -> None:
        self._tree = tree
        self._data: dict[str, bytes] = {}
        self._numbers: dict[str, int] = {}
        self._paths: list[str] = []
        self._where: defaultdict[bytes, list[int]] = defaultdict(list)
        """By word the numbers of the files in which it stands, in ascending order."""

    def data(self, path: str) -> bytes:
        """The bytes of a file, empty where the tree has no such file; kept."""
        known = self._data.get(path)
        if known is None:
            known = self._data[path] = self._tree.read(path) or b""
        return known

    def passing(self, path: str) -> bytes:
        """The bytes of a file that are not kept unless they have been asked for before."""
        known = self._data.get(path)
        return self._tree.read(path) or b"" if known is None else known

    def has(self, path: str, word: bytes) -> bool:
        """Whether ``word`` stands in a file, wherever it does."""
        number = self._numbers.get(path)
        if number is None:
            self.divided(path)
            number = self._numbers[path]
        found = self._where.get(word, ())
        at = bisect_left(found, number)
        return at < len(found) and found[at] == number

    def spelling(self, word: bytes) -> Iterable[str]:
        """The files in which ``word`` stands, among those divided so far."""
        return map(self._paths.__getitem__, self._where.get(word, ()))

    def divided(self, path: str) -> bytes:
        """The bytes of a file that are not kept; its words are, from now on."""
        data = self.passing(path)
        if path not in self._numbers:
            number = self._numbers[path] = len(self._paths)
            self._paths.append(path)
            for files in map(self._where.__getitem__, words_in(data)):
                files.append(number)
        return data
