"""Which explored edges lie on a simple route from a root to a goal, in which configurations.

A route of a configuration is as long as its horizon at most. Where the graph between
roots and goal has no cycle, two distances decide an edge; where it has one, the simple
routes are walked one by one, up to a stated number of steps.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from analyzer.configset.configset import Mask
from analyzer.paths.explore import Exploration, Key

MAX_WALK_STEPS = 200_000
"""Steps after which the walk over simple routes gives up (about a second)."""

EdgeKey = tuple[Key, int]
"""An edge: its source, and its index among the source's steps."""

Levels = dict[Key, dict[int, Mask]]
"""Node -> distance -> the configurations that have this distance."""


@dataclass(frozen=True, slots=True)
class Routes:
    """The edges on routes with their masks; ``exact`` False if cycles could not be cut."""

    edges: Mapping[EdgeKey, Mask]
    exact: bool


def routes_between(
    found: Exploration, roots: Collection[Key], goals: Collection[Key], horizon: Mapping[int, Mask]
) -> Routes:
    """The edges of the routes from ``roots`` to ``goals``.

    ``horizon`` maps a number of edges to the configurations whose routes may have up to
    that many; a configuration in none of them has no route.
    """
    behind = _distances_to(found, goals)
    edges: dict[EdgeKey, Mask] = {}
    for key, levels in found.expanded.items():
        if key in goals:
            continue
        for index, step in enumerate(found.steps[key]):
            if step.target is None or step.target not in behind:
                continue
            mask = step.mask & _within(levels, behind[step.target], horizon)
            if mask:
                edges[key, index] = mask
    if not _has_cycle(found, edges):
        return Routes(edges, True)
    walk = _Walk(found, edges, behind, set(goals), horizon)
    for root in roots:
        walk.run(root, found.refs[root].mask)
    if walk.steps > MAX_WALK_STEPS:
        return Routes(edges, False)
    return Routes({edge: walk.marked[edge] for edge in edges if edge in walk.marked}, True)


def _distances_to(found: Exploration, goals: Collection[Key]) -> Levels:
    callers: dict[Key, list[tuple[Key, Mask]]] = {}
    for key, steps in found.steps.items():
        inside = found.expanded_in(key)
        for step in steps:
            if step.target is not None and step.mask & inside:
                callers.setdefault(step.target, []).append((key, step.mask & inside))
    result: Levels = {}
    known: dict[Key, Mask] = {}
    frontier: dict[Key, Mask] = {goal: found.refs[goal].mask for goal in goals}
    distance = 0
    while frontier:
        following: dict[Key, Mask] = {}
        for key, mask in frontier.items():
            new = mask & ~known.get(key, 0)
            if not new:
                continue
            known[key] = known.get(key, 0) | new
            result.setdefault(key, {})[distance] = new
            for caller, edge_mask in callers.get(key, ()):
                if edge_mask & new:
                    following[caller] = following.get(caller, 0) | (edge_mask & new)
        frontier = following
        distance += 1
    return result


def _within(
    ahead: Mapping[int, Mask], behind: Mapping[int, Mask], horizon: Mapping[int, Mask]
) -> Mask:
    """Where a route over an edge is no longer than the horizon."""
    result = 0
    for before, here in ahead.items():
        for after, there in behind.items():
            both = here & there
            if not both:
                continue
            for length, where in horizon.items():
                if before + 1 + after <= length:
                    result |= both & where
    return result


def _has_cycle(found: Exploration, edges: Mapping[EdgeKey, Mask]) -> bool:
    following: dict[Key, list[Key]] = {}
    entering: dict[Key, int] = {}
    for source, index in edges:
        target = found.steps[source][index].target
        assert target is not None
        following.setdefault(source, []).append(target)
        entering[target] = entering.get(target, 0) + 1
        entering.setdefault(source, 0)
    ready = [key for key, count in entering.items() if count == 0]
    done = 0
    while ready:
        key = ready.pop()
        done += 1
        for target in following.get(key, ()):
            entering[target] -= 1
            if entering[target] == 0:
                ready.append(target)
    return done < len(entering)


class _Walk:
    """Depth first over simple routes, marking the edges of those that arrive."""

    def __init__(
        self,
        found: Exploration,
        edges: Mapping[EdgeKey, Mask],
        behind: Levels,
        goals: set[Key],
        horizon: Mapping[int, Mask],
    ) -> None:
        self._behind = behind
        self._goals = goals
        self._horizon = horizon
        self._out: dict[Key, list[tuple[EdgeKey, Key, Mask]]] = {}
        for (source, index), mask in edges.items():
            target = found.steps[source][index].target
            assert target is not None
            self._out.setdefault(source, []).append(((source, index), target, mask))
        self.marked: dict[EdgeKey, Mask] = {}
        self.steps = 0

    def run(self, root: Key, mask: Mask) -> None:
        """Walk from ``root``; iterative, since routes may be longer than Python's stack."""
        route: list[tuple[EdgeKey, Key, Mask]] = []
        on_route = {root}
        choices = [iter(self._out.get(root, ()))]
        while choices and self.steps <= MAX_WALK_STEPS:
            chosen = next(choices[-1], None)
            if chosen is None:
                choices.pop()
                if route:
                    on_route.discard(route.pop()[1])
                continue
            edge, target, edge_mask = chosen
            here = (route[-1][2] if route else mask) & edge_mask
            here &= self._can_arrive(target, len(route) + 1)
            self.steps += 1
            if not here or target in on_route:
                continue
            if target in self._goals:
                for passed, _, _ in (*route, (edge, target, here)):
                    self.marked[passed] = self.marked.get(passed, 0) | here
                continue
            route.append((edge, target, here))
            on_route.add(target)
            choices.append(iter(self._out.get(target, ())))

    def _can_arrive(self, key: Key, length: int) -> Mask:
        return _within({length - 1: -1}, self._behind.get(key, {}), self._horizon)
