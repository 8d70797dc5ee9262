"""Looking through what does not change an expression: holes and one-expression bodies."""

from __future__ import annotations

from analyzer.csource.scope import Bound
from analyzer.csource.syntax import Expr, Expression


def only_expression(bound: Bound) -> Expr | None:
    """The expression that an expansion is, None if it is anything else."""
    body = bound.piece.body
    if len(body) == 1:
        statement = body[0]
        if type(statement) is Expression:
            return statement.expr
    return None
