"""The parts of a terminal's review report that are lists: what differs, coverage, runs, claims."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from analyzer.impact.claim_words import (
    doubtful,
    holding,
    undrawn,
    undrawn_text,
    verdict_text,
)
from analyzer.impact.policy import Rule
from analyzer.impact.policy_words import absent_text, breach_text, policy_text
from analyzer.impact.result import Claim, PatchReview, RuleStanding, Standing
from analyzer.impact.words import (
    coverage_text,
    file_text,
    function_text,
    place_of,
    remedy_text,
    run_text,
    runs_text,
    uncovered,
    values_text,
)
from analyzer.paths.result import ConfigInfo
from analyzer.report.check import way_lines
from analyzer.report.remarks import remark_lines
from analyzer.report.visible import one_line

MAX_ITEMS = 12
"""Items of one list that are shown."""

STANDING_STYLE = {
    Standing.HOLDS: "green",
    Standing.HOLDS_IF: "yellow",
    Standing.DOES_NOT_HOLD: "bold red",
    Standing.UNDECIDED: "dim",
}

BREACH_STYLE = {
    RuleStanding.INTRODUCED: "bold red",
    RuleStanding.STAYS: "yellow",
    RuleStanding.ENDED: "green",
}


def part_lines(
    review: PatchReview, configs: Sequence[ConfigInfo], rules: Sequence[Rule] = ()
) -> Iterator[Text]:
    """All parts, each after an empty line; a patch without impact has no list of files."""
    yield from _policy(review, rules)
    if not review.silent:
        yield from _listed("differs:", list(_different(review, configs)))
    yield from _coverage(review)
    yield from _runs(review, configs)
    yield from _claims(review, configs)
    remarks = list(remark_lines(review.diagnostics))
    if remarks:
        yield Text()
        yield from remarks


def _listed(title: str, items: list[Text]) -> Iterator[Text]:
    if not items:
        return
    yield Text()
    yield Text(title)
    for item in items[:MAX_ITEMS]:
        yield Text("  ").append_text(item)
    if len(items) > MAX_ITEMS:
        yield Text(f"  and {len(items) - MAX_ITEMS} more (--format json has all)", "dim")


def _different(review: PatchReview, configs: Sequence[ConfigInfo]) -> Iterator[Text]:
    for function in (*review.functions, *review.declarations):
        text = Text(function_text(function, configs, one_line))
        place = function.after or function.before
        if place is not None:
            text.append(f"  {one_line(str(place))}", "blue")
        yield text
    for symbol in review.symbols:
        text = Text(f"CONFIG_{one_line(symbol.name)}: {symbol.kind.value}")
        for value in values_text(symbol.values, configs, one_line):
            text.append(f", {value}", "cyan")
        place = symbol.after or symbol.before
        if place is not None:
            text.append(f"  {one_line(str(place))}", "blue")
        yield text
    for built in review.objects:
        values = ", ".join(values_text(built.values, configs, one_line))
        yield Text(f"{one_line(built.path)}: ").append(values, "cyan")
    for file in review.files:
        yield Text(file_text(file, one_line), "dim")


def _coverage(review: PatchReview) -> Iterator[Text]:
    title = coverage_text(review)
    if not title:
        return
    items = [
        Text(place_of(lines, one_line), "blue").append(
            f"  {remedy_text(lines, one_line)}", "default"
        )
        for lines in uncovered(review)
    ]
    if items:
        yield from _listed(f"{title}:", items)
    else:
        yield Text()
        yield Text(title)


def _policy(review: PatchReview, rules: Sequence[Rule]) -> Iterator[Text]:
    """The rules that are broken, each with a path that breaks it."""
    said = policy_text(review, rules)
    if review.policy is None or not said:
        return
    yield Text()
    yield Text(said)
    for one in review.policy.breaches[:MAX_ITEMS]:
        yield Text("  ").append(breach_text(one, one_line), BREACH_STYLE[one.standing])
        if one.standing is not RuleStanding.ENDED:
            yield from way_lines(one.violation)
    if len(review.policy.breaches) > MAX_ITEMS:
        more = len(review.policy.breaches) - MAX_ITEMS
        yield Text(f"  and {more} more (--format json has all)", "dim")
    for rule in review.policy.absent:
        yield Text("  ").append(absent_text(rule, one_line), "yellow")


def _runs(review: PatchReview, configs: Sequence[ConfigInfo]) -> Iterator[Text]:
    items = [Text(run_text(run, configs, one_line)) for run in review.runs]
    yield from _listed(f"to try it, {runs_text(review, configs, one_line)}:", items)


def _claims(review: PatchReview, configs: Sequence[ConfigInfo]) -> Iterator[Text]:
    """What of the changelog does not simply hold, then the rest."""
    claims = review.claims
    doubts, good = (
        [_claim(claim, configs) for claim in some] for some in (doubtful(claims), holding(claims))
    )
    yield from _listed("the changelog:", doubts)
    left = [Text(f"line {one.line}: {undrawn_text(one, one_line)}") for one in undrawn(claims)]
    yield from _listed("calls that its drawing leaves out:", left)
    yield from _listed("what holds of the changelog:", good)


def _claim(claim: Claim, configs: Sequence[ConfigInfo]) -> Text:
    text = Text(f"line {claim.line}: '{one_line(claim.text)}' ")
    return text.append(verdict_text(claim, configs, one_line), STANDING_STYLE[claim.standing])
