"""Who is working out what, so that two processes do not find out the same at once.

What is worked out has a key; each key is a byte of one file, and whoever works it out has that
byte locked. The file stays empty. Such locks go with the process that has them, however it ends,
and are not handed on to those that it forks. Two keys may share a byte: then one waits for
nothing, which costs time only. Where no file can be had or locked, nobody waits.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_BYTES = 1 << 40
"""Bytes that keys are spread over."""


class Turns:
    """The turns of all processes that use one file; a process takes one at a time."""

    __slots__ = ("_file",)

    def __init__(self, file: Path) -> None:
        self._file = file

    @contextmanager
    def taken(self, key: str) -> Iterator[None]:
        """Have the turn for ``key`` (hexadecimal), waiting for whoever has it."""
        handle = self._opened()
        if handle is None:
            yield
            return
        try:
            _lock(handle, fcntl.LOCK_EX, key)
            yield
        finally:
            os.close(handle)

    def free(self, key: str) -> bool:
        """Whether nobody else has the turn for ``key`` at the moment."""
        handle = self._opened()
        if handle is None:
            return True
        try:
            return _lock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB, key)
        finally:
            os.close(handle)

    def _opened(self) -> int | None:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            return os.open(self._file, flags, 0o600)
        except OSError:
            # Nothing can be kept there either, which is said where it is tried.
            return None


def _lock(handle: int, how: int, key: str) -> bool:
    """Lock the byte of ``key`` until ``handle`` is closed; False if it cannot be had."""
    try:
        fcntl.lockf(handle, how, 1, int(key, 16) % _BYTES)
    except OSError:
        return False
    return True
