"""A second process that answers questions, one after the other.

It is a fork of this one, so that all that is known here is known there; answers come back
pickled. No threads are involved, so that a process may have several workers.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from types import FrameType
from typing import Concatenate, Generic, ParamSpec, TypeVar, cast

from analyzer.errors import InternalError

S = TypeVar("S")
T = TypeVar("T")
P = ParamSpec("P")
I = TypeVar("I")  # noqa: E741

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
AHEAD = 2
"""Questions that a worker of several has at a time, so that it need not wait for the next."""
_LOOK = 1.0
"""Seconds between two looks of a process for the one that started it."""
_GONE = "a second process ended before it had answered"
_PATIENCE = 5.0
"""Seconds in which a process that is to end must have done so; then it is killed."""


class Worker(Generic[S]):
    """The process; what it is asked is handed the ``service`` that it has made for itself."""

    __slots__ = ("_answers", "_asked", "_connection", "_process")

    def __init__(self, make: Callable[[], S]) -> None:
        """``make`` is called in the new process."""
        context = multiprocessing.get_context("fork")
        self._connection, theirs = context.Pipe()
        arguments = (make, theirs, self._connection, os.getpid())
        self._process = context.Process(target=_serve, args=arguments, daemon=True)
        with _held():
            self._process.start()
        theirs.close()
        self._asked = 0
        self._answers: list[tuple[bool, object]] = []

    def ask(
        self, question: Callable[Concatenate[S, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> Pending[T]:
        """Have a function, which must be one of a module, called with the service and
        arguments there; what is asked first is answered first."""
        try:
            self._connection.send((question, args, kwargs))
        except ConnectionError:
            raise InternalError(_GONE) from None
        self._asked += 1
        return Pending(self, self._asked - 1)

    @property
    def connection(self) -> Connection:
        """Where answers arrive."""
        return self._connection

    def answer(self, number: int) -> object:
        """Wait for an answer; raises what was raised there."""
        while len(self._answers) <= number:
            try:
                self._answers.append(self._connection.recv())
            except (EOFError, ConnectionError):
                raise InternalError(_GONE) from None
        good, value = self._answers[number]
        if not good:
            assert isinstance(value, BaseException)
            raise value
        return value

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        self._process.terminate()
        self._process.join(_PATIENCE)
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join()
        self._connection.close()


class Pending(Generic[T]):
    """An answer that may not be there yet."""

    __slots__ = ("_number", "_worker")

    def __init__(self, worker: Worker[S], number: int) -> None:
        self._worker = worker
        self._number = number

    def result(self) -> T:
        """Wait for it; raises what answering has raised."""
        return cast(T, self._worker.answer(self._number))


def answers(
    workers: Sequence[Worker[S]], question: Callable[[S, I], T], items: Sequence[I]
) -> Iterator[T]:
    """What ``question`` says to each of ``items``, in their order; who is free takes the next.

    Raises what answering has raised. The workers go on until they are stopped.
    """
    left = deque(enumerate(items))
    asked: dict[Connection, deque[tuple[int, Pending[T]]]] = {}
    for worker in workers:
        asked[worker.connection] = deque()
    by_connection = {worker.connection: worker for worker in workers}
    found: dict[int, T] = {}
    for number in range(len(items)):
        while number not in found:
            for connection, pending in asked.items():
                while left and len(pending) < AHEAD:
                    index, item = left.popleft()
                    pending.append((index, by_connection[connection].ask(question, item)))
            for ready in wait([each for each, pending in asked.items() if pending]):
                assert isinstance(ready, Connection)
                index, answer = asked[ready].popleft()
                found[index] = answer.result()
        yield found.pop(number)


@contextmanager
def _held() -> Iterator[None]:
    """Signals that end a process wait meanwhile: a new one is not told what to do yet."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(make: Callable[[], S], ours: Connection, theirs: Connection, parent: int) -> None:
    theirs.close()
    # Who is interrupted is the process that was started; it ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
    _end_with(parent)
    service: S | None = None
    while True:
        try:
            question, args, kwargs = ours.recv()
        except (EOFError, ConnectionError):
            return
        try:
            if service is None:
                service = make()
            answer: tuple[bool, object] = (True, question(service, *args, **kwargs))
        except Exception as error:  # noqa: BLE001 (handed on to who has asked)
            answer = (False, error)
        try:
            ours.send(answer)
        except ConnectionError:
            return


def _end_with(parent: int) -> None:
    """End this process once ``parent`` is gone, whatever it is doing: who was killed cannot."""

    def look(_: int, __: FrameType | None) -> None:
        if os.getppid() != parent:
            os._exit(1)

    signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, _LOOK, _LOOK)
