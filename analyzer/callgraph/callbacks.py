"""Functions handed over to run later or elsewhere: what calls and stores do with them.

Which interfaces run a function, and in which context, is in the knowledge files. A function
that merely passes one of its parameters on to such an interface is one itself, as far as
its body can be seen in the unit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analyzer.callgraph.analysis import Definition, UnitAnalysis
from analyzer.configset.configset import Mask
from analyzer.csource.action import Action, CallAction, FunctionActions, StoreAction
from analyzer.csource.operand import (
    Address,
    Aggregate,
    Choice,
    Field,
    Literal,
    Load,
    Opaque,
    Operand,
    Place,
    Step,
    Storage,
    Variable,
    Varying,
)
from analyzer.csource.sites import CallSite, FunctionFacts, GuardFact, SiteKind
from analyzer.csource.sites import Place as Where
from analyzer.csource.syntax import (
    Declaration,
    FunctionType,
    Pointer,
    Qualified,
    Tagged,
    TypedefName,
    TypeSyntax,
)
from analyzer.csource.wording import operand_words, place_words
from analyzer.primitives.knowledge import Knowledge

MAX_WRAPPERS = 8
"""How many functions deep a parameter is followed into an interface."""


@dataclass(frozen=True, slots=True)
class Handed:
    """A value handed over where ``mask``, to run in ``context``.

    ``certain``: no other value can be handed over in its place.
    """

    value: Operand
    mask: Mask
    context: str
    certain: bool


@dataclass(frozen=True, slots=True)
class Exit:
    """A place where control leaves a function, now (``site``) or later (``handed``)."""

    where: Where
    mask: Mask
    guards: tuple[GuardFact, ...]
    site: CallSite | None
    handed: tuple[Handed, ...] = ()


@dataclass(frozen=True, slots=True)
class _Taken:
    """A parameter that a function passes on; ``member`` if it is an object that holds the
    function, else the function itself."""

    parameter: int
    context: str
    struct: str | None = None


class Callbacks:
    """What the functions of one unit hand over."""

    __slots__ = ("_analysis", "_knowledge", "_members", "_taken")

    def __init__(self, analysis: UnitAnalysis, knowledge: Knowledge) -> None:
        self._analysis = analysis
        self._knowledge = knowledge
        self._members = frozenset(holder.member for holder in knowledge.holders())
        self._taken: dict[str, tuple[_Taken, ...]] = {}

    def exits(self, definition: Definition) -> Iterator[Exit]:
        """The calls of a definition, and the stores that bind a callback, in source order."""
        if not self._may_hand_over(definition.facts):
            for site in definition.facts.sites:
                if site.kind is not SiteKind.ADDRESS:
                    yield Exit(site.where, site.mask, site.guards, site)
            return
        actions = definition.actions
        for index, action in enumerate(actions.actions):
            if isinstance(action, CallAction):
                handed = tuple(self._by_call(action, actions, index))
                yield Exit(action.site.where, action.mask, action.guards, action.site, handed)
            elif isinstance(action, StoreAction):
                handed = tuple(self._by_store(action, actions, index))
                if handed:
                    yield Exit(action.where, action.mask, action.guards, None, handed)

    def _may_hand_over(self, facts: FunctionFacts) -> bool:
        return any(
            site.kind is SiteKind.ADDRESS or (site.name and self._takes(site.name))
            for site in facts.sites
        )

    # --- what is handed over ----------------------------------------------------------

    def _by_call(self, call: CallAction, actions: FunctionActions, index: int) -> Iterator[Handed]:
        site = call.site
        for taken in self._takes(site.name):
            if taken.parameter >= len(call.arguments):
                continue
            value = call.arguments[taken.parameter]
            if taken.struct is None:
                yield from _leaves(value, call.mask, taken.context, actions.actions[:index])
            else:
                yield from self._held(value, call.mask, taken, actions)

    def _by_store(
        self, store: StoreAction, actions: FunctionActions, index: int
    ) -> Iterator[Handed]:
        for path, value in _stored(store.place.path, store.value):
            context = self._context_of(path)
            if context is not None and not isinstance(value, Address | Literal):
                yield from _leaves(value, store.mask, context, actions.actions[:index])

    def _context_of(self, path: Sequence[Step]) -> str | None:
        step = path[-1] if path else None
        if not isinstance(step, Field) or step.tag is None or step.name not in self._members:
            return None
        holder = self._knowledge.holder(step.tag, step.name)
        return None if holder is None else holder.context

    def _held(
        self, value: Operand, mask: Mask, taken: _Taken, actions: FunctionActions
    ) -> Iterator[Handed]:
        """The function in an object at file scope, as far as it starts with one; of another
        object, whatever it holds then."""
        if isinstance(value, Literal):
            return
        place = value.place if isinstance(value, Address) else None
        root = None if place is None else place.root
        if place is None or not isinstance(root, Variable) or root.storage is not Storage.FILE:
            if not _initialised_here(value, actions):
                held = Opaque(self._held_words(value, taken))
                yield Handed(held, mask, taken.context, certain=False)
            return
        names = tuple(step.name for step in place.path if isinstance(step, Field))
        for known in self._analysis.objects(root.name):
            for path, leaf in _stored((), known.value):
                inside = tuple(step.name for step in path if isinstance(step, Field))
                if inside[: len(names)] == names and self._context_of(path) == taken.context:
                    where = known.mask & mask
                    if where and not isinstance(leaf, Literal):
                        yield Handed(leaf, where, taken.context, certain=True)

    def _held_words(self, value: Operand, taken: _Taken) -> str:
        """The function that an object holds, as an expression of C."""
        for holder in self._knowledge.holders():
            if holder.name == taken.struct:
                if isinstance(value, Address):
                    return f"{place_words(value.place)}.{holder.member}"
                return f"{operand_words(value)}->{holder.member}"
        return operand_words(value)

    # --- who takes functions ----------------------------------------------------------

    def _takes(self, name: str, depth: int = 0) -> tuple[_Taken, ...]:
        """The parameters of function ``name`` that run, or that hold what runs."""
        known = self._taken.get(name)
        if known is None:
            self._taken[name] = ()
            known = self._taken[name] = self._known(name) or self._derived(name, depth)
        return known

    def _known(self, name: str) -> tuple[_Taken, ...]:
        callbacks = self._knowledge.callbacks(name)
        starters = self._knowledge.starters(name)
        return (
            *(_Taken(callback.function, callback.context) for callback in callbacks),
            *(
                _Taken(starter.object, context, starter.struct)
                for starter in starters
                for context in self._knowledge.contexts_of(starter.struct)
            ),
        )

    def _derived(self, name: str, depth: int) -> tuple[_Taken, ...]:
        if depth >= MAX_WRAPPERS:
            return ()
        found: dict[_Taken, None] = {}
        for definition in self._analysis.definitions(name):
            open_to = self._suitable(definition)
            if not open_to:
                continue
            for action in definition.actions.actions:
                if isinstance(action, CallAction):
                    numbers = [_parameter(argument) for argument in action.arguments]
                    if not any(number in open_to for number in numbers):
                        continue
                    for taken in self._takes(action.site.name, depth + 1):
                        number = dict(enumerate(numbers)).get(taken.parameter)
                        if number is not None and number in open_to:
                            found[_Taken(number, taken.context, taken.struct)] = None
                elif isinstance(action, StoreAction):
                    context = self._context_of(action.place.path)
                    number = _parameter(action.value)
                    if context is not None and number is not None and number in open_to:
                        found[_Taken(number, context)] = None
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


def _stored(path: tuple[Step, ...], value: Operand) -> Iterator[tuple[tuple[Step, ...], Operand]]:
    """The places that a store writes, with their values."""
    if isinstance(value, Aggregate):
        for steps, leaf in value.items:
            yield (*path, *steps), leaf
    else:
        yield path, value


def _leaves(value: Operand, mask: Mask, context: str, before: Sequence[Action]) -> Iterator[Handed]:
    """What ``value`` can be: both sides of a choice, what a local was given before."""
    found = list(_parts(value, mask, before, True))
    for leaf, where, certain in found:
        if where and not isinstance(leaf, Literal):
            yield Handed(leaf, where, context, certain)


def _parts(
    value: Operand, mask: Mask, before: Sequence[Action], certain: bool
) -> Iterator[tuple[Operand, Mask, bool]]:
    if isinstance(value, Varying):
        for share, one in value.alternatives:
            yield from _parts(one, mask & share, before, certain)
    elif isinstance(value, Choice):
        yield from _parts(value.then, mask, before, False)
        yield from _parts(value.otherwise, mask, before, False)
    elif isinstance(value, Load) and _is_local(value.place):
        stores = [
            (index, action)
            for index, action in enumerate(before)
            if isinstance(action, StoreAction) and action.place == value.place
        ]
        if not stores:
            yield value, mask, False
        single = certain and len(stores) == 1
        for index, store in stores:
            yield from _parts(store.value, mask & store.mask, before[:index], single)
    else:
        yield value, mask, certain


def _is_local(place: Place) -> bool:
    return isinstance(place.root, Variable) and place.root.storage is Storage.AUTOMATIC


def _initialised_here(value: Operand, actions: FunctionActions) -> bool:
    """Whether the function itself stores into the object: the store says what it holds."""
    place = value.place if isinstance(value, Address) else Place(value)
    return any(
        isinstance(action, StoreAction)
        and action.place.root == place.root
        and action.place.path[: len(place.path)] == place.path
        for action in actions.actions
    )
