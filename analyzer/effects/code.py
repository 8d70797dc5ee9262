"""What following an object asks of the program: bodies of functions, and what calls lead to.

This is also where platforms come in: the masks of targets are wide
(:mod:`analyzer.configset.widening`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from analyzer.callgraph.analysis import Definition, UnitAnalysis, macro_chain, site_location
from analyzer.callgraph.linked import LinkedProgram
from analyzer.callgraph.outedges import BUILTIN, OutEdges
from analyzer.callgraph.program import FunctionRef, RefKind, identity, narrowed
from analyzer.callgraph.session import Session
from analyzer.configset.configset import Mask
from analyzer.configset.widening import PlatformAxis, Widening
from analyzer.csource.action import CallAction, FunctionActions, StoreAction
from analyzer.csource.operand import Storage, Variable
from analyzer.csource.sites import CallSite, SiteKind
from analyzer.csource.sites import Place as Where
from analyzer.effects.spelled import Spelled
from analyzer.kbuild.objects import ObjectFile
from analyzer.location import Location
from analyzer.primitives.knowledge import Knowledge
from analyzer.primitives.model import Synchronisation

_ONE_CALL = re.compile(r"[\s\\]*([A-Za-z_]\w*)\s*\(.*\)\s*\Z", re.DOTALL)
"""A replacement list that calls one function."""


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """One definition that can be followed; ``ref`` has no mask, ``mask`` is wide."""

    ref: FunctionRef
    mask: Mask
    item: ObjectFile
    analysis: UnitAnalysis
    definition: Definition

    @property
    def actions(self) -> FunctionActions:
        return self.definition.actions

    def locals(self) -> Iterator[Variable]:
        """The local variables that are given values."""
        for action in self.actions.actions:
            root = action.place.root if isinstance(action, StoreAction) else None
            if isinstance(root, Variable) and root.storage in {Storage.AUTOMATIC, Storage.STATIC}:
                yield root


@dataclass(frozen=True, slots=True)
class Site:
    """A call as evidence: the place, and the macros in between, outermost first."""

    where: Location
    macros: tuple[str, ...]


class Code:
    """The functions of a :class:`LinkedProgram`, as far as they are asked for."""

    def __init__(self, program: LinkedProgram, session: Session, axis: PlatformAxis) -> None:
        self._program = program
        self._session = session
        self._axis = axis
        self._bodies: dict[FunctionRef, tuple[Body, ...]] = {}
        self._spelled = Spelled(session)
        self._waiting: dict[FunctionRef, bool] = {}
        self._behind: dict[str, dict[str, list[Synchronisation]]] = {}
        self._targets: dict[tuple[int, int], tuple[FunctionRef, ...]] = {}

    @property
    def widening(self) -> Widening:
        """How wide masks are made."""
        return self._axis.widening

    @property
    def knowledge(self) -> Knowledge:
        return self._session.knowledge

    def bodies(self, ref: FunctionRef) -> Sequence[Body]:
        """The definitions that ``ref`` means, disjoint masks; none if it has no C body."""
        key = identity(ref)
        known = self._bodies.get(key)
        if known is None:
            known = self._bodies[key] = tuple(self._find_bodies(key))
        return known

    def _find_bodies(self, ref: FunctionRef) -> Iterator[Body]:
        if ref.location is None or ref.absent is not None or ref.kind is not RefKind.FUNCTION:
            return
        item = self._session.kbuild.object(ref.unit)
        if item is None:
            return
        analysis = self._session.analysis(item)
        for definition in analysis.definitions(ref.name):
            if definition.location == ref.location:
                mask = self.widening.spread(definition.mask)
                yield Body(ref, mask, item, analysis, definition)

    def targets(self, body: Body, call: CallAction, index: int) -> Sequence[FunctionRef]:
        """What action number ``index`` of ``body`` calls, with wide masks.

        Where a call leads nowhere that is known, there is a reference without a name.
        """
        key = (id(body), index)
        known = self._targets.get(key)
        if known is None:
            known = self._targets[key] = tuple(self._find_targets(body, call.site))
        return known

    def _find_targets(self, body: Body, site: CallSite) -> Iterator[FunctionRef]:
        if site.name.startswith(BUILTIN):
            return
        edges = OutEdges(self._program, body.analysis, body.item, body.ref.name, body.definition)
        for edge in edges.of_site(site):
            mask = self.widening.spread(edge.mask) & self._axis.on(edge.platforms)
            if edge.target is None:
                yield FunctionRef("", "", RefKind.FUNCTION, None, mask)
            else:
                yield narrowed(edge.target, mask)

    def leaves(self, body: Body, call: CallAction) -> bool:
        """Whether a call goes through a pointer, or to a function that the unit of ``body``
        does not define; told without looking for it."""
        if call.site.kind is not SiteKind.CALL:
            return True
        name = call.site.name
        return not body.analysis.definitions(name) and body.analysis.assembly(name) is None

    def named(self, body: Body, name: str, mask: Mask) -> Iterator[FunctionRef]:
        """The functions that ``name`` means in the unit of ``body``; masks are wide."""
        plain = self.widening.merged(mask)
        for ref in self._program.resolve(body.analysis, body.item, name, plain):
            yield narrowed(ref, self.widening.spread(ref.mask) & mask)

    def in_unit(self, item: ObjectFile, name: str) -> Iterator[Body]:
        """The definitions of ``name`` in one unit."""
        analysis = self._session.analysis(item)
        for definition in analysis.definitions(name):
            ref = FunctionRef(
                name, item.path, RefKind.FUNCTION, definition.location, 0, definition.static
            )
            yield from self.bodies(ref)

    def mentioning(self, item: ObjectFile, word: str) -> Sequence[str]:
        """Names of functions in a unit in whose text ``word`` stands."""
        return tuple(self._session.analysis(item).opened.unit.mentioning(word))

    def sources_with(self, item: ObjectFile, *words: str) -> Sequence[ObjectFile]:
        """The other objects of an image with ``item`` in whose own source all of ``words``
        stand."""
        wanted = [word.encode() for word in words]
        found: dict[str, ObjectFile] = {}
        for image in item.images:
            for other in self._program.image(image.text).spelling(wanted):
                if other.path != item.path:
                    found[other.path] = other
        return [other for other in found.values() if other.source.endswith(".c")]

    def takes_arguments(self, ref: FunctionRef) -> bool:
        """Whether a function may have parameters, by the text of its definition."""
        return self._spelled.takes_arguments(ref)

    def may_wait(self, ref: FunctionRef) -> bool:
        """Whether a function names one that is known to wait, or leads to one in its file
        that does, by their texts."""
        if ref not in self._waiting:
            self._waiting[ref] = not self._spelled.below(ref).isdisjoint(self._wait_names)
        return self._waiting[ref]

    def waits_behind_macros(self, body: Body) -> Mapping[str, Sequence[Synchronisation]]:
        """The functions that do what is known of a macro: in the unit of ``body``, the macro is
        nothing but a call of them."""
        known = self._behind.get(body.item.path)
        if known is None:
            table = body.analysis.opened.unit.table
            known = self._behind[body.item.path] = {}
            for name in self._wait_names:
                facts = [
                    fact
                    for fact in self.knowledge.synchronisations(name)
                    if fact.waits_argument is None
                ]
                for macro in table.ever(name) if facts else ():
                    called = _ONE_CALL.match(macro.body)
                    if called is not None and called[1] != name:
                        known[called[1]] = facts
        return known

    @cached_property
    def _wait_names(self) -> Mapping[str, None]:
        return dict.fromkeys(self.knowledge.names().get(Synchronisation.__name__, ()))

    def unit(self, path: str) -> ObjectFile | None:
        """The object called ``path``."""
        return self._session.kbuild.object(path)


def site_of(where: Where) -> Site:
    """The evidence of a call or store."""
    return Site(site_location(where), tuple(macro.name for macro in macro_chain(where)))
