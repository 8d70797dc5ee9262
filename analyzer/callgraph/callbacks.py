"""Functions handed over to run later or elsewhere: what calls and stores do with them.

Which interfaces run a function, and in which context, is in the knowledge files
(:mod:`analyzer.callgraph.takers`); what an object holds that they are given instead is in
:mod:`analyzer.callgraph.holders`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyzer.callgraph.analysis import UnitAnalysis
from analyzer.callgraph.handed import Handed, stored
from analyzer.callgraph.holders import Holders
from analyzer.callgraph.leaves import leaves_of
from analyzer.callgraph.takers import Takers
from analyzer.configset.configset import Mask
from analyzer.csource.action import Action, CallAction, FunctionActions, StoreAction
from analyzer.csource.operand import (
    Address,
    Literal,
    Operand,
    Place,
    Step,
)
from analyzer.csource.sites import FunctionFacts, SiteKind
from analyzer.primitives.knowledge import Knowledge


class Callbacks:
    """What the functions of one unit hand over."""

    __slots__ = ("_holders", "_takers")

    def __init__(self, analysis: UnitAnalysis, knowledge: Knowledge) -> None:
        self._takers = Takers(analysis, knowledge)
        self._holders = Holders(analysis, knowledge, self._takers, self)

    def may_hand_over(self, facts: FunctionFacts) -> bool:
        """Whether a function may hand another one over: if not, nothing needs to be followed."""
        return any(
            site.kind is SiteKind.ADDRESS or (site.name and self._takers.of(site.name))
            for site in facts.sites
        )

    def by_call(self, call: CallAction, actions: FunctionActions, index: int) -> Iterator[Handed]:
        """What a call, action ``index``, hands over."""
        arguments = call.arguments
        before = actions.actions[:index]
        for taken in self._takers.of(call.site.name):
            if taken.parameter >= len(arguments):
                continue
            value = arguments[taken.parameter]
            if taken.struct is None:
                bound = None
                if taken.data is not None and taken.data < len(arguments):
                    bound = arguments[taken.data]
                yield from _leaves(value, call.mask, taken.context, before, bound)
            elif not isinstance(value, Literal) and not _initialised_here(value, actions):
                yield from self._holders.held(value, call.mask, taken)

    def by_store(
        self, store: StoreAction, actions: FunctionActions, index: int
    ) -> Iterator[Handed]:
        """The callbacks that a store, action ``index``, binds to an object."""
        for path, value in stored(store.place.path, store.value):
            context = self.context_of(path)
            if context is not None and not isinstance(value, Address | Literal):
                bound = Address(Place(store.place.root, path[:-1]))
                yield from _leaves(value, store.mask, context, actions.actions[:index], bound)

    def context_of(self, path: Sequence[Step]) -> str | None:
        """Where a function runs that is stored in the member that ``path`` ends at."""
        return self._takers.context_of(path)


def _leaves(
    value: Operand,
    mask: Mask,
    context: str,
    before: Sequence[Action],
    bound: Operand | None,
) -> Iterator[Handed]:
    """What ``value`` can be: both sides of a choice, what a local was given before."""
    found = list(leaves_of(value, mask, before, True))
    for leaf, where, certain in found:
        if where and not isinstance(leaf, Literal):
            yield Handed(leaf, where, context, certain, bound)


def _initialised_here(value: Operand, actions: FunctionActions) -> bool:
    """Whether the function itself stores into the object: the store says what it holds."""
    place = value.place if isinstance(value, Address) else Place(value)
    return any(
        isinstance(action, StoreAction)
        and action.place.root == place.root
        and action.place.path[: len(place.path)] == place.path
        for action in actions.actions
    )
