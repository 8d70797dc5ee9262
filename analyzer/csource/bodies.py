"""Statement expressions seen as values: their declarations and their last expression.

Used to type ``({ … })`` without walking it: nothing is evaluated or recorded here.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from analyzer.configset.configset import Mask
from analyzer.csource import syntax as c
from analyzer.csource.environment import Local, inline_tag
from analyzer.csource.scope import Bound, FoundTag
from analyzer.csource.unfold import only_expression

if TYPE_CHECKING:
    from analyzer.csource.typing import Typer


def declare_body(typer: Typer, body: tuple[c.Statement, ...], bound: Bound, mask: Mask) -> None:
    """Declare in the open scope what ``body`` declares directly."""
    for statement in body:
        if isinstance(statement, c.Declaration):
            _declare(typer, statement, bound, mask)
        elif isinstance(statement, c.Expression) and isinstance(statement.expr, c.Hole):
            for share, alternative in bound.holes[statement.expr.number]:
                if share & mask and only_expression(alternative) is None:
                    declare_body(typer, alternative.piece.body, alternative, share & mask)


def last_expressions(
    typer: Typer, body: tuple[c.Statement, ...], bound: Bound, mask: Mask
) -> list[tuple[Mask, c.Expr, Bound]]:
    """The expression(s) whose value the statement expression has, with their bounds.

    Declares what an expansion in last place declares before its own last expression.
    """
    if not body:
        return []
    last = body[-1]
    if not isinstance(last, c.Expression):
        return []
    if not isinstance(last.expr, c.Hole):
        return [(mask, last.expr, bound)]
    result: list[tuple[Mask, c.Expr, Bound]] = []
    for share, alternative in bound.holes[last.expr.number]:
        part = share & mask
        if part:
            inner = alternative.piece.body
            declare_body(typer, inner[:-1], alternative, part)
            result += last_expressions(typer, inner, alternative, part)
    return result


def _declare(typer: Typer, statement: c.Declaration, bound: Bound, mask: Mask) -> None:
    environment = typer.environment
    tagged = inline_tag(statement.specifier)
    if tagged is not None and tagged.tag is not None:
        environment.declare_tag(tagged.kind, tagged.tag, FoundTag(mask, tagged, bound))
    if tagged is not None and isinstance(tagged.body, c.EnumBody):
        for name, value in tagged.body.enumerators:
            environment.declare(
                Local(name, mask, None, bound, _serial(typer), value, enum=tagged.body)
            )
    for declarator in statement.declarators:
        local = Local(
            declarator.name,
            mask,
            declarator.type,
            bound,
            _serial(typer),
            declarator.value,
            declarator.attributes,
            statement.storage,
        )
        if environment.horizon != sys.maxsize:
            typer.local(local)
        environment.declare(local)


def _serial(typer: Typer) -> int:
    """A serial that is visible now, even while looking back from a horizon."""
    environment = typer.environment
    if environment.horizon == sys.maxsize:
        return environment.next_serial()
    return environment.horizon - 1
