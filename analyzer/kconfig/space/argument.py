"""A contradiction as an argument: statements in an order in which each follows on the last.

The solver names statements that cannot all hold with what was asked. They are put in the
order in which unit propagation uses them, and each is worded with what is known by then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analyzer.kconfig.expressions import Node, Op
from analyzer.kconfig.model import KconfigModel, SymbolType
from analyzer.kconfig.space.clauses import Literal
from analyzer.kconfig.space.encoding import Encoding
from analyzer.kconfig.space.phrases import Known, Phrases
from analyzer.kconfig.space.solving import Model, Solving
from analyzer.kconfig.space.statements import Rule, Statement
from analyzer.kconfig.space.verdict import Reason

CONCLUSIONS_AT_MOST = 3

_OF_CHOICES = (Rule.CHOICE_ONE, Rule.CHOICE_TAKES, Rule.CHOICE_MODE)
_FAR = 1 << 30


class Argument:
    """Explains why ``assumptions`` contradict the clauses of ``encoding``."""

    def __init__(
        self,
        model: KconfigModel,
        encoding: Encoding,
        solving: Solving,
        probes: str,
    ) -> None:
        self._model = model
        self._encoding = encoding
        self._solving = solving
        self._phrases = Phrases(encoding.tables, probes)
        self._others = {
            (content[0], content[1]): number
            for number, content in enumerate(model.nodes)
            if content[0] in (Op.CHOICE, Op.PROBE)
        }

    def reasons(
        self, assumptions: Sequence[Literal], distances: Mapping[Node, int]
    ) -> tuple[Reason, ...] | None:
        """The argument; None if there is no contradiction after all."""
        statements = self._encoding.clauses.statements

        def order(selector: Literal) -> int:
            return distances.get(self._node_of(statements[selector]), _FAR)

        culprits = self._solving.culprits(assumptions, order)
        if culprits is None:
            return None
        pending = sorted(culprits, key=order, reverse=True)
        return self._told(list(assumptions), pending, self._named(distances))

    def _node_of(self, statement: Statement) -> Node:
        if statement.rule in _OF_CHOICES:
            return self._others[Op.CHOICE, statement.subject]
        if statement.rule is Rule.PROBE:
            return self._others[Op.PROBE, statement.subject]
        return self._model.symbol_nodes[statement.subject]

    def _named(self, distances: Mapping[Node, int]) -> dict[int, tuple[Literal, Literal]]:
        """The literals of the symbols that the argument can be about."""
        tables = self._encoding.tables
        named: dict[int, tuple[Literal, Literal]] = {}
        for number in distances:
            op, operand, *_ = self._model.nodes[number]
            if op == Op.SYMBOL and self._is_told(operand):
                named[operand] = tables.m[number], tables.y[number]
            elif op == Op.CHOICE:
                for member in self._model.choices[operand].members:
                    named[member] = tables.taken[member]
        return named

    def _is_told(self, index: int) -> bool:
        symbol = self._model.symbols[index]
        return not symbol.constant and (symbol.type.is_logical or not symbol.definitions)

    def _told(
        self,
        assumptions: list[Literal],
        pending: list[Literal],
        named: dict[int, tuple[Literal, Literal]],
    ) -> tuple[Reason, ...]:
        implied = self._solving.implied(assumptions) or frozenset()
        known = self._known(implied, named)
        reasons: list[Reason] = []
        while pending:
            selector, after = self._next(assumptions, pending, known, named)
            pending.remove(selector)
            assumptions.append(selector)
            now = known if after is None else self._known(after, named)
            new = () if after is None else self._conclusions(known, now)
            statement = self._encoding.clauses.statements[selector]
            text, location = self._phrases.of(statement, now if new else known, known)
            reasons.append(Reason(text, location, new))
            known = now
        return tuple(dict.fromkeys(reasons))

    def _next(
        self,
        assumptions: list[Literal],
        pending: list[Literal],
        known: Known,
        named: dict[int, tuple[Literal, Literal]],
    ) -> tuple[Literal, Model | None]:
        """The statement to use next: a fact, or the first from which something new follows."""
        fallback: tuple[Literal, Model | None] | None = None
        for selector in pending:
            after = self._solving.implied([*assumptions, selector])
            if after is None:
                if len(pending) == 1:
                    return selector, None
                continue
            statement = self._encoding.clauses.statements[selector]
            if statement.rule is Rule.PROBE or self._known(after, named) != known:
                return selector, after
            fallback = fallback or (selector, after)
        return fallback or (pending[0], None)

    def _known(self, implied: Model, named: dict[int, tuple[Literal, Literal]]) -> Known:
        """The symbols of which something follows: the least and the greatest level."""
        known: Known = {}
        for index, (m, y) in named.items():
            low = 2 if y in implied else 1 if m in implied else 0
            high = 0 if -m in implied else 1 if -y in implied else 2
            if (low, high) != (0, 2):
                known[index] = (low, high)
        return known

    def _conclusions(self, before: Known, now: Known) -> tuple[str, ...]:
        new = [
            self._conclusion(index, bounds)
            for index, bounds in now.items()
            if before.get(index) != bounds
        ]
        return tuple(new[:CONCLUSIONS_AT_MOST])

    def _conclusion(self, index: int, bounds: tuple[int, int]) -> str:
        symbol = self._model.symbols[index]
        low, high = bounds
        if symbol.type is SymbolType.BOOL and low:
            return f"{symbol.name}=y"
        if low == high:
            return f"{symbol.name}={'nmy'[low]}"
        return f"{symbol.name} is {'m or y' if low else 'not y'}"
