"""Many units at once, spread over processes."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from contextlib import ExitStack

from analyzer.callgraph.model import UnitGraph
from analyzer.callgraph.session import Session
from analyzer.callgraph.unitgraph import unit_graph
from analyzer.diagnostics import Diagnostic
from analyzer.kbuild.objects import ObjectFile
from analyzer.progress import Progress
from analyzer.worker import Worker, answers

COLLECT_EVERY = 8
"""Units after which a process looks for what the forgotten ones left behind."""


def unit_graphs(
    session: Session,
    items: Sequence[ObjectFile],
    contract_macros: bool,
    jobs: int,
    progress: Progress,
) -> tuple[UnitGraph, ...]:
    """The call graph of each of ``items``, in their order, by up to ``jobs`` processes.

    Workers are forks of this process: what the session has read so far is theirs too.
    """
    work = _Work(session, tuple(items), contract_macros)
    if jobs < 2 or len(items) < 2:
        graphs: list[UnitGraph] = []
        for index in range(len(items)):
            graphs.append(work.graph(index)[0])
            progress.advance(len(graphs), len(items))
        return tuple(graphs)
    work.graph(0)
    found: list[UnitGraph] = []
    with ExitStack() as processes:
        workers: list[Worker[_Work]] = []
        for _ in range(min(jobs, len(items))):
            workers.append(Worker(lambda: work))
            processes.callback(workers[-1].stop)
        for graph, diagnostics in answers(workers, _Work.graph, range(len(items))):
            found.append(graph)
            for diagnostic in diagnostics:
                session.diagnostics.add(diagnostic)
            progress.advance(len(found), len(items))
    return tuple(found)


def _collect() -> None:
    """Free what is unreachable, unless the process does that by itself; what is left stays
    to the end and is not looked at again."""
    if not gc.isenabled():
        gc.collect()
        gc.freeze()


class _Work:
    """What a worker inherits when it is forked."""

    __slots__ = ("_contract", "_done", "_items", "_session")

    def __init__(self, session: Session, items: tuple[ObjectFile, ...], contract: bool) -> None:
        self._session = session
        self._items = items
        self._contract = contract
        self._done = 0

    def graph(self, index: int) -> tuple[UnitGraph, tuple[Diagnostic, ...]]:
        before = len(self._session.diagnostics)
        item = self._items[index]
        graph = unit_graph(self._session.analysis(item), self._contract)
        self._session.forget(item)
        self._done += 1
        if self._done % COLLECT_EVERY == 0:
            _collect()
        return graph, tuple(self._session.diagnostics)[before:]
