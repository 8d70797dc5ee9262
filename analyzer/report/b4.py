"""``kimpact review --format b4``: what b4's review commands expect of a check.

``b4 review`` hands a message to each command of ``b4.review-perpatch-check-cmd`` and
``b4.review-series-check-cmd`` on standard input and reads a JSON list of objects with ``tool``,
``status`` (``pass``, ``warn``, ``fail``), ``summary``, ``url`` and ``details``. It keeps one
object a tool and message, so the findings are in ``details``: a JSON list of their own, with
``status``, ``context``, ``state`` and ``description`` each (b4 0.16, ``b4/review/checks.py:
_run_external_cmd`` and ``store_results``, ``b4/review_tui/_modals.py: _render_detail_lines``).
"""

from __future__ import annotations

import json

from analyzer.impact.findings import Finding, Level, findings
from analyzer.impact.result import ReviewResult
from analyzer.impact.words import summary
from analyzer.report.terse import message_text, place_text
from analyzer.report.visible import one_line

TOOL = "kimpact"

NOTHING = "[]\n"
"""What a check prints that has nothing to say."""

_STATUS = {Level.ERROR: "fail", Level.WARNING: "warn", Level.CHECK: "pass"}


def review_b4(result: ReviewResult) -> str:
    """The list as JSON with a final line end; ``[]`` if there are no findings."""
    found = findings(result)
    if not found:
        return NOTHING
    statuses = [_STATUS[one.level] for one in found]
    worst = next(status for status in ("fail", "warn", "pass") if status in statuses)
    entry = {
        "tool": TOOL,
        "status": worst,
        "summary": summary(result.reviews[-1], one_line),
        "details": json.dumps([_detail(one, result) for one in found]),
    }
    return json.dumps([entry], indent=1) + "\n"


def _detail(one: Finding, result: ReviewResult) -> dict[str, str]:
    return {
        "status": _STATUS[one.level],
        "context": one.kind.value,
        "state": one.level.value.lower(),
        "description": f"{place_text(one)}: {message_text(one, result.reviews)}",
    }
