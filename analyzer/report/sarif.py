"""``kimpact review --format sarif``: SARIF 2.1.0 for code scanning services.

One run; a rule for each kind of finding; places are in the tree after the patch. A finding's
fingerprint is made of what it says and not of where, so that it is known again when lines
move. Services want a place for every result: a claim is shown at the first function, or in the
first file, that the patch changes (SARIF 2.1.0 errata 01, sections 3.27 and 3.52).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from analyzer import __version__
from analyzer.diagnostics import Diagnostic, Severity
from analyzer.impact.findings import Finding, FindingKind, Level, findings
from analyzer.impact.result import PatchReview, ReviewResult
from analyzer.location import Location
from analyzer.report.json_parts import Value
from analyzer.report.terse import message_text
from analyzer.report.visible import one_line

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
FINGERPRINT = "kimpactFinding/v1"
ROOT = "SRCROOT"

_LEVELS = {Level.ERROR: "error", Level.WARNING: "warning", Level.CHECK: "note"}
_SEVERITIES = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
_RULES = {
    FindingKind.EFFECT_CHANGE: (
        "EffectChange",
        "warning",
        "The patch changes what becomes of an object.",
        "On the paths from a function, in the configurations and on the platforms named, the "
        "object is released in another way than before. Check that every user of the object "
        "may rely on the new way, above all readers without a lock.",
    ),
    FindingKind.PATH_CHANGE: (
        "PathChange",
        "note",
        "The patch changes call paths, but not their effects.",
        "Calls come or go on the paths from a function, in the configurations and on the "
        "platforms named; what becomes of the object is the same.",
    ),
    FindingKind.COVERAGE: (
        "LinesNotCompiled",
        "warning",
        "Added lines are compiled in no configuration of the review.",
        "No build of these configurations sees the lines. Build one more configuration with "
        "the symbols named, or remove the lines if there are none.",
    ),
    FindingKind.CLAIM: (
        "ChangelogClaim",
        "warning",
        "The changelog says something that is not simply true.",
        "A statement of the changelog was checked against the sources after the patch: it does "
        "not hold, holds under conditions only, or cannot be decided.",
    ),
    FindingKind.POLICY: (
        "PolicyViolation",
        "error",
        "After the patch a rule of the policy is broken.",
        "A path after the patch does what a rule of the policy forbids, or none does what it asks "
        "for, in the configurations and on the platforms named. The message says whether the "
        "patch introduces this.",
    ),
}


def review_sarif(result: ReviewResult) -> str:
    """The text of a SARIF log, with a final line end."""
    kinds = list(_RULES)
    seen: dict[str, int] = {}
    results = []
    for one in findings(result):
        mark = _fingerprint(one, seen)
        results.append(_result(one, kinds.index(one.kind), mark, result.reviews))
    log: Value = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "kimpact",
                        "version": __version__,
                        "semanticVersion": __version__,
                        "rules": [_rule(kind) for kind in kinds],
                    }
                },
                "automationDetails": {"id": "kimpact/review/"},
                "originalUriBaseIds": {
                    ROOT: {"description": {"text": "The top of the kernel tree."}}
                },
                "columnKind": "utf16CodeUnits",
                "invocations": [
                    {
                        "executionSuccessful": True,
                        "toolExecutionNotifications": _notifications(result),
                    }
                ],
                "results": results,
            }
        ],
    }
    return json.dumps(log, indent=1, ensure_ascii=True) + "\n"


def _rule(kind: FindingKind) -> Value:
    name, level, short, full = _RULES[kind]
    return {
        "id": kind.value,
        "name": name,
        "shortDescription": {"text": short},
        "fullDescription": {"text": full},
        "help": {"text": full},
        "defaultConfiguration": {"level": level},
    }


def _result(one: Finding, rule: int, mark: str, reviews: Sequence[PatchReview]) -> Value:
    message = message_text(one, reviews)
    if one.message_line is not None:
        message = f"{message} (line {one.message_line} of the changelog)"
    place = one.location
    result: dict[str, Value] = {
        "ruleId": one.kind.value,
        "ruleIndex": rule,
        "level": _LEVELS[one.level],
        "message": _message(message),
        "partialFingerprints": {FINGERPRINT: mark},
    }
    if place is None:
        place = _stand_in(reviews[one.patch])
        shown = None if place is None else _location(place, place.line if place.line else None)
    else:
        shown = _location(place, None if one.removed else place.line, one.last)
    if shown is not None:
        result["locations"] = [shown]
    return result


def _message(text: str) -> Value:
    """Plain text: a brace would begin a placeholder (section 3.11.5), a text in brackets with
    parentheses behind it would be a link (3.11.6)."""
    return {"text": text.replace("{", "{{").replace("}", "}}").replace("](", "] (")}


def _stand_in(review: PatchReview) -> Location | None:
    """A place for what has none; line 0 for a file as a whole."""
    for function in review.functions:
        if function.after is not None:
            return function.after
    names = (file.new or file.old for file in review.files)
    return next((Location(name, 0) for name in names if name), None)


def _location(place: Location, line: int | None, last: int | None = None) -> Value:
    physical: dict[str, Value] = {"artifactLocation": {"uri": _uri(place.file), "uriBaseId": ROOT}}
    if line is not None:
        region: dict[str, Value] = {"startLine": line}
        if last is not None:
            region["endLine"] = last
        physical["region"] = region
    return {"physicalLocation": physical}


def _uri(file: str) -> str:
    """A relative URI reference; bytes that are no UTF-8 as they are."""
    return quote(file.encode("utf-8", "surrogateescape"), safe="/")


def _fingerprint(one: Finding, seen: dict[str, int]) -> str:
    """The same for the same finding in another run; repetitions are numbered."""
    text = "\0".join((one.kind.value, *one.key))
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    number = seen.get(digest, 0)
    seen[digest] = number + 1
    return f"{digest}:{number}"


def _notifications(result: ReviewResult) -> list[Value]:
    """What the run skipped or assumed, each once."""
    every: Iterable[Diagnostic] = (
        *result.diagnostics,
        *(one for review in result.reviews for one in review.diagnostics),
    )
    notifications: list[Value] = []
    for one in dict.fromkeys(every):
        notification: dict[str, Value] = {
            "descriptor": {"id": one.code},
            "level": _SEVERITIES[one.severity],
            "message": _message(one_line(one.message)),
        }
        if one.location is not None:
            notification["locations"] = [_location(one.location, one.location.line or None)]
        notifications.append(notification)
    return notifications
