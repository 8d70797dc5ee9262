"""The program seen backwards: the edges that lead into a function, and its other entries.

The texts say who may call (:mod:`analyzer.callgraph.candidates`); each candidate's unit is
opened and its out-edges decide whether an edge exists, where, and under which guards. An
edge's ``target`` is its *source* here, the caller, so that a search can walk callers as
it walks calls. A header's function is one node, whatever units see it, except on the way
from a function that only one unit has.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from analyzer.callgraph.aimed import AimedProgram
from analyzer.callgraph.analysis import UnitAnalysis, site_location
from analyzer.callgraph.candidates import Candidate, Textual, textual
from analyzer.callgraph.conditionals import conditionals_at
from analyzer.callgraph.entries import Entry, EntryKind, EntryMacros
from analyzer.callgraph.mentions import Mention, MentionKind, Mentions
from analyzer.callgraph.outedges import merge_edge
from analyzer.callgraph.program import FunctionRef, OutEdge, OutKind, RefKind, identity, narrowed
from analyzer.callgraph.session import Session
from analyzer.callgraph.slots import MAX_WRITERS
from analyzer.configset.configset import Mask
from analyzer.csource.sites import SiteKind
from analyzer.kbuild.objects import ObjectFile
from analyzer.location import Location

MAX_OPEN = 150
"""Units that are kept open; beyond that the one opened first is let go of."""
MAX_VIEWERS = 3
"""Units tried for one that sees a header's function."""
_SOURCE = ".c"


@dataclass(slots=True)
class Budget:
    """How many units may be opened; ``left`` None for any number."""

    left: int | None

    def take(self) -> bool:
        """Whether one more may be."""
        if self.left is None:
            return True
        self.left -= 1
        return self.left >= 0


