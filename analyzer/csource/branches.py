"""Walking branches and scopes: ``if``, loops, ``switch``, and what leaving a scope runs."""

from __future__ import annotations

from dataclasses import dataclass, field

from analyzer.configset.configset import Mask
from analyzer.csource import syntax as c
from analyzer.csource.constant import Folder
from analyzer.csource.environment import Environment
from analyzer.csource.expressions import ExpressionWalk
from analyzer.csource.scope import Bound
from analyzer.csource.sites import GuardFact, GuardWay, SiteKind
from analyzer.csource.switch import Labels


@dataclass(slots=True)
class Cleanup:
    """A variable whose ``cleanup`` function runs when its scope is left."""

    function: str
    at: int
    mask: Mask
    guards: tuple[GuardFact, ...]


@dataclass(slots=True)
class OpenSwitch:
    """The switch being walked: where its labels are entered from above."""

    labels: Labels
    bound: Bound
    span: c.Span
    guards: tuple[GuardFact, ...]
    open_cases: list[c.Span] = field(default_factory=list)
    open_default: bool = False


class BranchWalk(ExpressionWalk):
    """Scopes and the statements that have substatements."""

    def __init__(self, environment: Environment, folder: Folder) -> None:
        super().__init__(environment, folder)
        self.returns: Mask = 0
        self.breaks: Mask = 0
        self.continues: Mask = 0
        self.exits: Mask = 0
        """Jumps out of the innermost scope so far (returns, gotos, breaks)."""
        self.switch: OpenSwitch | None = None
        self.cleanups: list[Cleanup] = []
        self.gained: tuple[GuardFact, ...] = ()
        """What holds at the end of the statement walked last in addition to its beginning."""

    def block(self, body: tuple[c.Statement, ...], mask: Mask) -> Mask:
        self.environment.enter()
        guards, exits, cleanups = self.guards, self.exits, self.cleanups
        self.exits, self.cleanups = 0, []
        mask = self.sequence(body, mask)
        self.leaving(body, mask)
        if self.cleanups:
            mask = self._clean_up(mask)
        gained = self.guards[len(guards) :]
        self.guards, self.exits, self.cleanups = guards, exits | self.exits, cleanups
        self.environment.leave()
        self.gained = gained
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
        before = len(self.guards)
        end = self.sequence((statement,), mask)
        self.gained = self.guards[before:]
        return end

    def if_statement(self, statement: c.If, mask: Mask) -> Mask:
        true, false = self.condition(statement.condition, mask)
        saved = self.guards
        both = true & false
        condition, span = statement.condition, statement.span
        if both:
            self.guards = (*saved, self.guard(condition, span, False, both))
        then_end, then_exits = self._branch(statement.then, true)
        then_gained = self.gained
        else_gained: tuple[GuardFact, ...] = ()
        else_end, else_exits = false, 0
        if statement.otherwise is not None:
            if both:
                self.guards = (*saved, self.guard(condition, span, True, both))
            else_end, else_exits = self._branch(statement.otherwise, false)
            else_gained = self.gained
        self.guards = saved
        if both:
            only_else = both & else_end & ~then_end
            if only_else:
                way = _after(only_else & then_exits)
                guard = self.guard(condition, span, True, only_else, way=way)
                self.guards = (*saved, guard)
            only_then = both & then_end & ~else_end
            if only_then:
                way = _after(only_then & else_exits)
                guard = self.guard(condition, span, False, only_then, way=way)
                self.guards = (*self.guards, guard)
            joint = both & then_end & else_end
            if joint and (then_gained or else_gained):
                self.guards += self.joined(condition, span, joint, then_gained, else_gained)
        return then_end | else_end

    def joined(
        self,
        condition: c.Expr,
        span: c.Span,
        mask: Mask,
        then: tuple[GuardFact, ...],
        otherwise: tuple[GuardFact, ...],
    ) -> tuple[GuardFact, ...]:
        """What holds after an ``if`` at the ends of whose branches ``then`` and ``otherwise``
        hold; call sites are not told this apart."""
        del condition, span, mask, then, otherwise
        return ()

    def _branch(self, statement: c.Statement, mask: Mask) -> tuple[Mask, Mask]:
        """A branch: where its end is reached, and where it is left by a jump."""
        before, self.exits = self.exits, 0
        end = self._statement(statement, mask)
        exits = self.exits
        self.exits = before | exits
        return end, exits

    def while_statement(self, statement: c.While, mask: Mask) -> Mask:
        return self._loop(statement.condition, None, statement, mask)

    def _loop(
        self, condition: c.Expr | None, step: c.Expr | None, loop: c.While | c.For, mask: Mask
    ) -> Mask:
        """Condition, body and step, until no configuration comes round that was not there.

        More than one round is needed only where a ``goto`` enters the body from outside.
        """
        breaks, continues = self.breaks, self.continues
        self.breaks = self.continues = 0
        seen = left = 0
        entering = mask
        while True:
            true, false = (entering, 0)
            if condition is not None:
                true, false = self.condition(condition, entering)
            left |= false
            end = self._body(loop, condition, true, false) | self.continues
            if step is not None:
                end = self.walk(step, end)
            seen |= entering
            entering = end & ~seen
            if not entering:
                break
        left |= self.breaks
        self.breaks, self.continues = breaks, continues
        return left

    def _body(
        self, loop: c.While | c.For, condition: c.Expr | None, true: Mask, false: Mask
    ) -> Mask:
        """The body of a loop, under its condition."""
        saved = self.guards
        if condition is not None and true & false:
            guard = self.guard(condition, loop.span, False, true & false, way=GuardWay.LOOP)
            self.guards = (*saved, guard)
        end = self._statement(loop.body, true)
        self.guards = saved
        return end

    def do_while_statement(self, statement: c.DoWhile, mask: Mask) -> Mask:
        breaks, continues = self.breaks, self.continues
        self.breaks = self.continues = 0
        saved = self.guards
        seen = left = checked = 0
        while True:
            end = self._statement(statement.body, mask) | self.continues
            self.guards = saved
            true, false = self.condition(statement.condition, end & ~checked)
            checked |= end
            left |= false
            seen |= mask
            mask = true & ~seen
            if not mask:
                break
        left |= self.breaks
        self.breaks, self.continues = breaks, continues
        return left

    def for_statement(self, statement: c.For, mask: Mask) -> Mask:
        self.environment.enter()
        exits, cleanups = self.exits, self.cleanups
        self.exits, self.cleanups = 0, []
        if statement.init is not None:
            mask = self.sequence((statement.init,), mask)
        left = self._loop(statement.condition, statement.step, statement, mask)
        if self.cleanups:
            guards = self.guards
            left = self._clean_up(left)
            self.guards = guards
        self.exits, self.cleanups = exits | self.exits, cleanups
        self.environment.leave()
        return left

    def switch_statement(self, statement: c.Switch, mask: Mask) -> Mask:
        mask = self.walk(statement.value, mask)
        labels = Labels.of(statement, self.bound, mask, self.folder)
        outer, breaks, guards = self.switch, self.breaks, self.guards
        self.switch = OpenSwitch(labels, self.bound, statement.span, guards)
        self.breaks = 0
        end = self._statement(statement.body, 0)
        end |= self.breaks | labels.passed_over()
        self.switch, self.breaks, self.guards = outer, breaks, guards
        return end

    def case_statement(self, statement: c.Case, mask: Mask) -> Mask:
        switch = self.switch
        if switch is not None:
            entry = switch.labels.enter(statement, self.present)
            self._guard_case(switch, statement, mask, entry)
            mask |= entry
        return self.sequence(statement.body, mask)

    def _guard_case(self, switch: OpenSwitch, case: c.Case, falling: Mask, entry: Mask) -> None:
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


def _after(left: Mask) -> GuardWay:
    """How a branch governs what comes after it; ``left``: where it is left by a jump."""
    return GuardWay.PASSED if left else GuardWay.SURVIVED
