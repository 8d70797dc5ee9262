"""Lower a tree in which tree-sitter met text it could not read (ERROR and MISSING nodes).

Rare once the tokens are rewritten, so it is a class of its own that checks every node,
and the usual one checks none. What cannot be read keeps the calls found inside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from analyzer.csource.lower_base import Lowering
from analyzer.csource.lower_statement import StatementLowering
from analyzer.csource.syntax import Expr, Span, Statement, TypeSyntax

if TYPE_CHECKING:
    from tree_sitter import Node

_LISTS: Final = frozenset({"compound_statement", "case_statement"})
"""An unreadable part of these is one unreadable statement among whole ones."""
_DECLARATIONS: Final = frozenset({"declaration", "type_definition"})
_TAGS: Final = frozenset({"struct_specifier", "union_specifier", "enum_specifier"})


def losses(lowering: Lowering, root: Node) -> tuple[Span, ...]:
    """Spans of the tokens that could not be read, in order.

    To be asked after the lowering, which adds those that only it can tell.
    """
    if not root.has_error and not lowering.unread:
        return ()
    found: list[Span] = []
    if root.has_error:
        _collect(lowering, root, found)
    count = len(lowering.texts)
    within = {(max(0, min(a, count - 1)), min(b, count)) for a, b in (*found, *lowering.unread)}
    return tuple(sorted((a, max(a, b)) for a, b in within))


def _collect(lowering: Lowering, node: Node, found: list[Span]) -> None:
    if node.is_error or node.is_missing:
        start, end = lowering.span(node)
        found.append((start, max(end, start + 1)))
    elif node.has_error:
        for child in node.children:
            _collect(lowering, child, found)


def _is_damaged(node: Node) -> bool:
    """Whether an unreadable part stands directly in ``node``."""
    return node.has_error and any(child.is_error or child.is_missing for child in node.children)


class DamagedLowering(StatementLowering):
    """Lowers what is whole and sets apart what is not."""

    __slots__ = ()

    def expression(self, node: Node) -> Expr:
        if node.has_error and (
            node.is_error
            or _is_damaged(node)
            or (node.type == "call_expression" and _is_damaged(node.children[1]))
        ):
            return self.unknown(node)
        return super().expression(node)

    def item(self, node: Node) -> tuple[tuple[str | Expr, ...], Expr]:
        if node.has_error and any(child.has_error for child in node.children[:-1]):
            return ((), self.unknown(node))
        return super().item(node)

    def described(self, node: Node) -> TypeSyntax:
        if node.has_error:
            return self.unknown_type(node)
        return super().described(node)

    def _append(self, node: Node, found: list[Statement]) -> None:
        if self._is_lost(node):
            found.append(self.lost(node))
        else:
            super()._append(node, found)

    def _is_lost(self, node: Node) -> bool:
        if not node.has_error:
            return False
        kind = node.type
        if node.is_error or kind in _TAGS:
            return True
        if kind in _LISTS:
            return False
        if _is_damaged(node):
            return True
        if kind in _DECLARATIONS:
            return any(
                child.children[0].has_error or _is_damaged(child)
                if child.type == "init_declarator"
                else child.has_error
                for child in node.children
            )
        if kind == "function_definition":
            return any(child.has_error for child in node.children[:-1])
        return False
