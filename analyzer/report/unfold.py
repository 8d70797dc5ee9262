"""From the graph of one path class to the lines of a tree, in reading order.

A graph node may be reached by many routes; it is unfolded once, where it is met first
unless that is much deeper than need be, and other meetings refer to that place. A call to
a function that is being unfolded is recursion.
"""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from analyzer.paths.result import (
    Conditional,
    Edge,
    Limit,
    LimitReason,
    Node,
    PathClass,
    PathsResult,
    Place,
)


class Again(enum.Enum):
    """Why a node that is met again is not unfolded."""

    SEEN = "see above"
    LATER = "see below"
    RECURSION = "recursion"


DETOUR = 4
"""How much deeper than its least depth a node may be unfolded. Every node is within this
bound below a caller that is, so none is put off for ever."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: ``depth`` 0 is a root. ``sites`` are calls alike but for their place; those
    through a slot may differ in their platforms and conditions too.

    ``node`` is None for a call whose target is unknown; ``sites`` is empty for a root.
    ``effects`` are those of the node in what is drawn. ``folded`` counts calls of it that are not
    shown. ``through``: macros before ``node``
    that share its line, with the conditionals on the way (:mod:`analyzer.report.chains`).
    """

    depth: int
    node: Node | None
    caller: Node | None
    sites: tuple[Edge, ...]
    again: Again | None
    limit: Limit | None
    folded: int = 0
    through: tuple[Node, ...] = ()
    also: tuple[Conditional, ...] = ()
    effects: tuple[str, ...] = ()


def lines_of(result: PathsResult, each: PathClass) -> Iterator[Line]:
    """The tree of ``each``, depth first; roots and calls in their order."""
    for line in _lines(result, each):
        yield line if line.node is None else replace(line, effects=effects_in(line.node, each))


def _lines(result: PathsResult, each: PathClass) -> Iterator[Line]:
    nodes = {node.id: node for node in result.nodes}
    limits: dict[str, Limit] = {}
    folded: dict[str, int] = {}
    for limit in result.limits:
        if not _is_met(limit, each):
            continue
        if limit.reason is LimitReason.FOLDED:
            folded[limit.node] = folded.get(limit.node, 0) + (limit.hidden or 0)
        else:
            limits[limit.node] = limit
    out: dict[str, list[Edge]] = {}
    for edge in merged(result.edges[index] for index in each.edges):
        out.setdefault(edge.source, []).append(edge)
    roots = [root for root in result.roots if nodes[root].mask & each.mask]
    least = _least_depths(roots, out)
    unfolded: set[str] = set()
    for root in roots:
        if root in unfolded:
            yield Line(0, nodes[root], None, (), Again.SEEN, None)
            continue
        yield Line(0, nodes[root], None, (), None, limits.get(root), folded.get(root, 0))
        unfolded.add(root)
        route = [root]
        open_calls = [iter(_alike(out.get(root, ())))]
        while open_calls:
            sites = next(open_calls[-1], None)
            if sites is None:
                open_calls.pop()
                route.pop()
                continue
            target = sites[0].target
            caller = nodes[route[-1]]
            if target is None:
                yield Line(len(route), None, caller, sites, None, None)
                continue
            again = None
            if target in route:
                again = Again.RECURSION
            elif target in unfolded and target in out:
                again = Again.SEEN
            elif target in out and len(route) > least[target] + DETOUR:
                again = Again.LATER
            alone = folded.get(target, 0) if again is None else 0
            cut = limits.get(target)
            yield Line(len(route), nodes[target], caller, sites, again, cut, alone)
            if again is None:
                unfolded.add(target)
                route.append(target)
                open_calls.append(iter(_alike(out.get(target, ()))))


def meets(place: Place, each: PathClass) -> bool:
    """Whether a place has configurations and platforms of ``each``."""
    apart = place.platforms and each.platforms
    return bool(place.mask & each.mask) and (
        not apart or not set(place.platforms).isdisjoint(each.platforms)
    )


def effects_in(node: Node, each: PathClass) -> tuple[str, ...]:
    """What happens in ``node`` in the configurations and on the platforms of ``each``."""
    if not node.occurrences:
        return node.effects
    met = {one.effect for one in node.occurrences if meets(one.place, each)}
    return tuple(effect for effect in node.effects if effect in met)


def _is_met(limit: Limit, each: PathClass) -> bool:
    if not limit.places:
        return bool(limit.mask & each.mask)
    return any(meets(place, each) for place in limit.places)


def merged(edges: Iterable[Edge]) -> Iterable[Edge]:
    """Edges that differ in nothing but where they are meant, as one."""
    found: dict[Edge, list[Edge]] = {}
    for edge in edges:
        found.setdefault(replace(edge, mask=0, platforms=(), carries=0), []).append(edge)
    for same in found.values():
        if len(same) == 1:
            yield same[0]
            continue
        mask = 0
        for edge in same:
            mask |= edge.mask
        names = dict.fromkeys(name for edge in same for name in edge.platforms)
        everywhere = any(not edge.platforms for edge in same)
        yield replace(same[0], mask=mask, platforms=() if everywhere else tuple(names))


def _least_depths(roots: Sequence[str], out: Mapping[str, Sequence[Edge]]) -> dict[str, int]:
    """How many calls each node is away from a root, at least."""
    depths = dict.fromkeys(roots, 0)
    waiting = deque(roots)
    while waiting:
        source = waiting.popleft()
        for edge in out.get(source, ()):
            if edge.target is not None and edge.target not in depths:
                depths[edge.target] = depths[source] + 1
                waiting.append(edge.target)
    return depths


def _alike(edges: Sequence[Edge]) -> list[tuple[Edge, ...]]:
    """Calls of one target in one manner, together, where the first of them stands."""
    groups: dict[tuple[object, ...], list[Edge]] = {}
    for edge in edges:
        target = edge.target if edge.target is not None else (edge.name, edge.location)
        manner: tuple[object, ...] = (target, edge.name, edge.kind, edge.slot, edge.context)
        if edge.slot is None or not edge.platforms or edge.target is None:
            manner = (*manner, edge.certainty, edge.guards, edge.conditionals)
        groups.setdefault(manner, []).append(edge)
    return [tuple(group) for group in groups.values()]
