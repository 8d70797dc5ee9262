"""Evaluating a function: statements, with the mask and the guards of every point.

What is dropped is what GCC drops before it builds its call graph (gimplification and
control flow clean-up, before any inlining): branches of constant conditions, code after a
jump or a ``noreturn`` call, labels that only dead code jumps to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from analyzer.configset.configset import Mask
from analyzer.csource import syntax as c
from analyzer.csource.asm import asm_sites
from analyzer.csource.calls import ExpressionWalk
from analyzer.csource.constant import Folder
from analyzer.csource.environment import Environment, Local, inline_tag
from analyzer.csource.scope import Bound, FoundTag, Scope
from analyzer.csource.sites import FunctionFacts, GuardFact, SiteKind
from analyzer.csource.switch import Labels
from analyzer.csource.types import Abi
from analyzer.csource.typing import Typer
from analyzer.csource.unfold import only_expression


class Evaluator:
    """Evaluates the functions of one unit; remembers its types from one to the next."""

    def __init__(self, scope: Scope, abi: Abi) -> None:
        self._environment = Environment(scope)
        self._folder = Folder(Typer(self._environment, abi))

    def function(self, definition: c.FunctionDefinition, bound: Bound, mask: Mask) -> FunctionFacts:
        """Where ``definition``, found in ``bound``, calls what; ``mask``: where it exists."""
        self._environment.clear()
        self._folder.unresolved = 0
        walk = _FunctionWalk(self._environment, self._folder)
        walk.run(definition, bound, mask)
        return FunctionFacts(
            definition.name,
            tuple(walk.sites),
            walk.returns,
            tuple(walk.lost),
            self._folder.unresolved,
        )


def evaluate_function(
    definition: c.FunctionDefinition, bound: Bound, mask: Mask, scope: Scope, abi: Abi
) -> FunctionFacts:
    """Evaluate one function by itself; see :class:`Evaluator` for many."""
    return Evaluator(scope, abi).function(definition, bound, mask)


@dataclass(slots=True)
class _Cleanup:
    """A variable whose ``cleanup`` function runs when its scope is left."""

    function: str
    at: int
    mask: Mask
    guards: tuple[GuardFact, ...]


@dataclass(slots=True)
class _Switch:
    """The switch being walked: where its labels are entered from above."""

    labels: Labels
    bound: Bound
    span: c.Span
    guards: tuple[GuardFact, ...]
    open_cases: list[c.Span] = field(default_factory=list)
    open_default: bool = False


class _FunctionWalk(ExpressionWalk):
    def __init__(self, environment: Environment, folder: Folder) -> None:
        super().__init__(environment, folder)
        self.returns: Mask = 0
        self.breaks: Mask = 0
        self.continues: Mask = 0
        self.exits: Mask = 0
        """Jumps out of the innermost scope so far (returns, gotos, breaks)."""
        self.switch: _Switch | None = None
        self.cleanups: list[_Cleanup] = []
        self.label_guards: dict[str, tuple[GuardFact, ...]] = {}
        self.reached: dict[str, Mask] = {}
        self._statements: dict[type[Any], Callable[[Any, Mask], Mask]] = {
            c.Expression: self._expression,
            c.Declaration: self._declaration,
            c.FunctionDefinition: self._nested_function,
            c.If: self._if,
            c.While: self._while,
            c.DoWhile: self._do_while,
            c.For: self._for,
            c.Switch: self._switch,
            c.Case: self._case,
            c.Label: self._label,
            c.Goto: self._goto,
            c.Return: self._return,
            c.Break: self._break,
            c.Continue: self._continue,
            c.Block: self._block,
            c.Asm: self._asm,
            c.StaticAssert: self._nothing,
            c.Lost: self._lost,
        }

    def run(self, definition: c.FunctionDefinition, bound: Bound, mask: Mask) -> None:
        """Walk the function; again while a jump back opens code that was taken for dead."""
        while True:
            before = dict(self.labels)
            self.sites, self.lost, self.reached = [], [], {}
            self.bound, self.present, self.returns, self.guards = bound, mask, 0, ()
            self.exits = self.breaks = self.continues = 0
            self.environment.enter()
            for parameter in definition.type.parameters:
                if parameter.name is not None:
                    self._declare(parameter.name, parameter.type, parameter=True)
            self.returns |= self.block(definition.body, mask)
            self.environment.leave()
            late = any(
                jumped & ~self.reached.get(label, 0) for label, jumped in self.labels.items()
            )
            if not late or self.labels == before:
                return

    # --- scopes ---------------------------------------------------------------------

    def sequence(self, body: tuple[c.Statement, ...], mask: Mask) -> Mask:
        statements = self._statements
        for statement in body:
            if mask or self.labels or self.switch is not None:
                mask = statements[type(statement)](statement, mask)
        return mask

    def block(self, body: tuple[c.Statement, ...], mask: Mask) -> Mask:
        self.environment.enter()
        guards, exits, cleanups = self.guards, self.exits, self.cleanups
        self.exits, self.cleanups = 0, []
        mask = self.sequence(body, mask)
        if self.cleanups:
            mask = self._clean_up(mask)
        self.guards, self.exits, self.cleanups = guards, exits | self.exits, cleanups
        self.environment.leave()
        return mask

    def _clean_up(self, end: Mask) -> Mask:
        """The sites of the ``cleanup`` functions: last declared first."""
        left = end | self.exits
        for cleanup in reversed(self.cleanups):
            self.guards = cleanup.guards
            self.emit(SiteKind.CLEANUP, cleanup.function, cleanup.mask & left, cleanup.at)
        return end

    def _statement(self, statement: c.Statement, mask: Mask) -> Mask:
        """A substatement: a scope of its own (C17 6.8.4, 6.8.5)."""
        if type(statement) is c.Block:
            return self.block(statement.body, mask)
        if mask or self.labels or self.switch is not None:
            return self._statements[type(statement)](statement, mask)
        return 0

    # --- simple statements ----------------------------------------------------------

    def _nothing(self, _statement: c.Statement, mask: Mask) -> Mask:
        return mask

    def _expression(self, statement: c.Expression, mask: Mask) -> Mask:
        expr = statement.expr
        if type(expr) is c.Hole:
            return self._statement_hole(expr, mask)
        return self.walk(expr, mask)

    def _statement_hole(self, expr: c.Hole, mask: Mask) -> Mask:
        """A macro use that stands as a statement: it may be several, declarations, labels."""
        done = 0
        covered = 0
        for share, alternative in self.bound.holes[expr.number]:
            part = mask & share
            covered |= share
            inner = only_expression(alternative)
            if inner is not None:
                if part:
                    before = self.inside(expr.at, alternative, share)
                    done |= self.walk(inner, part)
                    self.outside(before)
                continue
            before = self.inside(expr.at, alternative, share)
            done |= self.sequence(alternative.piece.body, part)
            self.outside(before)
        return done | (mask & ~covered)

    def _block(self, statement: c.Block, mask: Mask) -> Mask:
        return self.block(statement.body, mask)

    def _return(self, statement: c.Return, mask: Mask) -> Mask:
        if statement.value is not None:
            mask = self.walk(statement.value, mask)
        self.returns |= mask
        self.exits |= mask
        return 0

    def _break(self, _statement: c.Break, mask: Mask) -> Mask:
        self.breaks |= mask
        self.exits |= mask
        return 0

    def _continue(self, _statement: c.Continue, mask: Mask) -> Mask:
        self.continues |= mask
        self.exits |= mask
        return 0

    def _goto(self, statement: c.Goto, mask: Mask) -> Mask:
        if statement.target is not None:
            mask = self.walk(statement.target, mask)
        if statement.label is not None:
            self._jump(statement.label, mask)
        self.exits |= mask
        return 0

    def _jump(self, label: str, mask: Mask) -> None:
        if mask:
            self.labels[label] = self.labels.get(label, 0) | mask
            known = self.label_guards.get(label)
            self.label_guards[label] = self.guards if known is None else _common(known, self.guards)

    def _label(self, statement: c.Label, mask: Mask) -> Mask:
        jumped = self.labels.get(statement.name, 0) & self.present
        if jumped:
            known = self.label_guards.get(statement.name, ())
            self.guards = _common(known, self.guards) if mask else known
        mask |= jumped
        self.reached[statement.name] = self.reached.get(statement.name, 0) | mask
        return mask

    def _asm(self, statement: c.Asm, mask: Mask) -> Mask:
        if not mask:
            return 0
        for _, operand in (*statement.outputs, *statement.inputs):
            mask = asm_operand(self, operand, mask)
        for site in asm_sites(statement, self, mask):
            self.emit(site.kind, site.name, site.mask, statement.at, site.target)
        for label in statement.labels:
            self._jump(label, mask)
        return mask

    def _lost(self, statement: c.Lost, mask: Mask) -> Mask:
        if mask:
            self.lost.append((mask, self.bound, statement.span))
        end = self.sequence(statement.parts, mask)
        return end | mask

    # --- declarations ---------------------------------------------------------------

    def _declare(
        self,
        name: str,
        type: c.TypeSyntax | None,
        value: c.Expr | None = None,
        attributes: tuple[c.Attribute, ...] = (),
        storage: tuple[str, ...] = (),
        parameter: bool = False,
        enum: c.EnumBody | None = None,
    ) -> None:
        environment = self.environment
        environment.declare(
            Local(
                name,
                self.present,
                type,
                self.bound,
                environment.next_serial(),
                value,
                attributes,
                storage,
                enum,
                parameter,
            )
        )

    def _declaration(self, statement: c.Declaration, mask: Mask) -> Mask:
        tagged = inline_tag(statement.specifier)
        if tagged is not None:
            self._declare_tagged(tagged)
        for declarator in statement.declarators:
            attributes = declarator.attributes
            if statement.attributes:
                attributes = statement.attributes + attributes
            if type(declarator.type) is c.Array and declarator.type.length is not None:
                mask = self.walk(declarator.type.length, mask)
            self._declare(
                declarator.name, declarator.type, declarator.value, attributes, statement.storage
            )
            if declarator.value is not None:
                mask = self.walk(declarator.value, mask)
            if attributes and mask:
                self._take_cleanup(attributes, declarator.at, mask)
        return mask

    def _declare_tagged(self, tagged: c.Tagged) -> None:
        if tagged.tag is not None:
            self.environment.declare_tag(
                tagged.kind, tagged.tag, FoundTag(self.present, tagged, self.bound)
            )
        if isinstance(tagged.body, c.EnumBody):
            for name, value in tagged.body.enumerators:
                self._declare(name, None, value, enum=tagged.body)

    def _take_cleanup(self, attributes: tuple[c.Attribute, ...], at: int, mask: Mask) -> None:
        for attribute in attributes:
            if attribute.name == "cleanup" and attribute.arguments:
                function = attribute.arguments[0]
                if isinstance(function, c.Name):
                    self.cleanups.append(_Cleanup(function.name, at, mask, self.guards))

    def _nested_function(self, statement: c.FunctionDefinition, mask: Mask) -> Mask:
        """A GNU nested function: its body counts as reached where it is defined."""
        self._declare(statement.name, statement.type)
        returns, exits = self.returns, self.exits
        self.block(statement.body, mask)
        self.returns, self.exits = returns, exits
        return mask

    # --- branches -------------------------------------------------------------------

    def _if(self, statement: c.If, mask: Mask) -> Mask:
        true, false = self.condition(statement.condition, mask)
        saved = self.guards
        both = true & false
        if both:
            self.guards = (*saved, GuardFact(self.bound, statement.span, False, both))
        then_end = self._statement(statement.then, true)
        else_end = false
        if statement.otherwise is not None:
            if both:
                self.guards = (*saved, GuardFact(self.bound, statement.span, True, both))
            else_end = self._statement(statement.otherwise, false)
        self.guards = saved
        if both:
            only_else = both & else_end & ~then_end
            if only_else:
                self.guards = (*saved, GuardFact(self.bound, statement.span, True, only_else))
            only_then = both & then_end & ~else_end
            if only_then:
                guard = GuardFact(self.bound, statement.span, False, only_then)
                self.guards = (*self.guards, guard)
        return then_end | else_end

    def _while(self, statement: c.While, mask: Mask) -> Mask:
        breaks, continues = self.breaks, self.continues
        self.breaks = self.continues = 0
        true, false = self.condition(statement.condition, mask)
        end = self._body(statement.body, statement.span, true, false)
        back = (end | self.continues) & ~mask
        if back:
            false |= self.condition(statement.condition, back)[1]
        false |= self.breaks
        self.breaks, self.continues = breaks, continues
        return false

    def _body(self, body: c.Statement, span: c.Span, true: Mask, false: Mask) -> Mask:
        """The body of a loop, under its condition."""
        saved = self.guards
        if true & false:
            self.guards = (*saved, GuardFact(self.bound, span, False, true & false))
        end = self._statement(body, true)
        self.guards = saved
        return end

    def _do_while(self, statement: c.DoWhile, mask: Mask) -> Mask:
        breaks, continues = self.breaks, self.continues
        self.breaks = self.continues = 0
        saved = self.guards
        end = self._statement(statement.body, mask)
        self.guards = saved
        false = self.condition(statement.condition, end | self.continues)[1] | self.breaks
        self.breaks, self.continues = breaks, continues
        return false

    def _for(self, statement: c.For, mask: Mask) -> Mask:
        self.environment.enter()
        exits, cleanups = self.exits, self.cleanups
        self.exits, self.cleanups = 0, []
        if statement.init is not None:
            mask = self.sequence((statement.init,), mask)
        breaks, continues = self.breaks, self.continues
        self.breaks = self.continues = 0
        condition = statement.condition
        true, false = (mask, 0) if condition is None else self.condition(condition, mask)
        end = self._body(statement.body, statement.span, true, false) | self.continues
        if statement.step is not None:
            end = self.walk(statement.step, end)
        back = end & ~mask
        if back and condition is not None:
            false |= self.condition(condition, back)[1]
        false |= self.breaks
        self.breaks, self.continues = breaks, continues
        if self.cleanups:
            guards = self.guards
            false = self._clean_up(false)
            self.guards = guards
        self.exits, self.cleanups = exits | self.exits, cleanups
        self.environment.leave()
        return false

    def _switch(self, statement: c.Switch, mask: Mask) -> Mask:
        mask = self.walk(statement.value, mask)
        labels = Labels.of(statement, self.bound, mask, self.folder)
        outer, breaks, guards = self.switch, self.breaks, self.guards
        self.switch = _Switch(labels, self.bound, statement.span, guards)
        self.breaks = 0
        end = self._statement(statement.body, 0)
        end |= self.breaks | labels.passed_over()
        self.switch, self.breaks, self.guards = outer, breaks, guards
        return end

    def _case(self, statement: c.Case, mask: Mask) -> Mask:
        switch = self.switch
        if switch is not None:
            entry = switch.labels.enter(statement, self.present)
            self._guard_case(switch, statement, mask, entry)
            mask |= entry
        return self.sequence(statement.body, mask)

    def _guard_case(self, switch: _Switch, case: c.Case, falling: Mask, entry: Mask) -> None:
        """Replace the guards of the case before by those of this one."""
        if not falling:
            switch.open_cases, switch.open_default = [], False
        if case.low is None:
            switch.open_default = True
        elif self.bound is switch.bound:
            switch.open_cases.append(case.span)
        else:
            return
        undecided = entry & switch.labels.undecided
        self.guards = switch.guards
        if not undecided or (switch.open_default and switch.open_cases):
            return
        guard = GuardFact(
            switch.bound,
            switch.span,
            False,
            undecided,
            switch=True,
            cases=tuple(switch.open_cases),
        )
        self.guards = (*switch.guards, guard)


def asm_operand(walk: ExpressionWalk, operand: c.Expr, mask: Mask) -> Mask:
    """Evaluate an operand; a function or object named as such is for the template."""
    plain = operand
    while isinstance(plain, c.Unary | c.Cast) and (
        isinstance(plain, c.Cast) or plain.operator == "&"
    ):
        plain = plain.operand
    return mask if isinstance(plain, c.Name) else walk.walk(operand, mask)


def _common(first: tuple[GuardFact, ...], second: tuple[GuardFact, ...]) -> tuple[GuardFact, ...]:
    """The guards that both lists start with."""
    length = 0
    for one, other in zip(first, second, strict=False):
        if one is not other and one != other:
            break
        length += 1
    return first[:length]
