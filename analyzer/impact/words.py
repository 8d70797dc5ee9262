"""What a review says, in words: one wording for all formats.

Names, expressions and texts that come from a tree, a configuration or a patch go through
``quote``, with which every renderer makes them harmless for its format.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from analyzer.configset.configset import Mask
from analyzer.configset.describe import ALWAYS
from analyzer.impact.result import (
    Entry,
    FileChange,
    FileKind,
    FunctionChange,
    LineCoverage,
    PatchReview,
    RuleStanding,
    Run,
    Standing,
    Transition,
)
from analyzer.paths.result import ConfigInfo

Quote = Callable[[str], str]
"""Makes somebody else's text harmless."""

MAX_NAMED = 3
"""Things that a sentence names before it counts the rest."""

MAX_CONFIGS = 6

_EFFECTS = {
    "immediate-free": "freed at once",
    "gather-free": "batched until the TLB flush",
    "rcu-callback-free": "freed by RCU callback",
    "ipi-then-free": "freed after an IPI",
    "grace-period-then-free": "freed after a grace period",
    "reference-drop": "reference dropped",
    "ipi": "sends an IPI",
    "grace-period-wait": "waits for a grace period",
    "unknown": "lost from sight",
}
_CALLBACK = re.compile("([a-z0-9-]+)-callback-free")
_FILES = {
    FileKind.ADDED: "new file",
    FileKind.DELETED: "deleted",
    FileKind.RENAMED: "renamed",
    FileKind.COPIED: "copied",
    FileKind.MODE: "mode only",
    FileKind.BINARY: "binary, not looked into",
}


