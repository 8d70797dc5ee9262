"""Which function an object holds when an interface makes it run.

An object at file scope may start with one. Of another one, or one that starts empty, the
functions are candidates that the unit binds anywhere to the same variable, or to the same
member of the same structure (``INIT_WORK(&dev->work, f)`` for ``queue_work(wq, &dev->work)``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

from analyzer.callgraph.analysis import UnitAnalysis
from analyzer.callgraph.handed import Handed, stored
from analyzer.callgraph.takers import Taken, Takers
from analyzer.configset.configset import Mask
from analyzer.csource.action import CallAction, FunctionActions, StoreAction
from analyzer.csource.operand import (
    Address,
    Field,
    FunctionName,
    Literal,
    Opaque,
    Operand,
    Place,
    Storage,
    Variable,
)
from analyzer.csource.sites import FunctionFacts
from analyzer.csource.wording import operand_words, place_words
from analyzer.primitives.knowledge import Knowledge

MAX_BINDERS = 24
"""Functions of a unit that may bind callbacks to one object before it counts as unknown."""


class Binder(Protocol):
    """Tells what calls and stores bind."""

    def may_hand_over(self, facts: FunctionFacts) -> bool:
        """Whether a function may bind a callback at all."""

    def by_call(self, call: CallAction, actions: FunctionActions, index: int) -> Iterator[Handed]:
        """What a call, action ``index``, hands over."""

    def by_store(
        self, store: StoreAction, actions: FunctionActions, index: int
    ) -> Iterator[Handed]:
        """The callbacks that a store, action ``index``, binds to an object."""


class Holders:
    """The objects of one unit that hold callbacks."""

    __slots__ = ("_analysis", "_binder", "_found", "_knowledge", "_takers")

    def __init__(
        self, analysis: UnitAnalysis, knowledge: Knowledge, takers: Takers, binder: Binder
    ) -> None:
        self._analysis = analysis
        self._knowledge = knowledge
        self._takers = takers
        self._binder = binder
        self._found: dict[tuple[Variable | Field, str], tuple[Handed, ...]] = {}

    def held(self, value: Operand, mask: Mask, taken: Taken) -> Iterator[Handed]:
        """What the object runs that ``value`` is the address of."""
        left = unknown = mask
        if isinstance(value, Address):
            for handed in self._initial(value.place, mask, taken):
                left &= ~handed.mask
                yield handed
            key = _identity(value.place)
            for handed in () if key is None else self._bound(key, taken.context):
                where = handed.mask & left
                if where:
                    yield Handed(handed.value, where, taken.context, certain=False)
                    unknown &= ~where
        if left & unknown:
            words = Opaque(self._words(value, taken))
            yield Handed(words, left & unknown, taken.context, certain=False)

    def _initial(self, place: Place, mask: Mask, taken: Taken) -> Iterator[Handed]:
        root = place.root
        if not isinstance(root, Variable) or root.storage is not Storage.FILE:
            return
        names = tuple(step.name for step in place.path if isinstance(step, Field))
        for known in self._analysis.objects(root.name):
            for path, leaf in stored((), known.value):
                inside = tuple(step.name for step in path if isinstance(step, Field))
                if inside[: len(names)] != names or isinstance(leaf, Literal):
                    continue
                where = known.mask & mask
                if where and self._takers.context_of(path) == taken.context:
                    yield Handed(leaf, where, taken.context, certain=True)

    def _bound(self, key: Variable | Field, context: str) -> tuple[Handed, ...]:
        known = self._found.get((key, context))
        if known is None:
            self._found[key, context] = ()
            known = self._found[key, context] = tuple(self._search(key, context))
        return known

    def _search(self, key: Variable | Field, context: str) -> Iterator[Handed]:
        """The functions that the unit binds to the object(s) of ``key``."""
        before = "" if isinstance(key, Variable) else r"(?:\.|->)\s*"
        pattern = re.compile(rf"{before}\b{re.escape(key.name)}\b")
        names = list(dict.fromkeys(self._analysis.opened.unit.spelling(pattern)))
        binders = [
            definition
            for name in names
            for definition in self._analysis.definitions(name)
            if self._binder.may_hand_over(definition.facts)
        ]
        if len(binders) > MAX_BINDERS:
            return
        found: dict[str, Handed] = {}
        for definition in binders:
            for handed in self._handed(definition.actions):
                value = handed.value
                if (
                    isinstance(value, FunctionName)
                    and handed.context == context
                    and _is_bound_to(handed.bound, key)
                ):
                    known = found.get(value.name)
                    mask = handed.mask | (0 if known is None else known.mask)
                    found[value.name] = Handed(value, mask, context, certain=False)
        yield from found.values()

    def _handed(self, actions: FunctionActions) -> Iterator[Handed]:
        for index, action in enumerate(actions.actions):
            if isinstance(action, CallAction):
                yield from self._binder.by_call(action, actions, index)
            elif isinstance(action, StoreAction):
                yield from self._binder.by_store(action, actions, index)

    def _words(self, value: Operand, taken: Taken) -> str:
        """The function that an object holds, as an expression of C."""
        for holder in self._knowledge.holders():
            if holder.name == taken.struct:
                if isinstance(value, Address):
                    return f"{place_words(value.place)}.{holder.member}"
                return f"{operand_words(value)}->{holder.member}"
        return operand_words(value)


def _identity(place: Place) -> Variable | Field | None:
    """What tells an object apart in its unit: its variable, or the member that it is."""
    for step in reversed(place.path):
        if isinstance(step, Field):
            return None if step.tag is None else step
    root = place.root
    return root if isinstance(root, Variable) and root.storage is Storage.FILE else None


def _is_bound_to(bound: Operand | None, key: Variable | Field) -> bool:
    """Whether a callback was bound to an object of ``key``, or to a member of one."""
    if not isinstance(bound, Address):
        return False
    steps = [step for step in bound.place.path if isinstance(step, Field)]
    if isinstance(key, Field):
        return key in steps[-2:]
    return bound.place.root == key and len(steps) < 2
