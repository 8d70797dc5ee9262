"""Walking a program forwards, level by level, with a mask on every step.

A node is expanded at level *L* in exactly the configurations in which its shortest
distance from a root is *L*: what is found for N configurations at once is what N runs
of one configuration each would find. Nothing is expanded in configurations in which
it cannot be reached, and nothing before it is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from analyzer.callgraph.program import Edges, FunctionRef, OutEdge, RefKind
from analyzer.configset.configset import Mask
from analyzer.location import Location
from analyzer.progress import Progress

Key = tuple[str, str, RefKind, Location | None, str]
"""What makes two references one node: name, unit, kind, definition."""


def key_of(ref: FunctionRef) -> Key:
    return (ref.name, ref.unit, ref.kind, ref.location, ref.owner)


def has_body(ref: FunctionRef) -> bool:
    """Whether there is anything to follow in ``ref``."""
    return ref.absent is None and ref.location is not None


@dataclass(frozen=True, slots=True)
class Step:
    """An edge as found: ``mask`` is where the call and the callee's definition both exist."""

    edge: OutEdge
    target: Key | None
    mask: Mask


class Exploration:
    """What has been reached so far; :meth:`expand` takes it one level further."""

    __slots__ = ("_cap", "_program", "_progress", "capped", "expanded", "levels", "refs", "steps")

    def __init__(
        self, program: Edges, roots: Iterable[FunctionRef], cap: int, progress: Progress
    ) -> None:
        self._program = program
        self._cap = cap
        self._progress = progress
        self.capped = False
        """Whether the cap on work left something unexpanded."""
        self.refs: dict[Key, FunctionRef] = {}
        """Every node reached; its mask is where it has been reached."""
        self.expanded: dict[Key, dict[int, Mask]] = {}
        """For each node: level -> the configurations in which it was expanded there."""
        self.levels: dict[int, dict[Key, Mask]] = {0: {}}
        """Nodes reached and not expanded: level -> node -> configurations."""
        self.steps: dict[Key, tuple[Step, ...]] = {}
        """The out-edges of the expanded nodes in source order."""
        for ref in roots:
            self._reach(ref, ref.mask, 0)

    def expand(self, level: int, allowed: Callable[[Key], Mask]) -> None:
        """Expand the nodes pending at ``level``, each in ``allowed(node)`` only.

        What is not allowed stays pending. Stops at the cap and sets :attr:`capped`.
        """
        pending = self.levels.get(level, {})
        self.levels[level] = left = {}
        for key, mask in pending.items():
            ref = self.refs[key]
            now = mask & allowed(key) if has_body(ref) else 0
            if now and len(self.steps) >= self._cap and key not in self.steps:
                self.capped = True
                now = 0
            if mask & ~now:
                left[key] = mask & ~now
            if now:
                self._expand(key, ref, now, level)

    def pending(self) -> Iterator[tuple[Key, Mask]]:
        """The nodes with a body that were reached and not expanded, over all levels."""
        for level in sorted(self.levels):
            for key, mask in self.levels[level].items():
                if has_body(self.refs[key]):
                    yield key, mask

    def expanded_in(self, key: Key) -> Mask:
        """The configurations in which ``key`` was expanded, at whatever level."""
        result = 0
        for mask in self.expanded.get(key, {}).values():
            result |= mask
        return result

    def _expand(self, key: Key, ref: FunctionRef, mask: Mask, level: int) -> None:
        seen = self.expanded.setdefault(key, {})
        before = self.expanded_in(key)
        seen[level] = seen.get(level, 0) | mask
        wider = mask & ~before
        if key not in self.steps or wider:
            # Asked again for a wider mask: a definition's edges may depend on where it holds.
            edges = self._program.edges_of(replace(ref, mask=before | mask))
            self.steps[key] = tuple(_step(edge) for edge in edges)
            self._progress.advance(len(self.steps))
        for step in self.steps[key]:
            if step.edge.target is not None and step.mask & mask:
                self._reach(step.edge.target, step.mask & mask, level + 1)

    def _reach(self, ref: FunctionRef, mask: Mask, level: int) -> None:
        key = key_of(ref)
        known = self.refs.get(key)
        old = known.mask if known is not None else 0
        new = mask & ~old
        if known is not None and not new:
            return
        self.refs[key] = replace(ref if known is None else known, mask=old | new)
        pending = self.levels.setdefault(level, {})
        pending[key] = pending.get(key, 0) | new


def _step(edge: OutEdge) -> Step:
    if edge.target is None:
        return Step(edge, None, edge.mask)
    return Step(edge, key_of(edge.target), edge.mask & edge.target.mask)
