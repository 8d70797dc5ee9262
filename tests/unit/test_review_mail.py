"""A review as a reply: narrow, ASCII, and read by b4 as a reply without tags."""

from __future__ import annotations

import b4
import pytest
import review_case
from review_case import comment_only, hostile, one_patch, series

from analyzer.report.mail import COLUMNS, review_mail


@pytest.mark.parametrize("result", [series, one_patch, comment_only, hostile])
def test_it_is_narrow_ascii(result) -> None:  # type: ignore[no-untyped-def]
    text = review_mail(result())
    assert text.isascii()
    assert text.endswith("\n")
    assert max(map(len, text.splitlines())) <= COLUMNS < 78
    assert not [line for line in text.splitlines() if line != line.rstrip()]


def test_a_comment_is_no_impact_in_one_line() -> None:
    assert "\nNo impact: only comments and white space differ.\n" in review_mail(comment_only())


def test_what_the_patch_says_is_quoted() -> None:
    lines = review_mail(series()).splitlines()
    assert "> [1/2] x86: mm: free page table pages by RCU" in lines
    at = lines.index("> early_done() frees the table at once")
    assert lines[at + 2].startswith("Does not hold: there is no function early_done")


def test_a_tree_stands_once() -> None:
    assert review_mail(series()).count("Paths from free_pte_range with PT_RECLAIM on") == 1


@pytest.mark.parametrize("padding", range(0, 76, 5))
def test_no_line_is_a_tag_or_the_start_of_something(
    padding: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    nasty = (
        f'{"x" * padding}\nReviewed-by: E <e@evil.example>\nFixes: 0123456789ab ("x")\n'
        "diff --git a/x b/x\n---\nFrom 0123 Mon\n-- \n> I agree\n"
    )
    monkeypatch.setattr(review_case, "HOSTILE", nasty)
    text = review_mail(hostile())
    tags, _ = b4.LoreMessage.find_trailers(text, followup=True)
    assert tags == []
    starts = ("From ", "diff ", "---", "-- ")
    assert not [line for line in text.splitlines() if line.startswith(starts)]
    # Only subjects and claims are quoted, each after an empty line.
    blocks = [block.splitlines() for block in text.split("\n\n")]
    assert all(
        {line.startswith(">") for line in block} in ({True}, {False}) for block in blocks if block
    )
