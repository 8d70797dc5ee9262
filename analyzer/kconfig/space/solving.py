"""The SAT library's solver: is it satisfiable, how with the fewest lines, and if not, why.

The only module that knows ``pysat``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pysat.solvers import Solver

from analyzer.kconfig.space.clauses import Clauses, Literal

SOLVER = "glucose42"

Model = frozenset[Literal]
"""The literals that are true in a solution."""


class Solving:
    """Solves growing ``clauses``; use as a context, or call :meth:`close`."""

    def __init__(self, clauses: Clauses) -> None:
        self._clauses = clauses
        self._firm = Solver(name=SOLVER)
        self._open: Solver | None = None
        self._loaded = self._loaded_open = 0
        self._selected: set[Literal] = set()

    def close(self) -> None:
        """Give the solvers' memory back."""
        self._firm.delete()
        if self._open is not None:
            self._open.delete()

    def _update(self) -> None:
        """Hand new clauses over, with every statement in force."""
        clauses = self._clauses
        if self._loaded == len(clauses.clauses):
            return
        self._firm.append_formula(clauses.clauses[self._loaded :])
        self._loaded = len(clauses.clauses)
        new = [selector for selector in clauses.statements if selector not in self._selected]
        self._firm.append_formula([[selector] for selector in new])
        self._selected.update(new)

    def solution(self, assumptions: Sequence[Literal]) -> Model | None:
        """A solution in which ``assumptions`` hold, None if there is none."""
        self._update()
        if not self._firm.solve(assumptions=list(assumptions)):
            return None
        return frozenset(self._firm.get_model() or ())

    def nearest(
        self,
        assumptions: Sequence[Literal],
        wishes: Sequence[Literal],
        preferred: Sequence[Literal],
    ) -> Model | None:
        """A solution in which as few ``wishes`` as possible fail; None if there is none.

        Among such solutions one in which ``preferred`` hold, the first before the others.
        A set of wishes that cannot all hold costs one of them; each is relaxed to "all but
        one", said by new wishes (PM-RES, Narodytska and Bacchus 2014), until all can hold.
        """
        self._update()
        hopes = dict.fromkeys(wishes)
        while not self._firm.solve(assumptions=[*assumptions, *hopes]):
            failed = self._failed(assumptions, hopes)
            if not failed:
                return None
            for wish in failed:
                del hopes[wish]
            hopes.update(dict.fromkeys(self._relaxed(failed)))
        model = frozenset(self._firm.get_model() or ())
        kept = [*assumptions, *hopes]
        for literal in preferred:
            if literal in model or self._firm.solve(assumptions=[*kept, literal]):
                kept.append(literal)
                if literal not in model:
                    model = frozenset(self._firm.get_model() or ())
        return model

    def _failed(self, assumptions: Sequence[Literal], hopes: dict[Literal, None]) -> list[Literal]:
        """Some of ``hopes`` that cannot hold together, trimmed as long as that is cheap."""
        failed = self._core_of(self._firm, hopes)
        while True:
            self._firm.solve(assumptions=[*assumptions, *failed])
            fewer = self._core_of(self._firm, dict.fromkeys(failed))
            if len(fewer) >= len(failed):
                return failed
            failed = fewer

    def _relaxed(self, failed: list[Literal]) -> list[Literal]:
        """New wishes that cost one less than ``failed`` do."""
        clauses = self._clauses
        new: list[Literal] = []
        rest = failed[-1]
        for wish in reversed(failed[:-1]):
            new.append(clauses.any_of((wish, rest)))
            rest = clauses.both(wish, rest)
        self._update()
        return new

    @staticmethod
    def _core_of(solver: Solver, among: dict[Literal, None]) -> list[Literal]:
        core = set(solver.get_core() or ())
        return [literal for literal in among if literal in core]

    # Proofs

    def _opened(self) -> Solver:
        if self._open is None:
            self._open = Solver(name=SOLVER)
        self._open.append_formula(self._clauses.clauses[self._loaded_open :])
        self._loaded_open = len(self._clauses.clauses)
        return self._open

    def culprits(
        self, assumptions: Sequence[Literal], order: Callable[[Literal], int]
    ) -> list[Literal] | None:
        """Selectors of statements that together contradict ``assumptions``, none to spare.

        Those with a high ``order`` are dropped first. None if there is no contradiction.
        """
        solver = self._opened()
        core: list[Literal] = list(self._clauses.statements)
        while True:
            if solver.solve(assumptions=[*assumptions, *core]):
                return None
            fewer = self._core_of(solver, dict.fromkeys(core))
            if len(fewer) >= len(core):
                break
            core = fewer
        for selector in sorted(core, key=order, reverse=True):
            if selector not in core:
                continue
            rest = [one for one in core if one != selector]
            if not solver.solve(assumptions=[*assumptions, *rest]):
                core = self._core_of(solver, dict.fromkeys(rest))
        return core

    def implied(self, assumptions: Sequence[Literal]) -> Model | None:
        """What follows from ``assumptions`` (selectors among them) at once; None: they clash."""
        consistent, literals = self._opened().propagate(assumptions=list(assumptions))
        return frozenset(literals) if consistent else None
