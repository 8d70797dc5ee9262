"""The call graph of one translation unit, as facts (``kimpact/callgraph/1``).

Functions are keyed within a unit by name: one link unit cannot define a name twice in
one configuration. All masks are over the run's ConfigSet.
"""

from __future__ import annotations

from dataclasses import dataclass

from analyzer.configset.configset import Mask
from analyzer.location import Location


@dataclass(frozen=True, slots=True)
class GraphFunction:
    """A function or macro that the unit's code reaches; ``location`` is the definition."""

    name: str
    location: Location
    static: bool
    inline: bool
    mask: Mask
    macro: bool = False


@dataclass(frozen=True, slots=True)
class GraphEdge:
    """A direct call (or macro use, when macros are not contracted)."""

    caller: str
    callee: str
    mask: Mask


@dataclass(frozen=True, slots=True)
class IndirectCall:
    """A call through a pointer at ``line`` of the caller's file; one for each of several."""

    caller: str
    line: int
    mask: Mask


@dataclass(frozen=True, slots=True)
class UnitGraph:
    """One object: ``path`` is the object, ``file`` its source."""

    path: str
    file: str
    mask: Mask
    functions: tuple[GraphFunction, ...]
    edges: tuple[GraphEdge, ...]
    indirect_calls: tuple[IndirectCall, ...]
