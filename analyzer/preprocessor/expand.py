"""Macro expansion (C17 6.10.3) with provenance, for one group of configurations.

The order of events is GCC's: a macro is disabled while tokens of its replacement are
left to read, and enabled again when the last of them has been taken, even if that
happens while the arguments of another macro are being collected.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from analyzer.errors import BadInput
from analyzer.preprocessor.macro import Item, ItemKind, Macro
from analyzer.preprocessor.table import SEVERAL
from analyzer.preprocessor.token import (
    IDENTIFIER_START,
    LEFT,
    NO_EXPAND,
    SPACE,
    ArgumentOrigin,
    MacroOrigin,
    Origin,
    Token,
    UseOrigin,
    is_identifier,
    scan,
    spell,
)

Lookup = Callable[[str], Macro | None]
"""The definition of a name in the group at hand, or None."""

LEFT_USE = "__left"
"""Prefix of the text of a token that stands for a use; its number follows."""

_AS_IT_IS = NO_EXPAND | LEFT


class Leaving(Protocol):
    """Decides which uses of macros with several definitions are left as they are."""

    def kinds(self, name: str) -> tuple[bool, bool]:
        """Whether the name is an object-like and a function-like macro somewhere."""

    def spare(self, name: str) -> None:
        """Take note that the name stands where it is no use of a function-like macro."""

    def leave(self, use: Sequence[Token], disabled: Collection[str]) -> int | None:
        """The number of the use as it is to be left; None if it must be expanded here.

        ``disabled`` are the macros being expanded.
        """

    def expand_here(self, name: Token) -> None:
        """From now on the look-up has one answer for the name, once at least."""

    def argument(self, number: int) -> bool:
        """Take note that a left use is (part of) an argument, outside parentheses; False if
        it could be several or none."""


class TakenApart(Exception):
    """A left use would have to be spelled, pasted or divided: it cannot be left.

    ``by``: name and origin of the macro use whose expansion takes it apart.
    """

    def __init__(self, number: int, by: tuple[str, Origin] | None = None) -> None:
        super().__init__(number)
        self.number = number
        self.by = by


MAX_EXPANSION = 2_000_000
"""Tokens one expansion may handle before it is given up as hostile input."""

MAX_ARGUMENTS = 120
"""Macro uses that may stand in the arguments of one another."""

MADE_PER_TOKEN = 16
"""Characters that ``#`` and ``##`` make which count as one of these tokens."""

NAMED_BY_PLACE = frozenset(("__FILE__", "__BASE_FILE__", "__DATE__", "__TIME__", "__TIMESTAMP__"))
"""Predefined macros that expand to a string literal (C17 6.10.8). Which one is of no
consequence for calls, and expansions are shared by all files: it spells the macro's name."""

_END = ""
"""Text of the marker that stands where a macro's replacement ends."""


