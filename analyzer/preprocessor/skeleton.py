"""A file reduced to what preprocessing walks: directives, and the text between them.

A skeleton depends on the bytes of the file only, so it is made once for all
configurations and units. Comments are gone, line numbers are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from analyzer.errors import BadInput
from analyzer.preprocessor.directive import (
    Include,
    Op,
    Test,
    defined_test,
    keyword_of,
    read_define,
    read_include,
    read_name,
    read_test,
    rest_of,
)
from analyzer.preprocessor.macro import Macro
from analyzer.preprocessor.token import LITERAL

MAX_LINE = 1 << 20
"""Characters in one logical line beyond which a file is refused as hostile."""

_COMMENT = re.compile(
    r"/(?:\*[^*]*\*+(?:[^/*][^*]*\*+)*/|/[^\n\\]*(?:\\[\s\S][^\n\\]*)*|\*)" rf"|{LITERAL}"
)
_INDENT = " \t\f\v"
_LOGICAL_LINE = re.compile(r"[^\n\\]*(?:\\[\s\S][^\n\\]*)*")
_BLANK = re.compile(r"[\s\\]*\Z")


class Item(NamedTuple):
    """One step of a skeleton.

    ``line`` is 1-based. ``value`` is the text (TEXT), the :class:`Macro` (DEFINE), a name
    (UNDEF), an :class:`Include`, a :class:`Test` (IF, ELIF) or the message (ERROR,
    MALFORMED).
    For IF, ELIF and ELSE, ``link`` is the index of the next ELIF, ELSE or ENDIF.
    """

    op: Op
    line: int
    value: str | Macro | Include | Test | None
    link: int


@dataclass(frozen=True, slots=True, eq=False)
class Skeleton:
    """``items`` in file order; ``guard`` is the macro of an include guard that spans the
    file (or ``#pragma once``: then the file's own marker name), else None."""

    file: str
    items: tuple[Item, ...]
    guard: str | None


def make_skeleton(data: bytes, file: str) -> Skeleton:
    """Read the bytes of ``file``.

    Raises :class:`BadInput` on unbalanced conditionals, a malformed directive, a comment
    without end or an absurdly long line.
    """
    if len(data) > MAX_LINE:
        for number, each in enumerate(data.split(b"\n"), 1):
            if len(each) > MAX_LINE:
                raise BadInput(f"a line of more than {MAX_LINE} characters", file, number)
    text = data.decode("latin-1")
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if "/" in text:
        try:
            text = _COMMENT.sub(_without_comment, text)
        except _EndlessComment as fault:
            raise BadInput("unterminated comment", file, fault.line) from None
    items: list[Item] = []
    open_groups: list[list[int]] = []
    position = 0
    line = 1
    for start, end in _directives(text):
        if start > position:
            between = text[position:start]
            if not _BLANK.match(between):
                items.append(Item(Op.TEXT, line, between, -1))
            line += between.count("\n")
        source = text[start:end]
        if len(source) > MAX_LINE:
            raise BadInput(f"a line of more than {MAX_LINE} characters", file, line)
        _read(source, file, line, items, open_groups)
        line += source.count("\n")
        position = end
    if not _BLANK.match(text, position):
        items.append(Item(Op.TEXT, line, text[position:], -1))
    if open_groups:
        raise BadInput("unterminated conditional", file, items[open_groups[-1][0]].line)
    return Skeleton(file, tuple(items), _guard(items))


def _directives(text: str) -> Iterator[tuple[int, int]]:
    """The logical lines that begin with ``#``, from the beginning of the line."""
    sign = text.find("#")
    while sign >= 0:
        start = text.rfind("\n", 0, sign) + 1
        if text[start:sign].strip(_INDENT):
            sign = text.find("#", sign + 1)
            continue
        line = _LOGICAL_LINE.match(text, sign)
        assert line is not None
        yield start, line.end()
        sign = text.find("#", line.end())


class _EndlessComment(Exception):
    """``/*`` on ``line`` (1-based) that nothing closes."""

    def __init__(self, line: int) -> None:
        self.line = line
        super().__init__(line)


def _without_comment(match: re.Match[str]) -> str:
    text = match[0]
    if text[0] != "/":
        return text
    if text == "/*":
        raise _EndlessComment(match.string.count("\n", 0, match.start()) + 1)
    return " " + "\\\n" * text.count("\n")


def _read(
    source: str, file: str, line: int, items: list[Item], open_groups: list[list[int]]
) -> None:
    keyword = keyword_of(source)
    here = len(items)
    if keyword == "define":
        try:
            items.append(Item(Op.DEFINE, line, read_define(source, file, line), -1))
        except BadInput as fault:  # of no consequence where the line is not compiled
            items.append(Item(Op.MALFORMED, line, fault.message, -1))
    elif keyword == "undef":
        items.append(Item(Op.UNDEF, line, read_name(source, file, line), -1))
    elif keyword in ("include", "include_next"):
        items.append(Item(Op.INCLUDE, line, read_include(source, line), -1))
    elif keyword in ("if", "ifdef", "ifndef"):
        open_groups.append([here])
        items.append(Item(Op.IF, line, _test(keyword, source, file, line), -1))
    elif keyword in ("elif", "else", "endif", "elifdef", "elifndef"):
        if not open_groups:
            raise BadInput(f"#{keyword} without #if", file, line)
        group = open_groups[-1]
        previous = items[group[-1]]
        if previous.op is Op.ELSE and keyword != "endif":
            raise BadInput(f"#{keyword} after #else", file, line)
        items[group[-1]] = previous._replace(link=here)
        group.append(here)
        if keyword == "else":
            items.append(Item(Op.ELSE, line, None, -1))
        elif keyword == "endif":
            open_groups.pop()
            items.append(Item(Op.ENDIF, line, None, -1))
        else:
            items.append(Item(Op.ELIF, line, _test(keyword, source, file, line), -1))
    elif keyword == "error":
        items.append(Item(Op.ERROR, line, rest_of(source), -1))
    elif keyword == "pragma":
        items.append(Item(Op.PRAGMA, line, rest_of(source), -1))


def _test(keyword: str, source: str, file: str, line: int) -> Test:
    if keyword in ("if", "elif"):
        return read_test(source, line)
    return defined_test(read_name(source, file, line), keyword.endswith("ndef"))


def _guard(items: list[Item]) -> str | None:
    """The macro ``X`` when the whole file is ``#ifndef X`` … ``#endif`` without ``#else``."""
    if not items or items[0].op is not Op.IF or items[0].link != len(items) - 1:
        return None
    test = items[0].value
    if isinstance(test, Test) and test.text.startswith("!defined") and test.parts:
        return test.parts[0].name or None
    return None
