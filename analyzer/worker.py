"""A second process that answers questions, one after the other.

It is a fork of this one, so that all that is known here is known there; answers come back
pickled. No threads are involved, so that a process may have several workers.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Concatenate, Generic, ParamSpec, TypeVar, cast

from analyzer.errors import InternalError

S = TypeVar("S")
T = TypeVar("T")
P = ParamSpec("P")


class Worker(Generic[S]):
    """The process; what it is asked is handed the ``service`` that it has made for itself."""

    __slots__ = ("_answers", "_asked", "_connection", "_process")

    def __init__(self, make: Callable[[], S]) -> None:
        """``make`` is called in the new process."""
        context = multiprocessing.get_context("fork")
        self._connection, theirs = context.Pipe()
        arguments = (make, theirs, self._connection)
        self._process = context.Process(target=_serve, args=arguments, daemon=True)
        self._process.start()
        theirs.close()
        self._asked = 0
        self._answers: list[tuple[bool, object]] = []

    def ask(
        self, question: Callable[Concatenate[S, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> Pending[T]:
        """Have a function, which must be one of a module, called with the service and
        arguments there; what is asked first is answered first."""
        self._connection.send((question, args, kwargs))
        self._asked += 1
        return Pending(self, self._asked - 1)

    def answer(self, number: int) -> object:
        """Wait for an answer; raises what was raised there."""
        while len(self._answers) <= number:
            try:
                self._answers.append(self._connection.recv())
            except EOFError:
                raise InternalError("a second process ended before it had answered") from None
        good, value = self._answers[number]
        if not good:
            assert isinstance(value, BaseException)
            raise value
        return value

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        self._process.terminate()
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


def _serve(make: Callable[[], S], ours: Connection, theirs: Connection) -> None:
    theirs.close()
    # Who is interrupted is the process that was started; it ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    service: S | None = None
    while True:
        try:
            question, args, kwargs = ours.recv()
        except EOFError:
            return
        try:
            if service is None:
                service = make()
            answer: tuple[bool, object] = (True, question(service, *args, **kwargs))
        except Exception as error:  # noqa: BLE001 (handed on to who has asked)
            answer = (False, error)
        try:
            ours.send(answer)
        except BrokenPipeError:
            return
