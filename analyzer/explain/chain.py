"""The chain behind a value: why the symbols that decide it are as they are, and so on.

Each symbol is explained where it comes up first. How deep to go is the reader's choice;
what is left out below is counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.explain.result import Link
from analyzer.kconfig.explain import reason_in
from analyzer.kconfig.view import View

LINKS_AT_MOST = 6
"""Symbols shown below one; the others are counted."""


@dataclass(frozen=True, slots=True)
class Links:
    """The links below one statement, and how many more there are."""

    shown: tuple[Link, ...] = ()
    hidden: int = 0


class Chain:
    """The links below the statements on symbol ``number``, ``depth`` steps back.

    To be asked in the order in which the answers are shown.
    """

    __slots__ = ("_depth", "_seen", "_view")

    def __init__(self, view: View, number: int, depth: int) -> None:
        self._view = view
        self._depth = depth
        self._seen = {number}

    def below(self, because: Sequence[int]) -> Links:
        """The links for a statement that rests on the symbols ``because``."""
        return self._links(because, self._depth)

    def _links(self, because: Sequence[int], depth: int) -> Links:
        if not depth:
            return Links((), len(because))
        chosen = because[:LINKS_AT_MOST]
        links = tuple(self._link(number, depth) for number in chosen)
        return Links(links, len(because) - len(chosen))

    def _link(self, number: int, depth: int) -> Link:
        symbol = self._view.model.symbols[number]
        reason = reason_in(self._view, number)
        again = number in self._seen and bool(reason.because)
        self._seen.add(number)
        below = Links() if again else self._links(reason.because, depth - 1)
        return Link(
            symbol.name,
            symbol.type,
            reason.value,
            reason.text,
            reason.location,
            again,
            below.hidden,
            below.shown,
        )
