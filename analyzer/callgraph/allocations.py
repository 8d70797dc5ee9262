"""Conditions that ask whether an allocation failed.

A condition asks so if it compares with null (or by ``IS_ERR``) what an allocating function
returned, directly or through the last store before it. Allocating are the functions that
the knowledge files name, and those of the unit that return what such a function returned.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from analyzer.callgraph.analysis import UnitAnalysis
from analyzer.configset.configset import Mask
from analyzer.csource.action import Action, CallAction, FunctionActions, ReturnAction, StoreAction
from analyzer.csource.operand import (
    Choice,
    Derived,
    Literal,
    Load,
    Operand,
    Place,
    Result,
    Varying,
)
from analyzer.csource.sites import FunctionFacts
from analyzer.csource.syntax import Pointer, TypedefName
from analyzer.primitives.knowledge import Knowledge
from analyzer.primitives.model import PredicateKind

MAX_STEPS = 8
"""How many stores, and how many functions, a result is followed through."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the answers to a condition say of an allocation, each by the configurations.

    ``failed_if_true``: where the allocation failed if the condition holds; and so on.
    ``tested`` is the value compared, where it is one only.
    """

    failed_if_true: Mask = 0
    worked_if_true: Mask = 0
    failed_if_false: Mask = 0
    worked_if_false: Mask = 0
    tested: Operand | None = None

    def negated(self) -> Outcome:
        """What the answers to the negated condition say."""
        return Outcome(
            self.failed_if_false,
            self.worked_if_false,
            self.failed_if_true,
            self.worked_if_true,
            self.tested,
        )


class Allocations:
    """Tells outcomes of conditions in the functions of one unit."""

    __slots__ = ("_allocating", "_analysis", "_knowledge")

    def __init__(self, analysis: UnitAnalysis, knowledge: Knowledge) -> None:
        self._analysis = analysis
        self._knowledge = knowledge
        self._allocating: dict[str, Mask] = {}

    def allocate_in(self, facts: FunctionFacts) -> bool:
        """Whether a function calls an allocating one."""
        return any(site.name and self.allocating(site.name) & site.mask for site in facts.sites)

    def allocating(self, name: str, depth: int = 0) -> Mask:
        """Where function ``name`` returns memory, or that there is none."""
        if self._knowledge.allocation(name) is not None:
            return -1
        known = self._allocating.get(name)
        if known is None:
            if depth >= MAX_STEPS:
                return 0
            self._allocating[name] = 0
            known = self._allocating[name] = self._returns_memory(name, depth)
        return known

    def outcome(
        self, condition: Operand, mask: Mask, actions: FunctionActions, index: int
    ) -> Outcome:
        """What ``condition``, evaluated just before action ``index``, says where ``mask``."""
        return self._outcome(condition, mask, actions.actions, index)

    def tests_null(self, condition: Operand) -> Operand | None:
        """The value that is null where ``condition`` holds, if that is all that it asks."""
        negated = False
        while isinstance(condition, Derived) and condition.operator == "!":
            negated = not negated
            condition = condition.operands[0]
        if isinstance(condition, Derived) and condition.operator in {"==", "!="}:
            value = _against_null(condition)
            return value if negated is (condition.operator == "!=") else None
        return condition if negated else None

    # --- functions that allocate ------------------------------------------------------

    def _returns_memory(self, name: str, depth: int) -> Mask:
        result = 0
        for definition in self._analysis.definitions(name):
            if not isinstance(definition.syntax.type.result, Pointer | TypedefName):
                continue
            sites = definition.facts.sites
            if not any(site.name and self.allocating(site.name, depth + 1) for site in sites):
                continue
            actions = definition.actions.actions
            for index, action in enumerate(actions):
                if isinstance(action, ReturnAction) and action.value is not None:
                    result |= self._memory(action.value, action.mask, actions, index)
        return result

    def _memory(
        self,
        value: Operand,
        mask: Mask,
        actions: tuple[Action, ...],
        index: int,
        steps: int = 0,
    ) -> Mask:
        """Where ``value``, as of action ``index``, may be the result of an allocation."""
        if steps > MAX_STEPS or not mask:
            return 0
        if isinstance(value, Result):
            call = actions[value.action]
            return mask & self.allocating(call.site.name) if isinstance(call, CallAction) else 0
        result = 0
        if isinstance(value, Choice):
            for arm in (value.then, value.otherwise):
                result |= self._memory(arm, mask, actions, index, steps + 1)
        elif isinstance(value, Varying):
            for share, one in value.alternatives:
                result |= self._memory(one, mask & share, actions, index, steps + 1)
        elif isinstance(value, Load):
            for at, store, share in _last_stores(value.place, mask, actions, index):
                result |= self._memory(store.value, share, actions, at, steps + 1)
        return result

    # --- conditions -------------------------------------------------------------------

    def _outcome(
        self, condition: Operand, mask: Mask, actions: tuple[Action, ...], index: int
    ) -> Outcome:
        if isinstance(condition, Derived):
            operator = condition.operator
            if operator == "!":
                return self._outcome(condition.operands[0], mask, actions, index).negated()
            if operator in {"==", "!="}:
                value = _against_null(condition)
                if value is None:
                    return Outcome()
                inner = self._outcome(value, mask, actions, index)
                return inner if operator == "!=" else inner.negated()
            if operator in {"&&", "||"}:
                return self._combined(condition, mask, actions, index)
            return Outcome()
        memory = self._memory(condition, mask, actions, index)
        if memory:
            return Outcome(0, memory, memory, 0, condition)
        return self._by_predicate(condition, mask, actions)

    def _combined(
        self, condition: Derived, mask: Mask, actions: tuple[Action, ...], index: int
    ) -> Outcome:
        """Of ``a && b`` both hold where it does; of ``a || b`` neither where it does not."""
        if condition.operator == "||":
            negated = Derived("&&", tuple(Derived("!", (one,)) for one in condition.operands))
            return self._combined(negated, mask, actions, index).negated()
        parts = [self._outcome(one, mask, actions, index) for one in condition.operands]
        true_failed = true_worked = 0
        false_failed = false_worked = mask
        for part in parts:
            true_failed |= part.failed_if_true
            true_worked |= part.worked_if_true
            false_failed &= part.failed_if_false
            false_worked &= part.worked_if_false
        return Outcome(true_failed, true_worked & ~true_failed, false_failed, false_worked)

    def _by_predicate(self, condition: Operand, mask: Mask, actions: tuple[Action, ...]) -> Outcome:
        if not isinstance(condition, Result):
            return Outcome()
        call = actions[condition.action]
        if not isinstance(call, CallAction):
            return Outcome()
        predicate = self._knowledge.predicate(call.site.name)
        if predicate is None or predicate.kind is not PredicateKind.FAILURE:
            return Outcome()
        if predicate.argument >= len(call.arguments):
            return Outcome()
        value = call.arguments[predicate.argument]
        memory = self._memory(value, mask, actions, condition.action)
        return Outcome(memory, 0, 0, memory, value if memory else None)


def _against_null(condition: Derived) -> Operand | None:
    """What is compared with null or 0."""
    left, right = condition.operands
    if right == Literal(0):
        return left
    return right if left == Literal(0) else None


def _last_stores(
    place: Place, mask: Mask, actions: tuple[Action, ...], index: int
) -> Iterator[tuple[int, StoreAction, Mask]]:
    """The last stores to ``place`` before action ``index``, each where it is the last."""
    for at in range(index - 1, -1, -1):
        action = actions[at]
        if isinstance(action, StoreAction) and action.place == place and action.mask & mask:
            yield at, action, action.mask & mask
            mask &= ~action.mask
            if not mask:
                return
