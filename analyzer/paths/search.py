"""The two searches: everything below a function, and the routes from it to another one.

Both keep alternative routes (a node is one node, whatever leads to it), walk lazily,
and say where they stopped. Below a function, unless a depth is asked for, the search
follows everything that is compiled into the function's own object or into one that this
calls directly; functions of further objects are shown and not followed. Towards a goal, it goes on
in each configuration until a first route is found there, and then a little further, in the
objects on that route.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from analyzer.callgraph.program import FunctionRef, OutCertainty, OutKind, Program, RefKind
from analyzer.configset.configset import Mask
from analyzer.paths.boundaries import Boundaries
from analyzer.paths.explore import Exploration, Key, key_of
from analyzer.paths.result import LimitReason
from analyzer.paths.routes import EdgeKey, Routes, routes_between
from analyzer.progress import Progress

MAX_EXPANDED = 4_000
"""Functions and macros that one search looks into at most."""

MAX_ROUTE = 40
"""Edges of a route, at most, where no depth is asked for."""

CROSSINGS = 1
"""How many calls from one object into another are followed where no depth is asked for."""

_FOLLOWED = frozenset((OutKind.CALL, OutKind.MACRO, OutKind.CALLBACK))

DETOUR = 4
"""How many edges longer than the first route another one may be."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A node that was not followed in the configurations of ``mask``."""

    node: Key
    reason: LimitReason
    mask: Mask


@dataclass(frozen=True, slots=True)
class Goal:
    """What ``--to`` names: any definition called ``name``, in ``file`` only if given."""

    name: str
    file: str | None = None

    def is_met_by(self, key: Key) -> bool:
        if key[0] != self.name:
            return False
        location = key[3]
        return self.file is None or (location is not None and location.file == self.file)


@dataclass(frozen=True, slots=True)
class Found:
    """A search's outcome over the exploration ``graph``.

    ``edges`` are those of the answer with the configurations in which they are on a
    path. ``cuts`` say where it stopped. ``reached`` is where the goal was reached (for a
    search without a goal: 0). ``exact`` is False if ``edges`` may hold some that are on
    no simple route.
    """

    graph: Exploration
    edges: dict[EdgeKey, Mask]
    cuts: tuple[Cut, ...]
    reached: Mask = 0
    exact: bool = True


def below(
    program: Program,
    roots: Sequence[FunctionRef],
    depth: int | None,
    progress: Progress,
    *,
    boundaries: Boundaries | None = None,
    cap: int = MAX_EXPANDED,
) -> Found:
    """Everything below ``roots``: ``depth`` edges deep, or in nearby objects if None.

    What ``boundaries`` close is not followed, nor, without a depth, a primitive.
    """

    def closed(key: Key) -> bool:
        if boundaries is None:
            return False
        return boundaries.family(key) is not None or is_primitive(key)

    def is_primitive(key: Key) -> bool:
        return boundaries is not None and depth is None and boundaries.is_primitive(key)

    graph = Exploration(program, roots, cap, progress)
    if depth is None:
        _nearby(graph, roots, closed)
    else:
        for level in range(depth):
            graph.expand(level, lambda key: 0 if closed(key) else -1)
    reason = LimitReason.OBJECT if depth is None else LimitReason.DEPTH
    return _outcome(graph, reason, boundaries, is_primitive)


def followed(
    found: Found, wanted: Callable[[Key], Mask], boundaries: Boundaries | None = None
) -> Found:
    """``found`` with further nodes looked into where ``wanted`` says, as far as they are
    reached from what has been looked into."""
    graph = found.graph
    level = 0
    while level <= max(graph.levels):
        graph.expand(level, wanted)
        level += 1

    def is_primitive(key: Key) -> bool:
        return boundaries is not None and boundaries.is_primitive(key)

    return _outcome(graph, LimitReason.OBJECT, boundaries, is_primitive)


def _outcome(
    graph: Exploration,
    reason: LimitReason,
    boundaries: Boundaries | None,
    is_primitive: Callable[[Key], bool],
) -> Found:
    """All that has been found; ``reason`` says why it went no further."""
    if graph.capped:
        reason = LimitReason.CAP
    cuts = tuple(
        Cut(key, LimitReason.PRIMITIVE if is_primitive(key) else reason, mask)
        for key, mask in graph.pending()
        if boundaries is None or boundaries.family(key) is None
    )
    edges = {
        (key, index): step.mask & graph.expanded_in(key)
        for key, steps in graph.steps.items()
        for index, step in enumerate(steps)
        if step.mask & graph.expanded_in(key)
    }
    return Found(graph, edges, cuts)


