"""Expansions parsed by themselves: how they can stand in the text around them."""

from __future__ import annotations

import enum
from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from analyzer.configset.configset import Mask
from analyzer.csource.expansion import Expansion
from analyzer.csource.parse import CParser
from analyzer.csource.syntax import (
    Asm,
    Assign,
    Binary,
    Call,
    Cast,
    Conditional,
    Declaration,
    DoWhile,
    Expression,
    For,
    Hole,
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
from analyzer.preprocessor.token import Origin, Token

_PRIMARY = (Name, Number, Text, Call, Index, MemberOf, StatementExpression, Hole)
_HEADERS = (If, For, While, Switch)


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


@dataclass(frozen=True, slots=True, eq=False)
class WovenHole:
    """A hole: the use as written (``tokens``) and what it expands to, per group."""

    tokens: tuple[Token, ...]
    alternatives: tuple[tuple[Mask, Phrase], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Phrase:
    """An expansion as text of its own, with holes for what differs inside it.

    ``texts``, ``raw`` and ``origins`` run in parallel: what is parsed, what it is spelled
    as, where each token comes from (relative to the use). ``holes`` maps token indices to
    ``filling``. ``piece`` is the text parsed as statements.
    """

    texts: tuple[str, ...]
    raw: tuple[str, ...]
    origins: tuple[Origin, ...]
    holes: dict[int, int]
    filling: tuple[WovenHole, ...]
    piece: Piece
    shape: Shape

    @property
    def complete(self) -> bool:
        """Whether it ends in a semicolon or a block in every configuration."""
        last = self._last_hole()
        if last is None:
            return self.texts[-1] in (";", "}")
        return all(phrase.complete for _, phrase in last.alternatives)

    @property
    def ends_as_header(self) -> bool:
        """Whether an ``else`` behind the expansion would belong to it."""
        last = self._last_hole()
        if last is not None:
            return any(phrase.ends_as_header for _, phrase in last.alternatives)
        body = self.piece.body
        return bool(body) and isinstance(body[-1], _HEADERS)

    def _last_hole(self) -> WovenHole | None:
        number = self.holes.get(len(self.texts) - 1)
        return None if number is None else self.filling[number]


Variants: TypeAlias = tuple[tuple[Mask, Phrase], ...]
"""The phrases that an expansion is, where it must be told apart."""


class PhraseParser:
    """Parses expansions as statements, each text once for the same typedef names in it, and finds
    how they can stand."""

    __slots__ = ("_known", "_parser", "_plain")

    def __init__(self, parser: CParser) -> None:
        self._parser = parser
        self._plain: dict[tuple[Expansion, frozenset[str]], Phrase] = {}
        self._known: dict[tuple[tuple[str, ...], frozenset[str]], tuple[Piece, Shape]] = {}

    def parse(
        self, texts: tuple[str, ...], holes: dict[int, int], typedefs: set[str]
    ) -> tuple[Piece, Shape]:
        """The piece that ``texts`` are, and its shape."""
        key = texts, frozenset(typedefs.intersection(texts))
        known = self._known.get(key)
        if known is None:
            piece = self._parser.parse_statements(texts, holes, typedefs)
            known = self._known[key] = piece, _shape(texts, piece, typedefs)
        return known

    def plain(self, expansion: Expansion, typedefs: set[str]) -> Phrase:
        """The phrase that an expansion is in which no use is left."""
        key = expansion, frozenset(typedefs.intersection(expansion.texts))
        known = self._plain.get(key)
        if known is None:
            texts = expansion.texts
            piece, shape = self.parse(texts, {}, typedefs)
            known = Phrase(texts, texts, expansion.origins, {}, (), piece, shape)
            self._plain[key] = known
        return known


def _shape(texts: Sequence[str], piece: Piece, typedefs: Container[str]) -> Shape:
    if not texts:
        return Shape.EMPTY
    if not _balanced(texts) or texts[0] in ("__attribute__", "__attribute", "else"):
        return Shape.OPEN
    if len(texts) == 1 and texts[0] in typedefs:
        return Shape.OPEN
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
    if closed or isinstance(last, (Asm, DoWhile, Expression)):
        return Shape.STATEMENTS
    return Shape.OPEN


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
