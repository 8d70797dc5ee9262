"""A model's rules as clauses, of those parts that somebody asks about.

What is encoded is what ``evaluate`` computes, node by node, with the user's values free. The
answers of shell probes are fixed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analyzer.kconfig.evaluate import ProbeAnswers
from analyzer.kconfig.expressions import COMPARISONS, Node, Op
from analyzer.kconfig.model import KconfigModel, SymbolType
from analyzer.kconfig.space.candidates import Candidates
from analyzer.kconfig.space.choice_rules import encode_choice, mode_of
from analyzer.kconfig.space.clauses import FALSE, TRUE, Clauses, Literal
from analyzer.kconfig.space.cone import Cones
from analyzer.kconfig.space.logical_rules import encode_logical
from analyzer.kconfig.space.statements import Rule, Statement
from analyzer.kconfig.space.tables import Tables
from analyzer.kconfig.space.text_rules import encode_comparison, encode_text
from analyzer.kconfig.uservalues import UserValues


class Encoding:
    """Clauses that grow as symbols are asked about; ``tables`` says what the literals mean."""

    def __init__(
        self,
        model: KconfigModel,
        user: UserValues,
        answers: ProbeAnswers,
        wanted: Mapping[int, tuple[str, ...]],
    ) -> None:
        self._model = model
        self._cones = Cones(model)
        self.tables = Tables(model, user, answers, Candidates(model), wanted)

    @property
    def position(self) -> Sequence[int]:
        """The place of each node in the order of evaluation."""
        return self._cones.position

    @property
    def clauses(self) -> Clauses:
        """All clauses so far."""
        return self.tables.clauses

    def include(self, symbols: Sequence[int]) -> dict[Node, int]:
        """Encode all that ``symbols`` depend on; the nodes with their distance from them."""
        roots = [self._model.symbol_nodes[index] for index in symbols]
        distances = self._cones.distances(roots)
        position = self._cones.position
        for number in sorted(distances, key=position.__getitem__):
            if number not in self.tables.m:
                self._node(number)
        return distances

    def _node(self, number: Node) -> None:
        tables, clauses = self.tables, self.tables.clauses
        m, y = tables.m, tables.y
        op, *operands = self._model.nodes[number]
        if op == Op.SYMBOL:
            self._symbol(number, operands[0])
        elif op in (Op.AND, Op.OR):
            join = clauses.all_of if op == Op.AND else clauses.any_of
            m[number] = join([m[operand] for operand in operands])
            y[number] = join([y[operand] for operand in operands])
        elif op == Op.NOT:
            m[number], y[number] = -y[operands[0]], -m[operands[0]]
        elif op in COMPARISONS:
            encode_comparison(tables, number, Op(op), *operands)
        elif op == Op.MODE:
            m[number], y[number] = mode_of(tables, operands[0])
        elif op == Op.CHOICE:
            encode_choice(tables, operands[0])
            m[number] = y[number] = FALSE
        else:
            self._probe(number, operands[0])

    def _probe(self, number: Node, index: int) -> None:
        answers, tables = self.tables.answers, self.tables
        value = self._model.probes[index].value
        if answers.y.get(index):
            value = "y"
        elif answers.n.get(index):
            value = "n"
        answered = tables.clauses.fact(Statement(Rule.PROBE, index))
        tables.m[number] = -answered if value == "n" else answered
        tables.y[number] = answered if value == "y" else -answered

    def _symbol(self, number: Node, index: int) -> None:
        tables = self.tables
        symbol = self._model.symbols[index]
        none: Literal = FALSE
        if not symbol.definitions:
            if symbol.constant:
                tables.m[number] = TRUE if number in (1, 2) else FALSE
                tables.y[number] = TRUE if number == 2 else FALSE
                return
            none = -tables.clauses.fact(Statement(Rule.UNDEFINED, index))
        if not symbol.definitions or symbol.type is SymbolType.UNKNOWN:
            tables.m[number] = tables.y[number] = none
        elif not symbol.type.is_logical:
            encode_text(tables, index, symbol)
            tables.m[number] = tables.y[number] = FALSE
        elif symbol.choice is not None:
            tables.m[number], tables.y[number] = tables.taken[index]
        else:
            encode_logical(tables, number, index, symbol)
        if index == self._model.modules:
            tables.without_modules = -tables.m[number]
