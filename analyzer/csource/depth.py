"""What is nested too deeply, told from what is only asked for far down the stack.

Syntax is read and evaluated by functions that call each other, and Python limits how deep they
may. Which input is too deep for that must not depend on who asks: what meets the limit is
tried once more with the whole stack for itself.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


class TooDeep(Exception):
    """Something is nested deeper than any real code; it counts as not readable."""


def with_whole_stack(work: Callable[[], T], again: Callable[[], None] | None = None) -> T:
    """What ``work`` returns; raises :class:`TooDeep` if it is too deep in itself.

    ``again`` puts in order what a ``work`` that was broken off has left behind.
    """
    try:
        return work()
    except RecursionError:
        if again is not None:
            again()
    results: list[T] = []
    errors: list[BaseException] = []

    def tried() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 (it is raised below)
            errors.append(error)

    thread = Thread(target=tried)
    thread.start()
    thread.join()
    if results:
        return results[0]
    if again is not None:
        again()
    if isinstance(errors[0], RecursionError):
        raise TooDeep
    raise errors[0]
