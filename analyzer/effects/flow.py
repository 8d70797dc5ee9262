"""Following the object through one function after the other.

A function is followed once for what its parameters hold (:data:`Entry`), in all
configurations in which it exists; callers take of the summary what their mask allows. A
function that is being followed already (recursion) adds nothing.

Calls into other objects are looked into last ones first, and only where nothing else on
their way gives the object up for certain: what is given up once is not given up again, and
most of what a kernel function calls with an object only accounts for it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace

from analyzer.callgraph.program import FunctionRef, identity
from analyzer.configset.configset import Mask
from analyzer.csource.action import CallAction, ReturnAction, StoreAction
from analyzer.csource.operand import (
    Address,
    Field,
    FunctionName,
    Load,
    Operand,
    Place,
    Storage,
    Variable,
)
from analyzer.csource.sites import GuardFact
from analyzer.effects.code import Body, Code, Site, site_of
from analyzer.effects.guards import Ways, exclude_each_other, passed_before, unguarded
from analyzer.effects.model import (
    NOTHING,
    Carry,
    Container,
    Entry,
    Event,
    Gone,
    HandOver,
    Held,
    Kept,
    Link,
    Lost,
    Outcome,
    Release,
    Seed,
    Slot,
    Summary,
    Value,
    narrowed_event,
)
from analyzer.effects.primitives import Handed, functions_in, given_up, handed_over
from analyzer.effects.values import Found, Frame, names_of
from analyzer.effects.waits import Waits
from analyzer.primitives.knowledge import Knowledge

MAX_DEPTH = 40
"""How many calls deep the object is followed."""

Settle = Callable[[Summary], Outcome]
"""Makes of a summary, as of a whole activation, what becomes of the object."""


class Flow:
    """Follows the object; remembers the functions it has been through."""

    def __init__(
        self,
        code: Code,
        settle: Settle,
        released: Callable[[Kept], Mask],
        within: Collection[str] | None,
    ) -> None:
        """``released`` tells where the elements of a container are given up; ``within`` are
        the objects that may be looked into, None for all."""
        self.within = within
        self.code = code
        self.waits = Waits(code)
        self.settle = settle
        self.released = released
        self._known: dict[tuple[int, Entry, Seed | None, bool], Summary] = {}
        self._depth = 0

    def summary(
        self, body: Body, entry: Entry, seed: Seed | None = None, *, near: bool = False
    ) -> Summary:
        """What an activation of ``body`` does with the object; ``near``: without looking into
        other objects."""
        key = (id(body), entry, seed, near)
        known = self._known.get(key)
        if known is None:
            self._known[key] = NOTHING
            self._depth += 1
            if self._depth <= MAX_DEPTH:
                known = Activation(self, body, entry, seed, near).run()
            else:
                where = body.definition.location
                lost = Lost("calls are nested too deep", body.ref, where, body.mask)
                known = Summary((lost,))
            self._depth -= 1
            self._known[key] = known
        return known

    def waits_before(self, body: Body, index: int, mask: Mask) -> Summary:
        """The edges to what waits or flushes before action number ``index``, in its
        function."""
        actions = body.actions.actions
        labels: dict[tuple[FunctionRef, str], Mask] = {}
        carries: dict[Carry, Mask] = {}
        for number, action in enumerate(actions[:index]):
            if isinstance(action, CallAction):
                where = self.code.widening.spread(action.mask) & mask
                where &= ~exclude_each_other(
                    action.guards, actions[index].guards, self.code.widening
                )
                if where:
                    shown = self.waits.shown(body, action, number)
                    for label, share in shown.labels.items():
                        labels[label] = labels.get(label, 0) | (share & where)
                    for carry, share in shown.carries.items():
                        carries[carry] = carries.get(carry, 0) | (share & where)
        return Summary(labels=labels, carries=carries) if labels else NOTHING


class Activation:
    """One function being followed."""

    def __init__(self, flow: Flow, body: Body, entry: Entry, seed: Seed | None, near: bool) -> None:
        self._flow = flow
        self._near = near
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
        self._far: list[tuple[int, tuple[GuardFact, ...], Mask]] = []
        self._returns: dict[Value, Mask] = {}
        self._labels: dict[tuple[FunctionRef, str], Mask] = {}
        self._carries: dict[Carry, Mask] = {}
        self._at = 0
        self._guards: tuple[GuardFact, ...] = ()

    def run(self) -> Summary:
        while True:
            self._walk()
            left: dict[int, Mask] = {}
            for index, guards, mask in self._far:
                if mask & ~self._sure.through(guards):
                    left[index] = left.get(index, 0) | (mask & ~self._sure.through(guards))
            if self._near or not left:
                break
            self._enabled.add(max(left))
            self._restart()
        events = tuple(self._finished())
        returns = tuple((mask, value) for value, mask in self._returns.items())
        sure, unseen = self._sure.through(()), 0
        for mask in left.values():
            unseen |= mask
        return Summary(events, returns, sure, unseen, self._labels, self._carries)

    def _walk(self) -> None:
        for index, action in enumerate(self._body.actions.actions):
            mask = self._widening.spread(action.mask) & self._body.mask
            self._at, self._guards = index, action.guards
            if isinstance(action, CallAction):
                self._call(action, mask)
            elif isinstance(action, StoreAction):
                self._store(action, mask)
            else:
                self._return(action, mask)

    # --- stores and returns ---------------------------------------------------------------

    def _return(self, action: ReturnAction, mask: Mask) -> None:
        for where, value in self._frame.values(action.value, mask):
            self._returns[value] = self._returns.get(value, 0) | where

    def _store(self, action: StoreAction, mask: Mask) -> None:
        place = self._frame.pointed(action.place)
        root = place.root
        if isinstance(root, Variable) and root.storage in {Storage.AUTOMATIC, Storage.PARAMETER}:
            certain = unguarded(action.guards, self._widening)
            self._frame.store(place, action.value, mask, certain)
            return
        if isinstance(action.value, FunctionName):
            self._bind(place, action.value, mask)
        for where, value in self._frame.values(action.value, mask):
            if isinstance(value, Held):
                self._keep(place, value, where, site_of(action.where))

    def _bind(self, place: Place, function: FunctionName, mask: Mask) -> None:
        """A function is stored; in the object, it may be one that is started later."""
        if not isinstance(place.root, Variable):
            for where, base in self._frame.values(place.root, mask):
                if isinstance(base, Held):
                    path = names_of(base.inside) + names_of(place.path)
                    self._frame.functions[path] = (where, function)

    def _keep(self, place: Place, value: Held, mask: Mask, site: Site) -> None:
        """The object is stored somewhere outside the function's own locals."""
        if not isinstance(place.root, Variable):
            for where, base in self._frame.values(place.root, mask):
                if isinstance(base, Held):
                    mask &= ~where
        if mask:
            container = _container(place, value)
            parameter = self._parameter(place.root)
            kept = Kept(
                container, self._body.ref, site.where, mask, parameter, names_of(place.path)
            )
            self._note(kept)
            if parameter is None:
                self._sure.add(self._guards, mask & self._flow.released(kept))

    def _parameter(self, pointer: Operand | Variable) -> int | None:
        """The parameter that a pointer is, its number."""
        if isinstance(pointer, Load) and not pointer.place.path:
            root = pointer.place.root
            if isinstance(root, Variable) and root.storage is Storage.PARAMETER:
                return root.number
        return None

    # --- calls ----------------------------------------------------------------------------

    def _call(self, action: CallAction, mask: Mask) -> None:
        name = action.site.name
        arguments = [self._frame.values(one, mask) for one in action.arguments]
        gone = given_up(self._knowledge, action, arguments)
        if gone is not None:
            self._gone(action, gone.gone, gone.after, gone.mask)
        handed = list(handed_over(self._knowledge, action, arguments, self._frame))
        for one in handed:
            self._hand_over(action, one)
        conversion = self._knowledge.conversion(name)
        if conversion is not None and conversion.object < len(arguments):
            self._frame.returned(self._at, arguments[conversion.object])
            return
        if gone is None and not handed and any(arguments):
            self._into_calls(action, mask, arguments)

    def _gone(self, action: CallAction, gone: Gone, after: str | None, mask: Mask) -> None:
        site = site_of(action.site.where)
        ref = self._body.ref
        self._carry(action, None, mask)
        self._sure.add(self._guards, mask)
        if after is None:
            self._note(Release(gone, ref, site.where, mask))
        else:
            self._note(HandOver(after, ref, site.where, mask))

    def _hand_over(self, action: CallAction, handed: Handed) -> None:
        """The object goes to a function that runs in another context, or at once."""
        site = site_of(action.site.where)
        ref = self._body.ref
        names = functions_in(handed.function, handed.mask, self._widening)
        left = handed.mask
        for where, name in names:
            left &= ~where
            for target in self._code.named(self._body, name, where):
                self._run_later(action, handed, target)
        if left:
            text = f"handed to {action.site.name}(), which function it runs is not known"
            self._note(Lost(text, ref, site.where, left))

    def _run_later(self, action: CallAction, handed: Handed, target: FunctionRef) -> None:
        site = site_of(action.site.where)
        context = self._knowledge.context(handed.context)
        for body in self._code.bodies(target):
            where = body.mask & target.mask
            count = len(body.actions.parameters)
            entry = tuple((index, handed.value) for index in range(count))
            summary = self._flow.summary(body, entry, near=self._near)
            if context.here:
                self._take(summary, where, action, target, None)
                self._sure.add(self._guards, summary.sure & where)
                continue
            outcome = self._flow.settle(summary)
            self._take_labels(outcome, where)
            carried = 0
            rest: dict[str, Mask] = {}
            for inner, mask in outcome.effects.items():
                carried |= mask & where
                runs = _telling_context(handed.context, inner, self._knowledge)
                rest[runs] = rest.get(runs, 0) | (mask & where)
            for runs, mask in rest.items():
                if mask:
                    self._note(HandOver(runs, self._body.ref, site.where, mask))
                    self._sure.add(self._guards, mask)
            for lost in outcome.lost:
                if lost.mask & where:
                    carried |= lost.mask & where
                    self._note(narrowed_event(lost, where))
            if carried:
                self._carry(action, target, carried)

    def _into_calls(self, action: CallAction, mask: Mask, arguments: Sequence[Found]) -> None:
        sure = mask
        called = 0
        for target in self._code.targets(self._body, action, self._at):
            where = target.mask & mask
            if not where:
                continue
            called |= where
            sure &= ~where | self._into(action, target, where, arguments)
        self._sure.add(self._guards, sure & called)

    def _into(
        self, action: CallAction, target: FunctionRef, mask: Mask, arguments: Sequence[Found]
    ) -> Mask:
        """Follow the object into one target of a call; where it surely is given up there."""
        if not target.name:
            self._unknown_target(action, mask, arguments)
            return 0
        if self._is_boundary(target):
            return 0
        near = self._at not in self._enabled
        if target.unit != self._body.ref.unit:
            within = self._flow.within
            if not self._code.takes_arguments(target):
                return 0
            if within is not None and target.unit not in within:
                return 0
            if near:
                self._far.append((self._at, self._guards, mask))
                return 0
        sure = 0
        for body in self._code.bodies(target):
            for share, entry in _entries(arguments, body.mask & mask):
                if entry:
                    summary = self._flow.summary(body, entry, near=near)
                    if summary.open & share:
                        self._far.append((self._at, self._guards, summary.open & share))
                    kept = self._take(summary, share, action, target, arguments)
                    sure |= (summary.sure | kept) & share
        return sure

    def _unknown_target(self, action: CallAction, mask: Mask, arguments: Sequence[Found]) -> None:
        if any(where & mask and isinstance(v, Held) for found in arguments for where, v in found):
            site = site_of(action.site.where)
            name = action.site.target.path if action.site.target else action.site.name
            text = f"passed to a call through {name} of unknown target"
            self._note(Lost(text, self._body.ref, site.where, mask))

    def _is_boundary(self, target: FunctionRef) -> bool:
        file = None if target.location is None else target.location.file
        return bool(target.name) and self._knowledge.boundary(target.name, file) is not None

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
        carried = kept = 0
        for event in summary.events:
            if not event.mask & mask:
                continue
            carried |= event.mask & mask
            event = narrowed_event(event, mask)
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
            self._take_labels(summary, carried)
        return kept

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
            container = event.container or _container(place, Held())
            return replace(event, parameter=parameter, path=path + inside, container=container)
        if operand is not None and (parameter := self._parameter(operand)) is not None:
            return replace(event, parameter=parameter)
        return replace(event, parameter=None)

    def _note(self, event: Event) -> None:
        if event.mask:
            self._events.append((self._at, self._guards, event))

    def _carry(self, action: CallAction, target: FunctionRef | None, mask: Mask) -> None:
        site = site_of(action.site.where)
        if target is None:
            for each in self._code.targets(self._body, action, self._at):
                carry = Carry(self._body.ref, site.where, site.macros, each.name, identity(each))
                self._carries[carry] = self._carries.get(carry, 0) | (mask & each.mask)
            return
        carry = Carry(self._body.ref, site.where, site.macros, target.name, identity(target))
        self._carries[carry] = self._carries.get(carry, 0) | (mask & target.mask)

    # --- order ------------------------------------------------------------------------------

    def _finished(self) -> Iterator[Event]:
        """The events, with the waits before them and the ways on which more happens."""
        for index, guards, event in self._events:
            if isinstance(event, Release):
                yield self._after_waits(index, guards, event)
            elif isinstance(event, Kept | Lost):
                yield self._covered(guards, event)
            else:
                yield event
            if not isinstance(event, Lost):
                before = self._flow.waits_before(self._body, index, event.mask)
                self._take_labels(before, event.mask)

    def _after_waits(self, index: int, guards: tuple[GuardFact, ...], event: Release) -> Release:
        ipi, waited = event.ipi, event.waited
        for number, action in enumerate(self._body.actions.actions[:index]):
            if not isinstance(action, CallAction):
                continue
            mask = self._widening.spread(action.mask) & event.mask
            mask &= passed_before(action.guards, guards, self._widening)
            if mask & ~(ipi & waited):
                done = self._flow.waits.always(self._body, action, number)
                ipi |= done.ipi & mask
                waited |= done.waited & mask
        new = (ipi & ~event.ipi) | (waited & ~event.waited)
        if not new:
            return event
        meets = (*event.meets, (self._body.ref, new))
        return replace(event, ipi=ipi, waited=waited, meets=meets)

    def _covered(self, guards: tuple[GuardFact, ...], event: Kept | Lost) -> Event:
        covered = event.covered
        for _, other, release in self._events:
            if isinstance(release, Release | HandOver):
                apart = exclude_each_other(guards, other, self._widening)
                covered |= release.mask & event.mask & ~apart
        return replace(event, covered=covered)


