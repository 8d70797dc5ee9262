"""Clauses of choices, of both kinds (``analyzer.kconfig.choices``).

A user can take any member that shows; exactly one is taken where any shows. Without a line for
a member it is the one that the base configuration and the defaults lead to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from analyzer.kconfig.expressions import Op
from analyzer.kconfig.model import Choice
from analyzer.kconfig.space.clauses import TRUE, Literal
from analyzer.kconfig.space.statements import Rule, Statement
from analyzer.kconfig.space.tables import Tables

Step = tuple[int, Literal]
"""A member (its place in the choice) and where it is its turn to be taken if it shows."""


def encode_choice(tables: Tables, index: int) -> None:
    """Define the literals of all members of the choice ``index``."""
    _Rules(tables, index, tables.model.choices[index]).add()


def mode_of(tables: Tables, index: int) -> tuple[Literal, Literal]:
    """The own value of a choice of before Linux 6.11, at least ``m`` and ``y``."""
    mode = tables.modes.get(index)
    if mode is None:
        mode = tables.modes[index] = _encode_mode(tables, index)
    return mode


def _encode_mode(tables: Tables, index: int) -> tuple[Literal, Literal]:
    choice = tables.model.choices[index]
    clauses = tables.clauses
    states = Statement(Rule.CHOICE_MODE, index)
    shown_m, shown_y = tables.m[choice.prompt], tables.y[choice.prompt]
    promoted = tables.without_modules if choice.tristate else TRUE
    shown_y = clauses.any_of((shown_y, clauses.both(shown_m, promoted)))
    m = shown_m
    if choice.optional:
        m = clauses.variable()
        clauses.add(-m, shown_m, states=states)
    if not choice.tristate:
        return m, m
    y = clauses.variable()
    clauses.add(-y, m, states=states)
    clauses.add(-y, shown_y, states=states)
    clauses.add(-m, -promoted, y, states=states)
    return m, y


class _Rules:
    def __init__(self, tables: Tables, index: int, choice: Choice) -> None:
        self._tables = tables
        self._clauses = tables.clauses
        self._index = index
        self._choice = choice
        self._mode = mode_of(tables, index) if choice.has_mode else (TRUE, TRUE)
        symbols = tables.model.symbols
        self._visible = [tables.visibility(symbols[member]) for member in choice.members]
        level = 1 if choice.has_mode else 0
        self._shown = [
            self._clauses.both(visible[level], self._mode[1]) for visible in self._visible
        ]
        self._taken = [self._clauses.variable() for _ in choice.members]

    def add(self) -> None:
        """All clauses of the choice."""
        add, members = self._clauses.add, self._choice.members
        takes = Statement(Rule.CHOICE_TAKES, self._index)
        for member, taken, shown in zip(members, self._taken, self._shown, strict=True):
            add(-taken, shown, states=Statement(Rule.LIMIT, member))
            add(-shown, *self._taken, states=takes)
            self._tables.taken[member] = taken, taken
        states = Statement(Rule.CHOICE_ONE, self._index)
        self._clauses.at_most_one(self._taken, states)
        if self._choice.has_mode and (self._choice.tristate or self._choice.optional):
            self._modular()
        else:
            self._kept()

    def _modular(self) -> None:
        """Members of a choice that need not take any: each may be ``m`` for itself.

        The base's values stay unless a line changes them; more is not said.
        """
        clauses, tables = self._clauses, self._tables
        only_m = clauses.both(self._mode[0], -self._mode[1])
        for place, member in enumerate(self._choice.members):
            taken = self._taken[place]
            modular = clauses.variable()
            shown = clauses.both(self._visible[place][0], only_m)
            clauses.add(-modular, shown, states=Statement(Rule.LIMIT, member))
            m = clauses.any_of((taken, modular))
            tables.taken[member] = m, taken
            given, line = tables.given(member), tables.line(member)
            clauses.add(line, m if given.m else -m)
            clauses.add(line, taken if given.y else -taken)

    def _kept(self) -> None:
        """A line takes its member; without any the base's order of preference decides."""
        add = self._clauses.add
        lines = [self._tables.line(member) for member in self._choice.members]
        for line, taken in zip(lines, self._taken, strict=True):
            add(-self._tables.exact, -line, taken)
        rest = self._clauses.all_of([-line for line in lines])
        for place, turn in self._steps(rest):
            add(-turn, -self._shown[place], self._taken[place])

    def _steps(self, rest: Literal) -> Iterator[Step]:
        """The order in which members are tried where no line is, as ``choose`` does it."""
        both = self._clauses.both
        has_mode = self._choice.has_mode
        places = {member: place for place, member in enumerate(self._choice.members)}
        given = [self._tables.given(member) for member in self._choice.members]
        priorities = self._tables.user.priorities.get(self._index, ())
        order = [places[member] for _, members in priorities for member in members]
        wanted = [place for place in order if given[place].y]
        for place in wanted[:1] if has_mode else wanted:
            yield place, rest
            rest = both(rest, -self._shown[place])
        open_ = rest
        for place, condition in self._defaults(places):
            turn = both(open_, condition)
            open_ = self._clauses.all_of((open_, -both(condition, self._shown[place])))
            if has_mode or not given[place].any or given[place].m:
                yield place, turn
                rest = both(rest, -both(turn, self._shown[place]))
        if not has_mode:
            unset = [place for place in range(len(given)) if not given[place].any]
            for place in (*unset, *reversed(order)):
                yield place, rest
                rest = both(rest, -self._shown[place])

    def _defaults(self, places: dict[int, int]) -> Iterable[Step]:
        nodes = self._tables.model.nodes
        for default in self._choice.defaults:
            op, operand, *_ = nodes[default.value]
            if op == Op.SYMBOL and operand in places:
                yield places[operand], self._tables.m[default.condition]
        for place in places.values():
            yield place, TRUE
