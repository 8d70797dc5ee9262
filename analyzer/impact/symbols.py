"""CONFIG symbols that a patch adds, removes or changes, and what that does to their values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from analyzer.configset.configset import ConfigSet, Mask
from analyzer.impact.result import ChangeKind, SymbolChange
from analyzer.kconfig.expressions import Node, Op, expression_text
from analyzer.kconfig.model import KconfigModel, Reverse, Symbol
from analyzer.location import Location


def symbol_changes(
    before: KconfigModel, after: KconfigModel, old: ConfigSet, new: ConfigSet
) -> tuple[SymbolChange, ...]:
    """The symbols whose entries differ, or whose value does in some configuration.

    ``old`` and ``new`` are the same configurations, completed with each model. Sorted by name.
    """
    first, second = _entries(before), _entries(after)
    names = set(first) | set(second) | set(old.symbols()) | set(new.symbols())
    return tuple(_changes(sorted(names), first, second, old, new))


def _changes(
    names: list[str],
    first: Mapping[str, _Entry],
    second: Mapping[str, _Entry],
    old: ConfigSet,
    new: ConfigSet,
) -> Iterator[SymbolChange]:
    for name in names:
        one, two = first.get(name), second.get(name)
        values = tuple(_values(name, old, new))
        if (one and one.text) == (two and two.text) and not values:
            continue
        kind = ChangeKind.CHANGED
        if one is None and two is not None:
            kind = ChangeKind.ADDED
        elif two is None and one is not None:
            kind = ChangeKind.REMOVED
        before = None if one is None else one.location
        after = None if two is None else two.location
        yield SymbolChange(name, kind, before, after, values)


def _values(name: str, old: ConfigSet, new: ConfigSet) -> Iterator[tuple[Mask, str, str]]:
    """Where the value differs, and between which values."""
    for here, before in _column(old, name):
        for there, after in _column(new, name):
            if before != after and here & there:
                yield here & there, before, after


def _column(configs: ConfigSet, name: str) -> list[tuple[Mask, str]]:
    entries = list(configs.column(name).entries)
    unset = configs.all & ~configs.column(name).present
    return [*entries, (unset, "n")] if unset else entries


@dataclass(frozen=True, slots=True)
class _Entry:
    """What the Kconfig files say of one symbol, without places, and where it is defined."""

    text: str
    location: Location


def _entries(model: KconfigModel) -> dict[str, _Entry]:
    """The symbols that have an entry, each with what its own lines say."""
    outgoing: dict[int, list[str]] = {}
    for symbol in model.symbols:
        for word, reverses in (("select", symbol.selects), ("imply", symbol.implies)):
            for one in reverses:
                text = f"{word} {symbol.name}{_condition(model, one)}"
                outgoing.setdefault(one.source, []).append(text)
    found: dict[str, _Entry] = {}
    for index, symbol in enumerate(model.symbols):
        if symbol.definitions:
            lines = [*_own_lines(model, symbol), *sorted(outgoing.get(index, ()))]
            found[symbol.name] = _Entry("\n".join(lines), symbol.definitions[0].location)
    return found


def _condition(model: KconfigModel, reverse: Reverse) -> str:
    return f" if {_text(model, reverse.own_condition)}"


def _own_lines(model: KconfigModel, symbol: Symbol) -> Iterator[str]:
    yield symbol.type.value + (" transitional" if symbol.transitional else "")
    for definition in symbol.definitions:
        yield f"depends on {_text(model, definition.full_depends)}"
    for prompt in symbol.prompts:
        yield f"prompt {prompt.text} if {_text(model, prompt.condition)}"
    for default in symbol.defaults:
        value, condition = _text(model, default.value), _text(model, default.condition)
        yield f"default {value} if {condition}"
    for bounds in symbol.ranges:
        low, high = model.symbols[bounds.low].name, model.symbols[bounds.high].name
        yield f"range {low} {high} if {_text(model, bounds.condition)}"
    if symbol.choice is not None:
        choice = model.choices[symbol.choice]
        yield f"choice of {', '.join(model.symbols[one].name for one in choice.members)}"


def _text(model: KconfigModel, node: Node) -> str:
    def leaf(number: Node) -> str:
        op, operand = model.nodes[number]
        if op == Op.PROBE:
            return f"$(shell,{model.probes[operand].command})"
        if op == Op.MODE:
            return "the choice"
        return model.symbols[operand].name

    return expression_text(model.nodes, node, leaf)
