"""Expressions of Kconfig as one table of nodes, shared by everything that evaluates.

A node is a tuple of an :class:`Op` and its operands; its number is its index in the table.
Symbols, choices and probes are nodes too, so an operand is always a node number. Equal
nodes are one node. Nodes 0, 1 and 2 are the constants ``n``, ``m`` and ``y``.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Sequence

Node = int
"""The number of a node in an :class:`ExpressionTable`."""

N: Node = 0
M: Node = 1
Y: Node = 2


class Op(enum.IntEnum):
    """What a node computes; the comparisons have two symbol nodes as operands."""

    SYMBOL = 0
    """Operand: the index of the symbol in the model, no node."""
    CHOICE = 1
    """Operand: the index of the choice in the model, no node."""
    PROBE = 2
    """Operand: the index of the probe in the model, no node."""
    NOT = 3
    AND = 4
    OR = 5
    EQUAL = 6
    UNEQUAL = 7
    LESS = 8
    LESS_EQUAL = 9
    GREATER = 10
    GREATER_EQUAL = 11
    MODE = 12
    """Operand: the index of a choice, no node: the choice's own value, before Linux 6.11."""


LEAVES = frozenset({Op.SYMBOL, Op.CHOICE, Op.PROBE, Op.MODE})
COMPARISONS = frozenset(
    {Op.EQUAL, Op.UNEQUAL, Op.LESS, Op.LESS_EQUAL, Op.GREATER, Op.GREATER_EQUAL}
)

_SIGNS = {
    Op.EQUAL: "=",
    Op.UNEQUAL: "!=",
    Op.LESS: "<",
    Op.LESS_EQUAL: "<=",
    Op.GREATER: ">",
    Op.GREATER_EQUAL: ">=",
}


class ExpressionTable:
    """The table while it is being built; ``nodes`` is what evaluation reads."""

    __slots__ = ("_known", "nodes")

    def __init__(self) -> None:
        self.nodes: list[tuple[int, ...]] = []
        self._known: dict[tuple[int, ...], Node] = {}

    def node(self, *content: int) -> Node:
        """The node of this content, made if new."""
        number = self._known.get(content)
        if number is None:
            number = self._known[content] = len(self.nodes)
            self.nodes.append(content)
        return number

    def negation(self, operand: Node) -> Node:
        """``!operand``."""
        return self.node(Op.NOT, operand)

    def both(self, left: Node, right: Node) -> Node:
        """``left && right``; a ``y`` operand drops out."""
        if left in (Y, right):
            return right
        if right == Y:
            return left
        if N in (left, right):
            return N
        return self.node(Op.AND, left, right)

    def any_of(self, operands: Iterable[Node]) -> Node:
        """The maximum of all operands; ``n`` if there are none."""
        unique = [operand for operand in dict.fromkeys(operands) if operand != N]
        if not unique:
            return N
        if Y in unique:
            return Y
        return unique[0] if len(unique) == 1 else self.node(Op.OR, *unique)


def expression_text(
    nodes: Sequence[tuple[int, ...]], number: Node, leaf: Callable[[Node], str]
) -> str:
    """A node written as in a Kconfig file; ``leaf`` gives the text of a leaf node."""
    op, *operands = nodes[number]
    if op in LEAVES:
        return leaf(number)
    if op == Op.NOT:
        inner = nodes[operands[0]][0]
        text = expression_text(nodes, operands[0], leaf)
        return f"!{text}" if inner in LEAVES or inner == Op.NOT else f"!({text})"
    if op in (Op.AND, Op.OR):
        parts = []
        for operand in operands:
            text = expression_text(nodes, operand, leaf)
            parts.append(f"({text})" if op == Op.AND and nodes[operand][0] == Op.OR else text)
        return (" && " if op == Op.AND else " || ").join(parts)
    return f"{leaf(operands[0])}{_SIGNS[Op(op)]}{leaf(operands[1])}"
