"""What waits, interrupts other processors or flushes TLBs before the object is given up.

Two questions are asked of a call: what it *always* does before it returns (an IPI
broadcast, a grace period), and which edges lead to something of the kind, to be *shown*.
Both look into the functions of the caller's object, and into one of another object that
is called directly if its text leads to something that waits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from analyzer.callgraph.program import FunctionRef, identity
from analyzer.configset.configset import Mask
from analyzer.csource.action import CallAction
from analyzer.csource.operand import Literal
from analyzer.csource.sites import SiteKind
from analyzer.effects.code import Body, Code, site_of
from analyzer.effects.guards import unguarded
from analyzer.effects.model import NOTHING, Carry, Summary
from analyzer.primitives.model import Synchronisation, Wait

MAX_LOOKUPS = 24
"""How many functions of other objects are looked for to be shown, for one object."""
MAX_SHOWN_DEPTH = 7
"""How many calls deep what is to be shown is looked for."""


@dataclass(frozen=True, slots=True)
class Done:
    """Where an IPI broadcast, and where a grace period, has passed for certain."""

    ipi: Mask = 0
    waited: Mask = 0

    def joined(self, other: Done, mask: Mask) -> Done:
        """Also what ``other`` does where ``mask``."""
        return Done(self.ipi | (other.ipi & mask), self.waited | (other.waited & mask))


class Waits:
    """Remembers what has been found out about functions."""

    def __init__(self, code: Code) -> None:
        self._code = code
        self._always: dict[tuple[int, bool], Done] = {}
        self._shown: dict[tuple[int, bool, int], Summary] = {}
        self._lookups: set[tuple[str, str]] = set()

    # --- for certain ------------------------------------------------------------------------

    def always(self, body: Body, action: CallAction, index: int, away: bool = False) -> Done:
        """What has happened for certain when action number ``index`` of ``body`` returns;
        ``away``: the object of the one who asks has been left."""
        everything = self._code.widening.everything
        done = Done()
        for fact in self._known(body, action):
            if _waits(fact, action, certain=True):
                if fact.effect is Wait.IPI:
                    done = Done(everything, done.waited)
                elif fact.effect is Wait.GRACE_PERIOD:
                    done = Done(done.ipi, everything)
        if done != Done() or self._is_dispatched(action):
            return done
        doing = Done(everything, everything)
        covered = 0
        for target in self._code.targets(body, action, index):
            covered |= target.mask
            found = self._of_function(body, target, away)
            doing = Done(
                doing.ipi & (found.ipi | ~target.mask), doing.waited & (found.waited | ~target.mask)
            )
        return Done(doing.ipi & covered, doing.waited & covered)

    def _of_function(self, user: Body, target: FunctionRef, away: bool) -> Done:
        if not self._near(user, target, away):
            return Done()
        done = Done()
        away = away or target.unit != user.ref.unit
        for body in self._code.bodies(target):
            done = done.joined(self._of_body(body, away), body.mask)
        return done

    def _of_body(self, body: Body, away: bool) -> Done:
        key = (id(body), away)
        known = self._always.get(key)
        if known is None:
            self._always[key] = Done()
            known = Done()
            for index, action in enumerate(body.actions.actions):
                if isinstance(action, CallAction):
                    mask = self._code.widening.spread(action.mask)
                    mask &= unguarded(action.guards, self._code.widening)
                    if mask & ~(known.ipi & known.waited):
                        known = known.joined(self.always(body, action, index, away), mask)
            self._always[key] = known
        return known

    # --- to be shown ------------------------------------------------------------------------

    def shown(
        self, body: Body, action: CallAction, index: int, away: bool = False, depth: int = 0
    ) -> Summary:
        """The edges from a call to what waits, as the labels and carries of a summary."""
        mask = self._code.widening.spread(action.mask)
        facts = [fact for fact in self._known(body, action) if _waits(fact, action, certain=False)]
        if not facts and (self._is_dispatched(action) or not self._worthwhile(body, action, depth)):
            return NOTHING
        site = site_of(action.site.where)
        labels: dict[tuple[FunctionRef, str], Mask] = {}
        carries: dict[Carry, Mask] = {}
        for fact in facts:
            labels[body.ref, fact.effect.value] = mask
        for target in self._code.targets(body, action, index):
            where = mask & target.mask
            leads = where if facts else 0
            if not facts and self._near(body, target, away):
                for inner in self._code.bodies(target):
                    found = self._in_body(inner, away or target.unit != body.ref.unit, depth + 1)
                    for label, share in found.labels.items():
                        leads |= share & where
                        labels[label] = labels.get(label, 0) | (share & where)
                    for carry, share in found.carries.items():
                        carries[carry] = carries.get(carry, 0) | (share & where)
            if leads:
                carry = Carry(body.ref, site.where, site.macros, target.name, identity(target))
                carries[carry] = carries.get(carry, 0) | leads
        return Summary(labels=labels, carries=carries) if labels else NOTHING

    def _in_body(self, body: Body, away: bool, depth: int) -> Summary:
        key = (id(body), away, depth)
        known = self._shown.get(key)
        if known is None:
            self._shown[key] = NOTHING
            labels: dict[tuple[FunctionRef, str], Mask] = {}
            carries: dict[Carry, Mask] = {}
            for index, action in enumerate(body.actions.actions):
                if isinstance(action, CallAction):
                    found = self.shown(body, action, index, away, depth)
                    for label, mask in found.labels.items():
                        labels[label] = labels.get(label, 0) | mask
                    for carry, mask in found.carries.items():
                        carries[carry] = carries.get(carry, 0) | mask
            known = Summary(labels=labels, carries=carries) if labels else NOTHING
            self._shown[key] = known
        return known

    def _worthwhile(self, body: Body, action: CallAction, depth: int) -> bool:
        """Whether a call is looked into to be shown, within the limits."""
        if depth > MAX_SHOWN_DEPTH:
            return False
        if self._code.leaves(body, action) and action.site.kind is SiteKind.CALL:
            name = (body.item.path, action.site.name)
            if name not in self._lookups and len(self._lookups) >= MAX_LOOKUPS:
                return False
            self._lookups.add(name)
        return True

    # --- both -------------------------------------------------------------------------------

    def _known(self, body: Body, action: CallAction) -> Iterator[Synchronisation]:
        """What the function called, or a macro that brings the call, is known to do."""
        for name in (action.site.name, *site_of(action.site.where).macros):
            yield from self._code.knowledge.synchronisations(name)
        yield from self._code.waits_behind_macros(body).get(action.site.name, ())

    @staticmethod
    def _is_dispatched(action: CallAction) -> bool:
        """Whether a call goes through a pointer that no variable at file scope holds."""
        site = action.site
        if site.target is not None:
            return site.target.root is None
        return site.kind is SiteKind.INDIRECT

    def _near(self, user: Body, target: FunctionRef, away: bool) -> bool:
        """Whether a function is looked into."""
        if not target.name or target.location is None:
            return False
        if self._code.knowledge.boundary(target.name, target.location.file) is not None:
            return False
        return target.unit == user.ref.unit or (not away and self._code.may_wait(target))


def _waits(fact: Synchronisation, action: CallAction, *, certain: bool) -> bool:
    """Whether a call does what the fact says; with an argument that decides it, if that is
    known not to be 0 (or, unless ``certain``, may be anything else)."""
    index = fact.waits_argument
    if index is None or index >= len(action.arguments):
        return True
    argument = action.arguments[index]
    if isinstance(argument, Literal):
        return argument.value != 0
    return not certain
