"""Expressions of Kconfig in words, with their values and with what makes them so."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzer.kconfig.expressions import COMPARISONS, LEAVES, Node, Op, Y, expression_text
from analyzer.kconfig.model import Symbol
from analyzer.kconfig.view import View

PROBE_LENGTH = 60
"""Characters of a shell command that are shown."""

_NUMBER = re.compile(r"-?[0-9]+|0[xX][0-9A-Fa-f]+")
_SUCCESS = re.compile(
    r'\{ (?P<body>.*); \} >/dev/null 2>&1 && echo "(?P<then>[yn])" \|\| echo "[yn]"', re.DOTALL
)
"""What ``$(success,...)`` and ``$(failure,...)`` of ``scripts/Kconfig.include`` expand to."""


class Wording:
    """What a reader is told about expressions, as one configuration sees them."""

    __slots__ = ("_model", "_view")

    def __init__(self, view: View) -> None:
        self._view = view
        self._model = view.model

    def text(self, node: Node) -> str:
        """``node`` as in a Kconfig file."""
        return expression_text(self._model.nodes, node, self._leaf)

    def valued(self, node: Node) -> str:
        """``node`` with the value behind each symbol, ``A [=y] && !B [=n]``, as menuconfig."""
        return expression_text(self._model.nodes, node, self._valued_leaf)

    def symbols(self, node: Node) -> Iterator[int]:
        """The symbols in ``node`` from left to right, constants left out."""
        op, *operands = self._model.nodes[node]
        if op == Op.SYMBOL:
            if self._is_name(node):
                yield operands[0]
        elif op not in LEAVES:
            for operand in operands:
                yield from self.symbols(operand)

    def blamed(self, node: Node, *, wanted: bool) -> Iterator[Node]:
        """The leaves because of which ``node`` is not what is ``wanted`` (on or off)."""
        if self._view.on(node) == wanted:
            return
        op, *operands = self._model.nodes[node]
        if op in (Op.AND, Op.OR):
            for operand in operands:
                yield from self.blamed(operand, wanted=wanted)
        elif op == Op.NOT:
            yield from self.blamed(operands[0], wanted=not wanted)
        elif op in COMPARISONS:
            yield from (operand for operand in operands if self._has_entry(operand))
        elif op == Op.PROBE or node > Y:
            yield node

    def settled_by(self, node: Node) -> Iterator[int]:
        """The symbols that make ``node`` on or off, whatever it is."""
        for leaf in self.blamed(node, wanted=not self._view.on(node)):
            if self._model.nodes[leaf][0] == Op.SYMBOL and self._is_name(leaf):
                yield self._model.nodes[leaf][1]

    def leaf_value(self, node: Node) -> str:
        """``A=n`` for a leaf, or what else is to be said of it."""
        op, number = self._model.nodes[node]
        if op == Op.PROBE:
            return "the probe failed"
        if op == Op.SYMBOL and self._model.symbols[number].definitions:
            return f"{self._leaf(node)}={self._view.value(number)}"
        return f"{self._leaf(node)}={self._view.letter(node)}"

    def _has_entry(self, node: Node) -> bool:
        op, number, *_ = self._model.nodes[node]
        return op == Op.SYMBOL and bool(self._model.symbols[number].definitions)

    def _is_name(self, node: Node) -> bool:
        return is_name(self._model.symbols[self._model.nodes[node][1]])

    def _leaf(self, node: Node) -> str:
        op, number = self._model.nodes[node]
        if op == Op.PROBE:
            return _probe(self._model.probes[number].command)
        if op == Op.MODE:
            return "the choice around it"
        symbol = self._model.symbols[number]
        quoted = symbol.constant and node > Y
        return f'"{symbol.name}"' if quoted else symbol.name

    def _valued_leaf(self, node: Node) -> str:
        op, number = self._model.nodes[node]
        text = self._leaf(node)
        if op != Op.SYMBOL:
            return f"{text} [={self._view.letter(node)}]"
        if not self._is_name(node):
            return text
        symbol = self._model.symbols[number]
        value = self._view.value(number) if symbol.definitions else "n"
        return f"{text} [={value}]"


def is_name(symbol: Symbol) -> bool:
    """Whether this is a symbol to a reader, and not a constant: ``64`` in ``default 64``."""
    return not symbol.constant and (bool(symbol.definitions) or not _NUMBER.fullmatch(symbol.name))


def _probe(command: str) -> str:
    hit = _SUCCESS.fullmatch(command)
    word = "shell"
    if hit is not None:
        word, command = ("success" if hit["then"] == "y" else "failure"), hit["body"]
    short = command if len(command) <= PROBE_LENGTH else command[:PROBE_LENGTH] + "..."
    return f"$({word},{short})"
