"""Where a hunk applies: at its line, some lines off, or without all of its context.

The rules are GNU patch's (``locate_hunk()`` in ``patch.c``), so that a patch that people
apply with ``patch -p1`` applies here too, and at the same place: the nearest place to where
the last hunk came to lie, later ones first; then with one line of context less at either
end, then two. A hunk with less context at one end than at the other belongs to that end
of the file, unless the fuzz makes up for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from analyzer.patch.model import Hunk, HunkLine, LineKind

MAX_FUZZ = 2
"""Lines of context at either end that may differ, as in GNU patch."""
MAX_WORK = 20_000_000
"""Lines looked at for the hunks of one file; a file that takes more is refused."""


class TooMuchWork(Exception):
    """The hunks of a file fit at far too many places nearly."""


@dataclass(frozen=True, slots=True)
class Place:
    """The line (from 1) at which a hunk's old side begins, and how far that is stretched.

    ``offset`` is how many lines further down than the hunk says.
    """

    line: int
    offset: int
    fuzz: int


@dataclass(frozen=True, slots=True)
class _Pattern:
    """The old side of a hunk; ``first`` is the line it should begin at."""

    first: int
    lines: tuple[bytes, ...]
    prefix: int
    suffix: int


class HunkPlacer:
    """Finds the places of a file's hunks, one after the other."""

    __slots__ = ("_index", "_lines", "_offset", "_work")

    def __init__(self, lines: Sequence[bytes]) -> None:
        """``lines`` are the file's, with their newlines."""
        self._lines = lines
        self._offset = 0
        self._work = 0
        self._index: dict[bytes, list[int]] | None = None

    def place(self, hunk: Hunk, done: int) -> Place | None:
        """Where ``hunk`` applies, or None; the first ``done`` lines are settled already.

        Raises :class:`TooMuchWork` beyond :data:`MAX_WORK`.
        """
        pattern = _pattern(hunk)
        guess = pattern.first + self._offset
        if not pattern.lines:
            fits = done < guess <= len(self._lines) + 1
            return Place(guess, self._offset, 0) if fits else None
        context = max(pattern.prefix, pattern.suffix)
        for fuzz in range(min(MAX_FUZZ, context) + 1):
            line = self._locate(pattern, guess, fuzz, done)
            if line is not None:
                self._offset += line - guess
                return Place(line, self._offset, fuzz)
        return None

    def expected(self, hunk: Hunk) -> int:
        """The line at which ``hunk`` should begin, after how the hunks before came to lie."""
        return max(1, _pattern(hunk).first + self._offset)

    def _locate(self, pattern: _Pattern, guess: int, fuzz: int, done: int) -> int | None:
        context = max(pattern.prefix, pattern.suffix)
        head = fuzz + pattern.prefix - context
        tail = fuzz + pattern.suffix - context
        total, size = len(self._lines), len(pattern.lines)
        highest = total - (size - max(tail, 0)) + 1
        if head < 0 and pattern.first <= 1:
            if tail < 0 and size != total:
                return None
            fits = done <= pattern.prefix and highest >= 1 and self._matches(pattern, 1, 0, tail)
            return 1 if fits else None
        head = max(head, 0)
        if tail < 0:
            line = total - size + 1
            fits = line > done and self._matches(pattern, line, head, 0)
            return line if fits else None
        if head + tail >= size:
            # All that is left are changes without context, which fit anywhere.
            line = min(max(guess, done + 1), highest)
            return line if line > done else None
        for line in self._candidates(pattern, guess, head, tail):
            if done < line <= highest and self._matches(pattern, line, head, tail):
                return line
        return None

    def _matches(self, pattern: _Pattern, line: int, head: int, tail: int) -> bool:
        end = len(pattern.lines) - max(tail, 0)
        self._count(end - head)
        start = line - 1 + head
        return tuple(self._lines[start : line - 1 + end]) == pattern.lines[head:end]

    def _candidates(self, pattern: _Pattern, guess: int, head: int, tail: int) -> Iterator[int]:
        """Lines to try, nearest to ``guess`` first, of two equally near the later one."""
        yield guess
        wanted = pattern.lines[head : len(pattern.lines) - tail]
        if self._index is None:
            self._index = {}
            for number, text in enumerate(self._lines, start=1):
                self._index.setdefault(text, []).append(number)
        index = self._index
        rarest = min(range(len(wanted)), key=lambda at: len(index.get(wanted[at], ())))
        found = [number - rarest - head for number in index.get(wanted[rarest], ())]
        self._count(len(found))
        yield from sorted(found, key=lambda line: (abs(line - guess), line < guess))

    def _count(self, lines: int) -> None:
        self._work += lines
        if self._work > MAX_WORK:
            raise TooMuchWork


def _pattern(hunk: Hunk) -> _Pattern:
    old = tuple([line.text for line in hunk.lines if line.kind is not LineKind.ADDED])
    # A range without lines names the line before it.
    first = hunk.old_start + (1 if hunk.old_length == 0 else 0)
    return _Pattern(first, old, _context(hunk.lines), _context(hunk.lines[::-1]))


def _context(lines: Sequence[HunkLine]) -> int:
    return sum(1 for _ in takewhile(lambda line: line.kind is LineKind.CONTEXT, lines))
