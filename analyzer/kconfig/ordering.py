"""The order of evaluation: every symbol after all that its value depends on.

The kernel evaluates on demand and forbids cycles (``sym_check_deps()`` in
``scripts/kconfig/symbol.c``); without cycles an order fixed once gives the same values,
for any number of configurations. The symbol with the attribute ``modules`` comes first
with all it needs, because it decides whether a tristate can be ``m`` at all.
"""

from __future__ import annotations

from collections.abc import Sequence

from analyzer.errors import BadInput
from analyzer.kconfig.expressions import Node, Op
from analyzer.kconfig.model import Choice, Symbol

_NEW, _OPEN, _DONE = 0, 1, 2


def evaluation_order(
    nodes: Sequence[tuple[int, ...]],
    symbols: Sequence[Symbol],
    choices: Sequence[Choice],
    symbol_nodes: Sequence[Node],
    modules: int | None,
) -> tuple[Node, ...]:
    """All nodes, each after those it needs; :class:`BadInput` names a cycle's symbols."""
    state = bytearray(len(nodes))
    order: list[Node] = []
    path: list[Node] = []
    roots = range(len(nodes))
    starts = roots if modules is None else [symbol_nodes[modules], *roots]

    def needs(number: Node) -> Sequence[Node]:
        content = nodes[number]
        if content[0] == Op.SYMBOL:
            return symbol_needs(symbols[content[1]], symbol_nodes, choice_nodes)
        if content[0] == Op.CHOICE:
            return choice_needs(choices[content[1]], symbols)
        if content[0] == Op.MODE:
            return (choices[content[1]].prompt,)
        return () if content[0] == Op.PROBE else content[1:]

    choice_nodes = {
        content[1]: number for number, content in enumerate(nodes) if content[0] == Op.CHOICE
    }
    for start in starts:
        if state[start] != _NEW:
            continue
        stack = [(start, iter(needs(start)))]
        state[start] = _OPEN
        path.append(start)
        while stack:
            number, rest = stack[-1]
            for needed in rest:
                if state[needed] == _NEW:
                    state[needed] = _OPEN
                    path.append(needed)
                    stack.append((needed, iter(needs(needed))))
                    break
                if state[needed] == _OPEN:
                    raise _cycle(path[path.index(needed) :], nodes, symbols)
            else:
                stack.pop()
                path.pop()
                state[number] = _DONE
                order.append(number)
    return tuple(order)


def symbol_needs(
    symbol: Symbol, symbol_nodes: Sequence[Node], choice_nodes: dict[int, Node]
) -> list[Node]:
    """The nodes that the value of ``symbol`` is computed from."""
    if symbol.constant or not symbol.definitions:
        return []
    if symbol.choice is not None:
        return [choice_nodes[symbol.choice]]
    needed = [prompt.condition for prompt in symbol.prompts]
    for default in symbol.defaults:
        needed += (default.condition, default.value)
    for bounds in symbol.ranges:
        needed += (bounds.condition, symbol_nodes[bounds.low], symbol_nodes[bounds.high])
    needed += (symbol.direct, symbol.selected, symbol.implied)
    return needed


def choice_needs(choice: Choice, symbols: Sequence[Symbol]) -> list[Node]:
    """The nodes that decide which member of ``choice`` is taken."""
    needed = [default.condition for default in choice.defaults]
    for member in choice.members:
        needed += (prompt.condition for prompt in symbols[member].prompts)
    if choice.has_mode:
        needed.append(choice.prompt)
    return needed


def _cycle(
    path: Sequence[Node], nodes: Sequence[tuple[int, ...]], symbols: Sequence[Symbol]
) -> BadInput:
    found: list[Symbol] = []
    places: list[str] = []
    for number in path:
        op, *operands = nodes[number]
        if op == Op.SYMBOL:
            found.append(symbols[operands[0]])
            places.append(symbols[operands[0]].name)
        elif op == Op.CHOICE:
            places.append("a choice")
    names = " -> ".join([*places, places[0]])
    if not found:
        return BadInput(f"recursive dependency: {names}")
    location = found[0].definitions[0].location
    return BadInput(f"recursive dependency: {names}", location.file, location.line)
