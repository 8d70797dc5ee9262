"""The bytes of a tree's files and the words in them, each file divided once.

Who asks in which of thousands of files a word stands asks for a hundred words in one run: a
set of words for each file answers all of them, where a search through the bytes would be made
again for every word. The bytes themselves are kept only of files that are asked for by name:
most are never looked at again.
"""

from __future__ import annotations

from analyzer.preprocessor.words import words_in
from analyzer.tree.source_tree import SourceTree


class FileWords:
    """What has been read of one tree."""

    __slots__ = ("_data", "_tree", "_words")

    def __init__(self, tree: SourceTree) -> None:
        self._tree = tree
        self._data: dict[str, bytes] = {}
        self._words: dict[str, frozenset[bytes]] = {}

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

    def words(self, path: str) -> frozenset[bytes]:
        """The words of a file, wherever they stand in it."""
        known = self._words.get(path)
        if known is None:
            known = self._words[path] = words_in(self.passing(path))
        return known

    def divided(self, path: str) -> bytes:
        """The bytes of a file that are not kept; its words are, from now on."""
        data = self.passing(path)
        if path not in self._words:
            self._words[path] = words_in(data)
        return data
