"""Why a symbol has its value in one configuration: the statement that decides, and its place.

The order of the questions is that of ``sym_calc_value()`` in ``scripts/kconfig/symbol.c``:
is it selected, can the user set it and did he, which default applies. For ``n`` the answer
names the condition that fails and the symbols that make it fail.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analyzer.configset.dotconfig import DotConfig
from analyzer.diagnostics import Diagnostics
from analyzer.kconfig.expressions import COMPARISONS, Node, Op, expression_text
from analyzer.kconfig.model import Default, Depends, KconfigModel, Reverse, Symbol
from analyzer.kconfig.render import written_text
from analyzer.kconfig.resolve import Resolution, Source, complete
from analyzer.kconfig.toolchain import Toolchain
from analyzer.location import Location
from analyzer.tree.source_tree import SourceTree

NAMED_AT_MOST = 4
"""How many symbols a reason names before it says how many more there are."""

_PROBE_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Reason:
    """``text`` reads on after ``CONFIG_X=value:``; ``location`` is the deciding statement."""

    value: str
    text: str
    location: Location | None

    def __str__(self) -> str:
        return self.text if self.location is None else f"{self.text} at {self.location}"


def why(resolution: Resolution, name: str, index: int) -> Reason:
    """Why ``name`` (no ``CONFIG_``) has its value in configuration ``index``."""
    model = resolution.model
    number = model.by_name.get(name)
    if number is None or not model.symbols[number].definitions:
        return Reason("n", "no Kconfig file of this architecture defines it", None)
    return _Question(resolution, number, 1 << index).answer()


def reasons(
    tree: SourceTree,
    arch: str,
    toolchain: Toolchain | None,
    config: DotConfig,
    names: Sequence[str],
    *,
    diagnostics: Diagnostics,
) -> tuple[Reason, ...]:
    """Why each of ``names`` has its value in ``config``; loads the tree, a second or two."""
    resolution = complete(tree, arch, toolchain, [Source(config)], diagnostics)
    return tuple(why(resolution, name, 0) for name in names)


class _Question:
    """One symbol in one configuration (``bit``)."""

    def __init__(self, resolution: Resolution, number: int, bit: int) -> None:
        self._model: KconfigModel = resolution.model
        self._values = resolution.values
        self._given = resolution.user.given.get(number)
        self._number = number
        self._bit = bit
        self._symbol: Symbol = self._model.symbols[number]
        self._value = written_text(self._model, self._values, number, bit)

    def answer(self) -> Reason:
        if not self._symbol.type.is_logical:
            return self._reason_of_text()
        return self._reason_of_n() if self._value == "n" else self._reason_of_level()

    # Values

    def _at_least_m(self, node: Node) -> bool:
        return bool(self._values.m[node] & self._bit)

    def _level(self, node: Node) -> int:
        return bool(self._values.m[node] & self._bit) + bool(self._values.y[node] & self._bit)

    def _by_user(self) -> bool:
        shown = self._values.visible[self._number] & self._bit
        return bool(shown and self._given is not None and self._given.any & self._bit)

    def _reason(self, text: str, location: Location | None) -> Reason:
        return Reason(self._value, text, location)

    # m and y

    def _reason_of_level(self) -> Reason:
        symbol = self._symbol
        own = self._level(self._model.symbol_nodes[self._number])
        if symbol.choice is not None:
            choice = self._model.choices[symbol.choice]
            how = "as configured" if self._by_user() else "by default"
            return self._reason(f"taken {how} in the choice", choice.location)
        strongest = max(symbol.selects, key=lambda one: self._level(one.strength), default=None)
        if strongest is not None and self._level(strongest.strength) >= own:
            source = self._model.symbols[strongest.source]
            return self._reason(f"selected by {source.name}", strongest.location)
        if self._by_user():
            return self._reason("set in the configuration", symbol.prompts[0].location)
        implying = max(symbol.implies, key=lambda one: self._level(one.strength), default=None)
        if implying is not None and self._level(implying.strength) >= own:
            source = self._model.symbols[implying.source]
            return self._reason(f"implied by {source.name}", implying.location)
        default = self._default()
        if default is not None:
            return self._reason(self._default_text(default), default.location)
        return self._reason("recorded in the configuration", symbol.definitions[0].location)

    # n

    def _reason_of_n(self) -> Reason:
        symbol = self._symbol
        shown = self._values.visible[self._number] & self._bit
        if symbol.choice is not None and shown:
            return self._other_member(symbol.choice)
        if self._by_user():
            return self._reason("not set in the configuration", symbol.prompts[0].location)
        if not self._at_least_m(symbol.direct):
            failing = self._failing_dependency()
            if failing is not None:
                text = f"depends on {self._text(failing.expression)}"
                return self._reason(text + self._because(failing.expression), failing.location)
        default = self._default()
        if default is not None:
            text = self._default_text(default) + self._because(default.value)
            return self._reason(text, default.location)
        for default in symbol.defaults:
            return self._reason(
                self._default_text(default) + self._because(default.own_condition),
                default.location,
            )
        if shown:
            return self._reason("neither set nor on by default", symbol.prompts[0].location)
        if symbol.selects:
            return self._unselected(symbol.selects)
        place = symbol.prompts[0] if symbol.prompts else symbol.definitions[0]
        if symbol.prompts:
            condition = symbol.prompts[0].condition
            return self._reason(f"cannot be set here{self._because(condition)}", place.location)
        return self._reason("nothing selects it and it has no default", place.location)

    def _other_member(self, index: int) -> Reason:
        choice = self._model.choices[index]
        taken = next(
            (m for m in choice.members if self._at_least_m(self._model.symbol_nodes[m])), None
        )
        what = "nothing" if taken is None else self._model.symbols[taken].name
        return self._reason(f"the choice takes {what}", choice.location)

    def _failing_dependency(self) -> Depends | None:
        for definition in self._symbol.definitions:
            for depends in reversed(definition.depends):
                if not self._at_least_m(depends.expression):
                    return depends
        return None

    def _unselected(self, selects: tuple[Reverse, ...]) -> Reason:
        sources = list(dict.fromkeys(self._model.symbols[one.source].name for one in selects))
        shown = ", ".join(sources[:NAMED_AT_MOST])
        if len(sources) > NAMED_AT_MOST:
            shown += f" and {len(sources) - NAMED_AT_MOST} more"
        return self._reason(f"selected only by {shown}, none of which does", selects[0].location)

    # Others

    def _reason_of_text(self) -> Reason:
        symbol = self._symbol
        if self._by_user():
            return self._reason("set in the configuration", symbol.prompts[0].location)
        default = self._default()
        if default is not None:
            recorded = default.probed and self._given is not None and self._given.any & self._bit
            text = "recorded in the configuration" if recorded else self._default_text(default)
            return self._reason(text, default.location)
        failing = self._failing_dependency()
        if failing is not None:
            text = f"depends on {self._text(failing.expression)}"
            return self._reason(text + self._because(failing.expression), failing.location)
        return self._reason("no default applies", symbol.definitions[0].location)

    # Texts

    def _default(self) -> Default | None:
        """The default that applies."""
        return next((d for d in self._symbol.defaults if self._at_least_m(d.condition)), None)

    def _default_text(self, default: Default) -> str:
        text = f"default {self._text(default.value)}"
        own = default.own_condition
        return text if own == 2 else f"{text} if {self._text(own)}"

    def _because(self, node: Node) -> str:
        """`` (A=n, B=m)``: the symbols that make ``node`` what it is; empty if it is ``y``."""
        blamed = list(dict.fromkeys(self._blamed(node, wanted=True)))
        if not blamed or blamed == [self._text(node)]:
            return ""
        shown = ", ".join(blamed[:NAMED_AT_MOST])
        more = len(blamed) - NAMED_AT_MOST
        return f" ({shown} and {more} more)" if more > 0 else f" ({shown})"

    def _blamed(self, node: Node, *, wanted: bool) -> Iterator[str]:
        """The leaves because of which ``node`` is not what is ``wanted`` (on or off)."""
        if self._at_least_m(node) == wanted:
            return
        op, *operands = self._model.nodes[node]
        if op in (Op.AND, Op.OR):
            for operand in operands:
                yield from self._blamed(operand, wanted=wanted)
        elif op == Op.NOT:
            yield from self._blamed(operands[0], wanted=not wanted)
        elif op in COMPARISONS:
            for operand in operands:
                number = self._model.nodes[operand][1]
                symbol = self._model.symbols[number]
                if symbol.definitions:
                    text = written_text(self._model, self._values, number, self._bit)
                    yield f"{symbol.name}={text}"
        elif op == Op.PROBE:
            yield "the probe failed"
        elif node > 2:
            yield f"{self._leaf(node)}={'nmy'[self._level(node)]}"

    def _text(self, node: Node) -> str:
        return expression_text(self._model.nodes, node, self._leaf)

    def _leaf(self, node: Node) -> str:
        op, number = self._model.nodes[node]
        if op == Op.PROBE:
            command = self._model.probes[number].command
            short = command if len(command) <= _PROBE_LENGTH else command[:_PROBE_LENGTH] + "..."
            return f"$(shell,{short})"
        if op == Op.MODE:
            return "the choice around it"
        symbol = self._model.symbols[number]
        quoted = symbol.constant and node > 2
        return f'"{symbol.name}"' if quoted else symbol.name
