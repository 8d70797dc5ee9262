"""Which symbols differ between configurations, the most telling first.

Without a kernel that is: switches before modules before texts, then symbols that divide the
configurations as few others do or, with many configurations, most evenly. With a kernel,
what more of the differing symbols depend on comes first among those of one kind.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from analyzer.configset.configset import ConfigSet, Mask
from analyzer.contrast.influence import dependents
from analyzer.contrast.result import ComparedSymbol
from analyzer.diagnostics import Diagnostics
from analyzer.kconfig.model import KconfigModel

NEAREST_AT_MOST = 3


@dataclass(frozen=True, slots=True)
class Comparison:
    """``symbols`` in the order in which they are shown, ``groups`` of configurations."""

    symbols: tuple[ComparedSymbol, ...]
    groups: tuple[Mask, ...]


def compare(
    configs: ConfigSet,
    only: Sequence[str] | None,
    model: KconfigModel | None,
    diagnostics: Diagnostics,
) -> Comparison:
    """Compare ``configs``: in all symbols that differ, or in those of ``only`` in that order.

    A symbol of ``only`` that no configuration and no Kconfig file mentions is remarked.
    """
    if only is None:
        names = list(configs.differing())
    else:
        names = list(dict.fromkeys(only))
        _report_unknown(names, configs, model, diagnostics)
    weights = {} if model is None else dependents(model, configs.differing())
    found = [_compared(name, configs, model, weights) for name in names]
    if only is None:
        found = ordered(found, configs)
    return Comparison(tuple(found), groups_of(found, configs.all))


def _compared(
    name: str, configs: ConfigSet, model: KconfigModel | None, weights: Mapping[str, int]
) -> ComparedSymbol:
    column = configs.column(name)
    values = list(column.entries)
    unset = configs.all & ~column.present
    if unset:
        values.append((unset, "n"))
    kind = None if model is None else model.type_of(name)
    weight = None if model is None else weights.get(name, 0)
    return ComparedSymbol(name, tuple(values), kind, weight)


def ordered(symbols: Iterable[ComparedSymbol], configs: ConfigSet) -> list[ComparedSymbol]:
    """``symbols``, the most telling first; those with the same values stand together."""
    alike: dict[tuple[tuple[Mask, str], ...], list[ComparedSymbol]] = {}
    for symbol in symbols:
        alike.setdefault(tuple(sorted(symbol.values)), []).append(symbol)
    few = len(groups_of([s for same in alike.values() for s in same[:1]], configs.all)) <= 8

    def key(same: list[ComparedSymbol]) -> tuple[int, int, str]:
        smallest = min(mask.bit_count() for mask, _ in same[0].values)
        return _kind(same[0]), len(same) if few else -smallest, same[0].name

    for same in alike.values():
        same.sort(key=lambda symbol: (-(symbol.dependents or 0), symbol.name))
    return [symbol for same in sorted(alike.values(), key=key) for symbol in same]


def _kind(symbol: ComparedSymbol) -> int:
    """0 for a switch, 1 for a module, 2 for other values."""
    values = {text for _, text in symbol.values}
    return 0 if values <= {"y", "n"} else 1 if values <= {"y", "m", "n"} else 2


def groups_of(symbols: Iterable[ComparedSymbol], everywhere: Mask) -> tuple[Mask, ...]:
    """The configurations that agree on all of ``symbols``, ordered by their first member."""
    groups = [everywhere]
    for symbol in symbols:
        split: list[Mask] = []
        for group in groups:
            split += [inside for mask, _ in symbol.values if (inside := group & mask)]
        groups = split
        if len(groups) == everywhere.bit_count():
            break
    return tuple(sorted(groups, key=lambda mask: mask & -mask))


def _report_unknown(
    names: Iterable[str], configs: ConfigSet, model: KconfigModel | None, diagnostics: Diagnostics
) -> None:
    known = set(configs.symbols())
    if model is not None:
        known |= model.by_name.keys()
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name.upper(), sorted(known), NEAREST_AT_MOST, 0.75)
            hint = f"; nearest: {', '.join(near)}" if near else ""
            diagnostics.warning("unknown-symbol", f"no configuration has a value for {name}{hint}")
