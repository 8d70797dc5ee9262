"""``kimpact callers --format tree``: one tree per class, from a function up to its entries.

Each function stands below what it calls, with the place and the conditions of the call.
Where a chain of callers ends stands why: system call, initcall, ops table and so on.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TextIO, TypeVar

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from analyzer.callers.answer import turned
from analyzer.callers.result import CallersResult, EntryPoint
from analyzer.callgraph.entries import EntryKind
from analyzer.configset.configset import Mask
from analyzer.paths.remarks import counted
from analyzer.paths.result import (
    Certainty,
    Conditional,
    Edge,
    EdgeKind,
    LimitReason,
    NodeKind,
    PathClass,
    PathsResult,
)
from analyzer.report.classes import members, subject
from analyzer.report.console import ascii_stream, console_for, is_utf8
from analyzer.report.remarks import remark_lines
from analyzer.report.tree import GUIDE_COLUMNS, LEAST_TEXT, MAX_LISTED, MAX_SITES, MAX_TREES
from analyzer.report.unfold import Line, lines_of
from analyzer.report.values import values_in
from analyzer.report.visible import one_line, visible

Shared = TypeVar("Shared")

MAX_GUARDS = 2
"""Guards that are written out for a call, the innermost ones."""
MAX_ENTRIES = 6
"""Entries of one kind that are written out for a function; the rest is counted."""

_ENTRY_TEXT = {
    EntryKind.SYSTEM_CALL: "system call {detail} ({name})",
    EntryKind.INTERRUPT: "interrupt entry ({name})",
    EntryKind.INITCALL: "initcall ({name})",
    EntryKind.EXITCALL: "exitcall ({name})",
    EntryKind.BOOT_PARAMETER: "boot parameter ({name})",
    EntryKind.EXPORTED: "exported: modules may call it ({name})",
    EntryKind.STATIC_CALL: "static call ({name}: {detail})",
    EntryKind.BPF: "called by BPF programs ({name})",
    EntryKind.STORED: "stored in {name} of {detail}",
    EntryKind.ASSIGNED: "stored in {name} by {detail}()",
    EntryKind.ARGUMENT: "handed to {name}() as argument {argument} by {detail}()",
    EntryKind.ADDRESS: "its address is taken in {detail}()",
    EntryKind.ASSEMBLY: "assembly: {name}",
    EntryKind.MACRO: "named in {name}({detail})",
    EntryKind.UNUSED: "nothing mentions it",
    EntryKind.NO_CALLER: "mentioned, but called nowhere in these configurations",
}


def print_callers(result: CallersResult, stream: TextIO, *, ascii_only: bool = False) -> None:
    """Write ``result`` to ``stream``; plain ASCII if asked for or all that it can take."""
    if ascii_only or not is_utf8(stream):
        with ascii_stream(stream) as plain:
            _print(result, plain)
    else:
        _print(result, stream)


def _print(result: CallersResult, stream: TextIO) -> None:
    view = _from_callee(result)
    drawn = [list(lines_of(view, each)) for each in view.classes[:MAX_TREES]]
    deepest = max((line.depth + 1 for lines in drawn for line in lines), default=0)
    console = console_for(stream, deepest * GUIDE_COLUMNS + LEAST_TEXT)
    console.print(_title(result))
    for each, lines in zip(result.classes, drawn, strict=False):
        console.print()
        if len(result.configs) > 1:
            console.print(_heading(result, each, lines))
        _draw(console, lines, each.mask, result)
    rest = result.classes[MAX_TREES:]
    if rest:
        console.print()
        console.print(Text(f"{len(rest)} smaller classes are not drawn (--format json has all):"))
        for each in rest[:MAX_LISTED]:
            count = each.mask.bit_count()
            console.print(Text(f"  {count} of {len(result.configs)}: {visible(each.when)}"))
    remarks = list(remark_lines(result.diagnostics))
    if remarks:
        console.print()
        for remark in remarks:
            console.print(remark)


def _from_callee(result: CallersResult) -> PathsResult:
    """The graph as the tree unfolds it: edges lead from the callee to its callers, and the
    calls by one function have in common what they are shown with."""
    together: dict[tuple[object, ...], list[Edge]] = {}
    for edge in result.edges:
        together.setdefault(_manner(edge), []).append(edge)
    shared = {
        manner: (_common([e.guards for e in edges]), _common([e.conditionals for e in edges]))
        for manner, edges in together.items()
    }
    return PathsResult(
        result.kernel,
        result.configs,
        result.roots,
        result.nodes,
        tuple(
            replace(turned(edge), guards=shared[manner][0], conditionals=shared[manner][1])
            for edge in result.edges
            for manner in (_manner(edge),)
        ),
        result.classes,
        tuple(replace(limit, hidden=None) for limit in result.limits),
        result.diagnostics,
        result.symbols,
    )


def _manner(edge: Edge) -> tuple[object, ...]:
    return edge.source, edge.target, edge.name, edge.kind, edge.certainty, edge.slot, edge.context


def _common(listed: list[tuple[Shared, ...]]) -> tuple[Shared, ...]:
    """What stands in all of the lists, in the order of the first."""
    return tuple(one for one in listed[0] if all(one in others for others in listed[1:]))


def _title(result: CallersResult) -> Text:
    names = {node.id: node.name for node in result.nodes}
    text = Text("callers of ")
    text.append(visible(", ".join(dict.fromkeys(names[root] for root in result.roots))), "bold")
    count = len(result.configs)
    which = visible(result.configs[0].name) if count == 1 else f"{count} configurations"
    kernel = visible(f"Linux {result.kernel.version} {result.kernel.arch}")
    return text.append(f"  ({kernel}, {which})", "dim")


def _heading(result: CallersResult, each: PathClass, lines: list[Line]) -> Text:
    count, total = each.mask.bit_count(), len(result.configs)
    who = subject(count, total)
    if lines:
        text = Text(f"{who} {'has' if count == 1 else 'have'} these callers", "bold")
    else:
        text = Text(f"{who} {'does' if count == 1 else 'do'} not have the function", "bold")
    if count < total:
        text.append(": ").append(visible(each.when), "cyan")
        text.append(f"\n  {members(result.configs, each.mask)}", "not bold dim")
    return text


def _draw(console: Console, lines: list[Line], mask: Mask, result: CallersResult) -> None:
    entries: dict[str, list[EntryPoint]] = {}
    for entry in result.entries:
        if entry.mask & mask:
            entries.setdefault(entry.node, []).append(entry)
    skipped = {limit.node: limit.hidden for limit in result.limits if limit.hidden}
    branches: list[Tree] = []
    shown: list[frozenset[Conditional]] = []
    for line in lines:
        del shown[line.depth :]
        above = shown[-1] if shown else frozenset()
        label = _label(line, above, mask, result)
        shown.append(above.union(*(site.conditionals for site in line.sites[:1])))
        if line.depth == 0:
            if branches:
                console.print(branches[0])
            branches = [Tree(label, guide_style="dim")]
        else:
            del branches[line.depth :]
            branches.append(branches[-1].add(label))
        if line.node is not None and line.again is None:
            _add_entries(branches[-1], entries.get(line.node.id, []))
            hidden = skipped.get(line.node.id)
            if hidden:
                branches[-1].add(Text(f"{hidden} that may call it not looked into", "yellow"))
    if branches:
        console.print(branches[0])


def _add_entries(branch: Tree, entries: list[EntryPoint]) -> None:
    count = dict.fromkeys(EntryKind, 0)
    for entry in entries:
        count[entry.kind] += 1
        if count[entry.kind] <= MAX_ENTRIES:
            branch.add(_entry(entry))
    for kind, number in count.items():
        if number > MAX_ENTRIES:
            text = f"and {number - MAX_ENTRIES} more of kind {kind.value}"
            branch.add(Text(text, "green"))


def entry_words(entry: EntryPoint) -> str:
    """What kind of entry it is, in words; names are as they are in the sources."""
    argument = 0 if entry.argument is None else entry.argument + 1
    return _ENTRY_TEXT[entry.kind].format(name=entry.name, detail=entry.detail, argument=argument)


def _entry(entry: EntryPoint) -> Text:
    text = Text("[" + one_line(entry_words(entry)) + "]", "green")
    return text.append(f"  {visible(str(entry.location))}", "dim")


def _label(line: Line, above: frozenset[Conditional], mask: Mask, result: CallersResult) -> Text:
    """The line, and below it its conditions but for those that stand ``above`` already."""
    text = _head(line)
    if not line.sites:
        return text
    site = line.sites[0]
    guards = list(dict.fromkeys(site.guards))
    if guards:
        words = [
            one_line(guard.text if guard.label is None else f"{guard.text} ({guard.label})")
            for guard in guards[-MAX_GUARDS:]
        ]
        more = len(guards) - len(words)
        after = f", after {counted(more, 'other test')}" if more else ""
        text.append(f"\nwhen {' and '.join(words)}{after}", "not bold italic")
    for conditional in dict.fromkeys(site.conditionals):
        if conditional in above:
            continue
        text.append(f"\n#if {one_line(conditional.text)}", "not bold magenta")
        values = values_in(conditional.text, mask, result.symbols)
        if values:
            text.append(f"  [{visible(', '.join(values))}]", "not bold cyan")
        text.append(f"  {visible(str(conditional.location))}", "not bold dim")
    return text


def _head(line: Line) -> Text:
    text = Text()
    assert line.node is not None, "a caller is known"
    text.append(visible(line.node.name), "bold")
    remarks = _remarks(line)
    if remarks:
        text.append(f"  ({'; '.join(remarks)})", "yellow")
    if line.node.location is not None:
        text.append(f"  {visible(str(line.node.location))}", "blue")
    if line.sites:
        text.append(f"  {_sites(line)}", "dim")
    return text


def _remarks(line: Line) -> list[str]:
    remarks: list[str] = []
    node = line.node
    if node is not None and node.kind is NodeKind.MACRO:
        remarks.append("macro")
    if line.sites:
        site = line.sites[0]
        if site.kind is EdgeKind.INDIRECT:
            through = f" through {one_line(site.slot)}" if site.slot is not None else ""
            remarks.append(f"indirect{through}")
        elif site.kind is EdgeKind.CALLBACK:
            where = f" in {one_line(site.context)} context" if site.context is not None else ""
            remarks.append(f"callback{where}")
        if site.certainty is Certainty.CANDIDATE:
            remarks.append("candidate")
    if node is not None and node.absent is not None:
        remarks.append(one_line(node.absent))
    if line.again is not None:
        remarks.append(line.again.value)
    elif line.limit is not None:
        stop = line.limit.reason is LimitReason.DEPTH
        remarks.append("callers not followed: depth" if stop else "callers not all followed: cap")
    return remarks


def _sites(line: Line) -> str:
    """Where the calls stand: line numbers alone where the file is the caller's own."""
    own = line.node.location.file if line.node and line.node.location else None
    places = list(dict.fromkeys(site.location for site in line.sites))
    texts = [f"{place.line}" if place.file == own else f"{place}" for place in places[:MAX_SITES]]
    more = f" and {len(places) - MAX_SITES} more" if len(places) > MAX_SITES else ""
    if all(place.file == own for place in places):
        return f"at line{'s' if len(places) > 1 else ''} {', '.join(texts)}{more}"
    return f"at {visible(', '.join(texts))}{more}"
