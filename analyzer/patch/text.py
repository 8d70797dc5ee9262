"""The text of a patch as lines, with their places in the file it came from."""

from __future__ import annotations

import re
from dataclasses import dataclass

from analyzer.location import Location

_EXTENDED = re.compile(
    rb"(index|old mode|new mode|deleted file|new file|copy from|rename from|similarity|"
    rb"dissimilarity|---|GIT binary|Binary files) "
)
BINARY = re.compile(rb"Binary files (.+?) and (.+) differ\r?\n?$")
DIFF_LINE_LIMIT = 4 * 8192
"""Bytes of a ``Binary files`` line beyond which it is none."""


@dataclass(frozen=True, slots=True)
class PatchText:
    """Lines with their newlines; the first is line ``first`` of ``name``."""

    name: str
    first: int
    lines: tuple[bytes, ...]

    def at(self, index: int) -> Location:
        """The place of a line, or of the end."""
        return Location(self.name, self.first + index)

    def part(self, start: int, end: int) -> PatchText:
        """Some of the lines."""
        return PatchText(self.name, self.first + start, self.lines[start:end])


def lines_of(data: bytes) -> tuple[bytes, ...]:
    """Lines with their newlines; only LF ends one."""
    if not data:
        return ()
    parts = data.split(b"\n")
    last = parts.pop()
    lines = [part + b"\n" for part in parts]
    return (*lines, last) if last else tuple(lines)


def diff_start(lines: tuple[bytes, ...], start: int = 0) -> int:
    """The index of the line at which the diff begins, or the number of lines.

    It begins with ``diff --git`` and what git writes below it, with ``---`` and ``+++``
    followed by a hunk, or with ``Binary files ... differ``; so a message may quote any of
    these words.
    """
    return next((n for n in range(start, len(lines)) if begins_diff(lines, n)), len(lines))


def begins_diff(lines: tuple[bytes, ...], index: int) -> bool:
    """Whether a diff can begin at this line."""
    line = lines[index]
    following = lines[index + 1 : index + 3]
    if line.startswith(b"diff --git "):
        return not following or _EXTENDED.match(following[0]) is not None
    if line.startswith(b"--- "):
        named = bool(following) and following[0].startswith(b"+++ ")
        return named and (len(following) == 1 or following[1].startswith(b"@@ -"))
    return is_binary_line(line)


def is_binary_line(line: bytes) -> bool:
    """Whether this is what ``diff`` says about binary files."""
    return (
        line.startswith(b"Binary files ")
        and len(line) < DIFF_LINE_LIMIT
        and BINARY.match(line) is not None
    )
