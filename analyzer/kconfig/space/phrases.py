"""Statements of a proof in words, with the place of the Kconfig line."""

from __future__ import annotations

from collections.abc import Iterator

from analyzer.kconfig.comparison import leading_number
from analyzer.kconfig.expressions import COMPARISONS, M, Node, Op
from analyzer.kconfig.model import Depends, Prompt, Symbol, SymbolType
from analyzer.kconfig.space.statements import Rule, Statement
from analyzer.kconfig.space.tables import Tables
from analyzer.kconfig.space.targets import undefined_text
from analyzer.kconfig.space.words import Words
from analyzer.location import Location

Known = dict[int, tuple[int, int]]
"""The least and the greatest level (0, 1, 2) by symbol, for those not free."""

Phrase = tuple[str, Location | None]

_FREE = (0, 2)


class Phrases:
    """Words statements; ``probes`` says who answered the shell probes."""

    def __init__(self, tables: Tables, probes: str) -> None:
        self._tables = tables
        self._model = model = tables.model
        self._probes = probes
        self._words = Words(model)

    def of(self, statement: Statement, now: Known, before: Known) -> Phrase:
        """The statement, worded with what is known after it and before it."""
        subject, place = statement.subject, statement.place
        match statement.rule:
            case Rule.PROBE:
                value = self._model.probes[subject].value
                return f"{self._words.probe(subject)} is {value} ({self._probes})", None
            case Rule.CHOICE_ONE | Rule.CHOICE_TAKES | Rule.CHOICE_MODE:
                return self._choice(statement.rule, subject)
        symbol = self._model.symbols[subject]
        match statement.rule:
            case Rule.SELECT:
                select = symbol.selects[place]
                source = self._words.name(select.source)
                condition = self._words.condition(select.own_condition)
                return f"{source} selects {symbol.name}{condition}", select.location
            case Rule.DEFAULT:
                return self._default(symbol, place)
            case Rule.IMPLY:
                return self._implied(symbol)
            case Rule.LIMIT:
                return self._limit(subject, symbol, now, before)
            case Rule.UNDEFINED:
                return undefined_text(symbol.name), None
            case Rule.MODULES:
                return self._without_modules(symbol)
            case Rule.RANGE:
                return self._range(symbol, place)
            case Rule.RECORDED:
                text = f"{symbol.name} is a fact about the toolchain ({self._probes})"
            case Rule.USER_TEXT:
                text = f"a {symbol.type.value} is all that {symbol.name} can be set to"
            case _:
                text = f"{symbol.name} cannot be set here and no default of it applies"
        return text, symbol.definitions[0].location

    def _choice(self, rule: Rule, index: int) -> Phrase:
        choice = self._model.choices[index]
        members = self._words.some(choice.members)
        if rule is Rule.CHOICE_ONE:
            text = f"only one of {members} can be y, members of the same choice"
        elif rule is Rule.CHOICE_TAKES:
            text = f"the choice takes one of {self._words.some(choice.members, ' or ')}"
        else:
            text = f"the choice of {members} limits them"
        return text, choice.location

    def _default(self, symbol: Symbol, place: int) -> Phrase:
        default = symbol.defaults[place]
        value = self._words.expression(default.value)
        condition = self._words.condition(default.own_condition)
        probed = f" ({self._probes})" if default.probed else ""
        why = "cannot be set here and" if symbol.prompts else "has no prompt and"
        return f"{symbol.name} {why} defaults to {value}{condition}{probed}", default.location

    def _implied(self, symbol: Symbol) -> Phrase:
        sources = self._words.some(imply.source for imply in symbol.implies)
        why = "cannot be set here and is" if symbol.prompts else "has no prompt and is"
        return f"{symbol.name} {why} implied by {sources}", symbol.implies[0].location

    def _without_modules(self, symbol: Symbol) -> Phrase:
        index = self._model.modules
        if index is None:
            return f"there are no modules in this tree, so {symbol.name} is never m", None
        modules = self._model.symbols[index]
        text = f"without {modules.name} the tristate {symbol.name} is never m"
        return text, modules.definitions[0].location

    def _range(self, symbol: Symbol, place: int) -> Phrase:
        if place == len(symbol.ranges):
            return f"no range of {symbol.name} applies", symbol.definitions[0].location
        bounds = symbol.ranges[place]
        base = 16 if symbol.type is SymbolType.HEX else 10
        low, high = self._words.name(bounds.low), self._words.name(bounds.high)
        if lowest := self._numbers(bounds.low, base):
            low = f"{low} (at least {lowest[0]})"
        if highest := self._numbers(bounds.high, base):
            high = f"{high} (at most {highest[-1]})"
        return f"{symbol.name} is kept within {low} and {high}", bounds.location

    def _numbers(self, index: int, base: int) -> list[str]:
        """What a bound that is no constant can be, in the order of the numbers."""
        texts = [text for text in self._tables.texts.get(index, {}) if text is not None]
        return sorted(texts, key=lambda text: leading_number(text, base))

    # Why a symbol is not more than it is

    def _limit(self, index: int, symbol: Symbol, now: Known, before: Known) -> Phrase:
        selecting = self._selecting(symbol, before)
        failing = self._failing(symbol, before) or self._newly_needed(symbol, now, before)
        if failing:
            parts = [
                self._words.expression(one.expression) + self._values(one.expression, index, before)
                for one in failing
            ]
            text = f"{symbol.name} depends on {', elsewhere on '.join(parts)}"
            return text + selecting, failing[0].location
        for prompt in symbol.prompts:
            if self._is_about(prompt.condition, now, before):
                return self._setting(index, symbol, prompt, before)
        if symbol.selects and not symbol.prompts:
            sources = self._words.some((one.source for one in symbol.selects), " or ")
            if len(symbol.selects) == 1:
                sources += self._words.condition(symbol.selects[0].own_condition)
            also = ", or by default" if symbol.defaults else ""
            if not also and all(self._high(one.strength, before) == 0 for one in symbol.selects):
                also = ", which is not so here"
            text = f"{symbol.name} has no prompt and is on only if selected by {sources}{also}"
            return text, symbol.selects[0].location
        for default in symbol.defaults:
            condition = self._words.condition(default.own_condition)
            value = self._words.expression(default.value)
            why = "cannot be set here" if symbol.prompts else "has no prompt"
            text = f"{symbol.name} {why}, and its default is {value}{condition}"
            return text + selecting, default.location
        if not symbol.prompts:
            text = f"{symbol.name} has no prompt and no default, and nothing selects it"
            return text, symbol.definitions[0].location
        return self._setting(index, symbol, symbol.prompts[0], before)

    def _setting(self, index: int, symbol: Symbol, prompt: Prompt, known: Known) -> Phrase:
        """Where a prompt shows."""
        condition = self._words.expression(prompt.condition)
        values = self._values(prompt.condition, index, known)
        text = f"{symbol.name} can be set only where {condition}{values}"
        return text + self._selecting(symbol, known), prompt.location

    def _selecting(self, symbol: Symbol, known: Known) -> str:
        """The others who could turn it on, and do not."""
        if not symbol.selects:
            return ""
        sources = [one.source for one in symbol.selects]
        if all(self._high(one.strength, known) == 0 for one in symbol.selects):
            return f", and is not selected by {self._words.some(sources, ' or ')}"
        return f", unless selected by {self._words.some(sources, ' or ')}"

    def _failing(self, symbol: Symbol, known: Known) -> list[Depends]:
        """In each entry the innermost ``depends on`` that is known not to be ``y``."""
        found: list[Depends] = []
        for definition in symbol.definitions:
            failing = [d for d in definition.depends if self._high(d.expression, known) < 2]
            found += failing[-1:]
        return found if len(found) == len(symbol.definitions) else []

    def _newly_needed(self, symbol: Symbol, now: Known, before: Known) -> list[Depends]:
        """The first ``depends on`` about which something has just followed."""
        return [
            depends
            for definition in symbol.definitions
            for depends in reversed(definition.depends)
            if self._is_about(depends.expression, now, before)
        ][:1]

    def _is_about(self, node: Node, now: Known, before: Known) -> bool:
        """Whether something followed about a symbol of the expression."""
        return any(now.get(one) != before.get(one) for one in self._words.symbols_in(node))

    def _values(self, node: Node, but: int, known: Known) -> str:
        """`` (A=n, B=y)``: what is known of the symbols in an expression."""
        found = list(self._known_values(node, but, known))
        return f" ({', '.join(found[:4])})" if found else ""

    def _known_values(self, node: Node, but: int, known: Known) -> Iterator[str]:
        for index in self._words.symbols_in(node):
            low, high = known.get(index, _FREE)
            if index != but and low == high:
                yield f"{self._words.name(index)}={'nmy'[low]}"

    def _high(self, node: Node, known: Known) -> int:
        """The greatest level that an expression can have."""
        op, *operands = self._model.nodes[node]
        if op == Op.SYMBOL:
            return self._bounds(node, operands[0], known)[1]
        if op == Op.AND:
            return min(self._high(operand, known) for operand in operands)
        if op == Op.OR:
            return max(self._high(operand, known) for operand in operands)
        if op == Op.NOT:
            return 2 - self._low(operands[0], known)
        return 2 if op in COMPARISONS or op != Op.PROBE else self._answer(operands[0])

    def _low(self, node: Node, known: Known) -> int:
        """The least level that an expression can have."""
        op, *operands = self._model.nodes[node]
        if op == Op.SYMBOL:
            return self._bounds(node, operands[0], known)[0]
        if op == Op.AND:
            return min(self._low(operand, known) for operand in operands)
        if op == Op.OR:
            return max(self._low(operand, known) for operand in operands)
        if op == Op.NOT:
            return 2 - self._high(operands[0], known)
        return 0 if op in COMPARISONS or op != Op.PROBE else self._answer(operands[0])

    def _bounds(self, node: Node, index: int, known: Known) -> tuple[int, int]:
        if node <= M or node == 2:
            return node, node
        if self._model.symbols[index].constant:
            return 0, 0
        return known.get(index, _FREE)

    def _answer(self, index: int) -> int:
        return "nmy".index(self._model.probes[index].value)
