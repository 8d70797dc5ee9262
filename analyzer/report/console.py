"""The terminal as it is: width, colour, UTF-8 or not.

Colour needs a terminal and no ``NO_COLOR`` (https://no-color.org). Without a terminal
lines are not wrapped unless ``COLUMNS`` asks for it, so that what is piped stays one
line per fact. A stream that is not UTF-8 gets ASCII guides, and other characters spelled
out.
"""

from __future__ import annotations

import codecs
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO, cast

from rich.console import Console, RenderableType

UNWRAPPED = 1 << 14
"""Columns of an output that is no terminal."""


@contextmanager
def ascii_stream(stream: TextIO) -> Iterator[TextIO]:
    """``stream`` as one that takes ASCII only; what is not ASCII is spelled out."""
    wrapped = _AsciiStream(stream)
    yield cast(TextIO, wrapped)
    wrapped.flush()


def console_for(stream: TextIO, least_width: int = 0) -> Console:
    """A console on ``stream``; no narrower than ``least_width`` columns."""
    terminal = stream.isatty()
    width = None if terminal else _columns() or UNWRAPPED
    console = Console(
        file=stream,
        width=width,
        force_terminal=terminal,
        no_color=bool(os.environ.get("NO_COLOR")),
        color_system=None if os.environ.get("NO_COLOR") or not terminal else "auto",
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    console.width = max(console.width, least_width)
    return console


def print_trimmed(console: Console, renderable: RenderableType) -> None:
    """Print without the blanks that a table ends its lines with."""
    with console.capture() as captured:
        console.print(renderable)
    for line in captured.get().splitlines():
        console.file.write(f"{line.rstrip()}\n")


def is_utf8(stream: TextIO) -> bool:
    """Whether ``stream`` can write every character."""
    try:
        return codecs.lookup(stream.encoding or "ascii").name.startswith("utf")
    except LookupError:
        return False


def _columns() -> int | None:
    text = os.environ.get("COLUMNS", "")
    return int(text) if text.isdecimal() and int(text) > 0 else None


class _AsciiStream(io.TextIOBase):
    """Passes text on with everything beyond ASCII as a backslash sequence."""

    encoding = "ascii"

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        self._stream.write(text.encode("ascii", "backslashreplace").decode("ascii"))
        return len(text)

    def flush(self) -> None:
        self._stream.flush()

    def isatty(self) -> bool:
        return self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()
