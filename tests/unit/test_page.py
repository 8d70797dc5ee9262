"""What a page is made of: the document cannot leave its place, the policy fits what is there."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from importlib.resources import files

import pytest
from report_case import case, slot_case
from review_case import HOSTILE, hostile, series

from analyzer.report.json import paths_values
from analyzer.report.json_review import review_json
from analyzer.report.page import PARTS, embedded, page
from analyzer.report.pages import paths_page, review_page


class Elements(HTMLParser):
    """The elements of a page with the text inside of those that matter here."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.inside = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self.texts.append("")
        self.inside = True

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002
        self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.texts[-1] += data

    def text(self, tag: str, number: int = 0) -> str:
        """What is in the ``number``-th element of a kind, from 0."""
        named = (text for text, one in zip(self.texts, self.found, strict=True) if one[0] == tag)
        return list(named)[number]


@pytest.mark.parametrize(
    "text", [HOSTILE, "</script>", "<!--<script>", "]]>", "\u2028\u2029 & \x00"]
)
def test_nothing_in_a_document_ends_it(text: str) -> None:
    document = {"name": text}
    written = embedded(document)
    assert json.loads(written) == document
    assert not re.search("[<>&]", written)
    assert written.isascii()


def test_a_page_carries_its_document() -> None:
    elements = Elements(paths_page(slot_case()))
    assert json.loads(elements.text("script")) == paths_values(slot_case())


def test_a_hostile_review_makes_no_element() -> None:
    names = [tag for tag, _ in Elements(review_page(hostile())).found]
    assert names == [tag for tag, _ in Elements(review_page(series())).found]
    assert names.count("script") == 2


def test_the_document_of_a_review_is_that_of_the_json_format() -> None:
    carried = json.loads(Elements(review_page(series())).text("script"))
    words = carried.pop("words")
    assert carried == json.loads(review_json(series()))
    for review, said in zip(carried["reviews"], words, strict=True):
        assert len(said["files"]) == len(review["files"])
        assert len(said["lines"]) == len(review["coverage"])
        assert len(said["claims"]) == len(review["claims"])
        transitions = [len(entry["transitions"]) for entry in review["entries"]]
        assert [len(entry) for entry in said["entries"]] == transitions


def test_the_policy_has_the_hashes_of_script_and_style() -> None:
    elements = Elements(paths_page(case()))
    (policy,) = (
        one["content"] for tag, one in elements.found if tag == "meta" and "http-equiv" in one
    )
    assert policy is not None
    for text in (elements.text("script", 1), elements.text("style")):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy


def test_a_page_names_nothing_outside() -> None:
    text = page({"schema": "kimpact/paths/1"}, "<title>")
    assert "&lt;title&gt;</title>" in text
    assert not re.search(r"https?://|url\(|@import|\bsrc=|innerHTML|eval\(", text)


def test_every_part_of_the_script_is_put_together() -> None:
    folder = files("analyzer.report") / "html"
    there = {one.name.removesuffix(".js") for one in folder.iterdir() if one.name.endswith(".js")}
    assert there == set(PARTS)


def test_a_page_is_the_same_every_time() -> None:
    assert paths_page(slot_case()) == paths_page(slot_case())
