"""``kimpact review --format markdown``: a comment for a pull request.

Whatever comes from a tree, a configuration or a patch stands in a code span or a code block,
where neither Markdown nor HTML nor a mention means anything (CommonMark 0.31, sections 4.5 and
6.1; GitHub's tables want pipes escaped even there). What does not fit a comment is left out,
least important parts first, and counted at the end.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analyzer.impact.claim_words import (
    doubtful,
    holding,
    undrawn,
    verdict_text,
)
from analyzer.impact.policy_words import absent_text, breach_text, policy_text, way_text
from analyzer.impact.result import (
    Claim,
    Entry,
    PatchReview,
    PolicyReview,
    ReviewResult,
    RuleStanding,
    Transition,
)
from analyzer.impact.words import (
    became_text,
    change_text,
    changing,
    configs_text,
    counted,
    coverage_text,
    edges_text,
    effects_seen,
    effects_text,
    file_text,
    function_text,
    place_of,
    remedy_text,
    run_text,
    runs_text,
    still_text,
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
from analyzer.report.sides import Drawn, Mark, beside_text, guides_of, merged, sides_of
from analyzer.report.visible import one_line

MAX_COMMENT = 65_536
"""Characters of a comment that GitHub takes."""

RESERVE = 400
"""Characters kept for what is said of parts that are left out."""

MAX_TEXT = 300
"""Characters of one name or text."""

MAX_ITEMS = 40
"""Rows of a table and items of a list that stand open."""

MAX_FOLDED = 200
"""Lines that are folded away."""

_TICKS = re.compile("`+")
_MARKS = {Mark.SAME: " ", Mark.NEW: "+", Mark.GONE: "-"}


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece that stands or falls as one; those of a low ``weight`` are kept first. ``kind``
    names such pieces in the plural."""

    weight: int
    kind: str
    text: str


def review_markdown(result: ReviewResult, limit: int = MAX_COMMENT) -> str:
    """The text of a comment of at most ``limit`` characters, with a final line end."""
    parts = list(_parts(result))
    kept: set[int] = set()
    room = limit - RESERVE
    for number in sorted(range(len(parts)), key=lambda n: (parts[n].weight, n)):
        if len(parts[number].text) + 1 <= room:
            room -= len(parts[number].text) + 1
            kept.add(number)
    text = "\n".join(part.text for number, part in enumerate(parts) if number in kept)
    left = Counter(part.kind for number, part in enumerate(parts) if number not in kept)
    if left:
        what = ", ".join(f"{count} {kind}" for kind, count in left.items())
        text += (
            f"\n_Cut to the {limit} characters of a comment; left out: {what}. "
            "`--format json` has all._\n"
        )
    return text


def code(text: str) -> str:
    """``text`` as a code span that it cannot leave."""
    shown = one_line(text) or "(empty)"
    if len(shown) > MAX_TEXT:
        shown = f"{shown[:MAX_TEXT]}..."
    fence = "`" * (max(map(len, _TICKS.findall(shown)), default=0) + 1)
    space = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{space}{shown}{space}{fence}"


def cell(text: str) -> str:
    """The same within a table; a pipe behind a backslash cannot be escaped and is spelled out."""
    return code(text.replace("\\|", "\\\\x7c")).replace("|", "\\|")


def _parts(result: ReviewResult) -> Iterator[_Part]:
    several = len(result.reviews) > 1
    title = f"{counted(len(result.reviews) - 1, 'patch', 'patches')} and the whole series"
    heading = title if several else title_of(0, result.reviews, code)
    kernel = f"Linux {result.kernel.version} {result.kernel.arch}"
    names = configs_text(result.configs, (1 << len(result.configs)) - 1, code)
    lines = [
        f"### kimpact: {heading}",
        "",
        f"{code(kernel)}, {counted(len(result.configs), 'configuration')}: {names}",
    ]
    told = [f"- {_platforms(line)}" for line in platform_lines(result)]
    yield _Part(0, "headings", "\n".join([*lines, "", *told, *([""] if told else [])]))
    for index, review in enumerate(result.reviews):
        said = summary(review, code)
        if several:
            said = f"- **{title_of(index, result.reviews, code)}**: {said}"
        yield _Part(1, "summaries", said)
    yield _Part(1, "lines", "")
    drawn: set[tuple[str, Transition]] = set()
    for index, review in enumerate(result.reviews):
        section = list(_section(review, result, drawn))
        if several and section:
            yield _Part(2, "titles", f"#### {title_of(index, result.reviews, code)}\n")
        yield from section
    remarks = [f"- {code(line.plain)}" for line in remark_lines(result.diagnostics)]
    if remarks:
        yield _Part(4, "lists of remarks", _folded("remarks", remarks))


def _platforms(line: str) -> str:
    word, _, names = line.partition(": ")
    return f"{word}: {code(names)}"


