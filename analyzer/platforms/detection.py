"""How platforms are detected, and from which entry each of them boots.

Every platform boots from the common entry, unless its detection finds it only, or with fewer
conditions left open, after the boot from another one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from analyzer.csource.action import Action, CallAction, ReturnAction, StoreAction
from analyzer.csource.operand import Load, Result
from analyzer.platforms.axis import Axis, Platform
from analyzer.platforms.code import LinkedCode
from analyzer.platforms.conditions import depends_on
from analyzer.platforms.given import Walkable
from analyzer.platforms.growth import Growth
from analyzer.platforms.knowledge import BootKnowledge
from analyzer.platforms.relevance import Entry
from analyzer.platforms.values import Cell, FunctionValue, NumberValue
from analyzer.platforms.walk import BootWalk


@dataclass(frozen=True, slots=True)
class _Outcome:
    """Whether a detection can find its platform, and how many conditions stay open on the way
    to that."""

    possible: bool
    conditions: int


class Detection:
    """The detection functions that the descriptors of ``platforms`` name."""

    __slots__ = (
        "_axis",
        "_by_entry",
        "_code",
        "_detectors",
        "_entries",
        "_growth",
        "_knowledge",
        "_walk",
        "entry_features",
        "platforms",
    )

    def __init__(
        self,
        platforms: Sequence[Platform],
        entries: Sequence[Entry],
        axis: Axis,
        code: LinkedCode,
        growth: Growth,
        knowledge: BootKnowledge,
        walk: Callable[[Walkable], BootWalk],
    ) -> None:
        """``entries``: the common one first. ``walk`` makes a walk that has not begun."""
        self.platforms = platforms
        self._entries = entries
        self._axis = axis
        self._code = code
        self._growth = growth
        self._knowledge = knowledge
        self._walk = walk
        self._detectors: dict[str, list[tuple[str, str]]] = {}
        self._by_entry: Mapping[Entry, tuple[Platform, ...]] | None = None
        self.entry_features: dict[Entry, frozenset[int]] = {}
        """The CPU features by which the platforms of an entry are known: it forces them."""

    def entered_by(self) -> Mapping[Entry, tuple[Platform, ...]]:
        """The platforms by the entry from which they boot."""
        if self._by_entry is None:
            self._by_entry = self._find() if self._entries else {}
        return self._by_entry

    def walkable(self) -> Walkable:
        """What a walk on all platforms may enter and believe."""
        detected: dict[tuple[str, str], int] = {}
        nonzero: dict[tuple[str, str], int] = {}
        for platform in self.platforms:
            if platform.descriptor is None:
                continue
            mask = self._axis.on(platform, platform.mask)
            detected[platform.descriptor.name, platform.descriptor.unit] = mask
            for sign in self._signs(platform):
                nonzero[sign] = nonzero.get(sign, 0) | mask
        native = self.platforms[0]
        return Walkable(
            functions=self._growth.relevance.functions,
            objects=self._growth.objects(),
            descriptor=self._knowledge.descriptor_tag,
            detected=detected,
            nonzero=nonzero,
            zero=dict.fromkeys(nonzero, self._axis.on(native, native.mask)),
        )

    # --- which entry ------------------------------------------------------------------

    def _find(self) -> Mapping[Entry, tuple[Platform, ...]]:
        """Tried first with the variables that the sources of the other entries mention, for
        these are what an entry tells its platform by; with all only if that finds none."""
        read = list(dict.fromkeys(self._read()))
        texts = [self._code.text(entry.function) for entry in self._entries[1:]]
        near = [name for name in read if any(name.encode() in text for text in texts)]
        self._growth.take_variables(near)
        found = self._chosen()
        if len(found) < len(self._entries) and self._growth.take_variables(read):
            found = self._chosen()
        return found

    def _chosen(self) -> Mapping[Entry, tuple[Platform, ...]]:
        common, *others = self._entries
        found: dict[Entry, list[Platform]] = {entry: [] for entry in self._entries}
        first = self._after(common)
        for platform in self.platforms:
            self._outcome(first, platform)
        if self._growth.take_features(first.report.tested):
            first = self._after(common)
        after = {common: first, **{entry: self._after(entry) for entry in others}}
        for platform in self.platforms:
            entry = common
            here = self._outcome(after[common], platform)
            for other in others:
                there = self._outcome(after[other], platform)
                fewer = there.conditions < here.conditions
                if there.possible and (fewer or not here.possible):
                    entry = other
                    self.entry_features[other] = self._known_by(after[other])
            found[entry].append(platform)
        return {entry: tuple(platforms) for entry, platforms in found.items() if platforms}

    def _after(self, entry: Entry) -> BootWalk:
        """A boot from an entry on which nothing is detected."""
        native = self.platforms[0]
        walk = self._walk(
            Walkable(
                functions=self._growth.relevance.functions,
                objects=self._growth.objects(),
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

    def _known_by(self, walk: BootWalk) -> frozenset[int]:
        """The CPU features that are asked for and that the boot from an entry has forced."""
        native = self.platforms[0]
        mask = self._axis.on(native, native.mask)
        return frozenset(
            number
            for number in walk.report.tested
            if all(held.value == NumberValue(1) for held in walk.feature(number, mask))
        )

    # --- detection functions ----------------------------------------------------------

    def _read(self) -> Iterator[str]:
        """The variables that the detection of some platform asks for."""
        for platform in self.platforms:
            mask = self._axis.on(platform, platform.mask)
            for name, unit in self._detectors_of(platform):
                for _, _, definition, _ in self._code.functions(name, unit, mask):
                    for action in definition.actions.actions:
                        for guard in action.guards:
                            if guard.operand is not None:
                                yield from depends_on(guard.operand)[0]

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
            for item, _, definition, _ in self._code.functions(name, unit, mask):
                for call in _returned_calls(definition.actions.actions):
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
