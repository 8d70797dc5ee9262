"""The type of an expression (C17 6.5), resolved per configuration.

:meth:`ExpressionTypes.of` is the type as ``typeof`` and ``sizeof`` see it (qualifiers kept,
arrays not converted); :meth:`ExpressionTypes.value_type` is that of the value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from analyzer.configset.configset import Mask
from analyzer.csource import syntax as c
from analyzer.csource.bodies import declare_body, last_expressions
from analyzer.csource.builtins import RESULT_TYPES
from analyzer.csource.environment import Environment
from analyzer.csource.partition import Shares, covering, each, pairs
from analyzer.csource.scope import Bound
from analyzer.csource.types import (
    INT,
    UNKNOWN,
    UNSIGNED_INT,
    UNSIGNED_LONG_LONG,
    VOID,
    ArrayOf,
    Enumeration,
    FunctionOf,
    Integer,
    PointerTo,
    Qualified,
    Real,
    Record,
    Type,
    Void,
    decayed,
    integer_of,
    unqualified,
)
from analyzer.csource.typing import Typer
from analyzer.csource.unfold import only_expression

_COMPARISONS = frozenset({"<", ">", "<=", ">=", "==", "!=", "&&", "||"})


class ExpressionTypes:
    """Types of expressions; part of the :class:`Typer` that it is made for."""

    def __init__(self, typer: Typer) -> None:
        self._typer = typer
        typer.expressions = self
        self._environment: Environment = typer.environment
        self._builtins = typer.builtins
        self._rules: dict[type[Any], Callable[[Any, Bound, Mask], Shares[Type]]] = {
            c.Name: self._name,
            c.Number: self._number,
            c.Floating: self._floating,
            c.Text: self._text,
            c.Call: self._call,
            c.TypeArgument: self._type_argument,
            c.Unary: self._unary,
            c.Binary: self._binary,
            c.Assign: self._assign,
            c.Conditional: self._conditional,
            c.Cast: self._cast,
            c.Index: self._index,
            c.MemberOf: self._member,
            c.StatementExpression: self._statement_expression,
            c.SizeOf: self._size,
            c.OffsetOf: self._size,
            c.CompoundLiteral: self._cast,
            c.Initializer: self._unknown,
            c.Generic: self._selected,
            c.VaArg: self._cast,
            c.Hole: self._hole,
            c.LabelAddress: self._label,
            c.UnknownExpr: self._unknown,
        }

    def of(self, expr: c.Expr, bound: Bound, mask: Mask) -> Shares[Type]:
        """The type of ``expr`` where ``mask``, before any conversion."""
        return self._rules[type(expr)](expr, bound, mask) if mask else []

    def value_type(self, expr: c.Expr, bound: Bound, mask: Mask) -> Shares[Type]:
        """The type of the value of ``expr``: unqualified, arrays as pointers (6.3.2.1)."""
        return each(self.of(expr, bound, mask), decayed)

    # --- primary ----------------------------------------------------------------------

    def _unknown(self, _expr: c.Expr, _bound: Bound, mask: Mask) -> Shares[Type]:
        return [(mask, UNKNOWN)]

    def _name(self, expr: c.Name, _bound: Bound, mask: Mask) -> Shares[Type]:
        found, rest = self._environment.locals_of(expr.name, mask)
        result: Shares[Type] = []
        for share, local in found:
            if local.enum is not None:
                result += self._enumerator(expr.name, share)
            else:
                result += covering(self._typer.local(local), share, UNKNOWN)
        if rest:
            if expr.name in {"__func__", "__FUNCTION__", "__PRETTY_FUNCTION__"}:
                result.append((rest, ArrayOf(Qualified(self._builtins.char, True, False), -1)))
            elif self._environment.global_name(expr.name).found:
                result += covering(self._typer.variable(expr.name), rest, UNKNOWN)
            else:
                result += self._enumerator(expr.name, rest)
        return result

    def _enumerator(self, name: str, mask: Mask) -> Shares[Type]:
        result: Shares[Type] = []
        for share, constant in self._typer.folder.named(name, mask):
            result.append((share, UNKNOWN if constant is None else constant.type))
        return result

    def _number(self, expr: c.Number, _bound: Bound, mask: Mask) -> Shares[Type]:
        return [(mask, self.number_type(expr))]

    def number_type(self, expr: c.Number) -> Integer:
        """The first type of the list in 6.4.4.1 that holds the value."""
        suffix = expr.suffix
        if not suffix and expr.value <= INT.high:
            return INT
        unsigned = "u" in suffix
        longs = suffix.count("l")
        builtins = self._builtins
        for rank, name in enumerate(("int", "long", "long long")):
            if rank < longs:
                continue
            for prefix in ("", "unsigned "):
                if (prefix and not unsigned and expr.decimal) or (not prefix and unsigned):
                    continue
                type = builtins.named(prefix + name)
                if isinstance(type, Integer) and expr.value <= type.high:
                    return type
        return UNSIGNED_LONG_LONG

    def _floating(self, expr: c.Floating, _bound: Bound, mask: Mask) -> Shares[Type]:
        last = expr.text[-1:].lower()
        name = {"f": "float", "l": "long double"}.get(last, "double")
        return [(mask, self._builtins.named(name))]

    def _text(self, expr: c.Text, _bound: Bound, mask: Mask) -> Shares[Type]:
        return [(mask, ArrayOf(self._builtins.char, expr.size))]

    def _type_argument(self, expr: c.TypeArgument, bound: Bound, mask: Mask) -> Shares[Type]:
        return self._typer.lower(expr.type, bound, mask)

    def _label(self, _expr: c.LabelAddress, _bound: Bound, mask: Mask) -> Shares[Type]:
        return [(mask, PointerTo(VOID))]

    def _size(self, _expr: c.SizeOf | c.OffsetOf, _bound: Bound, mask: Mask) -> Shares[Type]:
        return [(mask, self.size_type)]

    @property
    def size_type(self) -> Type:
        """``size_t``: unsigned long on x86-64, unsigned int on i386."""
        return self._builtins.unsigned_long if self._builtins.abi.pointer == 8 else UNSIGNED_INT

    def _hole(self, expr: c.Hole, bound: Bound, mask: Mask) -> Shares[Type]:
        result: Shares[Type] = []
        for share, alternative in bound.holes[expr.number]:
            part = share & mask
            if part:
                inner = only_expression(alternative)
                if inner is not None:
                    result += self.of(inner, alternative, part)
                    mask &= ~part
        if mask:
            result.append((mask, UNKNOWN))
        return result

    def _cast(
        self, expr: c.Cast | c.CompoundLiteral | c.VaArg, bound: Bound, mask: Mask
    ) -> Shares[Type]:
        return self._typer.lower(expr.type, bound, mask)

    # --- postfix ----------------------------------------------------------------------

    def _call(self, expr: c.Call, bound: Bound, mask: Mask) -> Shares[Type]:
        function = expr.function
        if isinstance(function, c.Name) and function.name.startswith("__builtin_"):
            if function.name == "__builtin_choose_expr":
                return self._selected(expr, bound, mask)
            name = RESULT_TYPES.get(function.name)
            if name is None:
                return [(mask, UNKNOWN)]
            type = self._builtins.named(name.removesuffix(" *"))
            return [(mask, PointerTo(type) if name.endswith("*") else type)]
        return each(self.of(function, bound, mask), _called)

    def _index(self, expr: c.Index, bound: Bound, mask: Mask) -> Shares[Type]:
        result: Shares[Type] = []
        for share, type in self.of(expr.array, bound, mask):
            if isinstance(decayed(type), PointerTo):
                result.append((share, _pointee(type)))
            else:
                result += each(self.of(expr.subscript, bound, share), _pointee)
        return result

    def _member(self, expr: c.MemberOf, bound: Bound, mask: Mask) -> Shares[Type]:
        result: Shares[Type] = []
        for share, type in self.of(expr.object, bound, mask):
            holder = _pointee(type) if expr.arrow else type
            record = unqualified(holder)
            if not isinstance(record, Record):
                result.append((share, UNKNOWN))
                continue
            for part, found in self._typer.member(record, expr.member, share):
                result.append((part, _inherit(found, holder)))
        return result

    # --- operators --------------------------------------------------------------------

    def _unary(self, expr: c.Unary, bound: Bound, mask: Mask) -> Shares[Type]:
        operator = expr.operator
        if operator == "!":
            return [(mask, INT)]
        shares = self.of(expr.operand, bound, mask)
        if operator == "*":
            return each(shares, _pointee)
        if operator == "&":
            return each(shares, _address)
        if operator in {"+", "-", "~"}:
            return each(shares, self._promoted)
        if operator == "&&":
            return [(mask, PointerTo(VOID))]
        return each(shares, unqualified)

    def _promoted(self, type: Type) -> Type:
        plain = unqualified(type)
        if isinstance(plain, Real):
            return plain
        integer = integer_of(plain)
        return UNKNOWN if integer is None else self._builtins.promote(integer)

    def _binary(self, expr: c.Binary, bound: Bound, mask: Mask) -> Shares[Type]:
        operator = expr.operator
        if operator in _COMPARISONS:
            return [(mask, INT)]
        if operator == ",":
            return self.value_type(expr.right, bound, mask)
        left = self.of(expr.left, bound, mask)
        if operator in {"<<", ">>"}:
            return each(left, self._promoted)
        right = self.of(expr.right, bound, mask)
        return each(pairs(left, right), lambda both: self.arithmetic(*both))

    def arithmetic(self, left: Type, right: Type) -> Type:
        """The result type of ``+ - * / % & | ^`` (6.3.1.8, 6.5.6)."""
        left, right = decayed(left), decayed(right)
        if isinstance(left, PointerTo):
            return self._builtins.long if isinstance(right, PointerTo) else left
        if isinstance(right, PointerTo):
            return right
        if isinstance(left, Real) or isinstance(right, Real):
            return self._real(left, right)
        one, other = integer_of(left), integer_of(right)
        if one is None or other is None:
            return UNKNOWN
        return self._builtins.common(one, other)

    @staticmethod
    def _real(left: Type, right: Type) -> Type:
        if isinstance(left, Real) and isinstance(right, Real):
            order = ("float", "double", "long double")
            return max(left, right, key=lambda type: order.index(type.name))
        return left if isinstance(left, Real) else right

    def _assign(self, expr: c.Assign, bound: Bound, mask: Mask) -> Shares[Type]:
        return each(self.of(expr.target, bound, mask), unqualified)

    def _conditional(self, expr: c.Conditional, bound: Bound, mask: Mask) -> Shares[Type]:
        then = expr.condition if expr.then is None else expr.then
        left = self.value_type(then, bound, mask)
        right = self.value_type(expr.otherwise, bound, mask)
        result: Shares[Type] = []
        for share, (one, other) in pairs(left, right):
            if isinstance(one, PointerTo) or isinstance(other, PointerTo):
                result += self._pointers(then, expr.otherwise, one, other, bound, share)
            elif integer_of(one) is not None or isinstance(one, Real):
                result.append((share, self._same_or_common(one, other)))
            else:
                result.append((share, one))
        return result

    def _same_or_common(self, one: Type, other: Type) -> Type:
        if isinstance(one, Enumeration) and one == other:
            return self._promoted(one)
        return self.arithmetic(one, other)

    def _pointers(
        self, then: c.Expr, otherwise: c.Expr, one: Type, other: Type, bound: Bound, mask: Mask
    ) -> Shares[Type]:
        """The type of a conditional with a pointer arm (6.5.15).

        A null pointer constant takes the other arm's type: this is how kernel macros
        find out whether an expression is an integer constant expression.
        """
        if not isinstance(one, PointerTo):
            return [(mask, other)]
        if not isinstance(other, PointerTo):
            return [(mask, one)]
        if isinstance(unqualified(one.target), Void):
            return self._null_takes(then, one, other, bound, mask)
        if isinstance(unqualified(other.target), Void):
            return self._null_takes(otherwise, other, one, bound, mask)
        return [(mask, one)]

    def _null_takes(
        self, null: c.Expr, void: Type, other: Type, bound: Bound, mask: Mask
    ) -> Shares[Type]:
        return [
            (share, other if value is not None and value.literal and not value.value else void)
            for share, value in self._typer.folder.constant(null, bound, mask)
        ]

    # --- GNU and generic --------------------------------------------------------------

    def _selected(self, expr: c.Generic | c.Call, bound: Bound, mask: Mask) -> Shares[Type]:
        choices = self._typer.folder.select(expr, bound, mask)
        result: Shares[Type] = []
        seen: Mask = 0
        for share, choice in choices:
            if share & seen:
                return [(mask, UNKNOWN)]
            seen |= share
            result += self.of(choice, bound, share)
        return covering(result, mask, UNKNOWN)

    def _statement_expression(
        self, expr: c.StatementExpression, bound: Bound, mask: Mask
    ) -> Shares[Type]:
        environment = self._environment
        environment.enter()
        declare_body(self._typer, expr.body[:-1], bound, mask)
        result: Shares[Type] = []
        for share, last, place in last_expressions(self._typer, expr.body, bound, mask):
            result += self.value_type(last, place, share)
        environment.leave()
        return covering(result, mask, VOID)


def _called(type: Type) -> Type:
    plain = decayed(type)
    if isinstance(plain, PointerTo):
        function = unqualified(plain.target)
        if isinstance(function, FunctionOf):
            return unqualified(function.result)
    return UNKNOWN


def _pointee(type: Type) -> Type:
    """What ``*`` gives for a value of ``type``."""
    plain = decayed(type)
    return plain.target if isinstance(plain, PointerTo) else UNKNOWN


def _address(type: Type) -> Type:
    return UNKNOWN if type is UNKNOWN else PointerTo(type)


def _inherit(member: Type, holder: Type) -> Type:
    """A member of a qualified structure is qualified (6.5.2.3)."""
    if isinstance(holder, Qualified) and member is not UNKNOWN:
        return Qualified(member, holder.const, holder.volatile)
    return member
