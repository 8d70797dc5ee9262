"""The platforms of a kernel, and what its objects hold on each once it has booted.

All platforms of one entry are walked at once. The walk is made again, a few times, while the
guards that it leaves read something that further functions would decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from analyzer.callgraph.image import ImageSearch
from analyzer.callgraph.linked import LinkedProgram
from analyzer.callgraph.mentions import Mentions
from analyzer.callgraph.session import Session
from analyzer.configset.configset import Mask
from analyzer.platforms.announce import Announcements
from analyzer.platforms.axis import Axis, Platform
from analyzer.platforms.code import InitialValues, LinkedCode
from analyzer.platforms.detection import Detection
from analyzer.platforms.entries import boot_entries
from analyzer.platforms.given import Report, Walkable
from analyzer.platforms.growth import Growth
from analyzer.platforms.knowledge import BootKnowledge
from analyzer.platforms.memory import Memory
from analyzer.platforms.parameters import Parameters
from analyzer.platforms.relevance import ASSEMBLY, Entry
from analyzer.platforms.values import BootGuard, Cell, Held, NonZero, NumberValue, ObjectKey, Path
from analyzer.platforms.walk import BootWalk

MAX_ROUNDS = 4
"""Walks that are made to take in what conditions turn out to read."""


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


class Boot:
    """Boots a kernel on all its platforms, as far as is needed for the objects asked for."""

    __slots__ = (
        "_axis",
        "_detection",
        "_entries",
        "_growth",
        "_image",
        "_key",
        "_knowledge",
        "_mentions",
        "_unsure",
        "_walked",
        "announcements",
        "code",
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
        self._image = image
        self._mentions = mentions
        self._knowledge = knowledge
        self._key = knowledge.static_calls.name
        self.code = LinkedCode(program, session, mentions, self._key)
        self._growth = Growth(mentions, session.tree, self.code, knowledge)
        self._walked: tuple[_Walked, ...] = ()
        self._unsure: frozenset[Cell] = frozenset()
        self.announcements = Announcements(session, self.code, knowledge)
        self.platforms = tuple(self.announcements.platforms())
        # Only now are the texts read, which wait for the list of objects: the units that
        # announce platforms have been opened meanwhile.
        self._entries = tuple(boot_entries(mentions, knowledge.start))
        self.code.announcers = tuple(
            defined.item
            for platform in self.platforms
            if platform.descriptor is not None
            for defined in self.code.defined(platform.descriptor.name, platform.descriptor.unit)
        )
        self._axis = self.code.axis = Axis(len(session.configs.names), self.platforms)
        self._detection = Detection(
            self.platforms,
            self._entries,
            self._axis,
            self.code,
            self._growth,
            knowledge,
            self._walk,
        )

    @property
    def parameters(self) -> Parameters:
        """Which variables boot parameters set."""
        return self._growth.parameters

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

    def booted(self) -> list[Booted]:
        """The platforms with their entries."""
        return [
            Booted(platform, entry)
            for entry, platforms in self._detection.entered_by().items()
            for platform in platforms
        ]

    def reports(self) -> Sequence[Report]:
        """What the walks came across."""
        return [walked.report for walked in self._walked]

    def complete(self) -> bool:
        """Whether nothing was cut off."""
        whole = self._growth.relevance.complete
        return whole and all(report.complete for report in self.reports())

    def part(self, platform: Platform, wide: Mask) -> Mask:
        """The configurations of a wide mask on one platform."""
        return self._axis.part(platform, wide)

    def real(self, name: str) -> str:
        """The object that a name asked for stands for: a static call's key has a prefix."""
        if self.code.defined(name, "") or not self.code.defined(self._key + name, ""):
            return name
        return self._key + name

    def prepare(self) -> None:
        """Find out from which entry each platform boots, which does not depend on the objects
        that will be asked for."""
        self._detection.entered_by()

    def cover(self, objects: Iterable[tuple[str, Path]]) -> None:
        """Walk the boots so that what parts of objects hold is known for all of ``objects``;
        asked about together they cost less than one by one."""
        self.prepare()
        wanted: list[tuple[str, Path]] = []
        for name, path in objects:
            real = self.real(name)
            wanted.append((name, path) if real == name else (real.removeprefix(self._key), ()))
        if not self._growth.take(wanted) and self._walked:
            return
        for _ in range(MAX_ROUNDS):
            self._walked = tuple(self._walk_all())
            guards = list(dict.fromkeys(g for one in wanted for g in self._guards_of(*one)))
            grown = self._growth.take_variables(read for guard in guards for read in guard.reads)
            features = (number for guard in guards for number in guard.features)
            if not (self._growth.take_features(features) or grown):
                return

    def _guards_of(self, name: str, path: Path) -> Iterator[BootGuard]:
        """The guards of what an object's part holds."""
        key = ObjectKey(self.real(name))
        length = len(path)
        for walked in self._walked:
            for leaf, held in walked.memory.parts(key).items():
                if leaf[:length] == path:
                    for one in held:
                        yield from one.guards

    # --- walking ----------------------------------------------------------------------

    def _walk_all(self) -> Iterator[_Walked]:
        self._unsure = frozenset()
        self._unsure = frozenset(self._set_before())
        for entry, platforms in self._detection.entered_by().items():
            walk = self._walk(self._detection.walkable())
            mask = 0
            for platform in platforms:
                mask |= self._axis.on(platform, platform.mask)
            for other, numbers in self._detection.entry_features.items():
                for number in numbers if other != entry else ():
                    walk.without(number, mask)
            walk.run(entry.function, "", mask, entry=True)
            for initcall in self._initcalls():
                walk.run(initcall.function, self._unit_of(initcall), mask)
            yield _Walked(entry, platforms, walk.memory, walk.report)

    def _walk(self, walkable: Walkable) -> BootWalk:
        tags: frozenset[str | None] = frozenset((self._knowledge.descriptor_tag,))
        initial = InitialValues(self.code, walkable.objects, tags, self._unsure)
        walk = BootWalk(self.code, walkable, Memory(initial), self._knowledge, self._axis)
        initial.attach(walk)
        return walk

    def _unit_of(self, entry: Entry) -> str:
        for item in self._mentions.objects_of(entry.file):
            return item.path
        return ""

    def _initcalls(self) -> list[Entry]:
        """In the order in which they run: by level, then as linked."""
        levels = {name: level for level, name in enumerate(self._knowledge.initcalls)}
        found = [entry for entry in self._growth.relevance.entries if entry.way in levels]
        linked = {item.source: number for number, item in enumerate(self._image.objects())}
        return sorted(found, key=lambda e: (levels[e.way], linked.get(e.file, -1), e.line))

    def _set_before(self) -> Iterator[Cell]:
        """The plain variables that code may have set which assembly calls before an entry:
        functions for boot only from which no walk starts."""
        started = {entry.function for entry in self._entries}
        mask = self._axis.on(self.platforms[0], self.platforms[0].mask)
        for entry in self._growth.relevance.entries:
            if entry.way != ASSEMBLY or entry.function in started:
                continue
            if self._growth.search.for_boot(entry.function, entry.file):
                walk = self._walk(self._detection.walkable())
                walk.run(entry.function, "", mask, entry=True)
                for key in list(walk.memory.touched()):
                    for path, values in walk.memory.parts(key).items():
                        if any(v.place in walk.report.passed and _is_plain(v) for v in values):
                            yield Cell(key, path)


def _is_plain(held: Held) -> bool:
    return isinstance(held.value, NonZero | NumberValue)
