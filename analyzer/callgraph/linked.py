"""The program of a run: units linked by name, functions and edges found on demand.

Implements :class:`analyzer.callgraph.program.Program`. A name means what C makes of it:
first what the unit itself defines, then, for what is left of the mask, the one external
definition in the same link image, a ``__weak`` one only where no other is built.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from analyzer.callgraph.analysis import (
    Definition,
    UnitAnalysis,
    site_location,
)
from analyzer.callgraph.assembly import AsmFunction, label_line
from analyzer.callgraph.conditionals import conditionals_at
from analyzer.callgraph.dispatch import Dispatcher, NoDispatcher
from analyzer.callgraph.exits import Exits
from analyzer.callgraph.image import VMLINUX, ImageSearch
from analyzer.callgraph.lookup import Lookup
from analyzer.callgraph.outedges import BUILTIN, Conditionals, OutEdges, merge_edge
from analyzer.callgraph.program import (
    Doubt,
    FunctionRef,
    OutCertainty,
    OutEdge,
    OutKind,
    RefKind,
    identity,
    narrowed,
)
from analyzer.callgraph.session import Session
from analyzer.callgraph.slots import SlotIndex
from analyzer.callgraph.staticcalls import StaticCallIndex
from analyzer.callgraph.texts import ImageTexts
from analyzer.configset.configset import Mask
from analyzer.kbuild.objects import ObjectFile
from analyzer.location import Location
from analyzer.primitives.knowledge import Knowledge


class LinkedProgram:
    """All of one kernel, as far as it is asked for."""

    __slots__ = (
        "_conditionals",
        "_exits",
        "_external",
        "_images",
        "_lookup",
        "_macros",
        "_session",
        "_slots",
        "_static_calls",
        "_texts",
        "dispatcher",
    )

    def __init__(self, session: Session) -> None:
        self.dispatcher: Dispatcher = NoDispatcher()
        """What is known of slots on each platform; may be replaced by who knows more."""
        self._session = session
        self._images: dict[str, ImageSearch] = {}
        self._external: dict[tuple[str, str], tuple[FunctionRef, ...]] = {}
        self._macros: dict[FunctionRef, tuple[OutEdge, ...]] = {}
        self._slots: dict[str, SlotIndex] = {}
        self._static_calls: dict[str, StaticCallIndex] = {}
        self._exits: dict[str, Exits] = {}
        self._texts: dict[str, ImageTexts] = {}
        self._conditionals: dict[tuple[str, int], Conditionals] = {}
        self._lookup = Lookup(session, self, self.image(VMLINUX), self.texts(VMLINUX))

    def dispatch_with(self, dispatcher: Dispatcher) -> None:
        """Take what ``dispatcher`` knows of slots from now on; edges asked for again say so."""
        self.dispatcher = dispatcher
        self._macros.clear()

    # --- Program --------------------------------------------------------------

    @property
    def knowledge(self) -> Knowledge:
        """What is known of general kernel functions."""
        return self._session.knowledge

    def find(self, name: str, file: str | None) -> Sequence[FunctionRef]:
        """All definitions called ``name``, in ``file`` only if one is given.

        One in a source that no configuration builds is absent, and says why. Raises
        :class:`BadInput` for a file that is not in the tree.
        """
        if file is None:
            return self._lookup.anywhere(name)
        return self._lookup.in_file(name, file)

    def edges_of(self, ref: FunctionRef) -> Sequence[OutEdge]:
        """The edges leaving ``ref`` in the configurations of its mask, in source order."""
        if ref.kind is RefKind.MACRO:
            return self._macros.get(identity(ref), ())
        if ref.location is None or ref.absent is not None:
            return ()
        item = self._session.kbuild.object(ref.unit)
        if item is None:
            return ()
        analysis = self._session.analysis(item)
        thunk = analysis.assembly(ref.name)
        if thunk is not None:
            return self._thunk_edges(analysis, item, ref, thunk)
        edges: dict[OutEdge, None] = {}
        for definition in analysis.definitions(ref.name):
            if definition.mask & ref.mask and definition.location == ref.location:
                for edge in OutEdges(self, analysis, item, ref.name, definition).all():
                    merge_edge(edges, edge)
        return list(edges)

    def _thunk_edges(
        self, analysis: UnitAnalysis, item: ObjectFile, ref: FunctionRef, thunk: AsmFunction
    ) -> list[OutEdge]:
        place = site_location(((thunk.bound, thunk.at),))
        return [
            OutEdge(
                name,
                target,
                OutKind.CALL,
                OutCertainty.EXACT,
                place,
                target.mask,
                conditionals=self.conditionals(place),
            )
            for name in dict.fromkeys(thunk.calls)
            for target in self.resolve(analysis, item, name, ref.mask)
        ]

    def scope(self) -> str:
        """How far :meth:`find` looks for a name that is given without a file."""
        return self._lookup.scope()

    def in_doubt(self, unit: str, condition: Location, text: str, mask: Mask) -> Sequence[Doubt]:
        """The stand-in headers on which a conditional that governs an edge may depend."""
        return self._session.in_doubt(unit, condition, text, mask)

    def names(self) -> Iterable[str]:
        """Names of functions in the core directories, for near misses."""
        return self.image(VMLINUX).names()

    # --- resolution -----------------------------------------------------------

    def resolve(
        self, analysis: UnitAnalysis, item: ObjectFile, name: str, mask: Mask
    ) -> Iterator[FunctionRef]:
        """The definitions that a direct call of ``name`` in a unit means, by mask."""
        for definition in analysis.definitions(name):
            where = definition.mask & mask
            if where and (not definition.weak or not item.images):
                mask &= ~where
                yield self._ref(item.path, name, definition, where)
        if not mask:
            return
        thunk = analysis.assembly(name)
        if thunk is not None:
            yield _assembly_ref(item, thunk, mask)
            return
        if name.startswith(BUILTIN):
            yield FunctionRef(
                name, item.path, RefKind.FUNCTION, None, mask, absent="compiler builtin"
            )
            return
        for image in item.images:
            where = image.mask & mask
            if where:
                mask &= ~where
                yield from self.external(name, image.text, item.path, where)

    def external(self, name: str, image: str, near: str, mask: Mask) -> Iterator[FunctionRef]:
        """The external definitions of ``name`` in a link image, for the masks they have."""
        key = (image, name)
        known = self._external.get(key)
        if known is None:
            known = self._external[key] = tuple(self._search(name, image, near))
        for ref in known:
            where = ref.mask & mask
            if where:
                mask &= ~where
                yield narrowed(ref, where)
        if mask:
            absent = f"defined in no source of {image} that these configurations build"
            yield FunctionRef(name, "", RefKind.FUNCTION, None, mask, absent=absent)

    def meant(self, name: str, unit: str, item: ObjectFile, mask: Mask) -> Iterator[FunctionRef]:
        """The definitions that ``name`` means in unit ``unit``, or with external linkage in
        the image of ``item`` if ``unit`` is empty."""
        writer = self._session.kbuild.object(unit) if unit else None
        if writer is not None:
            yield from self.resolve(self._session.analysis(writer), writer, name, mask)
            return
        for image in item.images:
            if image.mask & mask:
                yield from self.external(name, image.text, item.path, image.mask & mask)

    def analysis(self, item: ObjectFile) -> UnitAnalysis:
        """The functions of an object."""
        return self._session.analysis(item)

    def exits(self, analysis: UnitAnalysis) -> Exits:
        """Where control leaves the functions of a unit."""
        path = analysis.opened.path
        known = self._exits.get(path)
        if known is None:
            known = self._exits[path] = Exits(analysis, self._session.knowledge)
        return known

    def definitions_in(
        self, item: ObjectFile, name: str, file: str | None
    ) -> Iterator[FunctionRef]:
        """The definitions of ``name`` in a unit, in ``file`` only if that is given and no
        object; one that is compiled for two ABIs is one."""
        merged: dict[Location, FunctionRef] = {}
        for definition in self._session.analysis(item).definitions(name):
            place = definition.location
            if file is None or file.endswith(".o") or place.file == file:
                known = merged.get(place)
                before = 0 if known is None else known.mask
                merged[place] = self._ref(item.path, name, definition, before | definition.mask)
        yield from merged.values()

    def image(self, image: str) -> ImageSearch:
        """Where the names of a link image are looked for."""
        known = self._images.get(image)
        if known is None:
            known = self._images[image] = ImageSearch(self._session, image)
        return known

    def texts(self, image: str) -> ImageTexts:
        """The texts that a link image is made from."""
        known = self._texts.get(image)
        if known is None:
            known = self._texts[image] = ImageTexts(self._session, self.image(image))
        return known

    def slots(self, image: str) -> SlotIndex:
        """What fills the dispatch slots of an image."""
        known = self._slots.get(image)
        if known is None:
            known = self._slots[image] = SlotIndex(self._session, self.image(image))
        return known

    def static_calls(self, image: str) -> StaticCallIndex:
        """What fills the keys of the static calls of an image."""
        known = self._static_calls.get(image)
        if known is None:
            known = self._static_calls[image] = StaticCallIndex(
                self._session, self.image(image), self.texts(image), self.slots(image)
            )
        return known

    def macro_ref(self, ref: FunctionRef, edges: Sequence[OutEdge]) -> None:
        """Remember where a macro use leads, in addition to what is known from another
        variant of the function that uses it."""
        known = dict.fromkeys(self._macros.get(identity(ref), ()))
        for edge in edges:
            merge_edge(known, edge)
        self._macros[identity(ref)] = tuple(known)

    def conditionals(self, location: Location) -> Conditionals:
        """The preprocessor conditionals around a place in the tree."""
        key = (location.file, location.line)
        known = self._conditionals.get(key)
        if known is None:
            skeleton = self._session.skeleton(location.file)
            found = () if skeleton is None else conditionals_at(skeleton, location.line)
            known = self._conditionals[key] = found
        return known

    def _search(self, name: str, image: str, near: str) -> Iterator[FunctionRef]:
        left = self._session.configs.all
        weak: list[FunctionRef] = []
        for item in self.image(image).defining(name, near):
            where = item.linked_into(image) & left
            if not where:
                continue
            if item.source.endswith(".S"):
                left &= ~where
                data = self._session.tree.read(item.source) or b""
                yield FunctionRef(
                    name,
                    item.path,
                    RefKind.FUNCTION,
                    Location(item.source, label_line(data, name) or 1),
                    where,
                    absent="defined in assembly",
                )
                continue
            plain = self.image(image).plain_definition(item.source, name)
            if plain is not None:
                left &= ~where
                yield FunctionRef(name, item.path, RefKind.FUNCTION, plain, where)
                continue
            analysis = self._session.analysis(item)
            thunk = analysis.assembly(name)
            if thunk is not None:
                left &= ~where
                yield _assembly_ref(item, thunk, where)
                continue
            for definition in analysis.definitions(name):
                where = definition.mask & item.linked_into(image) & left
                if definition.static or definition.inline or not where:
                    continue
                if definition.weak:
                    weak.append(self._ref(item.path, name, definition, where))
                    continue
                left &= ~where
                yield self._ref(item.path, name, definition, where)
            if not left:
                return
        for ref in weak:
            where = ref.mask & left
            if where:
                left &= ~where
                yield narrowed(ref, where)

    @staticmethod
    def _ref(unit: str, name: str, definition: Definition, mask: Mask) -> FunctionRef:
        return FunctionRef(
            name, unit, RefKind.FUNCTION, definition.location, mask, definition.static
        )


def _assembly_ref(item: ObjectFile, thunk: AsmFunction, mask: Mask) -> FunctionRef:
    place = site_location(((thunk.bound, thunk.at),))
    return FunctionRef(thunk.name, item.path, RefKind.FUNCTION, place, mask)
