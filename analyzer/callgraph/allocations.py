"""Conditions that ask whether an allocation failed.

A condition asks so if it compares with null (or by ``IS_ERR``) what an allocating function
returned, directly or through the last store before it. Allocating are the functions that
the knowledge files name, and those of the unit that return what such a function returned.
"""

from __future__ import annotations

from dataclasses import dataclass

from analyzer.callgraph.analysis import UnitAnalysis
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
    """What each answer to a condition says of an allocation: True if it failed, False if
    it did not, None if nothing. ``tested`` is the value compared, where it is one only."""

    true: bool | None = None
    false: bool | None = None
    tested: Operand | None = None

    def __bool__(self) -> bool:
        return self.true is not None or self.false is not None


class Allocations:
    """Tells outcomes of conditions in the functions of one unit."""

    __slots__ = ("_allocating", "_analysis", "_knowledge")

    def __init__(self, analysis: UnitAnalysis, knowledge: Knowledge) -> None:
        self._analysis = analysis
        self._knowledge = knowledge
        self._allocating: dict[str, bool] = {}

    def allocate_in(self, facts: FunctionFacts) -> bool:
        """Whether a function calls an allocating one."""
        return any(site.name and self.allocating(site.name) for site in facts.sites)

    def allocating(self, name: str, depth: int = 0) -> bool:
        """Whether function ``name`` returns memory, or that there is none."""
        if self._knowledge.allocation(name) is not None:
            return True
        known = self._allocating.get(name)
        if known is None and depth < MAX_STEPS:
            self._allocating[name] = False
            known = self._allocating[name] = self._returns_memory(name, depth)
        return bool(known)

    def outcome(self, condition: Operand, actions: FunctionActions, index: int) -> Outcome:
        """What ``condition``, evaluated just before action ``index``, says."""
        return self._outcome(condition, actions.actions, index)

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

    def _returns_memory(self, name: str, depth: int) -> bool:
        for definition in self._analysis.definitions(name):
            if not isinstance(definition.syntax.type.result, Pointer | TypedefName):
                continue
            if not any(
                site.name and self.allocating(site.name, depth + 1)
                for site in definition.facts.sites
            ):
                continue
            actions = definition.actions.actions
            for index, action in enumerate(actions):
                value = action.value if isinstance(action, ReturnAction) else None
                if value is not None and self._is_memory(value, actions, index):
                    return True
        return False

    def _is_memory(
        self, value: Operand, actions: tuple[Action, ...], index: int, steps: int = 0
    ) -> bool:
        """Whether ``value``, as of action ``index``, may be the result of an allocation."""
        if steps > MAX_STEPS:
            return False
        if isinstance(value, Result):
            call = actions[value.action]
            return isinstance(call, CallAction) and self.allocating(call.site.name)
        if isinstance(value, Choice):
            arms = (value.then, value.otherwise)
            return any(self._is_memory(arm, actions, index, steps + 1) for arm in arms)
        if isinstance(value, Varying):
            parts = (one for _, one in value.alternatives)
            return any(self._is_memory(one, actions, index, steps + 1) for one in parts)
        if isinstance(value, Load):
            found = _last_store(value.place, actions, index)
            if found is not None:
                at, store = found
                return self._is_memory(store.value, actions, at, steps + 1)
        return False

    # --- conditions -------------------------------------------------------------------

    def _outcome(self, condition: Operand, actions: tuple[Action, ...], index: int) -> Outcome:
        if isinstance(condition, Derived):
            operator = condition.operator
            if operator == "!":
                inner = self._outcome(condition.operands[0], actions, index)
                return Outcome(inner.false, inner.true, inner.tested)
            if operator in {"==", "!="}:
                value = _against_null(condition)
                if value is None:
                    return Outcome()
                inner = self._outcome(value, actions, index)
                if operator == "!=":
                    return inner
                return Outcome(inner.false, inner.true, inner.tested)
            if operator in {"&&", "||"}:
                return self._combined(condition, actions, index)
            return Outcome()
        if self._is_memory(condition, actions, index):
            return Outcome(False, True, condition)
        return self._by_predicate(condition, actions)

    def _combined(self, condition: Derived, actions: tuple[Action, ...], index: int) -> Outcome:
        """Of ``a && b`` both hold where it does; of ``a || b`` neither where it does not."""
        parts = [self._outcome(operand, actions, index) for operand in condition.operands]
        both = condition.operator == "&&"
        sure = [part.true if both else part.false for part in parts]
        known = next((one for one in sure if one is not None), None)
        other = [part.false if both else part.true for part in parts]
        unsure = other[0] if len(set(other)) == 1 else None
        return Outcome(known, unsure) if both else Outcome(unsure, known)

    def _by_predicate(self, condition: Operand, actions: tuple[Action, ...]) -> Outcome:
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
        if self._is_memory(value, actions, condition.action):
            return Outcome(True, False, value)
        return Outcome()


def _against_null(condition: Derived) -> Operand | None:
    """What is compared with null or 0."""
    left, right = condition.operands
    if right == Literal(0):
        return left
    return right if left == Literal(0) else None


def _last_store(
    place: Place, actions: tuple[Action, ...], index: int
) -> tuple[int, StoreAction] | None:
    for at in range(index - 1, -1, -1):
        action = actions[at]
        if isinstance(action, StoreAction) and action.place == place:
            return at, action
    return None
