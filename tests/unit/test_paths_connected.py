"""Edges that hang on the roots, configuration by configuration."""

from __future__ import annotations

from analyzer.callgraph.program import FunctionRef, OutCertainty, OutEdge, OutKind, RefKind
from analyzer.location import Location
from analyzer.paths.connected import connected
from analyzer.paths.explore import Exploration, Step, key_of
from analyzer.progress import Silent

PLACE = Location("a.c", 1)


class NoProgram:
    def edges_of(self, ref: FunctionRef) -> tuple[OutEdge, ...]:
        del ref
        return ()


def ref(name: str, mask: int = 0b11) -> FunctionRef:
    return FunctionRef(name, "a.o", RefKind.FUNCTION, Location("a.c", ord(name)), mask)


def graph(**calls: str) -> Exploration:
    found = Exploration(NoProgram(), [], 1, Silent())
    for source, targets in calls.items():
        found.steps[key_of(ref(source))] = tuple(
            Step(
                OutEdge(one, ref(one), OutKind.CALL, OutCertainty.EXACT, PLACE, 0b11),
                key_of(ref(one)),
                0b11,
            )
            for one in targets
        )
    return found


def test_an_edge_that_only_one_configuration_reaches() -> None:
    """r calls a in configuration 0 only; what a calls is then of interest there only."""
    calls = graph(r="a", a="b")
    edges = {(key_of(ref("r")), 0): 0b01, (key_of(ref("a")), 0): 0b11}
    assert connected(edges, [ref("r")], calls) == {
        (key_of(ref("r")), 0): 0b01,
        (key_of(ref("a")), 0): 0b01,
    }


def test_an_edge_that_nothing_reaches_is_left_out() -> None:
    calls = graph(r="a", b="c")
    edges = {(key_of(ref("r")), 0): 0b11, (key_of(ref("b")), 0): 0b11}
    assert list(connected(edges, [ref("r")], calls)) == [(key_of(ref("r")), 0)]


def test_a_cycle_ends() -> None:
    calls = graph(r="a", a="r")
    edges = {(key_of(ref("r")), 0): 0b11, (key_of(ref("a")), 0): 0b10}
    assert connected(edges, [ref("r", 0b10)], calls) == {
        (key_of(ref("r")), 0): 0b10,
        (key_of(ref("a")), 0): 0b10,
    }
