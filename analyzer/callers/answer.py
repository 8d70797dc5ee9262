"""The answer to ``kimpact callers``: from names to a :class:`CallersResult`.

The walk is that of ``kimpact paths``, over edges that are seen from the callee. Where no
depth is asked for it stops after a number of functions, so that the answer can be read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from analyzer.callers.result import CallersResult, EntryPoint
from analyzer.callgraph.entries import EntryKind
from analyzer.callgraph.image import VMLINUX
from analyzer.callgraph.incoming import Budget, Incoming
from analyzer.callgraph.program import FunctionRef, RefKind, identity
from analyzer.callgraph.session import Session
from analyzer.configset.configset import Mask
from analyzer.configset.widening import one_platform
from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput, InternalError
from analyzer.paths.assemble import Graph, assemble, symbols_of, with_symbols_in
from analyzer.paths.classes import classes_of
from analyzer.paths.explore import Exploration
from analyzer.paths.names import parse_name, resolve_root
from analyzer.paths.remarks import counted, remark_absent
from analyzer.paths.result import ConfigInfo, Edge, Kernel, Limit, LimitReason
from analyzer.paths.search import Cut, Found
from analyzer.progress import Progress

MAX_SHOWN = 32
"""Functions and macros whose callers the default answer looks for."""
MAX_UNITS = 40
"""Units that the default answer opens."""
MAX_LEVELS = 200
"""Edges that the search goes back where no depth is asked for."""
MAX_EXPANDED = 4_000


@dataclass(frozen=True, slots=True)
class Question:
    """``functions`` are ``name`` or ``file:name``; ``depth`` counts edges, macros included.

    ``show_all`` lifts the limits of the default answer.
    """

    functions: tuple[str, ...]
    depth: int | None = None
    show_all: bool = False


def answer(
    session: Session,
    question: Question,
    kernel: Kernel,
    *,
    diagnostics: Diagnostics,
    progress: Progress,
) -> CallersResult:
    """Search for the callers that ``question`` asks for, over all configurations.

    Raises :class:`analyzer.errors.BadInput` for a name that is unknown or ambiguous.
    """
    configs = session.configs
    limited = question.depth is None and not question.show_all
    incoming = Incoming(session, Budget(MAX_UNITS if limited else None))
    progress.stage("finding the function")
    refs: list[FunctionRef] = []
    for text in question.functions:
        refs += _functions(incoming, text, configs.all, diagnostics)
    images = _images(session, refs)
    roots = incoming.begin(refs, images)
    progress.stage("looking for callers")
    found = _above(incoming, roots, question.depth, limited, progress)
    progress.stage("grouping configurations")
    graph = assemble(found, roots, found.edges, one_platform(len(configs)))
    entries = tuple(_entries(incoming, found, graph))
    symbols = symbols_of(graph.edges, configs)
    _remark(found, incoming, images, question.depth, diagnostics)
    remark_absent(graph.nodes, diagnostics)
    masks = [node.mask for node in graph.nodes if node.id in graph.roots]
    classes = classes_of(
        configs,
        graph.edges,
        [*masks, *(entry.mask for entry in entries)],
        [name for name, _ in symbols],
    )
    return CallersResult(
        kernel=kernel,
        configs=tuple(map(ConfigInfo, configs.names, configs.files)),
        roots=graph.roots,
        nodes=graph.nodes,
        edges=tuple(turned(edge) for edge in graph.edges),
        entries=entries,
        classes=classes,
        limits=tuple(_limits(graph, found, incoming)),
        diagnostics=tuple(diagnostics),
        symbols=with_symbols_in([each.when for each in classes], symbols, configs),
    )


def _functions(
    incoming: Incoming, text: str, everything: Mask, diagnostics: Diagnostics
) -> list[FunctionRef]:
    """The functions that a name means where it is no macro."""
    found = resolve_root(incoming.program, parse_name(text), everything, diagnostics)
    functions = [ref for ref in found if ref.kind is RefKind.FUNCTION]
    if not functions:
        raise BadInput(f"{found[0].name} is a macro ({found[0].location}), not a function")
    return functions


def turned(edge: Edge) -> Edge:
    """The edge with its ends exchanged; both are known."""
    if edge.target is None:
        raise InternalError(f"a caller of {edge.source} without a name")
    return replace(edge, source=edge.target, target=edge.source)


def _images(session: Session, refs: Sequence[FunctionRef]) -> tuple[str, ...]:
    """The link images that the functions asked about are part of."""
    images: dict[str, None] = {}
    for ref in refs:
        item = session.kbuild.object(ref.unit) if ref.unit else None
        if item is not None:
            images.update((image.text, None) for image in item.images if image.mask & ref.mask)
    return tuple(images) or (VMLINUX,)


def _above(
    incoming: Incoming,
    roots: Sequence[FunctionRef],
    depth: int | None,
    limited: bool,
    progress: Progress,
) -> Found:
    """Walk back from ``roots`` level by level."""
    graph = Exploration(incoming, roots, MAX_SHOWN if limited else MAX_EXPANDED, progress)
    for level in range(MAX_LEVELS if depth is None else depth):
        if not graph.levels.get(level):
            break
        graph.expand(level, lambda _: -1)
    reason = LimitReason.CAP if depth is None or graph.capped else LimitReason.DEPTH
    cuts = [Cut(key, reason, mask) for key, mask in graph.pending()]
    cuts += [
        Cut(key, LimitReason.CAP, graph.expanded_in(key))
        for key in graph.steps
        if identity(graph.refs[key]) in incoming.skipped
    ]
    edges = {
        (key, index): step.mask & graph.expanded_in(key)
        for key, steps in graph.steps.items()
        for index, step in enumerate(steps)
        if step.mask & graph.expanded_in(key)
    }
    return Found(graph, edges, tuple(cuts))


def _entries(incoming: Incoming, found: Found, graph: Graph) -> Iterator[EntryPoint]:
    """The entries of the nodes whose callers were looked for, by node; where a function has
    neither callers nor entries, that."""
    for node in graph.nodes:
        for key in found.graph.steps:
            if (key[0], key[3]) != (node.name, node.location) or node.location is None:
                continue
            ref = found.graph.refs[key]
            left = within = found.graph.expanded_in(key) & node.mask
            for entry in incoming.entries_of(ref):
                mask = entry.mask & within
                left &= ~mask
                if mask:
                    yield EntryPoint(
                        node=node.id,
                        kind=entry.kind,
                        name=entry.name,
                        detail=entry.detail,
                        location=entry.location,
                        mask=mask,
                        argument=entry.index,
                    )
            for step in found.graph.steps[key]:
                left &= ~step.mask
            if left and identity(ref) not in incoming.skipped:
                kind = EntryKind.NO_CALLER if incoming.mentioned(ref) else EntryKind.UNUSED
                yield EntryPoint(node.id, kind, "", "", node.location, left)


def _limits(graph: Graph, found: Found, incoming: Incoming) -> Iterator[Limit]:
    hidden = {
        (ref.name, ref.location): incoming.skipped[identity(ref)]
        for ref in found.graph.refs.values()
        if identity(ref) in incoming.skipped
    }
    names = {node.id: node for node in graph.nodes}
    for limit in graph.limits:
        node = names[limit.node]
        yield replace(limit, hidden=hidden.get((node.name, node.location)))


def _remark(
    found: Found,
    incoming: Incoming,
    images: Sequence[str],
    depth: int | None,
    diagnostics: Diagnostics,
) -> None:
    """Say what was searched, and where the search stopped and why."""
    diagnostics.note(
        "scope",
        f"callers were looked for in the sources of {', '.join(images)} and in all files that "
        "these include; a name that only a macro pastes together is not found",
    )
    keys = {cut.node for cut in found.cuts if cut.node not in found.graph.steps}
    if keys and depth is not None and not found.graph.capped:
        diagnostics.note(
            "depth-limit",
            f"{counted(len(keys), 'function')} at depth {depth} not followed "
            "(--depth N goes further)",
        )
    elif keys:
        diagnostics.note(
            "search-cap",
            f"the callers of {counted(len(keys), 'function')} were not looked for (--all "
            "follows every caller, --depth N those up to N edges away)",
        )
    skipped = sum(incoming.skipped.values())
    if skipped:
        diagnostics.note(
            "search-cap",
            f"{counted(skipped, 'function')} that may call one of these not looked into, since "
            f"more than {MAX_UNITS} units would have to be opened (--all, --depth N)",
        )
