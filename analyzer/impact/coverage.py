"""Which configurations compile the lines that a patch adds, and which runs exercise them all.

A line counts if it has code: comments, blank lines and directives other than ``#define`` do
not. A header's lines count where a unit that was looked at reads them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from analyzer.callgraph.conditionals import conditionals_at
from analyzer.configset.configset import Mask
from analyzer.impact.result import Entry, LineCoverage, Run
from analyzer.impact.side import Reading, Side
from analyzer.paths.result import Support
from analyzer.preprocessor.directive import Op
from analyzer.preprocessor.macro import Macro
from analyzer.preprocessor.skeleton import Skeleton

_SOURCES = (".c", ".h")


def coverage(side: Side, file: str, added: Sequence[int]) -> Iterator[LineCoverage]:
    """The added lines of ``file`` (numbers of the new side, ascending), consecutive lines that
    the same configurations compile together; ``fragment`` and ``reason`` are left open."""
    skeleton = side.session.skeleton(file) if file.endswith(_SOURCES) else None
    if skeleton is None:
        return
    items = _items_of_lines(skeleton)
    readings = side.readings(file)
    begun: LineCoverage | None = None
    for line in added:
        item = items.get(line)
        if item is None:
            continue
        mask = _compiled(readings, item)
        if begun is not None and begun.mask == mask and _together(begun, line, items):
            begun = LineCoverage(file, begun.first, line, mask)
            continue
        if begun is not None:
            yield begun
        begun = LineCoverage(file, line, line, mask)
    if begun is not None:
        yield begun


def conditions_of(side: Side, lines: LineCoverage) -> tuple[str, ...]:
    """The preprocessor conditions around lines, as written."""
    skeleton = side.session.skeleton(lines.file)
    if skeleton is None:
        return ()
    return tuple(text for text, _ in conditionals_at(skeleton, lines.first))


def _together(begun: LineCoverage, line: int, items: Mapping[int, int]) -> bool:
    """Whether nothing but lines without code stands between; for lines that nothing compiles
    no directive either, for what keeps them out may differ."""
    if not begun.mask and items[begun.last] != items[line]:
        return False
    return not any(number in items for number in range(begun.last + 1, line))


def _compiled(readings: Iterable[Reading], item: int) -> Mask:
    result = 0
    for reading in readings:
        result |= reading.active[item]
    return result


def _items_of_lines(skeleton: Skeleton) -> dict[int, int]:
    """The item that has the code of a line, for every line that has any."""
    found: dict[int, int] = {}
    for number, item in enumerate(skeleton.items):
        if item.op is Op.TEXT and isinstance(item.value, str):
            found.update(dict.fromkeys(_lines_with_code(item.value, item.line), number))
        elif item.op is Op.DEFINE:
            found[item.line] = number
            if isinstance(item.value, Macro):
                lines = _lines_with_code(item.value.body, item.value.line)
                found.update(dict.fromkeys(lines, number))
    return found


def _lines_with_code(text: str, first: int) -> Iterator[int]:
    """The lines of ``text``, which begins on line ``first``, that have more than blanks."""
    for line, part in enumerate(text.split("\n"), first):
        if part.strip(" \t\\\f\v"):
            yield line


def runs(
    lines: Sequence[LineCoverage], entries: Sequence[Entry], support: Sequence[Support], count: int
) -> tuple[Run, ...]:
    """The fewest of the ``count`` configurations, each on some platforms, that together compile
    all lines and take all transitions that change anything; chosen greedily.

    Lines that no configuration compiles are left out.
    """
    goals = _goals(lines, entries, support, count)
    left = set().union(*goals.values())
    chosen: list[Run] = []
    while left:
        best = max(goals, key=lambda run: (len(goals[run] & left), -run[0], not run[1]))
        reached = goals[best] & left
        left -= reached
        config, platform = best
        covered = sum(line.last - line.first + 1 for line in lines if line.mask >> config & 1)
        taken = sum(1 for goal in goals[best] if goal[0] == "transition")
        chosen.append(Run(config, platform or None, covered, taken))
    return tuple(chosen)


_Goal = tuple[str, int, int]


def _goals(
    lines: Sequence[LineCoverage], entries: Sequence[Entry], support: Sequence[Support], count: int
) -> dict[tuple[int, str], set[_Goal]]:
    """What each configuration on each platform reaches."""
    there = {each.platform: each.mask for each in support if each.mask}
    places = [(config, name) for config in range(count) for name in (there or {"": -1})]
    goals: dict[tuple[int, str], set[_Goal]] = {}
    for config, platform in places:
        if platform and not there[platform] >> config & 1:
            continue
        reached: set[_Goal] = {
            ("line", number, 0) for number, one in enumerate(lines) if one.mask >> config & 1
        }
        for number, entry in enumerate(entries):
            for index, change in enumerate(entry.transitions):
                if not (change.effects_change or change.paths_change):
                    continue
                on = not change.platforms or not platform or platform in change.platforms
                if on and change.mask >> config & 1:
                    reached.add(("transition", number, index))
        goals[config, platform] = reached
    return goals
