"""What of a review is worth a remark of its own: one list for all formats and ``--fail-on``.

A series is what is merged in the end, so the findings of the whole series come first; then
those that only a patch on its own has: its claims, and what a later patch takes back.
"""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from analyzer.impact.claim_words import (
    verdict_text,
)
from analyzer.impact.policy_words import breach_text, broken, way_text
from analyzer.impact.result import (
    Claim,
    Entry,
    LineCoverage,
    PatchReview,
    ReviewResult,
    RuleBreach,
    RuleStanding,
    Standing,
    Step,
    Transition,
)
from analyzer.impact.words import (
    change_text,
    changing,
    counted,
    lines_of,
    remedy_text,
    still_text,
    uncovered,
    where_text,
)
from analyzer.location import Location
from analyzer.paths.result import ConfigInfo, PathsResult


class FindingKind(enum.Enum):
    """What a finding is about."""

    EFFECT_CHANGE = "effect-change"
    """Something else becomes of the object."""
    PATH_CHANGE = "path-change"
    """Edges change, and the effects do not."""
    COVERAGE = "coverage"
    """Added lines that no configuration compiles."""
    CLAIM = "claim"
    """The changelog is not simply true."""
    POLICY = "policy"
    """A rule is broken after the patch."""


class Level(enum.Enum):
    """The weight of a finding, in checkpatch's words."""

    ERROR = "ERROR"
    WARNING = "WARNING"
    CHECK = "CHECK"


