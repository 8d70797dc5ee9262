"""How many of the symbols that differ depend on each: what makes other symbols differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from analyzer.kconfig.expressions import Op
from analyzer.kconfig.model import KconfigModel
from analyzer.kconfig.ordering import choice_needs, symbol_needs


def dependents(model: KconfigModel, differing: Iterable[str]) -> Mapping[str, int]:
    """For each of ``differing`` how many others of them its value goes into.

    Over any number of steps, all of which differ. A symbol that the tree does not know is
    left out.
    """
    names = [name for name in differing if name in model.by_name]
    bits = {model.by_name[name]: 1 << position for position, name in enumerate(names)}
    above = [0] * len(model.nodes)
    """By node: the differing symbols that its value depends on."""
    choice_nodes = {
        content[1]: number for number, content in enumerate(model.nodes) if content[0] == Op.CHOICE
    }
    counts = [0] * len(names)
    for number in model.order:
        op, *operands = model.nodes[number]
        if op == Op.SYMBOL:
            index = operands[0]
            own = bits.get(index)
            if own is None:
                continue
            needed = symbol_needs(model.symbols[index], model.symbol_nodes, choice_nodes)
            found = _union(above, needed)
            above[number] = found | own
            while found:
                low = found & -found
                counts[low.bit_length() - 1] += 1
                found ^= low
        elif op == Op.CHOICE:
            above[number] = _union(above, choice_needs(model.choices[operands[0]], model.symbols))
        elif op == Op.MODE:
            above[number] = above[model.choices[operands[0]].prompt]
        elif op != Op.PROBE:
            above[number] = _union(above, operands)
    return dict(zip(names, counts, strict=True))


def _union(above: list[int], nodes: Iterable[int]) -> int:
    result = 0
    for node in nodes:
        result |= above[node]
    return result
