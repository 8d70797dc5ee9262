"""Which places of a source are never evaluated: annotations, with ``annotations`` imported
from ``__future__``. To change something there is no change."""

from __future__ import annotations

import ast
from collections.abc import Iterator

Place = tuple[int, int]
"""A line, from 1, and a column, from 0."""


def annotated(source: str) -> list[tuple[Place, Place]]:
    """The spans of all annotations of a module, and of the values of type aliases."""
    return [
        ((node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0))
        for node in _annotations(ast.parse(source))
    ]


def _annotations(tree: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None:
            yield node.annotation
            alias = ast.unparse(node.annotation).endswith("TypeAlias")
            if alias and isinstance(node, ast.AnnAssign) and node.value is not None:
                yield node.value
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns:
            yield node.returns
