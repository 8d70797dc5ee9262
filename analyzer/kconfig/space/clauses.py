"""Clauses over variables, and the gates that expressions are made of.

A literal is a positive or negative integer, as SAT solvers have them. :data:`TRUE` and
:data:`FALSE` are literals too and drop out where they can. A clause may state a
:class:`Statement`: it then holds only where that statement's *selector* is true, so that
statements can be switched on and off to find those that matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from analyzer.kconfig.space.statements import Statement

Literal = int

TRUE: Literal = 1
FALSE: Literal = -1


class Clauses:
    """A growing set of clauses; ``statements`` has the statement of each selector."""

    __slots__ = ("_gates", "_selectors", "_top", "clauses", "statements")

    def __init__(self) -> None:
        self.clauses: list[list[Literal]] = [[TRUE]]
        self.statements: dict[Literal, Statement] = {}
        self._selectors: dict[Statement, Literal] = {}
        self._gates: dict[tuple[Literal, ...], Literal] = {}
        self._top = TRUE

    def variable(self) -> Literal:
        """A new variable."""
        self._top += 1
        return self._top

    def selector(self, statement: Statement) -> Literal:
        """The variable that switches the clauses of ``statement`` on."""
        selector = self._selectors.get(statement)
        if selector is None:
            selector = self._selectors[statement] = self.variable()
            self.statements[selector] = statement
        return selector

    def add(self, *literals: Literal, states: Statement | None = None) -> None:
        """One of ``literals`` holds, if ``states`` does."""
        if TRUE in literals:
            return
        clause = [literal for literal in literals if literal != FALSE]
        if states is not None:
            clause.append(-self.selector(states))
        self.clauses.append(clause)

    def all_of(self, literals: Iterable[Literal]) -> Literal:
        """A literal that is true exactly where all of ``literals`` are."""
        operands = tuple(sorted(set(literals) - {TRUE}))
        if not operands:
            return TRUE
        if len(operands) == 1:
            return operands[0]
        gate = self._gates.get(operands)
        if gate is None:
            known = set(operands)
            if FALSE in known or any(-literal in known for literal in operands):
                gate = FALSE
            else:
                gate = self.variable()
                self.clauses += ([-gate, literal] for literal in operands)
                self.clauses.append([gate, *(-literal for literal in operands)])
            self._gates[operands] = gate
        return gate

    def both(self, left: Literal, right: Literal) -> Literal:
        """``all_of`` two."""
        return self.all_of((left, right))

    def any_of(self, literals: Iterable[Literal]) -> Literal:
        """A literal that is true exactly where one of ``literals`` is."""
        return -self.all_of([-literal for literal in literals])

    def at_most_one(self, literals: Sequence[Literal], states: Statement | None = None) -> None:
        """No two of ``literals`` hold."""
        for number, one in enumerate(literals):
            for other in literals[:number]:
                self.add(-one, -other, states=states)

    def fact(self, states: Statement) -> Literal:
        """A variable that is true because ``states`` says so."""
        variable = self.variable()
        self.add(variable, states=states)
        return variable
