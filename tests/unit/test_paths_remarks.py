"""What an answer says about what it does not show."""

from __future__ import annotations

from analyzer.callgraph.program import RefKind
from analyzer.diagnostics import Diagnostics
from analyzer.paths.explore import Key
from analyzer.paths.relevance import Relevance
from analyzer.paths.remarks import remark_besides
from analyzer.paths.routes import EdgeKey

ROOT: Key = ("root", "a.o", RefKind.FUNCTION, None, "")


def test_calls_of_interest_that_are_not_shown_are_counted() -> None:
    first, second, third = ((ROOT, index) for index in range(3))
    chosen = Relevance({first: 0b01, second: 0b11}, {first: 0b01, second: 0b11, third: 1}, 0, {})
    assert remarks(chosen, {first: 0b01, second: 0b01}) == [
        "1 call with no part in what becomes of the object not shown (--all shows them)"
    ]
    assert remarks(chosen, {first: 0b01, second: 0b11}) == []


def remarks(chosen: Relevance, shown: dict[EdgeKey, int]) -> list[str]:
    diagnostics = Diagnostics()
    remark_besides(chosen, shown, diagnostics)
    return [each.message for each in diagnostics]
