"""``kimpact configs --format table``: symbols and their values, configuration by configuration.

Configurations that agree on everything shown share a column. A few symbols have a line each;
of many, those with the same values share one, and so do numbers and texts that are set in
the same configurations to one value each. Where there are too many different configurations
for columns, each line counts them by value.
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
from analyzer.contrast.result import ComparedSymbol, ConfigsResult
from analyzer.paths.remarks import counted
from analyzer.report.classes import members
from analyzer.report.console import ascii_stream, console_for, is_utf8, print_trimmed
from analyzer.report.remarks import remark_lines
from analyzer.report.visible import one_line, visible

MAX_COLUMNS = 8
"""Groups of configurations beyond which values are counted instead of set out in columns."""

MAX_SINGLE = 48
"""Symbols beyond which those with the same values share a line."""

MAX_ROWS = 60
MAX_NAMES_TEXT = 80
"""Lines, and characters of names on a line, unless everything is asked for."""

MAX_VALUES = 6
"""Values that a line counts one by one."""

_LEAST_WIDTH = 100
_SWITCH = frozenset("ymn")
_SET = "set"
_STYLES = {"y": "green", "m": "green", "n": "dim"}


def print_configs(
    result: ConfigsResult, stream: TextIO, *, ascii_only: bool = False, show_all: bool = False
) -> None:
    """Write ``result`` to ``stream``; plain ASCII if asked for or all that it can take.

    ``show_all`` lifts the limits of what a reader takes in at once.
    """
    if ascii_only or not is_utf8(stream):
        with ascii_stream(stream) as plain:
            _print(result, plain, ASCII, _Limits.of(show_all))
    else:
        _print(result, stream, SIMPLE_HEAD, _Limits.of(show_all))


@dataclass(frozen=True, slots=True)
class _Limits:
    rows: int | None
    names: int | None

    @classmethod
    def of(cls, show_all: bool) -> _Limits:
        return cls(None, None) if show_all else cls(MAX_ROWS, MAX_NAMES_TEXT)


_Values = tuple[tuple[Mask, str], ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """Symbols that are shown with the same values."""

    symbols: tuple[ComparedSymbol, ...]
    values: _Values


def _print(result: ConfigsResult, stream: TextIO, box: Box, limits: _Limits) -> None:
    console = console_for(stream, _LEAST_WIDTH)
    console.print(_title(result))
    rows = list(_rows(result.symbols))
    if rows:
        console.print()
        if len(result.groups) <= MAX_COLUMNS:
            _print_groups(result, console)
            print_trimmed(console, _columns(result, rows, box, limits))
        else:
            print_trimmed(console, _counts(result, rows, box, limits))
        more = 0 if limits.rows is None else len(rows) - limits.rows
        if more > 0:
            hidden = sum(len(row.symbols) for row in rows[limits.rows :])
            console.print(Text(f"{hidden} more symbols in {more} lines (--all shows them)", "dim"))
    remarks = list(remark_lines(result.diagnostics))
    if remarks:
        console.print()
        for remark in remarks:
            console.print(remark)


def _title(result: ConfigsResult) -> Text:
    differing = sum(symbol.differs for symbol in result.symbols)
    text = Text(counted(len(result.configs), "configuration"), "bold").append(": ", "not bold")
    if result.function is not None:
        number = counted(len(result.symbols), "symbol")
        where = f"the paths of {visible(result.function)}"
        text.append(f"of {number} in {where} {differing or 'none'}", "not bold")
    elif result.asked:
        number = counted(len(result.symbols), "symbol")
        text.append(f"of {number} {differing or 'none'}", "not bold")
    else:
        text.append(counted(differing, "symbol") if differing else "no symbol", "not bold")
    text.append(" differs" if differing < 2 else " differ", "not bold")
    if result.kernel is not None:
        if len(result.symbols) > MAX_SINGLE:
            text.append(" (behind each, how many of them depend on it)", "not bold")
        kernel = visible(f"Linux {result.kernel.version} {result.kernel.arch}")
        text.append(f"  ({kernel})", "not bold dim")
    return text


def _rows(symbols: Sequence[ComparedSymbol]) -> Iterator[_Row]:
    """One for each symbol if they are few, else one for all that are shown with the same values."""
    if len(symbols) <= MAX_SINGLE:
        yield from (_Row((symbol,), symbol.values) for symbol in symbols)
        return
    together: dict[_Values, list[ComparedSymbol]] = {}
    for symbol in symbols:
        together.setdefault(tuple(sorted(_outline(symbol))), []).append(symbol)
    for values, alike in together.items():
        yield _Row(tuple(alike), values)


def _outline(symbol: ComparedSymbol) -> _Values:
    """The values; the only one of a number or text is just ``set``."""
    texts = [text for _, text in symbol.values if text not in _SWITCH]
    if len(texts) != 1 or len(symbol.values) > 2:
        return symbol.values
    return tuple((mask, text if text in _SWITCH else _SET) for mask, text in symbol.values)


def _print_groups(result: ConfigsResult, console: Console) -> None:
    """Which configurations a column of several stands for."""
    for number, group in enumerate(result.groups, 1):
        if group.bit_count() > 1:
            text = Text(f"({number}) ", "bold")
            console.print(text.append(members(result.configs, group), "not bold"))


def _columns(result: ConfigsResult, rows: Sequence[_Row], box: Box, limits: _Limits) -> Table:
    table = Table(box=box, show_edge=False, pad_edge=False, header_style="bold")
    single = all(len(row.symbols) == 1 for row in rows)
    if single:
        table.add_column("symbol", overflow="fold")
    for number, group in enumerate(result.groups, 1):
        table.add_column(_heading(result, number, group), overflow="fold")
    if not single:
        table.add_column("number", justify="right")
        table.add_column("symbols", overflow="fold")
    for row in rows[: limits.rows]:
        cells = [_value(next(t for m, t in row.values if m & group)) for group in result.groups]
        if single:
            table.add_row(Text(visible(row.symbols[0].name), "bold"), *cells)
        else:
            table.add_row(*cells, str(len(row.symbols)), _names(row, limits))
    return table


def _heading(result: ConfigsResult, number: int, group: Mask) -> str:
    count = group.bit_count()
    if count == 1:
        return visible(result.configs[group.bit_length() - 1].name)
    return f"({number}) {count} configurations"


def _counts(result: ConfigsResult, rows: Sequence[_Row], box: Box, limits: _Limits) -> Table:
    table = Table(box=box, show_edge=False, pad_edge=False, header_style="bold")
    table.add_column("symbols", overflow="fold")
    table.add_column("values", overflow="fold")
    for row in rows[: limits.rows]:
        values = sorted(row.values, key=lambda value: (-value[0].bit_count(), value[1]))
        text = Text()
        for mask, value in values[:MAX_VALUES]:
            text.append(", " if text else "").append_text(_value(value))
            count = mask.bit_count()
            text.append(f" in {count}" if count > 1 else f" in {members(result.configs, mask)}")
        if len(values) > MAX_VALUES:
            text.append(f" and {len(values) - MAX_VALUES} more values")
        table.add_row(_names(row, limits), text)
    return table


def _names(row: _Row, limits: _Limits) -> Text:
    text = Text()
    for number, symbol in enumerate(row.symbols):
        name = _name(row, symbol)
        if limits.names is not None and number and len(text) + len(name) > limits.names:
            return text.append(f" and {len(row.symbols) - number} more", "not bold dim")
        text.append(", " if text else "", "not bold").append_text(name)
    return text


def _name(row: _Row, symbol: ComparedSymbol) -> Text:
    text = Text(visible(symbol.name), "bold")
    if any(value == _SET for _, value in row.values):
        value = next(text for _, text in symbol.values if text not in _SWITCH)
        text.append(f"={one_line(value)}", "not bold")
    if symbol.dependents and len(row.symbols) > 1:
        text.append(f" ({symbol.dependents})", "not bold dim")
    return text


def _value(value: str) -> Text:
    return Text(one_line(value), _STYLES.get(value, ""))