def counted(count: int, one: str, many: str | None = None) -> str:
    """``1 line``, ``3 lines``."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def listed(names: Iterable[str], most: int = MAX_NAMED, joined: str = ", ") -> str:
    """The first ``most`` names, and how many more there are."""
    every = list(names)
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return joined.join(every[:most]) + more


def became_text(change: Transition, effects: Sequence[str] | None, quote: Quote) -> str:
    """The effects of one side of a transition."""
    return effects_text(effects, quote) if change.there else "not compiled"


def effects_text(effects: Sequence[str] | None, quote: Quote) -> str:
    """What becomes of the object; ``effects`` is None where there is no such function."""
    if effects is None:
        return "no such function"
    if not effects:
        return "no effect seen"
    return ", ".join(_effect_text(effect, quote) for effect in effects)


def _effect_text(effect: str, quote: Quote) -> str:
    if effect in _EFFECTS:
        return _EFFECTS[effect]
    found = _CALLBACK.fullmatch(effect)
    return quote(effect) if found is None else f"freed by {found[1]} callback"


def change_text(change: Transition, quote: Quote) -> str:
    """The effects before and after, once if they are the same."""
    before, after = effects_text(change.before, quote), effects_text(change.after, quote)
    text = f"{before} -> {after}" if change.effects_change else before
    return f"{text} ({within_text(change, quote)})" if change.within else text


def effects_seen(review: PatchReview) -> bool:
    """Whether what becomes of an object is to be told: something does on some path, and paths
    or effects change, or the function was asked for."""
    changes = [(entry, change) for entry in review.entries for change in entry.transitions]
    if not any(
        entry.given or change.effects_change or change.paths_change for entry, change in changes
    ):
        return False
    return any(change.before or change.after for _, change in changes)


def still_text(change: Transition, quote: Quote) -> str:
    """The changed edges of a transition whose effects do not change, and these effects."""
    text = f"paths change ({edges_text(change)}"
    if change.within:
        text += f", {within_text(change, quote)}"
    return f"{text}), still {effects_text(change.after, quote)}" if change.after else f"{text})"


def within_text(change: Transition, quote: Quote) -> str:
    """The branch that a change is on."""
    return f"{' and '.join(map(quote, change.within))} only"


def edges_text(change: Transition) -> str:
    """How many edges go and come."""
    if not change.paths_change:
        return "same paths" if change.there else "not compiled"
    parts = ((len(change.gone), "gone"), (len(change.new), "new"))
    return ", ".join(f"{count} {word}" for count, word in parts if count)


def where_text(change: Transition, quote: Quote) -> str:
    """The configurations and platforms of a transition: ``PT_RECLAIM on native``."""
    when = "in every configuration" if change.when == ALWAYS else f"with {quote(change.when)}"
    platforms = f" on {', '.join(map(quote, change.platforms))}" if change.platforms else ""
    return when + platforms


def configs_text(configs: Sequence[ConfigInfo], mask: Mask, quote: Quote) -> str:
    """The names of the configurations in ``mask``, the first few of many."""
    names = [quote(one.name) for index, one in enumerate(configs) if mask >> index & 1]
    return listed(names, MAX_CONFIGS)


def changing(review: PatchReview) -> Iterator[tuple[Entry, Transition]]:
    """The transitions that change anything, those of effects first."""
    found = [
        (entry, change)
        for entry in review.entries
        for change in entry.transitions
        if change.effects_change or change.paths_change
    ]
    yield from sorted(found, key=lambda pair: not pair[1].effects_change)


def summary(review: PatchReview, quote: Quote) -> str:
    """In one line: what a patch changes, and for whom."""
    if review.silent:
        what = "only comments and white space differ" if review.files else "nothing differs"
        return "; ".join([f"no impact: {what}", *_shortcomings(review)])
    whom: dict[str, dict[str, None]] = {}
    for entry, change in _by_place(changing(review)):
        verb, where = _said(entry, change, quote)
        whom.setdefault(verb, {})[where] = None
    parts = [
        f"{verb} {listed(places, joined=', ' if verb in _NAMING else ' and ')}"
        for verb, places in whom.items()
    ]
    return "; ".join([*(parts or [_unseen(review)]), *_shortcomings(review)])


def _by_place(
    changes: Iterable[tuple[Entry, Transition]],
) -> Iterator[tuple[Entry, Transition]]:
    """One change for those of one sort in the same configurations, on all their platforms."""
    found: dict[tuple[object, ...], tuple[Entry, Transition]] = {}
    for entry, change in changes:
        verb, _ = _said(entry, change, str)
        key = (verb, change.when, change.within, entry.name if verb in _NAMING else "")
        first = found.get(key)
        if first is not None and first[1].platforms:
            platforms = dict.fromkeys((*first[1].platforms, *change.platforms))
            merged = replace(first[1], platforms=tuple(platforms) if change.platforms else ())
            found[key] = (first[0], merged)
        else:
            found.setdefault(key, (entry, change))
    yield from found.values()


_NAMING = ("removes", "adds")
"""What is said of functions by name."""


def _said(entry: Entry, change: Transition, quote: Quote) -> tuple[str, str]:
    """What happens in a transition that changes anything, and to what or where."""
    where = where_text(change, quote)
    if entry.before is None or entry.after is None:
        return _NAMING[int(entry.before is None)], quote(entry.name)
    if change.before is None or change.after is None:
        return _NAMING[int(change.before is None)], f"{quote(entry.name)} {where}"
    if change.within:
        where += f" ({within_text(change, quote)})"
    if change.effects_change:
        return "effects change", where
    return "same effects by other paths" if change.before else "paths change", where


def _unseen(review: PatchReview) -> str:
    """What differs where no path does."""
    parts = [
        counted(len(group), word)
        for group, word in (
            (review.functions, "function"),
            (review.declarations, "declaration"),
            (review.symbols, "CONFIG symbol"),
            (review.objects, "object"),
        )
        if group
    ]
    if not parts:
        unread = sum(file.unread is not None for file in review.files)
        if unread == len(review.files):
            return f"no impact seen: {'it is' if unread == 1 else 'all files are'} not looked into"
        seen = "no impact seen: nothing that these configurations compile differs"
        left = f"; {counted(unread, 'file')} not looked into"
        return seen + left if unread else seen
    verb = (
        "differs"
        if sum(map(len, (review.functions, review.declarations, review.symbols, review.objects)))
        == 1
        else "differ"
    )
    return f"no path changes; {' and '.join(parts)} {verb}"


def _shortcomings(review: PatchReview) -> Iterator[str]:
    missed = sum(lines_of(one) for one in uncovered(review))
    if missed:
        yield f"{counted(missed, 'added line')} not compiled in any configuration"
    false = sum(claim.standing is Standing.DOES_NOT_HOLD for claim in review.claims)
    if false:
        yield f"{counted(false, 'claim does', 'claims do')} not hold"
    breaches = () if review.policy is None else review.policy.breaches
    for standing, said in _BREACHES.items():
        lost = {one.violation.rule for one in breaches if one.standing is standing}
        if lost:
            yield f"{counted(len(lost), 'rule')} {said}"


_BREACHES = {
    RuleStanding.INTRODUCED: "newly broken",
    RuleStanding.STAYS: "broken before and after",
}


def uncovered(review: PatchReview) -> list[LineCoverage]:
    """The added lines that no configuration compiles."""
    return [one for one in review.coverage if not one.mask]


def lines_of(one: LineCoverage) -> int:
    """How many lines."""
    return one.last - one.first + 1


def coverage_text(review: PatchReview) -> str:
    """How many of the added lines are compiled by how many configurations; empty if none has
    code."""
    total = sum(map(lines_of, review.coverage))
    if not total:
        return ""
    missed = sum(map(lines_of, uncovered(review)))
    if not missed:
        said = "the added line is" if total == 1 else f"all {total} added lines are"
        return f"{said} compiled in some configuration"
    return (
        f"{missed} of {counted(total, 'added line')} "
        f"{'is' if missed == 1 else 'are'} compiled in no configuration"
    )


def place_of(one: LineCoverage, quote: Quote) -> str:
    """``mm/a.c:3`` or ``mm/a.c:3-7``."""
    lines = str(one.first) if one.first == one.last else f"{one.first}-{one.last}"
    return f"{quote(one.file)}:{lines}"


def remedy_text(one: LineCoverage, quote: Quote) -> str:
    """What would compile lines that no configuration does."""
    if one.fragment:
        return f"compiled with {', '.join(map(quote, one.fragment))}"
    return quote(one.reason) if one.reason else "no configuration was found that compiles them"


def runs_text(review: PatchReview, configs: Sequence[ConfigInfo], quote: Quote) -> str:
    """``build these 2, boot them on native and kvm``; empty if nothing is to be run."""
    if not review.runs:
        return ""
    builds = {run.config for run in review.runs}
    if len(builds) > 1:
        what = f"build these {len(builds)}"
    else:
        what = f"build {quote(configs[review.runs[0].config].name)}"
    platforms = dict.fromkeys(run.platform for run in review.runs if run.platform)
    if not platforms:
        return what
    names = [quote(name) for name in platforms]
    on = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    return f"{what}, boot {'it' if len(builds) == 1 else 'them'} on {on}"


def run_text(run: Run, configs: Sequence[ConfigInfo], quote: Quote) -> str:
    """One run: what to build, where to boot it and what that exercises."""
    where = f" on {quote(run.platform)}" if run.platform else ""
    gains = [counted(run.lines, "added line")] if run.lines else []
    if run.transitions:
        gains.append(counted(run.transitions, "changed path class", "changed path classes"))
    return f"{quote(configs[run.config].name)}{where}: {', '.join(gains) or 'nothing new'}"


def file_text(file: FileChange, quote: Quote) -> str:
    """A file of the patch, and what kind of change it is."""
    name = quote(file.new or file.old or "")
    if file.kind in (FileKind.RENAMED, FileKind.COPIED) and file.old:
        name = f"{quote(file.old)} to {name}"
    notes = [_FILES[file.kind]] if file.kind in _FILES else []
    if file.silent and file.kind is not FileKind.MODE:
        notes.append("no impact, comments and white space only")
    if file.unread is not None:
        notes.append(f"not looked into: {file.unread.value}")
    counts = f"+{file.added} -{file.removed}"
    return f"{name}  {counts}" + (f"  ({'; '.join(notes)})" if notes else "")


def function_text(function: FunctionChange, configs: Sequence[ConfigInfo], quote: Quote) -> str:
    """A definition that differs, and where: ``f (macro) added, in a, b``."""
    name = quote(function.name) + (" (macro)" if function.macro else "")
    parts = [
        f"{word}{_in(configs, mask, quote)}"
        for word, mask in (
            ("changed", function.changed),
            ("added", function.added),
            ("removed", function.removed),
        )
        if mask
    ]
    return f"{name}: {'; '.join(parts) or f'{function.kind.value}, in no configuration'}"


def values_text(
    values: Iterable[tuple[Mask, str, str]], configs: Sequence[ConfigInfo], quote: Quote
) -> Iterator[str]:
    """``y -> n in a, b`` for every change of a value."""
    for mask, before, after in values:
        yield f"{quote(before)} -> {quote(after)}{_in(configs, mask, quote)}"


def _in(configs: Sequence[ConfigInfo], mask: Mask, quote: Quote) -> str:
    if mask == (1 << len(configs)) - 1:
        return " in every configuration" if len(configs) > 1 else ""
    return f" in {configs_text(configs, mask, quote)}"


def title_of(index: int, reviews: Sequence[PatchReview], quote: Quote) -> str:
    """The subject of a patch with its place in the series."""
    title = quote(reviews[index].title)
    if len(reviews) == 1:
        return title
    if index == len(reviews) - 1:
        return f"[series] {title}"
    return f"[{index + 1}/{len(reviews) - 1}] {title}"
