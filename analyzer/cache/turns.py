"""Who is working out what, so that two processes do not find out the same at once.

What is worked out has a key; each key is a byte of one file, and whoever works it out has that
byte locked. The file stays empty. Such locks go with the process that has them, however it ends,
and are not handed on to those that it forks. Two keys may share a byte: then one waits for
nothing, which costs time only. Where no file can be had or locked, nobody waits, and nobody waits
for ever: who has a turn may have been stopped.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MAX_WAIT = 900.0
"""Seconds that a turn is waited for."""
_BYTES = 1 << 40
"""Bytes that keys are spread over."""
_LOOK = 0.05
"""Seconds between two tries."""


class Turns:
    """The turns of all processes that use one file; a process takes one at a time."""

    __slots__ = ("_file",)

    def __init__(self, file: Path) -> None:
        self._file = file

    @contextmanager
    def taken(self, key: str) -> Iterator[None]:
        """Have the turn for ``key`` (hexadecimal), waiting for whoever has it; after
        :data:`MAX_WAIT` without it."""
        handle = self._opened()
        if handle is None:
            yield
            return
        try:
            given_up = time.monotonic() + MAX_WAIT
            while not _lock(handle, key) and time.monotonic() < given_up:
                time.sleep(_LOOK)
            yield
        finally:
            os.close(handle)

    def free(self, key: str) -> bool:
        """Whether nobody else has the turn for ``key`` at the moment."""
        handle = self._opened()
        if handle is None:
            return True
        try:
            return _lock(handle, key)
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


def _lock(handle: int, key: str) -> bool:
    """Lock the byte of ``key`` until ``handle`` is closed; False if another process has it."""
    try:
        fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, int(key, 16) % _BYTES)
    except OSError as error:
        # Whatever else it is, locks are not to be had here.
        return error.errno not in (errno.EACCES, errno.EAGAIN)
    return True
