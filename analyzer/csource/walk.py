"""Evaluating a function: statements, with the mask and the guards of every point.

What is dropped is what GCC drops before it builds its call graph (gimplification and
control flow clean-up, before any inlining): branches of constant conditions, code after a
jump or a ``noreturn`` call, labels that only dead code jumps to.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from analyzer.configset.configset import Mask
from analyzer.csource import syntax as c
from analyzer.csource.asm import asm_operand, asm_sites
from analyzer.csource.branches import BranchWalk, Cleanup
from analyzer.csource.constant import Folder
from analyzer.csource.environment import Environment, Local, inline_tag
from analyzer.csource.sanitizers import UNSANITIZED, Sanitizers
from analyzer.csource.scope import Bound, FoundTag, Scope
from analyzer.csource.sites import FunctionFacts, GuardFact
from analyzer.csource.types import Abi
from analyzer.csource.typing import Typer
from analyzer.csource.unfold import only_expression


class Evaluator:
    """Evaluates the functions of one unit; remembers its types from one to the next."""

    def __init__(self, scope: Scope, abi: Abi, sanitizers: Sanitizers = UNSANITIZED) -> None:
        self._scope = scope
        self._sanitizers = sanitizers
        self.abi = abi
        self.forget()

    def forget(self) -> None:
        """Start anew, after an evaluation that was broken off."""
        self.environment = Environment(self._scope)
        self.folder = Folder(Typer(self.environment, self.abi), self._sanitizers)

    def function(self, definition: c.FunctionDefinition, bound: Bound, mask: Mask) -> FunctionFacts:
        """Where ``definition``, found in ``bound``, calls what; ``mask``: where it exists."""
        self.environment.clear()
        self.folder.unresolved = 0
        walk = FunctionWalk(self.environment, self.folder)
        walk.run(definition, bound, mask)
        return FunctionFacts(
            definition.name,
            tuple(walk.sites),
            walk.returns,
            tuple(walk.lost),
            self.folder.unresolved,
        )


def evaluate_function(
    definition: c.FunctionDefinition, bound: Bound, mask: Mask, scope: Scope, abi: Abi
) -> FunctionFacts:
    """Evaluate one function by itself; see :class:`Evaluator` for many."""
    return Evaluator(scope, abi).function(definition, bound, mask)


class FunctionWalk(BranchWalk):
    def __init__(self, environment: Environment, folder: Folder) -> None:
        super().__init__(environment, folder)
        self.label_guards: dict[str, tuple[GuardFact, ...]] = {}
        self.reached: dict[str, Mask] = {}
        self.passed: set[str] = set()
        """Labels in code that was passed over as dead; another one may have the same name if
        ``__COUNTER__`` made it."""
        self._statements: dict[type[Any], Callable[[Any, Mask], Mask]] = {
            c.Expression: self._expression,
            c.Declaration: self._declaration,
            c.FunctionDefinition: self._nested_function,
            c.If: self.if_statement,
            c.While: self.while_statement,
            c.DoWhile: self.do_while_statement,
            c.For: self.for_statement,
            c.Switch: self.switch_statement,
            c.Case: self.case_statement,
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
            self.passed.clear()
            self.restart()
            self.bound, self.present, self.returns, self.guards = bound, mask, 0, ()
            self.exits = self.breaks = self.continues = 0
            self.environment.enter()
            for parameter in definition.type.parameters:
                if parameter.name is not None:
                    self._declare(parameter.name, parameter.type, parameter=True)
            self.returns |= self.block(definition.body, mask)
            self.environment.leave()
            late = any(
                jumped & ~self.reached.get(label, 0) or label in self.passed
                for label, jumped in self.labels.items()
            )
            if not late or self.labels == before:
                return

    # --- scopes ---------------------------------------------------------------------

    def sequence(self, body: tuple[c.Statement, ...], mask: Mask) -> Mask:
        statements = self._statements
        for statement in body:
            if mask or self.labels or self.switch is not None:
                mask = statements[type(statement)](statement, mask)
            elif type(statement) is c.Label:
                self.passed.add(statement.name)
        return mask

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
            self.emit(site.kind, site.name, site.mask, statement.at, site.target, when=site.when)
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
            self.initialised(declarator, mask)
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
                    self.cleanups.append(Cleanup(function.name, at, mask, self.guards))

    def _nested_function(self, statement: c.FunctionDefinition, mask: Mask) -> Mask:
        """A GNU nested function: its body counts as reached where it is defined."""
        self._declare(statement.name, statement.type)
        returns, exits = self.returns, self.exits
        self.block(statement.body, mask)
        self.returns, self.exits = returns, exits
        return mask


def _common(first: tuple[GuardFact, ...], second: tuple[GuardFact, ...]) -> tuple[GuardFact, ...]:
    """The guards that both lists start with."""
    length = 0
    for one, other in zip(first, second, strict=False):
        if one is not other and one != other:
            break
        length += 1
    return first[:length]
