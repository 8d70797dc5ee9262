"""Texts that a user might give to an int, hex or string symbol, as far as they matter.

The texts of such a symbol are without end, but only comparisons and ranges look at them. One
candidate between any two constants that it is compared with stands for all; what no candidate
stands for is left open by the encoding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from analyzer.kconfig.comparison import leading_number
from analyzer.kconfig.expressions import COMPARISONS, Op
from analyzer.kconfig.model import KconfigModel, Symbol, SymbolType
from analyzer.kconfig.uservalues import valid_value

SOME_STRING = "x"
"""A string that is not empty, for those that are only asked whether they are."""


class Candidates:
    """The candidates of each symbol of a model."""

    def __init__(self, model: KconfigModel) -> None:
        self._model = model
        self._compared = _compared_with(model)

    def of(self, index: int, given: Iterable[str]) -> tuple[str, ...]:
        """Texts for the symbol ``index``, valid for its type, those ``given`` first."""
        symbol = self._model.symbols[index]
        found = dict.fromkeys(given)
        names = list(self._constants(symbol))
        if symbol.type is SymbolType.STRING:
            found.update(dict.fromkeys([*names, "", SOME_STRING]))
            return tuple(found)
        found.update(dict.fromkeys(names))
        for bounds in symbol.ranges:
            found[self._model.symbols[bounds.low].name] = None
            found[self._model.symbols[bounds.high].name] = None
        base = 16 if symbol.type is SymbolType.HEX else 10
        for text in self._compared.get(index, ()):
            number = leading_number(text, base)
            for near in (number - 1, number + 1):
                found[str(near) if base == 10 else hex(near)] = None
        return tuple(text for text in found if valid_value(symbol, text) is not None)

    def _constants(self, symbol: Symbol) -> Iterator[str]:
        """The constants of its defaults and comparisons."""
        for default in symbol.defaults:
            op, operand, *_ = self._model.nodes[default.value]
            if op == Op.SYMBOL and not self._model.symbols[operand].definitions:
                yield self._model.symbols[operand].name
        index = self._model.by_name.get(symbol.name)
        if index is not None:
            yield from self._compared.get(index, ())


def sources_of(model: KconfigModel, index: int) -> list[int]:
    """The symbol itself and the int, hex and string symbols whose text it can take over."""
    found = {index: None}
    stack = [index]
    while stack:
        symbol = model.symbols[stack.pop()]
        copied = [model.nodes[default.value] for default in symbol.defaults]
        near = [operand for op, operand, *_ in copied if op == Op.SYMBOL]
        near += [bound for bounds in symbol.ranges for bound in (bounds.low, bounds.high)]
        for one in near:
            defined = bool(model.symbols[one].definitions)
            if defined and not model.symbols[one].type.is_logical and one not in found:
                found[one] = None
                stack.append(one)
    return list(found)


def _compared_with(model: KconfigModel) -> dict[int, dict[str, None]]:
    """The constants that each symbol is compared with, itself or through one copied from it."""
    found: dict[int, dict[str, None]] = {}
    nodes, symbols = model.nodes, model.symbols
    for op, *operands in nodes:
        if op in COMPARISONS:
            left, right = nodes[operands[0]][1], nodes[operands[1]][1]
            for one, other in ((left, right), (right, left)):
                if symbols[one].definitions and not symbols[other].definitions:
                    found.setdefault(one, {})[symbols[other].name] = None
    for number in reversed(model.order):
        op, *operands = nodes[number]
        if op != Op.SYMBOL or symbols[operands[0]].type.is_logical:
            continue
        for default in symbols[operands[0]].defaults:
            source_op, source, *_ = nodes[default.value]
            if source_op == Op.SYMBOL and symbols[source].definitions:
                found.setdefault(source, {}).update(found.get(operands[0], {}))
    return found
