"""Comparisons of a constant with a conditional that has constants as arms.

GCC moves an operation with a constant into the arms of a conditional
(``fold_binary_op_with_conditional_arg``): ``57 < (c ? 52 : 46) - 12`` is 0 whatever ``c`` is.
What ``c`` does is still done.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from analyzer.configset.configset import Mask
from analyzer.csource import syntax as c
from analyzer.csource.arithmetic import Constant, binary, truth_value, unary
from analyzer.csource.partition import covering, pairs
from analyzer.csource.scope import Bound
from analyzer.csource.unfold import only_expression

if TYPE_CHECKING:
    from analyzer.csource.constant import Folder, Values

_UNARY = frozenset("+-~")
_NOT_MOVED = frozenset(("&&", "||", ","))

Arms = tuple[Constant, Constant]


def with_arms(folder: Folder, expr: c.Binary, values: Values, bound: Bound) -> Values:
    """The ``values`` of a comparison, those that are not known completed where both arms of
    an operand give the same."""
    result: Values = []
    for share, value in values:
        if value is None:
            result += _compared(folder, expr, bound, share)
        else:
            result.append((share, value))
    return result


def _compared(folder: Folder, expr: c.Binary, bound: Bound, mask: Mask) -> Values:
    found: Values = []
    for share, (one, other) in _operated(folder, expr, bound, mask):
        if one.value == other.value:
            found.append((share, truth_value(bool(one.value), False)))
    return covering(found, mask, None)


def _arms(folder: Folder, expr: c.Expr, bound: Bound, mask: Mask) -> Iterator[tuple[Mask, Arms]]:
    """The constants that ``expr`` can be, by a condition that is not known."""
    if isinstance(expr, c.Conditional):
        if expr.then is not None:
            then = folder.constant(expr.then, bound, mask)
            for share, (one, other) in pairs(then, folder.constant(expr.otherwise, bound, mask)):
                if one is not None and other is not None:
                    yield share, (one, other)
    elif isinstance(expr, c.Hole):
        for share, alternative in bound.holes[expr.number]:
            inner = only_expression(alternative)
            if share & mask and inner is not None:
                yield from _arms(folder, inner, alternative, share & mask)
    elif isinstance(expr, c.Unary) and expr.operator in _UNARY:
        for share, (one, other) in _arms(folder, expr.operand, bound, mask):
            builtins = folder.typer.builtins
            results = unary(expr.operator, one, builtins), unary(expr.operator, other, builtins)
            yield from _known(share, *results)
    elif isinstance(expr, c.Binary) and expr.operator not in _NOT_MOVED:
        yield from _operated(folder, expr, bound, mask)


def _operated(
    folder: Folder, expr: c.Binary, bound: Bound, mask: Mask
) -> Iterator[tuple[Mask, Arms]]:
    """A binary operation in both arms of one of its operands, the other a constant."""
    builtins = folder.typer.builtins
    mask &= ~folder.saved.of(expr, bound, mask)
    for left, right, swapped in ((expr.left, expr.right, False), (expr.right, expr.left, True)):
        for share, constant in folder.constant(right, bound, mask):
            if constant is None:
                continue
            for part, arms in _arms(folder, left, bound, share):
                one, other = (
                    binary(expr.operator, constant, arm, builtins)
                    if swapped
                    else binary(expr.operator, arm, constant, builtins)
                    for arm in arms
                )
                yield from _known(part, one, other)


def _known(
    share: Mask, one: Constant | None, other: Constant | None
) -> Iterator[tuple[Mask, Arms]]:
    if one is not None and other is not None:
        yield share, (one, other)
