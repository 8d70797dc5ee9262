"""What the given ``.config`` files say, as the kernel's reader understands them.

The rules are those of ``conf_read_simple()`` and ``conf_set_sym_val()`` in
``scripts/kconfig/confdata.c``: a value that does not fit the type is ignored, the last
valid one wins, a later assignment in a choice has priority over an earlier one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analyzer.configset.configset import Mask, mask_of
from analyzer.configset.dotconfig import DotConfig
from analyzer.kconfig.model import KconfigModel, Symbol, SymbolType

Assignment = tuple[str, str]
"""A symbol's name without ``CONFIG_`` and the text after ``=`` (``n`` for ``is not set``)."""

_SET = re.compile(r"CONFIG_([^=]*)=(.*)")
_UNSET = re.compile(r"# CONFIG_(\S*) is not set")
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


def assignments_of_text(text: str) -> list[Assignment]:
    """All assignments in the text of a ``.config``, in their order, repetitions included."""
    found: list[Assignment] = []
    for line in text.split("\n"):
        line = line.removesuffix("\r")
        if line.startswith("#"):
            if (hit := _UNSET.fullmatch(line)) is not None:
                found.append((hit[1], "n"))
        elif (hit := _SET.fullmatch(line)) is not None:
            found.append((hit[1], hit[2]))
    return found


def assignments_of_dotconfig(config: DotConfig) -> list[Assignment]:
    """The assignments of a configuration already read, in the order of their lines."""
    return sorted(config.values.items(), key=lambda item: config.lines.get(item[0], 0))


def user_values(model: KconfigModel, configs: Sequence[Iterable[Assignment]]) -> UserValues:
    """What the configurations give to the symbols of ``model``, over masks."""
    levels: dict[int, tuple[list[int], list[int], list[int]]] = {}
    texts: dict[int, dict[str, list[int]]] = {}
    orders: dict[int, dict[tuple[int, ...], list[int]]] = {}
    reader = _Reader(model)
    for number, assignments in enumerate(configs):
        values, order = reader.read(assignments)
        for index, value in values.items():
            if isinstance(value, str):
                texts.setdefault(index, {}).setdefault(value, []).append(number)
            else:
                levels.setdefault(index, ([], [], []))[value].append(number)
        for choice, members in order.items():
            orders.setdefault(choice, {}).setdefault(members, []).append(number)
    given: dict[int, Given] = {}
    for index, (n, m, y) in levels.items():
        y_mask = mask_of(y)
        m_mask = mask_of(m) | y_mask
        given[index] = Given(mask_of(n) | m_mask, m_mask, y_mask)
    for index, column in texts.items():
        entries = tuple((mask_of(bits), text) for text, bits in column.items())
        given[index] = Given(_union(entries), 0, 0, entries)
    priorities = {
        choice: tuple((mask_of(bits), members) for members, bits in column.items())
        for choice, column in orders.items()
    }
    return UserValues(len(configs), given, priorities)


def _union(entries: Iterable[tuple[Mask, str]]) -> Mask:
    result = 0
    for mask, _ in entries:
        result |= mask
    return result


class _Reader:
    """Reads assignments one configuration after the other; what a line means is kept."""

    def __init__(self, model: KconfigModel) -> None:
        self._model = model
        self._known: dict[Assignment, tuple[int, int | str, int | None] | None] = {}

    def read(
        self, assignments: Iterable[Assignment]
    ) -> tuple[dict[int, int | str], dict[int, tuple[int, ...]]]:
        """The valid values by symbol index and, by choice, its members, last assigned first."""
        values: dict[int, int | str] = {}
        order: dict[int, dict[int, None]] = {}
        known = self._known
        for assignment in assignments:
            if assignment not in known:
                known[assignment] = self._meaning(*assignment)
            meaning = known[assignment]
            if meaning is None:
                continue
            index, value, choice = meaning
            values[index] = value
            if choice is not None:
                members = order.setdefault(choice, {})
                members.pop(index, None)
                members[index] = None
        return values, {choice: tuple(reversed(members)) for choice, members in order.items()}

    def _meaning(self, name: str, text: str) -> tuple[int, int | str, int | None] | None:
        """Symbol index, value and choice of an assignment, None if it says nothing."""
        index = self._model.by_name.get(name)
        if index is None:
            return None
        symbol = self._model.symbols[index]
        value = valid_value(symbol, text)
        return None if value is None else (index, value, symbol.choice)


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
