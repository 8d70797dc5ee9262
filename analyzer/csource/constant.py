"""Folding: the value of an expression where GCC knows it before it builds its call graph.

A value is a :class:`Constant` or None (known at run time only, or not resolved). What is
folded follows GCC 12's front end (``fold``, ``c_fully_fold``), as probed in
``tests/differential/test_folding_gcc.py``: constants, ``const`` variables with constant
initialisers, one-expression statement expressions; not ordinary variables, not calls.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from analyzer.configset.configset import Mask
from analyzer.csource import syntax as c
from analyzer.csource.arithmetic import (
    COMPARE,
    Constant,
    binary,
    convert,
    truth_value,
    unary,
)
from analyzer.csource.bounds import Bounds
from analyzer.csource.builtins import LIBRARY
from analyzer.csource.expression_type import ExpressionTypes
from analyzer.csource.fold_arms import with_arms
from analyzer.csource.fold_builtin import BuiltinCalls
from analyzer.csource.fold_pointer import PointerConstants
from analyzer.csource.fold_size import SizeConstants
from analyzer.csource.layout import Layout
from analyzer.csource.named import NamedValues
from analyzer.csource.partition import Shares, covering, pairs
from analyzer.csource.sanitizers import UNSANITIZED, Sanitizers
from analyzer.csource.saved import SavedOperands
from analyzer.csource.scope import Bound
from analyzer.csource.selection import Selection
from analyzer.csource.types import (
    UNKNOWN,
    PointerTo,
    integer_of,
)
from analyzer.csource.typing import Typer
from analyzer.csource.unfold import only_expression

Values = Shares[Constant | None]


_WORTH_KEEPING = frozenset({c.Binary, c.Call, c.Conditional, c.Unary, c.Generic, c.SizeOf})


class Folder:
    """Evaluates constants with a :class:`Typer`; ``unresolved`` counts what neither knew."""

    def __init__(self, typer: Typer, sanitizers: Sanitizers = UNSANITIZED) -> None:
        self.typer = typer
        typer.folder = self
        self.unresolved = 0
        self._version = -1
        self._known: dict[tuple[int, int, Mask, int], tuple[c.Expr, Values]] = {}
        """Values found in this version of the environment; nested conditions ask again."""
        self.expressions = ExpressionTypes(typer)
        self.layout = Layout(typer)
        self.names = NamedValues(self)
        self.calls = BuiltinCalls(self)
        self.bounds = Bounds(self)
        self.pointers = PointerConstants(self)
        self.saved = SavedOperands(self, sanitizers)
        self._selection = Selection(self)
        self._sizes = SizeConstants(self)
        self._rules: dict[type[Any], Callable[[Any, Bound, Mask], Values]] = {
            c.Name: self._name,
            c.Number: self._number,
            c.Call: self._call,
            c.Unary: self._unary,
            c.Binary: self._binary,
            c.Conditional: self._conditional,
            c.Cast: self._cast,
            c.StatementExpression: self._statement_expression,
            c.SizeOf: self._sizes.size_of,
            c.OffsetOf: self._sizes.offset_of,
            c.Generic: self._selected,
            c.Hole: self._hole,
        }

    def not_resolved(self, mask: Mask) -> None:
        """Count a type or value that could not be worked out where it is needed.

        Answers for :data:`EVERYWHERE` include configurations that do not have the code.
        """
        if mask > 0:
            self.unresolved += 1

    # --- entry points -----------------------------------------------------------------

    def constant(self, expr: c.Expr, bound: Bound, mask: Mask) -> Values:
        """The value of ``expr`` where ``mask``."""
        kind = type(expr)
        rule = self._rules.get(kind)
        if rule is None:
            return [(mask, None)]
        if not mask:
            return []
        if kind not in _WORTH_KEEPING:
            return rule(expr, bound, mask)
        environment = self.typer.environment
        if self._version != environment.version:
            self._version = environment.version
            self._known.clear()
        key = (id(expr), id(bound), mask, environment.horizon)
        known = self._known.get(key)
        if known is None:
            values = rule(expr, bound, mask)
            if self._version == environment.version:
                self._known[key] = (expr, values)
            return values
        return known[1]

    def integers(self, expr: c.Expr, bound: Bound, mask: Mask) -> Shares[int | None]:
        """The value as a plain number."""
        return [
            (share, None if value is None else value.value)
            for share, value in self.constant(expr, bound, mask)
        ]

    def truth(self, expr: c.Expr, bound: Bound, mask: Mask) -> tuple[Mask, Mask]:
        """Where ``expr`` as a condition can be true and where false."""
        true = false = 0
        for share, value in self.decide(expr, bound, mask):
            if value is None:
                true |= share
                false |= share
            elif value.value:
                true |= share
            else:
                false |= share
        return true, false

    def decide(self, expr: c.Expr, bound: Bound, mask: Mask) -> Values:
        """The value of ``expr`` as a condition: any address that is never null counts as 1."""
        values = self.constant(expr, bound, mask)
        if len(values) == 1 and values[0][1] is not None:
            return values
        result: Values = []
        for share, value in values:
            sure = self.names.never_null(expr, bound, share) if value is None else 0
            if sure:
                result.append((sure, truth_value(True, False)))
            if share & ~sure:
                result.append((share & ~sure, value))
        return result

    def named(self, name: str, mask: Mask) -> Values:
        """The value of an enumerator or of a ``const`` variable."""
        return self.names.value(name, mask)

    def enum_range(self, body: c.EnumBody, bound: Bound, mask: Mask) -> list[tuple[Mask, int, int]]:
        """The smallest and greatest enumerator; unknown ones are left out."""
        return self.names.enum_range(body, bound, mask)

    # --- leaves -----------------------------------------------------------------------

    def _name(self, expr: c.Name, _bound: Bound, mask: Mask) -> Values:
        return self.names.value(expr.name, mask)

    def _number(self, expr: c.Number, _bound: Bound, mask: Mask) -> Values:
        return [(mask, Constant(expr.value, self.expressions.number_type(expr), True))]

    def _hole(self, expr: c.Hole, bound: Bound, mask: Mask) -> Values:
        result: Values = []
        for share, alternative in bound.holes[expr.number]:
            part = share & mask
            if part:
                inner = only_expression(alternative)
                if inner is not None:
                    result += self.constant(inner, alternative, part)
                    mask &= ~part
        if mask:
            result.append((mask, None))
        return result

    # --- operators --------------------------------------------------------------------

    def _unary(self, expr: c.Unary, bound: Bound, mask: Mask) -> Values:
        if expr.operator == "!":
            return [
                (share, value and truth_value(not value.value, value.literal))
                for share, value in self.decide(expr.operand, bound, mask)
            ]
        if expr.operator == "&":
            return self.pointers.address(expr.operand, bound, mask)
        if expr.operator not in {"-", "~", "+"}:
            return [(mask, None)]
        builtins = self.typer.builtins
        return [
            (share, None if value is None else unary(expr.operator, value, builtins))
            for share, value in self.constant(expr.operand, bound, mask)
        ]

    def _logical(self, expr: c.Binary, bound: Bound, mask: Mask) -> Values:
        """``&&`` and ``||``; one operand may settle the matter without the other."""
        settling = expr.operator == "||"
        result: Values = []
        for share, left in self.decide(expr.left, bound, mask):
            if left is not None and bool(left.value) == settling:
                result.append((share, truth_value(settling, left.literal)))
                continue
            for part, right in self.decide(expr.right, bound, share):
                if right is not None and bool(right.value) == settling:
                    literal = left is not None and left.literal and right.literal
                    result.append((part, truth_value(settling, literal)))
                elif left is None or right is None:
                    result.append((part, None))
                else:
                    literal = left.literal and right.literal
                    result.append((part, truth_value(not settling, literal)))
        return result

    def _binary(self, expr: c.Binary, bound: Bound, mask: Mask) -> Values:
        operator = expr.operator
        if operator in {"&&", "||"}:
            return self._logical(expr, bound, mask)
        right = self.constant(expr.right, bound, mask)
        if operator == ",":
            return [
                (share, None if value is None else value._replace(literal=False))
                for share, value in right
            ]
        result: Values = []
        left = self.constant(expr.left, bound, mask)
        for share, (one, other) in pairs(left, right):
            if one is not None and other is not None:
                value = binary(operator, one, other, self.typer.builtins)
                if value is None and operator in {"+", "-"}:
                    result += self.pointers.add(operator, one, other, share)
                else:
                    result.append((share, value))
            else:
                result += self._partly(expr, one, other, bound, share)
        return result

    def _partly(
        self, expr: c.Binary, one: Constant | None, other: Constant | None, bound: Bound, mask: Mask
    ) -> Values:
        """What GCC knows although an operand is not constant."""
        operator = expr.operator
        known = one if other is None else other
        if operator in COMPARE:
            if known is None:
                return [(mask, None)]
            if operator in {"==", "!="}:
                side = expr.left if known is other else expr.right
                differs = self._differs(side, known.value, bound, mask)
                result: Values = self._compare(expr, bound, mask & ~differs)
                if differs:
                    result.append((differs, truth_value(operator == "!=", False)))
            else:
                result = self._compare(expr, bound, mask)
            return with_arms(self, expr, result, bound)
        if known is None:
            return [(mask, None)]
        if known.value == 0 and (
            operator in {"&", "*"} or (known is one and operator in {"<<", ">>", "/", "%"})
        ):
            return self._zero(expr, bound, mask)
        if operator == "%" and known is other and known.value == 1:
            return self._zero(expr, bound, mask)
        return [(mask, None)]

    def _differs(self, expr: c.Expr, value: int, bound: Bound, mask: Mask) -> Mask:
        """Where ``expr`` cannot be ``value``: an address is not null, a bit is masked out."""
        if value:
            differs = self.bounds.never_equal(expr, value, bound, mask)
            return differs & ~self.calls.effects(expr, bound, differs)
        return self.names.never_null(expr, bound, mask)

    def _zero(self, expr: c.Binary, bound: Bound, mask: Mask) -> Values:
        result: Values = []
        for share, type in self.expressions.of(expr, bound, mask):
            integer = integer_of(type)
            if integer is None and type is not UNKNOWN:
                result.append((share, None))
            else:
                result.append((share, Constant(0, integer or type, False)))
        return result

    def _compare(self, expr: c.Binary, bound: Bound, mask: Mask) -> Values:
        """A comparison with a constant that the other operand's type or mask decides."""
        result: Values = []
        if not mask:
            return result
        both = pairs(
            self.bounds.of(expr.left, bound, mask), self.bounds.of(expr.right, bound, mask)
        )
        for share, (left, right) in both:
            outcome = None
            if left is not None and right is not None:
                outcome = self.bounds.compare(expr.operator, left, right)
            result.append((share, None if outcome is None else truth_value(outcome, False)))
        return covering(result, mask, None)

    def _conditional(self, expr: c.Conditional, bound: Bound, mask: Mask) -> Values:
        result: Values = []
        then = expr.condition if expr.then is None else expr.then
        for share, value in self.decide(expr.condition, bound, mask):
            if value is None:
                result += self._same_arms(expr, bound, share)
            else:
                arm = then if value.value else expr.otherwise
                result += self._arm(expr, arm, value.literal, bound, share)
        return result

    def _same_arms(self, expr: c.Conditional, bound: Bound, mask: Mask) -> Values:
        """``c ? 0 : 0`` is 0 whatever ``c`` is."""
        if expr.then is None:
            return [(mask, None)]
        result: Values = []
        arms = pairs(
            self.constant(expr.then, bound, mask), self.constant(expr.otherwise, bound, mask)
        )
        for share, (one, other) in arms:
            same = one is not None and other is not None and one.value == other.value
            result.append((share, one._replace(literal=False) if one and same else None))
        return covering(result, mask, None)

    def _arm(
        self, expr: c.Conditional, arm: c.Expr, literal: bool, bound: Bound, mask: Mask
    ) -> Values:
        """The arm that a constant condition takes, converted to the common type (6.5.15)."""
        result: Values = []
        for share, value in self.constant(arm, bound, mask):
            if value is None:
                result.append((share, None))
                continue
            if not literal:
                value = value._replace(literal=False)
            if value.value >= 0 and (value.value or not isinstance(value.type, PointerTo)):
                result.append((share, value))
                continue
            for part, type in self.expressions.of(expr, bound, share):
                result.append((part, convert(value, type, self.typer.builtins) or value))
        return result

    def _cast(self, expr: c.Cast, bound: Bound, mask: Mask) -> Values:
        values = self.constant(expr.operand, bound, mask)
        if len(values) == 1 and values[0][1] is None:
            return [(mask, None)]
        result: Values = []
        for share, (value, type) in pairs(values, self.typer.lower(expr.type, bound, mask)):
            if value is None:
                result.append((share, None))
            elif type is UNKNOWN:
                self.not_resolved(share)
                result.append((share, None))
            else:
                result.append((share, convert(value, type, self.typer.builtins)))
        return result

    # --- GNU --------------------------------------------------------------------------

    def _statement_expression(
        self, expr: c.StatementExpression, bound: Bound, mask: Mask
    ) -> Values:
        """GCC drops the braces of ``({ e; })``; any other one yields a temporary."""
        body = expr.body
        if len(body) == 1 and isinstance(body[0], c.Expression):
            return [
                (share, None if value is None else value._replace(literal=False))
                for share, value in self.constant(body[0].expr, bound, mask)
            ]
        return [(mask, None)]

    def _call(self, expr: c.Call, bound: Bound, mask: Mask) -> Values:
        function = expr.function
        if not isinstance(function, c.Name):
            return [(mask, None)]
        name = LIBRARY.get(function.name, function.name)
        if not name.startswith("__builtin_"):
            return [(mask, None)]
        if name == "__builtin_choose_expr":
            return self._selected(expr, bound, mask)
        return self.calls.value(name, expr, bound, mask)

    def _selected(self, expr: c.Generic | c.Call, bound: Bound, mask: Mask) -> Values:
        result: Values = []
        taken: Mask = 0
        for share, choice in self.select(expr, bound, mask):
            if share & taken:
                return [(mask, None)]
            taken |= share
            result += self.constant(choice, bound, share)
        return covering(result, mask, None)

    def select(self, expr: c.Expr, bound: Bound, mask: Mask) -> Shares[c.Expr]:
        """What ``_Generic`` or ``__builtin_choose_expr`` stands for; see :class:`Selection`."""
        return self._selection.of(expr, bound, mask)
