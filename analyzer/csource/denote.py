"""From an expression to what it denotes (:mod:`analyzer.csource.operand`).

Nothing is recorded here: calls and statement expressions inside an expression have been
walked before, and what they yield is asked for (:class:`Yields`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from analyzer.configset.configset import Mask
from analyzer.csource import syntax as c
from analyzer.csource.aggregates import Aggregates
from analyzer.csource.constant import Folder
from analyzer.csource.environment import Environment, Local
from analyzer.csource.operand import (
    Address,
    Choice,
    Derived,
    Element,
    Field,
    FunctionName,
    Literal,
    Load,
    Offset,
    Opaque,
    Operand,
    Place,
    Storage,
    Variable,
    Words,
    varying,
)
from analyzer.csource.scope import Bound
from analyzer.csource.sites import Place as Where
from analyzer.csource.target import holder_tag
from analyzer.csource.types import ArrayOf, FunctionOf, PointerTo, Record, Type, unqualified
from analyzer.csource.unfold import only_expression

ASIDE = frozenset({"__builtin_expect", "__builtin_expect_with_probability"})
"""Builtins whose value is that of their first argument (GCC manual, "Other Builtins")."""


class Yields(Protocol):
    """What was found out while the insides of an expression were walked."""

    def result(self, call: c.Call, bound: Bound, outer: Where) -> Operand:
        """What a call in ``bound`` returned."""

    def last_value(
        self, body: tuple[c.Statement, ...], bound: Bound, outer: Where
    ) -> Operand | None:
        """The value of a statement expression in ``bound``."""

    def position(self, parameter: str) -> int:
        """The position of a parameter, from 0."""


class Denoter:
    """Tells what expressions denote at the point where a walk is."""

    __slots__ = ("_aggregates", "_environment", "_folder", "_outer", "_rules", "_yields")

    def __init__(self, environment: Environment, folder: Folder, yields: Yields) -> None:
        self._environment = environment
        self._folder = folder
        self._yields = yields
        self._outer: Where = ()
        self._aggregates = Aggregates(folder, self._value, self._expanded)
        self._rules: dict[type[Any], Callable[[Any, Bound, Mask], Operand]] = {
            c.Name: self._name,
            c.Number: self._number,
            c.Text: self._text,
            c.Call: self._call,
            c.Unary: self._unary,
            c.Binary: self._binary,
            c.Assign: self._assign,
            c.Conditional: self._conditional,
            c.Cast: self._cast,
            c.Index: self._load,
            c.MemberOf: self._load,
            c.StatementExpression: self._statement_expression,
            c.SizeOf: self._constant,
            c.OffsetOf: self._offset,
            c.CompoundLiteral: self._compound_literal,
            c.Initializer: self._initializer,
            c.Generic: self._selected,
            c.Hole: self._hole,
        }

    def value(self, expr: c.Expr, bound: Bound, mask: Mask, outer: Where) -> Operand:
        """The value of ``expr``, found in ``bound`` at the walk's place ``outer``."""
        before, self._outer = self._outer, outer
        operand = self._value(expr, bound, mask)
        self._outer = before
        return operand

    def place(
        self, expr: c.Expr, bound: Bound, mask: Mask, outer: Where
    ) -> list[tuple[Mask, Place]]:
        """The object(s) that an lvalue designates, by mask; none if that cannot be told."""
        before, self._outer = self._outer, outer
        places = self._place(expr, bound, mask)
        self._outer = before
        return places

    def initial(self, declarator: c.Declarator, bound: Bound, mask: Mask, outer: Where) -> Operand:
        """The value that a braced initialiser gives to what ``declarator`` declares."""
        assert isinstance(declarator.value, c.Initializer)
        before, self._outer = self._outer, outer
        type_ = self._aggregates.lowered(declarator.type, bound, mask)
        operand = self._aggregates.of(declarator.value, type_, bound, mask)
        self._outer = before
        return operand

    # --- values -----------------------------------------------------------------------

    def _value(self, expr: c.Expr, bound: Bound, mask: Mask) -> Operand:
        rule = self._rules.get(type(expr))
        return Opaque() if rule is None or not mask else rule(expr, bound, mask)

    def _name(self, expr: c.Name, bound: Bound, mask: Mask) -> Operand:
        found, rest = self._environment.locals_of(expr.name, mask)
        result: list[tuple[Mask, Operand]] = []
        for share, local in found:
            if local.enum is not None:
                result.append((share, self._constant(expr, bound, share)))
            elif local.is_function:
                result.append((share, FunctionName(expr.name)))
            else:
                result.append((share, self._held(Place(self._variable(local)), expr, bound, share)))
        if rest:
            known = self._environment.global_name(expr.name)
            if known.function & rest:
                result.append((known.function & rest, FunctionName(expr.name)))
            variable = known.variable & rest
            if variable:
                place = Place(self._global(expr, bound, variable))
                result.append((variable, self._held(place, expr, bound, variable)))
            rest &= ~(known.function | known.variable)
        if rest:
            result.append((rest, self._constant(expr, bound, rest)))
        return varying(result)

    def _held(self, place: Place, expr: c.Expr, bound: Bound, mask: Mask) -> Operand:
        """What an object yields as a value: an array its address (C17 6.3.2.1)."""
        for _, type_ in self._folder.typer.expressions.of(expr, bound, mask):
            if isinstance(unqualified(type_), ArrayOf):
                return Address(place)
        return Load(place)

    def _number(self, expr: c.Number, _bound: Bound, _mask: Mask) -> Operand:
        return Literal(expr.value)

    def _text(self, expr: c.Text, _bound: Bound, _mask: Mask) -> Operand:
        return Words(expr.text)

    def _constant(self, expr: c.Expr, bound: Bound, mask: Mask) -> Operand:
        return varying(
            [
                (share, Opaque() if value is None else Literal(value))
                for share, value in self._folder.integers(expr, bound, mask)
            ]
        )

    def _offset(self, expr: c.OffsetOf, bound: Bound, mask: Mask) -> Operand:
        tag: str | None = None
        for _, type_ in self._folder.typer.lower(expr.type, bound, mask):
            plain = unqualified(type_)
            if isinstance(plain, Record):
                tag = plain.tag
        names = tuple(part for part in expr.designator if isinstance(part, str))
        return Offset(tag, names)

    def _call(self, expr: c.Call, bound: Bound, mask: Mask) -> Operand:
        function = expr.function
        if isinstance(function, c.Name):
            if function.name in ASIDE and expr.arguments:
                return self._value(expr.arguments[0], bound, mask)
            if function.name == "__builtin_choose_expr":
                return self._selected(expr, bound, mask)
            if function.name.startswith("__builtin_"):
                constant = self._constant(expr, bound, mask)
                if not isinstance(constant, Opaque):
                    return constant
        return self._yields.result(expr, bound, self._outer)

    def _selected(self, expr: c.Generic | c.Call, bound: Bound, mask: Mask) -> Operand:
        return varying(
            [
                (share, self._value(choice, bound, share))
                for share, choice in self._folder.select(expr, bound, mask)
            ]
        )

    def _unary(self, expr: c.Unary, bound: Bound, mask: Mask) -> Operand:
        operator = expr.operator
        if operator == "&":
            return self._address(expr.operand, bound, mask)
        if operator == "*":
            inner = self._value(expr.operand, bound, mask)
            if isinstance(inner, FunctionName) or self._is_function(expr.operand, bound, mask):
                return inner
            return self._load(expr, bound, mask)
        if operator in {"++x", "--x", "x++", "x--"}:
            return self._load(expr.operand, bound, mask)
        return Derived(operator, (self._value(expr.operand, bound, mask),))

    def _is_function(self, pointer: c.Expr, bound: Bound, mask: Mask) -> bool:
        """Whether what ``pointer`` points to is a function: as a value it is the pointer
        again (C17 6.3.2.1)."""
        return any(
            isinstance(type_, PointerTo) and isinstance(unqualified(type_.target), FunctionOf)
            for _, found in self._folder.typer.expressions.of(pointer, bound, mask)
            for type_ in (unqualified(found),)
        )

    def _address(self, expr: c.Expr, bound: Bound, mask: Mask) -> Operand:
        if isinstance(expr, c.Name):
            value = self._name(expr, bound, mask)
            if isinstance(value, FunctionName):
                return value
        places = self._place(expr, bound, mask)
        result: list[tuple[Mask, Operand]] = [
            (share, place.root)
            if not place.path and not isinstance(place.root, Variable)
            else (share, Address(place))
            for share, place in places
        ]
        return varying(result) if result else Opaque()

    def _load(self, expr: c.Expr, bound: Bound, mask: Mask) -> Operand:
        places = self._place(expr, bound, mask)
        return varying([(share, self._held(p, expr, bound, share)) for share, p in places])

    def _binary(self, expr: c.Binary, bound: Bound, mask: Mask) -> Operand:
        right = self._value(expr.right, bound, mask)
        if expr.operator == ",":
            return right
        left = self._value(expr.left, bound, mask)
        if expr.operator in {"+", "-"}:
            moved = self._moved(expr, left, right, bound, mask)
            if moved is not None:
                return moved
        return Derived(expr.operator, (left, right))

    def _moved(
        self, expr: c.Binary, left: Operand, right: Operand, bound: Bound, mask: Mask
    ) -> Operand | None:
        """``array + i`` is the address of an element (C17 6.5.6)."""
        if expr.operator == "+" and isinstance(left, Address):
            for _, type_ in self._folder.typer.expressions.of(expr.left, bound, mask):
                if isinstance(unqualified(type_), ArrayOf):
                    return Address(left.place.inside(Element(right)))
        return None

    def _assign(self, expr: c.Assign, bound: Bound, mask: Mask) -> Operand:
        if expr.operator == "=":
            return self._value(expr.value, bound, mask)
        return self._load(expr.target, bound, mask)

    def _conditional(self, expr: c.Conditional, bound: Bound, mask: Mask) -> Operand:
        true, false = self._folder.truth(expr.condition, bound, mask)
        condition = self._value(expr.condition, bound, mask)
        then = condition
        if expr.then is not None:
            then = self._value(expr.then, bound, true)
        otherwise = self._value(expr.otherwise, bound, false)
        both = true & false
        parts: list[tuple[Mask, Operand]] = []
        if both:
            parts.append((both, Choice(condition, then, otherwise)))
        if true & ~both:
            parts.append((true & ~both, then))
        if false & ~both:
            parts.append((false & ~both, otherwise))
        return varying(parts)

    def _cast(self, expr: c.Cast, bound: Bound, mask: Mask) -> Operand:
        return self._value(expr.operand, bound, mask)

    def _statement_expression(
        self, expr: c.StatementExpression, bound: Bound, mask: Mask
    ) -> Operand:
        known = self._yields.last_value(expr.body, bound, self._outer)
        if known is not None:
            return known
        if len(expr.body) == 1 and isinstance(expr.body[0], c.Expression):
            return self._value(expr.body[0].expr, bound, mask)
        return Opaque()

    def _compound_literal(self, expr: c.CompoundLiteral, bound: Bound, mask: Mask) -> Operand:
        type_ = self._aggregates.lowered(expr.type, bound, mask)
        return self._aggregates.of(expr.value, type_, bound, mask)

    def _initializer(self, expr: c.Initializer, bound: Bound, mask: Mask) -> Operand:
        return self._aggregates.of(expr, None, bound, mask)

    def _hole(self, expr: c.Hole, bound: Bound, mask: Mask) -> Operand:
        return self._expanded(expr, None, bound, mask)

    def _expanded(self, expr: c.Hole, type_: Type | None, bound: Bound, mask: Mask) -> Operand:
        """What a macro use gives; ``type_`` is that of the object if it initialises one."""
        result: list[tuple[Mask, Operand]] = []
        for share, alternative in bound.holes[expr.number]:
            part = share & mask
            inner = only_expression(alternative)
            if part and inner is not None:
                before, self._outer = self._outer, (*self._outer, (bound, expr.at))
                if isinstance(inner, c.Initializer):
                    value: Operand = self._aggregates.of(inner, type_, alternative, part)
                elif isinstance(inner, c.Hole):
                    value = self._expanded(inner, type_, alternative, part)
                else:
                    value = self._value(inner, alternative, part)
                result.append((part, value))
                self._outer = before
            elif part:
                result.append((part, Opaque()))
        return varying(result)

    # --- places -----------------------------------------------------------------------

    def _variable(self, local: Local) -> Variable:
        if local.parameter:
            return Variable(local.name, Storage.PARAMETER, self._yields.position(local.name))
        if "static" in local.storage:
            storage = Storage.STATIC
        elif "extern" in local.storage:
            return Variable(local.name, Storage.FILE)
        else:
            storage = Storage.AUTOMATIC
        return Variable(local.name, storage, local.serial)

    def _global(self, expr: c.Name, bound: Bound, mask: Mask) -> Variable:
        for _, type_ in self._folder.typer.expressions.of(expr, bound, mask):
            plain = unqualified(type_)
            while isinstance(plain, ArrayOf):
                plain = unqualified(plain.element)
            if isinstance(plain, Record):
                return Variable(expr.name, Storage.FILE, 0, plain.tag)
        return Variable(expr.name, Storage.FILE)

    def _place(self, expr: c.Expr, bound: Bound, mask: Mask) -> list[tuple[Mask, Place]]:
        if isinstance(expr, c.Name):
            return self._named_place(expr, bound, mask)
        if isinstance(expr, c.MemberOf):
            return self._member_place(expr, bound, mask)
        if isinstance(expr, c.Index):
            base = self._value(expr.array, bound, mask)
            step = Element(self._value(expr.subscript, bound, mask))
            return [(mask, _pointed(base).inside(step))]
        if isinstance(expr, c.Unary) and expr.operator == "*":
            return [(mask, _pointed(self._value(expr.operand, bound, mask)))]
        if isinstance(expr, c.Cast):
            return self._place(expr.operand, bound, mask)
        if isinstance(expr, c.Hole):
            return self._hole_place(expr, bound, mask)
        return [(mask, _object_of(self._value(expr, bound, mask)))]

    def _named_place(self, expr: c.Name, bound: Bound, mask: Mask) -> list[tuple[Mask, Place]]:
        found, rest = self._environment.locals_of(expr.name, mask)
        result = [(share, Place(self._variable(local))) for share, local in found]
        if rest:
            result.append((rest, Place(self._global(expr, bound, rest))))
        return result

    def _member_place(self, expr: c.MemberOf, bound: Bound, mask: Mask) -> list[tuple[Mask, Place]]:
        step = Field(expr.member, holder_tag(expr, bound, mask, self._folder.typer))
        if expr.arrow:
            return [(mask, _pointed(self._value(expr.object, bound, mask)).inside(step))]
        return [(share, p.inside(step)) for share, p in self._place(expr.object, bound, mask)]

    def _hole_place(self, expr: c.Hole, bound: Bound, mask: Mask) -> list[tuple[Mask, Place]]:
        result: list[tuple[Mask, Place]] = []
        for share, alternative in bound.holes[expr.number]:
            part = share & mask
            inner = only_expression(alternative)
            if part and inner is not None:
                before, self._outer = self._outer, (*self._outer, (bound, expr.at))
                result += self._place(inner, alternative, part)
                self._outer = before
        return result


def _pointed(pointer: Operand) -> Place:
    """The object that a pointer points to."""
    return pointer.place if isinstance(pointer, Address) else Place(pointer)


def _object_of(value: Operand) -> Place:
    """An object that is only there as a value (``f().member``)."""
    return value.place if isinstance(value, Load) else Place(value)
