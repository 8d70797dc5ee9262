"""Evaluating a function for what it does with values (:mod:`analyzer.csource.action`).

The walk is the one that finds call sites; on the way this one notes what is stored,
handed over and returned.
"""

from __future__ import annotations

import re
from dataclasses import replace

from analyzer.configset.configset import Mask
from analyzer.csource import syntax as c
from analyzer.csource.action import (
    Action,
    CallAction,
    FunctionActions,
    ReturnAction,
    StoreAction,
)
from analyzer.csource.alternatives import FeatureTest
from analyzer.csource.constant import Folder
from analyzer.csource.denote import Denoter
from analyzer.csource.environment import Environment
from analyzer.csource.operand import (
    Derived,
    Literal,
    Load,
    Opaque,
    Operand,
    Place,
    Result,
    Storage,
    Variable,
    varying,
)
from analyzer.csource.scope import Bound
from analyzer.csource.sites import CallSite, GuardFact, GuardWay, Passed, SiteKind, Target
from analyzer.csource.sites import Place as Where
from analyzer.csource.walk import Evaluator, FunctionWalk

_REGISTERS = {
    True: ("D", "S", "d", "c"),
    False: ("a", "d", "c"),
}
"""Constraint letters of the argument registers in order, by whether pointers have 8 bytes:
System V ABI for x86-64, ``-mregparm=3`` for i386 (arch/x86/Makefile)."""
_Key = tuple[Where, Bound, int]
"""A piece of syntax by ``id()``, in the expansion that it is in: expansions with the same text
share their syntax."""
_SYMBOLIC = re.compile(r"^\s*\[\s*\w+\s*\]")


def function_actions(
    evaluator: Evaluator, definition: c.FunctionDefinition, bound: Bound, mask: Mask
) -> FunctionActions:
    """What ``definition``, found in ``bound``, does with values where ``mask``."""
    evaluator.environment.clear()
    wide = evaluator.abi.pointer == 8
    return ActionWalk(evaluator.environment, evaluator.folder, wide).actions_of(
        definition, bound, mask
    )


def initial_value(
    evaluator: Evaluator, declarator: c.Declarator, bound: Bound, mask: Mask
) -> Operand:
    """The value that a file-scope declarator of ``bound`` starts with where ``mask``; what has
    no initialiser starts as zero (C17 6.7.9p10)."""
    if declarator.value is None:
        return Literal(0)
    evaluator.environment.clear()
    walk = ActionWalk(evaluator.environment, evaluator.folder, evaluator.abi.pointer == 8)
    return walk.initial_of(declarator, bound, mask)


