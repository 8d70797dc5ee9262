"""The answer of ``kimpact callers`` as plain facts, for every renderer alike.

The fields mirror the JSON contract ``kimpact/callers/1`` (``docs/schema/``). Nodes, edges
and classes are those of ``kimpact paths``; edges lead from caller to callee.
"""

from __future__ import annotations

from dataclasses import dataclass

from analyzer.callgraph.entries import EntryKind
from analyzer.configset.configset import Mask
from analyzer.diagnostics import Diagnostic
from analyzer.location import Location
from analyzer.paths.result import ConfigInfo, Edge, Kernel, Limit, Node, PathClass


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """A way into ``node`` that is no edge (see :class:`analyzer.callgraph.entries.Entry`).

    ``argument`` is which argument of ``name`` the function is handed over as, from 0.
    """

    node: str
    kind: EntryKind
    name: str
    detail: str
    location: Location
    mask: Mask
    argument: int | None = None


@dataclass(frozen=True, slots=True)
class CallersResult:
    """Everything a renderer needs; ``roots`` are the functions asked about.

    ``limits`` say where the search stopped; ``hidden`` of one counts the possible callers
    that were not looked into, None if nobody counted.
    """

    kernel: Kernel
    configs: tuple[ConfigInfo, ...]
    roots: tuple[str, ...]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    entries: tuple[EntryPoint, ...]
    classes: tuple[PathClass, ...]
    limits: tuple[Limit, ...]
    diagnostics: tuple[Diagnostic, ...]
    symbols: tuple[tuple[str, tuple[tuple[Mask, str], ...]], ...] = ()
