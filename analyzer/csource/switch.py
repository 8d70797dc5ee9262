"""Which labels of a ``switch`` are entered: all of them, or those a constant selects."""

from __future__ import annotations

from collections.abc import Iterator

from analyzer.configset.configset import Mask
from analyzer.csource import syntax as c
from analyzer.csource.constant import Folder
from analyzer.csource.scope import Bound


class Labels:
    """The entries of one switch statement.

    ``undecided``: where the value is known only at run time, so that every label is entered.
    """

    __slots__ = ("_chosen", "_default_seen", "_no_match", "undecided")

    def __init__(self, undecided: Mask, no_match: Mask, chosen: dict[int, Mask]) -> None:
        self.undecided = undecided
        self._no_match = no_match
        self._chosen = chosen
        self._default_seen: Mask = 0

    @classmethod
    def of(cls, switch: c.Switch, bound: Bound, mask: Mask, folder: Folder) -> Labels:
        """Decide the labels of ``switch`` where it is reached (``mask``)."""
        undecided = no_match = 0
        known: list[tuple[Mask, int]] = []
        for share, value in folder.integers(switch.value, bound, mask):
            if value is None:
                undecided |= share
            else:
                known.append((share, value))
        chosen: dict[int, Mask] = {}
        if known:
            cases = list(_cases(switch.body, bound, mask))
            for share, value in known:
                rest = share
                for part, case, place in cases:
                    if not rest & part:
                        continue
                    hit, unsure = _matches(case, place, value, rest & part, folder)
                    chosen[id(case)] = chosen.get(id(case), 0) | hit | unsure
                    rest &= ~hit
                no_match |= rest
        return cls(undecided, no_match, chosen)

    def enter(self, case: c.Case, present: Mask) -> Mask:
        """Where ``case`` (in code that exists where ``present``) is jumped to."""
        if case.low is None:
            self._default_seen |= present
            return (self.undecided | self._no_match) & present
        return (self.undecided | self._chosen.get(id(case), 0)) & present

    def passed_over(self) -> Mask:
        """Where no label matched and there was no ``default``; ask after the body."""
        return (self.undecided | self._no_match) & ~self._default_seen


def _matches(
    case: c.Case, bound: Bound, value: int, mask: Mask, folder: Folder
) -> tuple[Mask, Mask]:
    """Where the case is ``value``'s for sure, and where its own value is not known."""
    hit = unsure = 0
    if case.low is None:
        return 0, 0
    for share, low in folder.integers(case.low, bound, mask):
        if case.high is None:
            if low is None:
                unsure |= share
            elif low == value:
                hit |= share
            continue
        for part, high in folder.integers(case.high, bound, share):
            if low is None or high is None:
                unsure |= part
            elif low <= value <= high:
                hit |= part
    return hit, unsure


def _cases(
    statement: c.Statement, bound: Bound, mask: Mask
) -> Iterator[tuple[Mask, c.Case, Bound]]:
    """The case labels that belong to a switch with this body, in order."""
    if isinstance(statement, c.Case):
        yield mask, statement, bound
        for inner in statement.body:
            yield from _cases(inner, bound, mask)
    elif isinstance(statement, c.Block):
        for inner in statement.body:
            yield from _cases(inner, bound, mask)
    elif isinstance(statement, c.If):
        yield from _cases(statement.then, bound, mask)
        if statement.otherwise is not None:
            yield from _cases(statement.otherwise, bound, mask)
    elif isinstance(statement, c.While | c.DoWhile | c.For):
        yield from _cases(statement.body, bound, mask)
    elif isinstance(statement, c.Expression) and isinstance(statement.expr, c.Hole):
        for share, alternative in bound.holes[statement.expr.number]:
            if mask & share:
                for inner in alternative.piece.body:
                    yield from _cases(inner, alternative, mask & share)
    elif isinstance(statement, c.Lost):
        for inner in statement.parts:
            yield from _cases(inner, bound, mask)