class ActionWalk(FunctionWalk):
    """One function at a time; see :meth:`actions_of`."""

    def __init__(self, environment: Environment, folder: Folder, wide: bool) -> None:
        """``wide``: pointers have 8 bytes."""
        super().__init__(environment, folder)
        self._wide = wide
        self._denoter = Denoter(environment, folder, self)
        self._actions: list[Action] = []
        self._frames: list[_Frame] = []
        self._results: dict[_Key, Operand] = {}
        self._lasts: dict[_Key, Operand] = {}
        self._valued: set[int] = set()
        self._positions: dict[str, int] = {}

    def actions_of(
        self, definition: c.FunctionDefinition, bound: Bound, mask: Mask
    ) -> FunctionActions:
        """What ``definition``, found in ``bound``, does where ``mask``."""
        names = tuple(parameter.name or "" for parameter in definition.type.parameters)
        self._positions = {name: number for number, name in enumerate(names)}
        self.run(definition, bound, mask)
        return FunctionActions(definition.name, names, tuple(self._actions))

    def initial_of(self, declarator: c.Declarator, bound: Bound, mask: Mask) -> Operand:
        """The value of an initialiser at file scope."""
        self.bound, self.present = bound, mask
        return self._initial(declarator, mask)

    def restart(self) -> None:
        """A further round over the function begins."""
        self._actions = []
        self._results = {}
        self._lasts = {}

    # --- Yields -----------------------------------------------------------------------

    def result(self, call: c.Call, bound: Bound, outer: Where) -> Operand:
        return self._results.get((outer, bound, id(call)), Opaque())

    def last_value(
        self, body: tuple[c.Statement, ...], bound: Bound, outer: Where
    ) -> Operand | None:
        return self._lasts.get((outer, bound, id(body)))

    def position(self, parameter: str) -> int:
        return self._positions.get(parameter, 0)

    # --- what is noted ----------------------------------------------------------------

    def guard(
        self,
        condition: c.Expr,
        span: c.Span,
        negated: bool,
        mask: Mask,
        operator: str | None = None,
        way: GuardWay = GuardWay.BRANCH,
    ) -> GuardFact:
        operand = self._value(condition, mask)
        return GuardFact(self.bound, span, negated, mask, operator, way=way, operand=operand)

    def joined(
        self,
        condition: c.Expr,
        span: c.Span,
        mask: Mask,
        then: tuple[GuardFact, ...],
        otherwise: tuple[GuardFact, ...],
    ) -> tuple[GuardFact, ...]:
        if all(fact.way is GuardWay.SURVIVED for fact in (*then, *otherwise)):
            return ()
        held = self.guard(condition, span, False, mask, way=GuardWay.PASSED)
        missed = replace(held, negated=True)
        either = ((held, *then), (missed, *otherwise))
        return (replace(held, operand=Opaque(), either=either),)

    def leaving(self, body: tuple[c.Statement, ...], mask: Mask) -> None:
        if id(body) in self._valued and body:
            last = body[-1]
            if isinstance(last, c.Expression):
                where = mask or self.present
                self._lasts[self.outer, self.bound, id(body)] = self._value(last.expr, where)

    def initialised(self, declarator: c.Declarator, mask: Mask) -> None:
        if declarator.value is None or not mask:
            return
        name = c.Name(declarator.name, declarator.at)
        value = self._initial(declarator, mask)
        for share, place in self._denoter.place(name, self.bound, mask, self.outer):
            root = place.root
            if not isinstance(root, Variable) or root.storage is not Storage.STATIC:
                self._store(place, value, share, declarator.at)

    def _initial(self, declarator: c.Declarator, mask: Mask) -> Operand:
        assert declarator.value is not None
        if isinstance(declarator.value, c.Initializer):
            return self._denoter.initial(declarator, self.bound, mask, self.outer)
        return self._value(declarator.value, mask)

    def _store(self, place: Place, value: Operand, mask: Mask, at: int) -> None:
        where = (*self.outer, (self.bound, at))
        self._actions.append(StoreAction(place, value, mask, where, self.guards))

    def _value(self, expr: c.Expr, mask: Mask) -> Operand:
        return self._denoter.value(expr, self.bound, mask, self.outer)

    # --- expressions ------------------------------------------------------------------

    def _assign(self, expr: c.Assign, mask: Mask) -> Mask:
        mask = super()._assign(expr, mask)
        if mask:
            value = self._value(expr.value, mask)
            for share, place in self._denoter.place(expr.target, self.bound, mask, self.outer):
                stored = value
                if expr.operator != "=":
                    stored = Derived(expr.operator[:-1], (Load(place), value))
                self._store(place, stored, share, _token(expr.target))
        return mask

    def _unary(self, expr: c.Unary, mask: Mask) -> Mask:
        mask = super()._unary(expr, mask)
        operator = expr.operator
        if mask and operator in {"++x", "x++", "--x", "x--"}:
            step = "+" if "+" in operator else "-"
            for share, place in self._denoter.place(expr.operand, self.bound, mask, self.outer):
                value = Derived(step, (Load(place), Literal(1)))
                self._store(place, value, share, _token(expr.operand))
        return mask

    def _statement_expression(self, expr: c.StatementExpression, mask: Mask) -> Mask:
        self._valued.add(id(expr.body))
        return super()._statement_expression(expr, mask)

    def _statement_condition(self, expr: c.StatementExpression, mask: Mask) -> tuple[Mask, Mask]:
        self._valued.add(id(expr.body))
        return super()._statement_condition(expr, mask)

    # --- calls ------------------------------------------------------------------------

    def _evaluated(self, expr: c.Call, mask: Mask) -> Mask:
        for argument in expr.arguments:
            mask = self.walk(argument, mask)
        if not mask:
            return 0
        values = tuple(self._value(argument, mask) for argument in expr.arguments)
        frame = _Frame(values)
        self._frames.append(frame)
        after = self._callee(expr.function, expr, mask)
        self._frames.pop()
        self._results[self.outer, self.bound, id(expr)] = varying(frame.results)
        return after

    def _indirect(self, function: c.Expr, call: c.Call, mask: Mask) -> None:
        if mask and self._frames:
            self._frames[-1].callee = self._value(function, mask)
        super()._indirect(function, call, mask)

    def emit(
        self,
        kind: SiteKind,
        name: str,
        mask: Mask,
        at: int,
        target: Target | None = None,
        arguments: int = 0,
        passes: tuple[Passed, ...] = (),
        when: tuple[FeatureTest, ...] = (),
    ) -> None:
        super().emit(kind, name, mask, at, target, arguments, passes, when)
        if not mask or kind is SiteKind.ADDRESS:
            return
        site = self.sites[-1]
        if kind in {SiteKind.CALL, SiteKind.INDIRECT} and self._frames:
            self._called(site, self._frames[-1])
        elif kind is not SiteKind.ASM:
            self._actions.append(CallAction(site, ()))

    def _called(self, site: CallSite, frame: _Frame) -> None:
        callee = frame.callee if site.kind is SiteKind.INDIRECT else None
        frame.results.append((site.mask, Result(len(self._actions))))
        self._actions.append(CallAction(site, frame.arguments, callee))

    # --- statements -------------------------------------------------------------------

    def _return(self, statement: c.Return, mask: Mask) -> Mask:
        if statement.value is not None:
            mask = self.walk(statement.value, mask)
        if mask:
            value = None if statement.value is None else self._value(statement.value, mask)
            where = (*self.outer, (self.bound, 0))
            self._actions.append(ReturnAction(value, statement.value, mask, where, self.guards))
        self.returns |= mask
        self.exits |= mask
        return 0

    def _asm(self, statement: c.Asm, mask: Mask) -> Mask:
        first = len(self.sites)
        after = super()._asm(statement, mask)
        calls = [site for site in self.sites[first:] if site.kind is SiteKind.ASM]
        if calls:
            arguments = self._registers(statement, mask)
            callees = [
                self._value(operand, mask)
                for _, operand in (*statement.outputs, *statement.inputs)
                if calls[0].target is not None
            ]
            for site in calls:
                callee = None if site.target is None else _slot_of(callees, site.target)
                self._actions.append(CallAction(site, arguments, callee))
        if after:
            self._asm_outputs(statement, after, len(calls))
        return after

    def _asm_outputs(self, statement: c.Asm, mask: Mask, calls: int) -> None:
        """What an asm statement writes comes of what it reads, and of what it calls (the last
        ``calls`` actions)."""
        first = len(self._actions) - calls
        read = [target for constraint, target in statement.outputs if "+" in constraint]
        read += [operand for _, operand in statement.inputs]
        made: list[Operand] = [Result(first + number) for number in range(calls)]
        made += [self._value(operand, mask) for operand in read]
        for constraint, target in statement.outputs:
            for share, place in self._denoter.place(target, self.bound, mask, self.outer):
                if "m" in constraint or not _is_register(place):
                    self._store(place, Derived("asm", tuple(made)), share, _token(target))

    def _registers(self, statement: c.Asm, mask: Mask) -> tuple[Operand, ...]:
        """The arguments that an asm call gets in registers, by its input constraints."""
        given: dict[str, Operand] = {}
        for constraint, operand in statement.inputs:
            letter = _SYMBOLIC.sub("", constraint).strip()
            given[letter] = self._value(operand, mask)
        values = [given.get(letter) for letter in _REGISTERS[self._wide]]
        while values and values[-1] is None:
            values.pop()
        return tuple(Opaque() if value is None else value for value in values)


