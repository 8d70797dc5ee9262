"""The path search: alternative routes, recursion, limits, masks along a path."""

from __future__ import annotations

from itertools import pairwise

import pytest
from fake_program import FakeProgram, configs
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.callgraph.program import OutCertainty, OutKind, RefKind
from analyzer.diagnostics import Diagnostics
from analyzer.paths import search
from analyzer.paths.answer import Question, answer
from analyzer.paths.platforms import OnePlatform
from analyzer.paths.result import Kernel, LimitReason, PathsResult
from analyzer.progress import Silent


def ask(
    program: FakeProgram,
    function: str,
    to: str | None = None,
    depth: int | None = None,
    *,
    count: int = 1,
    show_all: bool = False,
) -> PathsResult:
    return answer(
        program,
        Question((function,), to, depth, show_all),
        configs([{}] * count),
        Kernel("6.12", "x86"),
        platforms=OnePlatform(count),
        diagnostics=Diagnostics(),
        progress=Silent(),
    )


def arrows(result: PathsResult) -> dict[str, int]:
    """``caller>callee`` -> mask."""
    names = {node.id: node.name for node in result.nodes}
    arrows: dict[str, int] = {}
    for edge in result.edges:
        target = names[edge.target] if edge.target is not None else f"?{edge.name}"
        text = f"{names[edge.source]}>{target}"
        arrows[text] = arrows.get(text, 0) | edge.mask
    return arrows


def codes(result: PathsResult) -> list[str]:
    return [diagnostic.code for diagnostic in result.diagnostics]


def program_of(text: str, mask: int = 1) -> FakeProgram:
    """Functions and calls from ``a>b a>c``, all in one unit and everywhere."""
    program = FakeProgram()
    for arrow in text.split():
        caller, callee = arrow.split(">")
        for name in (caller, callee):
            if name not in program.refs:
                program.define(name, mask)
        program.call(program.refs[caller][0], program.refs[callee][0])
    return program


def test_alternative_routes_through_one_node_are_all_kept() -> None:
    result = ask(program_of("a>b a>c b>d c>d d>t b>x x>y"), "a", "t")
    assert set(arrows(result)) == {"a>b", "a>c", "b>d", "c>d", "d>t"}


def test_a_longer_route_is_kept_beside_the_shortest() -> None:
    result = ask(program_of("a>t a>b b>c c>t"), "a", "t")
    assert set(arrows(result)) == {"a>t", "a>b", "b>c", "c>t"}


def test_a_route_is_no_longer_than_the_depth_though_all_its_parts_are_near() -> None:
    program = program_of("a>p p>t a>q q>r r>p")
    assert set(arrows(ask(program, "a", "t", depth=3))) == {"a>p", "p>t"}
    assert len(arrows(ask(program, "a", "t", depth=4))) == 5


def test_a_cycle_is_on_no_simple_route() -> None:
    result = ask(program_of("a>b b>a b>t b>c c>b c>c"), "a", "t")
    assert set(arrows(result)) == {"a>b", "b>t"}


def test_a_cycle_that_is_part_of_two_simple_routes_stays() -> None:
    result = ask(program_of("a>b a>c b>c c>b b>t c>t"), "a", "t")
    assert set(arrows(result)) == {"a>b", "a>c", "b>c", "c>b", "b>t", "c>t"}


def test_recursion_below_a_function_is_an_edge_and_ends() -> None:
    result = ask(program_of("a>b b>a b>b"), "a")
    assert set(arrows(result)) == {"a>b", "b>a", "b>b"}
    assert result.limits == ()


def test_a_route_must_hold_in_one_configuration_all_along() -> None:
    program = FakeProgram()
    a, b, t = (program.define(name, 0b11) for name in "abt")
    program.call(a, b, 0b01)
    program.call(b, t, 0b10)
    result = ask(program, "a", "t", count=2)
    assert result.edges == ()
    assert [(c.mask, c.edges) for c in result.classes] == [(0b11, ())]


def test_masks_are_intersected_along_the_way() -> None:
    program = FakeProgram()
    a, b, c, t = (program.define(name, 0b111) for name in "abct")
    program.call(a, b, 0b011)
    program.call(a, c, 0b110)
    program.call(b, t, 0b101)
    program.call(c, t)
    result = ask(program, "a", "t", count=3)
    assert arrows(result) == {"a>b": 0b001, "b>t": 0b001, "a>c": 0b110, "c>t": 0b110}
    assert [(c.mask, c.edges) for c in result.classes] == [(0b110, (1, 3)), (0b001, (0, 2))]


def test_the_callee_counts_only_where_its_definition_does() -> None:
    program = FakeProgram()
    a = program.define("a", 0b11)
    stub, real = program.define("b", 0b01, line=3), program.define("b", 0b10, "b.o", line=4)
    program.call(a, stub)
    program.call(a, real)
    result = ask(program, "a", count=2)
    assert [edge.mask for edge in result.edges] == [0b01, 0b10]


