"""Booting the platforms in another process, ahead of the questions about slots.

From which entry a platform boots does not depend on what will be asked, and takes as long as
a search for paths does. So a second process finds it out meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import islice
from types import TracebackType
from typing import Generic, TypeVar

from analyzer.callgraph.dispatch import Dispatched
from analyzer.callgraph.session import Session
from analyzer.configset.configset import Mask
from analyzer.diagnostics import Diagnostic
from analyzer.platforms.answers import BootAnswers, SlotKey
from analyzer.tree.overlay import PatchableTree
from analyzer.tree.source_tree import Stamp
from analyzer.worker import Worker

T = TypeVar("T")


class BootsAhead:
    """Answers as the boot in the other process does, to be used as a context manager.

    The process is a fork of this one, made by :meth:`start` or at the first question. What it
    remarks, and which files it reads, is taken over with its answers.
    """

    __slots__ = ("_make", "_session", "_started", "_trees", "_worker")

    def __init__(
        self, session: Session, trees: Sequence[PatchableTree], make: Callable[[], BootAnswers]
    ) -> None:
        """``make`` makes the boot from what this process knows; ``trees`` are read by it."""
        self._session = session
        self._trees = tuple(trees)
        self._make = make
        self._started = False
        self._worker: Worker[_Service] | None = None

    def __enter__(self) -> BootsAhead:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Begin with what does not depend on any question; once."""
        if not self._started:
            self._started = True  # in the other process too, which asks for nothing here
            # A fork that asked for the objects itself would take the answer from the pipe to
            # a third process that this one waits at.
            self._session.listing()
            self._worker = Worker(self._serve)
            self._worker.ask(_prepare)

    def stop(self) -> None:
        """No more questions: end the process."""
        if self._worker is not None:
            self._worker.stop()
            self._worker = None

    def support(self) -> Sequence[tuple[str, Mask]]:
        """The platforms of the kernel with the configurations that have them."""
        return self._take(self._running().ask(_support).result())

    def held(
        self, slots: Sequence[SlotKey], platforms: Collection[str]
    ) -> Sequence[tuple[Dispatched, ...]]:
        """What each of ``slots`` holds on those of ``platforms``."""
        return self._take(self._running().ask(_held, slots, platforms).result())

    def _running(self) -> Worker[_Service]:
        self.start()
        assert self._worker is not None
        return self._worker

    def _serve(self) -> _Service:
        return _Service(self._session, self._trees, self._make)

    def _take(self, told: _Told[T]) -> T:
        for remark in told.remarks:
            self._session.diagnostics.add(remark)
        for tree, stamps in zip(self._trees, told.stamps, strict=True):
            tree.stamps.update(stamps)
        return told.answer


@dataclass(frozen=True, slots=True)
class _Told(Generic[T]):
    """An answer with what was remarked and read since the one before; the stamps by tree."""

    answer: T
    remarks: tuple[Diagnostic, ...]
    stamps: tuple[dict[str, Stamp], ...]


class _Service:
    """The boot in the other process, and how much of its remarks and files was told."""

    __slots__ = ("_read", "_remarks", "_session", "_trees", "boots")

    def __init__(
        self, session: Session, trees: Sequence[PatchableTree], make: Callable[[], BootAnswers]
    ) -> None:
        self._session = session
        self._trees = trees
        self._remarks = len(session.diagnostics)
        self._read = [len(tree.stamps) for tree in trees]
        self.boots = make()

    def told(self, answer: T) -> _Told[T]:
        """An answer with what is new."""
        remarks = tuple(islice(self._session.diagnostics, self._remarks, None))
        stamps = tuple(
            dict(islice(tree.stamps.items(), read, None))
            for tree, read in zip(self._trees, self._read, strict=True)
        )
        self._remarks += len(remarks)
        self._read = [len(tree.stamps) for tree in self._trees]
        return _Told(answer, remarks, stamps)


def _prepare(service: _Service) -> None:
    service.boots.prepare()


def _support(service: _Service) -> _Told[Sequence[tuple[str, Mask]]]:
    return service.told(service.boots.support())


def _held(
    service: _Service, slots: Sequence[SlotKey], platforms: Collection[str]
) -> _Told[Sequence[tuple[Dispatched, ...]]]:
    return service.told(service.boots.held(slots, platforms))
