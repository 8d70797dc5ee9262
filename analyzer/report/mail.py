"""``kimpact review --format mail``: plain text that can be sent as a reply to the patch.

ASCII, at most :data:`COLUMNS` columns. What the patch itself says is quoted with ``> ``; trees
are indented as changelogs do it, with ``-`` and ``+`` in front of calls that go and come.

Tools take tags such as ``Reviewed-by:`` from replies, also from indented lines (b4 0.16,
``LoreMessage.find_trailers``). A name or text from the patch could be broken so that a line
looks like one, or like the start of a patch or a quotation; such a line gets a bar in front.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from textwrap import wrap

from analyzer.impact.claim_words import (
    doubtful,
    holding,
    undrawn,
    undrawn_text,
    verdict_text,
)
from analyzer.impact.policy import Rule
from analyzer.impact.policy_words import absent_text, breach_text, policy_text, way_text
from analyzer.impact.result import (
    Claim,
    Entry,
    PatchReview,
    ReviewResult,
    RuleStanding,
    Transition,
)
from analyzer.impact.words import (
    configs_text,
    counted,
    coverage_text,
    effects_text,
    file_text,
    function_text,
    place_of,
    remedy_text,
    run_text,
    runs_text,
    summary,
    title_of,
    uncovered,
    values_text,
    where_text,
    within_text,
)
from analyzer.paths.result import ConfigInfo
from analyzer.report.platforms import platform_lines
from analyzer.report.remarks import remark_lines
from analyzer.report.sides import Drawn, Mark, merged, sides_of
from analyzer.report.visible import one_line

COLUMNS = 77

BAR = "| "
WIDTH = COLUMNS - len(BAR)
MAX_INDENT = 36
MAX_TREES = 8
MAX_ITEMS = 20

_TAG = re.compile(r"(\s*)(\w\S*:\s+\S.*)")
_PROSE = re.compile(r"(?!From |diff |Index:|commit )(?:[\w(!&|]|->)")
_MARKS = {Mark.SAME: " ", Mark.NEW: "+", Mark.GONE: "-"}


def review_mail(result: ReviewResult) -> str:
    """The text of the reply, with a final line end."""
    return "".join(f"{_untagged(line).rstrip()}\n" for line in _lines(result))


def plain(text: str) -> str:
    """``text`` on one line, in ASCII, harmless."""
    return one_line(text).encode("ascii", "backslashreplace").decode("ascii")


def _untagged(line: str) -> str:
    """``line`` so that it is no tag."""
    found = _TAG.fullmatch(line)
    return line if found is None else f"{found[1]}{BAR}{found[2]}"


def _lines(result: ReviewResult) -> Iterator[str]:
    several = len(result.reviews) > 1
    count = len(result.configs)
    names = configs_text(result.configs, (1 << count) - 1, plain)
    kernel = plain(f"Linux {result.kernel.version} {result.kernel.arch}")
    yield from _wrapped(f"kimpact looked at this on {kernel}, {counted(count, 'configuration')}:")
    yield from _wrapped(names, "  ")
    for line in platform_lines(result):
        yield from _item(plain(line))
    drawn: set[tuple[str, Transition]] = set()
    for index, review in enumerate(result.reviews):
        yield ""
        yield from _quoted(title_of(index, result.reviews, plain))
        yield ""
        yield from _wrapped(f"{_sentence(summary(review, plain))}.")
        yield from _policy(review, result.rules)
        yield from _section(review, result.configs, drawn)
        if not review.silent and (not several or index < len(result.reviews) - 1):
            yield from _listed("What differs", list(_different(review, result.configs)))
        remarks = [plain(line.plain) for line in remark_lines(review.diagnostics)]
        if remarks:
            yield from _listed("Remarks", remarks)
    remarks = [plain(line.plain) for line in remark_lines(result.diagnostics)]
    if remarks:
        yield from _listed("Remarks on all of it", remarks)


def _section(
    review: PatchReview, configs: Sequence[ConfigInfo], drawn: set[tuple[str, Transition]]
) -> Iterator[str]:
    changes = [
        (entry, change)
        for entry in review.entries
        for change in entry.transitions
        if change.effects_change or change.paths_change
    ]
    new = [(entry, change) for entry, change in changes if (entry.name, change) not in drawn]
    for entry, change in new[:MAX_TREES]:
        drawn.add((entry.name, change))
        yield ""
        yield from _change(entry, change)
    if len(new) > MAX_TREES:
        yield ""
        yield f"{counted(len(new) - MAX_TREES, 'more change')} not shown here."
    said = coverage_text(review)
    missed = uncovered(review)
    if missed:
        items = [f"{place_of(one, plain)} {remedy_text(one, plain)}" for one in missed]
        yield from _listed(_sentence(said), items)
    elif said:
        yield ""
        yield from _wrapped(f"{_sentence(said)}.")
    yield from _claims(review.claims, configs)
    if review.runs:
        items = [run_text(run, configs, plain) for run in review.runs]
        yield from _listed(_sentence(f"to try it, {runs_text(review, configs, plain)}"), items)


def _policy(review: PatchReview, rules: Sequence[Rule]) -> Iterator[str]:
    """The rules that are broken, each with a path."""
    if review.policy is None:
        return
    items = []
    for one in review.policy.breaches:
        way = "" if one.standing is RuleStanding.ENDED else way_text(one.violation, plain)
        items.append(breach_text(one, plain) + (f": {way}" if way else ""))
    items += [absent_text(rule, plain) for rule in review.policy.absent]
    said = _sentence(policy_text(review, rules))
    if items:
        yield from _listed(said, items)
    else:
        yield ""
        yield from _wrapped(f"{said}.")


def _claims(claims: Sequence[Claim], configs: Sequence[ConfigInfo]) -> Iterator[str]:
    """Each claim that does not simply hold under its quotation; the rest counted."""
    doubts, rest = doubtful(claims), len(holding(claims))
    for claim in doubts[:MAX_ITEMS]:
        yield ""
        yield from _quoted(plain(claim.text))
        yield ""
        verdict = _sentence(verdict_text(claim, configs, plain))
        yield from _wrapped(f"{verdict}.  (line {claim.line})")
    if len(doubts) > MAX_ITEMS:
        yield ""
        yield f"{counted(len(doubts) - MAX_ITEMS, 'more claim')} not shown here."
    if rest:
        other = "other " if doubts else ""
        said = counted(rest, f"{other}claim of the changelog holds", f"{other}claims hold")
        yield ""
        yield f"{said}."
    left = [undrawn_text(one, plain) for one in undrawn(claims)]
    if left:
        yield from _listed("Calls that the drawing leaves out", left)


def _change(entry: Entry, change: Transition) -> Iterator[str]:
    only = f" ({within_text(change, plain)})" if change.within else ""
    yield from _wrapped(f"Paths from {plain(entry.name)} {where_text(change, plain)}{only}:")
    before, after = effects_text(change.before, plain), effects_text(change.after, plain)
    if change.effects_change:
        yield from _item(f"before: {before}")
        yield from _item(f"after:  {after}")
    elif change.before:
        yield from _item(f"before and after: {before}")
    sides = sides_of(entry, change)
    if not change.paths_change:
        return
    yield ""
    for one in merged(sides):
        yield from _drawn(one)
    if sides.cut:
        yield f"  ({counted(sides.cut, 'line')} cut)"


def _drawn(one: Drawn) -> Iterator[str]:
    lead = f"{_MARKS[one.mark]}  " + " " * min(2 * one.depth, MAX_INDENT)
    remarks = [*map(plain, one.remarks), *([f"when {plain(one.when)}"] if one.when else [])]
    text = plain(one.name) + (f" [{'; '.join(remarks)}]" if remarks else "")
    rest = f"{_MARKS[one.mark]}  " + " " * (min(2 * one.depth, MAX_INDENT) + 4)
    yield from wrap(
        text, WIDTH, initial_indent=lead, subsequent_indent=rest, break_on_hyphens=False
    )


def _different(review: PatchReview, configs: Sequence[ConfigInfo]) -> Iterator[str]:
    for function in (*review.functions, *review.declarations):
        place = function.after or function.before
        at = f" ({plain(str(place))})" if place else ""
        yield function_text(function, configs, plain) + at
    for symbol in review.symbols:
        values = "".join(f", {value}" for value in values_text(symbol.values, configs, plain))
        yield f"CONFIG_{plain(symbol.name)}: {symbol.kind.value}{values}"
    for built in review.objects:
        yield f"{plain(built.path)}: {', '.join(values_text(built.values, configs, plain))}"
    for file in review.files:
        yield file_text(file, plain)


def _listed(title: str, items: Sequence[str]) -> Iterator[str]:
    yield ""
    yield from _wrapped(f"{title}:")
    for item in items[:MAX_ITEMS]:
        yield from _item(item)
    if len(items) > MAX_ITEMS:
        yield f"  * and {len(items) - MAX_ITEMS} more"


def _item(text: str) -> Iterator[str]:
    yield from wrap(
        text, WIDTH, initial_indent="  * ", subsequent_indent="    ", break_on_hyphens=False
    )


def _quoted(text: str) -> Iterator[str]:
    yield from wrap(
        text, WIDTH, initial_indent="> ", subsequent_indent="> ", break_on_hyphens=False
    ) or ["> "]


def _wrapped(text: str, indent: str = "") -> Iterator[str]:
    """A paragraph, which begins with words of ours."""
    first, *rest = wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    )
    yield first
    for line in rest:
        yield line if indent or _PROSE.match(line) else BAR + line


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
