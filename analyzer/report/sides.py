"""The two trees of a transition: what its paths were, and what they become.

Only routes that lead to an edge that changes are drawn; calls beside them are counted. Texts
are harmless for a terminal (:mod:`analyzer.report.visible`).
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import takewhile

from analyzer.impact.result import Entry, Step, Transition
from analyzer.impact.words import counted, effects_text
from analyzer.paths.result import (
    Certainty,
    Edge,
    EdgeKind,
    NodeKind,
    PathClass,
    PathsResult,
)
from analyzer.report.platforms import listed, taken_on
from analyzer.report.tree import guards_text
from analyzer.report.unfold import Line, lines_of
from analyzer.report.visible import one_line, visible

MAX_LINES = 60
"""Lines of one tree; the rest is counted."""


class Mark(enum.Enum):
    """Whether a call is on both sides."""

    SAME = "  "
    NEW = ">>"
    GONE = "<<"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A line of a tree: a function, remarks on it, where it is, when it is called.

    ``beside`` counts calls of the function that are not drawn. ``macro``: it is one, or several
    that do nothing here but use one another.
    """

    depth: int
    mark: Mark
    name: str
    remarks: tuple[str, ...] = ()
    place: str = ""
    when: str = ""
    beside: int = 0
    macro: bool = False


@dataclass(frozen=True, slots=True)
class Sides:
    """Both trees; one is empty where the function is not there. ``cut`` counts lines left out."""

    before: tuple[Drawn, ...]
    after: tuple[Drawn, ...]
    cut: int = 0


@dataclass(frozen=True, slots=True)
class Guides:
    """What stands in front of a line and of what continues it."""

    first: str
    rest: str


def sides_of(entry: Entry, change: Transition) -> Sides:
    """The trees of ``change``, cut to :data:`MAX_LINES` each."""
    before = _side(entry.before, change, change.gone, Mark.GONE)
    after = _side(entry.after, change, change.new, Mark.NEW)
    cut = max(0, len(before) - MAX_LINES) + max(0, len(after) - MAX_LINES)
    return Sides(tuple(before[:MAX_LINES]), tuple(after[:MAX_LINES]), cut)


def merged(sides: Sides) -> Iterator[Drawn]:
    """Both trees as one: what goes stands before what comes in its place."""
    keys = [[(line.depth, line.mark, line.name) for line in side] for side in _both(sides)]
    matcher = SequenceMatcher(None, keys[0], keys[1], autojunk=False)
    for tag, first, last, start, end in matcher.get_opcodes():
        if tag == "equal":
            yield from map(_shared, sides.before[first:last], sides.after[start:end])
        else:
            yield from sides.before[first:last]
            yield from sides.after[start:end]


def guides_of(lines: Sequence[Drawn], plain: bool) -> list[Guides]:
    """The guide lines of a tree, in ASCII if ``plain``."""
    more, last, along = ("+-- ", "`-- ", "|   ") if plain else ("├── ", "└── ", "│   ")
    found: list[Guides] = []
    open_below: set[int] = set()
    for line in reversed(lines):
        above = "".join(along if depth in open_below else "    " for depth in range(1, line.depth))
        own = (more if line.depth in open_below else last) if line.depth else ""
        kept = (along if line.depth in open_below else "    ") if line.depth else ""
        found.append(Guides(above + own, above + kept))
        open_below = {depth for depth in open_below if depth < line.depth} | {line.depth}
    found.reverse()
    return found


def _both(sides: Sides) -> tuple[Sequence[Drawn], Sequence[Drawn]]:
    return sides.before, sides.after


def _shared(before: Drawn, after: Drawn) -> Drawn:
    """A line that both have, placed where it is after the patch."""
    return replace(after, beside=max(before.beside, after.beside))


def _side(
    paths: PathsResult | None, change: Transition, steps: Iterable[Step], mark: Mark
) -> list[Drawn]:
    if paths is None or (change.before if mark is Mark.GONE else change.after) is None:
        return []
    changed = {_step_key(step) for step in steps}
    names = {node.id: node.name for node in paths.nodes}
    lines = list(lines_of(paths, _class(paths, change)))
    marked = [any(_edge_key(edge, names) in changed for edge in line.sites) for line in lines]
    kept = _on_the_way(lines, marked)
    drawn: list[Drawn] = []
    route: list[tuple[str, ...]] = []
    for number, line in enumerate(lines):
        del route[line.depth :]
        above = route[-1] if route else change.platforms
        route.append(taken_on(above, line.sites) if line.sites else above)
        if kept[number]:
            one = _drawn(line, above, mark if marked[number] else Mark.SAME)
            drawn.append(replace(one, beside=_beside(lines, kept, number)))
    return _chained(drawn)


