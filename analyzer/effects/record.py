"""What is known of an activation so far, and what callees add to it.

Events stand with the action at which they happen and its guards; their order matters in the
end. A callee's summary becomes part of its caller's: what it stored in what it was handed is
stored in what the caller knows under that name.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Protocol

from analyzer.callgraph.program import FunctionRef, identity
from analyzer.configset.configset import Mask
from analyzer.csource.action import CallAction
from analyzer.csource.operand import Address, Load, Operand, Storage, Variable
from analyzer.csource.sites import GuardFact
from analyzer.effects.code import Body, Code, site_of
from analyzer.effects.guards import Ways
from analyzer.effects.model import (
    Carry,
    Entry,
    Event,
    Held,
    Kept,
    Link,
    Lost,
    Outcome,
    Seed,
    Summary,
    Value,
    narrowed_event,
)
from analyzer.effects.values import Found, Frame, container_of, names_of
from analyzer.effects.waits import Waits


class Following(Protocol):
    """What following one function asks of the analysis that it belongs to."""

    code: Code
    waits: Waits
    within: Collection[str] | None
    left_out: bool

    def summary(self, body: Body, entry: Entry, seed: Seed | None = None, hops: int = 0) -> Summary:
        """What an activation of ``body`` does with the object."""

    def may_cross(self, body: Body, index: int) -> bool:
        """Whether an action that leads out of the object may be looked into."""

    def waits_before(self, body: Body, index: int, mask: Mask) -> Summary:
        """The edges to what waits before an action."""

    def settle(self, summary: Summary) -> Outcome:
        """What becomes of the object, of a summary as of a whole activation."""

    def released(self, event: Kept) -> Mask:
        """Where the elements of a container are given up."""


class Record:
    """One activation: what has happened in it up to the action at hand."""

    def __init__(
        self, flow: Following, body: Body, entry: Entry, seed: Seed | None, hops: int
    ) -> None:
        self._flow = flow
        self._hops = hops
        self._entry = entry
        self._seed = seed
        self._code = flow.code
        self._knowledge = flow.code.knowledge
        self._widening = flow.code.widening
        self._body = body
        self._enabled: set[int] = set()
        """The calls whose targets in other objects are looked into."""
        self._restart()

    def _restart(self) -> None:
        parameters = self._body.actions.parameters
        self._frame = Frame(parameters, self._entry, self._seed, self._widening)
        self._events: list[tuple[int, tuple[GuardFact, ...], Event]] = []
        self._sure = Ways(self._widening)
        self._unseen: list[tuple[int, tuple[GuardFact, ...], Lost]] = []
        self._returns: dict[Value, Mask] = {}
        self._labels: dict[tuple[FunctionRef, str], Mask] = {}
        self._carries: dict[Carry, Mask] = {}
        self._at = 0
        self._guards: tuple[GuardFact, ...] = ()

    def _parameter(self, pointer: Operand | Variable) -> int | None:
        """The parameter that a pointer is, its number."""
        if isinstance(pointer, Load) and not pointer.place.path:
            root = pointer.place.root
            if isinstance(root, Variable) and root.storage is Storage.PARAMETER:
                return root.number
        return None

    # --- what comes back ------------------------------------------------------------------

    def _take(
        self,
        summary: Summary,
        mask: Mask,
        action: CallAction,
        target: FunctionRef,
        arguments: Sequence[Found] | None,
    ) -> Mask:
        """Make a callee's summary part of this one where ``mask``; where it is stored in a
        container of the caller's whose elements are given up, or in one of its locals."""
        self._frame.returned(self._at, [(w & mask, v) for w, v in summary.returns if w & mask])
        carried = concerned = kept = 0
        for event in summary.events:
            if not event.mask & mask:
                continue
            concerned |= event.mask & mask
            event = narrowed_event(event, mask)
            if isinstance(event, Kept):
                edge = _edge(self._body.ref, action, target)
                event = replace(self._through(event), carries=(*event.carries, edge))
            else:
                carried |= event.mask
            if isinstance(event, Kept) and event.parameter is not None:
                moved = self._kept_by_callee(event, action, arguments is not None)
                if moved is None:
                    continue
                event = moved
                if moved.parameter is None:
                    kept |= event.mask & self._flow.released(moved)
            self._note(event)
        if carried:
            self._carry(action, target, carried)
        if concerned:
            self._take_labels(summary, concerned)
        return kept

    def _through(self, event: Kept) -> Kept:
        """The event, having come through this unit as well."""
        unit = self._body.ref.unit
        if unit == event.at.unit or unit in event.through:
            return event
        return replace(event, through=(*event.through, unit))

    def _take_labels(self, known: Summary | Outcome, mask: Mask) -> None:
        for label, where in known.labels.items():
            if where & mask:
                self._labels[label] = self._labels.get(label, 0) | (where & mask)
        for carry, where in known.carries.items():
            if where & mask:
                self._carries[carry] = self._carries.get(carry, 0) | (where & mask)

    def _kept_by_callee(self, event: Kept, action: CallAction, known: bool) -> Kept | None:
        """What the caller knows of a container that the callee got from it."""
        number = event.parameter
        assert number is not None
        operand = action.arguments[number] if known and number < len(action.arguments) else None
        inside = event.path
        if isinstance(operand, Address):
            place = self._frame.pointed(operand.place)
            root, path = place.root, names_of(place.path)
            if isinstance(root, Variable) and root.storage in {
                Storage.AUTOMATIC,
                Storage.PARAMETER,
            }:
                if isinstance(event.container, Link):
                    return replace(event, parameter=None)
                self._frame.hold(root, path + inside, Held(), event.mask)
                return None
            parameter = self._parameter(root) if not isinstance(root, Variable) else None
            container = event.container or container_of(place, Held())
            return replace(event, parameter=parameter, path=path + inside, container=container)
        if operand is not None and (parameter := self._parameter(operand)) is not None:
            return replace(event, parameter=parameter)
        return replace(event, parameter=None)

    def _note(self, event: Event) -> None:
        if event.mask:
            self._events.append((self._at, self._guards, event))

    def _carry(self, action: CallAction, target: FunctionRef | None, mask: Mask) -> None:
        if target is None:
            for each in self._code.targets(self._body, action, self._at):
                self._carry(action, each, mask)
            return
        carry = _edge(self._body.ref, action, target)
        self._carries[carry] = self._carries.get(carry, 0) | (mask & target.mask)


def _edge(caller: FunctionRef, action: CallAction, target: FunctionRef) -> Carry:
    site = site_of(action.site.where)
    return Carry(caller, site.where, site.macros, target.name, identity(target))
