"""Which line of a file became which: the line map of a change, and of several in a row."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that were replaced: ``old_count`` from ``old_start`` by ``new_count`` others.

    Lines start at 1. A count of 0 means that nothing is there; its start is the line that
    comes next.
    """

    old_start: int
    old_count: int
    new_start: int
    new_count: int


@dataclass(frozen=True, slots=True)
class LineMap:
    """How the lines of a file before and after a change correspond.

    ``blocks`` are what changed, in order and apart from each other; all other lines are
    kept. ``old_lines`` and ``new_lines`` count the lines on either side.
    """

    blocks: tuple[Block, ...]
    old_lines: int
    new_lines: int

    @classmethod
    def unchanged(cls, lines: int) -> LineMap:
        """Of a file with so many lines that stays as it is."""
        return cls((), lines, lines)

    @classmethod
    def replaced(cls, old_lines: int, new_lines: int) -> LineMap:
        """No line is kept: of an added file, a deleted one, or one written anew."""
        return _of_kept((), old_lines, new_lines)

    def to_new(self, line: int) -> int | None:
        """Where an old line is afterwards; None if it was removed or does not exist."""
        if not 1 <= line <= self.old_lines:
            return None
        at = bisect_right(self.blocks, line, key=lambda block: block.old_start) - 1
        if at < 0:
            return line
        block = self.blocks[at]
        past = line - block.old_start - block.old_count
        return None if past < 0 else block.new_start + block.new_count + past

    def to_old(self, line: int) -> int | None:
        """Where a new line was before; None if it was added or does not exist."""
        if not 1 <= line <= self.new_lines:
            return None
        at = bisect_right(self.blocks, line, key=lambda block: block.new_start) - 1
        if at < 0:
            return line
        block = self.blocks[at]
        past = line - block.new_start - block.new_count
        return None if past < 0 else block.old_start + block.old_count + past

    @property
    def added(self) -> tuple[int, ...]:
        """The lines of the new side that are not from the old one."""
        return tuple(
            line
            for block in self.blocks
            for line in range(block.new_start, block.new_start + block.new_count)
        )

    @property
    def removed(self) -> tuple[int, ...]:
        """The lines of the old side that are gone."""
        return self.reversed().added

    def reversed(self) -> LineMap:
        """From the new side to the old one."""
        blocks = [Block(b.new_start, b.new_count, b.old_start, b.old_count) for b in self.blocks]
        return LineMap(tuple(blocks), self.new_lines, self.old_lines)

    def then(self, later: LineMap) -> LineMap:
        """This change and a later one of its result, as one."""
        return _of_kept(
            _common(list(self.kept()), list(later.kept())), self.old_lines, later.new_lines
        )

    def kept(self) -> Iterator[tuple[int, int, int]]:
        """Runs of kept lines: first old line, first new line, how many."""
        old = new = 1
        for block in self.blocks:
            if block.old_start > old:
                yield old, new, block.old_start - old
            old = block.old_start + block.old_count
            new = block.new_start + block.new_count
        if self.old_lines >= old:
            yield old, new, self.old_lines - old + 1


def _common(
    first: Sequence[tuple[int, int, int]], second: Sequence[tuple[int, int, int]]
) -> Iterator[tuple[int, int, int]]:
    """Runs kept by both, the middle side left out."""
    mine = at = 0
    while mine < len(first) and at < len(second):
        old, middle, count = first[mine]
        start, new, length = second[at]
        begin, end = max(middle, start), min(middle + count, start + length)
        if begin < end:
            yield old + begin - middle, new + begin - start, end - begin
        if middle + count <= start + length:
            mine += 1
        else:
            at += 1


def _of_kept(kept: Iterable[tuple[int, int, int]], old_lines: int, new_lines: int) -> LineMap:
    blocks: list[Block] = []
    old = new = 1
    for old_start, new_start, count in (*kept, (old_lines + 1, new_lines + 1, 0)):
        if old_start > old or new_start > new:
            blocks.append(Block(old, old_start - old, new, new_start - new))
        old, new = old_start + count, new_start + count
    return LineMap(tuple(blocks), old_lines, new_lines)
