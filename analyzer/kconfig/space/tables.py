"""What the encoding of a model has come to so far: the literals of its nodes and symbols.

A tristate is two literals as it is two masks in ``evaluate``: ``m`` for "at least ``m``" and
``y``; where nothing can be ``m`` they are one. The value of an int, hex or string symbol is one
literal for each text it can have, and one, under None, for any other.

The user's values are free, but tied to a base configuration: a symbol has what the base gives
it unless its *line* holds, the literal that says that a fragment sets it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from analyzer.kconfig.evaluate import ProbeAnswers
from analyzer.kconfig.expressions import Node
from analyzer.kconfig.model import KconfigModel, Symbol, SymbolType
from analyzer.kconfig.space.candidates import Candidates
from analyzer.kconfig.space.clauses import FALSE, TRUE, Clauses, Literal
from analyzer.kconfig.uservalues import Given, UserValues

Alternatives = dict[str | None, Literal]
"""Literals of which exactly one is true, by text; None is any other text."""

NOTHING = Given(0, 0, 0)


@dataclass(slots=True)
class Tables:
    """Everything that the rules of symbols, choices and expressions read and write.

    ``user`` and ``answers`` are of one configuration, the base. ``wanted`` has texts that
    somebody asked for, by symbol. ``exact`` is a literal under which only what will resolve
    as encoded is allowed: no other texts, nothing that a written configuration loses.
    ``taken`` has the literals of the members of choices, ``modes`` those of choices with a
    value of their own.
    """

    model: KconfigModel
    user: UserValues
    answers: ProbeAnswers
    candidates: Candidates
    wanted: Mapping[int, tuple[str, ...]]
    without_modules: Literal = TRUE
    clauses: Clauses = field(default_factory=Clauses)
    exact: Literal = TRUE
    m: dict[Node, Literal] = field(default_factory=dict)
    y: dict[Node, Literal] = field(default_factory=dict)
    texts: dict[int, Alternatives] = field(default_factory=dict)
    written: dict[int, Literal] = field(default_factory=dict)
    lines: dict[int, Literal] = field(default_factory=dict)
    taken: dict[int, tuple[Literal, Literal]] = field(default_factory=dict)
    modes: dict[int, tuple[Literal, Literal]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.exact = self.clauses.variable()

    def given(self, index: int) -> Given:
        """What the base says of a symbol."""
        return self.user.given.get(index, NOTHING)

    def promoted(self, kind: SymbolType) -> Literal:
        """Where ``m`` becomes ``y``: always for a bool, without modules for a tristate."""
        return self.without_modules if kind is SymbolType.TRISTATE else TRUE

    def line(self, index: int) -> Literal:
        """Whether a fragment sets the symbol."""
        literal = self.lines.get(index)
        if literal is None:
            literal = self.lines[index] = self.clauses.variable()
        return literal

    def visibility(self, symbol: Symbol) -> tuple[Literal, Literal]:
        """Where a prompt shows, at least ``m`` and ``y``."""
        if symbol.transitional:
            return TRUE, TRUE
        any_of = self.clauses.any_of
        visible_m = any_of([self.m[prompt.condition] for prompt in symbol.prompts])
        if symbol.type is not SymbolType.TRISTATE:
            return visible_m, visible_m
        visible_y = any_of([self.y[prompt.condition] for prompt in symbol.prompts])
        promoted = self.clauses.both(visible_m, self.without_modules)
        return visible_m, any_of((visible_y, promoted))

    def by_user(self, index: int, visible: Literal) -> Literal:
        """Where the symbol has a user's value: of the base, or of a line."""
        if visible == FALSE or self.given(index).any:
            return visible
        return self.clauses.both(visible, self.line(index))

    def alternatives(self, node: Node) -> Alternatives:
        """The value of the symbol at ``node`` as texts."""
        index = self.model.nodes[node][1]
        symbol = self.model.symbols[index]
        if symbol.type.is_logical:
            m, y = self.m[node], self.y[node]
            return {"n": -m, "m": self.clauses.both(m, -y), "y": y}
        return self.texts.get(index, {symbol.name: TRUE})
