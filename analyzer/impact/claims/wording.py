"""Where something holds, in words: configurations by their symbols, platforms by name.

What is the same throughout the scope that is spoken of is not said again.
"""

from __future__ import annotations

from collections.abc import Sequence

from analyzer.configset.configset import ConfigSet, Mask
from analyzer.configset.describe import Describer
from analyzer.configset.widening import PlatformAxis
from analyzer.impact.claims.graph import PathGraph, Way, boot_guards
from analyzer.paths.result import Certainty, Edge

MAX_NAMED = 5
"""Names in a row that are written out."""


class Wording:
    """Words for wide masks of one answer."""

    def __init__(self, configs: ConfigSet, axis: PlatformAxis, preferred: Sequence[str]) -> None:
        self._axis = axis
        self._configs = configs
        self._preferred = tuple(preferred)
        self._describer = Describer(configs, self._preferred)

    def where(self, mask: Mask, scope: Mask) -> str:
        """``mask``, a part of ``scope``; empty if it is all of it."""
        if mask == scope:
            return ""
        parts: list[str] = []
        for configs, platforms in self._axis.split(mask):
            on = self._axis.on(platforms)
            spread = self._axis.spread(configs)
            named = f"on {', '.join(platforms)}" if platforms else ""
            spoken = self._axis.widening.merged(scope & on)
            if spread & on == scope & on and named:
                parts.append(named)
            elif spread & on == scope & spread:
                parts.append(self._configs_in(configs, self._axis.widening.merged(scope)))
            else:
                parts.append(f"{self._configs_in(configs, spoken)} {named}".rstrip())
        return "; ".join(parts)

    def placed(self, text: str, mask: Mask, scope: Mask) -> str:
        """``text`` with where it is so, if that is not all of ``scope``."""
        where = self.where(mask, scope)
        if not where:
            return text
        return f"{text} {where}" if where.startswith("on ") else f"{text} where {where}"

    def _configs_in(self, mask: Mask, scope: Mask) -> str:
        """A symbol's test that tells the configurations of ``mask`` from the others of
        ``scope``, else an expression for them."""
        for symbol in self._preferred:
            present = self._configs.column(symbol).present
            if present & scope == mask:
                return symbol
            if ~present & scope == mask:
                return f"!{symbol}"
        return self._describer.describe(mask)


def boot_words(graph: PathGraph, way: Way) -> str:
    """Under which conditions an unsure way is taken."""
    return " and ".join(dict.fromkeys(_edge_words(graph, each, way.mask) for each in way.unsure))


def _edge_words(graph: PathGraph, edge: Edge, mask: Mask) -> str:
    texts: dict[str, None] = {}
    for other in graph.beside(edge, mask):
        guards = boot_guards(other)
        if guards:
            texts.setdefault(" and ".join(dict.fromkeys(guard.text for guard in guards)))
    if texts:
        return f"when {' or when '.join(texts)}"
    slot = edge.slot or edge.name
    if edge.certainty is Certainty.CANDIDATE and graph.result.platforms and edge.platforms:
        return f"unless {slot} is replaced"
    return f"as one of several that {slot} may hold"


def listed(names: Sequence[str]) -> str:
    """Names in a row, the first few of many."""
    shown = ", ".join(names[:MAX_NAMED])
    more = len(names) - MAX_NAMED
    return f"{shown} and {more} more" if more > 0 else shown


def between_words(ways: Sequence[Way]) -> str | None:
    """What lies between the two names, where that is anything."""
    lists = dict.fromkeys(way.between for way in ways if way.between)
    if not lists:
        return None
    return "in between: " + "; or ".join(listed(names) for names in lists)
