"""The platforms of a kernel, and what its objects hold on each once it has booted.

A platform without a hypervisor boots from the common entry and detects nothing. Every other
one is announced by a descriptor object; it boots from the common entry too, unless the
outcome of its detection depends on what another entry sets: then it boots from that one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analyzer.callgraph.image import ImageSearch
from analyzer.callgraph.linked import LinkedProgram
from analyzer.callgraph.mentions import MentionKind, Mentions
from analyzer.callgraph.session import Session
from analyzer.configset.configset import Mask
from analyzer.csource.action import CallAction, ReturnAction
from analyzer.csource.operand import Aggregate, Field, Result, Words
from analyzer.platforms.code import InitialValues, LinkedCode
from analyzer.platforms.conditions import depends_on
from analyzer.platforms.knowledge import BootKnowledge
from analyzer.platforms.memory import Memory
from analyzer.platforms.relevance import Entry, RelevanceSearch
from analyzer.platforms.values import (
    Cell,
    FunctionValue,
    Held,
    NumberValue,
    ObjectKey,
    Path,
)
from analyzer.platforms.walk import BootWalk, Report, Walkable

NATIVE = "native"
MAX_ROUNDS = 4
"""Rounds of taking in the variables that conditions turn out to read."""
MAX_WRITERS = 12
"""Writers of a variable above which its value is not followed."""
_KNOWN_ORDER = ("xen-pv", "xen-hvm", "hyperv", "kvm", "vmware")


@dataclass(frozen=True, slots=True)
class Platform:
    """``mask``: the configurations that support it. ``descriptor``: None for bare metal."""

    name: str
    mask: Mask
    descriptor: ObjectKey | None


@dataclass(slots=True)
class Booted:
    """A platform after its boot."""

    platform: Platform
    entry: Entry
    memory: Memory
    report: Report


class Boot:
    """Boots a kernel on all its platforms, as far as is needed for the objects asked for."""

    __slots__ = (
        "_booted",
        "_code",
        "_entries",
        "_image",
        "_knowledge",
        "_mentions",
        "_of_parameters",
        "_relevance",
        "_search",
        "_session",
        "_tried",
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
        self._code = LinkedCode(program, session, image, mentions)
        self._search = RelevanceSearch(mentions, session.tree)
        self._relevance = self._search.add(())
        self._booted: tuple[Booted, ...] = ()
        self._of_parameters: dict[str, bool] = {}
        self._tried: set[str] = set()
        self._entries = tuple(self._find_entries())
        self.platforms = (
            Platform(NATIVE, session.configs.all, None),
            *self._find_platforms(),
        )

    def cover(self, objects: Iterable[tuple[str, Path]]) -> None:
        """Walk the boots so that what parts of objects hold is known for all of ``objects``;
        asked about together they cost less than one by one."""
        self._cover(objects)

    def held(self, name: str, path: Path) -> list[tuple[Booted, list[Held]]]:
        """What the part of object ``name`` at ``path`` holds on each platform."""
        self._cover(((name, path),))
        result: list[tuple[Booted, list[Held]]] = []
        for booted in self._booted:
            cell = Cell(ObjectKey(self._real(name)), path)
            values = booted.memory.read(cell, booted.platform.mask)
            result.append((booted, values))
        return result

    def parts(self, name: str, path: Path) -> list[Path]:
        """The leaves below a part of an object, over all platforms, in order of first sight."""
        self._cover(((name, path),))
        found: dict[Path, None] = {}
        for booted in self._booted:
            for leaf in booted.memory.leaves(Cell(ObjectKey(self._real(name)), path)):
                found.setdefault(path + leaf)
        return list(found)

    def from_parameter(self, name: str) -> bool:
        """Whether a variable is set by a boot parameter."""
        known = self._of_parameters.get(name)
        if known is None:
            known = self._of_parameters[name] = self._is_parameter(name)
        return known

    # --- what is covered --------------------------------------------------------------

    def _real(self, name: str) -> str:
        """The object that a name asked for stands for: a static call's key has a prefix."""
        if self._code.defined(name, ""):
            return name
        return self._static_key(name) or name

    def _static_key(self, name: str) -> str | None:
        """The key object of static call ``name``, if there is one."""
        for each in self._session.knowledge.static_calls:
            if self._code.defined(each.name + name, ""):
                return each.name + name
        return None

    def _cover(self, objects: Iterable[tuple[str, Path]]) -> None:
        """Make the walks come by all that can store into ``objects``."""
        wanted: list[tuple[str, Path]] = []
        for name, path in objects:
            for each in self._session.knowledge.static_calls:
                name = name.removeprefix(each.name)
            wanted.append((name, path if self._static_key(name) is None else ()))
        before = self._relevance
        if not self._booted:
            wanted += [(name, ()) for name in self._read_by_detection() if self._can_follow(name)]
        self._relevance = self._search.add(wanted)
        if self._booted and self._relevance == before:
            return
        for _ in range(MAX_ROUNDS):
            self._booted = tuple(self._boot_all())
            names = {name for path in wanted for name in self._read_by_guards(*path)}
            names -= self._tried
            self._tried |= names
            more = [(name, ()) for name in sorted(names) if self._can_follow(name)]
            grown = self._search.add(more)
            if grown == self._relevance:
                return
            self._relevance = grown

    def _read_by_detection(self) -> list[str]:
        """The variables that the detection of some platform asks for."""
        found: dict[str, None] = {}
        for platform in self.platforms:
            if platform.descriptor is None:
                continue
            for name, unit in self._detectors(platform):
                for _, _, definition, _ in self._code.functions(name, unit, platform.mask):
                    for action in definition.actions.actions:
                        for guard in action.guards:
                            if guard.operand is not None:
                                found.update(dict.fromkeys(depends_on(guard.operand)[0]))
        return list(found)

    def _read_by_guards(self, name: str, path: Path) -> set[str]:
        """The variables in the guards of what an object's part holds."""
        key = ObjectKey(self._real(name))
        length = len(path)
        return {
            read
            for booted in self._booted
            for leaf, held in booted.memory.parts(key).items()
            if leaf[:length] == path
            for one in held
            for guard in one.guards
            for read in guard.reads
        } - self._relevance.objects

    def _can_follow(self, name: str) -> bool:
        """Whether the value of a variable is decided in the boot, at few places."""
        if self.from_parameter(name):
            return False
        writers = self._mentions.writes_to_root(name)
        return len(writers) <= MAX_WRITERS and bool(self._code.defined(name, ""))

    def _is_parameter(self, name: str) -> bool:
        registered = self._knowledge.parameters
        mentions = self._mentions
        if any(m.kind is MentionKind.USE and m.owner in registered for m in mentions.of(name)):
            return True
        for writer in mentions.writes_to_root(name):
            if writer.kind is MentionKind.FUNCTION:
                for mention in mentions.of(writer.owner):
                    if mention.kind is MentionKind.USE and mention.owner in registered:
                        return True
        return False

    # --- booting ----------------------------------------------------------------------

    def _boot_all(self) -> Iterable[Booted]:
        common, *others = self._entries
        own = {entry: self._after_entry(entry) for entry in self._entries}
        for platform in self.platforms:
            entry = common
            if platform.descriptor is not None:
                here = self._detects(own[common], platform)
                for other in others:
                    if not here and self._detects(own[other], platform):
                        entry = other
            yield self._boot(platform, entry)

    def _walk(self, walkable: Walkable) -> BootWalk:
        every = set(self._relevance.objects)
        for each in self._session.knowledge.static_calls:
            every |= {each.name + name for name in self._relevance.objects}
        objects = frozenset(name for name in every if not self.from_parameter(name))
        walkable.objects = objects
        initial = InitialValues(self._code, objects, frozenset((self._knowledge.descriptor_tag,)))
        walk = BootWalk(self._code, walkable, Memory(initial), self._knowledge)
        initial.attach(walk)
        return walk

    def _walkable(self, platform: Platform | None) -> Walkable:
        return Walkable(
            functions=self._relevance.functions,
            objects=self._relevance.objects,
            descriptor=self._knowledge.descriptor_tag,
            platform=None if platform is None else platform.descriptor,
        )

    def _after_entry(self, entry: Entry) -> BootWalk:
        """A boot from an entry on which nothing is detected."""
        walk = self._walk(self._walkable(None))
        walk.run(entry.function, "", self._session.configs.all, entry=True)
        return walk

    def _detects(self, walk: BootWalk, platform: Platform) -> Mask:
        """Where the detection of a platform may succeed after a boot."""
        found: Mask = 0
        for function, unit in self._detectors(platform):
            for held in walk.returned(function, unit, platform.mask):
                if held.value != NumberValue(0):
                    found |= held.mask
        return found

    def _detectors(self, platform: Platform) -> list[tuple[str, str]]:
        assert platform.descriptor is not None
        walk = self._walk(self._walkable(platform))
        cell = Cell(platform.descriptor, (self._knowledge.detect,))
        return [
            (held.value.name, held.value.unit)
            for held in walk.memory.read(cell, platform.mask)
            if isinstance(held.value, FunctionValue)
        ]

    def _boot(self, platform: Platform, entry: Entry) -> Booted:
        walkable = self._walkable(platform)
        if platform.descriptor is not None:
            walkable.nonzero = frozenset(self._signs(platform))
        else:
            walkable.zero = frozenset(
                sign
                for other in self.platforms
                if other.descriptor is not None
                for sign in self._signs(other)
            )
        walk = self._walk(walkable)
        walk.run(entry.function, "", platform.mask, entry=True)
        for initcall in self._initcalls():
            walk.run(initcall.function, self._unit_of(initcall), platform.mask)
        return Booted(platform, entry, walk.memory, walk.report)

    def _unit_of(self, entry: Entry) -> str:
        for item in self._mentions.objects_of(entry.file):
            return item.path
        return ""

    def _initcalls(self) -> list[Entry]:
        order = {name: level for level, name in enumerate(self._knowledge.initcalls)}
        found = [entry for entry in self._relevance.entries if entry.way in order]
        return sorted(found, key=lambda entry: order[entry.way])

    def _signs(self, platform: Platform) -> Iterable[tuple[str, str]]:
        """The functions without arguments whose result a detection returns."""
        for name, unit in self._detectors(platform):
            for item, _, definition, _ in self._code.functions(name, unit, platform.mask):
                actions = definition.actions.actions
                for action in actions:
                    if isinstance(action, ReturnAction) and isinstance(action.value, Result):
                        call = actions[action.value.action]
                        if isinstance(call, CallAction) and not call.arguments:
                            yield call.site.name, item.path
                            yield call.site.name, ""

    # --- entries and platforms --------------------------------------------------------

    def _find_entries(self) -> Iterable[Entry]:
        """Functions called from assembly that come to the start function, the one that is
        closest to it first."""
        found: dict[Entry, None] = {}
        waiting, seen = [self._knowledge.start], {self._knowledge.start}
        while waiting:
            name = waiting.pop(0)
            for mention in self._mentions.of(name):
                if mention.kind is MentionKind.ASSEMBLY:
                    words = (mention.owner,)
                    entry = Entry(name, "assembly", words, mention.file, mention.line)
                    found.setdefault(entry)
                elif (
                    mention.kind is MentionKind.FUNCTION
                    and mention.called
                    and mention.owner not in seen
                ):
                    seen.add(mention.owner)
                    waiting.append(mention.owner)
        by_function: dict[str, Entry] = {}
        for entry in found:
            by_function.setdefault(entry.function, entry)
        return by_function.values()

    def _find_platforms(self) -> Sequence[Platform]:
        tag = self._knowledge.descriptor_tag.encode()
        pattern = re.compile(rb"\bstruct\s+%s\s+(?:__\w+\s+)*(\w+)[^;()=]*=\s*\{" % tag)
        found: dict[str, Platform] = {}
        for item in self._image.mentioning(pattern, tag):
            data = self._session.tree.read(item.source) or b""
            for match in pattern.finditer(data):
                name = match[1].decode()
                for initial in self._code.analysis(item).objects(name):
                    unit = item.path if initial.static else ""
                    descriptor = ObjectKey(name, unit, 0, self._knowledge.descriptor_tag)
                    label = self._platform_name(initial.value, name)
                    mask = initial.mask & item.built
                    known = found.get(label)
                    mask |= 0 if known is None else known.mask
                    found[label] = Platform(label, mask, descriptor)
        order = {name: number for number, name in enumerate(_KNOWN_ORDER)}
        return sorted(found.values(), key=lambda p: (order.get(p.name, len(order)), p.name))

    def _platform_name(self, value: object, fallback: str) -> str:
        text = fallback
        if isinstance(value, Aggregate):
            for steps, leaf in value.items:
                if (
                    len(steps) == 1
                    and isinstance(steps[0], Field)
                    and steps[0].name == self._knowledge.name
                    and isinstance(leaf, Words)
                ):
                    text = leaf.text
        known = self._knowledge.platforms.get(text)
        return known or re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
