"""A macro used on its own, its parameters standing for arguments of which nothing is known.

What a macro calls depends on its arguments. Asked about by name it is read as if a function
had its parameters and used it once::

    static void __use_of_NAME(__opaque a, __opaque b) { NAME(a, b); }

``__opaque`` is a type that nobody declares, so that every branch which an argument could
choose is there. A parameter that the expansion uses as a type is given as that type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from analyzer.configset.configset import Mask
from analyzer.csource.places import WORD
from analyzer.csource.scope import Bound, Found
from analyzer.csource.syntax import FunctionDefinition, FunctionType
from analyzer.preprocessor.macro import Macro
from analyzer.preprocessor.token import SPACE, Token, is_identifier

if TYPE_CHECKING:
    from analyzer.csource.unit import TranslationUnit

OPAQUE = "__opaque"
"""The type of the arguments."""

_USER = "__use_of_"
_REST = "args"
"""The name for what a variadic macro takes beyond its named parameters."""


def uses_of(
    unit: TranslationUnit, name: str
) -> Iterator[tuple[Mask, Macro, FunctionDefinition, Bound]]:
    """The macros that ``name`` is last in ``unit``, each used once in a function made for it,
    at the end of the unit or, where it is forgotten again, where it was last defined."""
    table = unit.table
    for since, mask, macro in table.latest(name):
        if not mask & unit.mask:
            continue
        held = any(found is macro for _, found in table.now(name))
        time = table.time if held else since
        use = _use(unit, macro, time)
        found = unit.expansions(use.tokens, time, mask)
        types = used_as_types(use.arguments, (texts for _, texts in found))
        tokens = replace(use, types=types).function
        for bound, where in unit.read(tokens, time, mask, macro.file):
            for statement in bound.piece.body:
                if isinstance(statement, FunctionDefinition):
                    yield where, macro, statement, bound


def _use(unit: TranslationUnit, macro: Macro, time: int) -> MacroUse:
    """How ``macro`` is written to do what it stands for: with parentheses where it takes
    arguments, or is another name of something that does."""
    taking = macro
    called = macro.parameters is not None
    if not called and WORD.fullmatch(macro.body):
        others = [m for _, m in unit.table.at(macro.body, time) if m.parameters is not None]
        taking = others[0] if others else macro
        called = bool(others) or any(map(_is_function, unit.ordinary(macro.body)))
    names = argument_names(taking, lambda name: bool(unit.table.at(name, time)))
    return MacroUse(macro, names, called)


def _is_function(found: Found) -> bool:
    statement = found.statement
    if isinstance(statement, FunctionDefinition):
        return True
    return isinstance(statement.declarators[found.index].type, FunctionType)


def argument_names(macro: Macro, is_macro: Callable[[str], bool]) -> tuple[str, ...]:
    """Names for the arguments: the parameters', changed where one is a macro's or repeated."""
    names: list[str] = []
    parameters = macro.parameters or ()
    for index, parameter in enumerate(parameters):
        name = _REST if macro.variadic and index == len(parameters) - 1 else parameter
        while is_macro(name) or name in names:
            name += "_"
        names.append(name)
    return tuple(names)


@dataclass(frozen=True, slots=True)
class MacroUse:
    """One use of ``macro`` with ``arguments``, those in ``types`` standing for a type.

    ``called``: the macro's name is followed by parentheses.
    """

    macro: Macro
    arguments: tuple[str, ...]
    called: bool
    types: frozenset[str] = frozenset()

    @property
    def tokens(self) -> list[Token]:
        """The use alone."""
        words = [self.macro.name]
        if self.called:
            given = ([OPAQUE if name in self.types else name] for name in self.arguments)
            words += ["(", *_separated(given), ")"]
        return self._tokens(words)

    @property
    def function(self) -> list[Token]:
        """The function around the use, all on the line of the macro's definition."""
        values = [name for name in self.arguments if name not in self.types]
        parameters = _separated([OPAQUE, name] for name in values) or ["void"]
        head = ["static", "void", _USER + self.macro.name, "(", *parameters, ")", "{"]
        return [*self._tokens(head), *self.tokens, *self._tokens([";", "}"])]

    def _tokens(self, words: Iterable[str]) -> list[Token]:
        line = max(self.macro.line, 1)
        return [(word, SPACE, line) for word in words]


def used_as_types(arguments: Iterable[str], expansions: Iterable[Sequence[str]]) -> frozenset[str]:
    """The arguments that an expansion uses as a type: ``(t *)``, ``t x``."""
    names = frozenset(arguments)
    found: set[str] = set()
    for texts in expansions:
        for position, text in enumerate(texts):
            if text in names and _is_type(texts[position + 1 : position + 3]):
                found.add(text)
    return frozenset(found)


def _is_type(following: Sequence[str]) -> bool:
    if not following:
        return False
    return is_identifier(following[0]) or list(following) in (["*", ")"], ["*", ","])


def _separated(groups: Iterable[list[str]]) -> list[str]:
    words: list[str] = []
    for group in groups:
        words += [",", *group] if words else group
    return words
