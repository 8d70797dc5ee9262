"""The functions of one unit, evaluated when asked for and remembered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from analyzer.callgraph.assembly import AsmFunction, asm_functions
from analyzer.callgraph.opening import OpenUnit
from analyzer.configset.configset import Mask
from analyzer.csource.action import FunctionActions
from analyzer.csource.action_walk import function_actions, initial_value
from analyzer.csource.depth import TooDeep, with_whole_stack
from analyzer.csource.operand import Opaque, Operand
from analyzer.csource.provenance import Provenance
from analyzer.csource.scope import Bound
from analyzer.csource.sites import FunctionFacts, Place
from analyzer.csource.spelling import spell
from analyzer.csource.syntax import (
    Array,
    Declaration,
    Declarator,
    FunctionDefinition,
    FunctionType,
    Pointer,
    Qualified,
    TypeSyntax,
)
from analyzer.csource.use import uses_of
from analyzer.csource.walk import Evaluator
from analyzer.diagnostics import Diagnostics
from analyzer.location import Location
from analyzer.preprocessor.macro import Macro
from analyzer.preprocessor.token import ArgumentOrigin, MacroOrigin, Origin

_SHOWN = 80
"""Characters of a part that could not be read that a diagnostic quotes."""


class Definition:
    """One definition of a function in a unit, where ``mask`` holds, with its call sites.

    The body is evaluated when its ``facts`` are first asked for: most definitions are only
    looked up to know that they exist.
    """

    __slots__ = ("_actions", "_evaluate", "_facts", "_follow", "bound", "mask", "syntax")

    def __init__(
        self,
        mask: Mask,
        syntax: FunctionDefinition,
        bound: Bound,
        evaluate: Callable[[Definition], FunctionFacts],
        follow: Callable[[Definition], FunctionActions],
    ) -> None:
        self.mask = mask
        self.syntax = syntax
        self.bound = bound
        self._evaluate = evaluate
        self._facts: FunctionFacts | None = None
        self._follow = follow
        self._actions: FunctionActions | None = None

    @property
    def facts(self) -> FunctionFacts:
        """The call sites."""
        if self._facts is None:
            self._facts = self._evaluate(self)
        return self._facts

    @property
    def actions(self) -> FunctionActions:
        """What the function does with values."""
        if self._actions is None:
            self._actions = self._follow(self)
        return self._actions

    @property
    def location(self) -> Location:
        """Where the function's name stands (or the macro use that made it)."""
        return site_location(((self.bound, self.syntax.at),))

    @property
    def static(self) -> bool:
        return "static" in self.syntax.storage

    @property
    def inline(self) -> bool:
        return "inline" in self.syntax.storage

    @property
    def weak(self) -> bool:
        return any(attribute.name == "weak" for attribute in self.syntax.attributes)


@dataclass(frozen=True, slots=True)
class InitialObject:
    """An object at file scope and its initial value where ``mask``; ``constant``: declared
    ``const``, so that it is never written."""

    name: str
    mask: Mask
    value: Operand
    static: bool
    constant: bool
    location: Location


