"""Take attributes out of a token list: ``__attribute__((…))``, ``[[…]]``, ``_Noreturn``.

The functions work on ``work``, the tokens of a piece: an attribute's tokens are emptied in
place, so indices stay. Sources: GCC's manual, "Attribute Syntax"; C23 6.7.13; C17 6.7.4
(``_Noreturn``), 6.7.5 (``_Alignas``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeAlias

from analyzer.csource.brackets import Work
from analyzer.csource.literals import constant, string
from analyzer.csource.syntax import Attribute, Expr, Name

ATTRIBUTE_WORDS: Final = frozenset({"__attribute__", "__attribute"})

ParseArgument: TypeAlias = Callable[[int, int], Expr]
"""Parses the tokens from a start index to an end index as one expression."""


class Attributes(NamedTuple):
    """Attributes that stood from token ``at`` up to ``end``, without other tokens between."""

    at: int
    end: int
    items: tuple[Attribute, ...]


def merged(found: Sequence[Attributes]) -> list[Attributes]:
    """``found``, in order, those that stand next to each other put together."""
    result: list[Attributes] = []
    items: list[Attribute] = []
    for index, one in enumerate(found):
        if not index or found[index - 1].end != one.at:
            begin, items = one.at, []
        items += one.items
        if index + 1 == len(found) or found[index + 1].at != one.end:
            result.append(Attributes(begin, one.end, tuple(items)))
    return result


def plain(name: str) -> str:
    """An attribute's name without the underscores that may surround it."""
    if name.startswith("__") and name.endswith("__") and len(name) > 4:
        return name[2:-2]
    return name


def _argument(work: Sequence[str], start: int, end: int, parse: ParseArgument) -> Expr:
    tokens = work[start:end]
    first = tokens[0]
    if all(token.endswith('"') for token in tokens):
        return string(tokens)
    if len(tokens) == 1 and first:
        if first[0].isdigit() or first[-1] == "'":
            return constant(first)
        return Name(first, start)
    return parse(start, end)


def _items(work: Work, start: int, end: int, parse: ParseArgument) -> tuple[Attribute, ...]:
    """The attributes of a comma-separated list between two indices."""
    items: list[Attribute] = []
    index = start
    while index < end:
        name = work[index]
        index += 1
        if not (name[:1].isalpha() or name[:1] == "_"):
            continue
        while index < end and work[index] in (":", "::"):  # [[gnu::name]]
            index += 1
            if work[index] not in (":", "::") and index < end:
                name = work[index]
                index += 1
        arguments: list[Expr] = []
        if index < end and work[index] == "(":
            close = min(work.closing(index), end)
            begin = index + 1
            commas = [i for i in work.top_level(begin, close) if work[i] == ","]
            for comma in (*commas, close):
                if comma > begin:
                    arguments.append(_argument(work, begin, comma, parse))
                begin = comma + 1
            index = close + 1
        items.append(Attribute(plain(name), tuple(arguments)))
    return tuple(items)


def gnu(work: Work, at: int, found: list[Attributes], parse: ParseArgument) -> None:
    """``__attribute__((…))`` at ``at``."""
    if not work.stands(at + 1, "("):
        return
    close = work.closing(at + 1)
    found.append(Attributes(at, close + 1, _items(work, at + 3, close - 1, parse)))
    work.blank(at, close + 1)


def standard(work: Work, at: int, found: list[Attributes], parse: ParseArgument) -> None:
    """``[[…]]`` at ``at``; a single ``[`` is left alone."""
    if not work.stands(at + 1, "["):
        return
    close = work.closing(at)
    found.append(Attributes(at, close + 1, _items(work, at + 2, close - 1, parse)))
    work.blank(at, close + 1)


def noreturn(work: Work, at: int, found: list[Attributes], parse: ParseArgument) -> None:
    """``_Noreturn`` at ``at``."""
    del parse
    found.append(Attributes(at, at + 1, (Attribute("noreturn", ()),)))
    work[at] = ""


def alignas(work: Work, at: int, found: list[Attributes], parse: ParseArgument) -> None:
    """``_Alignas(…)`` at ``at``, as the attribute ``aligned``."""
    if not work.stands(at + 1, "("):
        return
    close = work.closing(at + 1)
    argument = (_argument(work, at + 2, close, parse),) if close > at + 2 else ()
    found.append(Attributes(at, close + 1, (Attribute("aligned", argument),)))
    work.blank(at, close + 1)
