"""The call graph of one unit: what its own functions reach inside it, and call outside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from analyzer.callgraph.analysis import Definition, UnitAnalysis, macro_chain, site_location
from analyzer.callgraph.model import GraphEdge, GraphFunction, IndirectCall, UnitGraph
from analyzer.configset.configset import Mask
from analyzer.csource.sites import CallSite, SiteKind
from analyzer.location import Location

_DIRECT = frozenset((SiteKind.CALL, SiteKind.CLEANUP))


def unit_graph(analysis: UnitAnalysis, contract_macros: bool) -> UnitGraph:
    """Every function that the unit defines or reaches in its headers, with its edges.

    With ``contract_macros`` a call that a macro brings is its user's; without, the
    macros are functions of their own and lead to what their replacement lists call.
    """
    graph = _Graph(contract_macros)
    reached: dict[str, Mask] = {}
    waiting = analysis.own_names()
    while waiting:
        queue, waiting = waiting, {}
        for name, mask in queue.items():
            before = reached.get(name, 0)
            fresh = mask & ~before
            if not fresh:
                continue
            reached[name] = before | fresh
            for definition in analysis.definitions(name):
                where = definition.mask & fresh
                if where:
                    graph.add(name, definition, where)
                    for callee, share in _mentioned(definition):
                        if share & where:
                            waiting[callee] = waiting.get(callee, 0) | (share & where)
    opened = analysis.opened
    return UnitGraph(
        opened.path,
        opened.unit.source,
        opened.mask,
        tuple(graph.functions()),
        tuple(graph.edges()),
        tuple(graph.indirect_calls()),
    )


def _mentioned(definition: Definition) -> Iterator[tuple[str, Mask]]:
    for site in definition.facts.sites:
        if site.name and site.kind is not SiteKind.INDIRECT:
            yield site.name, site.mask
        for passed in site.passes:
            yield passed.name, site.mask


class _Graph:
    __slots__ = ("_contract", "_edges", "_functions", "_indirect")

    def __init__(self, contract: bool) -> None:
        self._contract = contract
        self._functions: dict[tuple[str, Location, bool, bool, bool], Mask] = {}
        self._edges: dict[tuple[str, str], Mask] = {}
        self._indirect: dict[tuple[str, int], list[Mask]] = {}
        """Per line: where there is at least one such call, at least two …"""

    def add(self, name: str, definition: Definition, where: Mask) -> None:
        """Add what ``definition`` says of the configurations in ``where``."""
        key = (name, definition.location, definition.static, definition.inline, False)
        self._functions[key] = self._functions.get(key, 0) | where
        for site in definition.facts.sites:
            mask = site.mask & where
            if not mask:
                continue
            caller = name if self._contract else self._through_macros(name, site, mask)
            if site.kind in _DIRECT:
                self._edge(caller, site.name, mask)
            elif site.kind is SiteKind.INDIRECT:
                self._through_pointer(caller, site_location(site.where).line, mask)

    def _through_macros(self, caller: str, site: CallSite, mask: Mask) -> str:
        for macro in macro_chain(site.where):
            key = (macro.name, Location(macro.file, max(macro.line, 1)), False, False, True)
            self._functions[key] = self._functions.get(key, 0) | mask
            self._edge(caller, macro.name, mask)
            caller = macro.name
        return caller

    def _edge(self, caller: str, callee: str, mask: Mask) -> None:
        self._edges[caller, callee] = self._edges.get((caller, callee), 0) | mask

    def _through_pointer(self, caller: str, line: int, mask: Mask) -> None:
        """Count one more call of the line where ``mask`` holds."""
        counts = self._indirect.setdefault((caller, line), [])
        for number, there in enumerate(counts):
            counts[number], mask = there | mask, there & mask
        if mask:
            counts.append(mask)

    def functions(self) -> Iterable[GraphFunction]:
        for (name, location, static, inline, macro), mask in self._functions.items():
            yield GraphFunction(name, location, static, inline, mask, macro)

    def edges(self) -> Iterable[GraphEdge]:
        for (caller, callee), mask in self._edges.items():
            yield GraphEdge(caller, callee, mask)

    def indirect_calls(self) -> Iterable[IndirectCall]:
        for (caller, line), counts in self._indirect.items():
            for mask in counts:
                yield IndirectCall(caller, line, mask)
