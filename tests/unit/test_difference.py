"""Hunks put together from two texts and what changed between them."""

from __future__ import annotations

import difflib

from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.impact.difference import CONTEXT, hunks_of
from analyzer.impact.result import Hunk
from analyzer.patch.lines import Block


def blocks_of(old: list[str], new: list[str]) -> list[Block]:
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    return [
        Block(first + 1, last - first, start + 1, end - start)
        for tag, first, last, start, end in matcher.get_opcodes()
        if tag != "equal"
    ]


def hunks(old: list[str], new: list[str]) -> tuple[Hunk, ...]:
    texts = ("".join(f"{line}\n" for line in lines).encode() for lines in (old, new))
    return hunks_of(blocks_of(old, new), *texts)


def test_a_changed_line_stands_between_those_around_it() -> None:
    old = [f"l{number}" for number in range(1, 11)]
    new = [*old[:4], "new", *old[5:]]
    lines = (" l2", " l3", " l4", "-l5", "+new", " l6", " l7", " l8")
    assert hunks(old, new) == (Hunk(2, 2, lines),)


def test_changes_far_from_each_other_are_two_hunks() -> None:
    old = [f"l{number}" for number in range(1, 30)]
    new = ["first", *old[1:20], *old[21:]]
    one, two = hunks(old, new)
    assert (one.old_start, one.new_start, one.lines[:2]) == (1, 1, ("-l1", "+first"))
    assert (two.old_start, two.new_start) == (18, 18)
    assert [line for line in two.lines if line[0] != " "] == ["-l21"]


def test_an_added_and_a_deleted_file() -> None:
    assert hunks_of([Block(1, 0, 1, 2)], None, b"a\nb\n") == (Hunk(1, 1, ("+a", "+b")),)
    assert hunks_of([Block(1, 2, 1, 0)], b"a\nb\n", None) == (Hunk(1, 1, ("-a", "-b")),)
    assert hunks_of([], b"a\n", b"a\n") == ()


def test_bytes_that_are_no_text_stay() -> None:
    ((*_, line),) = (hunk.lines for hunk in hunks_of([Block(1, 0, 1, 1)], None, b"\xff\n"))
    assert line == "+\udcff"


LINES = st.lists(st.sampled_from("abcd"), max_size=25)


@given(LINES, LINES)
@settings(max_examples=150, deadline=None)
def test_hunks_turn_one_text_into_the_other(old: list[str], new: list[str]) -> None:
    found = hunks(old, new)
    made: list[str] = []
    at = 0
    for hunk in found:
        made += old[at : hunk.old_start - 1]
        assert len(made) == hunk.new_start - 1
        kept = [line[1:] for line in hunk.lines if line[0] != "+"]
        assert old[hunk.old_start - 1 :][: len(kept)] == kept
        made += (line[1:] for line in hunk.lines if line[0] != "-")
        at = hunk.old_start - 1 + len(kept)
        changed = [number for number, line in enumerate(hunk.lines) if line[0] != " "]
        assert changed
        assert changed[0] <= CONTEXT
        assert len(hunk.lines) - 1 - changed[-1] <= CONTEXT
    assert made + old[at:] == new