class Expander:
    """Expands token sequences; ``lookup`` answers for one group of configurations.

    Where it may answer :data:`SEVERAL`, ``leaving`` says what is to be done. Uses are then
    not expanded in the order of the text, and ``__COUNTER__`` stays 0: the names that are
    made from it stand in scopes of their own.
    """

    __slots__ = ("_counter", "_disabled", "_leaving", "_line", "_lookup", "_nested", "_steps")

    def __init__(self, lookup: Lookup, leaving: Leaving | None = None) -> None:
        self._lookup = lookup
        self._leaving = leaving
        self._disabled: set[str] = set()
        self._steps = 0
        self._counter = 0
        self._nested = 0
        self._line = 1

    def expand(self, tokens: Sequence[Token]) -> list[Token]:
        """``tokens`` fully macro-expanded.

        Raises :class:`BadInput` beyond :data:`MAX_EXPANSION` tokens.
        """
        stack = list(tokens)
        stack.reverse()
        out: list[Token] = []
        disabled = self._disabled
        lookup = self._lookup
        while stack:
            token = stack.pop()
            text = token[0]
            if not text:
                self._leave(token)
                continue
            if text[0] not in IDENTIFIER_START or token[1] & _AS_IT_IS:
                out.append(token)
                continue
            macro = lookup(text)
            if macro is None:
                out.append(self._builtin(token) if text[:2] == "__" else token)
                continue
            if text in disabled:
                out.append((text, token[1] | NO_EXPAND, token[2]))
                continue
            if macro is SEVERAL:
                left = self._leave_use(token, stack)
                if left is None:
                    stack.append(token)
                else:
                    out.append(left)
                continue
            if macro.parameters is None:
                self._enter(macro, token, self._object_tokens(macro, token), stack)
                continue
            while stack and not stack[-1][0]:
                self._leave(stack.pop())
            if not stack or stack[-1][0] != "(":
                out.append(token)
                continue
            arguments = self._collect(macro, token, stack)
            if arguments is None:
                out.append(token)
                continue
            self._enter(macro, token, self._substitute(macro, token, arguments), stack)
        return out

    def _enter(
        self, macro: Macro, use: Token, replacement: list[Token], stack: list[Token]
    ) -> None:
        self._count(len(replacement) + 1, macro)
        if replacement:
            first = replacement[0]
            replacement[0] = (first[0], (first[1] & ~SPACE) | (use[1] & SPACE), first[2])
        elif use[1] & SPACE and stack:
            following = stack[-1]
            stack[-1] = (following[0], following[1] | SPACE, following[2])
        if isinstance(use[2], int):
            self._line = use[2]
        self._disabled.add(macro.name)
        stack.append((_END, 0, MacroOrigin(macro, None)))
        replacement.reverse()
        stack.extend(replacement)

    def _count(self, steps: int, macro: Macro) -> None:
        self._steps += steps
        if self._steps > MAX_EXPANSION:
            raise BadInput(
                f"expanding macro {macro.name} yields more than {MAX_EXPANSION} tokens",
                macro.file,
                macro.line,
            )

    def _leave_use(self, token: Token, stack: list[Token]) -> Token | None:
        """What stands for the use of a macro with several definitions that ``token`` begins;
        None, with nothing taken, if the name has one definition now."""
        leaving = self._leaving
        assert leaving is not None
        name = token[0]
        object_like, function_like = leaving.kinds(name)
        use: list[Token] | None = [token]
        if function_like:
            position = len(stack) - 1
            while position >= 0 and not stack[position][0]:
                position -= 1
            if position >= 0 and stack[position][0] == "(":
                use = _extent(token, stack)
            elif not object_like:
                leaving.spare(name)
                return token
        if use is not None and not any(part[1] & NO_EXPAND for part in use):
            number = leaving.leave(use, self._disabled)
            if number is not None:
                if len(use) > 1:
                    del stack[1 - len(use) :]
                origin = UseOrigin(tuple(part[2] for part in use))
                return (f"{LEFT_USE}{number}", (token[1] & SPACE) | LEFT, origin)
        leaving.expand_here(token)
        return None

    def _leave(self, marker: Token) -> None:
        origin = marker[2]
        assert isinstance(origin, MacroOrigin)
        self._disabled.discard(origin.macro.name)

    def _builtin(self, token: Token) -> Token:
        if token[0] == "__COUNTER__":
            count = self._counter
            if self._leaving is None:
                self._counter += 1
            return (str(count), token[1], token[2])
        if token[0] == "__LINE__":
            line = token[2] if isinstance(token[2], int) else self._line
            return (str(line), token[1], token[2])
        if token[0] in NAMED_BY_PLACE:
            return (f'"{token[0]}"', token[1], token[2])
        return token

    def _object_tokens(self, macro: Macro, use: Token) -> list[Token]:
        origin = MacroOrigin(macro, _outer(use[2]))
        if any(item.pasted for item in macro.items):
            return self._replace(macro.items, origin, [], [])
        return [(text, flags, origin) for text, flags, _ in macro.tokens]

    def _collect(self, macro: Macro, use: Token, stack: list[Token]) -> list[list[Token]] | None:
        """The arguments of a use whose ``(`` is on top of the stack; None if unterminated."""
        taken: list[Token] = [stack.pop()]
        arguments: list[list[Token]] = [[]]
        depth = 0
        assert macro.parameters is not None
        count = len(macro.parameters)
        disabled = self._disabled
        while stack:
            token = stack.pop()
            text = token[0]
            if not text:
                self._leave(token)
                continue
            if text in disabled:
                token = (text, token[1] | NO_EXPAND, token[2])
            taken.append(token)
            if token[1] & LEFT:
                if depth == 0 and self._leaving is not None:
                    number = left_number(text)
                    if not self._leaving.argument(number):
                        raise TakenApart(number, (macro.name, use[2]))
            elif text == "(":
                depth += 1
            elif text == ")":
                if depth == 0:
                    return arguments
                depth -= 1
            elif text == "," and depth == 0 and not (macro.variadic and len(arguments) >= count):
                arguments.append([])
                continue
            arguments[-1].append(token)
        taken.reverse()
        stack.extend(taken)
        return None

    def _substitute(self, macro: Macro, use: Token, arguments: list[list[Token]]) -> list[Token]:
        assert macro.parameters is not None
        count = len(macro.parameters)
        omitted = False
        if macro.variadic:
            omitted = len(arguments) < count or (count == 1 and not arguments[0])
        while len(arguments) < count:
            arguments.append([])
        origin = MacroOrigin(macro, _outer(use[2]))
        expanded: list[list[Token] | None] = [None] * len(arguments)
        given: list[list[Token] | None] = list(arguments)
        if omitted:
            given[count - 1 :] = [None]
        try:
            return self._replace(macro.items, origin, given, expanded)
        except TakenApart as taken:
            taken.by = taken.by or (macro.name, use[2])
            raise

    def _replace(
        self,
        items: Sequence[Item],
        origin: MacroOrigin,
        arguments: list[list[Token] | None],
        expanded: list[list[Token] | None],
    ) -> list[Token]:
        """Substitute arguments (None: a variable argument left out altogether)."""
        out: list[Token] = []
        variable = len(arguments) - 1 if origin.macro.variadic else -1
        pending = False  # the left operand of the next ## is a placemarker
        after_comma = False  # the item before is a comma of the replacement list itself
        for item in items:
            if item.kind is ItemKind.TOKEN:
                tokens: list[Token] = [(item.token[0], item.token[1], origin)]
            elif item.kind is ItemKind.STRING:
                text = _stringify(arguments[item.argument] or [])
                self._count(len(text) // MADE_PER_TOKEN, origin.macro)
                tokens = [(text, item.token[1], origin)]
            elif item.kind is ItemKind.OPTIONAL:
                given = self._argument(variable, origin, arguments, expanded)
                tokens = self._replace(item.inner, origin, arguments, expanded) if given else []
            elif item.pasted or item.pastes:
                argument = arguments[item.argument]
                if item.pasted and item.argument == variable and after_comma:
                    if argument is None:
                        out.pop()
                    out.extend(argument or ())
                    after_comma = False
                    continue
                tokens = list(argument or ())
                if tokens:
                    flags = (item.token[1] & SPACE) | (tokens[0][1] & LEFT)
                    tokens[0] = (tokens[0][0], flags, tokens[0][2])
            else:
                tokens = list(self._argument(item.argument, origin, arguments, expanded))
                if tokens:
                    first = tokens[0]
                    flags = (first[1] & ~SPACE) | (item.token[1] & SPACE)
                    tokens[0] = (first[0], flags, first[2])
            if item.pasted and not pending and out and tokens:
                made = len(out[-1][0]) + len(tokens[0][0])
                self._count(made // MADE_PER_TOKEN, origin.macro)
                out[-1:] = _paste(out[-1], tokens[0])
                out.extend(tokens[1:])
            else:
                out.extend(tokens)
            after_comma = item.kind is ItemKind.TOKEN and item.token[0] == ","
            if item.pastes:
                pending = not tokens and (pending or not item.pasted)
        return out

    def _argument(
        self,
        index: int,
        origin: MacroOrigin,
        arguments: list[list[Token] | None],
        expanded: list[list[Token] | None],
    ) -> list[Token]:
        known = expanded[index]
        if known is None:
            self._nested += 1
            if self._nested > MAX_ARGUMENTS:
                macro = origin.macro
                message = f"uses of macro {macro.name} are nested more than {MAX_ARGUMENTS} deep"
                raise BadInput(message, macro.file, macro.line)
            known = expanded[index] = self.expand(arguments[index] or ())
            self._nested -= 1
        return known


def left_number(text: str) -> int:
    """The number of the use that a token with the flag :data:`LEFT` stands for."""
    return int(text[len(LEFT_USE) :])


def _extent(name: Token, stack: list[Token]) -> list[Token] | None:
    """The tokens of a use with arguments; None if it does not end where it begins: in the
    same replacement list or argument."""
    use = [name]
    depth = 0
    for position in range(len(stack) - 1, -1, -1):
        token = stack[position]
        text = token[0]
        if not text:
            return None
        use.append(token)
        if text == "(":
            depth += 1
        elif text == ")":
            depth -= 1
            if depth == 0:
                return use
    return None


def _outer(origin: Origin) -> MacroOrigin | ArgumentOrigin | None:
    return origin if isinstance(origin, (MacroOrigin, ArgumentOrigin)) else None


def _stringify(tokens: Sequence[Token]) -> str:
    """C17 6.10.3.2: the spelling of an argument as a string literal."""
    parts: list[str] = []
    for text, flags, _ in tokens:
        if flags & LEFT:
            raise TakenApart(left_number(text))
        if flags & SPACE and parts:
            parts.append(" ")
        if text[-1] in "\"'" and not is_identifier(text):
            text = text.replace("\\", "\\\\").replace('"', '\\"')
        parts.append(text)
    return '"' + "".join(parts) + '"'


def _paste(left: Token, right: Token) -> list[Token]:
    """C17 6.10.3.3; where the result is no single token both stay, as GCC does."""
    for token in (left, right):
        if token[1] & LEFT:
            raise TakenApart(left_number(token[0]))
    text = left[0] + right[0]
    if len(scan(text)) == 1:
        return [(text, left[1] & SPACE, left[2])]
    return [left, right]


__all__ = ["MAX_EXPANSION", "Expander", "Lookup", "spell"]
