"""The lines that the suite prints: one a case, and the summary at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from full.model import Case, Part
from full.store import Stored

SHOWN = 10
"""Unexplained differences that are printed of a case; all are in its result file."""


def line(part: Part, case: Case, stored: Stored) -> str:
    """The figure of one case."""
    outcome = stored.outcome
    figure = f"{outcome.agreed:,} of {outcome.total:,} {outcome.facts} ({outcome.percent:.3f}%)"
    if outcome.extra:
        figure += f", {outcome.extra:,} extra ({outcome.extra_percent:.3f}%)"
    verdict = "ok" if part.reached(outcome) else "NOT REACHED"
    remark = f"; {outcome.remark}" if outcome.remark else ""
    text = f"{case.label}: {figure}: {verdict}{remark}  [{stored.user_seconds:.0f} s user]"
    return "\n".join([text, *_unexplained(stored)])


def _unexplained(stored: Stored) -> Iterator[str]:
    rows = [one for one in stored.outcome.differences if not one.cause]
    for one in rows[:SHOWN]:
        yield f"    {one.where}: {one.what}"[:300]
    if len(rows) > SHOWN:
        yield f"    and {len(rows) - SHOWN} more"


def summary(done: Sequence[tuple[Part, Case, Stored]], failed: Sequence[Case], program: str) -> str:
    """The table of all cases, the causes of what differs, and what did not run."""
    rows = [
        "",
        "| part | kernel | case | facts | agreed | extra | unexplained | user time |",
        "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    causes: Counter[tuple[str, str]] = Counter()
    for part, case, stored in done:
        outcome = stored.outcome
        unexplained = sum(not one.cause for one in outcome.differences)
        causes.update((part.name, one.cause) for one in outcome.differences if one.cause)
        rows.append(
            f"| {part.name} | {case.version} | {case.name} | {outcome.total:,} {outcome.facts} |"
            f" {outcome.percent:.3f}% | {outcome.extra_percent:.3f}% | {unexplained} |"
            f" {stored.user_seconds:.0f} s |"
        )
    for (name, cause), count in sorted(causes.items()):
        rows.append(f"{name}: {count} x {cause}")
    old = sum(stored.program != program for _, _, stored in done)
    if old:
        rows.append(f"{old} results are of another version of kimpact (make differential AGAIN=1)")
    rows += [f"did not finish: {case.label}" for case in failed]
    return "\n".join(rows)
