"""Where control leaves a function: its calls, and what it hands over, in source order.

Values are followed only in functions that need it, which costs a second evaluation: those
that hand functions over, and those that allocate memory under conditions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from analyzer.callgraph.allocations import Allocations
from analyzer.callgraph.analysis import Definition, UnitAnalysis
from analyzer.callgraph.callbacks import Callbacks
from analyzer.callgraph.guard_words import GuardWords, WordedGuard
from analyzer.callgraph.handed import Handed
from analyzer.configset.configset import Mask
from analyzer.csource.action import CallAction, StoreAction
from analyzer.csource.sites import CallSite, FunctionFacts, Place, SiteKind
from analyzer.primitives.knowledge import Knowledge


@dataclass(frozen=True, slots=True)
class Exit:
    """A place where control leaves a function, now (``site``) or later (``handed``)."""

    where: Place
    mask: Mask
    guards: tuple[WordedGuard, ...]
    site: CallSite | None
    handed: tuple[Handed, ...] = ()


class Exits:
    """The exits of the functions of one unit."""

    __slots__ = ("_allocations", "_callbacks", "_words")

    def __init__(self, analysis: UnitAnalysis, knowledge: Knowledge) -> None:
        self._callbacks = Callbacks(analysis, knowledge)
        self._allocations = Allocations(analysis, knowledge)
        self._words = GuardWords(self._allocations, knowledge)

    def of(self, definition: Definition) -> Iterator[Exit]:
        """The calls of a definition, and the stores that bind a callback."""
        if not self._needs_values(definition.facts):
            for site in definition.facts.sites:
                if site.kind is not SiteKind.ADDRESS:
                    guards = self._words.plain(site.guards)
                    yield Exit(site.where, site.mask, guards, site)
            return
        actions = definition.actions
        guarded = self._words.of_actions(actions)
        for index, (action, guards) in enumerate(zip(actions.actions, guarded, strict=True)):
            if isinstance(action, CallAction):
                handed = tuple(self._callbacks.by_call(action, actions, index))
                yield Exit(action.site.where, action.mask, guards, action.site, handed)
            elif isinstance(action, StoreAction):
                handed = tuple(self._callbacks.by_store(action, actions, index))
                if handed:
                    yield Exit(action.where, action.mask, guards, None, handed)

    def _needs_values(self, facts: FunctionFacts) -> bool:
        if self._callbacks.may_hand_over(facts):
            return True
        guarded = any(site.guards for site in facts.sites)
        return guarded and self._allocations.allocate_in(facts)
