"""Where control leaves a function: its calls, and what it hands over, in source order.

Values are followed only in functions that need it, which costs a second evaluation: those
that hand functions over, and those that allocate memory under conditions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from analyzer.callgraph.allocations import Allocations
from analyzer.callgraph.analysis import Definition, UnitAnalysis
from analyzer.callgraph.callbacks import Callbacks
from analyzer.callgraph.cpufeatures import CpuFeatures
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

    __slots__ = ("_allocations", "_callbacks", "_features", "_words")

    def __init__(self, analysis: UnitAnalysis, knowledge: Knowledge) -> None:
        self._callbacks = Callbacks(analysis, knowledge)
        self._allocations = Allocations(analysis, knowledge)
        self._words = GuardWords(self._allocations, knowledge)
        self._features = CpuFeatures(analysis.opened.unit.table, knowledge)

    def of(self, definition: Definition) -> Iterator[Exit]:
        """The calls of a definition, and the stores that bind a callback."""
        if not self._needs_values(definition.facts):
            for site in definition.facts.sites:
                if site.kind is not SiteKind.ADDRESS:
                    for mask, words in self._words.plain(site.guards, site.mask):
                        here = replace(site, mask=mask)
                        guards = (*words, *self._features.guards(here))
                        yield Exit(site.where, mask, guards, here)
        else:
            yield from self._followed(definition)

    def _followed(self, definition: Definition) -> Iterator[Exit]:
        actions = definition.actions
        guarded = self._words.of_actions(actions)
        for index, (action, shares) in enumerate(zip(actions.actions, guarded, strict=True)):
            site: CallSite | None = None
            handed: tuple[Handed, ...] = ()
            if isinstance(action, CallAction):
                site = action.site
                where = site.where
                handed = tuple(self._callbacks.by_call(action, actions, index))
            elif isinstance(action, StoreAction):
                where = action.where
                handed = tuple(self._callbacks.by_store(action, actions, index))
            if site is None and not handed:
                continue
            for mask, guards in shares:
                here = None if site is None else replace(site, mask=mask)
                if site is not None:
                    guards = (*guards, *self._features.guards(site))
                part = tuple(
                    replace(one, mask=one.mask & mask) for one in handed if one.mask & mask
                )
                yield Exit(where, mask, guards, here, part)

    def _needs_values(self, facts: FunctionFacts) -> bool:
        if self._callbacks.may_hand_over(facts):
            return True
        guarded = any(site.guards for site in facts.sites)
        return guarded and self._allocations.allocate_in(facts)