class Gate(enum.Enum):
    """What a user can ask to fail on."""

    PATH_CHANGE = "path-change"
    COVERAGE = "coverage"
    CLAIM = "claim"
    POLICY = "policy"


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark.

    ``location`` is in the tree after patch number ``patch`` of ``ReviewResult.reviews``, in the
    tree before it if ``removed``, and None if there is no place. ``last`` is the last line of
    several. ``message_line`` is the line of the changelog that a claim is in. ``key`` tells the
    finding from others whatever the line numbers are. Texts are as they come; renderers make
    them harmless.
    """

    kind: FindingKind
    level: Level
    patch: int
    location: Location | None
    message: str
    key: tuple[str, ...]
    last: int | None = None
    message_line: int | None = None
    removed: bool = False


def findings(result: ReviewResult) -> tuple[Finding, ...]:
    """The findings of ``result``: those of the whole first, errors first within a patch."""
    *patches, whole = (list(_of_patch(result, index)) for index in range(len(result.reviews)))
    known = {one.key for one in whole if one.kind is not FindingKind.CLAIM}
    found = list(_ordered(whole))
    for alone in patches:
        found += _ordered(one for one in alone if one.key not in known)
    return tuple(found)


def failing(found: Iterable[Finding], gates: Collection[Gate]) -> tuple[Finding, ...]:
    """The findings that ``gates`` fail on.

    Changes of effects are changes of paths too. Of claims only those that do not hold fail: a
    condition that a changelog leaves out, and what cannot be decided, do not. A rule that was
    broken before the patch fails as one that it breaks does.
    """
    return tuple(one for one in found if _gate(one) in gates)


def _gate(one: Finding) -> Gate | None:
    match one.kind:
        case FindingKind.EFFECT_CHANGE | FindingKind.PATH_CHANGE:
            return Gate.PATH_CHANGE
        case FindingKind.COVERAGE:
            return Gate.COVERAGE
        case FindingKind.CLAIM:
            return Gate.CLAIM if one.level is Level.ERROR else None
        case FindingKind.POLICY:
            return Gate.POLICY


def _ordered(found: Iterable[Finding]) -> list[Finding]:
    weights = list(Level)
    return sorted(found, key=lambda one: weights.index(one.level))


def _of_patch(result: ReviewResult, index: int) -> Iterator[Finding]:
    review = result.reviews[index]
    for entry, change in changing(review):
        yield replace(_of_change(review, entry, change), patch=index)
    for lines in uncovered(review):
        yield replace(_of_lines(lines), patch=index)
    for claim in review.claims:
        if claim.standing is not Standing.HOLDS:
            yield replace(_of_claim(claim, result.configs), patch=index)
    for breach in broken(review):
        yield replace(_of_breach(review, breach), patch=index)


def _of_change(review: PatchReview, entry: Entry, change: Transition) -> Finding:
    effects = change.effects_change
    where = where_text(change, str)
    what = change_text(change, str) if effects else still_text(change, str)
    message = f"{entry.name} {where}: {what}"
    place, removed = _place(review, entry, change)
    return Finding(
        kind=FindingKind.EFFECT_CHANGE if effects else FindingKind.PATH_CHANGE,
        level=Level.WARNING if effects else Level.CHECK,
        patch=0,
        location=place,
        message=message,
        key=(
            "change",
            entry.name,
            change.when,
            *change.platforms,
            "before",
            *(change.before or ("absent",)),
            "after",
            *(change.after or ("absent",)),
            *_names(change),
        ),
        removed=removed,
    )


def _names(change: Transition) -> Iterator[str]:
    for word, steps in (("gone", change.gone), ("new", change.new)):
        for step in steps:
            yield f"{word} {step.caller} {step.callee or step.name} {step.kind.value}"


def _place(review: PatchReview, entry: Entry, change: Transition) -> tuple[Location | None, bool]:
    """Where to show a change: the first changed function on the way to what is new, else to
    what is gone, else the first new call, else the entry itself; in the old tree only if nothing
    of it is left."""
    places = {
        function.name: function.after
        for function in reversed(review.functions)
        if function.after is not None
        and (function.changed | function.added | function.removed) & change.mask
    }
    new = _from_the_root(change.new, entry.after, change)
    gone = _from_the_root(change.gone, entry.before, change)
    for step in (*new, *gone):
        for name in (step.caller, step.callee):
            if name in places:
                return places[name], False
    if new:
        return new[0].location, False
    root = _root(entry.after)
    if root is not None:
        return root, False
    if gone:
        return gone[0].location, True
    return _root(entry.before), True


def _from_the_root(
    steps: Sequence[Step], paths: PathsResult | None, change: Transition
) -> list[Step]:
    """Steps by how few calls their callers are away from a root where ``change`` is."""
    if paths is None:
        return list(steps)
    names = {node.id: node.name for node in paths.nodes}
    callees: dict[str, list[str]] = {}
    for edge in paths.edges:
        on = not edge.platforms or not change.platforms
        on = on or not set(edge.platforms).isdisjoint(change.platforms)
        if edge.target is not None and edge.mask & change.mask and on:
            callees.setdefault(names[edge.source], []).append(names[edge.target])
    depths = dict.fromkeys((names[root] for root in paths.roots), 0)
    waiting = deque(depths)
    while waiting:
        caller = waiting.popleft()
        for callee in callees.get(caller, ()):
            if callee not in depths:
                depths[callee] = depths[caller] + 1
                waiting.append(callee)
    return sorted(steps, key=lambda step: depths.get(step.caller, len(depths)))


def _root(paths: PathsResult | None) -> Location | None:
    if paths is None:
        return None
    roots = set(paths.roots)
    return next((node.location for node in paths.nodes if node.id in roots and node.location), None)


def _of_lines(lines: LineCoverage) -> Finding:
    count = lines_of(lines)
    return Finding(
        kind=FindingKind.COVERAGE,
        level=Level.WARNING,
        patch=0,
        location=Location(lines.file, lines.first),
        message=(
            f"{counted(count, 'added line is', 'added lines are')} compiled in no configuration; "
            f"{remedy_text(lines, str)}"
        ),
        key=("coverage", lines.file, str(count), *lines.fragment, lines.reason or ""),
        last=lines.last,
    )


def _of_claim(claim: Claim, configs: tuple[ConfigInfo, ...]) -> Finding:
    return Finding(
        kind=FindingKind.CLAIM,
        level=Level.ERROR if claim.standing is Standing.DOES_NOT_HOLD else Level.CHECK,
        patch=0,
        location=None,
        message=f"'{claim.text.strip()}' {verdict_text(claim, configs, str)}",
        key=("claim", claim.text.strip(), claim.standing.value),
        message_line=claim.line,
    )


def _of_breach(review: PatchReview, breach: RuleBreach) -> Finding:
    one = breach.violation
    way = way_text(one, str)
    return Finding(
        kind=FindingKind.POLICY,
        level=Level.ERROR if breach.standing is RuleStanding.INTRODUCED else Level.WARNING,
        patch=0,
        location=_place_of_breach(review, breach),
        message=breach_text(breach, str) + (f": {way}" if way else ""),
        key=("policy", one.rule, one.what, one.when, *one.platforms),
    )


def _place_of_breach(review: PatchReview, breach: RuleBreach) -> Location | None:
    """The first function on the way that the patch changes, else where the way ends."""
    changed = {function.name: function.after for function in review.functions}
    nodes = breach.violation.nodes
    places = [changed[node.name] for node in nodes if changed.get(node.name) is not None]
    places += [node.location for node in reversed(nodes) if node.location is not None]
    return places[0] if places else None
