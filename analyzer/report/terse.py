"""``kimpact review --format terse``: one line a finding, as checkpatch's ``--terse`` has it.

What ``b4 am --check`` and ``b4 prep --check`` run is read like this, too.
"""

from __future__ import annotations

from collections.abc import Sequence

from analyzer.impact.findings import Finding, findings
from analyzer.impact.result import PatchReview, ReviewResult
from analyzer.report.visible import one_line

CHANGELOG = "changelog"
"""Stands for the file of what the message of a patch says."""


def review_terse(result: ReviewResult) -> str:
    """``file:line: LEVEL: message`` for each finding; nothing for none."""
    return "".join(f"{_line(one, result.reviews)}\n" for one in findings(result))


def place_text(one: Finding) -> str:
    """``file:line`` of a finding; of the changelog, its line there."""
    if one.location is not None:
        return one_line(str(one.location))
    return CHANGELOG if one.message_line is None else f"{CHANGELOG}:{one.message_line}"


def message_text(one: Finding, reviews: Sequence[PatchReview]) -> str:
    """The message, with which patch of a series it is about if it is not the whole."""
    whole = len(reviews) - 1
    patch = f"[{one.patch + 1}/{whole}] " if one.patch < whole else ""
    where = " (place before the patch)" if one.removed else ""
    return f"{patch}{one_line(one.message)}{where}"


def _line(one: Finding, reviews: Sequence[PatchReview]) -> str:
    return f"{place_text(one)}: {one.level.value}: {message_text(one, reviews)}"
