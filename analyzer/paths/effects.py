"""Effects in the answer: which nodes they happen in, which edges carry the object there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from analyzer.callgraph.program import FunctionRef
from analyzer.configset.configset import Mask
from analyzer.diagnostics import Diagnostics
from analyzer.effects.roots import RootEffects, effect_order
from analyzer.paths.explore import Exploration, Key, Step, key_of
from analyzer.paths.routes import EdgeKey
from analyzer.paths.search import is_macro

MAX_LOST = 8
"""Places where an object got lost that are named one by one."""


class ObjectEffects(Protocol):
    """What tells the effects of a question's roots."""

    def of(
        self, roots: Sequence[FunctionRef], text: str | None, scopes: Sequence[Collection[str]]
    ) -> RootEffects:
        """See :class:`analyzer.effects.roots.RootAnalysis`."""


def scopes_of(graph: Exploration) -> tuple[frozenset[str], ...]:
    """The objects whose functions a search has looked into, then all that it has come to."""
    followed = frozenset(key[1] for key in graph.steps)
    return (followed, followed | {key[1] for key in graph.refs})


def node_effects(found: RootEffects) -> dict[Key, dict[str, Mask]]:
    """The effects that happen in each function, in a fixed order, with their masks."""
    result: dict[Key, dict[str, Mask]] = {}
    for (ref, effect), mask in found.labels.items():
        masks = result.setdefault(key_of(ref), {})
        masks[effect] = masks.get(effect, 0) | mask
    return {
        key: dict(sorted(masks.items(), key=lambda item: effect_order(item[0])))
        for key, masks in result.items()
    }


def carriers(found: RootEffects) -> Callable[[Key], Mask]:
    """Tells of a function that carries the object on, or waits before it is given up, and of
    a macro in one, where it does."""
    masks: dict[tuple[str, str], Mask] = {}
    for carry, mask in found.carries.items():
        key = (carry.source.unit, carry.source.name)
        masks[key] = masks.get(key, 0) | mask

    def wanted(key: Key) -> Mask:
        name = key[0]
        if is_macro(key):
            name = key[4].partition(">")[0].removeprefix(f"{key[1]}:")
        return masks.get((key[1], name), 0)

    return wanted


def carrying_edges(graph: Exploration, found: RootEffects) -> dict[EdgeKey, Mask]:
    """The edges of a search that carry the object towards its release, or wait before it,
    with the configurations in which they do."""
    result: dict[EdgeKey, Mask] = {}
    by_source: dict[Key, list[tuple[tuple[str, ...], Key | None, str, object, Mask]]] = {}
    for carry, mask in found.carries.items():
        target = None if carry.target is None or not carry.target.name else key_of(carry.target)
        entry = (carry.macros, target, carry.name, carry.where, mask)
        by_source.setdefault(key_of(carry.source), []).append(entry)
    for source, wanted in by_source.items():
        for macros, target, name, where, mask in wanted:
            for index, step in enumerate(graph.steps.get(source, ())):
                if step.edge.location == where:
                    _mark(graph, (source, index), step, macros, target, name, mask, result)
    return result


def _mark(
    graph: Exploration,
    edge: EdgeKey,
    step: Step,
    macros: tuple[str, ...],
    target: Key | None,
    name: str,
    mask: Mask,
    result: dict[EdgeKey, Mask],
) -> bool:
    """Mark an edge, and those behind it inside macros, if they lead to ``target``."""
    if macros:
        if step.target is None or not is_macro(step.target) or step.edge.name != macros[0]:
            return False
        inner = graph.steps.get(step.target, ())
        leads = [
            _mark(graph, (step.target, at), each, macros[1:], target, name, mask, result)
            for at, each in enumerate(inner)
        ]
        if inner and not any(leads):
            return False
    elif step.target != target or (target is None and step.edge.name != name):
        return False
    if mask & step.mask:
        result[edge] = result.get(edge, 0) | (mask & step.mask)
    return True


def remark_effects(found: RootEffects, asked: str | None, diagnostics: Diagnostics) -> None:
    """Say which object was followed, and where that could not be done."""
    for each in dict.fromkeys((f.root.name, f.name, f.others) for f in found.followed):
        root, name, others = each
        if asked is None:
            text = f"effects are those on {name}, which {root}() gives up"
            if others:
                text += f"; it also gives up {', '.join(others)} (--object NAME chooses)"
            diagnostics.note("object", text)
    for ref in found.without:
        diagnostics.note(
            "no-object",
            f"no argument of {ref.name}() is seen to be given up in the objects searched: no "
            "effects (--object NAME follows another)",
            ref.location,
        )
    for event in found.lost[:MAX_LOST]:
        diagnostics.warning(
            "object-lost", f"the object is lost in {event.at.name}(): {event.text}", event.where
        )
    if len(found.lost) > MAX_LOST:
        diagnostics.warning(
            "object-lost", f"the object is lost in {len(found.lost) - MAX_LOST} more places"
        )
