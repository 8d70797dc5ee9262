"""A review as a comment: nothing of the patch is Markdown or HTML, and it fits."""

from __future__ import annotations

from dataclasses import replace

import pytest
import review_case
from markdown_it import MarkdownIt
from markdown_it.token import Token
from review_case import comment_only, first_patch, hostile, review_of, series

from analyzer.report.markdown import MAX_COMMENT, MAX_TEXT, cell, code, review_markdown


def tokens(text: str) -> list[Token]:
    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    found: list[Token] = []
    for token in parser.parse(text):
        found.append(token)
        found.extend(token.children or ())
    return found


def test_a_comment_is_no_impact_in_one_line() -> None:
    text = review_markdown(comment_only())
    assert text.count("no impact") == 1
    assert "mm_types.h" not in text


@pytest.mark.parametrize("result", [series, hostile])
def test_nothing_from_the_patch_is_markup(result) -> None:  # type: ignore[no-untyped-def]
    found = tokens(review_markdown(result(), limit=10_000_000))
    markup = {token.content.strip() for token in found if token.type.startswith("html")}
    assert markup <= {
        "<details><summary>before and after</summary>",
        "<details><summary>what differs</summary>",
        "<details><summary>remarks</summary>",
        "<details><summary>what holds of the changelog, and calls that it leaves out</summary>",
        "</details>",
    }
    kinds = {token.type for token in found}
    assert not kinds & {"link_open", "image", "hr", "blockquote_open", "code_block"}
    text = "".join(token.content for token in found if token.type == "text")
    for bad in ("@", "#1", "https:", "<", "Reviewed-by", "evil", "`"):
        assert bad not in text, text


def test_rows_have_as_many_cells_as_the_head() -> None:
    found = tokens(review_markdown(hostile(), limit=10_000_000))
    cells = [token.type for token in found if token.type in ("tr_open", "td_open", "th_open")]
    rows = " ".join(cells).split("tr_open")[1:]
    assert {row.count("t") for row in (r.replace("_open", "") for r in rows)} == {5}
    assert len(rows) == 5 + 2 + 6


@pytest.mark.parametrize("text", ["a", "`", "``a", "a`", "` `", "\\", "a\\", "", " x ", "a\nb"])
def test_a_code_span_holds_its_text(text: str) -> None:
    (span,) = [token for token in tokens(f"x {code(text)} y") if token.type == "code_inline"]
    assert span.content == (" ".join(text.split()) or "(empty)")


@pytest.mark.parametrize("text", ["a | b", "a || b", "a \\| b", "a \\\\| b", "\\", "| ` |"])
def test_a_cell_holds_its_text(text: str) -> None:
    table = f"| a | b |\n| --- | --- |\n| {cell(text)} | y |\n"
    spans = [token.content for token in tokens(table) if token.type == "code_inline"]
    assert spans == [text.replace("\\|", "\\\\x7c")]
    assert [t.content for t in tokens(table) if t.type == "text"][-1] == "y"


def test_long_texts_are_cut() -> None:
    assert len(code("x" * 100_000)) == MAX_TEXT + len("`...`")


def test_a_comment_has_room_for_what_matters() -> None:
    many = tuple(replace(first_patch(), title=f"patch {number}") for number in range(300))
    text = review_markdown(review_of(*many))
    assert 40_000 < len(text) <= MAX_COMMENT
    kept = text.count("- **[")
    assert kept > 200
    assert f"left out: {300 - kept} summaries, 300 tables, 300 lists of lines" in text
    assert f"Cut to the {MAX_COMMENT} characters" in text
    # Blocks are left out whole: what is there is well formed.
    assert text.count("<details>") == text.count("</details>")
    assert text.count("```") % 2 == 0


@pytest.mark.parametrize("limit", [500, 1_000, 5_000, 20_000])
def test_any_limit_holds(limit: int) -> None:
    assert len(review_markdown(hostile(), limit)) <= limit
    assert len(review_markdown(series(), limit)) <= limit


def test_what_fits_is_not_cut() -> None:
    assert "left out" not in review_markdown(series())
    assert review_case.HOSTILE not in review_markdown(hostile())
