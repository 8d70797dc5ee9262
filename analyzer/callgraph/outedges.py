"""The out-edges of one definition, its macro uses as nodes of their own.

A call that a macro brings leaves the function through the macro, and through the macros
that this one uses. A call through a pointer leads to what its slot can hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from analyzer.callgraph.analysis import (
    Definition,
    UnitAnalysis,
    macro_chain,
    site_location,
)
from analyzer.callgraph.program import (
    FunctionRef,
    OutCertainty,
    OutEdge,
    OutKind,
    RefKind,
    identity,
    narrowed,
)
from analyzer.callgraph.slots import SlotIndex, Store
from analyzer.configset.configset import Mask
from analyzer.csource.sites import CallSite, SiteKind
from analyzer.kbuild.objects import ObjectFile
from analyzer.location import Location
from analyzer.preprocessor.macro import Macro

BUILTIN = "__builtin_"
"""Prefix of the functions that the compiler itself provides."""

Conditionals = tuple[tuple[str, Location], ...]


class Links(Protocol):
    """What making edges asks of the program that they belong to."""

    def resolve(
        self, analysis: UnitAnalysis, item: ObjectFile, name: str, mask: Mask
    ) -> Iterator[FunctionRef]:
        """The definitions that a direct call of ``name`` in a unit means, by mask."""

    def analysis(self, item: ObjectFile) -> UnitAnalysis:
        """The functions of an object."""

    def slots(self, image: str) -> SlotIndex:
        """What fills the dispatch slots of an image."""

    def macro_ref(self, ref: FunctionRef, edges: Sequence[OutEdge]) -> None:
        """Remember where a macro use leads."""

    def conditionals(self, location: Location) -> Conditionals:
        """The preprocessor conditionals around a place in the tree."""


class OutEdges:
    """Makes the out-edges of one definition."""

    __slots__ = ("_analysis", "_definition", "_item", "_name", "_program")

    def __init__(
        self,
        program: Links,
        analysis: UnitAnalysis,
        item: ObjectFile,
        name: str,
        definition: Definition,
    ) -> None:
        self._program = program
        self._analysis = analysis
        self._item = item
        self._name = name
        self._definition = definition

    def all(self) -> list[OutEdge]:
        """The edges in source order; edges inside macros are handed to the program."""
        inner: dict[FunctionRef, dict[OutEdge, None]] = {}
        outer: dict[OutEdge, None] = {}
        for site in self._definition.facts.sites:
            if site.kind is SiteKind.ADDRESS or site.name.startswith(BUILTIN):
                continue
            edges = outer
            owner = f"{self._item.path}:{self._name}"
            place = site_location(site.where)
            chain = macro_chain(site.where)
            *outside, texts = _guards_by_macro(site, chain)
            for macro, before in zip(chain, outside, strict=True):
                ref = self._macro(macro, owner, site.mask)
                edge = OutEdge(
                    macro.name,
                    ref,
                    OutKind.MACRO,
                    OutCertainty.EXACT,
                    place,
                    site.mask,
                    before,
                    self._program.conditionals(place),
                )
                merge_edge(edges, edge)
                edges = inner.setdefault(identity(ref), {})
                owner = f"{owner}>{macro.name}"
                place = ref.location or place
            for edge in self._edges(site, place, texts):
                merge_edge(edges, edge)
        for key, found in inner.items():
            self._program.macro_ref(key, tuple(found))
        return list(outer)

    def _macro(self, macro: Macro, owner: str, mask: Mask) -> FunctionRef:
        location = Location(macro.file, max(macro.line, 1))
        return FunctionRef(macro.name, self._item.path, RefKind.MACRO, location, mask, owner=owner)

    def _edges(self, site: CallSite, place: Location, guards: tuple[str, ...]) -> Iterator[OutEdge]:
        conditionals = self._program.conditionals(place)
        if site.name and site.kind is not SiteKind.INDIRECT and site.target is None:
            for ref in self._program.resolve(self._analysis, self._item, site.name, site.mask):
                also = () if ref.location is None else self._program.conditionals(ref.location)
                yield OutEdge(
                    site.name,
                    ref,
                    OutKind.CALL,
                    OutCertainty.EXACT,
                    place,
                    ref.mask,
                    guards,
                    tuple(dict.fromkeys((*conditionals, *also))),
                )
            return
        yield from self._indirect(site, place, guards, conditionals)

    def _indirect(
        self,
        site: CallSite,
        place: Location,
        guards: tuple[str, ...],
        conditionals: Conditionals,
    ) -> Iterator[OutEdge]:
        target = site.target
        path = site.name if target is None else target.path
        left = site.mask
        for image in self._item.images:
            where = image.mask & site.mask
            if not where or target is None or target.member is None:
                continue
            for store in self._program.slots(image.text).stores(
                target, where, self._analysis.opened.unit
            ):
                yield from self._stored(store, where, path, place, guards, conditionals)
                left &= ~store.mask
        if left:
            yield OutEdge(
                path,
                None,
                OutKind.INDIRECT,
                OutCertainty.UNKNOWN,
                place,
                left,
                guards,
                conditionals,
                path,
            )

    def _stored(
        self,
        store: Store,
        mask: Mask,
        path: str,
        place: Location,
        guards: tuple[str, ...],
        conditionals: Conditionals,
    ) -> Iterator[OutEdge]:
        item = store.item
        where = store.mask & mask
        analysis = self._program.analysis(item)
        for ref in self._program.resolve(analysis, item, store.function, where):
            yield OutEdge(
                store.function,
                ref,
                OutKind.INDIRECT,
                OutCertainty.CANDIDATE,
                place,
                ref.mask,
                guards,
                tuple(dict.fromkeys((*conditionals, *self._program.conditionals(store.place)))),
                path,
            )


def merge_edge(edges: dict[OutEdge, None], edge: OutEdge) -> None:
    """Add an edge; one that differs in its mask only is widened instead."""
    for known in edges:
        if (
            known.name == edge.name
            and known.location == edge.location
            and known.guards == edge.guards
            and known.kind is edge.kind
            and _same_target(known.target, edge.target)
        ):
            if known.mask | edge.mask != known.mask:
                widened = _widened(known, edge.mask)
                items = [widened if old is known else old for old in edges]
                edges.clear()
                edges.update(dict.fromkeys(items))
            return
    edges[edge] = None


def _same_target(left: FunctionRef | None, right: FunctionRef | None) -> bool:
    if left is None or right is None:
        return left is right
    return identity(left) == identity(right)


def _widened(edge: OutEdge, mask: Mask) -> OutEdge:
    target = edge.target
    if target is not None:
        target = narrowed(target, target.mask | mask)
    return OutEdge(
        edge.name,
        target,
        edge.kind,
        edge.certainty,
        edge.location,
        edge.mask | mask,
        edge.guards,
        edge.conditionals,
        edge.slot,
    )


def _guards_by_macro(site: CallSite, chain: Sequence[Macro]) -> list[tuple[str, ...]]:
    """The guards of a site by who wrote the branch: the function itself, then each macro of
    ``chain``. They govern the edge that leaves the one that wrote them."""
    levels: list[list[str]] = [[] for _ in range(len(chain) + 1)]
    for guard in site.guards:
        writers = macro_chain(((guard.bound, guard.at),))
        level = 0
        while level < min(len(writers), len(chain)) and writers[level] is chain[level]:
            level += 1
        levels[level].append(_guard_text(guard.text, guard.negated))
    return [tuple(texts) for texts in levels]


def _guard_text(text: str, negated: bool) -> str:
    if not negated:
        return text
    if text[:1] == "!" and text[1:].isidentifier():
        return text[1:]
    return f"!{text}" if text.isidentifier() else f"!({text})"
