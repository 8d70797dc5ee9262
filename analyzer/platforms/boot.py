"""The platforms of a kernel, and what its objects hold on each once it has booted.

A platform without a hypervisor boots from the common entry and detects nothing. Every other
one is announced by a descriptor object; it boots from the common entry too, unless the
outcome of its detection depends on what another entry sets: then it boots from that one.
All platforms of one entry are walked at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from analyzer.callgraph.image import ImageSearch
from analyzer.callgraph.linked import LinkedProgram
from analyzer.callgraph.mentions import Mentions
from analyzer.callgraph.session import Session
from analyzer.configset.configset import Mask
from analyzer.csource.action import Action, CallAction, ReturnAction, StoreAction
from analyzer.csource.operand import Load, Result
from analyzer.platforms.announce import Announcements
from analyzer.platforms.axis import Axis, Platform
from analyzer.platforms.code import InitialValues, LinkedCode
from analyzer.platforms.conditions import depends_on
from analyzer.platforms.entries import boot_entries
from analyzer.platforms.features import Features
from analyzer.platforms.knowledge import BootKnowledge
from analyzer.platforms.memory import Memory
from analyzer.platforms.parameters import Parameters
from analyzer.platforms.relevance import ASSEMBLY, Entry, Relevance, RelevanceSearch
from analyzer.platforms.values import (
    BootGuard,
    Cell,
    FunctionValue,
    Held,
    NonZero,
    NumberValue,
    ObjectKey,
    Path,
)
from analyzer.platforms.walk import BootWalk, Report, Walkable

MAX_ROUNDS = 4
"""Rounds of taking in the variables that conditions turn out to read."""
MAX_GROWTH = 24
"""Functions that may be walked in addition to know a variable that a condition reads."""
MAX_WRITERS = 12
"""Writers of a variable above which its value is not followed."""


@dataclass(frozen=True, slots=True)
class Booted:
    """A platform after its boot from ``entry``."""

    platform: Platform
    entry: Entry


@dataclass(frozen=True, slots=True)
class _Walked:
    """The boot of all platforms that begin at one entry."""

    entry: Entry
    platforms: tuple[Platform, ...]
    memory: Memory
    report: Report


@dataclass(frozen=True, slots=True)
class _Outcome:
    """Whether a detection can find its platform, and how many conditions stay open on the way
    to that."""

    possible: bool
    conditions: int


class Boot:
    """Boots a kernel on all its platforms, as far as is needed for the objects asked for."""

    __slots__ = (
        "_axis",
        "_by_entry",
        "_detectors",
        "_entries",
        "_entry_features",
        "_features",
        "_image",
        "_knowledge",
        "_mentions",
        "_relevance",
        "_search",
        "_session",
        "_setters",
        "_tried",
        "_unsure",
        "_walked",
        "announcements",
        "code",
        "parameters",
        "platforms",
    )

    def __init__(
        self,
        session: Session,
        program: LinkedProgram,
        image: ImageSearch,
        mentions: Mentions,
        knowledge: BootKnowledge,
    ) -> None:
        self._session = session
        self._image = image
        self._mentions = mentions
        self._knowledge = knowledge
        self.code = LinkedCode(program, session, mentions)
        self.parameters = Parameters(mentions, knowledge.parameters)
        self._setters = frozenset((*knowledge.force, *knowledge.clear))
        self._entry_features: dict[Entry, frozenset[int]] = {}
        self._features = Features(mentions, sorted(self._setters))
        self._search = RelevanceSearch(mentions, session.tree)
        self._relevance = self._search.add(())
        self._walked: tuple[_Walked, ...] = ()
        self._tried: set[str] = set()
        self._unsure: frozenset[Cell] = frozenset()
        self.announcements = Announcements(session, self.code, knowledge)
        self.platforms = tuple(self.announcements.platforms())
        # Only now are the texts read, which wait for the list of objects: the units that
        # announce platforms have been opened meanwhile.
        self._entries = boot_entries(mentions, knowledge.start)
        self.code.announcers = tuple(
            defined.item
            for platform in self.platforms
            if platform.descriptor is not None
            for defined in self.code.defined(platform.descriptor.name, platform.descriptor.unit)
        )
        self._axis = self.code.axis = Axis(len(session.configs.names), self.platforms)
        self._detectors: dict[str, list[tuple[str, str]]] = {}
        self._by_entry: Mapping[Entry, tuple[Platform, ...]] | None = None

    def held(self, name: str, path: Path) -> list[tuple[Booted, list[Held]]]:
        """What the part of object ``name`` at ``path`` holds on each platform."""
        self.cover(((name, path),))
        cell = Cell(ObjectKey(self.real(name)), path)
        found: dict[str, tuple[Booted, list[Held]]] = {}
        for walked in self._walked:
            for platform in walked.platforms:
                wide = self._axis.on(platform, platform.mask)
                values = [
                    replace(held, mask=self._axis.part(platform, held.mask))
                    for held in walked.memory.read(cell, wide)
                ]
                found[platform.name] = (Booted(platform, walked.entry), values)
        return [found[platform.name] for platform in self.platforms if platform.name in found]

    def parts(self, name: str, path: Path) -> list[Path]:
        """The leaves below a part of an object, over all platforms, in order of first sight."""
        self.cover(((name, path),))
        found: dict[Path, None] = {}
        for walked in self._walked:
            for leaf in walked.memory.leaves(Cell(ObjectKey(self.real(name)), path)):
                found.setdefault(path + leaf)
        return list(found)

    def booted(self) -> list[Booted]:
        """The platforms with their entries."""
        return [
            Booted(platform, entry)
            for entry, platforms in self._entered_by().items()
            for platform in platforms
        ]

    def reports(self) -> Sequence[Report]:
        """What the walks came across."""
        return [walked.report for walked in self._walked]

    def complete(self) -> bool:
        """Whether nothing was cut off."""
        return self._relevance.complete and all(report.complete for report in self.reports())

    def part(self, platform: Platform, wide: Mask) -> Mask:
        """The configurations of a wide mask on one platform."""
        return self._axis.part(platform, wide)

    def real(self, name: str) -> str:
        """The object that a name asked for stands for: a static call's key has a prefix."""
        key = self._knowledge.static_calls.name
        if self.code.defined(name, "") or not self.code.defined(key + name, ""):
            return name
        return key + name

    # --- what is covered --------------------------------------------------------------

    def cover(self, objects: Iterable[tuple[str, Path]]) -> None:
        """Walk the boots so that what parts of objects hold is known for all of ``objects``;
        asked about together they cost less than one by one."""
        self._entered_by()
        key = self._knowledge.static_calls.name
        wanted: list[tuple[str, Path]] = []
        for name, path in objects:
            real = self.real(name)
            wanted.append((name, path) if real == name else (real.removeprefix(key), ()))
        before = self._relevance
        self._relevance = self._search.add(wanted)
        if self._walked and self._relevance == before:
            return
        for _ in range(MAX_ROUNDS):
            self._walked = tuple(self._walk_all())
            if not self._grown(wanted):
                return

    def _grown(self, wanted: Sequence[tuple[str, Path]]) -> bool:
        """Take in what decides the guards of ``wanted``; whether there is any of it: the
        variables that they read, and what forces or clears the CPU features they ask for."""
        before = self._relevance
        guards = {guard: None for one in wanted for guard in self._guards_of(*one)}
        for name in sorted({read for guard in guards for read in guard.reads}):
            if name not in self._tried and name not in self._relevance.objects:
                self._tried.add(name)
                if self._can_follow(name):
                    more = self._search.try_add(name, MAX_GROWTH)
                    self._relevance = more or self._relevance
        self._take_features(number for guard in guards for number in guard.features)
        return self._relevance != before

    def _take_features(self, numbers: Iterable[int]) -> bool:
        """Take in what forces or clears CPU features; whether there is anything new."""
        before = self._relevance
        for word in sorted({name for number in numbers for name in self._features.names(number)}):
            if word not in self._tried:
                self._tried.add(word)
                more = self._search.try_calls(word, self._setters, MAX_GROWTH)
                self._relevance = more or self._relevance
        return self._relevance != before

    def _guards_of(self, name: str, path: Path) -> Iterator[BootGuard]:
        """The guards of what an object's part holds."""
        key = ObjectKey(self.real(name))
        length = len(path)
        for walked in self._walked:
            for leaf, held in walked.memory.parts(key).items():
                if leaf[:length] == path:
                    for one in held:
                        yield from one.guards

    def _can_follow(self, name: str) -> bool:
        """Whether the value of a variable is decided in the boot, at few places."""
        if self.parameters.sets(name) or not self.code.defined(name, ""):
            return False
        return len(self._mentions.writes_to_root(name)) <= MAX_WRITERS

    # --- booting ----------------------------------------------------------------------

    def _walk_all(self) -> Iterator[_Walked]:
        self._unsure = frozenset()
        self._unsure = frozenset(self._set_before())
        for entry, platforms in self._entered_by().items():
            walk = self._walk(self._walkable())
            mask = 0
            for platform in platforms:
                mask |= self._axis.on(platform, platform.mask)
            for other, numbers in self._entry_features.items():
                for number in numbers if other != entry else ():
                    walk.without(number, mask)
            walk.run(entry.function, "", mask, entry=True)
            for initcall in self._initcalls():
                walk.run(initcall.function, self._unit_of(initcall), mask)
            yield _Walked(entry, platforms, walk.memory, walk.report)

    def _walk(self, walkable: Walkable) -> BootWalk:
        knowledge = self._knowledge
        tags: frozenset[str | None] = frozenset((knowledge.descriptor_tag,))
        initial = InitialValues(self.code, walkable.objects, tags, self._unsure)
        walk = BootWalk(self.code, walkable, Memory(initial), knowledge, self._axis)
        initial.attach(walk)
        return walk

    def _objects(self, relevance: Relevance) -> frozenset[str]:
        key = self._knowledge.static_calls.name
        objects = relevance.objects | {key + name for name in relevance.objects}
        return frozenset(name for name in objects if not self.parameters.sets(name))

    def _walkable(self) -> Walkable:
        detected: dict[tuple[str, str], Mask] = {}
        nonzero: dict[tuple[str, str], Mask] = {}
        zero: dict[tuple[str, str], Mask] = {}
        for platform in self.platforms:
            if platform.descriptor is None:
                continue
            mask = self._axis.on(platform, platform.mask)
            detected[platform.descriptor.name, platform.descriptor.unit] = mask
            for sign in self._signs(platform):
                nonzero[sign] = nonzero.get(sign, 0) | mask
        native = self.platforms[0]
        for sign in nonzero:
            zero[sign] = self._axis.on(native, native.mask)
        return Walkable(
            functions=self._relevance.functions,
            objects=self._objects(self._relevance),
            descriptor=self._knowledge.descriptor_tag,
            detected=detected,
            nonzero=nonzero,
            zero=zero,
        )

    def _unit_of(self, entry: Entry) -> str:
        for item in self._mentions.objects_of(entry.file):
            return item.path
        return ""

    def _initcalls(self) -> list[Entry]:
        """In the order in which they run: by level, then as linked."""
        levels = {name: level for level, name in enumerate(self._knowledge.initcalls)}
        found = [entry for entry in self._relevance.entries if entry.way in levels]
        linked = {item.source: number for number, item in enumerate(self._image.objects())}
        return sorted(found, key=lambda e: (levels[e.way], linked.get(e.file, -1), e.line))

    def _set_before(self) -> Iterator[Cell]:
        """The plain variables that code may have set which assembly calls before an entry:
        functions for boot only from which no walk starts."""
        walked = {entry.function for entry in self._entries}
        mask = self._axis.on(self.platforms[0], self.platforms[0].mask)
        for entry in self._relevance.entries:
            if entry.way != ASSEMBLY or entry.function in walked:
                continue
            if self._search.for_boot(entry.function, entry.file):
                walk = self._walk(self._walkable())
                walk.run(entry.function, "", mask, entry=True)
                for key in list(walk.memory.touched()):
                    for path, values in walk.memory.parts(key).items():
                        if any(v.place in walk.report.passed and _is_plain(v) for v in values):
                            yield Cell(key, path)

    # --- which entry ------------------------------------------------------------------

    def _entered_by(self) -> Mapping[Entry, tuple[Platform, ...]]:
        """The platforms by the entry from which they boot."""
        if self._by_entry is None:
            self._by_entry = self._find_entered()
        return self._by_entry

    def _find_entered(self) -> Mapping[Entry, tuple[Platform, ...]]:
        if not self._entries:
            return {}
        for name in self._read_by_detection():
            if self._can_follow(name):
                self._relevance = self._search.try_add(name, MAX_GROWTH) or self._relevance
        common, *others = self._entries
        found: dict[Entry, list[Platform]] = {entry: [] for entry in self._entries}
        after = {entry: self._after_entry(entry) for entry in self._entries}
        for platform in self.platforms:
            self._outcome(after[common], platform)
        if self._take_features(after[common].report.tested):
            after = {entry: self._after_entry(entry) for entry in self._entries}
        for platform in self.platforms:
            entry = common
            here = self._outcome(after[common], platform)
            for other in others:
                there = self._outcome(after[other], platform)
                fewer = there.conditions < here.conditions
                if there.possible and (fewer or not here.possible):
                    entry = other
                    self._entry_features[other] = self._known_by(after[other])
            found[entry].append(platform)
        return {entry: tuple(platforms) for entry, platforms in found.items() if platforms}

    def _known_by(self, walk: BootWalk) -> frozenset[int]:
        """The CPU features that are asked for and that the boot from an entry has forced."""
        native = self.platforms[0]
        mask = self._axis.on(native, native.mask)
        return frozenset(
            number
            for number in walk.report.tested
            if all(held.value == NumberValue(1) for held in walk.feature(number, mask))
        )

    def _read_by_detection(self) -> list[str]:
        """The variables that the detection of some platform asks for."""
        found: dict[str, None] = {}
        for platform in self.platforms:
            mask = self._axis.on(platform, platform.mask)
            for name, unit in self._detectors_of(platform):
                for _, _, definition, _ in self.code.functions(name, unit, mask):
                    for action in definition.actions.actions:
                        for guard in action.guards:
                            if guard.operand is not None:
                                found.update(dict.fromkeys(depends_on(guard.operand)[0]))
        return list(found)

    def _after_entry(self, entry: Entry) -> BootWalk:
        """A boot from an entry on which nothing is detected."""
        native = self.platforms[0]
        walk = self._walk(
            Walkable(
                functions=self._relevance.functions,
                objects=self._objects(self._relevance),
                descriptor=self._knowledge.descriptor_tag,
            )
        )
        walk.run(entry.function, "", self._axis.on(native, native.mask), entry=True)
        return walk

    def _outcome(self, walk: BootWalk, platform: Platform) -> _Outcome:
        """What the detection of a platform may say after a boot."""
        mask = self._axis.on(self.platforms[0], platform.mask)
        conditions = [
            len(held.guards)
            for function, unit in self._detectors_of(platform)
            for held in walk.returned(function, unit, mask)
            if held.mask and held.value != NumberValue(0)
        ]
        return _Outcome(bool(conditions), min(conditions, default=0))

    def _detectors_of(self, platform: Platform) -> list[tuple[str, str]]:
        """The detection functions of a platform, with the units that name them."""
        if platform.descriptor is None:
            return []
        known = self._detectors.get(platform.name)
        if known is None:
            walk = self._walk(Walkable(frozenset(), frozenset()))
            cell = Cell(platform.descriptor, (self._knowledge.detect,))
            known = self._detectors[platform.name] = [
                (held.value.name, held.value.unit)
                for held in walk.memory.read(cell, self._axis.on(platform, platform.mask))
                if isinstance(held.value, FunctionValue)
            ]
        return known

    def _signs(self, platform: Platform) -> Iterable[tuple[str, str]]:
        """The functions without arguments whose result a detection returns."""
        mask = self._axis.on(platform, platform.mask)
        for name, unit in self._detectors_of(platform):
            for item, _, definition, _ in self.code.functions(name, unit, mask):
                actions = definition.actions.actions
                for call in _returned_calls(actions):
                    if not call.arguments:
                        yield call.site.name, item.path
                        yield call.site.name, ""


def _returned_calls(actions: Sequence[Action]) -> Iterator[CallAction]:
    """The calls whose results a function returns, at once or over a variable."""
    for action in actions:
        if not isinstance(action, ReturnAction):
            continue
        values = [action.value]
        if isinstance(action.value, Load):
            place = action.value.place
            values = [
                store.value
                for store in actions
                if isinstance(store, StoreAction) and store.place == place
            ]
        for value in values:
            call = actions[value.action] if isinstance(value, Result) else None
            if isinstance(call, CallAction):
                yield call


def _is_plain(held: Held) -> bool:
    return isinstance(held.value, NumberValue | NonZero)
