"""Preprocessing directives (C17 6.10) as facts, and the reader of one directive line."""

from __future__ import annotations

import enum
import re
from typing import NamedTuple

from analyzer.errors import BadInput
from analyzer.preprocessor.macro import Macro, parse_define
from analyzer.preprocessor.token import Token, scan

_HEAD = re.compile(r"[ \t\f\v]*#[ \t\f\v]*(?:\\\n[ \t]*)*(\w*)")

MAX_SPLIT = 40
"""Nesting of operators and parentheses up to which a condition is split."""


class Op(enum.IntEnum):
    """What a skeleton item does."""

    TEXT = 0
    DEFINE = 1
    UNDEF = 2
    INCLUDE = 3
    IF = 4
    ELIF = 5
    ELSE = 6
    ENDIF = 7
    ERROR = 8
    PRAGMA = 9
    MALFORMED = 10


class TestOp(enum.Enum):
    """The shape of a condition: boolean algebra over ``defined`` and arithmetic leaves."""

    DEFINED = "defined"
    NOT = "!"
    AND = "&&"
    OR = "||"
    ARITHMETIC = "arithmetic"


class Test(NamedTuple):
    """A parsed ``#if`` condition. ``name`` for DEFINED, ``parts`` for the operators,
    ``tokens`` for an ARITHMETIC leaf; ``text`` is the whole as written."""

    op: TestOp
    name: str
    parts: tuple[Test, ...]
    tokens: tuple[Token, ...]
    text: str


class Include(NamedTuple):
    """An ``#include``: ``<name>`` (``system``), ``"name"``, or tokens to be expanded."""

    name: str
    system: bool
    tokens: tuple[Token, ...] | None
    next: bool


def keyword_of(line: str) -> str:
    """The directive's keyword (empty for the null directive)."""
    match = _HEAD.match(line)
    return match[1] if match else ""


def rest_of(line: str) -> str:
    """What follows the keyword, line splices resolved."""
    match = _HEAD.match(line)
    rest = line[match.end() :] if match else line
    return rest.replace("\\\n", "").strip()


def read_define(line: str, file: str, number: int) -> Macro:
    """The macro that a ``#define`` line defines; splices stay for exact line numbers."""
    match = _HEAD.match(line)
    assert match is not None
    return parse_define(line[match.end() :], file, number)


def read_name(line: str, file: str, number: int) -> str:
    """The operand of ``#ifdef``, ``#ifndef``, ``#undef``; :class:`BadInput` if missing."""
    name = re.match(r"[A-Za-z_$][\w$]*", rest_of(line))
    if name is None:
        raise BadInput(f"no macro name given in #{keyword_of(line)}", file, number)
    return name[0]


def read_include(line: str, number: int) -> Include:
    """The operand of ``#include`` or ``#include_next``."""
    rest = rest_of(line)
    again = keyword_of(line) == "include_next"
    if rest.startswith("<") and ">" in rest:
        return Include(rest[1 : rest.index(">")], True, None, again)
    if rest.startswith('"') and '"' in rest[1:]:
        return Include(rest[1 : rest.index('"', 1)], False, None, again)
    return Include("", False, tuple(scan(rest, number)), again)


def read_test(line: str, number: int) -> Test:
    """The condition of ``#if`` or ``#elif``, split at its boolean operators."""
    tokens = scan(rest_of(line), number)
    return split_test(tuple(tokens))


def defined_test(name: str, negated: bool) -> Test:
    """``#ifdef name`` or ``#ifndef name`` as a condition."""
    test = Test(TestOp.DEFINED, name, (), (), f"defined({name})")
    if not negated:
        return test
    return Test(TestOp.NOT, "", (test,), (), f"!defined({name})")


def split_test(tokens: tuple[Token, ...], depth: int = 0) -> Test:
    """Split at ``||``, then ``&&``, then ``!`` and parentheses; what is left is arithmetic.

    So is what stands ``depth`` :data:`MAX_SPLIT` or deeper.
    """
    texts = [token[0] for token in tokens]
    whole = _spelled(tokens)
    if "?" not in texts and depth < MAX_SPLIT:
        for operator, op in (("||", TestOp.OR), ("&&", TestOp.AND)):
            parts = _split(tokens, operator)
            if len(parts) > 1:
                return Test(op, "", tuple(split_test(part, depth + 1) for part in parts), (), whole)
        if texts[:1] == ["!"] and _is_primary(texts, 1):
            return Test(TestOp.NOT, "", (split_test(tokens[1:], depth + 1),), (), whole)
        if texts[:1] == ["("] and _closes(texts, 0) == len(texts) - 1:
            return split_test(tokens[1:-1], depth + 1)
        if texts[:1] == ["defined"]:
            if len(texts) == 2:
                return Test(TestOp.DEFINED, texts[1], (), (), whole)
            if len(texts) == 4 and texts[1] == "(" and texts[3] == ")":
                return Test(TestOp.DEFINED, texts[2], (), (), whole)
    return Test(TestOp.ARITHMETIC, "", (), tokens, whole)


def _split(tokens: tuple[Token, ...], operator: str) -> list[tuple[Token, ...]]:
    parts: list[tuple[Token, ...]] = []
    depth = start = 0
    for index, (text, _, _) in enumerate(tokens):
        if text == "(":
            depth += 1
        elif text == ")":
            depth -= 1
        elif text == operator and depth == 0:
            parts.append(tokens[start:index])
            start = index + 1
    parts.append(tokens[start:])
    return parts


def _is_primary(texts: list[str], start: int) -> bool:
    """Whether ``texts[start:]`` is one operand of ``!``, so that ``!`` covers it all."""
    while start < len(texts) and texts[start] == "!":
        start += 1
    if start >= len(texts):
        return False
    if texts[start] == "(":
        return _closes(texts, start) == len(texts) - 1
    if texts[start] == "defined":
        return len(texts) - start in (2, 4)
    if len(texts) - start == 1:
        return True
    return texts[start + 1] == "(" and _closes(texts, start + 1) == len(texts) - 1


def _closes(texts: list[str], opening: int) -> int:
    depth = 0
    for index in range(opening, len(texts)):
        if texts[index] == "(":
            depth += 1
        elif texts[index] == ")":
            depth -= 1
            if depth == 0:
                return index
    return -1


def _spelled(tokens: tuple[Token, ...]) -> str:
    return "".join((" " if flags & 1 and i else "") + t for i, (t, flags, _) in enumerate(tokens))
