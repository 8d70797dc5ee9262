"""``kimpact paths --format tree``: one tree per path class, for people.

A line shows a function or macro, where it is defined, and where it is called; below it
stand the conditions of the call: guards as ``when``, preprocessor conditionals as
``#if`` with the values that decide them. Macros that only use the next one share a line, and
calls that are not shown are counted at their caller.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import TextIO

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from analyzer.configset.configset import Mask
from analyzer.paths.remarks import counted
from analyzer.paths.result import (
    Conditional,
    EdgeKind,
    Guard,
    LimitReason,
    Node,
    NodeKind,
    PathClass,
    PathsResult,
)
from analyzer.report.chains import chained
from analyzer.report.classes import members, subject
from analyzer.report.console import ascii_stream, console_for, is_utf8
from analyzer.report.drawn import drawn_classes
from analyzer.report.platforms import (
    Slot,
    listed,
    platform_lines,
    platform_remarks,
    replaced_in,
    taken_on,
    variants,
)
from analyzer.report.remarks import remark_lines
from analyzer.report.unfold import Line, lines_of
from analyzer.report.values import values_in
from analyzer.report.visible import one_line, visible

MAX_TREES = 8
"""Classes that are drawn; the rest is listed."""

MAX_LISTED = 24
MAX_SITES = 4

GUIDE_COLUMNS = 4
LEAST_TEXT = 40

_LIMIT_TEXT = {
    LimitReason.DEPTH: "not followed: depth",
    LimitReason.OBJECT: "not followed: further object",
    LimitReason.CAP: "not followed: cap",
    LimitReason.PRIMITIVE: "not followed: primitive",
}


def print_paths(result: PathsResult, stream: TextIO, *, ascii_only: bool = False) -> None:
    """Write ``result`` to ``stream``; plain ASCII if asked for or all that it can take."""
    if ascii_only or not is_utf8(stream):
        with ascii_stream(stream) as plain:
            _print(result, plain)
    else:
        _print(result, stream)


def _print(result: PathsResult, stream: TextIO) -> None:
    classes = drawn_classes(result)
    drawn = [chained(list(lines_of(result, each))) for each in classes[:MAX_TREES]]
    deepest = max((line.depth for lines in drawn for line in lines), default=0)
    console = console_for(stream, deepest * GUIDE_COLUMNS + LEAST_TEXT)
    console.print(_title(result))
    for text in platform_lines(result):
        console.print(Text(text, "dim"))
    for each, lines in zip(classes, drawn, strict=False):
        console.print()
        if len(result.configs) > 1:
            console.print(_heading(result, each, lines))
        elif not each.edges and (result.target is not None or not lines):
            console.print(_nothing(result, each, lines))
        if each.edges or (lines and result.target is None):
            _draw(console, lines, each, result)
    _list_rest(console, result, classes[MAX_TREES:])
    remarks = list(remark_lines(result.diagnostics))
    if remarks:
        console.print()
        for remark in remarks:
            console.print(remark)


def _title(result: PathsResult) -> Text:
    names = {node.id: node.name for node in result.nodes}
    text = Text(visible(", ".join(dict.fromkeys(names[root] for root in result.roots))), "bold")
    if result.target is not None:
        text.append(" to ", "not bold").append(visible(result.target))
    count = len(result.configs)
    which = visible(result.configs[0].name) if count == 1 else f"{count} configurations"
    kernel = visible(f"Linux {result.kernel.version} {result.kernel.arch}")
    return text.append(f"  ({kernel}, {which})", "not bold dim")


def _heading(result: PathsResult, each: PathClass, lines: list[Line]) -> Text:
    count, total = each.mask.bit_count(), len(result.configs)
    verb = "takes" if count == 1 else "take"
    who = subject(count, total)
    if not lines or (not each.edges and result.target is not None):
        text = _nothing(result, each, lines)
    else:
        which = "this path" if result.target is not None else "these paths"
        text = Text(f"{who} {verb} {which}", "bold")
    if count < total:
        text.append(": ").append(visible(each.when), "cyan")
        text.append(f"\n  {members(result.configs, each.mask)}", "not bold dim")
    return text


def _nothing(result: PathsResult, each: PathClass, lines: list[Line]) -> Text:
    count, total = each.mask.bit_count(), len(result.configs)
    who = subject(count, total)
    if not lines:
        return Text(f"{who} {'does' if count == 1 else 'do'} not have the function", "bold")
    has = "has" if count == 1 else "have"
    return Text(f"{who} {has} no path to {visible(result.target or '')}", "bold")


@dataclass(frozen=True, slots=True)
class _Above:
    """What the line above a line says already: conditionals as written, and the platforms."""

    conditions: frozenset[str]
    platforms: tuple[str, ...]

    def below(self, line: Line) -> _Above:
        """What is said once ``line`` stands too."""
        if not line.sites:
            return self
        platforms = taken_on(self.platforms, line.sites)
        told = (*line.sites[0].conditionals, *line.also)
        return _Above(self.told(told).conditions, platforms)

    def told(self, conditionals: Iterable[Conditional]) -> _Above:
        """What is said once ``conditionals`` stand too."""
        texts = (conditional.text for conditional in conditionals)
        return _Above(self.conditions.union(texts), self.platforms)


def _draw(console: Console, lines: list[Line], each: PathClass, result: PathsResult) -> None:
    branches: list[Tree] = []
    shown: list[_Above] = []
    replaced = replaced_in(result, each)
    for line in lines:
        del shown[line.depth :]
        above = shown[-1] if shown else _Above(frozenset(), each.platforms)
        label = _label(line, above, replaced, each.mask, result)
        shown.append(above.below(line))
        if line.depth == 0:
            if branches:
                console.print(branches[0])
            branches = [Tree(label, guide_style="dim")]
        else:
            del branches[line.depth :]
            branches.append(branches[-1].add(label))
    if branches:
        console.print(branches[0])


def _label(
    line: Line,
    above: _Above,
    replaced: Mapping[Slot, frozenset[str]],
    mask: Mask,
    result: PathsResult,
) -> Text:
    """The line, and below it its conditions but for those that stand ``above`` already."""
    if not line.sites:
        return _head(line, [])
    first = line.sites[0]
    elsewhere = replaced.get((first.source, first.slot), frozenset())
    text = _head(line, platform_remarks(line, above.platforms, elsewhere))
    calls = variants(line)
    for site in calls:
        conditions = Text()
        if site.guards:
            if len(calls) > 1:
                on = listed(taken_on(above.platforms, [site]))
                conditions.append(f"on {on} ", "not bold yellow")
            conditions.append(f"when {guards_text(site.guards)}", "not bold italic")
        told = (*site.conditionals, *line.also)
        _add_conditionals(conditions, told, above, mask, result)
        if conditions:
            text.append("\n").append_text(conditions)
            above = above.told(told)
    return text


def _add_conditionals(
    text: Text,
    conditionals: tuple[Conditional, ...],
    above: _Above,
    mask: Mask,
    result: PathsResult,
) -> None:
    """Append the conditionals that do not stand above already."""
    said = set(above.conditions)
    for conditional in conditionals:
        if conditional.text in said:
            continue
        said.add(conditional.text)
        if text:
            text.append("  ")
        text.append(f"#if {one_line(conditional.text)}", "not bold magenta")
        values = values_in(conditional.text, mask, result.symbols)
        if values:
            text.append(f" [{visible(', '.join(values))}]", "not bold cyan")
        text.append(f" {visible(str(conditional.location))}", "not bold dim")


def guards_text(guards: tuple[Guard, ...]) -> str:
    """Guards on one line, a label once behind those that share it; of the same test made
    twice only the inner one, which is what decides."""
    inner = {one_line(guard.text): number for number, guard in enumerate(guards)}
    last = [guard for n, guard in enumerate(guards) if inner[one_line(guard.text)] == n]
    parts: list[str] = []
    for label, same in groupby(last, key=lambda guard: guard.label):
        texts = " and ".join(one_line(guard.text) for guard in same)
        parts.append(texts if label is None else f"{texts} ({one_line(label)})")
    return " and ".join(parts)


def _head(line: Line, on: list[str]) -> Text:
    """``on``: what is to be said of platforms."""
    text = Text()
    site = line.sites[0] if line.sites else None
    if line.node is not None:
        for macro in line.through:
            text.append(visible(macro.name), "bold").append(" > ")
        text.append(visible(line.node.name), "bold")
        written = (line.through or (line.node,))[0].name
        if site is not None and site.name != written:
            text.append(f" as {one_line(site.name)}")
    elif site is not None:
        text.append(one_line(site.name), "bold").append("  unknown target", "yellow")
    remarks = _remarks(line, on)
    if remarks:
        text.append(f"  ({'; '.join(remarks)})", "yellow")
    if line.node is not None and line.node.location is not None:
        text.append(f"  {visible(str(line.node.location))}", "blue")
    if line.sites:
        text.append(f"  {_sites(line)}", "dim")
    if line.folded:
        text.append(f"  + {counted(line.folded, 'call')}", "dim")
    return text


def _remarks(line: Line, on: list[str]) -> list[str]:
    remarks: list[str] = []
    node: Node | None = line.node
    if node is not None and node.kind is NodeKind.MACRO:
        remarks.append("macros" if line.through else "macro")
    if line.sites:
        site = line.sites[0]
        if site.kind is EdgeKind.INDIRECT:
            through = f" through {one_line(site.slot)}" if site.slot is not None else ""
            remarks.append(f"indirect{through}")
        elif site.kind is EdgeKind.CALLBACK:
            where = f" in {one_line(site.context)} context" if site.context is not None else ""
            remarks.append(f"callback{where}")
    remarks += on
    if line.effects and line.again is None:
        remarks.append(visible(", ".join(line.effects)))
    if node is not None and node.absent is not None:
        remarks.append(one_line(node.absent))
    if line.again is not None:
        remarks.append(line.again.value)
    elif line.limit is not None:
        remarks.append(_LIMIT_TEXT[line.limit.reason])
    return remarks


def _sites(line: Line) -> str:
    """Where the calls stand: line numbers alone where the file is the caller's own."""
    own = line.caller.location.file if line.caller and line.caller.location else None
    texts: list[str] = []
    for file, places in groupby((s.location for s in line.sites), key=lambda place: place.file):
        numbers = list(dict.fromkeys(place.line for place in places))
        shown = ", ".join(map(str, numbers[:MAX_SITES]))
        more = f" and {len(numbers) - MAX_SITES} more" if len(numbers) > MAX_SITES else ""
        word = "line" if len(numbers) == 1 else "lines"
        where = f"{word} {shown}" if file == own else f"{visible(file)}:{shown}"
        texts.append(f"{where}{more}")
    return "from " + "; ".join(texts)


def _list_rest(console: Console, result: PathsResult, rest: tuple[PathClass, ...]) -> None:
    if not rest:
        return
    console.print()
    console.print(Text(f"{len(rest)} smaller classes are not drawn (--format json has all):"))
    for each in rest[:MAX_LISTED]:
        count = each.mask.bit_count()
        console.print(Text(f"  {count} of {len(result.configs)}: {visible(each.when)}"))
    if len(rest) > MAX_LISTED:
        console.print(Text(f"  and {len(rest) - MAX_LISTED} more classes"))