def _section(
    review: PatchReview, result: ReviewResult, drawn: set[tuple[str, Transition]]
) -> Iterator[_Part]:
    """The parts of one patch; ``drawn`` are the changes whose trees stand above, and grows."""
    configs, rules = result.configs, result.rules
    changes = [(entry, change) for entry in review.entries for change in entry.transitions]
    if changes:
        seen = effects_seen(review)
        titles = ("function", "where", *(("before", "after") if seen else ()), "paths")
        rows = [f"| {' | '.join(titles)} |", "| --- " * len(titles) + "|"]
        rows += [_row(entry, change, seen) for entry, change in changes[:MAX_ITEMS]]
        more = len(changes) - MAX_ITEMS
        yield _Part(2, "tables", "\n".join([*rows, "", *_more(more, "row")]))
    said = coverage_text(review)
    if said:
        items = [f"- {place_of(one, code)}: {remedy_text(one, code)}" for one in uncovered(review)]
        yield _Part(2, "lists of lines", _list(said, items))
    doubts = [_claim(one, configs) for one in doubtful(review.claims)]
    if doubts:
        yield _Part(2, "lists of claims", _list("the changelog", doubts))
    if review.runs:
        items = [f"- {run_text(run, configs, code)}" for run in review.runs]
        yield _Part(
            2, "lists of runs", _list(f"to try it, {runs_text(review, configs, code)}", items)
        )
    for entry, change in changing(review):
        if change.paths_change and (entry.name, change) not in drawn:
            drawn.add((entry.name, change))
            yield _Part(3, "trees", _tree(entry, change))
    if review.policy is not None:
        items = [f"- {one}" for one in _breaches(review.policy)]
        yield _Part(2, "lists of rules", _list(policy_text(review, rules), items))
    told = [_claim(one, configs) for one in (*undrawn(review.claims), *holding(review.claims))]
    if told:
        title = "what holds of the changelog, and calls that it leaves out"
        yield _Part(4, "lists of claims that hold", _folded(title, told))
    differing = [] if review.silent else [f"- {one}" for one in _different(review, configs)]
    if differing:
        yield _Part(4, "lists of differences", _folded("what differs", differing))
    remarks = [f"- {code(line.plain)}" for line in remark_lines(review.diagnostics)]
    if remarks:
        yield _Part(4, "lists of remarks", _folded("remarks", remarks))


def _breaches(policy: PolicyReview) -> Iterator[str]:
    for one in policy.breaches:
        way = "" if one.standing is RuleStanding.ENDED else way_text(one.violation, code)
        yield breach_text(one, code) + (f": {way}" if way else "")
    for rule in policy.absent:
        yield absent_text(rule, code)


def _claim(one: Claim, configs: Sequence[ConfigInfo]) -> str:
    return f"- line {one.line}: {code(one.text)} {verdict_text(one, configs, code)}"


def _row(entry: Entry, change: Transition, seen: bool) -> str:
    """A row of the table; with the effects if any are ``seen``."""
    cells = [cell(entry.name), where_text(change, cell)]
    if seen:
        after = f"**{effects_text(change.after, cell)}**" if change.effects_change else "the same"
        before = became_text(change, change.before, cell)
        cells += [before, after if change.there else before]
    only = f" ({within_text(change, cell)})" if change.within else ""
    return f"| {' | '.join([*cells, edges_text(change) + only])} |"


def _more(count: int, what: str) -> list[str]:
    return [f"{counted(count, f'more {what}')}; `--format json` has all.", ""] if count > 0 else []


def _list(title: str, items: Sequence[str]) -> str:
    title = title[0].upper() + title[1:]
    if not items:
        return f"{title}.\n"
    more = _more(len(items) - MAX_ITEMS, "item")
    return "\n".join([f"{title}:", "", *items[:MAX_ITEMS], "", *more])


def _folded(title: str, lines: Sequence[str]) -> str:
    head = f"<details><summary>{title}</summary>"
    more = _more(len(lines) - MAX_FOLDED, "item")
    return "\n".join([head, "", *lines[:MAX_FOLDED], "", *more, "</details>", ""])


def _tree(entry: Entry, change: Transition) -> str:
    sides = sides_of(entry, change)
    lines = list(merged(sides))
    drawn = [
        _line(one, guides.first, guides.rest)
        for one, guides in zip(lines, guides_of(lines, True), strict=True)
    ]
    if sides.cut:
        drawn.append(f"  {counted(sides.cut, 'line')} cut (--format json has all)")
    text = "\n".join(drawn)
    fence = "`" * max(3, max(map(len, _TICKS.findall(text)), default=0) + 1)
    what = change_text(change, code) if change.effects_change else still_text(change, code)
    where = f"{code(entry.name)} {where_text(change, code)}: {what}"
    folded = _folded("before and after", [f"{fence}diff", text, fence])
    return f"{where}\n\n{folded}"


def _line(one: Drawn, first: str, rest: str) -> str:
    mark = _MARKS[one.mark]
    text = f"{mark} {first}{one.name}"
    if one.remarks:
        text += f"  ({'; '.join(one.remarks)})"
    if one.place:
        text += f"  {one.place}"
    if one.beside:
        text += f"  {beside_text(one.beside)}"
    return f"{text}\n{mark} {rest}when {one.when}" if one.when else text


def _different(review: PatchReview, configs: Sequence[ConfigInfo]) -> Iterator[str]:
    for function in (*review.functions, *review.declarations):
        place = function.after or function.before
        at = f" {code(str(place))}" if place else ""
        yield function_text(function, configs, code) + at
    for symbol in review.symbols:
        values = "".join(f", {value}" for value in values_text(symbol.values, configs, code))
        yield f"{code(f'CONFIG_{symbol.name}')}: {symbol.kind.value}{values}"
    for built in review.objects:
        yield f"{code(built.path)}: {', '.join(values_text(built.values, configs, code))}"
    for file in review.files:
        yield file_text(file, code)
