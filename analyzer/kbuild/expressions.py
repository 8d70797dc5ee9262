"""What stands after a ``$`` in a makefile, parsed once (GNU make manual, 6.1, 6.3, 8.1).

A **template** is plain text, or a tuple of texts, variable references and function
calls. Nothing is expanded here.
"""

from __future__ import annotations

from dataclasses import dataclass

from analyzer.errors import BadInput


@dataclass(slots=True, frozen=True)
class Reference:
    """``$(name)``, or ``$(name:old=new)`` when ``old`` is not None."""

    name: Template
    old: Template | None = None
    new: Template = ""


@dataclass(slots=True, frozen=True)
class Function:
    """``$(name argument,…)`` with a built-in function's name."""

    name: str
    arguments: tuple[Template, ...]


Template = str | tuple[str | Reference | Function, ...]

_ARGUMENTS = {
    "subst": 3,
    "patsubst": 3,
    "strip": 1,
    "findstring": 2,
    "filter": 2,
    "filter-out": 2,
    "sort": 1,
    "word": 2,
    "wordlist": 3,
    "words": 1,
    "firstword": 1,
    "lastword": 1,
    "dir": 1,
    "notdir": 1,
    "suffix": 1,
    "basename": 1,
    "addsuffix": 2,
    "addprefix": 2,
    "join": 2,
    "wildcard": 1,
    "realpath": 1,
    "abspath": 1,
    "if": 3,
    "or": 0,
    "and": 0,
    "intcmp": 5,
    "foreach": 3,
    "file": 2,
    "call": 0,
    "value": 1,
    "eval": 1,
    "origin": 1,
    "flavor": 1,
    "error": 1,
    "warning": 1,
    "info": 1,
    "shell": 1,
    "let": 3,
}
"""How many arguments a function takes at most; the last one keeps its commas. 0: any number."""

REQUIRED = {
    **dict.fromkeys(("subst", "patsubst", "wordlist", "foreach", "let"), 3),
    **dict.fromkeys(("findstring", "filter", "filter-out", "word", "addsuffix", "addprefix"), 2),
    **dict.fromkeys(("join", "if", "intcmp"), 2),
}
"""How many arguments a function needs, where that is more than one (GNU make, ``function.c``)."""

FUNCTION_NAMES = frozenset(_ARGUMENTS)
MAX_BRACKETS = 100
"""Nested brackets beyond which a text is refused."""
_CLOSERS = {"(": ")", "{": "}"}


def parse_template(text: str) -> Template:
    """The template of ``text``. Raises :class:`BadInput` for an unclosed ``$(``."""
    at = text.find("$")
    if at < 0:
        return text
    parts: list[str | Reference | Function] = []
    start = 0
    length = len(text)
    while at >= 0:
        if at > start:
            parts.append(text[start:at])
        follow = text[at + 1] if at + 1 < length else ""
        if follow == "$":
            parts.append("$")
            start = at + 2
        elif follow in _CLOSERS:
            end = _closing(text, at + 1)
            parts.append(_parse_inside(text[at + 2 : end]))
            start = end + 1
        elif follow:
            parts.append(Reference(follow))
            start = at + 2
        else:
            start = at + 1
        at = text.find("$", start)
    if start < length:
        parts.append(text[start:])
    if all(isinstance(part, str) for part in parts):
        return "".join(part for part in parts if isinstance(part, str))
    return tuple(parts)


def _closing(text: str, at: int) -> int:
    """Index of the bracket that closes the one at ``at``; only its own kind nests."""
    opener = text[at]
    closer = _CLOSERS[opener]
    depth = 0
    for index in range(at, len(text)):
        char = text[index]
        if char == opener:
            depth += 1
            if depth > MAX_BRACKETS:
                raise BadInput(f"more than {MAX_BRACKETS} nested brackets")
        elif char == closer:
            depth -= 1
            if depth == 0:
                return index
    raise BadInput(f"unterminated variable reference `${text[at : at + 40]}`")


def _parse_inside(inside: str) -> Reference | Function:
    head = inside.split(None, 1)
    if len(head) == 2 and head[0] in FUNCTION_NAMES and inside[0] == head[0][0]:
        name = head[0]
        return Function(name, _arguments(head[1], _ARGUMENTS[name]))
    if "$" not in inside and ":" not in inside:
        return Reference(inside)
    colon = _unnested(inside, ":")
    if colon > 0:
        equals = _unnested(inside, "=", colon + 1)
        if equals > 0:
            return Reference(
                parse_template(inside[:colon]),
                parse_template(inside[colon + 1 : equals]),
                parse_template(inside[equals + 1 :]),
            )
    return Reference(parse_template(inside))


def _arguments(text: str, most: int) -> tuple[Template, ...]:
    arguments: list[Template] = []
    start = 0
    while most == 0 or len(arguments) < most - 1:
        comma = _unnested(text, ",", start)
        if comma < 0:
            break
        arguments.append(parse_template(text[start:comma]))
        start = comma + 1
    arguments.append(parse_template(text[start:]))
    return tuple(arguments)


def _unnested(text: str, wanted: str, start: int = 0) -> int:
    stack: list[str] = []
    for index in range(start, len(text)):
        char = text[index]
        if not stack and char == wanted:
            return index
        if char in _CLOSERS:
            stack.append(_CLOSERS[char])
        elif stack and char == stack[-1]:
            stack.pop()
    return -1
