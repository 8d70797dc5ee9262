"""A program written down by hand, for tests of what comes after the analysis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from analyzer.callgraph.program import (
    Doubt,
    FunctionRef,
    OutCertainty,
    OutEdge,
    OutGuard,
    OutKind,
    RefKind,
)
from analyzer.configset.configset import Column, ConfigSet, Mask, mask_of
from analyzer.location import Location
from analyzer.primitives.knowledge import Knowledge


def configs(rows: Sequence[dict[str, str]]) -> ConfigSet:
    """A ConfigSet from one dict of symbol values per configuration: c0, c1..."""
    columns = {}
    for symbol in sorted({symbol for row in rows for symbol in row}):
        texts = sorted({row[symbol] for row in rows if row.get(symbol, "n") != "n"})
        columns[symbol] = Column(
            tuple(
                (mask_of([i for i, row in enumerate(rows) if row.get(symbol) == text]), text)
                for text in texts
            )
        )
    names = [f"c{i}" for i in range(len(rows))]
    return ConfigSet(names, [f"{name}.config" for name in names], columns)


@dataclass
class FakeProgram:
    """Functions by name and edges by caller; counts how often edges are asked for."""

    refs: dict[str, list[FunctionRef]] = field(default_factory=dict)
    out: dict[tuple[str, str], list[OutEdge]] = field(default_factory=dict)
    doubts: list[tuple[tuple[str, Location], Doubt]] = field(default_factory=list)
    asked: list[tuple[str, Mask]] = field(default_factory=list)
    knowledge: Knowledge = field(default_factory=lambda: Knowledge(()))

    def define(
        self,
        name: str,
        mask: Mask = 1,
        unit: str = "a.o",
        line: int = 0,
        *,
        file: str | None = None,
        kind: RefKind = RefKind.FUNCTION,
        static: bool = False,
        absent: str | None = None,
        declared_only: bool = False,
    ) -> FunctionRef:
        place = Location(file or unit.removesuffix(".o") + ".c", line or self._next_line())
        ref = FunctionRef(name, unit, kind, None if declared_only else place, mask, static, absent)
        self.refs.setdefault(name, []).append(ref)
        return ref

    def call(
        self,
        caller: FunctionRef,
        callee: FunctionRef | None,
        mask: Mask | None = None,
        *,
        name: str = "",
        line: int = 0,
        kind: OutKind | None = None,
        certainty: OutCertainty | None = None,
        guards: tuple[str, ...] = (),
        conditionals: tuple[tuple[str, Location], ...] = (),
        slot: str | None = None,
        platforms: tuple[str, ...] = (),
    ) -> None:
        assert caller.location is not None
        if kind is None:
            macro = callee is not None and callee.kind is RefKind.MACRO
            kind = OutKind.MACRO if macro else OutKind.CALL
        if certainty is None:
            certainty = OutCertainty.UNKNOWN if callee is None else OutCertainty.EXACT
        edges = self.out.setdefault((caller.name, caller.unit), [])
        place = Location(caller.location.file, line or caller.location.line + len(edges) + 1)
        edges.append(
            OutEdge(
                name or (callee.name if callee is not None else "?"),
                callee,
                kind,
                certainty,
                place,
                caller.mask if mask is None else mask,
                tuple(OutGuard(text) for text in guards),
                conditionals,
                slot,
                platforms=platforms,
            )
        )

    def find(self, name: str, file: str | None) -> Sequence[FunctionRef]:
        return [
            ref
            for ref in self.refs.get(name, ())
            if file is None or (ref.location is not None and ref.location.file == file)
        ]

    def edges_of(self, ref: FunctionRef) -> Sequence[OutEdge]:
        self.asked.append((ref.name, ref.mask))
        return self.out.get((ref.name, ref.unit), [])

    def in_doubt(self, unit: str, condition: Location, text: str, mask: Mask) -> list[Doubt]:
        del mask
        return [d for where, d in self.doubts if where == (unit, condition) and d.name in text]

    def scope(self) -> str:
        return "a fake"

    def names(self) -> Iterable[str]:
        return self.refs

    def only(self, index: int) -> FakeProgram:
        """The same program as a run of configuration ``index`` alone would see it."""
        single = FakeProgram()

        def cut(ref: FunctionRef) -> FunctionRef:
            return replace(ref, mask=ref.mask >> index & 1)

        single.refs = {name: [cut(ref) for ref in refs] for name, refs in self.refs.items()}
        for key, edges in self.out.items():
            single.out[key] = [
                replace(
                    edge,
                    mask=edge.mask >> index & 1,
                    target=None if edge.target is None else cut(edge.target),
                )
                for edge in edges
            ]
        return single

    def _next_line(self) -> int:
        return 10 * (1 + sum(len(refs) for refs in self.refs.values()))
