"""The out-edges of one definition, its macro uses as nodes of their own.

A call that a macro brings leaves the function through the macro, and through the macros
that this one uses. A call through a pointer leads to what its slot can hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from analyzer.callgraph.analysis import (
    Definition,
    UnitAnalysis,
    macro_chain,
    site_location,
)
from analyzer.callgraph.dispatch import Dispatched, Dispatcher
from analyzer.callgraph.exits import Exit, Exits
from analyzer.callgraph.guard_words import WordedGuard
from analyzer.callgraph.handed import Handed
from analyzer.callgraph.program import (
    FunctionRef,
    OutCertainty,
    OutEdge,
    OutGuard,
    OutKind,
    RefKind,
    identity,
    narrowed,
)
from analyzer.callgraph.slots import SlotIndex, Store, slot_of
from analyzer.callgraph.staticcalls import StaticCallIndex
from analyzer.configset.configset import Mask
from analyzer.csource.operand import FunctionName
from analyzer.csource.sites import CallSite, SiteKind, Target
from analyzer.kbuild.objects import ObjectFile
from analyzer.location import Location
from analyzer.preprocessor.macro import Macro
from analyzer.primitives.knowledge import Knowledge

BUILTIN = "__builtin_"
"""Prefix of the functions that the compiler itself provides."""
NOTHING = "holds nothing: no function is stored there"
""":attr:`FunctionRef.absent` of what stands for a callee where a slot is always empty."""

Conditionals = tuple[tuple[str, Location], ...]


class Links(Protocol):
    """What making edges asks of the program that they belong to."""

    def resolve(
        self, analysis: UnitAnalysis, item: ObjectFile, name: str, mask: Mask
    ) -> Iterator[FunctionRef]:
        """The definitions that a direct call of ``name`` in a unit means, by mask."""

    def analysis(self, item: ObjectFile) -> UnitAnalysis:
        """The functions of an object."""

    def exits(self, analysis: UnitAnalysis) -> Exits:
        """Where control leaves the functions of a unit."""

    @property
    def dispatcher(self) -> Dispatcher:
        """What is known of slots on each platform."""

    def meant(self, name: str, unit: str, item: ObjectFile, mask: Mask) -> Iterator[FunctionRef]:
        """The definitions that ``name`` means in a unit (empty: in the image of ``item``)."""

    def slots(self, image: str) -> SlotIndex:
        """What fills the dispatch slots of an image."""

    def static_calls(self, image: str) -> StaticCallIndex:
        """What fills the keys of the static calls of an image."""

    @property
    def knowledge(self) -> Knowledge:
        """What is known of general kernel functions."""

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
        for exit_ in self._program.exits(self._analysis).of(self._definition):
            site = exit_.site
            if site is not None and site.name.startswith(BUILTIN):
                continue
            edges = outer
            owner = f"{self._item.path}:{self._name}"
            place = site_location(exit_.where)
            chain = macro_chain(exit_.where)
            *outside, guards = _guards_by_macro(exit_.guards, chain)
            for macro, before in zip(chain, outside, strict=True):
                ref = self._macro(macro, owner, exit_.mask)
                edge = OutEdge(
                    macro.name,
                    ref,
                    OutKind.MACRO,
                    OutCertainty.EXACT,
                    place,
                    exit_.mask,
                    before,
                    self._program.conditionals(place),
                )
                merge_edge(edges, edge)
                edges = inner.setdefault(identity(ref), {})
                owner = f"{owner}>{macro.name}"
                place = ref.location or place
            for edge in self._leaving(exit_, place, guards):
                merge_edge(edges, edge)
        for key, found in inner.items():
            self._program.macro_ref(key, tuple(found))
        return list(outer)

    def of_site(self, site: CallSite) -> Iterator[OutEdge]:
        """The edges from a call straight to what it can call, macros in between left out."""
        return self._edges(site, site_location(site.where), ())

    def _macro(self, macro: Macro, owner: str, mask: Mask) -> FunctionRef:
        location = Location(macro.file, max(macro.line, 1))
        return FunctionRef(macro.name, self._item.path, RefKind.MACRO, location, mask, owner=owner)

    def _leaving(
        self, exit_: Exit, place: Location, guards: tuple[OutGuard, ...]
    ) -> Iterator[OutEdge]:
        if exit_.site is not None:
            yield from self._edges(exit_.site, place, guards)
        conditionals = self._program.conditionals(place)
        for handed in exit_.handed:
            yield from self._callback(handed, place, guards, conditionals)

    def _callback(
        self,
        handed: Handed,
        place: Location,
        guards: tuple[OutGuard, ...],
        conditionals: Conditionals,
    ) -> Iterator[OutEdge]:
        """The edge(s) to what is handed over to run in another context."""
        value = handed.value
        if not isinstance(value, FunctionName):
            target = slot_of(value)
            yield from (
                replace(edge, kind=OutKind.CALLBACK, context=handed.context)
                for edge in self._through(target, handed.mask, place, guards, conditionals)
            )
            return
        certainty = OutCertainty.EXACT if handed.certain else OutCertainty.CANDIDATE
        for ref in self._program.resolve(self._analysis, self._item, value.name, handed.mask):
            also = () if ref.location is None else self._program.conditionals(ref.location)
            yield OutEdge(
                value.name,
                ref,
                OutKind.CALLBACK,
                certainty,
                place,
                ref.mask,
                guards,
                tuple(dict.fromkeys((*conditionals, *also))),
                context=handed.context,
            )

    def _edges(
        self, site: CallSite, place: Location, guards: tuple[OutGuard, ...]
    ) -> Iterator[OutEdge]:
        conditionals = self._program.conditionals(place)
        patched = self._program.knowledge.static_call(site.name) is not None
        direct = site.kind is not SiteKind.INDIRECT and site.target is None
        if site.name and direct and not patched:
            for ref in self._program.resolve(self._analysis, self._item, site.name, site.mask):
                also = () if ref.location is None else self._program.conditionals(ref.location)
                yield OutEdge(
                    site.name,
                    ref,
                    OutKind.CALL,
                    OutCertainty.CANDIDATE if site.when else OutCertainty.EXACT,
                    place,
                    ref.mask,
                    guards,
                    tuple(dict.fromkeys((*conditionals, *also))),
                )
            return
        target = Target(site.name) if site.target is None else site.target
        yield from self._through(target, site.mask, place, guards, conditionals)

    def _through(
        self,
        target: Target,
        mask: Mask,
        place: Location,
        guards: tuple[OutGuard, ...],
        conditionals: Conditionals,
    ) -> Iterator[OutEdge]:
        """The edges through a pointer: to what its slot can hold, else of unknown target."""
        held = self._program.dispatcher.held(target)
        if held is None:
            yield from self._candidates(target, mask, (), place, guards, conditionals)
            return
        for one in held:
            if one.mask & mask:
                yield from self._dispatched(one, target, mask, place, guards, conditionals)

    def _dispatched(
        self,
        one: Dispatched,
        target: Target,
        mask: Mask,
        place: Location,
        guards: tuple[OutGuard, ...],
        conditionals: Conditionals,
    ) -> Iterator[OutEdge]:
        """The edge(s) to what a slot holds on some platforms."""
        mask &= one.mask
        if one.function is None:
            yield from self._candidates(target, mask, one.platforms, place, guards, conditionals)
            return
        stored = () if one.place is None else self._program.conditionals(one.place)
        for ref in self._program.meant(one.function, one.unit, self._item, mask):
            yield OutEdge(
                one.function,
                ref,
                OutKind.INDIRECT,
                OutCertainty.EXACT if one.certain else OutCertainty.CANDIDATE,
                place,
                ref.mask,
                (*guards, *one.guards),
                tuple(dict.fromkeys((*conditionals, *stored))),
                target.path,
                platforms=one.platforms,
            )

    def _candidates(
        self,
        target: Target,
        mask: Mask,
        platforms: tuple[str, ...],
        place: Location,
        guards: tuple[OutGuard, ...],
        conditionals: Conditionals,
    ) -> Iterator[OutEdge]:
        """The edges to all that the sources store in a slot; one to nothing where they store
        none, and one of unknown target where that cannot be told."""
        path = target.path
        left, empty = mask, 0
        for image in self._item.images:
            where = image.mask & mask
            if not where:
                continue
            stores, nothing = self._stores(target, where, image.text)
            empty |= nothing
            for store in stores:
                for edge in self._stored(store, where, path, place, guards, conditionals):
                    yield replace(edge, platforms=platforms)
                left &= ~store.mask
        for share, ref, certainty in (
            (left & empty, _nothing(path, left & empty), OutCertainty.CANDIDATE),
            (left & ~empty, None, OutCertainty.UNKNOWN),
        ):
            if share:
                yield OutEdge(
                    path,
                    ref,
                    OutKind.INDIRECT,
                    certainty,
                    place,
                    share,
                    guards,
                    conditionals,
                    path,
                    platforms=platforms,
                )

    def _stores(self, target: Target, mask: Mask, image: str) -> tuple[Sequence[Store], Mask]:
        """What is stored in a slot of an image, and where it is known to hold nothing else."""
        static = self._program.knowledge.static_call(target.path)
        if static is not None:
            filled = self._program.static_calls(image).filled(*static, self._item)
            stores = [store for store in filled.stores if store.mask & mask]
            return stores, filled.null & ~filled.untold & mask
        if target.member is None:
            return (), 0
        return tuple(self._program.slots(image).stores(target, mask, self._analysis.opened.unit)), 0

    def _stored(
        self,
        store: Store,
        mask: Mask,
        path: str,
        place: Location,
        guards: tuple[OutGuard, ...],
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


def _nothing(path: str, mask: Mask) -> FunctionRef:
    """What stands for the callee where a slot holds no function."""
    return FunctionRef(path, "", RefKind.FUNCTION, None, mask, absent=NOTHING)


def merge_edge(edges: dict[OutEdge, None], edge: OutEdge) -> None:
    """Add an edge; one that differs in its mask only is widened instead."""
    for known in edges:
        if (
            known.name == edge.name
            and known.location == edge.location
            and known.guards == edge.guards
            and known.kind is edge.kind
            and known.context == edge.context
            and known.certainty is edge.certainty
            and known.platforms == edge.platforms
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
    return replace(edge, target=target, mask=edge.mask | mask)


def _guards_by_macro(
    guards: Sequence[WordedGuard], chain: Sequence[Macro]
) -> list[tuple[OutGuard, ...]]:
    """The guards of an exit by who wrote the branch: the function itself, then each macro of
    ``chain``. They govern the edge that leaves the one that wrote them."""
    levels: list[list[OutGuard]] = [[] for _ in range(len(chain) + 1)]
    for worded in guards:
        level = 0
        for writer, macro in zip(worded.writers, chain, strict=False):
            if writer is not macro:
                break
            level += 1
        levels[level].append(worded.guard)
    return [tuple(level) for level in levels]
