"""Lower a tree in which tree-sitter met text it could not read (ERROR and MISSING nodes).

Rare once the tokens are rewritten, so it is a class of its own that checks every node,
and the usual one checks none. What cannot be read keeps the calls found inside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from analyzer.csource.lower_base import Lowering
from analyzer.csource.lower_statement import StatementLowering
from analyzer.csource.syntax import Expr, Span, Statement, TypeSyntax, UnknownExpr, UnknownType

if TYPE_CHECKING:
    from tree_sitter import Node


_LISTS: Final = frozenset({"compound_statement", "case_statement"})
"""An unreadable part of these is one unreadable statement among whole ones."""


def losses(lowering: Lowering, root: Node) -> tuple[Span, ...]:
    """Spans of the tokens below ``root`` that could not be read, in order."""
    if not root.has_error:
        return ()
    found: list[Span] = []
    _collect(lowering, root, found)
    return tuple(found)


def _collect(lowering: Lowering, node: Node, found: list[Span]) -> None:
    if node.is_error or node.is_missing:
        start, end = lowering.span(node)
        found.append((start, max(end, start + 1)))
    elif node.has_error:
        for child in node.children:
            _collect(lowering, child, found)


def _is_damaged(node: Node) -> bool:
    return node.has_error and any(child.is_error or child.is_missing for child in node.children)


class DamagedLowering(StatementLowering):
    """Lowers what is whole and sets apart what is not."""

    __slots__ = ()

    def expression(self, node: Node) -> Expr:
        if _is_damaged(node) or node.is_error:
            return UnknownExpr(self.found_inside(node), self.span(node))
        return super().expression(node)

    def described(self, node: Node) -> TypeSyntax:
        if _is_damaged(node):
            return UnknownType(" ".join(self.texts[slice(*self.span(node))]))
        return super().described(node)

    def _append(self, node: Node, found: list[Statement]) -> None:
        if node.is_error or (
            _is_damaged(node) and node.type not in ("compound_statement", "case_statement")
        ):
            found.append(self.lost(node))
        else:
            super()._append(node, found)
