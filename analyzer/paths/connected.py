"""The part of some edges that hangs on the roots.

Which edges are shown is decided edge by edge; one that is only reached over others that are
not shown would lie about unconnected.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from analyzer.callgraph.program import FunctionRef
from analyzer.configset.configset import Mask
from analyzer.paths.explore import Exploration, Key, key_of
from analyzer.paths.routes import EdgeKey


def connected(
    edges: Mapping[EdgeKey, Mask], roots: Iterable[FunctionRef], graph: Exploration
) -> dict[EdgeKey, Mask]:
    """``edges``, each only where it can be reached from ``roots`` over others of them."""
    leaving: dict[Key, list[EdgeKey]] = {}
    for edge in edges:
        leaving.setdefault(edge[0], []).append(edge)
    reached: dict[Key, Mask] = {}
    for root in roots:
        reached[key_of(root)] = reached.get(key_of(root), 0) | root.mask
    waiting = dict(reached)
    while waiting:
        key, new = waiting.popitem()
        for edge in leaving.get(key, ()):
            target = graph.steps[key][edge[1]].target
            if target is None:
                continue
            further = edges[edge] & new & ~reached.get(target, 0)
            if further:
                reached[target] = reached.get(target, 0) | further
                waiting[target] = waiting.get(target, 0) | further
    there = ((edge, mask & reached.get(edge[0], 0)) for edge, mask in edges.items())
    return {edge: mask for edge, mask in there if mask}