class Incoming:
    """Edges into functions, found when asked for, within the link images ``images``."""

    __slots__ = (
        "_budget",
        "_entries",
        "_indexed",
        "_kept",
        "_known",
        "_macros",
        "_mentioned",
        "_mentions",
        "_opened",
        "_roots",
        "_rules",
        "_session",
        "_viewed",
        "program",
        "skipped",
    )

    def __init__(self, session: Session, budget: Budget) -> None:
        self._session = session
        self.program = AimedProgram(session)
        """The program aimed at the function that is being looked at."""
        self._indexed: dict[str, Mentions] = {}
        self._mentions: list[Mentions] = []
        self._rules = EntryMacros.bundled()
        self._budget = budget
        self._roots: frozenset[FunctionRef] = frozenset()
        self._opened: set[str] = set()
        self._kept: dict[str, ObjectFile] = {}
        self._known: dict[FunctionRef, tuple[OutEdge, ...]] = {}
        self._entries: dict[FunctionRef, tuple[Entry, ...]] = {}
        self._macros: dict[FunctionRef, dict[OutEdge, None]] = {}
        self._mentioned: set[FunctionRef] = set()
        self._viewed: dict[FunctionRef, str] = {}
        self.skipped: dict[FunctionRef, int] = {}
        """Functions (without masks) with the number of candidates not looked into."""

    def begin(self, refs: Sequence[FunctionRef], images: Sequence[str]) -> list[FunctionRef]:
        """Search within ``images``; ``refs`` as nodes. What one of them is called by is
        looked for even if it is an end for all others."""
        for name in images:
            if name not in self._indexed:
                self._indexed[name] = Mentions(self._session, self.program.texts(name))
        self._mentions = [self._indexed[name] for name in images]
        nodes = [self.node(ref) for ref in refs]
        self._roots = frozenset(map(identity, nodes))
        return nodes

    def node(self, ref: FunctionRef) -> FunctionRef:
        """The reference by which a function is one node: a header's belongs to no unit."""
        if ref.location is None or ref.location.file.endswith((_SOURCE, ".S")):
            return ref
        one = FunctionRef(ref.name, "", ref.kind, ref.location, ref.mask, ref.static, ref.absent)
        self._viewed.setdefault(identity(one), ref.unit)
        return one

    def viewed(self, ref: FunctionRef) -> str:
        """A unit that is known to see a function."""
        return ref.unit or self._viewed.get(identity(ref), "")

    def edges_of(self, ref: FunctionRef) -> Sequence[OutEdge]:
        """The edges into ``ref``, each with the caller as its ``target``, by place."""
        key = identity(ref)
        if ref.kind is RefKind.MACRO:
            return _ordered(self._macros.get(key, {}))
        if ref.location is None:
            return ()
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._find(ref)
        return known

    def entries_of(self, ref: FunctionRef) -> Sequence[Entry]:
        """The other ways into a function whose edges have been asked for, by place."""
        return self._entries.get(identity(ref), ())

    def _find(self, ref: FunctionRef) -> tuple[OutEdge, ...]:
        assert ref.location is not None
        place = ref.location
        made: tuple[Entry, ...] = ()
        for mentions in self._mentions[:1]:
            maker, words = mentions.maker_at(place.file, place.line)
            rule = self._rules.rule(maker) if maker else None
            if rule is not None and rule.kind is not None:
                name = words[0] if words else ref.name
                made = (Entry(rule.kind, maker, name, place, self._session.configs.all),)
                if rule.ends and identity(ref) not in self._roots:
                    self._entries[identity(ref)] = made
                    return ()
        found = _Search(self, ref)
        for mentions in self._mentions:
            found.look(mentions, textual(mentions, ref, self._rules))
        self._entries[identity(ref)] = (*made, *found.entries())
        if found.mentioned:
            self._mentioned.add(identity(ref))
        if found.skipped:
            self.skipped[identity(ref)] = found.skipped
        return _ordered(found.edges)

    def mentioned(self, ref: FunctionRef) -> bool:
        """Whether anything mentions a function whose edges have been asked for."""
        return identity(ref) in self._mentioned

    # --- what a search for one function uses ------------------------------------

    def open(self, item: ObjectFile) -> ObjectFile | None:
        """The object with its options if its unit is open or may be opened."""
        if item.path not in self._opened:
            if not self._budget.take():
                return None
            self._opened.add(item.path)
        whole = self._session.kbuild.object(item.path) or item
        self._kept.setdefault(item.path, whole)
        if len(self._kept) > MAX_OPEN:
            self._session.forget(self._kept.pop(next(iter(self._kept))))
        return whole

    def is_open(self, item: ObjectFile) -> bool:
        return item.path in self._opened

    @property
    def session(self) -> Session:
        return self._session

    @property
    def rules(self) -> EntryMacros:
        return self._rules

    def through(self, macro: FunctionRef, edge: OutEdge) -> None:
        """Remember an edge into a macro, or into a wrapper that asm makes."""
        merge_edge(self._macros.setdefault(identity(macro), {}), edge)


