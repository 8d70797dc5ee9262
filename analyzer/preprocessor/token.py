"""Preprocessing tokens (C17 6.4) and the scanner that makes them.

A token is a plain tuple ``(text, flags, origin)``: the expander handles millions.
``origin`` is the 1-based line of a token written in the file being read, or, for a
token that a macro brought, its :class:`MacroOrigin`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from analyzer.preprocessor.macro import Macro

SPACE = 1
"""Flag: whitespace stands before the token."""
NO_EXPAND = 2
"""Flag: a macro name that was met while it was being expanded (C17 6.10.3.4)."""
LEFT = 4
"""Flag: the token stands for a macro use that was left as it is, because it expands to
different tokens in the configurations at hand."""


class MacroOrigin(NamedTuple):
    """Where a token of an expansion was written: in ``macro``'s replacement list,
    itself expanded because of ``outer``: None if it was used directly by the source text,
    no MacroOrigin if by an argument of the outermost use."""

    macro: Macro
    outer: MacroOrigin | ArgumentOrigin | PartOrigin | None


class ArgumentOrigin(NamedTuple):
    """A token that came in through an argument of the outermost use: its position among
    the tokens of the use (0 is the macro's name)."""

    position: int


class UseOrigin(NamedTuple):
    """Of a token that stands for a use: where each token of the use comes from."""

    parts: tuple[Origin, ...]


class PartOrigin(NamedTuple):
    """The origin of the ``number``-th token of the use whose own origin is ``whole``."""

    whole: ArgumentOrigin | PartOrigin
    number: int


Origin: TypeAlias = int | MacroOrigin | ArgumentOrigin | UseOrigin | PartOrigin
Token: TypeAlias = tuple[str, int, Origin]

_STRING = r'"[^"\\\n]*(?:\\[\s\S][^"\\\n]*)*"'
_CHARACTER = r"'[^'\\\n]*(?:\\[\s\S][^'\\\n]*)*'"
LITERAL = f"{_STRING}|{_CHARACTER}"
"""A string or character literal, as a pattern without groups."""

_SCAN = re.compile(
    rf"""
      [ \t\f\v\r]+ | \\\n | \n
    | (?:u8|[uUL])?{_STRING}
    | [uUL]?{_CHARACTER}
    | [A-Za-z_$][\w$]*
    | \.?[0-9](?:[eEpP][+-]|[\w.])*
    | \.\.\. | <<= | >>= | -> | \+\+ | -- | << | >> | <= | >= | == | != | && | \|\|
    | [-+*/%&|^]= | \#\#
    | [\s\S]
    """,
    re.VERBOSE,
)
_BLANK = frozenset(" \t\f\v\r")
IDENTIFIER_START = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_$")


def scan(text: str, line: int = 1) -> list[Token]:
    """The tokens of ``text`` (comments already gone), the first character on ``line``."""
    tokens: list[Token] = []
    append = tokens.append
    space = 0
    for piece in _SCAN.findall(text):
        first = piece[0]
        if first in _BLANK:
            space = SPACE
        elif first == "\n" or piece == "\\\n":
            line += 1
            space = SPACE
        else:
            append((piece, space, line))
            space = 0
    return tokens


def is_identifier(text: str) -> bool:
    """Whether a token's text is an identifier (keywords included: C17 6.10.1 footnote)."""
    return text[:1] in IDENTIFIER_START and text[-1:] not in ('"', "'")


def spell(tokens: list[Token] | tuple[Token, ...]) -> str:
    """Token texts joined, a blank where the source had whitespace."""
    parts: list[str] = []
    for text, flags, _ in tokens:
        if flags & SPACE and parts:
            parts.append(" ")
        parts.append(text)
    return "".join(parts)