def test_a_node_is_expanded_again_when_reached_in_more_configurations() -> None:
    program = FakeProgram()
    a, b, c, d = (program.define(name, 0b11) for name in "abcd")
    program.call(a, c, 0b01)
    program.call(a, b, 0b10)
    program.call(b, c)
    program.call(c, d)
    result = ask(program, "a", count=2)
    assert arrows(result)["c>d"] == 0b11
    assert [mask for name, mask in program.asked if name == "c"] == [0b01, 0b11]


def test_depth_limits_and_says_where() -> None:
    result = ask(program_of("a>b b>c c>d"), "a", depth=2)
    assert set(arrows(result)) == {"a>b", "b>c"}
    assert [(limit.node, limit.reason, limit.mask) for limit in result.limits] == [
        ("n2", LimitReason.DEPTH, 1)
    ]
    assert codes(result) == ["depth-limit"]


def test_without_depth_one_object_further_is_followed() -> None:
    program = FakeProgram()
    a, b = program.define("a"), program.define("b")
    near, inside = program.define("near", 1, "n.o"), program.define("inside", 1, "n.o")
    far, further = program.define("far", 1, "f.o"), program.define("further", 1, "f.o")
    program.call(a, b)
    program.call(b, near)
    program.call(near, inside)
    program.call(inside, far)
    program.call(far, further)
    result = ask(program, "a")
    assert set(arrows(result)) == {"a>b", "b>near", "near>inside", "inside>far"}
    assert [(limit.node, limit.reason) for limit in result.limits] == [("n4", LimitReason.OBJECT)]
    assert "not-followed" in codes(result)
    assert [name for name, _ in program.asked] == ["a", "b", "near", "inside"]
    assert len(arrows(ask(program, "a", depth=5))) == 5


def test_a_slot_s_candidate_does_not_open_its_object() -> None:
    program = FakeProgram()
    a = program.define("a")
    b, c = program.define("b", 1, "b.o"), program.define("c", 1, "b.o")
    program.call(a, b, kind=OutKind.INDIRECT, certainty=OutCertainty.CANDIDATE, slot="ops.b")
    program.call(b, c)
    assert arrows(ask(program, "a")) == {"a>b": 1}


def test_a_callback_is_followed_like_a_call() -> None:
    program = FakeProgram()
    a = program.define("a", unit="a.o")
    later = program.define("later", unit="b.o")
    last = program.define("last", unit="b.o")
    program.call(a, later, kind=OutKind.CALLBACK)
    program.call(later, last)
    assert set(arrows(ask(program, "a"))) == {"a>later", "later>last"}
    assert set(arrows(ask(program, "a", "last"))) == {"a>later", "later>last"}


def test_an_object_is_near_only_where_it_is_called_from_the_root_s_own() -> None:
    program = FakeProgram()
    a, b = program.define("a", 0b11), program.define("b", 0b11, "b.o")
    c, d = program.define("c", 0b11, "c.o"), program.define("d", 0b11, "c.o")
    program.call(a, b)
    program.call(a, c, 0b01)
    program.call(b, c, 0b10)
    program.call(c, d)
    assert arrows(ask(program, "a", count=2)) == {"a>b": 3, "a>c": 1, "b>c": 2, "c>d": 1}


def test_the_cap_is_said() -> None:
    program = program_of("a>b b>c c>d d>e")
    found = search.below(program, program.refs["a"], None, Silent(), cap=2)
    assert [cut.reason for cut in found.cuts] == [LimitReason.CAP]
    assert len(program.asked) == 2


def test_nothing_beyond_the_first_route_is_opened_in_other_objects() -> None:
    program = FakeProgram()
    a, t = program.define("a"), program.define("t", 1, "t.o")
    far = [program.define(f"far{i}", 1, "f.o") for i in range(3)]
    program.call(a, far[0])
    program.call(a, t)
    program.call(far[0], far[1])
    program.call(far[1], t)
    result = ask(program, "a", "t")
    assert set(arrows(result)) == {"a>t"}
    assert [name for name, _ in program.asked] == ["a"]
    assert "depth-limit" in codes(result)
    assert len(arrows(ask(program, "a", "t", depth=3))) == 4


def test_no_route_is_an_answer_and_unknown_targets_are_counted() -> None:
    program = program_of("a>b")
    program.define("t")
    program.call(program.refs["b"][0], None, name="ops->f")
    result = ask(program, "a", "t")
    assert result.edges == ()
    assert codes(result) == ["unknown-targets"]


def test_unknown_targets_are_edges_below_a_function() -> None:
    program = program_of("a>b")
    program.call(program.refs["b"][0], None, name="ops->f")
    assert set(arrows(ask(program, "a"))) == {"a>b", "b>?ops->f"}