def towards(
    program: Program,
    roots: Sequence[FunctionRef],
    goal: Goal,
    depth: int | None,
    progress: Progress,
    *,
    cap: int = MAX_EXPANDED,
) -> Found:
    """The simple routes from ``roots`` to ``goal``.

    With ``depth``, all of up to so many edges. Without, in each configuration those
    of up to :data:`DETOUR` edges more than its shortest; beyond the length of the
    shortest, only the objects on shortest routes are looked into.
    """
    graph = Exploration(program, roots, cap, progress)
    starts = [key_of(root) for root in roots]
    everything = _union(roots)
    if depth is not None:
        _level_by_level(graph, goal, everything, depth)
        horizon = {depth: everything}
    else:
        horizon = _first_routes(graph, goal, everything)
        routes = routes_between(graph, starts, _goals(graph, goal), horizon)
        horizon = _detours(graph, goal, routes, horizon)
    goals = _goals(graph, goal)
    reached = 0
    for key in goals:
        reached |= graph.refs[key].mask
    routes = routes_between(graph, starts, goals, horizon)
    return Found(graph, dict(routes.edges), _cuts_towards(graph, goal), reached, routes.exact)


def _cuts_towards(graph: Exploration, goal: Goal) -> tuple[Cut, ...]:
    reason = LimitReason.CAP if graph.capped else LimitReason.DEPTH
    return tuple(Cut(key, reason, mask) for key, mask in graph.pending() if not goal.is_met_by(key))


def _nearby(
    graph: Exploration, roots: Sequence[FunctionRef], closed: Callable[[Key], bool]
) -> None:
    """Expand within the objects of ``roots``, then :data:`CROSSINGS` objects further.

    Only a direct call, or a callback handed over by name, leads into a further object.
    """
    units: dict[str, Mask] = {}
    for root in roots:
        units[root.unit] = units.get(root.unit, 0) | root.mask
    for crossing in range(CROSSINGS + 1):
        level = 0
        while level <= max(graph.levels):
            graph.expand(level, lambda key: 0 if closed(key) else units.get(key[1], 0))
            level += 1
        if crossing < CROSSINGS:
            for target, mask in _sure_targets(graph):
                if closed(target):
                    continue
                units[target[1]] = units.get(target[1], 0) | mask


def _sure_targets(graph: Exploration) -> Iterator[tuple[Key, Mask]]:
    """What the expanded nodes call or hand over for certain, and where; no candidates."""
    for key, steps in graph.steps.items():
        inside = graph.expanded_in(key)
        for step in steps:
            sure = step.edge.certainty is OutCertainty.EXACT and step.edge.kind in _FOLLOWED
            if sure and step.target is not None and step.mask & inside:
                yield step.target, step.mask & inside


def _level_by_level(graph: Exploration, goal: Goal, everything: Mask, depth: int) -> None:
    for level in range(depth):
        graph.expand(level, _short_of(goal, everything))


def _first_routes(graph: Exploration, goal: Goal, everything: Mask) -> dict[int, Mask]:
    """Expand until each configuration has a first route; length -> configurations."""
    horizon: dict[int, Mask] = {}
    active = everything
    for level in range(MAX_ROUTE + 1):
        arrived = 0
        for key, mask in graph.levels.get(level, {}).items():
            if goal.is_met_by(key):
                arrived |= mask & active
        if arrived:
            horizon[level] = arrived
            active &= ~arrived
        if not active or not graph.levels.get(level) or level == MAX_ROUTE:
            break
        graph.expand(level, _short_of(goal, active))
    return horizon


def _detours(
    graph: Exploration, goal: Goal, routes: Routes, first: dict[int, Mask]
) -> dict[int, Mask]:
    """Look for longer routes within the objects of the first ones; the wider horizon."""
    units: dict[str, Mask] = {}
    for (source, index), mask in routes.edges.items():
        target = graph.steps[source][index].target
        for key in (source, target):
            if key is not None:
                units[key[1]] = units.get(key[1], 0) | mask
    for level in range(max(first, default=0) + DETOUR):
        open_here = 0
        for length, mask in first.items():
            if level < length + DETOUR:
                open_here |= mask
        graph.expand(level, _short_of(goal, open_here, units))
    return {length + DETOUR: mask for length, mask in first.items()}


def _short_of(
    goal: Goal, mask: Mask, units: Mapping[str, Mask] | None = None
) -> Callable[[Key], Mask]:
    """Allow ``mask`` for every node but the goal, within ``units`` where they are given."""

    def allowed(key: Key) -> Mask:
        if goal.is_met_by(key):
            return 0
        return mask if units is None else mask & units.get(key[1], 0)

    return allowed


def _goals(graph: Exploration, goal: Goal) -> list[Key]:
    return [key for key in graph.refs if goal.is_met_by(key)]


def _union(refs: Sequence[FunctionRef]) -> Mask:
    result = 0
    for ref in refs:
        result |= ref.mask
    return result


def is_macro(key: Key) -> bool:
    """Whether a node is a macro."""
    return key[2] is RefKind.MACRO
