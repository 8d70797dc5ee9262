"""Tokens back to one line of C, spaced the way kernel code is written."""

from __future__ import annotations

from collections.abc import Iterable

_TIGHT_AFTER = frozenset({"(", "[", "!", "~", ".", "->", "#"})
_TIGHT_BEFORE = frozenset({")", "]", ",", ";", ".", "->", "++", "--"})
_MAYBE_UNARY = frozenset({"*", "&", "-", "+", "++", "--", "&&"})
_KEYWORDS = frozenset({"return", "if", "while", "for", "switch", "case", "do", "else"})


def spell(tokens: Iterable[str]) -> str:
    """Join tokens with spaces around binary operators only."""
    parts: list[str] = []
    previous = ""
    unary = False
    for token in tokens:
        if previous and not (
            unary
            or previous in _TIGHT_AFTER
            or token in _TIGHT_BEFORE
            or (token in {"(", "["} and _ends_operand(previous) and previous not in _KEYWORDS)
        ):
            parts.append(" ")
        unary = token in _MAYBE_UNARY and not _ends_operand(previous)
        parts.append(token)
        previous = token
    return "".join(parts)


def _ends_operand(token: str) -> bool:
    """Whether an operand can end with ``token``, so that an operator after it is binary."""
    return bool(token) and (token[-1] in ")]\"'" or token[-1].isalnum() or token[-1] == "_")
