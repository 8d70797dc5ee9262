"""Rows of ``#define`` lines, and what else the walks over units can share.

Most directives of a header are definitions that stand one behind the other, of macros that
nothing before them has defined. A walk takes such a row in one step.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence

from analyzer.configset.configset import Mask
from analyzer.preprocessor.directive import Op, Test
from analyzer.preprocessor.macro import Macro
from analyzer.preprocessor.skeleton import Skeleton
from analyzer.preprocessor.table import Alternatives

REMEMBERED = 32
"""Latest evaluations of a condition among which one that holds again is looked for."""


class Row:
    """Definitions of different names, up to item ``end`` of their skeleton (exclusive)."""

    __slots__ = ("_under", "end", "macros", "names")

    def __init__(self, macros: Sequence[Macro], end: int) -> None:
        self.macros = tuple(macros)
        self.end = end
        self.names = frozenset(macro.name for macro in macros)
        self._under: dict[Mask, tuple[tuple[str, Alternatives], ...]] = {}

    def under(self, mask: Mask) -> Sequence[tuple[str, Alternatives]]:
        """Each name with what it means if it is defined here in ``mask`` and nowhere before."""
        known = self._under.get(mask)
        if known is None:
            known = tuple((macro.name, ((mask, macro),)) for macro in self.macros)
            self._under[mask] = known
        return known


Evaluation = tuple[Mapping[str, Macro | None], bool]
"""The macros that a condition looked up, with what it came to."""


class WalkMemo:
    """What walks with one compiler profile share: all of it follows from the texts."""

    __slots__ = ("_evaluations", "_rows")

    def __init__(self) -> None:
        self._rows: dict[Skeleton, dict[int, Row]] = {}
        self._evaluations: dict[int, tuple[Test, deque[Evaluation]]] = {}

    def rows(self, skeleton: Skeleton) -> Mapping[int, Row]:
        """The rows of a file by the index of their first item."""
        known = self._rows.get(skeleton)
        if known is None:
            known = self._rows[skeleton] = dict(_rows_of(skeleton))
        return known

    def evaluations(self, test: Test) -> deque[Evaluation]:
        """The latest evaluations of a condition, to be added to."""
        known = self._evaluations.get(id(test))
        if known is None:
            # The test is kept too, so that nothing else gets its identity.
            known = self._evaluations[id(test)] = (test, deque(maxlen=REMEMBERED))
        return known[1]


def _rows_of(skeleton: Skeleton) -> Iterator[tuple[int, Row]]:
    row: list[Macro] = []
    names: set[str] = set()
    for index, item in enumerate(skeleton.items):
        macro = item.value if item.op is Op.DEFINE else None
        if row and (not isinstance(macro, Macro) or macro.name in names):
            yield index - len(row), Row(row, index)
            row, names = [], set()
        if isinstance(macro, Macro):
            row.append(macro)
            names.add(macro.name)
    if row:
        end = len(skeleton.items)
        yield end - len(row), Row(row, end)
