"""The comparison with other tools: how their outputs are read, and what counts as found."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from compare import readings
from compare.__main__ import Row, markdown, measure
from compare.facts import CALLBACK, FREE, HOOK, ROOTS, Answer, check, reaches
from compare.running import Failed, Meter
from compare.tools import Checkpatch, Setting, followed

PATH = {
    (ROOTS[0], "release_macro"),
    ("release_macro", HOOK),
    (HOOK, ROOTS[1]),
    (ROOTS[1], FREE),
    (FREE, CALLBACK),
}


def test_lines_of_indexes() -> None:
    cscope = "mm/a.c second 12 second(x, y);\nmm/a.c third 13 third();\n"
    assert readings.callees_of_cscope(cscope) == ["second", "third"]
    codequery = "second\ta.c:12\tsecond(x);\nnothing here\n"
    assert readings.callees_of_codequery(codequery) == ["second"]


def test_a_tree_of_cflow() -> None:
    text = (
        "first() <void first () at a.c:1>:\n    second() <a.c:9>:\n        third()\n    fourth()\n"
    )
    assert readings.pairs_of_cflow(text) == {
        ("first", "second"),
        ("second", "third"),
        ("first", "fourth"),
    }


def test_a_dump_of_gcc() -> None:
    text = (
        "first/7 (first) @0x1\n  Type: function\n"
        "  Called by: other/3 \n  Calls: second/8 (can throw external) third.part.0/9 \n"
        "second/8 (second) @0x2\n  Calls: \n"
    )
    assert readings.pairs_of_gcc(text) == {("first", "second"), ("first", "third")}


def test_a_graph_of_llvm() -> None:
    text = (
        "Call graph node <<null function>><<0x1>>  #uses=0\n"
        "  CS<None> calls function 'first'\n\n"
        "Call graph node for function: 'first'<<0x2>>  #uses=1\n"
        "  CS<0x3> calls function 'second'\n  CS<0x4> calls external node\n"
    )
    assert readings.pairs_of_llvm(text) == {("first", "second")}


def test_only_edges_of_the_platform_count() -> None:
    document = {
        "nodes": [{"id": "a", "name": "first"}, {"id": "b", "name": "second"}],
        "edges": [
            {"from": "a", "to": "b", "platforms": ["xen-pv", "native"]},
            {"from": "b", "to": "a", "platforms": ["native"]},
            {"from": "b", "to": None, "platforms": ["xen-pv"]},
        ],
    }
    assert readings.pairs_of_kimpact(json.dumps(document)) == {("first", "second")}


def test_what_counts_as_found() -> None:
    whole = check(Answer(frozenset(PATH), "on xen-pv when *batch == NULL"))
    assert all(getattr(whole, name) for name in whole.__slots__)
    cut = check(Answer(frozenset(PATH - {(HOOK, ROOTS[1])}), ""))
    assert cut.to_hook
    assert cut.to_free
    assert not cut.over_slot
    assert not cut.platform
    wrong = check(Answer(frozenset(PATH | {(HOOK, "tlb_remove_page")}), ""))
    assert not wrong.only_this_configuration


def test_no_path_backwards_nor_to_itself() -> None:
    assert not reaches({("b", "a")}, "a", "b", 9)
    assert not reaches({("a", "c")}, "a", "a", 9)


def test_a_long_way_round_does_not_count() -> None:
    way = {("a", "b"), ("b", "c"), ("c", "a")}
    assert reaches(way, "a", "c", 2)
    assert not reaches(way, "a", "c", 1)


def test_an_index_is_followed_from_both_roots_and_capped() -> None:
    pairs, note = followed(
        lambda name: {ROOTS[0]: ["x"], "x": ["x"], ROOTS[1]: ["y"]}.get(name, [])
    )
    assert pairs == {(ROOTS[0], "x"), ("x", "x"), (ROOTS[1], "y")}
    assert note == ""
    _, note = followed(lambda name: [name + "1"])
    assert "stopped" in note


def test_a_failing_command_is_told(tmp_path: Path) -> None:
    meter = Meter()
    assert meter.run([sys.executable, "-c", "print(input())"], tmp_path, "said") == "said\n"
    with pytest.raises(Failed, match="status 3"):
        meter.run([sys.executable, "-c", "raise SystemExit(3)"], tmp_path)
    assert meter.commands == 2


def test_a_missing_tool_is_named_with_its_package(tmp_path: Path) -> None:
    class Missing(Checkpatch):
        needs = (("no-such-command-here", "its-package"),)

    row = measure(Missing(), Setting(tmp_path, tmp_path, "", None), tmp_path / "work")
    assert row.findings is None
    assert row.note == "not measured: missing its-package"
    assert not (tmp_path / "work").exists()


def test_the_tables() -> None:
    found = check(Answer(frozenset(PATH), ""))
    rows = [
        Row("one", "1.0", 1.25, 2, 0.5, 3, 4, 10.4, 5, "a|b", found),
        Row("two", "", 0, 0, 0, 0, 0, 0, 0, "failed", None),
    ]
    lines = list(markdown(rows))
    assert lines[2] == "| one | yes | yes | yes | yes | yes | no | no |"
    assert lines[3] == "| two | – | – | – | – | – | – | – |"
    assert "| one | 1.2 s (2.0 s) | 0.5 s (3.0 s) | 4 | 10 MB | 5 | 1.0; a\\|b |" in lines
