"""The JSON contract of ``review`` (``docs/schema/review-1.json``)."""

from __future__ import annotations

from collections.abc import Iterable

from analyzer.configset.configset import Mask
from analyzer.impact.findings import Finding, findings
from analyzer.impact.result import (
    Claim,
    Entry,
    FileChange,
    FunctionChange,
    LineCoverage,
    ObjectChange,
    PatchReview,
    PolicyReview,
    ReviewResult,
    Run,
    Step,
    SymbolChange,
    Transition,
)
from analyzer.location import Location
from analyzer.paths.result import PathsResult
from analyzer.report.json import paths_values
from analyzer.report.json_check import rule_values, violation_values
from analyzer.report.json_parts import (
    Value,
    config_values,
    diagnostic_values,
    document_text,
    hexadecimal,
    kernel_values,
    place_values,
)

REVIEW_SCHEMA = "kimpact/review/1"


def review_json(result: ReviewResult) -> str:
    """The text of a ``kimpact/review/1`` document, with a final line end."""
    return document_text(review_values(result))


def review_values(result: ReviewResult) -> dict[str, Value]:
    """A ``kimpact/review/1`` document."""
    return {
        "schema": REVIEW_SCHEMA,
        "kernel": kernel_values(result.kernel),
        "configs": config_values(result.configs),
        "platforms": list(result.platforms),
        "support": [
            {"platform": one.platform, "mask": hexadecimal(one.mask)} for one in result.support
        ],
        "reviews": [
            {"whole": _whole(result, number), **_review(review)}
            for number, review in enumerate(result.reviews)
        ],
        "rules": [rule_values(rule) for rule in result.rules],
        "findings": [_finding(one) for one in findings(result)],
        "diagnostics": diagnostic_values(result.diagnostics),
    }


def _whole(result: ReviewResult, number: int) -> bool:
    return len(result.reviews) > 1 and number == len(result.reviews) - 1


def _review(review: PatchReview) -> dict[str, Value]:
    return {
        "title": review.title,
        "author": review.author,
        "silent": review.silent,
        "files": [_file(one) for one in review.files],
        "functions": [_function(one) for one in review.functions],
        "declarations": [_function(one) for one in review.declarations],
        "symbols": [_symbol(one) for one in review.symbols],
        "objects": [_object(one) for one in review.objects],
        "entries": [_entry(one) for one in review.entries],
        "coverage": [_coverage(one) for one in review.coverage],
        "runs": [_run(one) for one in review.runs],
        "claims": [_claim(one) for one in review.claims],
        "policy": None if review.policy is None else _policy(review.policy),
        "diagnostics": diagnostic_values(review.diagnostics),
    }


def _file(one: FileChange) -> Value:
    return {
        "old": one.old,
        "new": one.new,
        "kind": one.kind.value,
        "added": one.added,
        "removed": one.removed,
        "silent": one.silent,
        "unread": None if one.unread is None else one.unread.value,
        "hunks": [
            {"old": hunk.old_start, "new": hunk.new_start, "lines": list(hunk.lines)}
            for hunk in one.hunks
        ],
    }


def _function(one: FunctionChange) -> Value:
    return {
        "name": one.name,
        "macro": one.macro,
        "kind": one.kind.value,
        **_sides(one.before, one.after),
        "masks": {
            "changed": hexadecimal(one.changed),
            "added": hexadecimal(one.added),
            "removed": hexadecimal(one.removed),
        },
    }


def _symbol(one: SymbolChange) -> Value:
    return {
        "name": one.name,
        "kind": one.kind.value,
        **_sides(one.before, one.after),
        "values": _values(one.values),
    }


def _object(one: ObjectChange) -> Value:
    return {"path": one.path, "values": _values(one.values)}


def _sides(before: Location | None, after: Location | None) -> dict[str, Value]:
    return {"before": _place(before), "after": _place(after)}


def _place(location: Location | None) -> Value:
    return None if location is None else place_values(location)


def _values(values: Iterable[tuple[Mask, str, str]]) -> list[Value]:
    return [
        {"mask": hexadecimal(mask), "before": before, "after": after}
        for mask, before, after in values
    ]


def _entry(one: Entry) -> Value:
    return {
        "name": one.name,
        "given": one.given,
        "before": _paths(one.before),
        "after": _paths(one.after),
        "transitions": [_transition(change) for change in one.transitions],
    }


def _paths(paths: PathsResult | None) -> Value:
    return None if paths is None else paths_values(paths)


def _transition(one: Transition) -> Value:
    return {
        "mask": hexadecimal(one.mask),
        "platforms": list(one.platforms),
        "when": one.when,
        "before": None if one.before is None else list(one.before),
        "after": None if one.after is None else list(one.after),
        "gone": [_step(step) for step in one.gone],
        "new": [_step(step) for step in one.new],
        "within": list(one.within),
    }


def _step(one: Step) -> Value:
    return {
        "caller": one.caller,
        "callee": one.callee,
        "name": one.name,
        "kind": one.kind.value,
        "slot": one.slot,
        "context": one.context,
        "guards": [{"text": guard.text, "label": guard.label} for guard in one.guards],
        **place_values(one.location),
    }


def _coverage(one: LineCoverage) -> Value:
    return {
        "file": one.file,
        "first": one.first,
        "last": one.last,
        "mask": hexadecimal(one.mask),
        "fragment": list(one.fragment),
        "reason": one.reason,
    }


def _run(one: Run) -> Value:
    return {
        "config": one.config,
        "platform": one.platform,
        "lines": one.lines,
        "transitions": one.transitions,
    }


def _claim(one: Claim) -> Value:
    return {
        "text": one.text,
        "line": one.line,
        "kind": one.kind.value,
        "standing": one.standing.value,
        "why": one.why,
        "mask": hexadecimal(one.mask),
        "platforms": list(one.platforms),
    }


def _policy(one: PolicyReview) -> Value:
    return {
        "breaches": [
            {"standing": breach.standing.value, **violation_values(breach.violation)}
            for breach in one.breaches
        ],
        "absent": list(one.absent),
    }


def _finding(one: Finding) -> Value:
    return {
        "kind": one.kind.value,
        "level": one.level.value.lower(),
        "review": one.patch,
        "message": one.message,
        **place_values(one.location),
        "last": one.last,
        "removed": one.removed,
        "message_line": one.message_line,
    }
