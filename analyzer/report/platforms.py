"""Platforms in a tree: which a kernel has, and what a slot holds on which.

A platform is named only where fewer platforms are meant than on the line above.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from analyzer.configset.configset import Mask
from analyzer.impact.result import ReviewResult
from analyzer.paths.result import Certainty, Edge, PathClass, PathsResult
from analyzer.report.classes import members
from analyzer.report.unfold import Line
from analyzer.report.visible import visible

Names = tuple[str, ...]
Slot = tuple[str, str | None]
"""A function or macro (node id) and the slot it calls through."""


def platform_lines(result: PathsResult | ReviewResult) -> Iterator[str]:
    """Which platforms are told apart, and which are not configured where."""
    if result.platforms:
        yield f"platforms: {listed(result.platforms)}"
    everything = (1 << len(result.configs)) - 1
    missing: dict[Mask, list[str]] = {}
    for each in result.support:
        without = everything & ~each.mask
        if without:
            missing.setdefault(without, []).append(each.platform)
    for without, names in missing.items():
        where = "" if without == everything else f" in {members(result.configs, without)}"
        yield f"not configured: {listed(names)}{where}"


def listed(names: Iterable[str]) -> str:
    """Platforms by name, one after the other."""
    return visible(", ".join(names))


def taken_on(platforms: Names, sites: Iterable[Edge]) -> Names:
    """The ones of ``platforms`` on which any of ``sites`` is taken."""
    taken: set[str] = set()
    for site in sites:
        if not site.platforms:
            return platforms
        taken.update(site.platforms)
    return tuple(name for name in platforms if name in taken)


def variants(line: Line) -> Sequence[Edge]:
    """The calls of a line that differ in more than their place."""
    found: dict[tuple[object, ...], Edge] = {}
    for site in line.sites:
        found.setdefault((site.platforms, site.certainty, site.guards, site.conditionals), site)
    return list(found.values())


def replaced_in(result: PathsResult, each: PathClass) -> dict[Slot, frozenset[str]]:
    """The platforms on which a slot holds something else if the conditions for that are met."""
    found: dict[Slot, frozenset[str]] = {}
    for index in each.edges:
        edge = result.edges[index]
        if edge.slot is not None and edge.guards and edge.certainty is Certainty.CANDIDATE:
            key = edge.source, edge.slot
            found[key] = found.get(key, frozenset()).union(edge.platforms)
    return found


def platform_remarks(line: Line, above: Names, replaced: frozenset[str]) -> list[str]:
    """How sure a call is on which of the platforms ``above``, where that is not all of them.

    What is there only if some conditions are met is said with these, below the line.
    """
    calls = variants(line)
    if not any(site.platforms for site in calls):
        return ["candidate"] if line.sites[0].certainty is Certainty.CANDIDATE else []
    open_calls = [s for s in calls if s.certainty is Certainty.CANDIDATE and not s.guards]
    rest = [site for site in calls if site not in open_calls]
    told = rest if len(calls) == 1 else [site for site in rest if not site.guards]
    remarks: list[str] = []
    on = taken_on(above, told)
    if told and on != above:
        remarks.append(f"on {listed(on)}")
    unsure = taken_on(above, open_calls)
    by_default = [name for name in unsure if name in replaced]
    candidate = [name for name in unsure if name not in replaced]
    for word, names in (("unless replaced", by_default), ("candidate", candidate)):
        if names:
            everywhere = tuple(names) == above
            remarks.append(word if everywhere else f"{word} on {listed(names)}")
    return remarks
