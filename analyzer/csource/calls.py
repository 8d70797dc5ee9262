"""Walking calls: by name, through pointers, through what stands for either.

A callee may be written as ``f``, ``(*f)``, a cast, a macro use, ``_Generic``; what counts is
what is called in the end. Arguments of ``__builtin_constant_p`` and its like are not walked.
"""

from __future__ import annotations

from dataclasses import replace

from analyzer.configset.configset import Mask
from analyzer.csource import syntax as c
from analyzer.csource.builtins import LIBRARY, NO_RETURN, UNEVALUATED
from analyzer.csource.partition import Shares
from analyzer.csource.scope import Bound
from analyzer.csource.sites import Passed, SiteKind, Target
from analyzer.csource.target import describe
from analyzer.csource.unfold import only_expression
from analyzer.csource.walk_state import WalkState


class CallWalk(WalkState):
    """Calls."""

    def call(self, expr: c.Call, mask: Mask) -> Mask:
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
                return self.selected(expr, mask)
        return self._evaluated(expr, mask)

    def selected(self, expr: c.Generic | c.Call, mask: Mask) -> Mask:
        after = 0
        for share, choice in self.folder.select(expr, self.bound, mask):
            after |= self.walk(choice, share)
        return after

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
        """A callee ``({ …; f; })``: its value is a temporary, through which GCC calls.

        Braces around nothing but an expression are dropped, as everywhere.
        """
        body = function.body
        last = body[-1] if body else None
        if not isinstance(last, c.Expression):
            after = self.block(body, mask)
            self._indirect(function, call, after)
            return after
        self.environment.enter()
        saved = self.guards
        if len(body) == 1:
            after = self._callee(last.expr, call, mask)
        else:
            after = self.sequence(body, mask)
            self._indirect(last.expr, call, after)
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
            self._emit_call(SiteKind.CALL, name, direct, call)
        through = mask & ~direct
        if through:
            self._through_variable(function, call, through)
        return returns

    def _through_variable(self, function: c.Name, call: c.Call, mask: Mask) -> None:
        """A call through a named pointer; a ``const`` one that holds a function is direct."""
        for share, name in self.folder.names.function_held(function, mask):
            mask &= ~share
            self._emit_call(SiteKind.CALL, name, share, call)
        self._indirect(function, call, mask)

    def _indirect(self, function: c.Expr, call: c.Call, mask: Mask) -> None:
        while mask:
            typer = self.folder.typer
            target, share = describe(function, self.bound, mask, self.environment, typer)
            self._emit_call(SiteKind.INDIRECT, "", share, call, target)
            mask &= ~share

    def _emit_call(
        self, kind: SiteKind, name: str, mask: Mask, call: c.Call, target: Target | None = None
    ) -> None:
        """Record a call: one site for all configurations that pass the same functions."""
        count = len(call.arguments)
        for share, passes in self._passed(call, mask):
            self.emit(kind, name, share, call.at, target, count, passes)

    def _passed(self, call: c.Call, mask: Mask) -> Shares[tuple[Passed, ...]]:
        """The functions among the arguments."""
        result: Shares[tuple[Passed, ...]] = [(mask, ())]
        for index, argument in enumerate(call.arguments):
            if type(argument) in _MAY_NAME:
                names: dict[str, Mask] = {}
                self._names_in(argument, self.bound, mask, names)
                for name, where in names.items():
                    split: Shares[tuple[Passed, ...]] = []
                    for share, passes in result:
                        if share & where:
                            split.append((share & where, (*passes, Passed(index, name))))
                        if share & ~where:
                            split.append((share & ~where, passes))
                    result = split
        return result

    def _names_in(self, expr: c.Expr, bound: Bound, mask: Mask, names: dict[str, Mask]) -> None:
        if isinstance(expr, c.Name):
            function = self.function_mask(expr.name, mask)
            if function:
                names[expr.name] = names.get(expr.name, 0) | function
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
