"""The tokens of a piece as they are worked on, with their brackets matched once.

Taking GNU forms aside empties and replaces tokens, always from left to right and what is
inside of brackets with its brackets. So a match that was found beforehand stays right for what
has not been looked at yet, and no look-up of one is a search.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import accumulate

_OPENING = frozenset("([{")
_CLOSING = frozenset(")]}")


class Work(list[str]):
    """A copy of tokens that keeps its length."""

    __slots__ = ("_braces", "_matches")

    def __init__(self, texts: Iterable[str]) -> None:
        super().__init__(texts)
        last = len(self) - 1
        self._matches: dict[int, int] = {}
        """Of each opening bracket, what closes it (or the last token)."""
        self._braces: list[int] = []
        opened: list[int] = []
        for index, token in enumerate(self):
            if token in _OPENING:
                opened.append(index)
                self._matches[index] = last
            elif token in _CLOSING and opened:
                self._matches[opened.pop()] = index

    def closing(self, start: int) -> int:
        """The index of the bracket that closes the one at ``start`` (or the last token)."""
        return self._matches[start]

    def top_level(self, start: int, end: int) -> Iterator[int]:
        """Indices in ``start`` to ``end`` of the tokens that no bracket within encloses, up to
        a bracket that closes what is opened before."""
        index = start
        matches = self._matches
        closer = -1
        while index < end:
            if index != closer and self[index] in _CLOSING:
                return
            yield index
            closer = matches.get(index, -1)
            index = closer if closer > index else index + 1

    def braces_around(self, index: int) -> int:
        """How many braces more have been opened than closed before ``index``."""
        if not self._braces:
            steps = ((token == "{") - (token == "}") for token in self)
            self._braces = list(accumulate(steps, initial=0))
        return self._braces[index]

    def blank(self, start: int, end: int) -> None:
        """Empty the tokens from ``start`` up to ``end``."""
        self[start:end] = [""] * (end - start)

    def stands(self, index: int, token: str) -> bool:
        """Whether ``token`` is at ``index``; False past the end."""
        return index < len(self) and self[index] == token
