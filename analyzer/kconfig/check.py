"""Would the tree change a given configuration, and in which symbols?

kimpact analyses a ``.config`` as it is given. If the kernel's tools would complete or
correct it first, the report says so. The result is plain data that can be kept, because
loading the Kconfig files takes longer than an analysis does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analyzer.configset.configset import Column, ConfigSet, Mask
from analyzer.configset.dotconfig import DotConfig
from analyzer.diagnostics import Diagnostics
from analyzer.errors import InternalError
from analyzer.kconfig.evaluate import Values
from analyzer.kconfig.model import KconfigModel, SymbolType
from analyzer.kconfig.render import quoted
from analyzer.kconfig.resolve import Loader, complete
from analyzer.kconfig.toolchain import Toolchain
from analyzer.tree.source_tree import SourceTree

FORMAT = 1
"""Raised whenever the meaning of :meth:`CheckReport.to_data` changes."""

NAMED_AT_MOST = 12
GROUPED_AT_MOST = 12
"""Groups of configurations of which each has a warning of its own."""


@dataclass(frozen=True, slots=True)
class CheckReport:
    """``changed``: in which configurations the tree changes which symbol, sorted by name.

    ``types`` has the type of every symbol that the tree defines.
    """

    changed: tuple[tuple[str, Mask], ...]
    types: dict[str, SymbolType]

    def to_data(self) -> dict[str, Any]:
        """As JSON values; masks as hexadecimal."""
        types: dict[str, list[str]] = {}
        for name, kind in self.types.items():
            types.setdefault(kind.value, []).append(name)
        changed = [[name, hex(mask)] for name, mask in self.changed]
        return {"format": FORMAT, "changed": changed, "types": types}

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> CheckReport:
        """The inverse of :meth:`to_data`; :class:`InternalError` on another format."""
        if data.get("format") != FORMAT:
            raise InternalError(f"a check report of format {data.get('format')!r}")
        changed = tuple((name, int(mask, 16)) for name, mask in data["changed"])
        types = {n: SymbolType(kind) for kind, names in data["types"].items() for n in names}
        return cls(changed, types)

    def report(self, configs: ConfigSet, diagnostics: Diagnostics) -> None:
        """One warning per group of configurations with the same changes, or a common one for
        all where there are more than :data:`GROUPED_AT_MOST` groups."""
        groups = self._groups(configs.all)
        differs = "differ" if groups is not None else "differ in one or another"
        for mask in (self._somewhere(),) if groups is None else groups:
            names = [name for name, where in self.changed if where & mask]
            members = list(configs.members(mask))
            shown = ", ".join(names[:NAMED_AT_MOST])
            more = len(names) - NAMED_AT_MOST
            if more > 0:
                shown += f" and {more} more"
            who = ", ".join(members[:3]) + (f" and {len(members) - 3} more" if members[3:] else "")
            noun = "symbol differs" if len(names) == 1 else f"symbols {differs}"
            diagnostics.warning(
                "config-not-resolved",
                f"{who}: analysed as given, but {len(names)} {noun} from what the tree would "
                f"make of it: {shown}",
            )

    def _somewhere(self) -> Mask:
        result = 0
        for _, mask in self.changed:
            result |= mask
        return result

    def _groups(self, everywhere: Mask) -> tuple[Mask, ...] | None:
        """The configurations by what changes in them, those without changes left out; None if
        there are too many groups."""
        groups = [everywhere]
        for _, mask in self.changed:
            split = [part for group in groups for part in (group & mask, group & ~mask) if part]
            if len(split) > GROUPED_AT_MOST + 1:
                return None
            groups = split
        changing = self._somewhere()
        return tuple(group for group in groups if group & changing)


def check_configs(
    tree: SourceTree,
    arch: str,
    toolchain: Toolchain | None,
    configs: Sequence[DotConfig],
    diagnostics: Diagnostics,
    loader: Loader | None = None,
) -> CheckReport:
    """Load the tree, by ``loader`` if given, resolve ``configs`` and compare.

    Takes a second or two for a kernel whose model is not kept.
    """
    resolution = complete(tree, arch, toolchain, configs, diagnostics, loader)
    model = resolution.model
    changed = changed_symbols(model, resolution.values, ConfigSet.of(configs))
    types = {symbol.name: symbol.type for symbol in model.symbols if symbol.definitions}
    return CheckReport(changed, types)


def changed_symbols(
    model: KconfigModel, values: Values, given: ConfigSet
) -> tuple[tuple[str, Mask], ...]:
    """Where ``values`` differs from ``given`` as analysed, by symbol name, sorted.

    A missing line and ``is not set`` are the same. A symbol that the tree does not know
    differs where it is set.
    """
    changed: dict[str, Mask] = {}
    for index, symbol in enumerate(model.symbols):
        if not symbol.definitions:
            continue
        column = given.column(symbol.name)
        node = model.symbol_nodes[index]
        if symbol.type.is_logical:
            m_only = values.m[node] & ~values.y[node]
            mask = (column.y ^ values.y[node]) | (column.m ^ m_only)
            mask |= column.present & ~column.y & ~column.m
        else:
            mask = _texts_differ(model, values, index, column)
        if mask:
            changed[symbol.name] = mask
    for name in given.symbols():
        symbol_known = model.symbol(name)
        if symbol_known is None or not symbol_known.definitions:
            changed[name] = given.column(name).present
    return tuple(sorted(changed.items()))


def _texts_differ(model: KconfigModel, values: Values, index: int, column: Column) -> Mask:
    written = values.written[index]
    same = 0
    for mask, text in values.texts.get(index, ()):
        same |= mask & written & column.where(quoted(model.symbols[index], text))
    return (written | column.present) & ~same
