"""One function being followed: its actions in order, and what callees make of the object.

Calls into other objects are looked into last ones first, and only where nothing else on
their way gives the object up for certain: what is given up once is not given up again, and
most of what a kernel function calls with an object only accounts for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from analyzer.callgraph.program import FunctionRef, identity, narrowed
from analyzer.configset.configset import Mask
from analyzer.csource.action import CallAction, ReturnAction, StoreAction
from analyzer.csource.operand import (
    FunctionName,
    Place,
    Storage,
    Variable,
)
from analyzer.effects.code import Site, site_of
from analyzer.effects.guards import unguarded
from analyzer.effects.model import (
    Gone,
    HandOver,
    Held,
    Kept,
    Leads,
    Lost,
    Release,
    Runs,
    Summary,
    narrowed_event,
)
from analyzer.effects.order import in_order
from analyzer.effects.primitives import Handed, functions_in, given_up, handed_over
from analyzer.effects.record import Record
from analyzer.effects.values import Found, container_of, entries_of, names_of
from analyzer.primitives.knowledge import Knowledge


class Activation(Record):
    """One function being followed."""

    def run(self) -> Summary:
        while True:
            self._walk()
            unseen = list(self._still_unseen())
            further = [index for index, _ in unseen if self._may_enable(index)]
            if not further:
                break
            self._enabled.add(max(further))
            self._restart()
        events, waits = in_order(self._flow, self._body, self._events)
        for each, mask in waits:
            self._take_labels(each, mask)
        returns = tuple((mask, value) for value, mask in self._returns.items())
        left = {(lost.at, lost.where): lost for _, lost in unseen}
        sure = self._sure.through(())
        return Summary(events, returns, sure, tuple(left.values()), self._labels, self._carries)

    def _still_unseen(self) -> Iterator[tuple[int, Lost]]:
        """The calls that nobody looked into, where nothing else gives the object up."""
        for index, guards, lost in self._unseen:
            mask = lost.mask & ~self._sure.through(guards)
            if mask:
                yield index, replace(lost, mask=mask)

    def _may_enable(self, index: int) -> bool:
        return (
            self._hops > 0
            and index not in self._enabled
            and self._flow.may_cross(self._body, index)
        )

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
            container = container_of(place, value)
            parameter = self._parameter(place.root)
            kept = Kept(
                container, self._body.ref, site.where, mask, parameter, names_of(place.path)
            )
            self._note(kept)
            if parameter is None:
                self._sure.add(self._guards, mask & self._flow.released(kept))

    # --- calls ----------------------------------------------------------------------------

    def _call(self, action: CallAction, mask: Mask) -> None:
        name = action.site.name
        arguments = [self._frame.values(one, mask) for one in action.arguments]
        if not any(isinstance(value, Held | Leads) for found in arguments for _, value in found):
            return
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
        if gone is None and not handed:
            self._into_calls(action, mask, self._with_functions(action, mask, arguments))

    def _with_functions(
        self, action: CallAction, mask: Mask, arguments: Sequence[Found]
    ) -> Sequence[Found]:
        """The arguments, with the functions among them."""
        return [
            [(target.mask, Runs(identity(target))) for target in self._named(operand.name, mask)]
            if isinstance(operand, FunctionName)
            else found
            for operand, found in zip(action.arguments, arguments, strict=True)
        ]

    def _named(self, name: str, mask: Mask) -> Sequence[FunctionRef]:
        return tuple(self._code.named(self._body, name, mask))

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
        left = handed.mask
        for where, name in functions_in(handed.function, handed.mask, self._widening):
            left &= ~where
            for target in self._code.named(self._body, name, where):
                self._run_later(action, handed, target)
        for where, value in self._frame.values(handed.function, left):
            if isinstance(value, Runs):
                left &= ~where
                self._run_later(action, handed, narrowed(value.ref, where))
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
            summary = self._flow.summary(body, entry, hops=self._hops)
            self._leave(summary, where)
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
        handed_in = [
            narrowed(value.ref, where)
            for where, value in self._frame.values(action.callee, mask)
            if isinstance(value, Runs)
        ]
        if handed_in:
            for target in handed_in:
                self._into(action, target, target.mask, arguments)
            return
        if self._at not in self._enabled and self._code.leaves(self._body, action):
            if self._knowledge.boundary(action.site.name, None) is None:
                self._skip(action, mask)
            return
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
        hops = self._hops if self._at in self._enabled else 0
        if target.unit != self._body.ref.unit:
            within = self._flow.within
            if not self._code.takes_arguments(target):
                return 0
            if within is not None and target.unit not in within:
                self._flow.left_out = True
                return 0
            if not hops:  # the unit defines the name, in other configurations
                self._skip(action, mask)
                return 0
            hops -= 1
        sure = 0
        for body in self._code.bodies(target):
            for share, entry in entries_of(arguments, body.mask & mask):
                if entry:
                    summary = self._flow.summary(body, entry, hops=hops)
                    self._leave(summary, share)
                    kept = self._take(summary, share, action, target, arguments)
                    sure |= (summary.sure | kept) & share
        return sure

    def _skip(self, action: CallAction, mask: Mask) -> None:
        """Leave a call for later."""
        text = f"passed to {_callee(action)}, not looked into"
        lost = Lost(text, self._body.ref, site_of(action.site.where).where, mask)
        self._unseen.append((self._at, self._guards, lost))

    def _leave(self, summary: Summary, mask: Mask) -> None:
        """What a callee has left for later."""
        for lost in summary.unseen:
            if lost.mask & mask:
                self._unseen.append((self._at, self._guards, replace(lost, mask=lost.mask & mask)))

    def _unknown_target(self, action: CallAction, mask: Mask, arguments: Sequence[Found]) -> None:
        if any(where & mask and isinstance(v, Held) for found in arguments for where, v in found):
            site = site_of(action.site.where)
            text = f"passed to {_callee(action)}, of unknown target"
            self._note(Lost(text, self._body.ref, site.where, mask))

    def _is_boundary(self, target: FunctionRef) -> bool:
        file = None if target.location is None else target.location.file
        return bool(target.name) and self._knowledge.boundary(target.name, file) is not None


def _callee(action: CallAction) -> str:
    """What is called, in words."""
    target = action.site.target
    return f"{action.site.name}()" if target is None else f"a call through {target.path}"


def _telling_context(context: str, inner: str, knowledge: Knowledge) -> str:
    """Of nested contexts the one that tells: after a grace period if any of them is."""
    inside = inner.removesuffix("-callback-free")
    if inside == inner or knowledge.context(context).grace_period:
        return context
    return inside if knowledge.context(inside).grace_period else context
