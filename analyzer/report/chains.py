"""Macros that do nothing but use one another, put on one line of a tree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from analyzer.paths.result import NodeKind
from analyzer.report.unfold import Line


def chained(lines: Sequence[Line]) -> list[Line]:
    """``lines``, in reading order, with each macro that is left for the next one taken into
    the line of that one (``through``); what is below moves up."""
    result: list[Line] = []
    taken: list[int] = []
    """The depths, before anything moved, of the lines above that were taken in."""
    pending: Line | None = None
    for number, line in enumerate(lines):
        while taken and taken[-1] >= line.depth:
            taken.pop()
        moved = replace(line, depth=line.depth - len(taken))
        if pending is not None:
            moved = _after(pending, moved)
            pending = None
        if _only_uses(lines, number):
            taken.append(line.depth)
            pending = moved
        else:
            result.append(moved)
    return result


def _after(macro: Line, line: Line) -> Line:
    """The line of what a macro uses, called where the macro is."""
    assert macro.node is not None, "a macro has a name"
    return replace(
        line,
        caller=macro.caller,
        sites=macro.sites,
        through=(*macro.through, macro.node),
        also=(*macro.also, *line.sites[0].conditionals),
    )


def _only_uses(lines: Sequence[Line], number: int) -> bool:
    """Whether a line is a macro of which the next line is all there is to say."""
    line = lines[number]
    if line.node is None or line.node.kind is not NodeKind.MACRO or line.depth == 0:
        return False
    below = _children(lines, number)
    if line.again is not None or line.folded or len(below) != 1:
        return False
    inner = below[0]
    used_once = len(inner.sites) == 1 and not inner.sites[0].guards
    macro = inner.node is not None and inner.node.kind is NodeKind.MACRO
    return used_once and macro and inner.again is None


def _children(lines: Sequence[Line], number: int) -> list[Line]:
    """The lines directly below a line, the first two of them at most."""
    depth = lines[number].depth
    found: list[Line] = []
    for line in lines[number + 1 :]:
        if line.depth <= depth or len(found) == 2:
            break
        if line.depth == depth + 1:
            found.append(line)
    return found
