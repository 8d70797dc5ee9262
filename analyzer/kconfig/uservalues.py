"""What the given ``.config`` files say, as the kernel's reader understands them.

The rules are those of ``conf_read_simple()`` and ``conf_set_sym_val()`` in
``scripts/kconfig/confdata.c``: a value that does not fit the type is ignored, the last
valid one wins, a later assignment in a choice has priority over an earlier one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from analyzer.configset.configurations import Configurations
from analyzer.configset.dotconfig import DotConfig
from analyzer.configset.lines import Line, LineTable
from analyzer.configset.mask import Mask, bits_of, mask_of, repeated
from analyzer.kconfig.model import KconfigModel, Symbol, SymbolType

_INT = re.compile(r"-?(?:0|[1-9][0-9]*)")
_HEX = re.compile(r"(?:0[xX])?[0-9A-Fa-f]+")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.?)*)"')
_ESCAPE = re.compile(r"\\(.?)")

_LEVELS = {"n": 0, "m": 1, "y": 2}


@dataclass(frozen=True, slots=True)
class Given:
    """The user's value of one symbol over all configurations.

    Logical: ``any`` where it has one, ``m`` where that is at least ``m``, ``y`` where it
    is ``y``. Others: ``texts`` are disjoint ``(mask, value)``, strings unquoted.
    """

    any: Mask
    m: Mask
    y: Mask
    texts: tuple[tuple[Mask, str], ...] = ()


@dataclass(frozen=True, slots=True)
class UserValues:
    """The input of one evaluation of ``count`` configurations.

    ``given`` is by symbol index. ``priorities`` gives for a choice index disjoint
    ``(mask, members)``, the members with a value, the last assigned first.
    """

    count: int
    given: dict[int, Given]
    priorities: dict[int, tuple[tuple[Mask, tuple[int, ...]], ...]]


def user_values(model: KconfigModel, configs: Configurations) -> UserValues:
    """What the configurations give to the symbols of ``model``, over masks."""
    reader = _Reader(model)
    columns: dict[int, dict[int | str, Mask]] = {}
    for line, mask in configs.lines():
        meaning = reader.meaning(line)
        if meaning is not None:
            column = columns.setdefault(meaning.symbol, {})
            column[meaning.value] = column.get(meaning.value, 0) | mask
    for number, indices in _ambiguous(columns).items():
        last = reader.last(configs[number])
        for index in indices:
            for value in columns[index]:
                if value != last[index]:
                    columns[index][value] &= ~(1 << number)
    given = {index: _given(column) for index, column in columns.items()}
    return UserValues(len(configs), given, _priorities(reader, configs))


def _given(column: Mapping[int | str, Mask]) -> Given:
    texts = tuple((mask, text) for text, mask in column.items() if mask and isinstance(text, str))
    if texts:
        return Given(_union(texts), 0, 0, texts)
    y = column.get(2, 0)
    m = column.get(1, 0) | y
    return Given(column.get(0, 0) | m, m, y)


def _ambiguous(columns: Mapping[int, Mapping[int | str, Mask]]) -> Mapping[int, Sequence[int]]:
    """By configuration the symbols that it gives several valid values."""
    found: dict[int, list[int]] = {}
    for index, column in columns.items():
        if len(column) > 1:
            for number in bits_of(repeated(column.values())):
                found.setdefault(number, []).append(index)
    return found


def _priorities(
    reader: _Reader, configs: Configurations
) -> dict[int, tuple[tuple[Mask, tuple[int, ...]], ...]]:
    wanted: dict[int, frozenset[int]] = {}
    alike: dict[tuple[int, tuple[int, ...]], list[int]] = {}
    tables: dict[int, LineTable] = {}
    for number, config in enumerate(configs):
        table = id(config.table)
        if table not in tables:
            tables[table] = config.table
            wanted[table] = reader.in_choices(config.table)
        said = tuple(filter(wanted[table].__contains__, config.numbers))
        alike.setdefault((table, said), []).append(number)
    orders: dict[int, dict[tuple[int, ...], Mask]] = {}
    for (table, said), numbers in alike.items():
        mask = mask_of(numbers)
        for choice, order in reader.order(tables[table], said).items():
            known = orders.setdefault(choice, {})
            known[order] = known.get(order, 0) | mask
    return {
        choice: tuple((mask, order) for order, mask in column.items())
        for choice, column in orders.items()
    }


def _union(entries: Iterable[tuple[Mask, str]]) -> Mask:
    result = 0
    for mask, _ in entries:
        result |= mask
    return result


class _Meaning(NamedTuple):
    """A valid value (see :func:`valid_value`) for a symbol, which may be member of a choice."""

    symbol: int
    value: int | str
    choice: int | None


class _Reader:
    """What lines mean to a model."""

    def __init__(self, model: KconfigModel) -> None:
        self._model = model
        self._known: dict[Line, _Meaning | None] = {}

    def meaning(self, line: Line) -> _Meaning | None:
        """None if a line says nothing."""
        if line not in self._known:
            self._known[line] = self._meaning(line)
        return self._known[line]

    def _meaning(self, line: Line) -> _Meaning | None:
        index = self._model.by_name.get(line.symbol)
        if index is None:
            return None
        symbol = self._model.symbols[index]
        value = valid_value(symbol, line.exact)
        return None if value is None else _Meaning(index, value, symbol.choice)

    def last(self, config: DotConfig) -> dict[int, int | str]:
        """The last valid value of each symbol."""
        meanings = filter(None, map(self.meaning, config.lines()))
        return {meaning.symbol: meaning.value for meaning in meanings}

    def in_choices(self, table: LineTable) -> frozenset[int]:
        """The numbers of the lines that give members of choices a value."""
        return frozenset(
            number
            for number, line in enumerate(table.assigned)
            if line is not None
            and (meaning := self.meaning(line)) is not None
            and meaning.choice is not None
        )

    def order(self, table: LineTable, numbers: Iterable[int]) -> dict[int, tuple[int, ...]]:
        """By choice the members that these lines give a value, the last assigned first."""
        found: dict[int, dict[int, None]] = {}
        for line in map(table.assigned.__getitem__, numbers):
            meaning = None if line is None else self.meaning(line)
            if meaning is not None and meaning.choice is not None:
                members = found.setdefault(meaning.choice, {})
                members.pop(meaning.symbol, None)
                members[meaning.symbol] = None
        return {choice: tuple(reversed(members)) for choice, members in found.items()}


def valid_value(symbol: Symbol, text: str) -> int | str | None:
    """The value that ``text`` gives to ``symbol``, None if it is not valid for its type.

    0, 1 or 2 for ``n``, ``m`` and ``y`` (only the first letter counts), else the text,
    of a string without quotes and escapes.
    """
    if symbol.type.is_logical:
        level = _LEVELS.get(text[:1])
        return None if level == 1 and symbol.type is SymbolType.BOOL else level
    if symbol.type is SymbolType.STRING:
        quoted = _QUOTED.match(text)
        return None if quoted is None else _ESCAPE.sub(r"\1", quoted[1])
    if symbol.type is SymbolType.INT:
        return text if _INT.fullmatch(text) else None
    if symbol.type is SymbolType.HEX:
        return text if _HEX.fullmatch(text) else None
    return None