def _container(place: Place, value: Held) -> Container | None:
    """What to call the container that ``place`` is part of."""
    if value.inside:
        return Link(value.inside[0].tag, tuple(step.name for step in value.inside))
    for step in reversed(place.path):
        if isinstance(step, Field):
            return Slot(step.tag, step.name) if step.tag is not None else None
    if isinstance(place.root, Variable):
        return Slot(None, place.root.name)
    return None


def _entries(arguments: Sequence[Found], mask: Mask) -> Iterator[tuple[Mask, Entry]]:
    """What the parameters hold, by mask: disjoint."""
    parts: list[tuple[Mask, Entry]] = [(mask, ())]
    for index, found in enumerate(arguments):
        for where, value in found:
            refined: list[tuple[Mask, Entry]] = []
            for part, entry in parts:
                if part & where:
                    refined.append((part & where, (*entry, (index, value))))
                if part & ~where:
                    refined.append((part & ~where, entry))
            parts = refined
    yield from ((part, entry) for part, entry in parts if part)


def _telling_context(context: str, inner: str, knowledge: Knowledge) -> str:
    """Of nested contexts the one that tells: after a grace period if any of them is."""
    inside = inner.removesuffix("-callback-free")
    if inside == inner or knowledge.context(context).grace_period:
        return context
    return inside if knowledge.context(inside).grace_period else context
