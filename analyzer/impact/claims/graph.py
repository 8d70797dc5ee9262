"""An answer of ``kimpact paths``, asked by names: is there a way from one function to another?

Masks here are wide: over configurations and the platforms that the answer tells apart. A way
goes over functions and macros that the drawing leaves out, never over another of its names.
What a dispatch slot holds under conditions of the boot, or as one of several, is **unsure**.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from analyzer.configset.configset import Mask
from analyzer.configset.widening import PlatformAxis, Widening, one_platform
from analyzer.paths.result import (
    Certainty,
    Edge,
    EdgeKind,
    Guard,
    LimitReason,
    Node,
    PathsResult,
)

AT_BOOT = "at boot"
"""How the label of a guard begins under which a boot stores something in a slot."""

_HIDDEN = frozenset(("besides", "boundaries", "idle-macros"))
"""The remarks that say that an answer leaves calls out (``paths/remarks.py``)."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way where ``mask``; ``unsure`` are the edges on it that may lead elsewhere."""

    mask: Mask
    edges: tuple[Edge, ...]
    between: tuple[str, ...]

    @property
    def unsure(self) -> tuple[Edge, ...]:
        """The edges that hold under conditions of the boot, or as one of several."""
        return tuple(edge for edge in self.edges if is_unsure(edge))


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways from one name to another: where there is any, where a sure one."""

    mask: Mask
    sure: Mask
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class Loose:
    """Where a search for a way came to something that was not followed, and what that is."""

    mask: Mask
    reasons: tuple[str, ...]


def axis_of(result: PathsResult) -> PlatformAxis:
    """The configurations and platforms of an answer."""
    count = len(result.configs)
    if not result.platforms:
        return one_platform(count)
    have = {each.platform: each.mask for each in result.support}
    everything = (1 << count) - 1
    there = 0
    for number, name in enumerate(result.platforms):
        there |= have.get(name, everything) << (number * count)
    return PlatformAxis(Widening(count, len(result.platforms)), result.platforms, there)


def is_unsure(edge: Edge) -> bool:
    """Whether a call may lead elsewhere where its mask says that it is made."""
    return edge.certainty is Certainty.CANDIDATE or bool(boot_guards(edge))


def boot_guards(edge: Edge) -> tuple[Guard, ...]:
    """The guards under which a boot makes the call lead here."""
    return tuple(guard for guard in edge.guards if (guard.label or "").startswith(AT_BOOT))


class PathGraph:
    """The nodes of an answer by name; masks are over ``axis``.

    Where that tells no platforms apart, what an edge does on any of them counts.
    """

    def __init__(self, result: PathsResult, axis: PlatformAxis) -> None:
        self.result = result
        self.axis = axis
        self._nodes: dict[str, Node] = {node.id: node for node in result.nodes}
        self._ids: dict[str, list[str]] = {}
        self._out: dict[str, list[tuple[Edge, Mask]]] = {}
        self._reached: dict[str, Mask] = {}
        for node in result.nodes:
            self._ids.setdefault(node.name, []).append(node.id)
        for edge in result.edges:
            mask = self._wide(edge)
            self._out.setdefault(edge.source, []).append((edge, mask))
            if edge.target is not None:
                self._reached[edge.target] = self._reached.get(edge.target, 0) | mask
        for root in result.roots:
            self._reached[root] = self.axis.spread(self._nodes[root].mask)

    def _wide(self, edge: Edge) -> Mask:
        wide = self.axis.spread(edge.mask)
        return wide if self.axis.names == ("",) else wide & self.axis.on(edge.platforms)

    def __contains__(self, name: str) -> bool:
        return name in self._ids

    def reached(self, name: str) -> Mask:
        """Where ``name`` is reached from the root."""
        mask = 0
        for node in self._ids.get(name, ()):
            mask |= self._reached.get(node, 0)
        return mask

    # --- ways ---------------------------------------------------------------------------

    def ways(self, source: str, goal: str, mask: Mask, drawn: Collection[str]) -> Ways:
        """The ways from ``source`` to ``goal`` where ``mask``, shortest first, sure ones before
        others, over names that are not ``drawn``."""
        sure = list(self._search(source, goal, mask, drawn, ()))
        certain = union(way.mask for way in sure)
        left = mask & ~certain
        other = list(self._search(source, goal, left, drawn, (None,))) if left else []
        return Ways(certain | union(way.mask for way in other), certain, (*sure, *other))

    def _search(
        self, source: str, goal: str, mask: Mask, drawn: Collection[str], unsure: tuple[None, ...]
    ) -> Iterator[Way]:
        """Breadth first; every node is gone through once for each configuration."""
        left = mask
        seen: dict[str, Mask] = {}
        level: list[tuple[str, Mask, tuple[Edge, ...], tuple[str, ...]]] = []
        for node in self._ids.get(source, ()):
            here = mask & self._reached.get(node, 0)
            seen[node] = here
            level.append((node, here, (), ()))
        while level and left:
            after: list[tuple[str, Mask, tuple[Edge, ...], tuple[str, ...]]] = []
            for node, where, edges, between in level:
                for edge, taken in self._out.get(node, ()):
                    here = where & taken & left
                    if not here or edge.target is None or (is_unsure(edge) and not unsure):
                        continue
                    name = self._nodes[edge.target].name
                    if name == goal:
                        left &= ~here
                        yield Way(here, (*edges, edge), between)
                        continue
                    here &= ~seen.get(edge.target, 0)
                    if not here or (name in drawn and name != source):
                        continue
                    seen[edge.target] = seen.get(edge.target, 0) | here
                    more = between if name == source else (*between, name)
                    after.append((edge.target, here, (*edges, edge), more))
            level = after

    def beside(self, edge: Edge, mask: Mask) -> tuple[Edge, ...]:
        """The unsure edges from the same node to the same one as ``edge``, where ``mask``."""
        return tuple(
            other
            for other, where in self._out.get(edge.source, ())
            if other.target == edge.target and where & mask and is_unsure(other)
        )

    def adjacent(self, source: str, mask: Mask, drawn: Collection[str]) -> frozenset[str]:
        """The ``drawn`` names to which there is a way from ``source`` over others."""
        below = self._below(source, mask, lambda edge: self._name(edge) not in drawn)
        return frozenset(
            self._name(edge)
            for node, where in below.items()
            for edge, taken in self._out.get(node, ())
            if edge.target is not None and where & taken and self._name(edge) in drawn
        )

    # --- what is there instead ----------------------------------------------------------

    def calls(self, source: str, mask: Mask) -> tuple[str, ...]:
        """The names that ``source`` calls where ``mask``, past macros."""
        found: dict[str, None] = {}
        waiting = list(self._ids.get(source, ()))
        seen = set(waiting)
        while waiting:
            for edge, where in self._out.get(waiting.pop(), ()):
                if not where & mask or edge.target in seen:
                    continue
                if edge.target is None:
                    found.setdefault(edge.name)
                    continue
                seen.add(edge.target)
                name = self._nodes[edge.target].name
                if name == source or edge.kind is EdgeKind.MACRO:
                    waiting.append(edge.target)
                else:
                    found.setdefault(name)
        return tuple(found)

    def loose(self, source: str, goal: str, mask: Mask, drawn: Collection[str]) -> Loose:
        """Where an edge to ``goal`` may be hidden in what the answer does not show.

        Of what is not followed, a function below ``source`` counts only if ``goal`` is nowhere
        in the answer: an edge that passes over it would leave out a function of its own.
        """
        if source not in self:
            return Loose(mask, (f"{source} is left out",))
        reasons: dict[str, None] = {}
        doubt = 0
        near = self._below(source, mask, lambda edge: edge.kind is EdgeKind.MACRO)
        far = near
        if goal not in self:
            far = self._below(source, mask, lambda edge: self._name(edge) not in drawn)
        for node, where in far.items():
            absent = self._nodes[node].absent
            if absent is not None and where:
                doubt |= where
                reasons.setdefault(f"{self._nodes[node].name} is not followed: {absent}")
            for edge, taken in self._out.get(node, ()):
                if edge.target is None and where & taken:
                    doubt |= where & taken
                    reasons.setdefault(f"what {edge.name} leads to is not known")
        for limit in self.result.limits:
            here = far.get(limit.node, 0) & self.axis.spread(limit.mask)
            if not here or (limit.reason is LimitReason.FOLDED and goal in self):
                continue
            doubt |= here
            reasons.setdefault(_limited(self._nodes[limit.node].name, limit.reason))
        if goal not in self and any(each.code in _HIDDEN for each in self.result.diagnostics):
            doubt |= mask
            reasons.setdefault("calls without a part in what becomes of the object are left out")
        return Loose(doubt & mask, tuple(reasons))

    def _below(self, source: str, mask: Mask, goes: Callable[[Edge], bool]) -> dict[str, Mask]:
        """``source`` and what it leads to over edges that ``goes`` takes, with masks."""
        found = {node: mask & self._reached.get(node, 0) for node in self._ids.get(source, ())}
        waiting = list(found)
        while waiting:
            node = waiting.pop()
            for edge, taken in self._out.get(node, ()):
                if edge.target is None or not (self._name(edge) == source or goes(edge)):
                    continue
                new = found[node] & taken & ~found.get(edge.target, 0)
                if new:
                    found[edge.target] = found.get(edge.target, 0) | new
                    waiting.append(edge.target)
        return found

    def _name(self, edge: Edge) -> str:
        return edge.name if edge.target is None else self._nodes[edge.target].name

    # --- effects ------------------------------------------------------------------------

    def effects(self, source: str, mask: Mask, wanted: Collection[str]) -> dict[str, Mask]:
        """Those of the effects ``wanted`` that ``source`` or what it calls has, where ``mask``.

        Below a function in which one happens, it is not looked further for them: there it is
        the same release, or another object's.
        """
        happening = self._happening(wanted)
        found: dict[str, Mask] = {}
        waiting = [(n, mask & self._reached.get(n, 0)) for n in self._ids.get(source, ())]
        seen = dict(waiting)
        while waiting:
            node, where = waiting.pop()
            for effect in self._nodes[node].effects:
                here = where & happening.get(effect, 0)
                if here:
                    found[effect] = found.get(effect, 0) | here
            where &= ~union(happening.get(effect, 0) for effect in self._nodes[node].effects)
            for edge, taken in self._out.get(node, ()):
                if edge.target is None:
                    continue
                new = where & taken & ~seen.get(edge.target, 0)
                if new:
                    seen[edge.target] = seen.get(edge.target, 0) | new
                    waiting.append((edge.target, new))
        return {effect: found[effect] for effect in sorted(found)}

    def has_effects(self) -> bool:
        """Whether an object was followed at all."""
        return any(each.effects for each in self.result.classes)

    def _happening(self, wanted: Collection[str]) -> dict[str, Mask]:
        """Where each effect happens at all: nodes say what, classes say where. An effect that
        no class has, a wait for instance, is there wherever its node is."""
        found: dict[str, Mask] = {}
        for each in self.result.classes:
            where = self.axis.spread(each.mask)
            if self.axis.names != ("",):
                where &= self.axis.on(each.platforms)
            for effect in each.effects:
                found[effect] = found.get(effect, 0) | where
        for node in self.result.nodes:
            for effect in node.effects:
                found.setdefault(effect, self.axis.there)
        return {effect: where for effect, where in found.items() if effect in wanted}


def _limited(name: str, reason: LimitReason) -> str:
    if reason is LimitReason.FOLDED:
        return f"some calls of {name} are left out"
    if reason is LimitReason.PRIMITIVE:
        return f"{name} is not gone into: what it does is known"
    return f"{name} is not followed"


def union(masks: Iterable[Mask]) -> Mask:
    """All of several masks."""
    result = 0
    for mask in masks:
        result |= mask
    return result
