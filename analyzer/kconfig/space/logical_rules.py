"""Clauses of a bool or tristate symbol in no choice: ``sym_calc_value()`` in ``symbol.c``.

A user may set a symbol that shows to anything up to its visibility; ``select`` lifts it
whatever its dependencies; where no user's value is in force ``imply`` and ``default`` decide.
"""

from __future__ import annotations

from analyzer.kconfig.expressions import N, Node
from analyzer.kconfig.model import Symbol, SymbolType
from analyzer.kconfig.space.clauses import FALSE, Literal
from analyzer.kconfig.space.statements import Rule, Statement
from analyzer.kconfig.space.tables import Tables


def encode_logical(tables: Tables, number: Node, index: int, symbol: Symbol) -> None:
    """Define the literals of the symbol ``index`` at the node ``number``."""
    clauses = tables.clauses
    known = tables.answers.levels.get(index)
    if known is not None and known.any:
        recorded = clauses.fact(Statement(Rule.RECORDED, index))
        tables.m[number] = recorded if known.m else -recorded
        tables.y[number] = recorded if known.y else -recorded
        return
    m = tables.m[number] = clauses.variable()
    y = tables.y[number] = clauses.variable() if symbol.type is SymbolType.TRISTATE else m
    if m != y:
        clauses.add(-y, m)
        modules = Statement(Rule.MODULES, index)
        clauses.add(-m, -tables.without_modules, y, states=modules)
    _Rules(tables, index, symbol, m, y).add()


class _Rules:
    """The clauses of one symbol with the literals ``m`` and ``y``."""

    def __init__(self, tables: Tables, index: int, symbol: Symbol, m: Literal, y: Literal) -> None:
        self._tables = tables
        self._clauses = tables.clauses
        self._index = index
        self._symbol = symbol
        self._m, self._y = m, y
        self._two_levels = m != y
        self._visible = tables.visibility(symbol)
        self._user = tables.by_user(index, self._visible[0])

    def add(self) -> None:
        """All of them."""
        default = self._default()
        selected = self._selected()
        self._limit(default, selected)
        if self._symbol.transitional:
            line = self._tables.line(self._index)
            self._clauses.add(-self._tables.exact, -line, -self._m)
        if self._visible[0] != FALSE:
            self._kept(selected)

    def _selected(self) -> tuple[Literal, Literal]:
        """The level that selects lift the symbol to."""
        tables, add = self._tables, self._clauses.add
        selects = () if self._symbol.transitional else self._symbol.selects
        for place, select in enumerate(selects):
            states = Statement(Rule.SELECT, self._index, place)
            add(-tables.m[select.strength], self._m, states=states)
            if self._two_levels:
                add(-tables.y[select.strength], self._y, states=states)
        selected_m = self._clauses.any_of([tables.m[one.strength] for one in selects])
        if not self._two_levels:
            return selected_m, selected_m
        selected_y = self._clauses.any_of([tables.y[one.strength] for one in selects])
        return selected_m, self._lifted(selected_m, selected_y)

    def _lifted(self, m: Literal, y: Literal) -> Literal:
        """At least ``y`` where ``m`` becomes ``y``."""
        promoted = self._tables.promoted(self._symbol.type)
        return self._clauses.any_of((y, self._clauses.both(m, promoted)))

    def _default(self) -> tuple[Literal, Literal]:
        """The level without a user's value; adds that the symbol is at least that."""
        both, any_of = self._clauses.both, self._clauses.any_of
        tables = self._tables
        taken_m: list[Literal] = []
        taken_y: list[Literal] = []
        earlier: list[Literal] = []
        for default in self._symbol.defaults:
            condition = tables.m[default.condition]
            applies = self._clauses.all_of([condition, *(-one for one in earlier)])
            taken_m.append(both(applies, tables.m[default.value]))
            if self._two_levels:
                level = both(tables.y[default.condition], tables.y[default.value])
                taken_y.append(both(applies, level))
            earlier.append(condition)
        m = any_of(taken_m)
        y = any_of(taken_y) if self._two_levels else m
        if self._symbol.implied != N and not self._symbol.transitional:
            m, y = self._implied(m, y)
            self._at_least(m, y, Statement(Rule.IMPLY, self._index))
        else:
            for place, one in enumerate(taken_m):
                level = taken_y[place] if self._two_levels else one
                self._at_least(one, level, Statement(Rule.DEFAULT, self._index, place))
        return m, y

    def _at_least(self, m: Literal, y: Literal, states: Statement) -> None:
        self._clauses.add(self._user, -m, self._m, states=states)
        if self._two_levels:
            self._clauses.add(self._user, -y, self._y, states=states)

    def _implied(self, m: Literal, y: Literal) -> tuple[Literal, Literal]:
        """Where something implies the symbol, its dependencies are the level, or its default."""
        both, any_of = self._clauses.both, self._clauses.any_of
        tables, symbol = self._tables, self._symbol
        implied_m, direct_m = tables.m[symbol.implied], tables.m[symbol.direct]
        new_m = any_of((both(m, -implied_m), both(implied_m, direct_m)))
        if not self._two_levels:
            return new_m, new_m
        implied_y = self._lifted(implied_m, tables.y[symbol.implied])
        direct_y = self._lifted(direct_m, tables.y[symbol.direct])
        level = self._clauses.all_of((implied_m, any_of((y, implied_y)), direct_y))
        return new_m, any_of((both(y, -implied_m), level))

    def _limit(self, default: tuple[Literal, Literal], selected: tuple[Literal, Literal]) -> None:
        add, both = self._clauses.add, self._clauses.both
        states = Statement(Rule.LIMIT, self._index)
        user = self._user
        add(-self._m, user, default[0], selected[0], states=states)
        if not self._two_levels:
            return
        visible_m, visible_y = self._visible
        lifted = both(self._m, self._tables.without_modules)
        setting = both(user, visible_y)
        add(-self._y, setting, default[1], selected[1], lifted, states=states)
        # A default above the visibility is lost when the written value is read again.
        add(-self._tables.exact, -visible_m, -self._y, visible_y, selected[1])

    def _kept(self, selected: tuple[Literal, Literal]) -> None:
        """Without a line of its own the symbol has the base's value, if it has one."""
        given = self._tables.given(self._index)
        if not given.any:
            return
        add = self._clauses.add
        line = self._tables.line(self._index)
        visible_m, visible_y = self._visible
        if given.m:
            add(line, -visible_m, self._m)
        else:
            add(line, -visible_m, -self._m, selected[0])
        if not self._two_levels:
            return
        if given.y:
            add(line, -visible_y, self._y)
        else:
            lifted = self._clauses.both(self._m, self._tables.without_modules)
            add(line, -visible_m, -self._y, selected[1], lifted)
