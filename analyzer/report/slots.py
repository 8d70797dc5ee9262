"""``kimpact slots --format tree``: a table of what every slot holds, platform by platform.

Platforms on which a slot can hold the same under the same conditions share their lines. A
value without a condition stands first; those that may replace it follow with theirs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TextIO

from rich.box import ASCII, SIMPLE_HEAD, Box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from analyzer.configset.configset import Mask
from analyzer.location import Location
from analyzer.paths.result import Guard
from analyzer.report.classes import members
from analyzer.report.console import ascii_stream, console_for, is_utf8
from analyzer.report.remarks import remark_lines
from analyzer.report.visible import one_line, visible
from analyzer.slots.result import PlatformInfo, SlotEntry, SlotsResult, SlotValues, ValueKind

_LEAST_WIDTH = 100
"""Columns below which the table would be unreadable."""
_KIND_TEXT = {ValueKind.NULL: "NULL", ValueKind.UNKNOWN: "unknown"}


def print_slots(result: SlotsResult, stream: TextIO, *, ascii_only: bool = False) -> None:
    """Write ``result`` to ``stream``; plain ASCII if asked for or all that it can take."""
    if ascii_only or not is_utf8(stream):
        with ascii_stream(stream) as plain:
            _print(result, plain, ASCII)
    else:
        _print(result, stream, SIMPLE_HEAD)


def _print(result: SlotsResult, stream: TextIO, box: Box) -> None:
    console = console_for(stream, _LEAST_WIDTH)
    console.print(_title(result))
    if result.slots:
        console.print(_table(result, box))
    elif result.tables:
        _print_tables(result, console)
    for line in _platform_lines(result):
        console.print(line)
    remarks = list(remark_lines(result.diagnostics))
    if remarks:
        console.print()
        for remark in remarks:
            console.print(remark)


def _title(result: SlotsResult) -> Text:
    text = Text("dispatch slots", "bold")
    count = len(result.configs)
    which = visible(result.configs[0].name) if count == 1 else f"{count} configurations"
    kernel = visible(f"Linux {result.kernel.version} {result.kernel.arch}")
    return text.append(f"  ({kernel}, {which})", "not bold dim")


def _print_tables(result: SlotsResult, console: Console) -> None:
    console.print(Text("Name a table, a part of one, a slot or a static call. Platforms write to:"))
    for table in result.tables:
        text = Text(f"  {visible(table.name)}", "bold")
        text.append(f"  {visible(', '.join(table.files))}", "not bold dim")
        console.print(text)


def _table(result: SlotsResult, box: Box) -> Table:
    several = len(result.configs) > 1
    table = Table(box=box, show_edge=False, pad_edge=False, header_style="bold")
    table.add_column("slot", overflow="fold")
    table.add_column("platforms", overflow="fold")
    table.add_column("holds", overflow="fold")
    table.add_column("when", overflow="fold")
    if several:
        table.add_column("configurations", overflow="fold")
    for slot in result.slots:
        name = visible(slot.name)
        for row in _rows(slot):
            cells = [Text(name, "bold"), Text(row.platforms), _value(row), _when(row)]
            if several:
                every = row.mask == slot.mask
                cells.append(Text("" if every else members(result.configs, row.mask), "cyan"))
            table.add_row(*cells)
            name = ""
    return table


@dataclass(frozen=True, slots=True)
class _Row:
    """One value; ``platforms`` is empty where the row above has them already."""

    platforms: str
    kind: ValueKind
    function: str | None
    location: Location | None
    mask: Mask
    guards: tuple[Guard, ...]
    later: Location | None


def _rows(slot: SlotValues) -> Iterator[_Row]:
    by_platform: dict[str, list[SlotEntry]] = {}
    for entry in slot.entries:
        if entry.platform is not None:
            by_platform.setdefault(entry.platform, []).append(entry)
    groups: dict[tuple[_Row, ...], list[str]] = {}
    for platform, entries in by_platform.items():
        values = [_row(entry) for entry in sorted(entries, key=lambda e: len(e.guards) > 0)]
        groups.setdefault(tuple(dict.fromkeys(values)), []).append(platform)
    for rows, platforms in groups.items():
        title = ", ".join(platforms)
        for row in rows:
            yield _named(row, title)
            title = ""
    for entry in slot.entries:
        if entry.later:
            yield _named(_row(entry), "(later)")


def _row(entry: SlotEntry) -> _Row:
    return _Row(
        "",
        entry.kind,
        entry.function,
        entry.location,
        entry.mask,
        entry.guards,
        entry.stored if entry.later else None,
    )


def _named(row: _Row, platforms: str) -> _Row:
    return _Row(
        visible(platforms),
        row.kind,
        row.function,
        row.location,
        row.mask,
        row.guards,
        row.later,
    )


def _value(row: _Row) -> Text:
    text = Text(visible(row.function or _KIND_TEXT.get(row.kind, "")))
    if row.location is not None:
        text.append(f"  {visible(str(row.location))}", "blue")
    return text


def _when(row: _Row) -> Text:
    if row.later is not None:
        return Text(f"stored at run time, {visible(str(row.later))}", "yellow")
    words = [
        one_line(guard.text if guard.label is None else f"{guard.text} ({guard.label})")
        for guard in row.guards
    ]
    return Text(" and ".join(words), "italic")


def _platform_lines(result: SlotsResult) -> Iterator[Text]:
    absent: list[str] = []
    for platform in result.platforms:
        if not platform.mask:
            unset = ", ".join(f"CONFIG_{name}=n" for name in platform.unset)
            absent.append(f"{platform.name} ({unset})" if unset else platform.name)
        elif platform.mask != _everywhere(result.platforms):
            which = members(result.configs, platform.mask)
            yield Text(f"{visible(platform.name)}: supported in {which}", "dim")
    if absent:
        yield Text(f"not configured: {visible(', '.join(absent))}", "dim")


def _everywhere(platforms: Sequence[PlatformInfo]) -> Mask:
    result = 0
    for platform in platforms:
        result |= platform.mask
    return result
