"""The line on a terminal that says what a long run is doing.

It appears after a second and goes away at the end. A thread draws it, straight to the
file descriptor, so that a step that reports nothing for a while still shows its time,
and no lock of the output is held when the analysis forks.
"""

from __future__ import annotations

import os
import threading
import time
from types import TracebackType
from typing import TextIO

from analyzer.report.visible import one_line

DELAY = 1.0
"""Seconds before anything is shown."""

_TICK = 0.25
_ERASE = "\r\x1b[2K"


class TerminalProgress:
    """Shows the run on ``stream`` if that is a terminal that can redraw a line."""

    def __init__(self, stream: TextIO) -> None:
        self._active = stream.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        self._descriptor = stream.fileno() if self._active else -1
        self._started = time.monotonic()
        self._text = ""
        self._count = ""
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> TerminalProgress:
        if self._active:
            self._thread = threading.Thread(target=self._draw, name="progress", daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def stage(self, name: str) -> None:
        self._count = ""
        self._text = one_line(name)

    def advance(self, done: int, total: int | None = None) -> None:
        self._count = f" {done}" if total is None else f" {done}/{total}"

    def _draw(self) -> None:
        if self._ended.wait(DELAY):
            return
        try:
            while True:
                seconds = time.monotonic() - self._started
                line = f"{self._text}{self._count}  {seconds:.0f} s"
                columns = os.get_terminal_size(self._descriptor).columns or 80
                self._write(_ERASE + line[: max(columns - 1, 1)])
                if self._ended.wait(_TICK):
                    break
            self._write(_ERASE)
        except OSError:
            # The terminal went away; the run itself does not need it.
            return

    def _write(self, text: str) -> None:
        os.write(self._descriptor, text.encode("ascii", "backslashreplace"))
