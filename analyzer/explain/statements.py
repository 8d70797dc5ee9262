"""Every statement of the Kconfig files that bears on one symbol, and what becomes of it.

The order is that in which a reader checks them: may it be set at all, does something force
it, what is it by default, what limits it. What is in force is decided as in
``sym_calc_value()`` in ``scripts/kconfig/symbol.c``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyzer.explain.chain import Chain, Links
from analyzer.explain.result import Operand, State, Statement, StatementKind
from analyzer.kconfig.explain import Reason, nearest_first
from analyzer.kconfig.expressions import Node, Op, Y
from analyzer.kconfig.model import Choice, Default, Depends, Prompt, Range, Reverse, Symbol
from analyzer.kconfig.view import View
from analyzer.kconfig.wording import Wording
from analyzer.location import Location

BLOCKING_AT_MOST = 4
"""Symbols named as what keeps a statement off."""

_BY_REVERSE = {StatementKind.SELECT: "selected by", StatementKind.IMPLY: "implied by"}


def statements(view: View, number: int, reason: Reason, chain: Chain) -> Iterator[Statement]:
    """All of symbol ``number``; the ones at the place of ``reason`` are marked.

    ``chain`` goes on below them and below dependencies that fail.
    """
    return _Statements(view, number, reason, chain).all()


class _Statements:
    def __init__(self, view: View, number: int, reason: Reason, chain: Chain) -> None:
        self._view = view
        self._words = Wording(view)
        self._model = view.model
        self._number = number
        self._symbol: Symbol = self._model.symbols[number]
        self._reason = reason
        self._chain = chain
        self._hung = False

    def all(self) -> Iterator[Statement]:
        symbol = self._symbol
        if symbol.choice is not None:
            yield from self._choice(self._model.choices[symbol.choice])
        for prompt in symbol.prompts:
            yield self._prompt(prompt)
        seen: dict[Depends, StatementKind] = {}
        for prompt in symbol.prompts:
            seen |= dict.fromkeys(prompt.visible_if, StatementKind.VISIBLE_IF)
        for definition in symbol.definitions:
            seen |= dict.fromkeys(nearest_first(definition), StatementKind.DEPENDS)
        for depends, kind in seen.items():
            yield self._depends(depends, kind)
        by_user = self._view.by_user(self._number)
        for select in symbol.selects:
            yield self._reverse(StatementKind.SELECT, select, settled=False)
        for imply in symbol.implies:
            yield self._reverse(StatementKind.IMPLY, imply, settled=by_user)
        if symbol.choice is None:
            yield from self._defaults(StatementKind.DEFAULT, symbol.defaults, settled=by_user)
        yield from self._ranges(symbol.ranges)

    def _decides(self, location: Location) -> bool:
        return location == self._reason.location

    def _below(self, location: Location) -> Links:
        """The chain, below the first statement that decides."""
        if self._hung or not self._decides(location):
            return Links()
        self._hung = True
        return self._chain.below(self._reason.because)

    # One of each kind

    def _prompt(self, prompt: Prompt) -> Statement:
        shown = self._view.on(prompt.condition)
        return self._statement(
            StatementKind.PROMPT,
            State.IN_FORCE if shown else State.FAILS,
            prompt.own_condition,
            prompt.location,
            value=prompt.condition,
            text=f'prompt "{prompt.text}"',
            blocked="" if shown else self._blocking(prompt.condition),
        )

    def _depends(self, depends: Depends, kind: StatementKind) -> Statement:
        node = depends.expression
        state = State.IN_FORCE if self._view.on(node) else State.FAILS
        word = "visible if" if kind is StatementKind.VISIBLE_IF else "depends on"
        links = self._below(depends.location)
        if kind is StatementKind.DEPENDS and state is State.FAILS and not links.shown:
            links = self._chain.below(tuple(dict.fromkeys(self._words.settled_by(node))))
        return Statement(
            kind,
            state,
            self._decides(depends.location),
            f"{word} {self._words.text(node)}",
            f"{word} {self._words.valued(node)}",
            self._view.letter(node),
            self._operands(node),
            depends.location,
            depends.origin,
            links=links.shown,
            hidden=links.hidden,
        )

    def _reverse(self, kind: StatementKind, reverse: Reverse, *, settled: bool) -> Statement:
        applies = self._view.on(reverse.strength)
        source = self._operand(reverse.source)
        state = State.FAILS
        if applies:
            state = State.UNUSED if settled else State.IN_FORCE
        hidden = ""
        if not applies and source.value != "n" and self._view.on(reverse.own_condition):
            hidden = self._blocking(reverse.strength)
        return self._statement(
            kind,
            state,
            reverse.own_condition,
            reverse.location,
            value=reverse.strength,
            text=f"{_BY_REVERSE[kind]} {source.name}",
            valued=f"{_BY_REVERSE[kind]} {source.name} [={source.value}]",
            source=source,
            blocked=hidden,
        )

    def _defaults(
        self, kind: StatementKind, defaults: Sequence[Default], *, settled: bool
    ) -> Iterator[Statement]:
        for default in defaults:
            applies = self._view.on(default.condition)
            state = State.FAILS
            if applies:
                state = State.UNUSED if settled else State.IN_FORCE
                settled = True
            hidden = ""
            if not applies and self._view.on(default.own_condition):
                hidden = self._blocking(default.condition)
            yield self._statement(
                kind,
                state,
                default.own_condition,
                default.location,
                value=default.condition,
                text=f"default {self._words.text(default.value)}",
                valued=f"default {self._words.valued(default.value)}",
                also=default.value,
                blocked=hidden,
            )

    def _ranges(self, ranges: Sequence[Range]) -> Iterator[Statement]:
        nodes = self._model.symbol_nodes
        settled = False
        for bounds in ranges:
            low, high = nodes[bounds.low], nodes[bounds.high]
            state = State.FAILS
            if self._view.on(bounds.condition):
                state = State.UNUSED if settled else State.IN_FORCE
                settled = True
            plain = [self._bound(self._words.text(node)) for node in (low, high)]
            valued = [self._bound(self._words.valued(node)) for node in (low, high)]
            yield self._statement(
                StatementKind.RANGE,
                state,
                bounds.own_condition,
                bounds.location,
                value=bounds.condition,
                text=f"range {' '.join(plain)}",
                valued=f"range {' '.join(valued)}",
            )

    @staticmethod
    def _bound(text: str) -> str:
        return text.strip('"')

    def _choice(self, choice: Choice) -> Iterator[Statement]:
        nodes, symbols = self._model.symbol_nodes, self._model.symbols
        taken = [m for m in choice.members if self._view.on(nodes[m])]
        names = [symbols[member].name for member in choice.members]
        shown = [f"{each.name} [={each.value}]" for each in map(self._operand, choice.members)]
        title = f'choice "{choice.title}"' if choice.title else "choice"
        links = self._below(choice.location)
        yield Statement(
            StatementKind.CHOICE,
            State.IN_FORCE if taken else State.FAILS,
            self._decides(choice.location),
            f"{title} of {', '.join(names)}",
            f"{title} of {', '.join(shown)}",
            self._view.letter(choice.prompt),
            tuple(map(self._operand, choice.members)),
            choice.location,
            source=self._operand(taken[0]) if taken else None,
            links=links.shown,
            hidden=links.hidden,
        )
        asked = any(self._view.by_user(m) and self._view.given_level(m) for m in taken)
        yield from self._defaults(
            StatementKind.CHOICE_DEFAULT, choice.defaults, settled=asked or not taken
        )

    # What they have in common

    def _statement(
        self,
        kind: StatementKind,
        state: State,
        own: Node,
        location: Location,
        *,
        value: Node,
        text: str,
        valued: str | None = None,
        also: Node = Y,
        source: Operand | None = None,
        blocked: str = "",
    ) -> Statement:
        """A statement with the condition ``own`` behind ``if``; ``value`` is the full one."""
        shown = text if valued is None else valued
        # Of selects and implies none of which applies, no single one decides.
        decides = self._decides(location) and (kind not in _BY_REVERSE or state is not State.FAILS)
        links = self._below(location) if decides else Links()
        if own != Y:
            text += f" if {self._words.text(own)}"
            shown += f" if {self._words.valued(own)}"
        return Statement(
            kind,
            state,
            decides,
            text,
            shown,
            self._view.letter(value),
            self._operands(also, own),
            location,
            source=source,
            blocked=blocked,
            links=links.shown,
            hidden=links.hidden,
        )

    def _operands(self, *nodes: Node) -> tuple[Operand, ...]:
        found = dict.fromkeys(n for node in nodes for n in self._words.symbols(node))
        return tuple(map(self._operand, found))

    def _operand(self, number: int) -> Operand:
        symbol = self._model.symbols[number]
        value = self._view.value(number) if symbol.definitions else "n"
        return Operand(symbol.name, value)

    def _blocking(self, node: Node) -> str:
        """What keeps ``node`` off: ``A=n, B=n``."""
        nodes = self._model.nodes
        own = self._model.symbol_nodes[self._number]
        leaves = [leaf for leaf in self._words.blamed(node, wanted=True) if leaf != own]
        named = dict.fromkeys(
            self._words.leaf_value(leaf) for leaf in leaves if nodes[leaf][0] != Op.MODE
        )
        texts = list(named)
        more = len(texts) - BLOCKING_AT_MOST
        shown = ", ".join(texts[:BLOCKING_AT_MOST])
        return f"{shown} and {more} more" if more > 0 else shown
