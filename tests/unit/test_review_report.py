"""The terminal's review report: width, colour, cuts, and names that try to break out."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import jsonschema
import pytest
from review_case import (
    Drawing,
    comment_only,
    config_set,
    entry,
    first_patch,
    hostile,
    one_patch,
    review_of,
)
from test_report_json import schema
from test_review_golden import terminal

from analyzer.impact.result import Entry, PatchReview
from analyzer.impact.transitions import transitions
from analyzer.paths.result import EdgeKind, Guard, NodeKind
from analyzer.report.json_review import review_json
from analyzer.report.review import MAX_ROWS, MAX_TREES, print_review
from analyzer.report.sides import MAX_LINES, Mark, merged, sides_of


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def many(changes: int) -> PatchReview:
    """A patch that changes a lot."""
    one = entry()
    found = tuple(replace(one.transitions[0], when=f"C{number}") for number in range(changes))
    return replace(first_patch(), entries=(replace(one, transitions=found),))


def test_a_comment_is_no_impact_in_one_line() -> None:
    lines = terminal(comment_only()).splitlines()
    assert sum("no impact" in line for line in lines) == 1
    assert not [line for line in lines if "mm_types.h" in line]


def test_side_by_side_where_there_is_room() -> None:
    wide, narrow = terminal(one_patch(), 260), terminal(one_patch(), 100)
    heads = [line for line in wide.splitlines() if line.split() == ["before", "after"]]
    assert len(heads) == 3
    assert not [line for line in narrow.splitlines() if line.split() == ["before", "after"]]
    assert max(map(len, wide.splitlines())) <= 260
    # What is piped is not wrapped, and stacked.
    assert "before\n   free_pte_range" in terminal(one_patch())


def test_colour_is_for_terminals_that_want_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    coloured = Terminal()
    print_review(one_patch(), coloured)
    assert "\x1b[" in coloured.getvalue()
    monkeypatch.setenv("NO_COLOR", "1")
    bare = Terminal()
    print_review(one_patch(), bare)
    assert "\x1b[3" not in bare.getvalue()
    assert "\x1b" not in terminal(one_patch())


def test_ascii_is_ascii() -> None:
    assert terminal(one_patch(), 100, True).isascii()
    latin = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    print_review(hostile(), latin)


@pytest.mark.parametrize("columns", [0, 60, 100, 250])
def test_hostile_names_stay_on_their_lines(columns: int) -> None:
    text = terminal(hostile(), columns)
    assert not set(text) & set("\x1b\r\u202e")
    assert not [line for line in text.splitlines() if line.startswith(("# head", "From x"))] or (
        columns
    )


def test_what_is_cut_is_said() -> None:
    text = terminal(review_of(many(MAX_ROWS + 5)))
    assert "5 more rows (--format json has all)" in text
    assert f"{MAX_ROWS + 5 - MAX_TREES} more changes without a tree here" in text


def long_entry() -> Entry:
    d = Drawing()
    above = d.node("root", "a.c:1")
    for number in range(MAX_LINES + 10):
        d.call(above, d.node(f"f{number}", f"a.c:{number + 2}"), f"a.c:{number + 1}")
    after = d.result([(0b1111, (), ())])
    return Entry("root", False, None, after, transitions(None, after, config_set()))


def test_a_long_tree_is_cut() -> None:
    review = replace(first_patch(), entries=(long_entry(),))
    assert "11 lines cut (--format json has all)" in terminal(review_of(review))


def test_trees_show_the_ways_to_what_changes() -> None:
    one = entry()
    sides = sides_of(one, one.transitions[0])
    assert [(line.name, line.mark) for line in sides.before][-3:] == [
        ("table_free_one", Mark.SAME),
        ("sync_with_walkers", Mark.GONE),
        ("table_free_now", Mark.GONE),
    ]
    assert "table_free_later" not in [line.name for line in (*sides.before, *sides.after)]
    (caller,) = (line for line in sides.after if line.name == "remove_table")
    assert caller.beside == 1
    assert [line.mark for line in merged(sides)][-4:] == [
        Mark.GONE,
        Mark.GONE,
        Mark.NEW,
        Mark.NEW,
    ]


def test_macros_that_lead_to_macros_share_a_line() -> None:
    d = Drawing()
    root = d.node("root", "a.c:1")
    one, two, three = (d.node(f"M{n}", f"m.h:{n}", kind=NodeKind.MACRO) for n in (1, 2, 3))
    end = d.node("end", "a.c:9")
    d.call(root, one, "a.c:2", kind=EdgeKind.MACRO, guards=(Guard("x"),))
    d.call(one, two, "m.h:1", kind=EdgeKind.MACRO)
    d.call(two, three, "m.h:2", kind=EdgeKind.MACRO)
    before = d.result([(0b1111, ("native",), ())])
    d.call(three, end, "m.h:3")
    after = d.result([(0b1111, ("native",), ())])
    (change,) = transitions(before, after, config_set())
    sides = sides_of(Entry("root", False, before, after, (change,)), change)
    assert [(line.depth, line.name, line.mark) for line in sides.after] == [
        (0, "root", Mark.SAME),
        (1, "M1 > M2 > M3", Mark.SAME),
        (2, "end", Mark.NEW),
    ]
    assert (sides.after[1].when, sides.after[1].remarks, sides.after[1].place) == (
        "x",
        ("macros",),
        "m.h:3",
    )
    # A macro that is new stands alone.
    (fresh,) = transitions(None, after, config_set())
    drawn = sides_of(Entry("root", False, None, after, (fresh,)), fresh).after
    assert [line.name for line in drawn] == ["root", "M1", "M2", "M3", "end"]


def test_nothing_changed_has_nothing_to_draw() -> None:
    one = entry()
    sides = sides_of(one, one.transitions[-1])
    assert [line.name for line in sides.after] == ["free_pte_range"]


@pytest.mark.parametrize("result", [one_patch, comment_only, hostile])
def test_json_follows_its_schema(result) -> None:  # type: ignore[no-untyped-def]
    document = json.loads(review_json(result()))
    jsonschema.validate(document, schema("review-1"))
    for review in document["reviews"]:
        for one in review["entries"]:
            for side in (one["before"], one["after"]):
                if side is not None:
                    jsonschema.validate(side, schema("paths-1"))


def test_the_schema_refuses_what_is_not_in_the_contract() -> None:
    document = json.loads(review_json(one_patch()))
    document["reviews"][0]["coverage"][0]["mask"] = "5"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema("review-1"))
