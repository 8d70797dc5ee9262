"""What is asked for: symbols with values, checked against their types."""

from __future__ import annotations

from dataclasses import dataclass

from analyzer.kconfig.model import KconfigModel, Symbol, SymbolType
from analyzer.kconfig.space.clauses import FALSE, Literal
from analyzer.kconfig.space.tables import Tables
from analyzer.kconfig.space.verdict import Reason
from analyzer.kconfig.uservalues import valid_value

LEVELS = ("n", "m", "y")


@dataclass(frozen=True, slots=True)
class Target:
    """The symbol ``index`` is to have the value ``text`` (a string without its quotes)."""

    index: int
    text: str


def target_of(model: KconfigModel, name: str, value: str) -> Target | Reason | None:
    """What is asked by ``name=value``; a reason where the symbol has no such value.

    None if nothing is asked: a name that no file mentions is ``n``.
    """
    index = model.by_name.get(name)
    if index is None:
        return None if value == "n" else Reason(undefined_text(name), None)
    symbol = model.symbols[index]
    if not symbol.definitions or symbol.type is SymbolType.UNKNOWN:
        return Target(index, value) if value == "n" else Reason(undefined_text(name), None)
    location = symbol.definitions[0].location
    if symbol.transitional and value != "n":
        text = f"{name} is transitional: it hands on the value of old configurations only"
        return Reason(text, location)
    if symbol.type is SymbolType.BOOL and value == "m":
        return Reason(f"{name} is a bool, which is never m", location)
    if symbol.type.is_logical:
        if value in LEVELS:
            return Target(index, value)
        return Reason(f"{name} is a {symbol.type.value}, which is never {value}", location)
    own = _text(symbol, value)
    if own is None:
        kind = "an int" if symbol.type is SymbolType.INT else "a hex number"
        return Reason(f"{name} is {kind}, which is never {value}", location)
    return Target(index, own)


def undefined_text(name: str) -> str:
    """That there is no such symbol here."""
    return f"no Kconfig file of this architecture defines {name}"


def _text(symbol: Symbol, value: str) -> str | None:
    text = valid_value(symbol, value)
    if text is None and symbol.type is SymbolType.STRING:
        return value
    return None if text is None else str(text)


def literals_of(tables: Tables, target: Target) -> tuple[Literal, ...]:
    """The literals that say it; ``FALSE`` among them if no text of the symbol is that."""
    symbol = tables.model.symbols[target.index]
    node = tables.model.symbol_nodes[target.index]
    m, y = tables.taken.get(target.index) or (tables.m[node], tables.y[node])
    if target.text in LEVELS and (symbol.type.is_logical or symbol.type is SymbolType.UNKNOWN):
        return ((-m,), (m, -y), (m, y))[LEVELS.index(target.text)]
    alternatives = tables.texts[target.index]
    any_other = alternatives.get(None, FALSE)
    return (alternatives.get(target.text, any_other), tables.written[target.index])