class UnitAnalysis:
    """The functions of an open unit by name."""

    __slots__ = ("_assembly", "_diagnostics", "_known", "_objects", "opened")

    def __init__(self, opened: OpenUnit, diagnostics: Diagnostics) -> None:
        """``diagnostics`` is told what of the functions asked for could not be read."""
        self.opened = opened
        self._diagnostics = diagnostics
        self._known: dict[str, tuple[Definition, ...]] = {}
        self._objects: dict[str, tuple[InitialObject, ...]] = {}
        self._assembly: dict[str, AsmFunction | None] = {}

    def definitions(self, name: str) -> Sequence[Definition]:
        """The definitions of function ``name`` in this unit, disjoint masks."""
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = tuple(self._define(name))
        return known

    def assembly(self, name: str) -> AsmFunction | None:
        """The function that asm at file scope defines under ``name``, if any."""
        if name not in self._assembly:
            found = asm_functions(self.opened.unit.assembly(name))
            self._assembly[name] = next((one for one in found if one.name == name), None)
        return self._assembly[name]

    def macro_uses(self, name: str) -> Iterator[tuple[Macro, Definition]]:
        """The macros ``name`` of this unit, each with a function made to use it once."""
        for where, macro, syntax, bound in uses_of(self.opened.unit, name):
            for part, _, evaluator in self.opened.evaluators:
                mask = part & where
                if mask:
                    yield macro, self._definition(mask, syntax, bound, evaluator)

    def objects(self, name: str) -> Sequence[InitialObject]:
        """The file-scope object ``name`` that the unit defines, with what it starts as;
        disjoint masks. A mere ``extern`` declaration is none."""
        known = self._objects.get(name)
        if known is None:
            known = self._objects[name] = tuple(self._initial_objects(name))
        return known

    def _initial_objects(self, name: str) -> Iterator[InitialObject]:
        left = -1
        for initialised in (True, False):
            for found in self.opened.unit.ordinary(name):
                statement = found.statement
                if not isinstance(statement, Declaration):
                    continue
                if {"extern", "typedef"} & set(statement.storage):
                    continue
                declarator = statement.declarators[found.index]
                if (declarator.value is not None) is not initialised:
                    continue
                for part, _, evaluator in self.opened.evaluators:
                    mask = part & found.mask & left
                    if mask and not isinstance(declarator.type, FunctionType):
                        left &= ~mask
                        value = self._initial(evaluator, declarator, found.bound, mask)
                        place = site_location(((found.bound, declarator.at),))
                        static = "static" in statement.storage
                        yield InitialObject(
                            name, mask, value, static, _is_const(declarator.type), place
                        )

    def _initial(
        self, evaluator: Evaluator, declarator: Declarator, bound: Bound, mask: Mask
    ) -> Operand:
        try:
            return with_whole_stack(
                lambda: initial_value(evaluator, declarator, bound, mask), evaluator.forget
            )
        except TooDeep:
            text = f"{declarator.name} is nested too deeply to be read: its value is not known"
            place = site_location(((bound, declarator.at),))
            self._diagnostics.warning("parse-loss", text, place)
            return Opaque()

    def own_names(self) -> dict[str, Mask]:
        """Names that the unit itself may bring into the link image, in source order, with
        the configurations in which it may."""
        names: dict[str, Mask] = {}
        for name, mask in self.opened.unit.definitions():
            names[name] = names.get(name, 0) | mask
        return names

    def _define(self, name: str) -> Iterator[Definition]:
        """GCC lets a definition replace one for inlining only (manual, ``gnu_inline``)."""
        defined = [
            (found.mask, found.statement, found.bound)
            for found in self.opened.unit.ordinary(name)
            if isinstance(found.statement, FunctionDefinition)
        ]
        lasting = 0
        for where, syntax, _ in defined:
            lasting |= 0 if _for_inlining(syntax) else where
        for where, syntax, bound in defined:
            if _for_inlining(syntax):
                where &= ~lasting
            for part, _, evaluator in self.opened.evaluators:
                mask = part & where
                if mask:
                    yield self._definition(mask, syntax, bound, evaluator)

    def _definition(
        self, mask: Mask, syntax: FunctionDefinition, bound: Bound, evaluator: Evaluator
    ) -> Definition:
        facts = partial(self._facts, evaluator)
        return Definition(mask, syntax, bound, facts, partial(self._follow, evaluator))

    def _facts(self, evaluator: Evaluator, definition: Definition) -> FunctionFacts:
        syntax, mask = definition.syntax, definition.mask
        try:
            facts = with_whole_stack(
                lambda: evaluator.function(syntax, definition.bound, mask), evaluator.forget
            )
        except TooDeep:
            self._report_depth(definition)
            return FunctionFacts(syntax.name, (), mask)
        self._report_losses(definition, facts)
        return facts

    def _follow(self, evaluator: Evaluator, definition: Definition) -> FunctionActions:
        syntax, mask = definition.syntax, definition.mask
        try:
            return with_whole_stack(
                lambda: function_actions(evaluator, syntax, definition.bound, mask),
                evaluator.forget,
            )
        except TooDeep:
            self._report_depth(definition)
            return FunctionActions(syntax.name, (), ())

    def _report_depth(self, definition: Definition) -> None:
        text = (
            f"{definition.syntax.name}() is nested too deeply to be read: its calls are not known"
        )
        self._diagnostics.warning("parse-loss", text, definition.location)

    def _report_losses(self, definition: Definition, facts: FunctionFacts) -> None:
        for _, bound, (start, end) in facts.lost:
            location = definition.location
            if bound is definition.bound:
                location = site_location(((bound, start),))
            text = spell(bound.raw[start:end])
            if len(text) > _SHOWN:
                text = f"{text[:_SHOWN]}…"
            name = definition.syntax.name
            self._diagnostics.warning(
                "parse-loss", f"part of {name}() could not be read: {text}", location
            )


def _is_const(syntax: TypeSyntax) -> bool:
    """Whether an object of a written type is constant itself, or its elements are."""
    while isinstance(syntax, Array):
        syntax = syntax.element
    if isinstance(syntax, Qualified):
        return syntax.const or _is_const(syntax.type)
    return isinstance(syntax, Pointer) and syntax.const


def _for_inlining(syntax: FunctionDefinition) -> bool:
    return any(attribute.name == "gnu_inline" for attribute in syntax.attributes)


def macro_chain(where: Place) -> tuple[Macro, ...]:
    """The macros whose replacement lists spell a site, outermost first; none for a site
    that the function's own text (or an argument it wrote) spells."""
    bound, at = where[-1]
    origin = _origins(bound)[at]
    chain: list[Macro] = []
    while isinstance(origin, MacroOrigin):
        chain.append(origin.macro)
        if origin.outer is None:
            break
        origin = origin.outer
    chain.reverse()
    return tuple(chain)


def site_location(where: Place) -> Location:
    """The place in the function's own file at which a site, or the macro that brings it,
    is written."""
    bound, at = where[0]
    provenance = bound.origin
    assert isinstance(provenance, Provenance)
    origin = provenance.origins[at]
    if len(where) > 1 and isinstance(origin, int):
        inner, inner_at = where[-1]
        position = _origins(inner)[inner_at]
        hole = inner_use(bound, at)
        if isinstance(position, ArgumentOrigin) and hole is not None:
            line = hole[position.position][2]
            if isinstance(line, int):
                return Location(provenance.file, line)
    return Location(provenance.file, provenance.lines[at])


def inner_use(bound: Bound, at: int) -> tuple[tuple[str, int, Origin], ...] | None:
    """The tokens of the macro use whose hole stands at token ``at``."""
    provenance = bound.origin
    assert isinstance(provenance, Provenance)
    text = bound.texts[at]
    number = text.removeprefix("__hole")
    if number == text or not number.isdecimal() or int(number) >= len(provenance.uses):
        return None
    return provenance.uses[int(number)]


def _origins(bound: Bound) -> tuple[Origin, ...]:
    provenance = bound.origin
    assert isinstance(provenance, Provenance)
    return provenance.origins
