"""The answer to ``kimpact paths``: from a program and names to a :class:`PathsResult`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from analyzer.callgraph.program import FunctionRef, Program
from analyzer.configset.configset import ConfigSet, Mask
from analyzer.configset.widening import PlatformAxis
from analyzer.diagnostics import Diagnostics
from analyzer.effects.roots import RootEffects
from analyzer.paths.assemble import assemble, symbols_of, with_symbols_in
from analyzer.paths.boundaries import Boundaries
from analyzer.paths.classes import groups_of, wide_classes_of
from analyzer.paths.connected import connected
from analyzer.paths.effects import (
    ObjectEffects,
    carriers,
    carrying_edges,
    remark_effects,
    scopes_of,
)
from analyzer.paths.explore import Key, key_of
from analyzer.paths.folding import Fold, fold
from analyzer.paths.names import parse_name, resolve_root, unknown
from analyzer.paths.platforms import Platforms, WideProgram
from analyzer.paths.relevance import Relevance, relevance
from analyzer.paths.remarks import (
    remark_absent,
    remark_besides,
    remark_cuts,
    remark_doubts,
    remark_left_out,
    remark_macros,
    remark_unknown,
    remark_unsettled,
)
from analyzer.paths.result import ConfigInfo, Kernel, PathsResult, Support
from analyzer.paths.routes import EdgeKey
from analyzer.paths.search import Found, Goal, below, followed, towards
from analyzer.progress import Progress

MAX_ROUNDS = 3
"""Searches after which slots that come up anew stay candidates."""

MAX_SLOTS = 40
"""Slots on a path that are worked out for each platform."""


@dataclass(frozen=True, slots=True)
class Question:
    """``functions`` and ``to`` are ``name`` or ``file:name``; ``depth`` counts edges.

    ``show_all`` keeps what the default answer leaves out (:mod:`analyzer.paths.relevance`)
    and goes into boundaries and primitives too. ``object`` names what is released; None for
    the argument that is.
    """

    functions: tuple[str, ...]
    to: str | None = None
    depth: int | None = None
    show_all: bool = False
    object: str | None = None


def answer(
    program: Program,
    question: Question,
    configs: ConfigSet,
    kernel: Kernel,
    *,
    platforms: Platforms,
    diagnostics: Diagnostics,
    progress: Progress,
    effects: EffectsOn | None = None,
) -> PathsResult:
    """Search ``program`` for what ``question`` asks, over all of ``configs``.

    Slots that are called through on the paths found are worked out for each of
    ``platforms``, and the search is repeated with what they hold. Effects are told below a
    function, and on routes if the object is named.

    Raises :class:`analyzer.errors.BadInput` for a name that is unknown or ambiguous.
    """
    search = _Search(program, question, effects, diagnostics, progress)
    searched = _settled(search, platforms, diagnostics, progress)
    axis, found, told = searched.axis, searched.found, searched.effects
    remark_macros(searched.roots, diagnostics)
    if searched.chosen is not None:
        remark_left_out(searched.chosen, diagnostics)
        remark_besides(searched.chosen, searched.edges, diagnostics)
    if question.to is not None:
        remark_unknown(found, diagnostics)
    if told is not None:
        remark_effects(told, question.object, diagnostics)
    progress.stage("grouping configurations")
    graph = assemble(found, searched.roots, searched.edges, axis, searched.folds, told)
    symbols = symbols_of(graph.edges, configs)
    remark_cuts(found, question.to, question.depth, diagnostics)
    remark_absent(graph.nodes, diagnostics)
    remark_doubts(WideProgram(program, axis), found, searched.edges, diagnostics)
    names = [name for name, _ in symbols]
    happening = () if told is None else told.effects
    classes = wide_classes_of(configs, axis, graph, names, happening)
    groups = groups_of(configs, classes, names)
    apart = [*(group.when for group in groups), *(each.when for each in classes)]
    return PathsResult(
        kernel=kernel,
        configs=tuple(map(ConfigInfo, configs.names, configs.files)),
        roots=graph.roots,
        nodes=graph.nodes,
        edges=graph.edges,
        classes=classes,
        limits=graph.limits,
        diagnostics=tuple(diagnostics),
        symbols=with_symbols_in(apart, symbols, configs),
        platforms=tuple(filter(None, axis.names)),
        groups=groups,
        support=tuple(Support(name, mask) for name, mask in platforms.support),
        target=question.to,
    )


def _settled(
    search: _Search, platforms: Platforms, diagnostics: Diagnostics, progress: Progress
) -> Searched:
    """Search until what the slots on the paths hold is known, as far as the caps let it."""
    searched = search.on(platforms.axis)
    tried: set[str] = set()
    for _ in range(MAX_ROUNDS):
        slots = _slots_of(searched)[:MAX_SLOTS]
        if tried.issuperset(slots):
            break
        tried.update(slots)
        progress.stage("booting the platforms")
        if not platforms.settle(slots):
            break
        searched = search.on(platforms.axis)
    left = [slot for slot in _slots_of(searched) if slot not in tried]
    if left:
        remark_unsettled(left, diagnostics)
    return searched


EffectsOn = Callable[[PlatformAxis], ObjectEffects]
"""Makes what tells effects over an axis."""


@dataclass(frozen=True, slots=True)
class Searched:
    """One search: what it found, the edges to show, and how they were chosen; wide masks."""

    axis: PlatformAxis
    roots: tuple[FunctionRef, ...]
    found: Found
    edges: Mapping[EdgeKey, Mask]
    folds: tuple[Fold, ...] = ()
    chosen: Relevance | None = None
    effects: RootEffects | None = None


class _Search:
    """One question, searched over one axis after the other."""

    def __init__(
        self,
        program: Program,
        question: Question,
        effects: EffectsOn | None,
        diagnostics: Diagnostics,
        progress: Progress,
    ) -> None:
        self._program = program
        self._question = question
        self._effects = effects
        self._diagnostics = diagnostics
        self._progress = progress

    def on(self, axis: PlatformAxis) -> Searched:
        """Search with what is known of slots now."""
        wide = WideProgram(self._program, axis)
        self._progress.stage("finding the function")
        roots: list[FunctionRef] = []
        for text in self._question.functions:
            roots += resolve_root(wide, parse_name(text), axis.there, self._diagnostics)
        if self._question.to is not None:
            return self._towards(wide, axis, roots, self._question.to)
        return self._below(wide, axis, roots)

    def _towards(
        self, program: Program, axis: PlatformAxis, roots: list[FunctionRef], to: str
    ) -> Searched:
        named = parse_name(to)
        self._progress.stage(f"looking for routes to {to}")
        goal = Goal(named.name, named.file)
        found = towards(program, roots, goal, self._question.depth, self._progress)
        if not found.reached and not program.find(named.name, named.file):
            raise unknown(program, named)
        told = None
        if self._question.object is not None:
            told = self._told(axis, roots, found)
        return Searched(axis, tuple(roots), found, found.edges, effects=told)

    def _below(self, program: Program, axis: PlatformAxis, roots: list[FunctionRef]) -> Searched:
        question = self._question
        self._progress.stage("following calls")
        if question.show_all:
            found = below(program, roots, question.depth, self._progress)
            told = self._told(axis, roots, found)
            return Searched(axis, tuple(roots), found, found.edges, effects=told)
        boundaries = Boundaries(program.knowledge, roots)
        found = below(program, roots, question.depth, self._progress, boundaries=boundaries)
        told = self._told(axis, roots, found)
        carrying: Mapping[EdgeKey, Mask] = {}
        if told is not None and told.effects:
            if question.depth is None:
                found = followed(found, carriers(told), boundaries)
            carrying = _within(carrying_edges(found.graph, told), found.edges)
        chosen = relevance(found, boundaries)
        shown = _with_rest(carrying, told, roots, chosen.shown, found)
        shown = connected(shown, roots, found.graph)
        folds = fold(chosen.calls, shown)
        return Searched(axis, tuple(roots), found, shown, folds, chosen, told)

    def _told(
        self, axis: PlatformAxis, roots: list[FunctionRef], found: Found
    ) -> RootEffects | None:
        if self._effects is None:
            return None
        self._progress.stage("following the object")
        return self._effects(axis).of(roots, self._question.object, scopes_of(found.graph))


def _with_rest(
    carrying: Mapping[EdgeKey, Mask],
    told: RootEffects | None,
    roots: Sequence[FunctionRef],
    others: Mapping[EdgeKey, Mask],
    found: Found,
) -> Mapping[EdgeKey, Mask]:
    """The edges that carry an object, and ``others`` below roots, and where, no object is
    seen to be given up."""
    if told is None or not carrying:
        return others
    seen = 0
    for _, mask in told.effects:
        seen |= mask
    without = {key_of(ref)[:4] for ref in told.without}
    rest: dict[Key, Mask] = {}
    for root in roots:
        mask = root.mask if key_of(root)[:4] in without else root.mask & ~seen
        if mask:
            rest[key_of(root)] = rest.get(key_of(root), 0) | mask
    shown = dict(carrying)
    reached: dict[Key, Mask] = {}
    waiting = list(rest.items())
    while waiting:
        key, mask = waiting.pop()
        new = mask & ~reached.get(key, 0)
        if not new:
            continue
        reached[key] = reached.get(key, 0) | new
        for index, step in enumerate(found.graph.steps.get(key, ())):
            here = others.get((key, index), 0) & new
            if here:
                shown[key, index] = shown.get((key, index), 0) | here
                if step.target is not None:
                    waiting.append((step.target, here))
    return shown


def _within(edges: Mapping[EdgeKey, Mask], bounds: Mapping[EdgeKey, Mask]) -> dict[EdgeKey, Mask]:
    """``edges`` where ``bounds`` has them."""
    both = ((edge, mask & bounds.get(edge, 0)) for edge, mask in edges.items())
    return {edge: mask for edge, mask in both if mask}


def _slots_of(searched: Searched) -> list[str]:
    """The dispatch slots that are called through on the edges to show."""
    found = searched.found
    steps = (found.graph.steps[source][index] for source, index in searched.edges)
    slots = (step.edge.slot for step in steps if step.edge.slot is not None)
    return list(dict.fromkeys(slots))
