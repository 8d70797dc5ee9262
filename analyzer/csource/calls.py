"""Walking expressions: who is called where, in C's order of evaluation.

Every method takes the mask under which evaluation of an expression starts and returns the
mask under which it completes (smaller after a call of a ``noreturn`` function). Operands
that C does not evaluate (``sizeof``, ``typeof``, the control of ``_Generic``, arguments of
``__builtin_constant_p``) are not walked.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from analyzer.configset.configset import Mask
from analyzer.csource import syntax as c
from analyzer.csource.builtins import LIBRARY, NO_RETURN, UNEVALUATED
from analyzer.csource.constant import Folder
from analyzer.csource.environment import Environment
from analyzer.csource.scope import Bound
from analyzer.csource.sites import CallSite, GuardFact, Passed, Place, SiteKind, Target
from analyzer.csource.target import describe
from analyzer.csource.unfold import only_expression


class ExpressionWalk(ABC):
    """The state of one function's evaluation, and expressions."""

    def __init__(self, environment: Environment, folder: Folder) -> None:
        self.environment = environment
        self.folder = folder
        self.bound: Bound
        self.outer: Place = ()
        self.present: Mask = 0
        """The configurations whose text has the code being walked, reached or not."""
        self.guards: tuple[GuardFact, ...] = ()
        self.sites: list[CallSite] = []
        self.labels: dict[str, Mask] = {}
        """Where each label is jumped to, over all jumps seen so far."""
        self.lost: list[tuple[Mask, Bound, c.Span]] = []
        self._walkers: dict[type[Any], Callable[[Any, Mask], Mask]] = {
            c.Name: self._name,
            c.Number: self._leaf,
            c.Floating: self._leaf,
            c.Text: self._leaf,
            c.TypeArgument: self._leaf,
            c.SizeOf: self._leaf,
            c.OffsetOf: self._leaf,
            c.Call: self._call,
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

    @abstractmethod
    def sequence(self, body: tuple[c.Statement, ...], mask: Mask) -> Mask:
        """Walk statements in the scope that is open; the mask in which their end is reached."""

    @abstractmethod
    def block(self, body: tuple[c.Statement, ...], mask: Mask) -> Mask:
        """Walk statements in a scope of their own."""

    # --- entry points ---------------------------------------------------------------

    def walk(self, expr: c.Expr, mask: Mask) -> Mask:
        """Evaluate for side effects."""
        return self._walkers[type(expr)](expr, mask) if mask else 0

    def condition(self, expr: c.Expr, mask: Mask) -> tuple[Mask, Mask]:
        """Evaluate as a condition: where it can be true, and where false.

        A configuration in both is decided at run time, in none does not get past it.
        """
        if not mask:
            return 0, 0
        handler = self._conditions.get(type(expr))
        if handler is not None:
            return handler(expr, mask)
        return self.folder.truth(expr, self.bound, self.walk(expr, mask))

    def emit(
        self,
        kind: SiteKind,
        name: str,
        mask: Mask,
        at: int,
        target: Target | None = None,
        arguments: int = 0,
        passes: tuple[Passed, ...] = (),
    ) -> None:
        """Record a site under the guards of this point."""
        if mask:
            where = (*self.outer, (self.bound, at))
            self.sites.append(
                CallSite(kind, name, mask, where, self.guards, target, arguments, passes)
            )

    def inside(self, at: int, alternative: Bound, share: Mask) -> tuple[Bound, Place, Mask]:
        """Step into an expansion; give the result to :meth:`outside` afterwards."""
        before = self.bound, self.outer, self.present
        self.outer = (*self.outer, (self.bound, at))
        self.bound = alternative
        self.present &= share
        return before

    def outside(self, before: tuple[Bound, Place, Mask]) -> None:
        self.bound, self.outer, self.present = before

    # --- operands -------------------------------------------------------------------

    def _leaf(self, _expr: c.Expr, mask: Mask) -> Mask:
        return mask

    def _name(self, expr: c.Name, mask: Mask) -> Mask:
        function = self.function_mask(expr.name, mask)
        if function:
            self.emit(SiteKind.ADDRESS, expr.name, function, expr.at)
        return mask

    def function_mask(self, name: str, mask: Mask) -> Mask:
        """Where in ``mask`` the name is a function (declared in or outside this one)."""
        found, rest = self.environment.locals_of(name, mask)
        function = self.environment.global_name(name).function & rest if rest else 0
        for share, local in found:
            if local.is_function:
                function |= share
        return function

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
        return self._selected(expr, mask)

    def _selected(self, expr: c.Generic | c.Call, mask: Mask) -> Mask:
        after = 0
        for share, choice in self.folder.select(expr, self.bound, mask):
            after |= self.walk(choice, share)
        return after

    def _conditional(self, expr: c.Conditional, mask: Mask) -> Mask:
        saved = self.guards
        true, false = self.condition(expr.condition, mask)
        after = true
        both = true & false
        if expr.then is not None:
            if both:
                self.guards = (*saved, GuardFact(self.bound, expr.span, False, both))
            after = self.walk(expr.then, true)
        if both:
            self.guards = (*saved, GuardFact(self.bound, expr.span, True, both))
        after |= self.walk(expr.otherwise, false)
        self.guards = saved
        return after

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
                    GuardFact(self.bound, expr.span, operator == "||", both, operator),
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
        saved = self.guards
        true, false = self.condition(expr.condition, mask)
        both = true & false
        result_true, result_false = true, 0
        if expr.then is not None:
            if both:
                self.guards = (*saved, GuardFact(self.bound, expr.span, False, both))
            result_true, result_false = self.condition(expr.then, true)
        if both:
            self.guards = (*saved, GuardFact(self.bound, expr.span, True, both))
        true, false = self.condition(expr.otherwise, false)
        self.guards = saved
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
        return self.folder.truth(expr, self.bound, self._call(expr, mask))

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

    # --- calls ----------------------------------------------------------------------

    def _call(self, expr: c.Call, mask: Mask) -> Mask:
        function = expr.function
        if type(function) is c.Name:
            name = function.name
            if name == "__builtin_constant_p":
                return self._constant_p(expr, mask)
            if name in LIBRARY:
                return self._library(expr, mask)
            if name in UNEVALUATED:
                self.emit(SiteKind.CALL, name, mask, expr.at, None, len(expr.arguments))
                return mask
            if name == "__builtin_choose_expr":
                return self._selected(expr, mask)
        return self._evaluated(expr, mask)

    def _evaluated(self, expr: c.Call, mask: Mask) -> Mask:
        """Arguments, then the call."""
        for argument in expr.arguments:
            mask = self.walk(argument, mask)
        return self._callee(expr.function, expr, mask) if mask else 0

    def _library(self, expr: c.Call, mask: Mask) -> Mask:
        """A call that is a constant instead where its arguments are."""
        after = 0
        for share, value in self.folder.constant(expr, self.bound, mask):
            after |= share if value is not None else self._evaluated(expr, share)
        return after

    def _constant_p(self, expr: c.Call, mask: Mask) -> Mask:
        """The argument is evaluated only where GCC leaves the question to optimisation."""
        undecided = 0
        for share, value in self.folder.constant(expr, self.bound, mask):
            if value is None:
                undecided |= share
        for argument in expr.arguments:
            self.walk(argument, undecided)
        self.emit(SiteKind.CALL, "__builtin_constant_p", undecided, expr.at, None, 1)
        return mask

    def _callee(self, function: c.Expr, call: c.Call, mask: Mask) -> Mask:
        """Record the site(s) of a call whose callee is ``function``; where it returns."""
        kind = type(function)
        if kind is c.Name:
            return self._named(function, call, mask)  # type: ignore[arg-type]
        if isinstance(function, c.Unary) and function.operator in {"*", "&"}:
            stripped = self._designator(function)
            if stripped is not None:
                return self._named(stripped, call, mask)
        elif isinstance(function, c.Cast):
            if self._designator(function.operand) is not None:
                return self._callee(function.operand, call, mask)
        elif isinstance(function, c.Hole):
            return self._callee_hole(function, call, mask)
        elif isinstance(function, c.Generic) or _is_choice(function):
            after = 0
            for share, choice in self.folder.select(function, self.bound, mask):
                after |= self._callee(choice, call, share)
            return after
        elif isinstance(function, c.StatementExpression):
            return self._callee_statements(function, call, mask)
        elif isinstance(function, c.Conditional) and function.then is not None:
            true, false = self.condition(function.condition, mask)
            after = self._callee(function.then, call, true) if true else 0
            return after | (self._callee(function.otherwise, call, false) if false else 0)
        after = self.walk(function, mask)
        self._indirect(function, call, after)
        return after

    def _designator(self, function: c.Expr) -> c.Name | None:
        """The function's name under ``*`` and ``&``: ``(*f)()`` calls ``f`` (6.5.3.2)."""
        while isinstance(function, c.Unary) and function.operator in {"*", "&"}:
            function = function.operand
        if isinstance(function, c.Name) and self.function_mask(function.name, self.present):
            return function
        return None

    def _callee_hole(self, function: c.Hole, call: c.Call, mask: Mask) -> Mask:
        done = mask
        for share, alternative in self.bound.holes[function.number]:
            part = mask & share
            inner = only_expression(alternative)
            if not part or inner is None:
                continue
            if isinstance(inner, c.Name):
                after = self._named(inner, call, part)
            else:
                before = self.inside(function.at, alternative, share)
                after = self._callee(inner, replace(call, at=_place(inner)), part)
                self.outside(before)
            done &= ~(part & ~after)
        return done

    def _callee_statements(self, function: c.StatementExpression, call: c.Call, mask: Mask) -> Mask:
        """A callee ``({ …; f; })``: GCC calls ``f`` through a temporary, the code does not."""
        body = function.body
        if not body or not isinstance(body[-1], c.Expression):
            after = self.block(body, mask)
            self._indirect(function, call, after)
            return after
        self.environment.enter()
        saved = self.guards
        after = self._callee(body[-1].expr, call, self.sequence(body[:-1], mask))
        self.guards = saved
        self.environment.leave()
        return after

    def _named(self, function: c.Name, call: c.Call, mask: Mask) -> Mask:
        """A call by name: of a function, or through a variable of that name."""
        name = function.name
        found, rest = self.environment.locals_of(name, mask)
        direct = returns = 0
        if rest:
            known = self.environment.global_name(name)
            direct = rest & ~known.variable
            returns = rest & ~known.noreturn
        for share, local in found:
            if local.is_function:
                direct |= share
                if any(attribute.name == "noreturn" for attribute in local.attributes):
                    continue
            returns |= share
        if name in NO_RETURN:
            returns = 0
        if direct:
            count = len(call.arguments)
            self.emit(SiteKind.CALL, name, direct, call.at, None, count, self._passed(call, direct))
        through = mask & ~direct
        if through:
            self._through_variable(function, call, through)
        return returns

    def _through_variable(self, function: c.Name, call: c.Call, mask: Mask) -> None:
        """A call through a named pointer; a ``const`` one that holds a function is direct."""
        for share, name in self.folder.names.function_held(function, mask):
            mask &= ~share
            count = len(call.arguments)
            self.emit(SiteKind.CALL, name, share, call.at, None, count, self._passed(call, share))
        self._indirect(function, call, mask)

    def _indirect(self, function: c.Expr, call: c.Call, mask: Mask) -> None:
        if not mask:
            return
        target = describe(function, self.bound, mask, self.environment, self.folder.typer)
        count = len(call.arguments)
        self.emit(SiteKind.INDIRECT, "", mask, call.at, target, count, self._passed(call, mask))

    def _passed(self, call: c.Call, mask: Mask) -> tuple[Passed, ...]:
        """The functions among the arguments."""
        result: list[Passed] = []
        for index, argument in enumerate(call.arguments):
            if type(argument) in _MAY_NAME:
                names: list[str] = []
                self._names_in(argument, self.bound, mask, names)
                result += [Passed(index, name) for name in names]
        return tuple(result)

    def _names_in(self, expr: c.Expr, bound: Bound, mask: Mask, names: list[str]) -> None:
        if isinstance(expr, c.Name):
            if expr.name not in names and self.function_mask(expr.name, mask):
                names.append(expr.name)
        elif isinstance(expr, c.Unary):
            if expr.operator == "&":
                self._names_in(expr.operand, bound, mask, names)
        elif isinstance(expr, c.Cast):
            self._names_in(expr.operand, bound, mask, names)
        elif isinstance(expr, c.Conditional):
            if expr.then is not None:
                self._names_in(expr.then, bound, mask, names)
            self._names_in(expr.otherwise, bound, mask, names)
        elif isinstance(expr, c.Hole):
            for share, alternative in bound.holes[expr.number]:
                inner = only_expression(alternative)
                if share & mask and inner is not None:
                    self._names_in(inner, alternative, mask & share, names)


_MAY_NAME = frozenset({c.Name, c.Unary, c.Cast, c.Conditional, c.Hole})


def _place(expr: c.Expr) -> int:
    """The token of its own piece that a callee stands at."""
    while not isinstance(expr, c.Name | c.MemberOf | c.Call | c.Hole):
        if isinstance(expr, c.Cast | c.Unary):
            expr = expr.operand
        elif isinstance(expr, c.Index):
            expr = expr.array
        else:
            return 0
    return expr.at


def _is_choice(function: c.Expr) -> bool:
    return (
        isinstance(function, c.Call)
        and isinstance(function.function, c.Name)
        and function.function.name == "__builtin_choose_expr"
    )
