"""Why a symbol has its value in one configuration: the statement that decides, and its place.

The order of the questions is that of ``sym_calc_value()`` in ``scripts/kconfig/symbol.c``:
is it selected, can the user set it and did he, which default applies. For ``n`` the answer
names the condition that fails and the symbols that make it fail.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analyzer.configset.dotconfig import DotConfig
from analyzer.diagnostics import Diagnostics
from analyzer.kconfig.expressions import Node, Op, Y
from analyzer.kconfig.model import (
    Default,
    Definition,
    Depends,
    KconfigModel,
    Origin,
    Range,
    Reverse,
    Symbol,
    SymbolType,
)
from analyzer.kconfig.render import quoted
from analyzer.kconfig.resolve import Resolution, complete
from analyzer.kconfig.toolchain import Toolchain
from analyzer.kconfig.view import View
from analyzer.kconfig.wording import Wording, is_name
from analyzer.location import Location
from analyzer.tree.source_tree import SourceTree

NAMED_AT_MOST = 4
"""How many symbols a reason names before it says how many more there are."""


@dataclass(frozen=True, slots=True)
class Reason:
    """``text`` reads on after ``CONFIG_X=value:``; ``location`` is the deciding statement.

    ``because`` are the indices of the symbols whose values make that statement decide.
    """

    value: str
    text: str
    location: Location | None
    because: tuple[int, ...] = ()

    def __str__(self) -> str:
        return self.text if self.location is None else f"{self.text} at {self.location}"


def why(resolution: Resolution, name: str, index: int) -> Reason:
    """Why ``name`` (no ``CONFIG_``) has its value in configuration ``index``."""
    model = resolution.model
    number = model.by_name.get(name)
    if number is None:
        return Reason("n", "no Kconfig file of this architecture defines it", None)
    return reason_in(View(resolution, index), number)


def reason_in(view: View, number: int) -> Reason:
    """Why symbol ``number`` has its value as ``view`` sees it; ``view`` is narrowed."""
    if not view.model.symbols[number].definitions:
        return Reason("n", "no Kconfig file of this architecture defines it", None)
    return _Question(view, number).answer()


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
    resolution = complete(tree, arch, toolchain, [config], diagnostics)
    return tuple(why(resolution, name, 0) for name in names)


def nearest_first(definition: Definition) -> tuple[Depends, ...]:
    """The dependencies of an entry: its own as written, then those around it from the inside."""
    own = [each for each in definition.depends if each.origin is Origin.ENTRY]
    around = [each for each in definition.depends if each.origin is not Origin.ENTRY]
    return (*own, *reversed(around))


class _Question:
    """One symbol in one configuration."""

    def __init__(self, view: View, number: int) -> None:
        self._view = view
        self._words = Wording(view)
        self._model: KconfigModel = view.model
        self._number = number
        self._symbol: Symbol = self._model.symbols[number]
        self._value = view.value(number)

    def answer(self) -> Reason:
        if not self._symbol.type.is_logical:
            return self._reason_of_text()
        return self._reason_of_n() if self._value == "n" else self._reason_of_level()

    def _by_user(self) -> bool:
        return self._view.by_user(self._number)

    def _reason(self, text: str, location: Location | None, because: Iterable[int] = ()) -> Reason:
        others = dict.fromkeys(number for number in because if number != self._number)
        return Reason(self._value, text, location, tuple(others))

    # m and y

    def _reason_of_level(self) -> Reason:
        symbol = self._symbol
        if symbol.choice is not None:
            choice = self._model.choices[symbol.choice]
            how = "as configured" if self._by_user() else "by default"
            return self._reason(f"taken {how} in the choice", choice.location)
        selecting = self._strong_enough(symbol.selects)
        if selecting is not None:
            return self._by_other("selected by", selecting)
        if self._by_user():
            return self._as_set()
        implying = self._strong_enough(symbol.implies)
        if implying is not None:
            return self._by_other("implied by", implying)
        default = self._default()
        if default is not None:
            return self._by_default(default)
        return self._reason("recorded in the configuration", symbol.definitions[0].location)

    def _strong_enough(self, reverse: tuple[Reverse, ...]) -> Reverse | None:
        """The strongest ``select`` or ``imply`` if it alone explains the value."""
        strongest = max(reverse, key=lambda one: self._view.level(one.strength), default=None)
        if strongest is None:
            return None
        level = self._view.level(strongest.strength)
        if level and (self._symbol.type is SymbolType.BOOL or not self._view.has_modules()):
            level = 2
        return None if level < "nmy".index(self._value) else strongest

    def _as_set(self) -> Reason:
        """The configuration decides, perhaps up to what a dependency allows."""
        if self._view.given_level(self._number) > "nmy".index(self._value):
            for definition in self._symbol.definitions:
                for depends in nearest_first(definition):
                    if self._view.level(depends.expression) == 1:
                        return self._limited(depends)
        return self._reason("set in the configuration", self._symbol.prompts[0].location)

    def _limited(self, depends: Depends) -> Reason:
        modular = [
            number
            for number in dict.fromkeys(self._words.symbols(depends.expression))
            if self._view.level(self._model.symbol_nodes[number]) == 1
        ]
        named = ", ".join(f"{self._model.symbols[n].name}=m" for n in modular)
        return self._reason(
            "set to y in the configuration, but depends on "
            f"{self._words.text(depends.expression)} ({named})",
            depends.location,
            modular,
        )

    def _by_other(self, how: str, reverse: Reverse) -> Reason:
        source = self._model.symbols[reverse.source]
        because = (reverse.source, *self._words.settled_by(reverse.own_condition))
        return self._reason(f"{how} {source.name}", reverse.location, because)

    def _by_default(self, default: Default) -> Reason:
        nodes = (default.value, default.own_condition)
        because = [number for node in nodes for number in self._words.settled_by(node)]
        if not because and not self._symbol.prompts:
            because = self._own_dependencies()
        text = self._default_text(default)
        bounds = self._range_in_force()
        if bounds is not None and self._is_limited(default):
            return self._reason(f"{text}, but {self._range_text(bounds)}", bounds.location, because)
        return self._reason(text, default.location, because)

    def _is_limited(self, default: Default) -> bool:
        """Whether a range makes another value of what an int or hex defaults to."""
        op, number, *_ = self._model.nodes[default.value]
        if op != Op.SYMBOL:
            return False
        logical = self._model.symbols[number].type.is_logical
        return not logical and self._bound(number) not in (self._value, "")

    def _own_dependencies(self) -> list[int]:
        """What the entries' own ``depends on`` rest on."""
        return [
            number
            for definition in self._symbol.definitions
            for depends in definition.depends
            if depends.origin is Origin.ENTRY
            for number in self._words.settled_by(depends.expression)
        ]

    # n

    def _reason_of_n(self) -> Reason:
        symbol = self._symbol
        shown = self._view.visible(self._number)
        if symbol.choice is not None and shown:
            return self._other_member(symbol.choice)
        if self._by_user():
            return self._reason("not set in the configuration", symbol.prompts[0].location)
        if not self._view.on(symbol.direct):
            failing = self._failing_dependency()
            if failing is not None:
                return self._by_dependency(failing)
        default = self._default()
        if default is not None:
            return self._because_of(self._default_text(default), default.value, default.location)
        for default in symbol.defaults:
            text = self._default_text(default)
            return self._because_of(text, default.own_condition, default.location)
        if shown:
            return self._reason("neither set nor on by default", symbol.prompts[0].location)
        if symbol.selects:
            return self._unselected(symbol.selects)
        if symbol.prompts:
            prompt = symbol.prompts[0]
            return self._because_of("cannot be set here", prompt.condition, prompt.location)
        place = symbol.definitions[0].location
        return self._reason("nothing selects it and it has no default", place)

    def _other_member(self, index: int) -> Reason:
        choice = self._model.choices[index]
        taken = next(
            (m for m in choice.members if self._view.on(self._model.symbol_nodes[m])), None
        )
        if taken is None:
            return self._reason("the choice takes nothing", choice.location)
        name = self._model.symbols[taken].name
        return self._reason(f"the choice takes {name}", choice.location, (taken,))

    def _failing_dependency(self) -> Depends | None:
        for definition in self._symbol.definitions:
            for depends in nearest_first(definition):
                if not self._view.on(depends.expression):
                    return depends
        return None

    def _by_dependency(self, failing: Depends) -> Reason:
        text = f"depends on {self._words.text(failing.expression)}"
        return self._because_of(text, failing.expression, failing.location)

    def _unselected(self, selects: tuple[Reverse, ...]) -> Reason:
        sources = dict.fromkeys(one.source for one in selects)
        names = [self._model.symbols[source].name for source in sources]
        shown = ", ".join(names[:NAMED_AT_MOST])
        if len(names) > NAMED_AT_MOST:
            shown += f" and {len(names) - NAMED_AT_MOST} more"
        text = f"selected only by {shown}, none of which does"
        because = self._words.settled_by(self._symbol.selected)
        few = len(sources) <= NAMED_AT_MOST
        return self._reason(text, selects[0].location, because if few else ())

    # Others

    def _reason_of_text(self) -> Reason:
        symbol = self._symbol
        if self._by_user():
            return self._text_as_set()
        default = self._default()
        if default is not None:
            if default.probed and self._view.is_given(self._number):
                return self._reason("recorded in the configuration", default.location)
            return self._by_default(default)
        failing = self._failing_dependency()
        if failing is not None:
            return self._by_dependency(failing)
        return self._reason("no default applies", symbol.definitions[0].location)

    def _text_as_set(self) -> Reason:
        """The configuration decides, perhaps up to what a range allows."""
        symbol = self._symbol
        given = self._view.given_text(self._number)
        bounds = self._range_in_force()
        if bounds is None or given is None or quoted(symbol, given) == self._value:
            return self._reason("set in the configuration", symbol.prompts[0].location)
        text = f"set to {given} in the configuration, but {self._range_text(bounds)}"
        ends = [n for n in (bounds.low, bounds.high) if is_name(self._model.symbols[n])]
        return self._reason(text, bounds.location, ends)

    def _range_in_force(self) -> Range | None:
        ranges = self._symbol.ranges if self._symbol.type is not SymbolType.STRING else ()
        return next((each for each in ranges if self._view.on(each.condition)), None)

    def _range_text(self, bounds: Range) -> str:
        return f"the range is {self._bound(bounds.low)} to {self._bound(bounds.high)}"

    def _bound(self, number: int) -> str:
        symbol = self._model.symbols[number]
        return self._view.value(number) if symbol.definitions else symbol.name

    # Texts

    def _default(self) -> Default | None:
        """The default that applies."""
        return next((d for d in self._symbol.defaults if self._view.on(d.condition)), None)

    def _default_text(self, default: Default) -> str:
        text = f"default {self._words.text(default.value)}"
        own = default.own_condition
        return text if own == Y else f"{text} if {self._words.text(own)}"

    def _because_of(self, text: str, node: Node, location: Location) -> Reason:
        """``text (A=n, B=m)``: with the symbols that keep ``node`` off; none if it is on."""
        words = self._words
        leaves = list(words.blamed(node, wanted=True))
        blamed = list(dict.fromkeys(map(words.leaf_value, leaves)))
        if blamed and blamed != [words.text(node)]:
            shown = ", ".join(blamed[:NAMED_AT_MOST])
            more = len(blamed) - NAMED_AT_MOST
            text += f" ({shown} and {more} more)" if more > 0 else f" ({shown})"
        return self._reason(text, location, words.settled_by(node))
