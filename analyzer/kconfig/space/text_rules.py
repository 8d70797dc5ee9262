"""Clauses of an int, hex or string symbol, and of comparisons."""

from __future__ import annotations

from analyzer.kconfig.comparison import holds, leading_number
from analyzer.kconfig.evaluate import initial_text
from analyzer.kconfig.expressions import Node, Op
from analyzer.kconfig.model import Range, Symbol, SymbolType
from analyzer.kconfig.space.clauses import FALSE, TRUE, Literal
from analyzer.kconfig.space.statements import Rule, Statement
from analyzer.kconfig.space.tables import Alternatives, Tables
from analyzer.kconfig.uservalues import valid_value


def encode_comparison(tables: Tables, number: Node, op: Op, left: Node, right: Node) -> None:
    """Define the literal of a comparison; free where a text is none of the known ones."""
    nodes, symbols = tables.model.nodes, tables.model.symbols
    left_type = symbols[nodes[left][1]].type
    right_type = symbols[nodes[right][1]].type
    clauses = tables.clauses
    if right < 3 and left_type.is_logical and op in (Op.EQUAL, Op.UNEQUAL):
        m, y = tables.m[left], tables.y[left]
        equal = (-m, clauses.both(m, -y), y)[right]
        tables.m[number] = tables.y[number] = equal if op == Op.EQUAL else -equal
        return
    literal = tables.m[number] = tables.y[number] = clauses.variable()
    for left_text, left_literal in tables.alternatives(left).items():
        for right_text, right_literal in tables.alternatives(right).items():
            if left_text is None or right_text is None:
                continue
            true = holds(op, left_text, left_type, right_text, right_type)
            clauses.add(-left_literal, -right_literal, literal if true else -literal)


def encode_text(tables: Tables, index: int, symbol: Symbol) -> None:
    """Define the alternatives of the symbol ``index``."""
    known = tables.answers.texts.get(index)
    if known:
        recorded = tables.clauses.fact(Statement(Rule.RECORDED, index))
        tables.texts[index] = {known[0][1]: recorded}
        tables.written[index] = recorded
        return
    _Rules(tables, index, symbol).add()