class _Search:
    """The edges into one function, and what its mentions say otherwise."""

    def __init__(self, incoming: Incoming, target: FunctionRef) -> None:
        self._incoming = incoming
        self._target = target
        self.edges: dict[OutEdge, None] = {}
        self._found: dict[Entry, None] = {}
        self._addresses: dict[tuple[str, str], Mask] = {}
        self._lines: set[tuple[str, int]] = set()
        self._units: frozenset[str] | None = None
        self.mentioned = False
        self.skipped = 0

    def look(self, mentions: Mentions, text: Textual) -> None:
        """Evaluate the candidates of one image."""
        self.mentioned = self.mentioned or bool(text.direct)
        self._units = text.units
        self._incoming.program.aim(self._target.name, text.members)
        for member in sorted(text.wide):
            self._incoming.session.diagnostics.warning(
                "slot-too-wide",
                f"{self._target.name} is stored in a member {member}, which more than "
                f"{MAX_WRITERS} sources write: calls through it are not among the callers",
            )
        for candidate in sorted(text.candidates, key=self._nearness):
            if not self._try(mentions, candidate, text.units):
                self.skipped += 1
        for mention in text.direct:
            self._enter(mention)

    def entries(self) -> tuple[Entry, ...]:
        """The entries by place."""
        return tuple(sorted(self._found, key=lambda e: (e.location, e.kind.value, e.name)))

    def _nearness(self, candidate: Candidate) -> tuple[int, str, str, int]:
        assert self._target.location is not None
        own = self._target.location.file
        opened = candidate.item is not None and self._incoming.is_open(candidate.item)
        beside = candidate.file.rpartition("/")[0] == own.rpartition("/")[0]
        distance = 0 if candidate.file == own else 1 if opened or beside else 2
        return distance, candidate.file, candidate.name, candidate.line

    # --- candidates -----------------------------------------------------------

    def _try(self, mentions: Mentions, candidate: Candidate, units: frozenset[str] | None) -> bool:
        """Evaluate one candidate; whether that could be done."""
        if candidate.item is not None:
            item = self._incoming.open(candidate.item)
            if item is not None:
                self._evaluate(item, candidate)
            return item is not None
        looked = False
        for viewer in self._viewers(mentions, candidate, units)[:MAX_VIEWERS]:
            item = self._incoming.open(viewer)
            if item is None:
                break
            looked = True
            seen = self._evaluate(item, candidate)
            if seen and not self._incoming.session.configs.all & ~item.built:
                break
        return looked

    def _viewers(
        self, mentions: Mentions, candidate: Candidate, units: frozenset[str] | None
    ) -> list[ObjectFile]:
        """Objects that may see a header's function: those that use it first."""
        found: dict[str, ObjectFile] = {}
        reading = {item.path: item for item in mentions.reading(candidate.file)}
        if not candidate.made:
            for mention in mentions.of(candidate.name):
                if mention.item is not None and mention.item.path in reading:
                    found.setdefault(mention.item.path, mention.item)
        known = self._incoming.viewed(self._target)
        own = [item for item in reading.values() if item.path == known]
        listed = [*found.values(), *reading.values()]
        listed.sort(key=lambda item: not self._incoming.is_open(item))
        listed = [item for item in (*own, *listed) if item.source.endswith(_SOURCE)]
        if units is not None:
            listed = [item for item in listed if item.path in units]
        return list({item.path: item for item in listed}.values())

    def _evaluate(self, item: ObjectFile, candidate: Candidate) -> bool:
        """Take the edges of a candidate as a unit sees it; whether it sees it at all (for what
        a macro makes: whether any of that leads to the target)."""
        program = self._incoming.program
        analysis = self._incoming.session.analysis(item)
        names = [candidate.name]
        if candidate.made:
            names = list(analysis.opened.unit.made_at(candidate.file, candidate.line))
        seen = False
        before = len(self.edges)
        for name in dict.fromkeys(names):
            for ref in program.definitions_in(item, name, candidate.file):
                seen = True
                self._take(ref)
                self._note_addresses(analysis, ref)
            thunk = analysis.assembly(name)
            if thunk is not None:
                place = site_location(((thunk.bound, thunk.at),))
                self._take(FunctionRef(name, item.path, RefKind.FUNCTION, place, item.built))
        return len(self.edges) > before if candidate.made else seen

    def _note_addresses(self, analysis: UnitAnalysis, ref: FunctionRef) -> None:
        for definition in analysis.definitions(ref.name):
            if definition.location == ref.location:
                for site in definition.facts.sites:
                    if site.kind is SiteKind.ADDRESS and site.name == self._target.name:
                        assert ref.location is not None
                        key = (ref.location.file, ref.name)
                        self._addresses[key] = self._addresses.get(key, 0) | site.mask

    def _take(self, caller: FunctionRef) -> None:
        for chain in self._chains(self._incoming.program.edges_of(caller), ()):
            mask = caller.mask
            for edge in chain:
                mask &= edge.mask
            if mask:
                self._add(caller, chain, mask)

    def _chains(
        self, edges: Sequence[OutEdge], above: tuple[OutEdge, ...]
    ) -> Iterator[tuple[OutEdge, ...]]:
        """The ways from a function to the target, over macros alone."""
        for edge in edges:
            target = edge.target
            if target is None:
                continue
            if self._is_target(target):
                yield (*above, edge)
            elif target.kind is RefKind.MACRO or self._is_wrapper(edge, target):
                inner = self._incoming.program.edges_of(target)
                yield from self._chains(inner, (*above, edge))

    def _is_target(self, ref: FunctionRef) -> bool:
        mine = self._target
        if ref.name != mine.name or ref.location != mine.location or ref.kind is not mine.kind:
            return False
        return not mine.unit or ref.unit == mine.unit or not mine.static

    def _is_wrapper(self, edge: OutEdge, ref: FunctionRef) -> bool:
        """Whether a slot holds asm that saves registers and calls the target."""
        return (
            edge.kind is OutKind.INDIRECT
            and ref.name != self._target.name
            and self._target.name in ref.name
        )

    def _add(self, caller: FunctionRef, chain: tuple[OutEdge, ...], mask: Mask) -> None:
        """Record a chain backwards: into the target, into each macro before it."""
        owner = f"{self._target.unit}:{self._target.name}"
        sources: list[FunctionRef] = []
        for edge in reversed(chain[:-1]):
            assert edge.target is not None
            middle = edge.target
            node = FunctionRef(middle.name, "", middle.kind, middle.location, mask, owner=owner)
            sources.append(node)
            owner = f"{owner}<{middle.name}"
        if self._units is None:
            caller = self._incoming.node(caller)
        sources.append(narrowed(caller, mask))
        into: FunctionRef | None = None
        for edge, source in zip(reversed(chain), sources, strict=True):
            backwards = replace(edge, target=source, mask=mask)
            self._lines.add((edge.location.file, edge.location.line))
            if into is None:
                merge_edge(self.edges, backwards)
            else:
                self._incoming.through(into, backwards)
            into = source

    # --- entries ----------------------------------------------------------------

    def _enter(self, mention: Mention) -> None:
        place = Location(mention.file, mention.line)
        path = ".".join(mention.member)
        if mention.kind is MentionKind.OBJECT:
            self._entry(EntryKind.STORED, path, mention.owner, place, self._active(mention))
        elif mention.kind is MentionKind.USE:
            rule = self._incoming.rules.rule(mention.owner)
            kind = EntryKind.MACRO if rule is None else rule.kind
            if kind is not None and (mention.file, mention.line) not in self._lines:
                words = ", ".join(mention.words)
                self._entry(kind, mention.owner, words, place, self._active(mention))
        elif mention.kind is MentionKind.ASSEMBLY and mention.file.endswith(".S"):
            self._entry(EntryKind.ASSEMBLY, mention.owner, "", place, self._active(mention))
        elif mention.kind is MentionKind.FUNCTION and not mention.called:
            mask = self._addresses.get((mention.file, mention.owner), 0)
            if not mask or (mention.file, mention.line) in self._lines:
                return
            if path:
                self._entry(EntryKind.ASSIGNED, path, mention.owner, place, mask)
            elif mention.arguments:
                argument = mention.arguments[-1]
                self._entry(
                    EntryKind.ARGUMENT, argument.callee, mention.owner, place, mask, argument.index
                )
            else:
                self._entry(EntryKind.ADDRESS, "", mention.owner, place, mask)

    def _entry(
        self,
        kind: EntryKind,
        name: str,
        detail: str,
        place: Location,
        mask: Mask,
        index: int | None = None,
    ) -> None:
        if mask:
            self._found[Entry(kind, name, detail, place, mask, index)] = None

    def _active(self, mention: Mention) -> Mask:
        """Where the text of a mention is compiled; everywhere for a header."""
        session = self._incoming.session
        skeleton = session.skeleton(mention.file)
        item = mention.item
        if item is None:
            return session.configs.all
        if skeleton is None or not conditionals_at(skeleton, mention.line):
            return item.built
        if mention.file.endswith(_SOURCE):
            whole = self._incoming.open(item)
            if whole is not None:
                return session.analysis(whole).opened.unit.active(mention.file, mention.line)
        return item.built


def _ordered(edges: dict[OutEdge, None]) -> tuple[OutEdge, ...]:
    return tuple(sorted(edges, key=lambda edge: (edge.location, edge.name)))
