"""Macro uses expanded and parsed once, and found again wherever they mean the same.

A use is memoised by its text together with the definitions that its expansion looked
up, so that a header's inline functions cost once, not once a unit or configuration.
"""

from __future__ import annotations

import enum
from collections.abc import Container, Sequence

from analyzer.configset.configset import Mask
from analyzer.csource.parse import CParser
from analyzer.csource.syntax import (
    Assign,
    Binary,
    Call,
    Cast,
    Conditional,
    Declaration,
    DoWhile,
    Expression,
    For,
    If,
    Index,
    MemberOf,
    Name,
    Number,
    Piece,
    StatementExpression,
    Switch,
    Text,
    Unary,
    While,
)
from analyzer.preprocessor.expand import Expander
from analyzer.preprocessor.macro import Macro
from analyzer.preprocessor.table import Group, MacroTable
from analyzer.preprocessor.token import NO_EXPAND, ArgumentOrigin, Origin, Token


class Shape(enum.Enum):
    """How an expansion can stand in the text around it."""

    OPEN = "open"
    """Only as tokens: it is no complete phrase of C."""
    EMPTY = "empty"
    PRIMARY = "primary"
    """An expression that binds tighter than any operator beside it."""
    UNARY = "unary"
    """An expression that any binary operator may stand beside."""
    LOOSE = "loose"
    """An expression whose operators could regroup with those beside it."""
    STATEMENTS = "statements"
    """Complete statements or declarations (the last may still need its semicolon)."""


_PRIMARY = (Name, Number, Text, Call, Index, MemberOf, StatementExpression)
_HEADERS = (If, For, While, Switch)
_SMALL = 12
_CALL_BEFORE = frozenset(("(", "asm", "__asm__", "{", ";"))


class Expansion:
    """One fully expanded macro use; compared by identity.

    ``origins`` of tokens that came from an argument are positions in the use. ``closed``:
    the last token was met while its own macro was being expanded (C17 6.10.3.4), so that
    it takes no arguments from the text that follows the use.
    """

    __slots__ = ("_piece", "_shape", "closed", "origins", "seen", "small", "texts")

    def __init__(self, tokens: Sequence[Token], seen: dict[str, Macro | None]) -> None:
        self.texts: tuple[str, ...] = tuple(token[0] for token in tokens)
        self.origins: tuple[Origin, ...] = tuple(token[2] for token in tokens)
        self.closed = bool(tokens) and bool(tokens[-1][1] & NO_EXPAND)
        self.seen = seen
        self.small = len(tokens) <= _SMALL and not _has_call(self.texts)
        self._piece: Piece | None = None
        self._shape: Shape | None = None

    def piece(self, parser: CParser, typedefs: Container[str]) -> Piece:
        """The expansion parsed as statements."""
        if self._piece is None:
            self._piece = parser.parse_statements(self.texts, {}, typedefs)
        return self._piece

    def shape(self, parser: CParser, typedefs: Container[str]) -> Shape:
        """How the expansion can stand in its context."""
        if self._shape is None:
            self._shape = self._find_shape(parser, typedefs)
        return self._shape

    def _find_shape(self, parser: CParser, typedefs: Container[str]) -> Shape:
        texts = self.texts
        if not texts:
            return Shape.EMPTY
        if not _balanced(texts) or texts[0] in ("__attribute__", "__attribute", "else"):
            return Shape.OPEN
        if len(texts) == 1 and texts[0] in typedefs:
            return Shape.OPEN
        piece = self.piece(parser, typedefs)
        if piece.losses or not piece.body:
            return Shape.OPEN
        last = piece.body[-1]
        closed = texts[-1] in (";", "}")
        if len(piece.body) == 1 and isinstance(last, Expression) and texts[-1] != ";":
            expr = last.expr
            if texts[0] == "(" and _closes_at_end(texts):
                return Shape.PRIMARY
            if isinstance(expr, _PRIMARY):
                return Shape.PRIMARY
            if isinstance(expr, (Binary, Conditional, Assign)):
                return Shape.LOOSE
            return Shape.UNARY if isinstance(expr, (Unary, Cast)) else Shape.PRIMARY
        if isinstance(last, Declaration):
            return Shape.STATEMENTS if last.declarators else Shape.OPEN
        if closed or isinstance(last, (DoWhile, Expression)):
            return Shape.STATEMENTS
        return Shape.OPEN

    def ends_as_header(self, parser: CParser, typedefs: Container[str]) -> bool:
        """Whether an ``else`` behind the expansion would belong to it."""
        body = self.piece(parser, typedefs).body
        return bool(body) and isinstance(body[-1], _HEADERS)


class ExpansionStore:
    """All expansions of a run, by the text of the use."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], list[Expansion]] = {}

    def alternatives(
        self, use: Sequence[Token], table: MacroTable, time: int, mask: Mask
    ) -> list[tuple[Mask, Expansion]]:
        """What ``use`` expands to at ``time``, per group of the configurations in ``mask``."""
        key = tuple(token[0] for token in use)
        known = self._known.setdefault(key, [])
        found: list[tuple[Mask, Expansion]] = []
        while mask:
            expansion: Expansion | None = None
            for candidate in known:
                where = _holds(candidate.seen, table, time, mask)
                if where:
                    expansion = candidate
                    break
            else:
                group = Group(table, time, mask)
                tokens: list[Token] = [
                    (text, flags, ArgumentOrigin(position))
                    for position, (text, flags, _) in enumerate(use)
                ]
                expansion = Expansion(Expander(group.lookup).expand(tokens), group.seen)
                known.append(expansion)
                where = group.mask
            found.append((where, expansion))
            mask &= ~where
        return found


def _holds(seen: dict[str, Macro | None], table: MacroTable, time: int, mask: Mask) -> Mask:
    """The part of ``mask`` that sees the same definitions, if it has the lowest bit of it."""
    bit = mask & -mask
    for name, answer in seen.items():
        if answer is None:
            for where, _ in table.at(name, time):
                mask &= ~where
        else:
            for where, macro in table.at(name, time):
                if macro is answer:
                    mask &= where
                    break
            else:
                return 0
        if not mask & bit:
            return 0
    return mask


def _has_call(texts: Sequence[str]) -> bool:
    for index, text in enumerate(texts):
        if text in _CALL_BEFORE:
            if text != "(":
                return True
            before = texts[index - 1] if index else ""
            if before[:1].isalpha() or before[:1] == "_" or before in (")", "]"):
                return True
    return False


def _balanced(texts: Sequence[str]) -> bool:
    stack: list[str] = []
    for text in texts:
        if text in ("(", "[", "{"):
            stack.append(text)
        elif text in (")", "]", "}") and (
            not stack or stack.pop() + text not in ("()", "[]", "{}")
        ):
            return False
    return not stack


def _closes_at_end(texts: Sequence[str]) -> bool:
    depth = 0
    for index, text in enumerate(texts):
        if text in ("(", "{", "["):
            depth += 1
        elif text in (")", "}", "]"):
            depth -= 1
            if depth == 0:
                return index == len(texts) - 1
    return False
