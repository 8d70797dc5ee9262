"""What the default answer leaves out of a search below a function: macros that call nothing.

A macro stays where it leads to a function, to an unknown target, or to something that was
not followed. The others (casts, constants, annotations) are counted.
"""

from __future__ import annotations

from analyzer.configset.configset import Mask
from analyzer.paths.explore import Key, has_body
from analyzer.paths.routes import EdgeKey
from analyzer.paths.search import Found, is_macro


def without_idle_macros(found: Found) -> tuple[dict[EdgeKey, Mask], int]:
    """The edges to keep, each in the configurations where it leads somewhere, and how many
    edges lead nowhere at all."""
    callers: dict[Key, list[EdgeKey]] = {}
    for source, index in found.edges:
        target = found.graph.steps[source][index].target
        if target is not None:
            callers.setdefault(target, []).append((source, index))
    leads: dict[Key, Mask] = {}
    for cut in found.cuts:
        leads[cut.node] = leads.get(cut.node, 0) | cut.mask
    waiting: list[Key] = list(leads)
    for (source, index), mask in found.edges.items():
        target = found.graph.steps[source][index].target
        if is_macro(source) and (target is None or not is_macro(target)):
            leads[source] = leads.get(source, 0) | mask
            waiting.append(source)
    while waiting:
        key = waiting.pop()
        if not is_macro(key):
            continue
        for source, index in callers.get(key, ()):
            new = found.edges[source, index] & leads[key]
            if is_macro(source) and new & ~leads.get(source, 0):
                leads[source] = leads.get(source, 0) | new
                waiting.append(source)
    kept: dict[EdgeKey, Mask] = {}
    dropped = 0
    for (source, index), mask in found.edges.items():
        target = found.graph.steps[source][index].target
        idle = target is not None and is_macro(target) and has_body(found.graph.refs[target])
        left = mask & leads.get(target, 0) if idle and target is not None else mask
        if left:
            kept[source, index] = left
        else:
            dropped += 1
    return kept, dropped
