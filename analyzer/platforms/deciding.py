"""Conditions on the way of a walk: decided by the memory, or left as guards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from analyzer.configset.configset import Mask
from analyzer.csource.action import CallAction, ReturnAction
from analyzer.csource.operand import (
    Operand,
    Result,
)
from analyzer.csource.sites import GuardFact, GuardWay
from analyzer.platforms.axis import Axis
from analyzer.platforms.conditions import Conjunct, depends_on, of_guard, of_return
from analyzer.platforms.cpu import CpuWalk
from analyzer.platforms.evaluate import Frame
from analyzer.platforms.given import Code, Walkable
from analyzer.platforms.knowledge import BootKnowledge
from analyzer.platforms.memory import Memory
from analyzer.platforms.values import (
    BootGuard,
    Guards,
    joined,
)


class Deciding(CpuWalk):
    """Tells where conditions let through, and which guards stay."""

    def __init__(
        self, code: Code, walkable: Walkable, memory: Memory, knowledge: BootKnowledge, axis: Axis
    ) -> None:
        super().__init__(code, walkable, memory, knowledge, axis)
        self._predicates: dict[tuple[int, int], list[tuple[Mask, Frame, ReturnAction]]] = {}
        """By call (frame and action): what the functions that it enters return."""

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
