"""The text of a patch as it applies: hunks with the lines around them, from both trees."""

from __future__ import annotations

from collections.abc import Sequence

from analyzer.impact.result import Hunk
from analyzer.patch.lines import Block

CONTEXT = 3
"""Unchanged lines that are shown around changed ones."""


def hunks_of(blocks: Sequence[Block], old: bytes | None, new: bytes | None) -> tuple[Hunk, ...]:
    """The hunks of a file: ``old`` and ``new`` are its contents, None where it is not there."""
    before, after = _lines(old), _lines(new)
    groups: list[list[Block]] = []
    for block in blocks:
        last = groups[-1][-1] if groups else None
        if last is not None and block.old_start - last.old_start - last.old_count <= 2 * CONTEXT:
            groups[-1].append(block)
        else:
            groups.append([block])
    return tuple(_hunk(group, before, after) for group in groups)


def _hunk(blocks: Sequence[Block], before: Sequence[str], after: Sequence[str]) -> Hunk:
    lead = min(CONTEXT, blocks[0].old_start - 1, blocks[0].new_start - 1)
    old, new = blocks[0].old_start - lead, blocks[0].new_start - lead
    lines: list[str] = []
    at = old
    for block in blocks:
        lines += (f" {text}" for text in before[at - 1 : block.old_start - 1])
        at = block.old_start + block.old_count
        lines += (f"-{text}" for text in before[block.old_start - 1 : at - 1])
        first = block.new_start - 1
        lines += (f"+{text}" for text in after[first : first + block.new_count])
    lines += (f" {text}" for text in before[at - 1 : at - 1 + CONTEXT])
    return Hunk(old, new, tuple(lines))


def _lines(data: bytes | None) -> list[str]:
    if not data:
        return []
    return data.decode("utf-8", "surrogateescape").removesuffix("\n").split("\n")
