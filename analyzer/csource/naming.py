"""The names that a piece of syntax mentions, wherever they stand in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from analyzer.csource.syntax import Expr, Name, Statement


def names_in(syntax: Expr | Statement) -> Iterator[str]:
    """Every identifier used as an expression in ``syntax``, in source order."""
    stack: list[object] = [syntax]
    while stack:
        node = stack.pop()
        if isinstance(node, Name):
            yield node.name
        elif isinstance(node, tuple):
            stack.extend(reversed(node))
        elif is_dataclass(node) and not isinstance(node, type):
            stack.extend(getattr(node, field.name) for field in reversed(fields(node)))
