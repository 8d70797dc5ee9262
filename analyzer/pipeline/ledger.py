"""Questions to something that is opened only if an earlier run has not answered them.

An answer may depend on what was asked before: what is opened stays open, and platforms that are
told apart stay so. So an answer is kept under all questions up to its own, in their order, and
used only where the same ones have been asked. When a question comes that nobody has answered,
those before it are asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from analyzer.cache import ResultCache, key_of
from analyzer.diagnostics import Diagnostic, Diagnostics
from analyzer.pipeline.sessions import Stamps
from analyzer.progress import Progress
from analyzer.tree.source_tree import Stamp

S = TypeVar("S")
T = TypeVar("T")

Words = tuple[str, ...]
"""A question: the same words mean the same question."""


@dataclass(frozen=True, slots=True)
class Opened(Generic[S]):
    """What answers questions, what it remarks, and what it has read so far."""

    service: S
    diagnostics: Diagnostics
    stamps: Callable[[], Stamps]


@dataclass(frozen=True, slots=True)
class Keeping:
    """Where answers are kept. ``identity`` is all that they depend on beside the files in their
    stamps; ``read`` is told the stamps of those that are used."""

    cache: ResultCache
    identity: Callable[[], tuple[str | bytes, ...]]
    read: Callable[[str, dict[str, Stamp]], None]

    def key(self, topic: str, asked: tuple[Words, ...]) -> str:
        """The name of the answer to the last of ``asked``."""
        return key_of("asked", topic, *self.identity(), "", *map(repr, asked))


class Ledger(Generic[S]):
    """The questions of one run to one service, with their answers."""

    __slots__ = (
        "_answered",
        "_asked",
        "_keeping",
        "_open",
        "_opened",
        "_progress",
        "_remarks",
        "_told",
        "_topic",
    )

    def __init__(
        self,
        topic: str,
        opening: Callable[[], Opened[S]],
        keeping: Keeping | None,
        progress: Progress,
    ) -> None:
        """``topic`` is what the questions are about; without ``keeping`` all are put to the
        service, which ``opening`` opens."""
        self._topic = topic
        self._open = opening
        self._keeping = keeping
        self._progress = progress
        self._asked: tuple[Words, ...] = ()
        self._answered: list[Callable[[S], object]] = []
        self._remarks: dict[Diagnostic, None] = {}
        self._opened: Opened[S] | None = None
        self._told = 0
        """Remarks of what is opened that are kept with some answer."""

    def ask(self, words: Words, kind: Any, question: Callable[[S], T]) -> T:
        """The answer to a question, of type ``kind`` as :func:`analyzer.cache.decode` has it.

        Raises what ``question`` raises; that is never kept.
        """
        asked = (*self._asked, words)
        keeping = self._keeping
        if keeping is None:
            return self._put(question, asked)
        key = keeping.key(self._topic, asked)
        if self._opened is not None:
            return self._kept(keeping, key, question, asked)
        found = self._known(keeping, key, kind)
        turns = keeping.cache.turns
        if found is None and not turns.free(key):
            self._progress.stage("waiting for another run that is finding out the same")
            with turns.taken(key):
                found = self._known(keeping, key, kind)
            if found is None:  # it has kept nothing: the next one need not wait for this one
                return self._kept(keeping, key, question, asked)
        if found is None:
            with turns.taken(key):
                found = self._known(keeping, key, kind)
                if found is None:
                    return self._kept(keeping, key, question, asked)
        answer, remarks = found
        self._asked = asked
        self._answered.append(question)
        self._remarks.update(dict.fromkeys(remarks))
        return answer  # type: ignore[no-any-return]

    def service(self) -> S:
        """What answers, for questions that cannot be kept; none that comes after them is."""
        self._keeping = None
        return self._running().service

    def awaited(self, words: Words) -> bool:
        """Whether another process is finding out the answer to this as the next question."""
        if self._keeping is None or self._opened is not None:
            return False
        key = self._keeping.key(self._topic, (*self._asked, words))
        return not self._keeping.cache.turns.free(key)

    def remarks(self) -> Iterator[Diagnostic]:
        """What was remarked on the way to all answers so far."""
        return iter(self._remarks if self._opened is None else self._opened.diagnostics)

    def _known(
        self, keeping: Keeping, key: str, kind: Any
    ) -> tuple[Any, tuple[Diagnostic, ...]] | None:
        whole: Any = tuple[kind, tuple[Diagnostic, ...]]
        found = keeping.cache.get_whole(key, whole)
        if found is None:
            return None
        (answer, remarks), read = found
        for root, stamps in read:
            keeping.read(root, stamps)
        return answer, remarks

    def _kept(
        self, keeping: Keeping, key: str, question: Callable[[S], T], asked: tuple[Words, ...]
    ) -> T:
        answer = self._put(question, asked)
        opened = self._running()
        remarks = tuple(opened.diagnostics)[self._told :]
        self._told += len(remarks)
        if keeping.key(self._topic, asked) == key:  # no input was rewritten meanwhile
            keeping.cache.put(key, (answer, remarks), opened.stamps())
        return answer

    def _put(self, question: Callable[[S], T], asked: tuple[Words, ...]) -> T:
        opened = self._running()
        self._asked = asked  # whatever comes of it
        return question(opened.service)

    def _running(self) -> Opened[S]:
        """The service as it is after all questions so far."""
        if self._opened is None:
            self._opened = self._open()
            for question in self._answered:
                question(self._opened.service)
                self._told = len(self._opened.diagnostics)
        return self._opened
