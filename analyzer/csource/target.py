"""An indirect callee in words: ``ops->fault``, ``ops.part.flush``, ``table[]``."""

from __future__ import annotations

from analyzer.configset.configset import Mask
from analyzer.csource import syntax as c
from analyzer.csource.environment import Environment
from analyzer.csource.scope import Bound
from analyzer.csource.sites import Target
from analyzer.csource.types import PointerTo, Record, decayed, unqualified
from analyzer.csource.typing import Typer
from analyzer.csource.unfold import only_expression


def describe(
    expr: c.Expr, bound: Bound, mask: Mask, environment: Environment, typer: Typer
) -> tuple[Target, Mask]:
    """The path of ``expr``, its file-scope root and, if its type resolves, its member.

    Where expansions differ between configurations the first ones in ``mask`` are told; the
    second result is the part of ``mask`` that has these.
    """
    mask = _same_expansions(expr, bound, mask)
    expr, bound = _peeled(expr, bound, mask)
    root = _root(expr, bound, mask, environment)
    tag = member = None
    slot = expr
    while isinstance(slot, c.Index):
        slot, bound = _peeled(slot.array, bound, mask)
    if isinstance(slot, c.MemberOf):
        member = slot.member
        tag = holder_tag(slot, bound, mask, typer)
    return Target(_path(expr, bound, mask), root, tag, member), mask


def _same_expansions(expr: c.Expr, bound: Bound, mask: Mask) -> Mask:
    """The configurations of ``mask`` in which the path is made of the same expansions."""
    while True:
        if isinstance(expr, c.Hole):
            found = _expansion(expr, bound, mask)
            if found is None:
                return mask
            mask &= next(share for share, inner in bound.holes[expr.number] if inner is found[1])
            expr, bound = found
        elif isinstance(expr, c.MemberOf):
            expr = expr.object
        elif isinstance(expr, c.Index):
            expr = expr.array
        elif isinstance(expr, c.Cast | c.Unary):
            expr = expr.operand
        elif isinstance(expr, c.Call):
            expr = expr.function
        elif isinstance(expr, c.Conditional):
            if expr.then is not None:
                mask = _same_expansions(expr.then, bound, mask)
            expr = expr.otherwise
        elif isinstance(expr, c.StatementExpression) and expr.body:
            last = expr.body[-1]
            if not isinstance(last, c.Expression):
                return mask
            expr = last.expr
        else:
            return mask


def _peeled(expr: c.Expr, bound: Bound, mask: Mask) -> tuple[c.Expr, Bound]:
    """Without casts, dereferences of the function, and macro uses around the slot."""
    while True:
        if isinstance(expr, c.Cast) or (isinstance(expr, c.Unary) and expr.operator in {"*", "&"}):
            expr = expr.operand
        elif isinstance(expr, c.Hole):
            found = _expansion(expr, bound, mask)
            if found is None:
                return expr, bound
            expr, bound = found
        else:
            return expr, bound


def _expansion(hole: c.Hole, bound: Bound, mask: Mask) -> tuple[c.Expr, Bound] | None:
    for share, alternative in bound.holes[hole.number]:
        inner = only_expression(alternative)
        if share & mask and inner is not None:
            return inner, alternative
    return None


def _path(expr: c.Expr, bound: Bound, mask: Mask) -> str:
    expr, bound = _peeled(expr, bound, mask)
    if isinstance(expr, c.Name):
        return expr.name
    if isinstance(expr, c.MemberOf):
        return f"{_path(expr.object, bound, mask)}{'->' if expr.arrow else '.'}{expr.member}"
    if isinstance(expr, c.Index):
        return f"{_path(expr.array, bound, mask)}[]"
    if isinstance(expr, c.Call):
        return f"{_path(expr.function, bound, mask)}()"
    if isinstance(expr, c.Conditional):
        arms = [expr.otherwise] if expr.then is None else [expr.then, expr.otherwise]
        return " or ".join(_path(arm, bound, mask) for arm in arms)
    if isinstance(expr, c.StatementExpression) and expr.body:
        last = expr.body[-1]
        if isinstance(last, c.Expression):
            return _path(last.expr, bound, mask)
    return "?"


def _root(expr: c.Expr, bound: Bound, mask: Mask, environment: Environment) -> str | None:
    """The file-scope variable that the path starts from."""
    while True:
        expr, bound = _peeled(expr, bound, mask)
        if isinstance(expr, c.MemberOf):
            expr = expr.object
        elif isinstance(expr, c.Index):
            expr = expr.array
        else:
            break
    if not isinstance(expr, c.Name):
        return None
    found, rest = environment.locals_of(expr.name, mask)
    if found and not rest:
        return None
    return expr.name if environment.global_name(expr.name).variable & rest else None


def holder_tag(slot: c.MemberOf, bound: Bound, mask: Mask, typer: Typer) -> str | None:
    """The tag of the structure that has the member."""
    for _, type in typer.expressions.of(slot.object, bound, mask):
        plain = decayed(type)
        if slot.arrow and isinstance(plain, PointerTo):
            plain = unqualified(plain.target)
        if isinstance(plain, Record) and plain.tag is not None:
            return plain.tag
    return None