class _Rules:
    def __init__(self, tables: Tables, index: int, symbol: Symbol) -> None:
        self._tables = tables
        self._clauses = tables.clauses
        self._index = index
        self._symbol = symbol
        self._visible = tables.visibility(symbol)[0]
        self._user = tables.by_user(index, self._visible)
        self._before: Alternatives = {}

    def add(self) -> None:
        """All clauses of the symbol."""
        applying = self._defaults()
        if self._visible != FALSE:
            self._user_texts()
        self._one_of(self._before)
        written = [self._visible, *applying]
        self._tables.written[self._index] = self._clauses.any_of(written)
        after = self._before
        if self._symbol.ranges and self._symbol.type is not SymbolType.STRING:
            after = self._within_ranges()
        self._tables.texts[self._index] = after
        if None in self._before:
            self._clauses.add(-self._tables.exact, -self._before[None])
        if self._visible != FALSE:
            self._kept()

    def _text(self, alternatives: Alternatives, text: str | None) -> Literal:
        literal = alternatives.get(text)
        if literal is None:
            literal = alternatives[text] = self._clauses.variable()
        return literal

    def _one_of(self, alternatives: Alternatives) -> None:
        literals = list(alternatives.values())
        self._clauses.add(*literals)
        self._clauses.at_most_one(literals)

    def _defaults(self) -> list[Literal]:
        """What it is without a user's value; where a default gives it a text to be written."""
        tables, add = self._tables, self._clauses.add
        initial = initial_text(self._symbol.type, tables.model.resolver)
        earlier: list[Literal] = []
        applying: list[Literal] = []
        for place, default in enumerate(self._symbol.defaults):
            condition = tables.m[default.condition]
            applies = self._clauses.all_of([condition, *(-one for one in earlier)])
            earlier.append(condition)
            states = Statement(Rule.DEFAULT, self._index, place)
            source = self._source(default.value)
            if source is None:
                source = {initial: TRUE}
            else:
                applying.append(applies)
            if applies == FALSE:
                continue
            for text, literal in source.items():
                own = self._text(self._before, text)
                add(self._user, -applies, -literal, own, states=states)
        if TRUE not in earlier:
            states = Statement(Rule.NO_DEFAULT, self._index)
            add(self._user, *earlier, self._text(self._before, initial), states=states)
        return applying

    def _source(self, node: Node) -> Alternatives | None:
        """What a default copies; None if it is no single symbol (as in ``evaluate``)."""
        op, operand, *_ = self._tables.model.nodes[node]
        if op == Op.PROBE:
            return {self._tables.model.probes[operand].value: TRUE}
        if op != Op.SYMBOL:
            return None
        symbol = self._tables.model.symbols[operand]
        if symbol.type.is_logical:
            return {symbol.name if node < 3 else "n": TRUE}
        return self._tables.alternatives(node)

    def _user_texts(self) -> None:
        """The texts a user may give, those that matter and any other."""
        tables = self._tables
        given = [text for mask, text in tables.given(self._index).texts if mask]
        given += tables.wanted.get(self._index, ())
        for text in tables.candidates.of(self._index, given):
            self._text(self._before, text)
        self._text(self._before, None)
        if self._symbol.type is SymbolType.STRING:
            return
        states = Statement(Rule.USER_TEXT, self._index)
        for known, literal in self._before.items():
            if known is not None and valid_value(self._symbol, known) is None:
                self._clauses.add(-self._user, -literal, states=states)

    def _kept(self) -> None:
        """Without a line of its own the symbol has the base's value, if it has one."""
        line = self._tables.line(self._index)
        for mask, text in self._tables.given(self._index).texts:
            if mask:
                self._clauses.add(line, -self._visible, self._before[text])

    # Ranges

    def _within_ranges(self) -> Alternatives:
        """``sym_validate_range()``: a number outside takes the bound it is beyond."""
        tables, add = self._tables, self._clauses.add
        after: Alternatives = {}
        for wanted in tables.wanted.get(self._index, ()):
            self._text(after, wanted)
        earlier: list[Literal] = []
        for place, bounds in enumerate(self._symbol.ranges):
            condition = tables.m[bounds.condition]
            applies = self._clauses.all_of([condition, *(-one for one in earlier)])
            earlier.append(condition)
            if applies != FALSE:
                self._within(after, bounds, applies, Statement(Rule.RANGE, self._index, place))
        if TRUE not in earlier:
            states = Statement(Rule.RANGE, self._index, len(self._symbol.ranges))
            for text, literal in self._before.items():
                add(*earlier, -literal, self._text(after, text), states=states)
        self._one_of(after)
        return after

    def _within(
        self, after: Alternatives, bounds: Range, applies: Literal, states: Statement
    ) -> None:
        base = 16 if self._symbol.type is SymbolType.HEX else 10
        for low_literal, low_text, low in self._bound(bounds.low, base):
            for high_literal, high_text, high in self._bound(bounds.high, base):
                bounded = (-applies, -low_literal, -high_literal)
                for text, literal in self._before.items():
                    kept: dict[str | None, None]
                    if text is None or low is None or high is None:
                        kept = dict.fromkeys((None, text, low_text, high_text))
                    else:
                        value = leading_number(text, base)
                        inside = low <= value <= high
                        bound = low_text if value < low else high_text
                        kept = {text if inside else bound: None}
                    own = [self._text(after, one) for one in kept]
                    self._clauses.add(*bounded, -literal, *own, states=states)

    def _bound(self, index: int, base: int) -> list[tuple[Literal, str | None, int | None]]:
        model = self._tables.model
        kind = model.symbols[index].type
        base = {SymbolType.INT: 10, SymbolType.HEX: 16}.get(kind, base)
        alternatives = self._tables.alternatives(model.symbol_nodes[index])
        return [
            (literal, text, None if text is None else leading_number(text, base))
            for text, literal in alternatives.items()
        ]
