"""Following the object through one function after the other.

A function is followed once for what its parameters hold (:data:`Entry`), in all
configurations in which it exists; callers take of the summary what their mask allows. A
function that is being followed already (recursion) adds nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from analyzer.callgraph.program import FunctionRef
from analyzer.configset.configset import Mask
from analyzer.csource.action import CallAction
from analyzer.effects.activation import Activation
from analyzer.effects.code import Body, Code
from analyzer.effects.guards import exclude_each_other
from analyzer.effects.model import (
    NOTHING,
    Carry,
    Entry,
    Kept,
    Lost,
    Outcome,
    Seed,
    Summary,
)
from analyzer.effects.waits import Waits

MAX_DEPTH = 40
"""How many calls deep the object is followed."""
MAX_HOPS = 4
"""How many calls on one way into other objects, or through pointers, are looked into."""
MAX_FAR = 80
"""How many such calls are looked into for one object."""
MAX_FAR_TO_CHOOSE = 12
"""How many are to find out whether an argument is the object."""

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
        self._limit = MAX_FAR if within is None else MAX_FAR_TO_CHOOSE
        self.code = code
        self.waits = Waits(code)
        self._settle = settle
        self._released = released
        self._known: dict[tuple[int, Entry, Seed | None, int], Summary] = {}
        self._crossed: set[tuple[int, int]] = set()
        self._depth = 0
        self.left_out = False
        """Whether something was not looked into, for a limit or for not being ``within``."""

    def follow(self, body: Body, entry: Entry, seed: Seed | None = None) -> Summary:
        """What an activation of ``body`` does with the object, as far as the limits allow,
        which are for one object."""
        self._crossed.clear()
        self._known.clear()
        self.left_out = False
        result = self.summary(body, entry, seed, MAX_HOPS)
        return replace(result, events=(*result.events, *result.unseen), unseen=())

    def summary(self, body: Body, entry: Entry, seed: Seed | None = None, hops: int = 0) -> Summary:
        """What an activation of ``body`` does with the object, with no more than ``hops``
        calls on one way into other objects or through pointers looked into."""
        key = (id(body), entry, seed, hops)
        known = self._known.get(key)
        if known is None:
            self._known[key] = NOTHING
            self._depth += 1
            if self._depth > MAX_DEPTH:
                known = _stopped(body, f"not followed more than {MAX_DEPTH} calls deep")
            else:
                known = Activation(self, body, entry, seed, hops).run()
            self._depth -= 1
            self._known[key] = known
        return known

    def settle(self, summary: Summary) -> Outcome:
        """What becomes of the object, of a summary as of a whole activation."""
        return self._settle(summary)

    def released(self, event: Kept) -> Mask:
        """Where the elements of a container are given up."""
        return self._released(event)

    def may_cross(self, body: Body, index: int) -> bool:
        """Whether action number ``index`` of ``body`` may be looked into although it leads
        out of the object; counted."""
        call = (id(body), index)
        if call not in self._crossed and len(self._crossed) < self._limit:
            self._crossed.add(call)
        allowed = call in self._crossed
        self.left_out |= not allowed
        return allowed

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


def _stopped(body: Body, text: str) -> Summary:
    return Summary((Lost(text, body.ref, body.definition.location, body.mask),))
