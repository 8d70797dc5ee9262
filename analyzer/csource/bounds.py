"""What range a value of unknown content has: by its type, a mask, a remainder.

Only as far as GCC's front end goes when it folds comparisons: a narrow type that was
widened, a bit-field, ``x & constant``, an unsigned ``x % constant``; not shifts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from analyzer.configset.configset import Mask
from analyzer.csource import syntax as c
from analyzer.csource.arithmetic import always
from analyzer.csource.partition import Shares, covering, pairs
from analyzer.csource.scope import Bound
from analyzer.csource.types import (
    BitField,
    Integer,
    Type,
    integer_of,
    unqualified,
)
from analyzer.csource.unfold import only_expression

if TYPE_CHECKING:
    from analyzer.csource.constant import Folder


class Range(NamedTuple):
    """All values lie in ``low`` to ``high``; ``type`` is the operand's own."""

    low: int
    high: int
    type: Integer


class Bounds:
    """Ranges of expressions; part of the :class:`Folder` that it is made for."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._builtins = folder.typer.builtins

    def compare(self, operator: str, left: Range, right: Range) -> bool | None:
        """The outcome of a comparison if it has only one."""
        common = self._builtins.common(left.type, right.type)
        return always(operator, _within(left, common), _within(right, common))

    def never_equal(self, expr: c.Expr, value: int, bound: Bound, mask: Mask) -> Mask:
        """Where ``expr`` is ``x & constant`` without all the bits of ``value``."""
        result = 0
        if isinstance(expr, c.Binary) and expr.operator == "&":
            for operand in (expr.left, expr.right):
                for share, bits in self._folder.integers(operand, bound, mask):
                    if bits is not None and value & ~bits:
                        result |= share
        return result

    def of(self, expr: c.Expr, bound: Bound, mask: Mask) -> Shares[Range | None]:
        """The range of ``expr``; None when its type is not an integer or not known."""
        result: Shares[Range | None] = []
        for share, value in self._folder.constant(expr, bound, mask):
            type = None if value is None else integer_of(value.type)
            if value is not None:
                exact = None if type is None else Range(value.value, value.value, type)
                result.append((share, exact))
            else:
                result += self._of_unknown(expr, bound, share)
        return result

    def _of_unknown(self, expr: c.Expr, bound: Bound, mask: Mask) -> Shares[Range | None]:
        if isinstance(expr, c.Hole):
            result: Shares[Range | None] = []
            for share, alternative in bound.holes[expr.number]:
                inner = only_expression(alternative)
                if share & mask and inner is not None:
                    result += self.of(inner, alternative, share & mask)
            return covering(result, mask, None)
        if isinstance(expr, c.Cast):
            return self._of_cast(expr, bound, mask)
        if isinstance(expr, c.Binary) and expr.operator in {"&", "%"}:
            return self._of_masked(expr, bound, mask)
        return self._of_type(expr, bound, mask)

    def _of_type(self, expr: c.Expr, bound: Bound, mask: Mask) -> Shares[Range | None]:
        return [
            (share, _whole(type)) for share, type in self._folder.expressions.of(expr, bound, mask)
        ]

    def _of_cast(self, expr: c.Cast, bound: Bound, mask: Mask) -> Shares[Range | None]:
        """A cast that keeps every value keeps the range, else it has the type's."""
        result: Shares[Range | None] = []
        types = self._folder.typer.lower(expr.type, bound, mask)
        for share, (type, inner) in pairs(types, self.of(expr.operand, bound, mask)):
            whole = _whole(type)
            if whole is not None and inner is not None:
                fits = whole.low <= inner.low and inner.high <= whole.high
                low, high = (inner.low, inner.high) if fits else (whole.low, whole.high)
                whole = Range(low, high, whole.type)
            result.append((share, whole))
        return covering(result, mask, None)

    def _of_masked(self, expr: c.Binary, bound: Bound, mask: Mask) -> Shares[Range | None]:
        result: Shares[Range | None] = []
        folder = self._folder
        left = folder.constant(expr.left, bound, mask)
        right = folder.constant(expr.right, bound, mask)
        for share, (one, other) in pairs(left, right):
            known = one if other is None else other
            for part, whole in self._of_type(expr, bound, share):
                limit = None if known is None else known.value
                if whole is None or limit is None or limit < 0:
                    result.append((part, whole))
                elif expr.operator == "&":
                    result.append((part, Range(0, min(limit, whole.high), whole.type)))
                elif other is not None and not whole.type.signed and limit > 0:
                    result.append((part, Range(0, limit - 1, whole.type)))
                else:
                    result.append((part, whole))
        return covering(result, mask, None)


def _whole(type: Type) -> Range | None:
    """All values of a type."""
    plain = unqualified(type)
    integer = integer_of(plain)
    if integer is None:
        return None
    if isinstance(plain, BitField):
        signed = plain.base.signed
        width = plain.width - (1 if signed else 0)
        return Range(-(1 << width) if signed else 0, (1 << max(width, 0)) - 1, integer)
    return Range(integer.low, integer.high, integer)


def _within(range: Range, type: Integer) -> tuple[int, int]:
    """The range after conversion to ``type``; all of it if values change."""
    if type.low <= range.low and range.high <= type.high:
        return range.low, range.high
    if range.low == range.high:
        value = type.wrap(range.low)
        return value, value
    return type.low, type.high
