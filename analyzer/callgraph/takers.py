"""Which functions take a function, or an object that holds one, to run it.

The knowledge files name the interfaces. A function of the unit that merely passes one of its
parameters on to such an interface is one itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.callgraph.analysis import Definition, UnitAnalysis
from analyzer.csource.action import CallAction, StoreAction
from analyzer.csource.operand import Field, Load, Operand, Step, Storage, Variable
from analyzer.csource.syntax import (
    Declaration,
    FunctionType,
    Pointer,
    Qualified,
    Tagged,
    TypedefName,
    TypeSyntax,
)
from analyzer.primitives.knowledge import Knowledge

MAX_WRAPPERS = 8
"""How many functions deep a parameter is followed into an interface."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A parameter that runs in ``context``, or that holds what runs.

    ``struct``: the structure that holds it, None for the function itself. ``data``: the
    parameter with the object that the function is bound to, if one is.
    """

    parameter: int
    context: str
    struct: str | None = None
    data: int | None = None


class Takers:
    """What the functions known in one unit take."""

    __slots__ = ("_analysis", "_knowledge", "_members", "_taken")

    def __init__(self, analysis: UnitAnalysis, knowledge: Knowledge) -> None:
        self._analysis = analysis
        self._knowledge = knowledge
        self._members = frozenset(holder.member for holder in knowledge.holders())
        self._taken: dict[str, tuple[Taken, ...]] = {}

    def context_of(self, path: Sequence[Step]) -> str | None:
        """Where a function runs that is stored in the member that ``path`` ends at."""
        step = path[-1] if path else None
        if not isinstance(step, Field) or step.tag is None or step.name not in self._members:
            return None
        holder = self._knowledge.holder(step.tag, step.name)
        return None if holder is None else holder.context

    def of(self, name: str, depth: int = 0) -> tuple[Taken, ...]:
        """The parameters of function ``name`` that run, or that hold what runs."""
        known = self._taken.get(name)
        if known is None:
            self._taken[name] = ()
            known = self._taken[name] = self._known(name) or self._derived(name, depth)
        return known

    def _known(self, name: str) -> tuple[Taken, ...]:
        callbacks = self._knowledge.callbacks(name)
        starters = self._knowledge.starters(name)
        return (
            *(
                Taken(callback.function, callback.context, None, callback.data)
                for callback in callbacks
            ),
            *(
                Taken(starter.object, context, starter.struct)
                for starter in starters
                for context in self._knowledge.contexts_of(starter.struct)
            ),
        )

    def _derived(self, name: str, depth: int) -> tuple[Taken, ...]:
        if depth >= MAX_WRAPPERS:
            return ()
        found: dict[Taken, None] = {}
        for definition in self._analysis.definitions(name):
            open_to = self._suitable(definition)
            if not open_to:
                continue
            for action in definition.actions.actions:
                if isinstance(action, CallAction):
                    numbers = [_parameter(argument) for argument in action.arguments]
                    if not any(number in open_to for number in numbers):
                        continue
                    for taken in self.of(action.site.name, depth + 1):
                        number = dict(enumerate(numbers)).get(taken.parameter)
                        if number is not None and number in open_to:
                            found[Taken(number, taken.context, taken.struct)] = None
                elif isinstance(action, StoreAction):
                    context = self.context_of(action.place.path)
                    number = _parameter(action.value)
                    if context is not None and number is not None and number in open_to:
                        found[Taken(number, context)] = None
        return tuple(found)

    def _suitable(self, definition: Definition) -> set[int]:
        """The parameters that are functions, or objects that can hold one that runs."""
        return {
            number
            for number, parameter in enumerate(definition.syntax.type.parameters)
            if self._is_suitable(parameter.type)
        }

    def _is_suitable(self, type_: TypeSyntax, depth: int = 0) -> bool:
        while isinstance(type_, Qualified | Pointer):
            type_ = type_.type if isinstance(type_, Qualified) else type_.target
        if isinstance(type_, TypedefName) and depth < MAX_WRAPPERS:
            return any(
                isinstance(found.statement, Declaration)
                and self._is_suitable(found.statement.declarators[found.index].type, depth + 1)
                for found in self._analysis.opened.unit.ordinary(type_.name)
            )
        if isinstance(type_, Tagged):
            return type_.tag is not None and bool(self._knowledge.contexts_of(type_.tag))
        return isinstance(type_, FunctionType)


def _parameter(value: Operand) -> int | None:
    """The number of the parameter that ``value`` is."""
    if isinstance(value, Load) and not value.place.path:
        root = value.place.root
        if isinstance(root, Variable) and root.storage is Storage.PARAMETER:
            return root.number
    return None
