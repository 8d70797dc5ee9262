"""Macro definitions: the ``#define`` directive (C17 6.10.3) read into replacement items."""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from analyzer.errors import BadInput
from analyzer.preprocessor.token import Token, scan

VA_ARGS = "__VA_ARGS__"
VA_OPT = "__VA_OPT__"

_NAME = re.compile(r"[A-Za-z_$][\w$]*\Z")
_LEADING = re.compile(r"[A-Za-z_$][\w$]*")
_BLANK = (" ", "\t", "\n", "\r", "\f", "\v", "\\")
_TRAILING = re.compile(r"(?:\s|\\\n)+\Z")
"""Blanks and continued lines at the end: a definition may end in a continued blank line."""


class ItemKind(enum.Enum):
    """What an item of a replacement list stands for."""

    TOKEN = "token"
    ARGUMENT = "argument"
    STRING = "string"
    OPTIONAL = "optional"


@dataclass(slots=True)
class Item:
    """One item of a replacement list.

    ``argument`` is a parameter index for ARGUMENT and STRING; ``inner`` holds the items
    of ``__VA_OPT__(…)``. ``pasted`` says that ``##`` stands before the item and
    ``pastes`` that it stands after.
    """

    kind: ItemKind
    token: Token
    argument: int = -1
    pasted: bool = False
    pastes: bool = False
    inner: tuple[Item, ...] = ()


@dataclass(slots=True, eq=False)
class Macro:
    """A macro definition; compared by identity: one object per ``#define`` in a file.

    ``parameters`` is None for an object-like macro. ``variadic`` macros have the variable
    argument as last parameter (``__VA_ARGS__`` or its GNU name). The replacement list is
    scanned when first needed: most macros are never used.
    """

    name: str
    parameters: tuple[str, ...] | None
    variadic: bool
    body: str
    file: str
    line: int
    _tokens: tuple[Token, ...] | None = field(default=None, repr=False)
    _items: tuple[Item, ...] | None = field(default=None, repr=False)

    @property
    def tokens(self) -> tuple[Token, ...]:
        """The replacement list as tokens; lines are those of the file."""
        if self._tokens is None:
            self._tokens = tuple(scan(self.body, self.line))
        return self._tokens

    @property
    def items(self) -> tuple[Item, ...]:
        """The replacement list prepared for substitution."""
        if self._items is None:
            self._items = _items(self, list(self.tokens))
        return self._items


def parse_define(text: str, file: str, line: int) -> Macro:
    """Read what follows ``#define``; raises :class:`BadInput` if it is malformed."""
    text = text.lstrip()
    if text.endswith(_BLANK):
        text = _TRAILING.sub("", text)
    found = _LEADING.match(text)
    if found is None:
        raise BadInput("macro names must be identifiers", file, line)
    name = found[0]
    end = found.end()
    if not text.startswith("(", end):
        return Macro(name, None, False, text[end:].strip(), file, line)
    close = text.find(")", end)
    if close < 0:
        raise BadInput(f"missing ')' in the parameter list of macro {name}", file, line)
    names = [part.strip() for part in text[end + 1 : close].replace("\\\n", " ").split(",")]
    if names == [""]:
        names = []
    variadic = bool(names) and names[-1].endswith("...")
    if variadic:
        names[-1] = names[-1].removesuffix("...").strip() or VA_ARGS
    for parameter in names:
        if not _NAME.match(parameter):
            raise BadInput(f"bad parameter in the definition of macro {name}", file, line)
    return Macro(name, tuple(names), variadic, text[close + 1 :].strip(), file, line)


def _items(macro: Macro, tokens: Sequence[Token]) -> tuple[Item, ...]:
    parameters = {name: index for index, name in enumerate(macro.parameters or ())}
    function_like = macro.parameters is not None
    items: list[Item] = []
    paste = False
    position = 0
    while position < len(tokens):
        token = tokens[position]
        text = token[0]
        position += 1
        if text == "##" and items:
            items[-1].pastes = True
            paste = True
            continue
        following = tokens[position][0] if position < len(tokens) else ""
        if text == "#" and function_like and following in parameters:
            item = Item(ItemKind.STRING, token, parameters[following])
            position += 1
        elif text in parameters:
            item = Item(ItemKind.ARGUMENT, token, parameters[text])
        elif text == VA_OPT and macro.variadic and following == "(":
            close = _closing(tokens, position)
            inner = _items(macro, tokens[position + 1 : close])
            item = Item(ItemKind.OPTIONAL, token, len(parameters) - 1, inner=inner)
            position = close + 1
        else:
            item = Item(ItemKind.TOKEN, token)
        item.pasted = paste
        paste = False
        items.append(item)
    return tuple(items)


def _closing(tokens: Sequence[Token], opening: int) -> int:
    """The index of the parenthesis that closes the one at ``opening`` (or the end)."""
    depth = 0
    for position in range(opening, len(tokens)):
        if tokens[position][0] == "(":
            depth += 1
        elif tokens[position][0] == ")":
            depth -= 1
            if depth == 0:
                return position
    return len(tokens)