def test_macros_that_call_nothing_are_counted_not_shown() -> None:
    program = program_of("a>b")
    a, b = program.refs["a"][0], program.refs["b"][0]
    idle = program.define("IDLE", kind=RefKind.MACRO)
    wrap = program.define("WRAP", kind=RefKind.MACRO)
    program.call(a, idle)
    program.call(a, wrap)
    program.call(wrap, b)
    result = ask(program, "a")
    assert set(arrows(result)) == {"a>b", "a>WRAP", "WRAP>b"}
    assert codes(result) == ["idle-macros"]
    assert "a>IDLE" in arrows(ask(program, "a", show_all=True))


def test_a_macro_that_was_not_looked_into_is_shown() -> None:
    program = program_of("a>b")
    program.call(program.refs["a"][0], program.define("M", kind=RefKind.MACRO))
    assert set(arrows(ask(program, "a", depth=1))) == {"a>b", "a>M"}
    assert set(arrows(ask(program, "a", depth=2))) == {"a>b"}


def test_a_function_without_body_is_a_leaf_with_its_reason() -> None:
    program = program_of("a>b")
    a = program.refs["a"][0]
    program.call(a, program.define("gone", absent="not built: CONFIG_X=n"))
    program.call(a, program.define("nowhere", declared_only=True))
    result = ask(program, "a")
    assert {node.name: node.absent for node in result.nodes} == {
        "a": None,
        "b": None,
        "gone": "not built: CONFIG_X=n",
        "nowhere": "no definition in the sources searched",
    }
    assert codes(result) == ["absent-definition", "absent-definition"]


def test_edges_come_in_source_order_and_nodes_in_reading_order() -> None:
    result = ask(program_of("a>b a>c b>d c>e"), "a")
    assert [node.name for node in result.nodes] == ["a", "b", "d", "c", "e"]
    assert [edge.name for edge in result.edges] == ["b", "c", "d", "e"]


def test_a_walk_that_gives_up_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    program = program_of(" ".join(f"{a}>{b}" for a in "abcdefg" for b in "abcdefgt" if a != b))
    monkeypatch.setattr("analyzer.paths.routes.MAX_WALK_STEPS", 50)
    found = search.towards(program, program.refs["a"], search.Goal("t"), 7, Silent())
    assert not found.exact


GRAPH = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(1, 15)), min_size=1, max_size=18
)


@settings(max_examples=200, deadline=None)
@given(GRAPH, st.sampled_from([None, 2, 5]), st.booleans(), st.lists(st.booleans(), min_size=7))
def test_four_configurations_at_once_are_four_runs_of_one(
    graph: list[tuple[int, int, int]], depth: int | None, routed: bool, elsewhere: list[bool]
) -> None:
    program = FakeProgram()
    refs = [program.define(f"f{i}", 15, "b.o" if elsewhere[i] else "a.o") for i in range(7)]
    for source, target, mask in graph:
        program.call(refs[source], refs[target], mask)
    to = "f6" if routed else None
    together = ask(program, "f0", to, depth, count=4)
    for index in range(4):
        alone = ask(program.only(index), "f0", to, depth)
        assert set(arrows(alone)) == {
            a for a, mask in arrows(together).items() if mask >> index & 1
        }
        inside = [c for c in together.classes if c.mask >> index & 1]
        assert len(inside) == 1
        sites = {together.edges[i].location for i in inside[0].edges}
        assert sites == {edge.location for edge in alone.edges}


@settings(max_examples=150, deadline=None)
@given(GRAPH)
def test_edges_to_a_goal_are_those_of_the_simple_routes(graph: list[tuple[int, int, int]]) -> None:
    program = FakeProgram()
    refs = [program.define(f"f{i}") for i in range(7)]
    for source, target, _ in graph:
        program.call(refs[source], refs[target])
    following: dict[int, set[int]] = {}
    for source, target, _ in graph:
        following.setdefault(source, set()).add(target)
    expected: set[str] = set()

    def walk(route: list[int]) -> None:
        for target in following.get(route[-1], ()):
            if target == 6:
                steps = [*route, 6]
                expected.update(f"f{a}>f{b}" for a, b in pairwise(steps))
            elif target not in route:
                walk([*route, target])

    walk([0])
    assert set(arrows(ask(program, "f0", "f6", depth=7))) == expected


def test_that_a_macro_was_asked_about_is_said() -> None:
    program = FakeProgram()
    macro = program.define("m", kind=RefKind.MACRO)
    program.call(macro, program.define("f"))
    said = [d.location for d in ask(program, "m").diagnostics if d.code == "macro-asked"]
    assert said == [macro.location]
    assert "macro-asked" not in codes(ask(program, "f"))
