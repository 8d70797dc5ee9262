"""From a graph to the lines of a tree: each function unfolded once, at a bearable depth."""

from __future__ import annotations

from itertools import pairwise

from fake_program import FakeProgram, configs
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.diagnostics import Diagnostics
from analyzer.paths.answer import Question, answer
from analyzer.paths.platforms import OnePlatform
from analyzer.paths.result import Kernel
from analyzer.progress import Silent
from analyzer.report.unfold import DETOUR, Again, Line, lines_of


def lines(program: FakeProgram, *functions: str) -> list[Line]:
    result = answer(
        program,
        Question(functions),
        configs([{}]),
        Kernel("6.12", "x86"),
        platforms=OnePlatform(1),
        diagnostics=Diagnostics(),
        progress=Silent(),
    )
    return list(lines_of(result, result.classes[0]))


def brief(shown: list[Line]) -> list[tuple[int, str, Again | None]]:
    return [(line.depth, line.node.name if line.node else "?", line.again) for line in shown]


def program_of(text: str) -> FakeProgram:
    program = FakeProgram()
    for arrow in text.split():
        caller, callee = arrow.split(">")
        for name in (caller, callee):
            if name not in program.refs:
                program.define(name)
        program.call(program.refs[caller][0], program.refs[callee][0])
    return program


def test_met_again_and_recursion() -> None:
    assert brief(lines(program_of("a>b b>c c>a c>d a>c a>d"), "a")) == [
        (0, "a", None),
        (1, "b", None),
        (2, "c", None),
        (3, "a", Again.RECURSION),
        (3, "d", None),
        (1, "c", Again.SEEN),
        (1, "d", None),
    ]


def test_what_is_also_near_is_not_unfolded_far_down() -> None:
    chain = [*(f"f{i}" for i in range(DETOUR + 2)), "near"]
    arrows = [f"{a}>{b}" for a, b in pairwise(chain)]
    shown = brief(lines(program_of(" ".join([*arrows, "f0>near", "near>x"])), "f0"))
    assert shown[-4:] == [
        (DETOUR + 1, f"f{DETOUR + 1}", None),
        (DETOUR + 2, "near", Again.LATER),
        (1, "near", None),
        (2, "x", None),
    ]


def test_a_root_below_another_root_refers_back() -> None:
    assert brief(lines(program_of("a>b b>c"), "a", "b"))[-1] == (0, "b", Again.SEEN)


def test_a_limit_is_said_in_the_classes_that_it_cuts() -> None:
    program = FakeProgram()
    a, b = program.define("a", 0b11), program.define("b", 0b11, "b.o")
    c = program.define("c", 0b11, "c.o")
    program.call(a, b)
    program.call(a, c, 0b01)
    program.call(b, c, 0b10)
    result = answer(
        program,
        Question(("a",)),
        configs([{"X": "y"}, {}]),
        Kernel("6.12", "x86"),
        platforms=OnePlatform(2),
        diagnostics=Diagnostics(),
        progress=Silent(),
    )
    followed, cut = (
        [line.limit is None for line in lines_of(result, each)] for each in result.classes
    )
    assert followed == [True, True, True]
    assert cut == [True, True, False]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), min_size=1, max_size=40))
def test_everything_reachable_is_unfolded_once(graph: list[tuple[int, int]]) -> None:
    program = FakeProgram()
    refs = [program.define(f"f{i}") for i in range(12)]
    following: dict[int, set[int]] = {}
    for source, target in graph:
        program.call(refs[source], refs[target])
        following.setdefault(source, set()).add(target)
    reachable = {0}
    waiting = [0]
    while waiting:
        for target in following.get(waiting.pop(), ()):
            if target not in reachable:
                reachable.add(target)
                waiting.append(target)
    shown = brief(lines(program, "f0"))
    unfolded = [name for _, name, again in shown if again is None]
    inner = {f"f{i}" for i in reachable if i in following}
    assert {name for name in unfolded if name in inner} == inner
    assert sorted(name for name in unfolded if name in inner) == sorted(inner)
    assert {name for _, name, _ in shown} == {f"f{i}" for i in reachable}
    assert max(depth for depth, _, _ in shown) <= 12 + DETOUR
