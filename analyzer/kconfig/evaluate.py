"""The values of all symbols, for all configurations at once.

A tristate is two masks: where it is at least ``m`` and where it is ``y``; ``&&`` is then
``&`` on both, ``||`` is ``|``. The rules are those of ``sym_calc_value()`` and
``sym_calc_visibility()`` in ``scripts/kconfig/symbol.c`` (choices: ``choices``).
"""

from __future__ import annotations

from dataclasses import dataclass

from analyzer.configset.configset import Mask
from analyzer.kconfig.choices import ChoiceMember, Outcome, choose, choose_in_mode
from analyzer.kconfig.comparison import holds, leading_number
from analyzer.kconfig.expressions import COMPARISONS, N, Node, Op
from analyzer.kconfig.model import Choice, KconfigModel, Resolver, Symbol, SymbolType
from analyzer.kconfig.uservalues import Given, UserValues

Texts = tuple[tuple[Mask, str], ...]
"""Disjoint masks with the text of the symbol there; together they are all configurations."""

_NOTHING = Given(0, 0, 0)


@dataclass(frozen=True, slots=True)
class ProbeAnswers:
    """Where a probe is known to have been answered otherwise than the profile says.

    ``y`` and ``n`` are masks by probe index. ``levels`` and ``texts`` give, by symbol index,
    the known values of symbols that follow from probes (``any`` is where one is known).
    """

    y: dict[int, Mask]
    n: dict[int, Mask]
    levels: dict[int, Given]
    texts: dict[int, Texts]


NO_ANSWERS = ProbeAnswers({}, {}, {}, {})


@dataclass(frozen=True, slots=True)
class Values:
    """The result: ``m`` and ``y`` by node number, the rest by symbol index.

    ``m`` is where a node is at least ``m``. ``visible`` and ``written`` are where a symbol
    can be set and where a ``.config`` has a line for it; ``texts`` has int, hex and string.
    """

    count: int
    m: list[Mask]
    y: list[Mask]
    visible: list[Mask]
    written: list[Mask]
    texts: dict[int, Texts]

    def everywhere(self) -> Mask:
        """All configurations."""
        return (1 << self.count) - 1


def evaluate(model: KconfigModel, user: UserValues, probes: ProbeAnswers = NO_ANSWERS) -> Values:
    """Compute everything; loops over symbols and nodes, never over configurations."""
    return _Evaluation(model, user, probes).run()


