"""Which edges of a search below a function the default answer shows.

Left out are calls into boundary families, and what leads to nothing of interest: macros that
call nothing, and inline functions of headers that call only such macros and functions. Of
interest is a function with a body of its own in a source, a primitive, a callback, a choice
of targets or an unknown one, and whatever was not followed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from analyzer.callgraph.program import OutCertainty, OutKind, RefKind
from analyzer.configset.configset import Mask
from analyzer.paths.boundaries import Boundaries
from analyzer.paths.explore import Key, Step, has_body
from analyzer.paths.routes import EdgeKey
from analyzer.paths.search import Found, is_macro

_HEADER = ".h"


@dataclass(frozen=True, slots=True)
class Relevance:
    """``shown`` edges with their masks; ``calls`` are those that may be folded into a count:
    all but the calls into boundaries and the uses of macros that call nothing.

    ``idle`` counts the latter, ``walls`` the former by family.
    """

    shown: Mapping[EdgeKey, Mask]
    calls: Mapping[EdgeKey, Mask]
    idle: int
    walls: Mapping[str, int]


def relevance(found: Found, boundaries: Boundaries) -> Relevance:
    """Sort the edges of ``found``, each in the configurations of its mask."""
    inside, walls = _without_boundaries(found, boundaries)
    leads = _leads(found, inside, boundaries)
    shown: dict[EdgeKey, Mask] = {}
    calls: dict[EdgeKey, Mask] = {}
    idle = 0
    for edge, mask in inside.items():
        step = _step(found, edge)
        left = mask if _is_end(found, step, boundaries) else mask & _led(leads, step)
        if left:
            shown[edge] = left
        if step.target is not None and is_macro(step.target):
            idle += not left
            if left:
                calls[edge] = left
        else:
            calls[edge] = mask
    return Relevance(shown, calls, idle, walls)


def _without_boundaries(
    found: Found, boundaries: Boundaries
) -> tuple[dict[EdgeKey, Mask], dict[str, int]]:
    inside: dict[EdgeKey, Mask] = {}
    walls: dict[str, int] = {}
    for edge, mask in found.edges.items():
        target = _step(found, edge).target
        family = None if target is None else boundaries.family(target)
        if family is None:
            inside[edge] = mask
        else:
            walls[family] = walls.get(family, 0) + 1
    return inside, walls


def _leads(found: Found, edges: Mapping[EdgeKey, Mask], boundaries: Boundaries) -> dict[Key, Mask]:
    """Where each node leads to something of interest."""
    callers: dict[Key, list[EdgeKey]] = {}
    leads: dict[Key, Mask] = {}
    for edge, mask in edges.items():
        step = _step(found, edge)
        if step.target is not None:
            callers.setdefault(step.target, []).append(edge)
        if _is_end(found, step, boundaries):
            leads[edge[0]] = leads.get(edge[0], 0) | mask
    for cut in found.cuts:
        leads[cut.node] = leads.get(cut.node, 0) | cut.mask
    waiting = list(leads)
    while waiting:
        key = waiting.pop()
        for edge in callers.get(key, ()):
            source = edge[0]
            new = edges[edge] & leads[key] & ~leads.get(source, 0)
            if new:
                leads[source] = leads.get(source, 0) | new
                waiting.append(source)
    return leads


def _is_end(found: Found, step: Step, boundaries: Boundaries) -> bool:
    """Whether an edge is of interest by itself, whatever lies behind it."""
    target = step.target
    if target is None or step.edge.kind is OutKind.CALLBACK:
        return True
    if step.edge.certainty is not OutCertainty.EXACT or boundaries.is_primitive(target):
        return True
    if target[2] is RefKind.MACRO:
        return not has_body(found.graph.refs[target])
    location = target[3]
    return location is None or not location.file.endswith(_HEADER)


def _led(leads: Mapping[Key, Mask], step: Step) -> Mask:
    return 0 if step.target is None else leads.get(step.target, 0)


def _step(found: Found, edge: EdgeKey) -> Step:
    return found.graph.steps[edge[0]][edge[1]]
