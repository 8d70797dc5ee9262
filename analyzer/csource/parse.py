"""Parse macro-expanded C tokens into the syntax of :mod:`analyzer.csource.syntax`.

The way: take aside the GNU forms tree-sitter-c has no grammar for (``dialect``), write the
tokens so that it reads them in one way only (``rewrite``), parse, lower the tree to small
tuples (``lower_*``). Positions in the result are indices into the tokens given.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Final, TypeAlias

import tree_sitter
import tree_sitter_c

from analyzer.csource import dialect
from analyzer.csource.depth import TooDeep, with_whole_stack
from analyzer.csource.lower_base import Source
from analyzer.csource.lower_damaged import DamagedLowering, losses
from analyzer.csource.lower_statement import StatementLowering
from analyzer.csource.rewrite import BLOCK, FILE, shape
from analyzer.csource.syntax import Expr, Expression, Lost, Piece, UnknownExpr

if TYPE_CHECKING:
    from tree_sitter import Node

Typedefs: TypeAlias = Container[str] | Callable[[str], bool]
"""Which names are typedef names where the tokens stand."""

_BLOCK: Final = "void v ( ) { "
_MEMO_LENGTH: Final = 300
"""Texts up to this size in bytes are remembered with their trees."""
_MEMO_ENTRIES: Final = 4_000


MAX_ARGUMENTS: Final = 8
"""Attributes whose arguments have attributes, one within another, at most."""
MAX_REREAD: Final = 4_000_000
"""Tokens that are passed over for arguments of attributes of one piece, at most."""


class CParser:
    """Parses pieces of C. Not for use by several threads at a time.

    Small texts repeat a lot once names are gone from them, so their trees are kept.
    """

    def __init__(self) -> None:
        self._parser: Final = tree_sitter.Parser(tree_sitter.Language(tree_sitter_c.language()))
        self._trees: Final[dict[str, Node]] = {}
        self._arguments = 0
        """Arguments of attributes that are being parsed, one within another."""
        self._reread = 0
        """Tokens passed over for them in this piece."""

    def parse_file_scope(
        self, texts: Sequence[str], holes: Mapping[int, int], typedefs: Typedefs
    ) -> Piece:
        """Declarations and function definitions at file scope (C17 6.9).

        ``texts`` are preprocessing tokens after macro expansion; ``holes`` maps the indices
        of those that stand for a macro use to its number.
        """
        return self._parse(texts, holes, typedefs, FILE)

    def parse_statements(
        self, texts: Sequence[str], holes: Mapping[int, int], typedefs: Typedefs
    ) -> Piece:
        """What stands inside a function: statements, declarations or an expression.

        Tokens that are an expression give exactly one :class:`Expression`.
        """
        return self._parse(texts, holes, typedefs, BLOCK)

    def _parse(
        self, texts: Sequence[str], holes: Mapping[int, int], typedefs: Typedefs, level: int
    ) -> Piece:
        if self._arguments:
            return self._read(texts, holes, typedefs, level)
        try:
            return with_whole_stack(
                lambda: self._read(texts, holes, typedefs, level), self._begin_anew
            )
        except TooDeep:
            self._begin_anew()
            whole = (0, len(texts))
            return Piece((Lost((), whole),), (whole,))

    def _begin_anew(self) -> None:
        self._arguments = self._reread = 0

    def _read(
        self, texts: Sequence[str], holes: Mapping[int, int], typedefs: Typedefs, level: int
    ) -> Piece:
        if not self._arguments:
            self._reread = 0
        lowering, root = self._prepare(texts, holes, typedefs, level)
        if level == FILE:
            body = lowering.sequence(root.children)
        else:
            wrapped = root.children
            if len(wrapped) != 1 or wrapped[0].type != "function_definition":
                whole = (0, len(texts))
                return Piece((Lost((), whole),), (whole,))  # braces do not balance
            body = lowering.body(wrapped[0].children[-1])
        return Piece(body, losses(lowering, root))

    def _prepare(
        self, texts: Sequence[str], holes: Mapping[int, int], typedefs: Typedefs, level: int
    ) -> tuple[StatementLowering, Node]:
        is_typedef = typedefs if callable(typedefs) else typedefs.__contains__

        def argument(start: int, end: int) -> Expr:
            """An attribute's argument; the tokens before it only keep its indices."""
            self._reread += end
            if self._arguments >= MAX_ARGUMENTS or self._reread > MAX_REREAD:
                raise TooDeep
            blanks = [""] * start
            self._arguments += 1
            piece = self.parse_statements([*blanks, *texts[start:end]], holes, is_typedef)
            self._arguments -= 1
            if len(piece.body) == 1 and isinstance(piece.body[0], Expression):
                return piece.body[0].expr
            return UnknownExpr((), (start, end))

        work, aside = dialect.take_aside(texts, level, argument)
        out = shape(work, is_typedef, aside.typedefs, level)
        joined = " ".join(out)
        if level == BLOCK:
            base = len(_BLOCK)
            joined = f"{_BLOCK}{joined} ; }}"
        else:
            base = 0
        starts = list(accumulate([len(text) + 1 for text in out], initial=base))
        index = dict(zip(starts, range(len(starts)), strict=True))
        source = Source(texts, out, holes, starts, index, aside)
        root = self._tree(joined)
        if root.has_error:
            return DamagedLowering(source), root
        return StatementLowering(source), root

    def _tree(self, text: str) -> Node:
        if len(text) > _MEMO_LENGTH:
            return self._parser.parse(text.encode("ascii")).root_node
        found = self._trees.get(text)
        if found is None:
            if len(self._trees) >= _MEMO_ENTRIES:
                self._trees.clear()
            found = self._parser.parse(text.encode("ascii")).root_node
            self._trees[text] = found
        return found