class _Evaluation:
    def __init__(self, model: KconfigModel, user: UserValues, probes: ProbeAnswers) -> None:
        self._model = model
        self._user = user
        self._probes = probes
        self._all: Mask = (1 << user.count) - 1
        self._m: list[Mask] = [0] * len(model.nodes)
        self._y: list[Mask] = [0] * len(model.nodes)
        self._visible: list[Mask] = [0] * len(model.symbols)
        self._written: list[Mask] = [0] * len(model.symbols)
        self._texts: dict[int, Texts] = {}
        self._outcomes: dict[int, Outcome] = {}
        self._without_modules: Mask = self._all

    def run(self) -> Values:
        model, m, y = self._model, self._m, self._y
        nodes, symbols = model.nodes, model.symbols
        modules_node = None if model.modules is None else model.symbol_nodes[model.modules]
        for number in model.order:
            content = nodes[number]
            op = content[0]
            if op == Op.SYMBOL:
                symbol = symbols[content[1]]
                if symbol.definitions:
                    self._symbol(number, content[1], symbol)
                    if number == modules_node:
                        self._without_modules = self._all & ~m[number]
                elif symbol.constant:
                    m[number] = self._all if symbol.name in ("m", "y") and number < 3 else 0
                    y[number] = self._all if symbol.name == "y" and number < 3 else 0
            elif op == Op.AND:
                left, right = content[1], content[2]
                m[number] = m[left] & m[right]
                y[number] = y[left] & y[right]
            elif op == Op.OR:
                m_mask = y_mask = 0
                for operand in content[1:]:
                    m_mask |= m[operand]
                    y_mask |= y[operand]
                m[number] = m_mask
                y[number] = y_mask
            elif op == Op.NOT:
                operand = content[1]
                m[number] = self._all & ~y[operand]
                y[number] = self._all & ~m[operand]
            elif op in COMPARISONS:
                m[number] = y[number] = self._comparison(Op(op), content[1], content[2])
            elif op == Op.MODE:
                m[number], y[number] = self._mode(model.choices[content[1]])
            elif op == Op.CHOICE:
                self._choice(content[1], model.choices[content[1]])
            else:
                self._probe(number, content[1])
        return Values(self._user.count, m, y, self._visible, self._written, self._texts)

    def _probe(self, number: Node, index: int) -> None:
        value = self._model.probes[index].value
        known_y = self._probes.y.get(index, 0)
        known_n = self._probes.n.get(index, 0)
        rest = self._all & ~known_y & ~known_n
        self._y[number] = known_y | (rest if value == "y" else 0)
        self._m[number] = known_y | (rest if value in ("m", "y") else 0)

    # Comparisons

    def _comparison(self, op: Op, left: Node, right: Node) -> Mask:
        nodes, symbols = self._model.nodes, self._model.symbols
        left_index, right_index = nodes[left][1], nodes[right][1]
        left_type, right_type = symbols[left_index].type, symbols[right_index].type
        if right < 3 and left_type.is_logical and op in (Op.EQUAL, Op.UNEQUAL):
            m, y = self._m[left], self._y[left]
            equal = (self._all & ~m, m & ~y, y)[right]
            return equal if op == Op.EQUAL else self._all & ~equal
        result = 0
        for left_mask, left_text in self.texts(left_index, left):
            for right_mask, right_text in self.texts(right_index, right):
                both = left_mask & right_mask
                if both and holds(op, left_text, left_type, right_text, right_type):
                    result |= both
        return result

    def texts(self, index: int, node: Node) -> Texts:
        """The value of any symbol as texts, as ``sym_get_string_value()`` gives it."""
        symbol = self._model.symbols[index]
        if symbol.type.is_logical:
            m, y = self._m[node], self._y[node]
            pairs = ((self._all & ~m, "n"), (m & ~y, "m"), (y, "y"))
            return tuple(pair for pair in pairs if pair[0])
        return self._texts.get(index, ((self._all, symbol.name),))

    # Symbols

    def _symbol(self, number: Node, index: int, symbol: Symbol) -> None:
        kind = symbol.type
        if kind is SymbolType.UNKNOWN:
            return
        if symbol.choice is not None and kind.is_logical:
            self._member(number, index, self._outcomes[index])
            return
        given = self._user.given.get(index, _NOTHING)
        visible = self._visibility(symbol)
        self._visible[index] = visible[0]
        if kind.is_logical:
            self._logical(number, symbol, given, visible)
        else:
            self._other(index, symbol, given, visible[0])
        if symbol.transitional:
            self._written[index] = 0

    def _promoted(self, kind: SymbolType) -> Mask:
        """Where ``m`` becomes ``y``: everywhere for a bool, without modules for a tristate."""
        return self._without_modules if kind is SymbolType.TRISTATE else self._all

    def _visibility(self, symbol: Symbol) -> tuple[Mask, Mask]:
        """Where a prompt shows, at least ``m`` and ``y``."""
        if symbol.transitional:
            return self._all, self._all
        visible_m = visible_y = 0
        for prompt in symbol.prompts:
            visible_m |= self._m[prompt.condition]
            visible_y |= self._y[prompt.condition]
        return visible_m, visible_y | (visible_m & self._promoted(symbol.type))

    def _logical(
        self, number: Node, symbol: Symbol, given: Given, visible: tuple[Mask, Mask]
    ) -> None:
        m, y = self._m, self._y
        promoted = self._promoted(symbol.type)
        visible_m, visible_y = visible
        by_user = given.any & visible_m
        value_m = given.m & by_user
        value_y = given.y & visible_y & by_user
        written = visible_m
        open_ = self._all & ~by_user
        if open_:
            default_m = default_y = 0
            rest = open_
            for default in symbol.defaults:
                here_m = m[default.condition] & rest
                if here_m:
                    here_y = y[default.condition] & rest
                    default_m |= m[default.value] & here_m
                    default_y |= y[default.value] & here_y
                    rest &= ~here_m
                    if not rest:
                        break
            if symbol.implied != N and not symbol.transitional:
                implied_m = m[symbol.implied] & open_
                if implied_m:
                    implied_y = (y[symbol.implied] & open_) | (implied_m & promoted)
                    direct_m = m[symbol.direct]
                    direct_y = y[symbol.direct] | (direct_m & promoted)
                    default_m = (default_m & ~implied_m) | (implied_m & direct_m)
                    joined_y = (default_y & implied_m) | implied_y
                    default_y = (default_y & ~implied_m) | (joined_y & direct_y)
                    written |= implied_m
            written |= default_m
            value_m |= default_m
            value_y |= default_y
        if symbol.selected != N and not symbol.transitional:
            selected_m = m[symbol.selected]
            if selected_m:
                written |= selected_m & open_
                value_m |= selected_m
                value_y |= y[symbol.selected] | (selected_m & promoted)
        index = self._model.nodes[number][1]
        known = self._probes.levels.get(index)
        if known is not None:
            value_m = (value_m & ~known.any) | known.m
            value_y = (value_y & ~known.any) | known.y
            written = (written & ~known.any) | known.m
        m[number] = value_m
        y[number] = value_y | (value_m & promoted)
        self._written[index] = written

    def _other(self, index: int, symbol: Symbol, given: Given, visible: Mask) -> None:
        written = visible
        initial = initial_text(symbol.type, self._model.resolver)
        column: dict[str, Mask] = {}
        rest = self._all
        known = self._probes.texts.get(index)
        if known is not None:
            for mask, text in known:
                column[text] = column.get(text, 0) | mask
                written |= mask
                rest &= ~mask
        for mask, text in self._in_force(symbol, given):
            self._add(column, text, mask & visible & rest)
            rest &= ~(mask & visible)
        for default in symbol.defaults:
            here = self._m[default.condition] & rest
            if here:
                rest &= ~here
                source = self._default_texts(default.value)
                if source is None:
                    self._add(column, initial, here)
                    continue
                written |= here
                for mask, text in source:
                    self._add(column, text, mask & here)
        self._add(column, initial, rest)
        if symbol.ranges and symbol.type is not SymbolType.STRING:
            column = self._within_range(symbol, column)
        self._texts[index] = tuple((mask, text) for text, mask in column.items() if mask)
        self._written[index] = written

    @staticmethod
    def _add(column: dict[str, Mask], text: str, mask: Mask) -> None:
        if mask:
            column[text] = column.get(text, 0) | mask

    def _default_texts(self, node: Node) -> Texts | None:
        """What a default of a text symbol copies; None if it is no single symbol.

        A logical symbol's own text is ``n`` whatever its value.
        """
        op, operand, *_ = self._model.nodes[node]
        if op == Op.PROBE:
            return ((self._all, self._model.probes[operand].value),)
        if op != Op.SYMBOL:
            return None
        symbol = self._model.symbols[operand]
        if symbol.type.is_logical:
            return ((self._all, symbol.name if node < 3 else "n"),)
        return self.texts(operand, node)

    def _in_force(self, symbol: Symbol, given: Given) -> Texts:
        """The user's values; without those outside the range where the resolver drops them."""
        if not (self._model.resolver.drops_numbers and symbol.ranges):
            return given.texts
        inside = self._within_range(symbol, {text: mask for mask, text in given.texts})
        return tuple((mask & inside.get(text, 0), text) for mask, text in given.texts)

    def _within_range(self, symbol: Symbol, column: dict[str, Mask]) -> dict[str, Mask]:
        """``sym_validate_range()``: a value outside takes the bound it is beyond."""
        base = 16 if symbol.type is SymbolType.HEX else 10
        result: dict[str, Mask] = {}
        rest = self._all
        for bounds in symbol.ranges:
            here = self._m[bounds.condition] & rest
            rest &= ~here
            if not here:
                continue
            for low_mask, low_text, low in self._bound(bounds.low, base):
                for high_mask, high_text, high in self._bound(bounds.high, base):
                    place = here & low_mask & high_mask
                    if not place:
                        continue
                    for text, mask in column.items():
                        value = leading_number(text, base)
                        kept = (
                            text
                            if low <= value <= high
                            else (low_text if value < low else high_text)
                        )
                        self._add(result, kept, mask & place)
        for text, mask in column.items():
            self._add(result, text, mask & rest)
        return result

    def _bound(self, index: int, base: int) -> list[tuple[Mask, str, int]]:
        symbol = self._model.symbols[index]
        if symbol.type is SymbolType.INT:
            base = 10
        elif symbol.type is SymbolType.HEX:
            base = 16
        texts = self.texts(index, self._model.symbol_nodes[index])
        return [(mask, text, leading_number(text, base)) for mask, text in texts]

    # Choices

    def _choice(self, index: int, choice: Choice) -> None:
        members: list[ChoiceMember] = []
        for member in choice.members:
            symbol = self._model.symbols[member]
            visible_m, visible_y = self._visibility(symbol)
            given = self._user.given.get(member, _NOTHING)
            members.append(ChoiceMember(member, visible_m, visible_y, given))
        defaults = [
            (self._model.nodes[default.value][1], self._m[default.condition])
            for default in choice.defaults
            if self._model.nodes[default.value][0] == Op.SYMBOL
        ]
        priorities = self._user.priorities.get(index, ())
        if choice.has_mode:
            mode = self._mode(choice)
            self._outcomes.update(choose_in_mode(members, defaults, priorities, mode))
        else:
            self._outcomes.update(choose(members, defaults, priorities, self._all))

    def _mode(self, choice: Choice) -> tuple[Mask, Mask]:
        """The own value of a choice of before Linux 6.11, at least ``m`` and ``y``."""
        visible_m, visible_y = self._m[choice.prompt], self._y[choice.prompt]
        promoted = self._without_modules if choice.tristate else self._all
        visible_y |= visible_m & promoted
        m = y = 0
        for member in choice.members:
            given = self._user.given.get(member, _NOTHING)
            m |= given.m & visible_m
            y |= given.y & visible_y
        if not choice.optional:
            m |= visible_m
        return m, y | (m & promoted)

    def _member(self, number: Node, index: int, outcome: Outcome) -> None:
        self._m[number] = outcome.m
        self._y[number] = outcome.y
        self._visible[index] = self._written[index] = outcome.visible


def initial_text(kind: SymbolType, resolver: Resolver) -> str:
    """The value of an int, hex or string symbol before anything gives it one."""
    if resolver.empty_numbers:
        return ""
    return {SymbolType.INT: "0", SymbolType.HEX: "0x0"}.get(kind, "")
