"""The comparison of call edges itself: what counts as found, as extra, and why."""

from __future__ import annotations

from edges_compare import compare, read_graphs, summary_lines
from edges_match import Cause, UnitGraph, compare_unit, plain_name
from edges_truth import Body, Truth, UnitTruth


def body(
    name: str,
    calls: str = "",
    folded: str = "",
    address: str = "",
    reached: bool = True,
    indirect: int = 0,
) -> Body:
    return Body(
        name=name,
        file="mm/x.c",
        line=7,
        static=True,
        macro_made=False,
        reached=reached,
        calls=frozenset(calls.split()),
        indirect=indirect,
        before_folding=frozenset(folded.split()),
        address_taken=frozenset(address.split()),
    )


def unit(*bodies: Body, **aliases: str) -> UnitTruth:
    return UnitTruth("mm/x.o", "mm/x.c", {entry.name: entry for entry in bodies}, aliases)


def graph(edges: str, functions: str = "", **indirect: int) -> UnitGraph:
    pairs = frozenset((pair.split(">")[0], pair.split(">")[1]) for pair in edges.split())
    names = set(functions.split()) | {caller for caller, _ in pairs}
    return UnitGraph("mm/x.o", "mm/x.c", dict.fromkeys(names, "mm/x.c:1"), pairs, indirect)


def test_equal_graphs_agree_wholly() -> None:
    result = compare_unit(unit(body("f", "g h"), body("g", "h")), graph("f>g f>h g>h"))
    assert (result.score.true, result.score.found, result.score.extra) == (3, 3, 0)
    assert result.score.found_percent == 100.0


def test_calls_through_pointers_are_counted_per_reached_function() -> None:
    truth = unit(
        body("f", indirect=2), body("g", indirect=1), body("h"), body("dead", reached=False)
    )
    result = compare_unit(truth, graph("", "f g h", f=2, h=3, dead=5))
    score = result.indirect
    assert (score.true, score.found, score.claimed, score.extra) == (3, 2, 5, 3)
    assert [(row.caller, row.gcc, row.kimpact) for row in result.uneven] == [
        ("g", 1, 0),
        ("h", 0, 3),
    ]


def test_a_direct_edge_may_stand_for_a_call_through_a_pointer() -> None:
    truth = unit(body("f", indirect=1), body("g"))
    (row,) = compare_unit(truth, graph("f>g", "f g")).uneven
    assert row.resolved == ("g",)


def test_edges_of_an_absent_caller_are_missing() -> None:
    result = compare_unit(unit(body("f", "g"), body("g", "h")), graph("f>g"))
    assert [(row.caller, row.callee, row.cause) for row in result.missing] == [
        ("g", "h", Cause.CALLER_ABSENT)
    ]
    assert result.reached_only_by_gcc == ("g",)


def test_missing_edges_tell_whether_the_callee_is_known() -> None:
    result = compare_unit(unit(body("f", "g k"), body("g", "f")), graph("g>f", "f g"))
    assert {(row.callee, row.cause) for row in result.missing} == {
        ("g", Cause.EDGE_ABSENT),
        ("k", Cause.CALLEE_ABSENT),
    }


def test_causes_of_extra_edges() -> None:
    truth = unit(body("f", "g", folded="dead", address="taken"), body("g"))
    result = compare_unit(truth, graph("f>g f>dead f>taken f>gfp_t no_function>g"))
    assert {(row.callee, row.cause) for row in result.extra} == {
        ("dead", Cause.FOLDED),
        ("taken", Cause.ADDRESS),
        ("gfp_t", Cause.NO_SUCH_CALL),
        ("g", Cause.CALLER_UNDEFINED),
    }
    assert result.score.extra_percent == 400.0


def test_unreached_functions_are_judged_by_their_body_only() -> None:
    truth = unit(body("f", "g"), body("u", folded="g", reached=False))
    result = compare_unit(truth, graph("f>g u>g u>cast"))
    assert result.unjudged == 1
    assert [(row.caller, row.callee) for row in result.extra] == [("u", "cast")]


def test_builtins_stay_out_of_the_headline() -> None:
    truth = unit(body("f", "g __builtin_expect memcpy __builtin_memcpy"))
    result = compare_unit(truth, graph("f>g f>memcpy f>__builtin_clz"))
    assert (result.score.true, result.score.found, result.score.extra) == (2, 2, 0)
    assert (result.builtins.true, result.builtins.found, result.builtins.extra) == (2, 0, 1)


def test_running_numbers_and_aliases() -> None:
    assert plain_name("__compiletime_assert_311", {}) == "__compiletime_assert"
    assert plain_name("hash_32", {}) == "hash_32"
    truth = unit(body("f", "__compiletime_assert_1 nick"), nick="real")
    result = compare_unit(truth, graph("f>__compiletime_assert_9 f>real"))
    assert result.score.found == 2
    assert result.score.extra == 0


def test_a_document_is_read_in_one_configuration() -> None:
    truth = Truth("6.12", "x", "gcc", "", 1.0, {"mm/x.o": unit(body("f", "g"), body("g"))})
    place = {"file": "mm/x.c", "line": 1, "static": False, "inline": False, "mask": "0x3"}
    document = {
        "schema": "kimpact/callgraph/1",
        "units": [
            {
                "file": "mm/x.c",
                "mask": "0x3",
                "functions": [{"name": "f", **place}, {"name": "m", "macro": True, **place}],
                "edges": [
                    {"caller": "f", "callee": "g", "mask": "0x1"},
                    {"caller": "f", "callee": "h", "mask": "0x2"},
                ],
                "indirect_calls": [
                    {"caller": "f", "line": 1, "mask": "0x3"},
                    {"caller": "f", "line": 1, "mask": "0x2"},
                ],
            }
        ],
    }
    first = compare(read_graphs(document, truth, 0), truth)
    second = compare(read_graphs(document, truth, 1), truth)
    assert (first.score.found, first.score.extra) == (1, 0)
    assert (second.score.found, second.score.extra) == (0, 1)
    text = "\n".join(summary_lines(second, truth, 5))
    assert "functions: 1 edges in GCC, found 0 (0.000%), missing 1, extra 1" in text
    assert "f -> g" in text
    assert [first.indirect.claimed, second.indirect.claimed] == [1, 2]
    assert "f: 0 in GCC, 2 in kimpact" in text