def _chained(drawn: Sequence[Drawn]) -> list[Drawn]:
    """Macros that both sides have, and that are only left for the next one, on its line."""
    result: list[Drawn] = []
    taken: list[int] = []
    """The depths, before anything moved, of the lines above that were taken in."""
    pending: Drawn | None = None
    for number, one in enumerate(drawn):
        while taken and taken[-1] >= one.depth:
            taken.pop()
        moved = replace(one, depth=one.depth - len(taken))
        if pending is not None:
            name = f"{pending.name} > {moved.name}"
            remarks = ("macros", *moved.remarks[1:])
            moved = replace(moved, name=name, remarks=remarks, when=pending.when)
            pending = None
        if _only_leads_on(drawn, number):
            taken.append(one.depth)
            pending = moved
        else:
            result.append(moved)
    return result


def _only_leads_on(drawn: Sequence[Drawn], number: int) -> bool:
    """Whether a line is a macro of which the next line is all there is to say."""
    one = drawn[number]
    if not one.macro or not one.depth or one.mark is not Mark.SAME or one.beside:
        return False
    below = [after for after in drawn[number + 1 :] if after.depth <= one.depth + 1]
    children = list(takewhile(lambda after: after.depth > one.depth, below))
    inner = children[0] if len(children) == 1 else None
    return inner is not None and inner.macro and inner.mark is Mark.SAME and not inner.when


def _class(paths: PathsResult, change: Transition) -> PathClass:
    """The classes of one side that take part in ``change``, as one."""
    edges: set[int] = set()
    for one in paths.classes:
        if one.mask & change.mask and _overlap(one.platforms, change.platforms):
            edges.update(one.edges)
    inside = [
        index
        for index in sorted(edges)
        if paths.edges[index].mask & change.mask
        and _overlap(paths.edges[index].platforms, change.platforms)
    ]
    return PathClass(change.mask, change.platforms, change.when, (), tuple(inside))


def _overlap(some: Sequence[str], others: Sequence[str]) -> bool:
    return not some or not others or not set(some).isdisjoint(others)


def _step_key(step: Step) -> tuple[object, ...]:
    return (
        step.caller,
        step.callee,
        step.name,
        step.kind,
        step.slot,
        step.context,
        step.guards,
    )


def _edge_key(edge: Edge, names: dict[str, str]) -> tuple[object, ...]:
    target = None if edge.target is None else names[edge.target]
    caller = names[edge.source]
    return (caller, target, edge.name, edge.kind, edge.slot, edge.context, edge.guards)


def _on_the_way(lines: Sequence[Line], marked: Sequence[bool]) -> list[bool]:
    """Which lines are marked or stand above one that is."""
    kept = list(marked)
    wanted = -1
    for number in range(len(lines) - 1, -1, -1):
        depth = lines[number].depth
        if marked[number] or depth in (wanted, 0):
            kept[number] = True
            wanted = depth - 1
        elif depth < wanted:
            wanted = -1
    return kept


def _beside(lines: Sequence[Line], kept: Sequence[bool], number: int) -> int:
    """The calls of a line that are not drawn."""
    line = lines[number]
    count = line.folded
    for below in range(number + 1, len(lines)):
        if lines[below].depth <= line.depth:
            break
        if lines[below].depth == line.depth + 1 and not kept[below]:
            count += 1
    return count


def _drawn(line: Line, above: tuple[str, ...], mark: Mark) -> Drawn:
    site = line.sites[0] if line.sites else None
    node = line.node
    name = visible(node.name) if node is not None else one_line(site.name if site else "")
    place = visible(str(node.location)) if node is not None and node.location is not None else ""
    when = guards_text(site.guards) if site is not None and site.guards else ""
    macro = node is not None and node.kind is NodeKind.MACRO
    remarks = tuple(_remarks(line, above))
    return Drawn(line.depth, mark, name, remarks, place, when, macro=macro)


def _remarks(line: Line, above: tuple[str, ...]) -> Iterator[str]:
    node = line.node
    if node is None:
        yield "unknown target"
    elif node.kind is NodeKind.MACRO:
        yield "macro"
    if line.sites:
        site = line.sites[0]
        if site.kind is EdgeKind.INDIRECT:
            yield f"indirect through {one_line(site.slot)}" if site.slot else "indirect"
        elif site.kind is EdgeKind.CALLBACK:
            where = f" in {one_line(site.context)} context" if site.context else ""
            yield f"callback{where}"
        on = taken_on(above, line.sites)
        if on != above:
            yield f"on {listed(on)}"
        if site.certainty is Certainty.CANDIDATE:
            yield "candidate"
    if line.effects:
        yield effects_text(line.effects, one_line)
    if node is not None and node.absent is not None:
        yield one_line(node.absent)
    if line.again is not None:
        yield line.again.value


def beside_text(count: int) -> str:
    """The calls that are not drawn; empty for none."""
    return f"+ {counted(count, 'other call')}" if count else ""
