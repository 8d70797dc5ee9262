"""From a search's outcome to numbered nodes and edges, in one fixed order.

Nodes are numbered as a reader meets them: from each root depth first, edges in source
order. Edges are listed by their source's number, then in source order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from analyzer.callgraph.program import FunctionRef, RefKind
from analyzer.configset.configset import ConfigSet, Mask
from analyzer.configset.widening import PlatformAxis
from analyzer.effects.roots import RootEffects
from analyzer.paths.effects import carrying_edges, node_effects
from analyzer.paths.explore import Exploration, Key, Step, has_body, key_of
from analyzer.paths.folding import Fold
from analyzer.paths.result import (
    Certainty,
    Conditional,
    Edge,
    EdgeKind,
    Guard,
    Limit,
    LimitReason,
    Node,
    NodeKind,
    Occurrence,
    Place,
)
from analyzer.paths.routes import EdgeKey
from analyzer.paths.search import Found

_CONFIG_NAME = re.compile(r"\bCONFIG_(\w+)")
_WORD = re.compile(r"\w+")

UNDEFINED = "no definition in the sources searched"


@dataclass(frozen=True, slots=True)
class Graph:
    """The part of a result that a search decides; ``roots`` are node ids.

    ``wide`` are the masks of ``edges`` over configurations and platforms, ``there`` those of
    the roots.
    """

    roots: tuple[str, ...]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    limits: tuple[Limit, ...]
    wide: tuple[Mask, ...]
    there: tuple[Mask, ...]


def assemble(
    found: Found,
    roots: Sequence[FunctionRef],
    edges: Mapping[EdgeKey, Mask],
    axis: PlatformAxis,
    folds: Iterable[Fold] = (),
    effects: RootEffects | None = None,
) -> Graph:
    """Number what hangs on ``roots`` by ``edges``, a part of ``found.edges``; ``folds`` say
    what else the nodes call; nodes and edges are marked with ``effects``. Masks in what is
    given are wide over ``axis``."""
    happening = {} if effects is None else node_effects(effects)
    carrying = {} if effects is None else carrying_edges(found.graph, effects)
    out: dict[Key, list[int]] = {}
    for source, index in edges:
        out.setdefault(source, []).append(index)
    for indices in out.values():
        indices.sort()
    ids: dict[Key, str] = {}
    reached: dict[Key, Mask] = {}
    for root in roots:
        reached[key_of(root)] = reached.get(key_of(root), 0) | root.mask
        _number(found.graph, key_of(root), out, ids)
    listed: list[Edge] = []
    wide: list[Mask] = []
    for key, identity in ids.items():
        for index in out.get(key, ()):
            step = found.graph.steps[key][index]
            mask = edges[key, index]
            carries = carrying.get((key, index), 0)
            for plain, platforms in axis.split(mask):
                on = axis.on(platforms)
                carried = axis.widening.merged(carries & on)
                listed.append(_edge(step, ids, identity, plain, platforms, carried))
                wide.append(mask & on)
            if step.target is not None:
                reached[step.target] = reached.get(step.target, 0) | mask
    merged = axis.widening.merged
    nodes = tuple(
        _node(
            found.graph.refs[key],
            ids[key],
            merged(reached[key]),
            {n: where & reached[key] for n, where in happening.get(key, {}).items()},
            axis,
        )
        for key in ids
    )
    stops: list[tuple[Key, LimitReason, Mask, int | None]] = [
        (cut.node, cut.reason, cut.mask, None) for cut in found.cuts
    ]
    stops += [(each.node, LimitReason.FOLDED, each.mask, each.count) for each in folds]
    limits = tuple(
        Limit(ids[key], reason, merged(where), hidden, _places(axis, where))
        for key, reason, mask, hidden in stops
        if key in ids and (where := mask & reached[key])
    )
    starts = tuple(dict.fromkeys(ids[key_of(root)] for root in roots))
    there = tuple(reached[key_of(root)] for root in roots)
    return Graph(starts, nodes, tuple(listed), limits, tuple(wide), there)


Columns = tuple[tuple[str, tuple[tuple[Mask, str], ...]], ...]
"""Symbols with their values, as :class:`PathsResult` has them."""


def with_symbols_in(texts: Iterable[str], symbols: Columns, configs: ConfigSet) -> Columns:
    """``symbols``, and those that ``texts`` (what sets classes apart) name beside them."""
    known = {name for name, _ in symbols}
    words = dict.fromkeys(word for text in texts for word in _WORD.findall(text))
    columns = ((word, configs.column(word).entries) for word in words if word not in known)
    return (*symbols, *(column for column in columns if column[1]))


def symbols_of(edges: Iterable[Edge], configs: ConfigSet) -> Columns:
    """The CONFIG symbols in conditionals and guards, in order of first mention."""
    names: dict[str, None] = {}
    for edge in edges:
        for conditional in edge.conditionals:
            names.update(dict.fromkeys(_CONFIG_NAME.findall(conditional.text)))
        for guard in edge.guards:
            names.update(dict.fromkeys(_CONFIG_NAME.findall(guard.text)))
    kept: dict[str, None] = {}
    for name in names:
        stem = name.removesuffix("_MODULE")
        known = name != stem and not configs.column(name).entries
        kept.setdefault(stem if known else name)
    return tuple((name, configs.column(name).entries) for name in kept)


def _number(graph: Exploration, root: Key, out: dict[Key, list[int]], ids: dict[Key, str]) -> None:
    stack = [root]
    while stack:
        key = stack.pop()
        if key in ids:
            continue
        ids[key] = f"n{len(ids)}"
        for index in reversed(out.get(key, ())):
            target = graph.steps[key][index].target
            if target is not None and target not in ids:
                stack.append(target)


def _places(axis: PlatformAxis, wide: Mask) -> tuple[Place, ...]:
    return tuple(Place(mask, platforms) for mask, platforms in axis.split(wide))


def _node(
    ref: FunctionRef, identity: str, mask: Mask, happening: Mapping[str, Mask], axis: PlatformAxis
) -> Node:
    """``happening``: the effects that are told of it, and where (wide masks)."""
    kind = NodeKind.MACRO if ref.kind is RefKind.MACRO else NodeKind.FUNCTION
    absent = ref.absent
    if absent is None and not has_body(ref):
        absent = UNDEFINED
    effects = tuple(name for name, where in happening.items() if where)
    occurrences = tuple(
        Occurrence(name, place) for name in effects for place in _places(axis, happening[name])
    )
    return Node(identity, ref.name, kind, ref.location, mask, effects, absent, occurrences)


def _edge(
    step: Step,
    ids: dict[Key, str],
    source: str,
    mask: Mask,
    platforms: tuple[str, ...],
    carries: Mask,
) -> Edge:
    edge = step.edge
    return Edge(
        source=source,
        target=None if step.target is None else ids[step.target],
        name=edge.name,
        kind=EdgeKind(edge.kind.value),
        certainty=Certainty(edge.certainty.value),
        location=edge.location,
        mask=mask,
        platforms=platforms,
        slot=edge.slot,
        context=edge.context,
        guards=tuple(Guard(guard.text, guard.label) for guard in edge.guards),
        conditionals=tuple(Conditional(text, place) for text, place in edge.conditionals),
        carries=carries & mask,
    )