class _Frame:
    """A call being walked: its arguments, and what it turned out to call."""

    __slots__ = ("arguments", "callee", "results")

    def __init__(self, arguments: tuple[Operand, ...]) -> None:
        self.arguments = arguments
        self.callee: Operand | None = None
        self.results: list[tuple[Mask, Operand]] = []


def _slot_of(operands: list[Operand], target: Target) -> Operand | None:
    """The operand of an asm call that is its slot."""
    for operand in operands:
        if isinstance(operand, Load) and _starts_at(operand.place, target.root):
            return operand
    return None


def _starts_at(place: Place, root: str | None) -> bool:
    variable = place.root
    if not isinstance(variable, Variable):
        return root is None
    return variable.storage is Storage.FILE and variable.name == root


def _is_register(place: Place) -> bool:
    """Whether a place that is no memory is a register variable (``asm("rsp")``): one at file
    scope stands for the register and holds no value of the program's."""
    root = place.root
    return isinstance(root, Variable) and root.storage is Storage.FILE and not place.path


def _token(expr: c.Expr) -> int:
    """The token that a target stands at."""
    while True:
        if isinstance(expr, c.Name | c.MemberOf | c.Hole | c.Call):
            return expr.at
        if isinstance(expr, c.Index):
            expr = expr.array
        elif isinstance(expr, c.Unary | c.Cast):
            expr = expr.operand
        else:
            return 0
