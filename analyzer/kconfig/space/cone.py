"""The part of a model that the values of some nodes depend on.

Everything outside follows from it and cannot change it: ``evaluate`` computes a node from
those it needs, and Kconfig forbids cycles.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from analyzer.kconfig.expressions import N, Node, Op
from analyzer.kconfig.model import KconfigModel, Symbol


class Cones:
    """Finds the nodes that others need; ``position`` is a node's place in the order."""

    def __init__(self, model: KconfigModel) -> None:
        self._model = model
        self.position = [0] * len(model.nodes)
        for place, number in enumerate(model.order):
            self.position[number] = place
        self._choice_nodes = {
            content[1]: number
            for number, content in enumerate(model.nodes)
            if content[0] == Op.CHOICE
        }
        self._modules = () if model.modules is None else (model.symbol_nodes[model.modules],)

    def distances(self, roots: Iterable[Node]) -> dict[Node, int]:
        """All nodes that ``roots`` need, themselves included, with the steps it takes."""
        layer = list(dict.fromkeys((*roots, *self._modules)))
        found = dict.fromkeys(layer, 0)
        steps = 0
        while layer:
            steps += 1
            following: list[Node] = []
            for number in layer:
                for needed in self._needs(number):
                    if needed not in found:
                        found[needed] = steps
                        following.append(needed)
            layer = following
        return found

    def _needs(self, number: Node) -> Sequence[Node]:
        model = self._model
        op, *operands = model.nodes[number]
        if op == Op.SYMBOL:
            return self._symbol_needs(model.symbols[operands[0]])
        if op == Op.CHOICE:
            choice = model.choices[operands[0]]
            needed = [default.condition for default in choice.defaults]
            for member in choice.members:
                needed += (prompt.condition for prompt in model.symbols[member].prompts)
            if choice.has_mode:
                needed.append(choice.prompt)
            return needed
        if op == Op.MODE:
            return (model.choices[operands[0]].prompt,)
        return () if op == Op.PROBE else operands

    def _symbol_needs(self, symbol: Symbol) -> Sequence[Node]:
        if symbol.constant or not symbol.definitions:
            return ()
        if symbol.choice is not None and symbol.type.is_logical:
            return (self._choice_nodes[symbol.choice],)
        needed = [prompt.condition for prompt in symbol.prompts]
        for default in symbol.defaults:
            needed += (default.condition, default.value)
        nodes = self._model.symbol_nodes
        for bounds in symbol.ranges:
            needed += (bounds.condition, nodes[bounds.low], nodes[bounds.high])
        needed += (select.strength for select in symbol.selects)
        if symbol.implied != N:
            needed += (symbol.implied, symbol.direct)
        return needed
