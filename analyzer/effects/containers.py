"""What becomes of the elements of a container: who takes them out, and where that runs.

The functions that load from a container are looked for in the unit that stored into it,
then in other units whose sources spell the member and the structure's tag. From one that
gives elements up the callers in the unit are followed upwards: to functions that are
handed to a callback, which then run there, and to those that other units can call, which
do not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from analyzer.callgraph.program import FunctionRef, identity
from analyzer.configset.configset import Mask
from analyzer.csource.action import CallAction
from analyzer.csource.operand import FunctionName
from analyzer.effects.code import Body, Code, site_of
from analyzer.effects.flow import Flow
from analyzer.effects.model import (
    GATHER,
    Carry,
    Container,
    HandOver,
    Kept,
    Link,
    Lost,
    Release,
    Summary,
    add,
    callback_free,
)
from analyzer.effects.primitives import functions_in
from analyzer.kbuild.objects import ObjectFile

MAX_LOADERS = 60
"""Functions of a unit, mentioning a member, that are looked into for what they take out."""
HOPS = 2
"""How many calls on one way from there into other objects are looked into."""
MAX_UNITS = 6
"""Other units that are looked into."""


@dataclass(slots=True)
class Fate:
    """What becomes of the elements: ``outside`` callbacks, or ``inside`` which contexts."""

    outside: Mask = 0
    inside: dict[str, Mask] = field(default_factory=dict)
    labels: dict[tuple[FunctionRef, str], Mask] = field(default_factory=dict)
    carries: dict[Carry, Mask] = field(default_factory=dict)
    lost: list[Lost] = field(default_factory=list)
    capped: bool = False

    def effects(self) -> dict[str, Mask]:
        """By name: what is released in a callback counts as such if all of it is."""
        found: dict[str, Mask] = {}
        add(found, GATHER, self.outside)
        for context, mask in self.inside.items():
            add(found, callback_free(context), mask & ~self.outside)
        return found


class Containers:
    """Remembers the containers that have been asked about."""

    def __init__(self, code: Code, flow: Flow) -> None:
        self._code = code
        self._flow = flow
        self._known: dict[tuple[Container, str, int], Fate] = {}
        self._elsewhere: dict[tuple[Container, str], Fate] = {}

    def fates(self, container: Container, units: Sequence[str]) -> Iterator[Fate]:
        """What becomes of what is stored in ``container`` by the first of ``units``, the others
        being those that it came through: as the functions of these do by themselves, as they
        do with what they call in other objects, as other units do. Each costs more than the
        one before."""
        for unit in units:
            yield self.near(container, unit)
        for unit in units:
            yield self._of(container, unit, HOPS)
        yield self.elsewhere(container, units[0])

    def near(self, container: Container, unit: str) -> Fate:
        """What the functions of ``unit`` do by themselves."""
        return self._of(container, unit, 0)

    def elsewhere(self, container: Container, unit: str) -> Fate:
        """What becomes of it in other units than ``unit``; ``capped`` if there are too many."""
        key = (container, unit)
        known = self._elsewhere.get(key)
        if known is None:
            fate = Fate()
            item = self._code.unit(unit)
            if item is not None:
                words = [_word(container)]
                if container.tag is not None:
                    words.append(container.tag)
                others = self._code.sources_with(item, *words)
                fate.capped = len(others) > MAX_UNITS
                for other in others[:MAX_UNITS]:
                    self._collect(fate, container, other, 0)
            known = self._elsewhere[key] = fate
        return known

    def _of(self, container: Container, unit: str, hops: int) -> Fate:
        key = (container, unit, hops)
        known = self._known.get(key)
        if known is None:
            self._known[key] = Fate()
            known = self._known[key] = self._search(container, unit, hops)
        return known

    def _search(self, container: Container, unit: str, hops: int) -> Fate:
        fate = Fate()
        item = self._code.unit(unit)
        if item is not None:
            self._collect(fate, container, item, hops)
        return fate

    def _collect(self, fate: Fate, container: Container, item: ObjectFile, hops: int) -> None:
        names = self._code.mentioning(item, _word(container))
        fate.capped |= len(names) > MAX_LOADERS
        for name in names[:MAX_LOADERS]:
            for body in self._code.in_unit(item, name):
                summary = self._flow.summary(body, (), container, hops)
                if any(not isinstance(e, Kept | Lost) for e in summary.events):
                    _Upwards(self._code, self._flow, fate, item).follow(body, summary)


def _word(container: Container) -> str:
    """What is spelled where something is taken out of a container."""
    return container.path[-1] if isinstance(container, Link) else container.member


class _Upwards:
    """From a function that gives elements up to where it runs."""

    def __init__(self, code: Code, flow: Flow, fate: Fate, item: ObjectFile) -> None:
        self._code = code
        self._flow = flow
        self._fate = fate
        self._item = item

    def follow(self, body: Body, summary: Summary) -> None:
        """Add to the fate what ``body`` does with elements, and where."""
        released = 0
        handed: dict[str, Mask] = {}
        for event in summary.events:
            if isinstance(event, Release):
                released |= event.mask
            elif isinstance(event, HandOver):
                add(handed, event.context, event.mask)
        self._inner(summary)
        outside = self._reach(body, released, set())
        self._fate.outside |= outside
        for context, mask in handed.items():
            add(self._fate.inside, context, mask)
            self._reach(body, mask, set())
        for event in summary.events:
            if isinstance(event, Release):
                self._label(event.at, GATHER, event.mask & outside)
                inside = event.mask & ~outside
                self._label(event.at, event.gone.effect, inside)
            elif isinstance(event, HandOver):
                self._label(event.at, callback_free(event.context), event.mask)

    def _inner(self, summary: Summary) -> None:
        for label, mask in summary.labels.items():
            self._fate.labels[label] = self._fate.labels.get(label, 0) | mask
        for carry, mask in summary.carries.items():
            self._fate.carries[carry] = self._fate.carries.get(carry, 0) | mask

    def _reach(self, body: Body, mask: Mask, above: set[Body]) -> Mask:
        """Where in ``mask`` ``body`` runs outside of callbacks; notes the contexts it has
        otherwise, and the edges that lead to it."""
        mask &= body.mask
        if not mask or body in above:
            return 0
        above = above | {body}
        called = 0
        outside = 0
        inside = 0
        for use in self._uses(body):
            where = use.mask & mask
            if not where:
                continue
            if use.context is None:
                called |= where
                outside |= self._reach(use.user, where, above)
            else:
                inside |= where
                add(self._fate.inside, use.context, where)
                self._label(use.user.ref, callback_free(use.context), where)
                self._reach_edges(use.user, where, above)
            for carry in use.carries:
                self._fate.carries[carry] = self._fate.carries.get(carry, 0) | where
            shown = self._flow.waits_before(use.user, use.index, where)
            self._inner(shown)
        if not body.ref.static or not (called | inside):
            outside |= mask & ~(inside & ~called)
        return outside

    def _reach_edges(self, body: Body, mask: Mask, above: set[Body]) -> None:
        """The edges that lead to where something is handed over."""
        fate = self._fate
        inside = dict(fate.inside)
        self._reach(body, mask, above)
        fate.inside.clear()
        fate.inside.update(inside)

    def _label(self, ref: FunctionRef, effect: str, mask: Mask) -> None:
        if mask:
            key = (ref, effect)
            self._fate.labels[key] = self._fate.labels.get(key, 0) | mask

    def _uses(self, body: Body) -> Iterator[_Use]:
        """Who calls ``body`` in the unit, or hands it to a callback."""
        name = body.ref.name
        for user_name in self._code.mentioning(self._item, name):
            if user_name == name:
                continue
            for user in self._code.in_unit(self._item, user_name):
                yield from self._uses_in(user, body)

    def _uses_in(self, user: Body, body: Body) -> Iterator[_Use]:
        name = body.ref.name
        for index, action in enumerate(user.actions.actions):
            if not isinstance(action, CallAction):
                continue
            mask = self._code.widening.spread(action.mask)
            if action.site.name == name:
                site = site_of(action.site.where)
                ref = identity(body.ref)
                carry = Carry(user.ref, site.where, site.macros, name, ref)
                yield _Use(user, index, mask, None, (carry,))
            elif any(argument == FunctionName(name) for argument in _flat(action)):
                yield from self._handed(user, index, action, name)

    def _handed(self, user: Body, index: int, action: CallAction, name: str) -> Iterator[_Use]:
        site = site_of(action.site.where)
        for callback in self._code.knowledge.callbacks(action.site.name):
            if callback.function < len(action.arguments):
                mask = self._code.widening.spread(action.mask)
                operand = action.arguments[callback.function]
                for where, each in functions_in(operand, mask, self._code.widening):
                    if each == name:
                        context = self._code.knowledge.context(callback.context)
                        carries = tuple(
                            Carry(user.ref, site.where, site.macros, name, identity(target))
                            for target in self._code.named(user, name, where)
                        )
                        runs = None if context.here else callback.context
                        yield _Use(user, index, where, runs, carries)


@dataclass(frozen=True, slots=True)
class _Use:
    """``user`` calls a function (``context`` None), or hands it over to run in one."""

    user: Body
    index: int
    mask: Mask
    context: str | None
    carries: tuple[Carry, ...]


def _flat(action: CallAction) -> Iterator[object]:
    for argument in action.arguments:
        yield argument
        yield from getattr(argument, "alternatives", ())
