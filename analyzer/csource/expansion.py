"""What macro uses expand to, and the store of all expansions of a run."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from analyzer.configset.configset import Mask
from analyzer.preprocessor.expand import left_number
from analyzer.preprocessor.table import FOREVER, SharedGroup
from analyzer.preprocessor.token import LEFT, NO_EXPAND, Origin, Token

_SMALL = 12
_CALL_BEFORE = frozenset(("(", "asm", "__asm__", "{", ";"))

Key: TypeAlias = tuple[str, ...]
"""The texts of a use."""


class Need(NamedTuple):
    """What must hold of the expansions of a use for it to be left where it is.

    ``disabled``: macros that they must not use. ``argument``: they must be exactly one
    argument of a macro. ``called``: parentheses follow.
    """

    disabled: frozenset[str] = frozenset()
    argument: bool = False
    called: bool = False


class Expansion:
    """One expanded macro use; compared by identity.

    ``origins`` of tokens that came from an argument are positions in the use. ``closed``:
    the last token was met while its own macro was being expanded (C17 6.10.3.4), so that
    it takes no arguments from the text that follows the use. ``left`` maps indices of
    tokens that stand for a use to its number, ``needs`` says what they rely on.
    ``seen`` are the definitions looked up, those of ``settled`` names because the
    configurations disagree on them; ``spared`` names are no object-like macros.
    """

    __slots__ = (
        "_slices",
        "closed",
        "left",
        "needs",
        "origins",
        "seen",
        "settled",
        "small",
        "spared",
        "texts",
    )

    def __init__(
        self,
        tokens: Sequence[Token],
        group: SharedGroup,
        needs: Mapping[int, Need],
        spared: Collection[str],
        may_have_left: bool,
    ) -> None:
        """``may_have_left``: tokens may stand for uses. Without, none is looked for."""
        self.texts: Key = tuple([token[0] for token in tokens])
        self.origins: tuple[Origin, ...] = tuple([token[2] for token in tokens])
        self.closed = bool(tokens) and bool(tokens[-1][1] & NO_EXPAND)
        self.left: dict[int, int] = {}
        if may_have_left:
            self.left = {
                index: left_number(token[0])
                for index, token in enumerate(tokens)
                if token[1] & LEFT
            }
        self.needs = needs
        self.seen = group.seen
        self.settled = frozenset(group.settled)
        self.spared = frozenset(spared)
        self.small = len(tokens) <= _SMALL and not _has_call(self.texts)
        self._slices: dict[tuple[int, int], Expansion] = {}

    def slice(self, start: int, end: int) -> Expansion:
        """Part of it, as if it were an expansion."""
        key = (start, end)
        known = self._slices.get(key)
        if known is None:
            known = self._slices[key] = object.__new__(Expansion)
            known.texts = self.texts[start:end]
            known.origins = self.origins[start:end]
            known.closed = self.closed or end < len(self.texts)
            known.left = {
                index - start: number for index, number in self.left.items() if start <= index < end
            }
            known.needs = self.needs
            known.seen, known.settled, known.spared = self.seen, self.settled, self.spared
            known.small = end - start <= _SMALL and not _has_call(known.texts)
            known._slices = {}
        return known


Alternatives: TypeAlias = tuple[tuple[Mask, Expansion], ...]
"""Disjoint masks with what holds there."""


@dataclass(slots=True)
class Span:
    """From when until before when an answer holds (times of the macro table)."""

    since: int = 0
    until: int = FOREVER

    def narrow(self, since: int, until: int) -> None:
        self.since = max(self.since, since)
        self.until = min(self.until, until)


class Answer(NamedTuple):
    """What a use expands to, and from when until before when."""

    alternatives: Alternatives
    since: int
    until: int


class ExpansionStore:
    """All expansions of a run, by the text of the use."""

    __slots__ = ("known", "numbers", "uses")

    def __init__(self) -> None:
        self.known: dict[Key, list[Expansion]] = {}
        self.numbers: dict[Key, int] = {}
        self.uses: list[tuple[Token, ...]] = []
        """The left uses by number."""

    def number(self, use: Sequence[Token]) -> int:
        """The number of a left use."""
        key = tuple([token[0] for token in use])
        known = self.numbers.get(key)
        if known is None:
            known = self.numbers[key] = len(self.uses)
            self.uses.append(tuple(use))
        return known

    def written(self, use: Sequence[Token]) -> Iterator[Token]:
        """The tokens of a use, those in it that stand for another use spelled out."""
        for token in use:
            if token[1] & LEFT:
                yield from self.written(self.uses[left_number(token[0])])
            else:
                yield token


def _has_call(texts: Sequence[str]) -> bool:
    for index, text in enumerate(texts):
        if text in _CALL_BEFORE:
            if text != "(":
                return True
            before = texts[index - 1] if index else ""
            if before[:1].isalpha() or before[:1] == "_" or before in (")", "]"):
                return True
    return False
