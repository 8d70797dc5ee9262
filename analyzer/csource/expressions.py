"""Walking expressions: who is called where, in C's order of evaluation.

Every method takes the mask under which evaluation of an expression starts and returns the
mask under which it completes (smaller after a call of a ``noreturn`` function). Operands
that C does not evaluate (``sizeof``, ``typeof``, the control of ``_Generic``, arguments of
``__builtin_constant_p``) are not walked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from analyzer.configset.configset import Mask
from analyzer.csource import syntax as c
from analyzer.csource.calls import CallWalk
from analyzer.csource.constant import Folder
from analyzer.csource.environment import Environment
from analyzer.csource.settled import Settled, SettledConditions
from analyzer.csource.sites import SiteKind
from analyzer.csource.unfold import only_expression


class ExpressionWalk(CallWalk):
    """All expressions."""

    def __init__(self, environment: Environment, folder: Folder) -> None:
        super().__init__(environment, folder)
        self._conditionals = SettledConditions(folder)
        self._settled: Settled = {}
        """Conditionals of which one operand is left, because one around them decides."""
        self._walkers: dict[type[Any], Callable[[Any, Mask], Mask]] = {
            c.Name: self._name,
            c.Number: self._leaf,
            c.Floating: self._leaf,
            c.Text: self._leaf,
            c.TypeArgument: self._leaf,
            c.SizeOf: self._leaf,
            c.OffsetOf: self._leaf,
            c.Call: self.call,
            c.Unary: self._unary,
            c.Binary: self._binary,
            c.Assign: self._assign,
            c.Conditional: self._conditional,
            c.Cast: self._cast,
            c.Index: self._index,
            c.MemberOf: self._member,
            c.StatementExpression: self._statement_expression,
            c.CompoundLiteral: self._compound_literal,
            c.Initializer: self._initializer,
            c.Generic: self._generic,
            c.VaArg: self._va_arg,
            c.Hole: self._hole,
            c.LabelAddress: self._label_address,
            c.UnknownExpr: self._unknown,
        }
        self._conditions: dict[type[Any], Callable[[Any, Mask], tuple[Mask, Mask]]] = {
            c.Binary: self._binary_condition,
            c.Unary: self._unary_condition,
            c.Conditional: self._conditional_condition,
            c.Call: self._call_condition,
            c.StatementExpression: self._statement_condition,
            c.Hole: self._hole_condition,
        }

    # --- entry points ---------------------------------------------------------------

    def walk(self, expr: c.Expr, mask: Mask) -> Mask:
        return self._walkers[type(expr)](expr, mask) if mask else 0

    def condition(self, expr: c.Expr, mask: Mask) -> tuple[Mask, Mask]:
        if not mask:
            return 0, 0
        handler = self._conditions.get(type(expr))
        if handler is not None:
            return handler(expr, mask)
        return self.folder.truth(expr, self.bound, self.walk(expr, mask))

    # --- operands -------------------------------------------------------------------

    def _leaf(self, _expr: c.Expr, mask: Mask) -> Mask:
        return mask

    def _name(self, expr: c.Name, mask: Mask) -> Mask:
        function = self.function_mask(expr.name, mask)
        if function:
            self.emit(SiteKind.ADDRESS, expr.name, function, expr.at)
        return mask

    def _unary(self, expr: c.Unary, mask: Mask) -> Mask:
        return self.walk(expr.operand, mask)

    def _binary(self, expr: c.Binary, mask: Mask) -> Mask:
        operator = expr.operator
        if operator in {"&&", "||"}:
            true, false = self.condition(expr, mask)
            return true | false
        return self.walk(expr.right, self.walk(expr.left, mask))

    def _assign(self, expr: c.Assign, mask: Mask) -> Mask:
        return self.walk(expr.value, self.walk(expr.target, mask))

    def _cast(self, expr: c.Cast, mask: Mask) -> Mask:
        return self.walk(expr.operand, mask)

    def _index(self, expr: c.Index, mask: Mask) -> Mask:
        return self.walk(expr.subscript, self.walk(expr.array, mask))

    def _member(self, expr: c.MemberOf, mask: Mask) -> Mask:
        return self.walk(expr.object, mask)

    def _statement_expression(self, expr: c.StatementExpression, mask: Mask) -> Mask:
        return self.block(expr.body, mask)

    def _compound_literal(self, expr: c.CompoundLiteral, mask: Mask) -> Mask:
        return self.walk(expr.value, mask)

    def _initializer(self, expr: c.Initializer, mask: Mask) -> Mask:
        for _, value in expr.items:
            mask = self.walk(value, mask)
        return mask

    def _va_arg(self, expr: c.VaArg, mask: Mask) -> Mask:
        return self.walk(expr.list, mask)

    def _label_address(self, expr: c.LabelAddress, mask: Mask) -> Mask:
        self.labels[expr.label] = self.labels.get(expr.label, 0) | mask
        return mask

    def _unknown(self, expr: c.UnknownExpr, mask: Mask) -> Mask:
        self.lost.append((mask, self.bound, expr.span))
        for part in expr.parts:
            mask = self.walk(part, mask)
        return mask

    def _hole(self, expr: c.Hole, mask: Mask) -> Mask:
        done = mask
        for share, alternative in self.bound.holes[expr.number]:
            part = mask & share
            if part:
                before = self.inside(expr.at, alternative, share)
                inner = only_expression(alternative)
                if inner is not None:
                    after = self.walk(inner, part)
                else:
                    after = self.sequence(alternative.piece.body, part)
                done &= ~(part & ~after)
                self.outside(before)
        return done

    def _generic(self, expr: c.Generic, mask: Mask) -> Mask:
        return self.selected(expr, mask)

    def _conditional(self, expr: c.Conditional, mask: Mask) -> Mask:
        then, otherwise = self._left_of(expr, mask)
        saved = self.guards
        true, false = self.condition(expr.condition, mask & ~(then | otherwise))
        both = true & false
        true, false = true | then, false | otherwise
        after = true
        settled = self._settle(expr, both)
        if expr.then is not None:
            if both:
                self.guards = (*saved, self.guard(expr.condition, expr.span, False, both))
            after = self.walk(expr.then, true)
        if both:
            self.guards = (*saved, self.guard(expr.condition, expr.span, True, both))
        after |= self.walk(expr.otherwise, false)
        self.guards = saved
        self._settled = settled
        return after

    def _left_of(self, expr: c.Conditional, mask: Mask) -> tuple[Mask, Mask]:
        """Where only ``then`` is left of a conditional, and where only the other operand."""
        then, otherwise = self._settled.get(id(expr), (0, 0))
        return then & mask, otherwise & mask

    def _settle(self, expr: c.Conditional, mask: Mask) -> Settled:
        """Note what is left of the conditionals in ``expr`` that ask the same again; the
        result is what was noted before."""
        before = self._settled
        inner = self._conditionals.below(expr, self.bound, mask) if mask else {}
        if inner:
            self._settled = before.copy()
            for key, (then, otherwise) in inner.items():
                known = before.get(key, (0, 0))
                self._settled[key] = known[0] | then, known[1] | otherwise
        return before

    # --- conditions -----------------------------------------------------------------

    def _binary_condition(self, expr: c.Binary, mask: Mask) -> tuple[Mask, Mask]:
        operator = expr.operator
        if operator in {"&&", "||"}:
            true, false = self.condition(expr.left, mask)
            both = true & false
            saved = self.guards
            if both:
                self.guards = (
                    *saved,
                    self.guard(expr.left, expr.span, operator == "||", both, operator),
                )
            if operator == "&&":
                true, also = self.condition(expr.right, true)
                false |= also
            else:
                also, false = self.condition(expr.right, false)
                true |= also
            self.guards = saved
            return true, false
        if operator == ",":
            return self.condition(expr.right, self.walk(expr.left, mask))
        return self.folder.truth(expr, self.bound, self._binary(expr, mask))

    def _unary_condition(self, expr: c.Unary, mask: Mask) -> tuple[Mask, Mask]:
        if expr.operator == "!":
            true, false = self.condition(expr.operand, mask)
            return false, true
        return self.folder.truth(expr, self.bound, self.walk(expr.operand, mask))

    def _conditional_condition(self, expr: c.Conditional, mask: Mask) -> tuple[Mask, Mask]:
        then, otherwise = self._left_of(expr, mask)
        saved = self.guards
        true, false = self.condition(expr.condition, mask & ~(then | otherwise))
        both = true & false
        true, false = true | then, false | otherwise
        settled = self._settle(expr, both)
        result_true, result_false = true, 0
        if expr.then is not None:
            if both:
                self.guards = (*saved, self.guard(expr.condition, expr.span, False, both))
            result_true, result_false = self.condition(expr.then, true)
        if both:
            self.guards = (*saved, self.guard(expr.condition, expr.span, True, both))
        true, false = self.condition(expr.otherwise, false)
        self.guards = saved
        self._settled = settled
        return result_true | true, result_false | false

    def _call_condition(self, expr: c.Call, mask: Mask) -> tuple[Mask, Mask]:
        function = expr.function
        if type(function) is c.Name:
            if function.name == "__builtin_expect" and expr.arguments:
                return self._expect(expr, mask)
            if function.name == "__builtin_choose_expr":
                true = false = 0
                for share, choice in self.folder.select(expr, self.bound, mask):
                    also_true, also_false = self.condition(choice, share)
                    true |= also_true
                    false |= also_false
                return true, false
        return self.folder.truth(expr, self.bound, self.call(expr, mask))

    def _expect(self, expr: c.Call, mask: Mask) -> tuple[Mask, Mask]:
        """``__builtin_expect(x, y)`` is ``x``; where that is constant no call is left."""
        true, false = self.condition(expr.arguments[0], mask)
        self.emit(SiteKind.CALL, "__builtin_expect", true & false, expr.at, None, 2)
        return true, false

    def _statement_condition(self, expr: c.StatementExpression, mask: Mask) -> tuple[Mask, Mask]:
        body = expr.body
        if len(body) == 1 and type(body[0]) is c.Expression:
            return self.condition(body[0].expr, mask)
        after = self.block(body, mask)
        return after, after

    def _hole_condition(self, expr: c.Hole, mask: Mask) -> tuple[Mask, Mask]:
        true = false = mask
        for share, alternative in self.bound.holes[expr.number]:
            part = mask & share
            if part:
                before = self.inside(expr.at, alternative, share)
                inner = only_expression(alternative)
                if inner is not None:
                    part_true, part_false = self.condition(inner, part)
                else:
                    part_true = part_false = self.sequence(alternative.piece.body, part)
                true &= ~(part & ~part_true)
                false &= ~(part & ~part_false)
                self.outside(before)
        return true, false
