"""The answer to ``kimpact paths``: from a program and names to a :class:`PathsResult`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from analyzer.callgraph.program import FunctionRef, Program
from analyzer.configset.configset import ConfigSet, Mask
from analyzer.configset.widening import PlatformAxis
from analyzer.diagnostics import Diagnostics
from analyzer.paths.assemble import assemble, symbols_of
from analyzer.paths.boundaries import Boundaries
from analyzer.paths.classes import wide_classes_of
from analyzer.paths.folding import Fold, fold
from analyzer.paths.names import parse_name, resolve_root, unknown
from analyzer.paths.platforms import Platforms, WideProgram
from analyzer.paths.relevance import Relevance, relevance
from analyzer.paths.remarks import (
    remark_absent,
    remark_cuts,
    remark_left_out,
    remark_unknown,
    remark_unsettled,
)
from analyzer.paths.result import ConfigInfo, Kernel, PathsResult
from analyzer.paths.routes import EdgeKey
from analyzer.paths.search import Found, Goal, below, towards
from analyzer.progress import Progress

MAX_ROUNDS = 3
"""Searches after which slots that come up anew stay candidates."""

MAX_SLOTS = 40
"""Slots on a path that are worked out for each platform."""


@dataclass(frozen=True, slots=True)
class Question:
    """``functions`` and ``to`` are ``name`` or ``file:name``; ``depth`` counts edges.

    ``show_all`` keeps what the default answer leaves out (:mod:`analyzer.paths.relevance`)
    and goes into boundaries and primitives too.
    """

    functions: tuple[str, ...]
    to: str | None = None
    depth: int | None = None
    show_all: bool = False


def answer(
    program: Program,
    question: Question,
    configs: ConfigSet,
    kernel: Kernel,
    *,
    platforms: Platforms,
    diagnostics: Diagnostics,
    progress: Progress,
) -> PathsResult:
    """Search ``program`` for what ``question`` asks, over all of ``configs``.

    Slots that are called through on the paths found are worked out for each of
    ``platforms``, and the search is repeated with what they hold.

    Raises :class:`analyzer.errors.BadInput` for a name that is unknown or ambiguous.
    """
    searched = _search(program, question, platforms.axis, diagnostics, progress)
    for _ in range(MAX_ROUNDS):
        slots = _slots_of(searched)
        if not slots:
            break
        if len(slots) > MAX_SLOTS:
            remark_unsettled(slots[MAX_SLOTS:], diagnostics)
        progress.stage("booting the platforms")
        if not platforms.settle(slots[:MAX_SLOTS]):
            break
        searched = _search(program, question, platforms.axis, diagnostics, progress)
    axis, roots = searched.axis, searched.roots
    found, edges = searched.found, searched.edges
    if searched.chosen is not None:
        remark_left_out(searched.chosen, diagnostics)
    if question.to is not None:
        remark_unknown(found, diagnostics)
    progress.stage("grouping configurations")
    graph = assemble(found, roots, edges, axis, searched.folds)
    symbols = symbols_of(graph.edges, configs)
    remark_cuts(found, question.to, question.depth, diagnostics)
    remark_absent(graph.nodes, diagnostics)
    classes = wide_classes_of(configs, axis, graph, [name for name, _ in symbols])
    return PathsResult(
        kernel=kernel,
        configs=tuple(map(ConfigInfo, configs.names, configs.files)),
        roots=graph.roots,
        nodes=graph.nodes,
        edges=graph.edges,
        classes=classes,
        limits=graph.limits,
        diagnostics=tuple(diagnostics),
        symbols=symbols,
        platforms=tuple(filter(None, axis.names)),
        target=question.to,
    )


@dataclass(frozen=True, slots=True)
class Searched:
    """One search: what it found, the edges to show, and how they were chosen."""

    axis: PlatformAxis
    roots: tuple[FunctionRef, ...]
    found: Found
    edges: Mapping[EdgeKey, Mask]
    folds: tuple[Fold, ...] = ()
    chosen: Relevance | None = None


def _search(
    program: Program,
    question: Question,
    axis: PlatformAxis,
    diagnostics: Diagnostics,
    progress: Progress,
) -> Searched:
    wide = WideProgram(program, axis)
    progress.stage("finding the function")
    roots: list[FunctionRef] = []
    for text in question.functions:
        roots += resolve_root(wide, parse_name(text), axis.there, diagnostics)
    if question.to is not None:
        progress.stage(f"looking for routes to {question.to}")
        found = _towards(wide, roots, question.to, question.depth, progress)
        return Searched(axis, tuple(roots), found, found.edges)
    progress.stage("following calls")
    if question.show_all:
        found = below(wide, roots, question.depth, progress)
        return Searched(axis, tuple(roots), found, found.edges)
    boundaries = Boundaries(program.knowledge, roots)
    found = below(wide, roots, question.depth, progress, boundaries=boundaries)
    chosen = relevance(found, boundaries)
    folds = fold(chosen.calls, chosen.shown)
    return Searched(axis, tuple(roots), found, chosen.shown, folds, chosen)


def _slots_of(searched: Searched) -> list[str]:
    """The dispatch slots that are called through on the edges to show."""
    found = searched.found
    steps = (found.graph.steps[source][index] for source, index in searched.edges)
    slots = (step.edge.slot for step in steps if step.edge.slot is not None)
    return list(dict.fromkeys(slots))


def _towards(
    program: Program, roots: list[FunctionRef], to: str, depth: int | None, progress: Progress
) -> Found:
    named = parse_name(to)
    found = towards(program, roots, Goal(named.name, named.file), depth, progress)
    if not found.reached and not program.find(named.name, named.file):
        raise unknown(program, named)
    return found
