"""Walking the boot in source order, for all platforms at once: who is called, what is stored.

Functions that matter (:mod:`analyzer.platforms.relevance`) are entered with their
arguments; a call through a slot goes to what the slot holds at that moment. Conditions are
decided where the memory decides them; the others become guards of what they lead to. Those
that lead to a boot that does not go on (a ``panic``, the entry function returning) are no
guards, and loops are gone through once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from analyzer.callgraph.analysis import Definition, UnitAnalysis, site_location
from analyzer.configset.configset import Mask
from analyzer.csource.action import Action, CallAction, ReturnAction, StoreAction
from analyzer.csource.operand import (
    Address,
    Aggregate,
    Element,
    Field,
    Load,
    Operand,
    Place,
    Result,
)
from analyzer.csource.sites import GuardFact, GuardWay
from analyzer.kbuild.objects import ObjectFile
from analyzer.location import Location
from analyzer.platforms.axis import Axis
from analyzer.platforms.conditions import Conjunct, depends_on, of_guard, of_return
from analyzer.platforms.evaluate import Evaluation, Frame
from analyzer.platforms.knowledge import BootKnowledge
from analyzer.platforms.memory import Memory
from analyzer.platforms.values import (
    UNKNOWN,
    AddressValue,
    BootGuard,
    Cell,
    FunctionValue,
    Guards,
    Held,
    NonZero,
    NumberValue,
    ObjectKey,
    StructValue,
    contradict,
    joined,
)

MAX_DEPTH = 60
MAX_STEPS = 400_000
MAX_PEEK = 3
"""Calls inside calls that are looked into to decide a condition."""
PEEK_ACTIONS = 60
"""Actions of a function above which it is not looked into for that."""

COPIES = {"memcpy": (0, 1), "__builtin_memcpy": (0, 1), "__memcpy": (0, 1)}
"""Functions of the C library (C17 7.24.2.1) that copy objects: the arguments target, source."""


class Code(Protocol):
    """The program that a walk goes through."""

    def functions(
        self, name: str, unit: str, mask: Mask
    ) -> Iterable[tuple[ObjectFile, UnitAnalysis, Definition, Mask]]:
        """What ``name`` means in a unit, where ``mask``."""

    def is_near(self, name: str, unit: str) -> bool:
        """Whether a unit itself defines ``name``, or one that announces a platform: only such
        functions are looked into to decide a condition, so that an answer does not depend on
        what else was asked."""


@dataclass(slots=True)
class Walkable:
    """What a walk may enter and believe.

    ``functions``, ``objects``: what matters. ``descriptor``: the tag of structures that
    announce platforms; ``detected``: where (wide masks) each of them, by name and unit, is
    the one that was detected. ``nonzero`` and ``zero``: where a platform is known by the
    result of a function, by name and unit.
    """

    functions: frozenset[str]
    objects: frozenset[str]
    descriptor: str | None = None
    detected: Mapping[tuple[str, str], Mask] = field(default_factory=dict)
    nonzero: Mapping[tuple[str, str], Mask] = field(default_factory=dict)
    zero: Mapping[tuple[str, str], Mask] = field(default_factory=dict)


@dataclass(slots=True)
class Report:
    """What a walk came across: guards that stayed, functions entered (by name and file, and
    where), the places of stores that it passed, CPU features asked for, whether it ended."""

    guards: dict[BootGuard, None] = field(default_factory=dict)
    entered: dict[tuple[str, str], Mask] = field(default_factory=dict)
    passed: set[Location] = field(default_factory=set)
    tested: set[int] = field(default_factory=set)
    steps: int = 0
    complete: bool = True


class BootWalk(Evaluation):
    """One walk; the memory afterwards is the result."""

    def __init__(
        self, code: Code, walkable: Walkable, memory: Memory, knowledge: BootKnowledge, axis: Axis
    ) -> None:
        self.memory = memory
        self._axis = axis
        self._knowledge = knowledge
        self.report = Report()
        self._code = code
        self._walkable = walkable
        self._frames = 0
        self._stack: list[tuple[str, str]] = []
        self._peeking = 0
        self._returns: list[list[Held]] = []
        self._predicates: dict[tuple[int, int], list[tuple[Mask, Frame, ReturnAction]]] = {}

    # --- entering functions -----------------------------------------------------------

    def run(self, name: str, unit: str, mask: Mask, *, entry: bool = False) -> None:
        """Walk function ``name`` of ``unit`` with arguments that are not known."""
        self.under = ()
        self._enter(name, unit, (), mask, (), entry=entry)

    def returned(self, name: str, unit: str, mask: Mask) -> list[Held]:
        """What a function returns at this point, found out without leaving a trace."""
        self.under = ()
        self._peeking += 1
        found = self._enter(name, unit, (), mask, ())
        self._peeking -= 1
        return found

    def feature(self, number: int, mask: Mask) -> list[Held]:
        """What is known of a CPU feature at this point."""
        return self.memory.read(_feature(number), mask)

    def without(self, number: int, mask: Mask) -> None:
        """Let a CPU feature be absent where ``mask``."""
        self.memory.write(_feature(number), [Held(mask, NumberValue(0))], (), None)

    def _enter(
        self,
        name: str,
        unit: str,
        arguments: Sequence[list[Held]],
        mask: Mask,
        guards: Guards,
        *,
        entry: bool = False,
        call: tuple[int, int] | None = None,
    ) -> list[Held]:
        """Walk a function and return what it returns."""
        returned: list[Held] = []
        for item, analysis, definition, share in self._code.functions(name, unit, mask):
            key = (item.path, name)
            if key in self._stack:
                continue
            if len(self._stack) >= MAX_DEPTH or self.report.steps > MAX_STEPS:
                self.report.complete = False
                continue
            self._stack.append(key)
            self._frames += 1
            if self._peeking and len(definition.actions.actions) > PEEK_ACTIONS:
                self._stack.pop()
                continue
            frame = Frame(self._frames, item, analysis, definition.actions, entry, share)
            self._bind(frame, arguments, share)
            self._returns.append([])
            if not self._peeking:
                place = (name, definition.location.file)
                self.report.entered[place] = self.report.entered.get(place, 0) | share
            for action in frame.actions.actions:
                self.report.steps += 1
                self._act(action, frame, share, guards, call)
            returned += self._returns.pop()
            self._stack.pop()
            if call is None:
                self.memory.forget(frame.number)
        return returned

    def _bind(self, frame: Frame, arguments: Sequence[list[Held]], mask: Mask) -> None:
        for number, values in enumerate(arguments):
            cell = Cell(ObjectKey(f"#{number}", frame.item.path, frame.number))
            held = [replace(one, mask=one.mask & mask) for one in values if one.mask & mask]
            self.memory.write(cell, held, (), None)

    def _act(
        self,
        action: Action,
        frame: Frame,
        mask: Mask,
        guards: Guards,
        call: tuple[int, int] | None,
    ) -> None:
        before = self.under
        self.under = guards
        decided = self._decided(action.guards, frame, mask & self.wide(action.mask))
        for share, own in decided:
            if contradict(guards, own):
                continue
            self.under = under = joined(guards, own)
            match action:
                case StoreAction():
                    self._store(action, frame, share, under)
                case CallAction():
                    self._call(action, frame, share, under)
                case ReturnAction(value):
                    held = [] if value is None else self.values(value, frame, share)
                    self._returns[-1] += [
                        replace(one, guards=joined(own, one.guards)) for one in held
                    ]
                    if call is not None and value is not None and not own:
                        self._predicates.setdefault(call, []).append((share, frame, action))
        self.under = before

    # --- guards -----------------------------------------------------------------------

    def _decided(
        self, facts: tuple[GuardFact, ...], frame: Frame, mask: Mask
    ) -> list[tuple[Mask, Guards]]:
        """Where guards let through, with those that stay open."""
        result: list[tuple[Mask, Guards]] = [(mask, ())] if mask else []
        for fact in facts:
            where = self.wide(fact.mask) & mask
            if fact.way is GuardWay.LOOP or not where:
                continue
            dead = fact.way is GuardWay.SURVIVED
            dead = dead or (frame.entry and fact.way is GuardWay.PASSED)
            following: list[tuple[Mask, Guards]] = []
            for share, under in result:
                if share & ~where:
                    following.append((share & ~where, under))
                part = share & where
                outside = self.under
                self.under = joined(outside, under)
                for sub, more in self._passing(fact, frame, part):
                    following.append((sub, under if dead else joined(under, more)))
                self.under = outside
            result = following
        return result

    def _passing(self, fact: GuardFact, frame: Frame, mask: Mask) -> list[tuple[Mask, Guards]]:
        """Where a guard lets through, with what stays open of it."""
        if not fact.either:
            return self._all_open(of_guard(fact), frame, mask)
        ways = [self._decided(part, frame, mask) for part in fact.either]
        result: list[tuple[Mask, Guards]] = []
        left = mask
        for way in ways:
            for share, under in way:
                if not under and share & left:
                    result.append((share & left, ()))
                    left &= ~share
        open_ways = [[(s & left, under) for s, under in way if s & left] for way in ways]
        for share, chosen in _together([way for way in open_ways if way], left):
            result.append((share, chosen[0] if len(chosen) == 1 else (self._or(chosen, frame),)))
        return result

    def _or(self, ways: Sequence[Guards], frame: Frame) -> BootGuard:
        """One guard for several ways of which one was gone."""
        first = ways[0]
        parts = [first]
        for way in ways[1:]:
            turned = (
                len(first) == 1
                and way
                and way[0] == replace(first[0], negated=not first[0].negated)
            )
            parts.append(way[1:] if turned and len(way) > 1 else way)
        text = " || ".join(" && ".join(guard.words for guard in part) for part in parts)
        reads = dict.fromkeys(name for part in parts for guard in part for name in guard.reads)
        calls = dict.fromkeys(name for part in parts for guard in part for name in guard.calls)
        features = dict.fromkeys(one for part in parts for guard in part for one in guard.features)
        key = (text, *(word for part in parts for guard in part for word in guard.key))
        place = first[0].location
        return BootGuard(
            text, False, key, tuple(reads), tuple(calls), frame.name, place, tuple(features)
        )

    def _all_open(
        self, conditions: Sequence[Conjunct], frame: Frame, mask: Mask
    ) -> list[tuple[Mask, Guards]]:
        """The same for several conditions that hold together."""
        result: list[tuple[Mask, Guards]] = [(mask, ())]
        for condition in conditions:
            result = [
                (sub, joined(under, more))
                for share, under in result
                for sub, more in self._open(condition, frame, share)
            ]
        return result

    def _open(self, condition: Conjunct, frame: Frame, mask: Mask) -> list[tuple[Mask, Guards]]:
        """Where a condition can hold, and the guards that it stands for there."""
        true, false = self.truth(condition.operand, frame, mask)
        if condition.negated:
            true, false = false, true
        result: list[tuple[Mask, Guards]] = []
        if true & ~false & mask:
            result.append((true & ~false & mask, ()))
        both = true & false & mask
        if both:
            result += self._undecided(condition, frame, both)
        return result

    def _undecided(
        self, condition: Conjunct, frame: Frame, mask: Mask
    ) -> list[tuple[Mask, Guards]]:
        expanded = self._expanded(condition, frame, mask)
        if expanded is None:
            return [(mask, (self._guard(condition, frame),))]
        result: list[tuple[Mask, Guards]] = [(mask, ())]
        for inner, part in expanded:
            result = [
                (sub, joined(under, more))
                for share, under in result
                for sub, more in self._open(part, inner, share)
            ]
        return result

    def _expanded(
        self, condition: Conjunct, frame: Frame, mask: Mask
    ) -> list[tuple[Frame, Conjunct]] | None:
        """What a predicate tests, if it is one and the condition asks whether it holds; not
        what its arguments take part in, which would read as its parameters."""
        operand = condition.operand
        if not isinstance(operand, Result):
            return None
        found = self._predicates.get((frame.number, operand.action), ())
        if len(found) != 1 or found[0][0] & mask != mask:
            return None
        _, inner, returned = found[0]
        if any(not isinstance(action, CallAction) for action in inner.actions.actions[:-1]):
            return None
        if returned.expr is None or returned.value is None:
            return None
        parts = of_return(returned.expr, returned.value, returned.where[-1][0])
        if not parts or (condition.negated and len(parts) > 1):
            return None
        if any(_reads_parameters(part.operand, inner) for part in parts):
            return None
        if condition.negated:
            parts = (replace(parts[0], negated=not parts[0].negated),)
        return [(inner, part) for part in parts]

    def _guard(self, condition: Conjunct, frame: Frame) -> BootGuard:
        names, actions, local = depends_on(condition.operand)
        calls: list[str] = []
        features: list[int] = []
        for index in actions:
            action = frame.actions.actions[index]
            if isinstance(action, CallAction) and action.site.name:
                calls.append(action.site.name)
                number = self._feature_asked(action, frame, frame.mask)
                features += [] if number is None else [number]
        where = (frame.item.path, frame.name) if local else ()
        guard = BootGuard(
            condition.text,
            condition.negated,
            (condition.text, *where),
            names,
            tuple(calls),
            frame.name,
            condition.location,
            tuple(features),
        )
        if not self._peeking:
            self.report.guards.setdefault(guard)
        return guard

    # --- stores -----------------------------------------------------------------------

    def _store(self, action: StoreAction, frame: Frame, mask: Mask, guards: Guards) -> None:
        place = site_location(action.where)
        if self._merge(action, frame, mask, guards, place):
            return
        if isinstance(action.value, Aggregate):
            self._store_aggregate(action.place, action.value, frame, mask, guards, place)
            return
        values = self.values(action.value, frame, mask)
        chosen = [replace(one, guards=()) for one in values if self._is_descriptor(one)]
        if chosen:
            self._put(action.place, chosen, frame, mask, (), place)
            values = [one for one in values if not self._is_descriptor(one)]
        self._put(action.place, values, frame, mask, guards, place)

    def _put(
        self,
        target: Place,
        values: list[Held],
        frame: Frame,
        mask: Mask,
        guards: Guards,
        place: Location,
    ) -> None:
        for share, cell, way in self.cells(target, frame, mask):
            if self._peeking and not cell.object.frame:
                continue
            held = [replace(one, mask=one.mask & share) for one in values if one.mask & share]
            self._passed(cell, place)
            self.memory.write(cell, held, joined(guards, way), place)

    def _passed(self, cell: Cell, place: Location) -> None:
        if not self._peeking and not cell.object.frame:
            self.report.passed.add(place)

    def _store_aggregate(
        self,
        target: Place,
        value: Aggregate,
        frame: Frame,
        mask: Mask,
        guards: Guards,
        place: Location,
    ) -> None:
        self._put(target, [Held(mask, NumberValue(0))], frame, mask, guards, place)
        for steps, leaf in value.items:
            held = self.values(leaf, frame, mask)
            self._put(target.inside(*steps), held, frame, mask, guards, place)

    def _merge(
        self, action: StoreAction, frame: Frame, mask: Mask, guards: Guards, place: Location
    ) -> bool:
        """``to[i] = from[i]`` between structures seen as arrays: their members one by one;
        under the condition ``from[i]`` only those that are set."""
        value = action.value
        if not isinstance(value, Load):
            return False
        to, source = _without_index(action.place), _without_index(value.place)
        if to is None or source is None or to[1] != source[1]:
            return False
        only_set = any(fact.operand == value and not fact.negated for fact in action.guards)
        done = False
        for share, cell, _ in self.cells(source[0], frame, mask):
            leaves = self.memory.leaves(cell)
            if not leaves or any(leaf[0].startswith("[") for leaf in leaves):
                continue
            for other, target, _ in self.cells(to[0], frame, share):
                done = True
                for leaf in leaves:
                    held = self.memory.read(cell.inside(*leaf), other)
                    if only_set:
                        held = [one for one in held if one.value != NumberValue(0)]
                    if held and not self._peeking:
                        own = tuple(g for g in guards if g.text != _text_of(action, value))
                        self._passed(target, place)
                        for one in held:
                            # Where an alternative is not set, what was there stays.
                            way = joined(own, one.guards)
                            self.memory.write(
                                target.inside(*leaf), [replace(one, guards=())], way, place
                            )
        return done

    # --- calls ------------------------------------------------------------------------

    def _call(self, action: CallAction, frame: Frame, mask: Mask, guards: Guards) -> None:
        index = _index_of(action, frame)
        arguments = [self.values(argument, frame, mask) for argument in action.arguments]
        name = action.site.name
        if name in COPIES and len(arguments) > 1:
            self._copied(action, frame, mask, guards)
            return
        feature = self._feature_set(action, arguments)
        if feature is not None:
            cell, value = feature
            if not self._peeking:
                self.memory.write(cell, [Held(mask, NumberValue(value))], guards, None)
            return
        if name and action.callee is None:
            if self._enters(name, arguments):
                frame.results[index] = self._enter(name, frame.item.path, arguments, mask, guards)
            else:
                self._callbacks(arguments, mask, guards)
            return
        if action.callee is None:
            return
        results: list[Held] = []
        for target in self.values(action.callee, frame, mask):
            function = target.value
            if isinstance(function, FunctionValue) and not contradict(guards, target.guards):
                under = joined(guards, target.guards)
                if self._enters(function.name, arguments):
                    results += self._enter(
                        function.name, function.unit, arguments, target.mask, under
                    )
        frame.results[index] = results

    def _feature_set(
        self, call: CallAction, arguments: Sequence[list[Held]]
    ) -> tuple[Cell, int] | None:
        """The CPU feature that a call forces or clears."""
        name = call.site.name
        known = self._knowledge
        for table, value in ((known.force, 1), (known.clear, 0)):
            if name in table and table[name] < len(arguments):
                number = _number(arguments[table[name]])
                return None if number is None else (_feature(number), value)
        for table, value in ((known.set_bit, 1), (known.clear_bit, 0)):
            if name in table and any(_names_member(a, known.capability) for a in call.arguments):
                number = _number(arguments[table[name]])
                return None if number is None else (_feature(number), value)
        return None

    def _feature_tested(self, call: CallAction, frame: Frame, mask: Mask) -> list[Held] | None:
        """What a test of a CPU feature gives, None if a call is no such test."""
        number = self._feature_asked(call, frame, mask)
        if number is None:
            return None
        self.report.tested.add(number)
        return self.memory.read(_feature(number), mask)

    def _feature_asked(self, call: CallAction, frame: Frame, mask: Mask) -> int | None:
        """The CPU feature that a call asks for."""
        position = self._knowledge.test.get(call.site.name)
        if position is None or position >= len(call.arguments):
            return None
        others = [a for i, a in enumerate(call.arguments) if i != position]
        if others and not any(_names_member(a, self._knowledge.capability) for a in others):
            return None
        return _number(self.values(call.arguments[position], frame, mask))

    def _enters(self, name: str, arguments: Sequence[list[Held]]) -> bool:
        if self._peeking:
            return False
        if name in self._walkable.functions:
            return True
        return any(
            isinstance(one.value, AddressValue)
            and not one.value.cell.object.frame
            and one.value.cell.object.name in self._walkable.objects
            for values in arguments
            for one in values
        )

    def _callbacks(self, arguments: Sequence[list[Held]], mask: Mask, guards: Guards) -> None:
        """Functions handed over to what is not walked run, now or later."""
        for values in arguments:
            for one in values:
                function = one.value
                if (
                    isinstance(function, FunctionValue)
                    and not self._peeking
                    and function.name in self._walkable.functions
                ):
                    under = joined(guards, one.guards)
                    self._enter(function.name, function.unit, (), one.mask & mask, under)

    def _copied(self, action: CallAction, frame: Frame, mask: Mask, guards: Guards) -> None:
        target, source = COPIES[action.site.name]
        place = site_location(action.site.where)
        values = [
            Held(one.mask, StructValue(one.value.cell), one.guards)
            for one in self.values(action.arguments[source], frame, mask)
            if isinstance(one.value, AddressValue)
        ]
        if values:
            self._put(Place(action.arguments[target]), values, frame, mask, guards, place)

    # --- Evaluation -------------------------------------------------------------------

    def result(self, frame: Frame, action: int, mask: Mask) -> list[Held]:
        known = frame.results.get(action)
        if known is None:
            known = frame.results[action] = self._looked_into(frame, action)
        found: list[Held] = []
        left = mask
        for one in known:
            if one.mask & mask:
                found.append(replace(one, mask=one.mask & mask))
                left &= ~one.mask
        if left:
            found.append(Held(left, UNKNOWN))
        return found

    def _looked_into(self, frame: Frame, index: int) -> list[Held]:
        call = frame.actions.actions[index]
        if not isinstance(call, CallAction):
            return []
        mask = self.wide(call.mask) & frame.mask
        feature = self._feature_tested(call, frame, mask)
        if feature is not None:
            return feature
        targets: list[tuple[str, str, Mask]] = []
        if call.callee is None:
            targets.append((call.site.name, frame.item.path, mask))
        else:
            for one in self.values(call.callee, frame, mask):
                if isinstance(one.value, FunctionValue) and not one.guards:
                    targets.append((one.value.name, one.value.unit, one.mask))
        found: list[Held] = []
        for name, unit, share in targets:
            arguments = [self.values(argument, frame, share) for argument in call.arguments]
            found += self._peek(name, unit, arguments, share, (frame.number, index))
        return found

    def _peek(
        self,
        name: str,
        unit: str,
        arguments: Sequence[list[Held]],
        mask: Mask,
        call: tuple[int, int] | None = None,
    ) -> list[Held]:
        yes = _where(self._walkable.nonzero, name, unit) & mask
        no = _where(self._walkable.zero, name, unit) & mask
        known = [Held(yes, NonZero()), Held(no, NumberValue(0))]
        known = [one for one in known if one.mask]
        mask &= ~(yes | no)
        if not mask or self._peeking >= MAX_PEEK or not self._code.is_near(name, unit):
            return known
        self._peeking += 1
        returned = self._enter(name, unit, arguments, mask, (), call=call or (0, 0))
        self._peeking -= 1
        return known + [
            replace(one, guards=()) if not one.guards else Held(one.mask, UNKNOWN)
            for one in returned
        ]

    def wide(self, mask: Mask) -> Mask:
        return self._axis.spread(mask)

    def chosen(self, values: list[Held]) -> list[Held]:
        if not any(self._is_descriptor(one) for one in values):
            return values
        result: list[Held] = []
        for one in values:
            if isinstance(one.value, AddressValue) and self._is_descriptor(one):
                of = one.value.cell.object
                share = one.mask & self._walkable.detected.get((of.name, of.unit), 0)
                if share:
                    result.append(replace(one, mask=share))
            else:
                result.append(one)
        return result

    def _is_descriptor(self, held: Held) -> bool:
        value = held.value
        return (
            isinstance(value, AddressValue)
            and not value.cell.path
            and value.cell.object.tag is not None
            and value.cell.object.tag == self._walkable.descriptor
        )


def _together(
    ways: Sequence[Sequence[tuple[Mask, Guards]]], mask: Mask
) -> list[tuple[Mask, list[Guards]]]:
    """For the parts of ``mask``, the guards of each of the ways that are there."""
    result: list[tuple[Mask, list[Guards]]] = [(mask, [])]
    for way in ways:
        following: list[tuple[Mask, list[Guards]]] = []
        for share, chosen in result:
            rest = share
            for part, under in way:
                if part & rest:
                    following.append((part & rest, [*chosen, under]))
                    rest &= ~part
            if rest:
                following.append((rest, chosen))
        result = following
    return [(share, chosen) for share, chosen in result if chosen]


def _where(known: Mapping[tuple[str, str], Mask], name: str, unit: str) -> Mask:
    return known.get((name, unit), 0) | known.get((name, ""), 0)


def _reads_parameters(operand: Operand, frame: Frame) -> bool:
    """Whether an operand, or what is handed to the calls in it, is made of locals."""
    _, calls, local = depends_on(operand)
    if local:
        return True
    for index in calls:
        call = frame.actions.actions[index]
        if isinstance(call, CallAction) and any(depends_on(a)[2] for a in call.arguments):
            return True
    return False


def _index_of(action: CallAction, frame: Frame) -> int:
    for index, one in enumerate(frame.actions.actions):
        if one is action:
            return index
    raise AssertionError("an action of another function")


def _feature(number: int) -> Cell:
    """The cell in which the memory keeps a CPU feature."""
    return Cell(ObjectKey("CPU feature", "", -1), (f"[{number}]",))


def _number(values: list[Held]) -> int | None:
    found = {one.value for one in values}
    only = next(iter(found)) if len(found) == 1 else None
    return only.value if isinstance(only, NumberValue) else None


def _names_member(operand: Operand, member: str) -> bool:
    """Whether an operand is an address that ends at a member."""
    place = operand.place if isinstance(operand, Address | Load) else None
    return place is not None and any(
        isinstance(step, Field) and step.name == member for step in place.path
    )


def _without_index(place: Place) -> tuple[Place, Operand] | None:
    """An element's array and index."""
    if not place.path or not isinstance(place.path[-1], Element):
        return None
    return Place(place.root, place.path[:-1]), place.path[-1].index


def _text_of(action: StoreAction, value: Load) -> str:
    for fact in action.guards:
        if fact.operand == value:
            return of_guard(fact)[0].text
    return ""
