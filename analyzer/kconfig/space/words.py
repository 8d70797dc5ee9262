"""Expressions and lists of a model in words, for proofs."""

from __future__ import annotations

from collections.abc import Iterable

from analyzer.kconfig.expressions import COMPARISONS, LEAVES, Node, Op, Y, expression_text
from analyzer.kconfig.model import KconfigModel

NAMED_AT_MOST = 4
PROBE_LENGTH = 60


class Words:
    """Writes what a model says."""

    def __init__(self, model: KconfigModel) -> None:
        self._model = model

    def name(self, index: int) -> str:
        """The name of a symbol."""
        return self._model.symbols[index].name

    def expression(self, node: Node) -> str:
        """A node as in a Kconfig file."""
        return expression_text(self._model.nodes, node, self._leaf)

    def condition(self, node: Node) -> str:
        """`` if EXPRESSION``; empty where it always holds."""
        return "" if node == Y else f" if {self.expression(node)}"

    def probe(self, index: int) -> str:
        """The command of a probe, shortened."""
        command = self._model.probes[index].command
        short = command if len(command) <= PROBE_LENGTH else command[:PROBE_LENGTH] + "..."
        return f"$(shell,{short})"

    def some(self, indices: Iterable[int], joined: str = " and ") -> str:
        """The names of some symbols, and how many more there are."""
        names = [self.name(index) for index in dict.fromkeys(indices)]
        more = len(names) - NAMED_AT_MOST
        if more > 1:
            return f"{', '.join(names[:NAMED_AT_MOST])}{joined}{more} more"
        head = ", ".join(names[:-1])
        return f"{head}{joined}{names[-1]}" if head else names[-1]

    def symbols_in(self, node: Node) -> list[int]:
        """The symbols that an expression names, in order."""
        nodes = self._model.nodes
        found: dict[int, None] = {}
        stack = [node]
        while stack:
            op, *operands = nodes[stack.pop()]
            if op == Op.SYMBOL:
                found[operands[0]] = None
            elif op in COMPARISONS or op not in LEAVES:
                stack += reversed(operands)
        return list(found)

    def _leaf(self, node: Node) -> str:
        op, number = self._model.nodes[node]
        if op == Op.PROBE:
            return self.probe(number)
        if op == Op.MODE:
            return "the choice around it"
        symbol = self._model.symbols[number]
        return f'"{symbol.name}"' if symbol.constant and node > 2 else symbol.name
