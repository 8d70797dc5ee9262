"""The call graph of the miniature kernel: recorded from GCC, checked against GCC and kimpact."""

from __future__ import annotations

import shutil
from functools import cache

import pytest

from analyzer.pipeline import run_callgraph
from analyzer.progress import Silent
from analyzer.requests import CallgraphRequest, Inputs
from fixture_calls import CONFIGS, OBJECTS, TREE, Call, gcc_calls, golden_calls, lines

GCC = shutil.which("gcc")


@cache
def kimpact_calls() -> dict[Call, frozenset[str]]:
    """kimpact's calls, one run for all configurations."""
    files = tuple(OBJECTS)
    inputs = Inputs(TREE, tuple(CONFIGS), jobs=1, cache=False)
    result = run_callgraph(CallgraphRequest(inputs, files, contract_macros=True), Silent())
    assert [diagnostic.code for diagnostic in result.diagnostics] == []
    names = [config.name for config in result.configs]
    return {
        (unit.path, edge.caller, edge.callee): frozenset(
            name for bit, name in enumerate(names) if edge.mask >> bit & 1
        )
        for unit in result.units
        for edge in unit.edges
    }


@pytest.mark.skipif(GCC is None, reason="no GCC on this machine")
def test_the_recorded_calls_are_those_of_gcc() -> None:
    assert GCC is not None
    assert list(lines(gcc_calls(GCC))) == list(lines(golden_calls()))


@pytest.mark.parametrize("unit", OBJECTS)
def test_kimpact_has_every_recorded_call_where_gcc_has_it(unit: str) -> None:
    found = kimpact_calls()
    missing = {
        call: sorted(names - found.get(call, frozenset()))
        for call, names in golden_calls().items()
        if call[0] == unit and not names <= found.get(call, frozenset())
    }
    assert missing == {}


def test_kimpact_has_no_other_calls_of_functions_that_gcc_reached() -> None:
    recorded = golden_calls()
    reached: dict[tuple[str, str], frozenset[str]] = {}
    for (unit, caller, _), names in recorded.items():
        reached[unit, caller] = reached.get((unit, caller), frozenset()) | names
    extra = {
        call: sorted(others)
        for call, names in kimpact_calls().items()
        if (
            others := (names & reached.get(call[:2], frozenset())) - recorded.get(call, frozenset())
        )
    }
    assert extra == {}
