"""The answer to ``kimpact paths``: from a program and names to a :class:`PathsResult`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from analyzer.callgraph.program import FunctionRef, Program
from analyzer.configset.configset import ConfigSet, Mask
from analyzer.diagnostics import Diagnostics
from analyzer.paths.assemble import assemble, symbols_of
from analyzer.paths.boundaries import Boundaries
from analyzer.paths.classes import classes_of
from analyzer.paths.folding import Fold, fold
from analyzer.paths.names import parse_name, resolve_root, unknown
from analyzer.paths.relevance import relevance
from analyzer.paths.remarks import (
    remark_absent,
    remark_cuts,
    remark_doubts,
    remark_left_out,
    remark_macros,
    remark_unknown,
)
from analyzer.paths.result import ConfigInfo, Kernel, PathsResult
from analyzer.paths.routes import EdgeKey
from analyzer.paths.search import Found, Goal, below, towards
from analyzer.progress import Progress


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
    diagnostics: Diagnostics,
    progress: Progress,
) -> PathsResult:
    """Search ``program`` for what ``question`` asks, over all of ``configs``.

    Raises :class:`analyzer.errors.BadInput` for a name that is unknown or ambiguous.
    """
    progress.stage("finding the function")
    roots: list[FunctionRef] = []
    for text in question.functions:
        roots += resolve_root(program, parse_name(text), configs.all, diagnostics)
    remark_macros(roots, diagnostics)
    folds: tuple[Fold, ...] = ()
    if question.to is None:
        found, edges, folds = _below(program, roots, question, diagnostics, progress)
    else:
        found, edges = _towards(
            program, roots, question.to, question.depth, diagnostics=diagnostics, progress=progress
        )
    progress.stage("grouping configurations")
    graph = assemble(found, roots, edges, folds)
    symbols = symbols_of(graph.edges, configs)
    remark_cuts(found, question.to, question.depth, diagnostics)
    remark_absent(graph.nodes, diagnostics)
    remark_doubts(program, found, edges, diagnostics)
    classes = classes_of(
        configs,
        graph.edges,
        [node.mask for node in graph.nodes if node.id in graph.roots],
        [name for name, _ in symbols],
    )
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
        target=question.to,
    )


def _below(
    program: Program,
    roots: list[FunctionRef],
    question: Question,
    diagnostics: Diagnostics,
    progress: Progress,
) -> tuple[Found, Mapping[EdgeKey, Mask], tuple[Fold, ...]]:
    progress.stage("following calls")
    if question.show_all:
        found = below(program, roots, question.depth, progress)
        return found, found.edges, ()
    boundaries = Boundaries(program.knowledge, roots)
    found = below(program, roots, question.depth, progress, boundaries=boundaries)
    chosen = relevance(found, boundaries)
    remark_left_out(chosen, diagnostics)
    return found, chosen.shown, fold(chosen.calls, chosen.shown)


def _towards(
    program: Program,
    roots: list[FunctionRef],
    to: str,
    depth: int | None,
    *,
    diagnostics: Diagnostics,
    progress: Progress,
) -> tuple[Found, dict[EdgeKey, Mask]]:
    named = parse_name(to)
    progress.stage(f"looking for routes to {to}")
    found = towards(program, roots, Goal(named.name, named.file), depth, progress)
    if not found.reached and not program.find(named.name, named.file):
        raise unknown(program, named)
    remark_unknown(found, diagnostics)
    return found, found.edges
