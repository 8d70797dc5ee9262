"""Walking the boot in source order, for all platforms at once: who is called, what is stored.

Functions that matter (:mod:`analyzer.platforms.relevance`) are entered with their
arguments; a call through a slot goes to what the slot holds at that moment. Conditions are
decided where the memory decides them; the others become guards of what they lead to. Those
that lead to a boot that does not go on (a ``panic``, the entry function returning) are no
guards, and loops are gone through once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from analyzer.configset.configset import Mask
from analyzer.csource.action import Action, CallAction, ReturnAction, StoreAction
from analyzer.platforms.axis import Axis
from analyzer.platforms.evaluate import Frame
from analyzer.platforms.given import Code, Walkable
from analyzer.platforms.knowledge import BootKnowledge
from analyzer.platforms.memory import Memory
from analyzer.platforms.storing import COPIES, Storing
from analyzer.platforms.values import (
    UNKNOWN,
    AddressValue,
    Cell,
    FunctionValue,
    Guards,
    Held,
    NonZero,
    NumberValue,
    ObjectKey,
    contradict,
    joined,
)

MAX_DEPTH = 60
MAX_STEPS = 400_000
MAX_PEEK = 3
"""Calls inside calls that are looked into to decide a condition."""
PEEK_ACTIONS = 60
"""Actions of a function above which it is not looked into for that."""


class BootWalk(Storing):
    """One walk; the memory afterwards is the result."""

    def __init__(
        self, code: Code, walkable: Walkable, memory: Memory, knowledge: BootKnowledge, axis: Axis
    ) -> None:
        super().__init__(code, walkable, memory, knowledge, axis)
        self._frames = 0
        self._stack: list[tuple[str, str]] = []
        self._returns: list[list[Held]] = []

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


def _where(known: Mapping[tuple[str, str], Mask], name: str, unit: str) -> Mask:
    return known.get((name, unit), 0) | known.get((name, ""), 0)


def _index_of(action: CallAction, frame: Frame) -> int:
    for index, one in enumerate(frame.actions.actions):
        if one is action:
            return index
    raise AssertionError("an action of another function")
