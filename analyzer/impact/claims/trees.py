"""Call trees in a changelog: which lines are one, and who calls whom in it.

Indentation tells, as it does a reader: a name calls those below it that begin further right,
whatever is drawn between. An arrow that is not indented goes on from the line above.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from analyzer.impact.claims.drawing import DrawnCall, Label
from analyzer.impact.claims.shapes import (
    Blank,
    CallLine,
    Filler,
    Foreign,
    HeadingLine,
    Named,
    Shape,
)

MAX_CALLS = 400
"""Most names of one drawing; the lines after them are left unread."""

MAX_DEPTH = 64
"""Deepest name that is read."""

_LIKELY = 0.5
"""How many names of a tree must look like those of functions: parentheses or underscores."""

_WIDE = 24
"""A tree without lines does not move further right than this at once: two columns do."""

_COLUMNS = re.compile(r"\b(?:cpu|thread|task|process|core|vcpu)[ #-]?(?:\d|[a-d]\b)", re.IGNORECASE)
_TRACE = re.compile(r"call ?trace|backtrace|stack trace|stack:|stacktrace", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Run:
    """Lines ``first`` to ``last`` (indices) that are a tree: its calls, one list for each root."""

    first: int
    last: int
    trees: tuple[tuple[DrawnCall, ...], ...]
    cut: bool


def runs(shapes: Sequence[Shape], lines: Sequence[str]) -> list[Run]:
    """The trees among ``lines``, whose shapes are given, in order."""
    found: list[Run] = []
    position = 0
    while position < len(shapes):
        if not isinstance(shapes[position], CallLine):
            position += 1
            continue
        end = position
        while end < len(shapes) and isinstance(shapes[end], (CallLine, HeadingLine, Filler)):
            end += 1
        if _stands_alone(shapes, lines, position, end):
            built = _built(shapes, position, end)
            if built.trees:
                found.append(built)
        position = end
    return found


def _stands_alone(shapes: Sequence[Shape], lines: Sequence[str], first: int, end: int) -> bool:
    """Whether the lines around a run do not make it a part of something else."""
    column = _column(shapes[first])
    before = first - 1
    if before >= 0:
        shape = shapes[before]
        introduced = lines[before].rstrip().endswith(":")
        if isinstance(shape, Foreign):
            if shape.column > column or (shape.column == column and not introduced):
                return False
        elif isinstance(shape, (HeadingLine, Filler)):
            return False
    while before >= 0 and isinstance(shapes[before], Blank):
        before -= 1
    if before >= 0:
        told = lines[before]
        if len(_COLUMNS.findall(told)) > 1 or _TRACE.search(told):
            return False
    after = shapes[end] if end < len(shapes) else None
    return not (isinstance(after, Foreign) and after.column > column)


def _column(shape: Shape) -> int:
    return shape.column if isinstance(shape, CallLine) else 0


@dataclass(slots=True)
class _Call:
    name: Named
    line: int
    parent: int | None
    loose: bool
    headings: tuple[Label, ...]
    labels: list[Label]


@dataclass(slots=True)
class _Open:
    """A name or heading that what comes may stand under."""

    column: int
    call: int | None
    heading: Label | None = None
    used: bool = False


@dataclass(slots=True)
class _Builder:
    calls: list[_Call] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)

    def add(self, name: Named, line: int, column: int, loose: bool) -> None:
        """Put a name under what it stands under."""
        self._close(column)
        headings: list[Label] = []
        parent: int | None = None
        for entry in reversed(self.stack):
            entry.used = True
            if entry.call is not None:
                parent = entry.call
                break
            if entry.heading is not None:
                headings.append(entry.heading)
        index = len(self.calls)
        told = tuple(reversed(headings))
        self.calls.append(_Call(name, line, parent, loose, told, [*name.labels]))
        self.stack.append(_Open(column, index))

    def add_loop(self, column: int) -> None:
        """Open a loop: what comes to stand under it is called by what it stands in."""
        self._close(column)
        self.stack.append(_Open(column, None))

    def add_heading(self, label: Label, column: int) -> None:
        """Open a heading; if nothing comes to stand under it, it is a label."""
        self._close(column)
        self.stack.append(_Open(column, None, label))

    def _close(self, column: int) -> None:
        while self.stack and self.stack[-1].column >= column:
            self._drop(self.stack.pop())

    def _drop(self, entry: _Open) -> None:
        if entry.heading is None or entry.used:
            return
        for above in reversed(self.stack):
            if above.call is not None:
                self.calls[above.call].labels.append(entry.heading)
                return

    def finish(self) -> list[_Call]:
        """The calls, with no heading left open."""
        while self.stack:
            self._drop(self.stack.pop())
        return self.calls


def _built(shapes: Sequence[Shape], first: int, end: int) -> Run:
    builder = _Builder()
    begin = shapes[first]
    root = begin.names[0].column if isinstance(begin, CallLine) else 0
    wide = drawn = cut = False
    for number in range(first, end):
        shape = shapes[number]
        if isinstance(shape, HeadingLine):
            builder.add_heading(shape.label, shape.column)
        if not isinstance(shape, CallLine):
            continue
        if len(builder.calls) >= MAX_CALLS or len(builder.stack) >= MAX_DEPTH:
            cut = True
            break
        if shape.loop and builder.calls:
            builder.add_loop(shape.names[0].column)
            continue
        drawn = drawn or shape.drawn
        column = shape.names[0].column
        if shape.edge is None and builder.stack:
            wide = wide or column - builder.stack[-1].column > _WIDE
        goes_on = shape.arrow and shape.edge is not None and shape.edge <= root
        for position, name in enumerate(shape.names):
            at = name.column
            if goes_on and builder.stack:
                at = max(at, builder.stack[-1].column + 1)
            builder.add(name, number + 1, at, goes_on and not position)
    calls = builder.finish()
    likely = sum(1 for each in calls if each.name.called or "_" in each.name.name)
    if wide or likely < _LIKELY * len(calls) or not any(c.parent is not None for c in calls):
        return Run(first, end - 1, (), cut)
    if not drawn and not any(each.name.called or "_" in each.name.name for each in calls[:1]):
        return Run(first, end - 1, (), cut)
    return Run(first, end - 1, _apart(calls), cut)


def _apart(calls: Sequence[_Call]) -> tuple[tuple[DrawnCall, ...], ...]:
    """The calls of each root that calls something, numbered anew."""
    trees: list[list[DrawnCall]] = []
    start = 0
    for index, call in enumerate(calls):
        if call.parent is None:
            trees.append([])
            start = index
        parent = None if call.parent is None else call.parent - start
        trees[-1].append(
            DrawnCall(
                call.name.name,
                call.line,
                parent,
                tuple(call.labels),
                call.headings,
                call.name.called,
                call.loose,
            )
        )
    return tuple(tuple(tree) for tree in trees if len(tree) > 1)
