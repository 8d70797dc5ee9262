"""Every format of a review as it was read and found good.

``python test_review_golden.py`` writes the expected texts anew; read the difference before
committing it.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from review_case import comment_only, one_patch, review_of, second_patch, series

from analyzer.impact.result import ReviewResult
from analyzer.report.b4 import review_b4
from analyzer.report.json_review import review_json
from analyzer.report.mail import review_mail
from analyzer.report.markdown import review_markdown
from analyzer.report.review import print_review
from analyzer.report.sarif import review_sarif
from analyzer.report.terse import review_terse

GOLDEN = Path(__file__).resolve().parents[2] / "tests" / "golden"


def terminal(result: ReviewResult, columns: int = 0, ascii_only: bool = False) -> str:
    """The report as a pipe gets it, ``columns`` wide or not wrapped."""
    before = dict(os.environ)
    os.environ.pop("NO_COLOR", None)
    os.environ["COLUMNS"] = str(columns)
    try:
        raw = io.BytesIO()
        stream = io.TextIOWrapper(raw, encoding="utf-8")
        print_review(result, stream, ascii_only=ascii_only)
        stream.flush()
    finally:
        os.environ.clear()
        os.environ.update(before)
    return "".join(f"{line.rstrip()}\n" for line in raw.getvalue().decode().splitlines())


CASES: dict[str, Callable[[], str]] = {
    "review.txt": lambda: terminal(series()),
    "review-180.txt": lambda: terminal(one_patch(), 180),
    "review-ascii-100.txt": lambda: terminal(one_patch(), 100, True),
    "review-comment.txt": lambda: terminal(comment_only()),
    "review.json": lambda: review_json(review_of(second_patch())),
    "review.md": lambda: review_markdown(series()),
    "review-mail.txt": lambda: review_mail(series()),
    "review-terse.txt": lambda: review_terse(series()),
    "review.sarif": lambda: review_sarif(series()),
    "review-b4.json": lambda: review_b4(one_patch()),
}


@pytest.mark.parametrize("name", CASES)
def test_the_text_is_what_was_reviewed(name: str) -> None:
    assert CASES[name]() == (GOLDEN / name).read_text("utf-8")


@pytest.mark.parametrize("name", CASES)
def test_the_same_review_gives_the_same_text(name: str) -> None:
    assert CASES[name]() == CASES[name]()


if __name__ == "__main__":
    for name, text in CASES.items():
        (GOLDEN / name).write_text(text(), "utf-8")
