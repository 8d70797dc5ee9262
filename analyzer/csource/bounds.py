"""What range a value of unknown content has: by its type, a mask, a remainder.

Only as far as GCC's front end goes when it folds comparisons: a narrow type that was
widened, a bit-field, ``x & constant`` and an unsigned remainder by a power of two at the ends
of what they leave; not shifts.
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
    """All values lie in ``low`` to ``high``; ``type`` is the operand's own.

    ``limit``: a mask leaves 0 to ``limit``. GCC makes use of that only where a comparison is
    with an end of it, and with the upper one only if all bits of ``limit`` are set.
    """

    low: int
    high: int
    type: Integer
    limit: int | None = None


class Bounds:
    """Ranges of expressions; part of the :class:`Folder` that it is made for."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._builtins = folder.typer.builtins

    def compare(self, operator: str, left: Range, right: Range) -> bool | None:
        """The outcome of a comparison if it has only one."""
        common = self._builtins.common(left.type, right.type)
        (low, high), (least, most) = _within(left, common), _within(right, common)
        outcome = always(operator, (low, high), (least, most))
        if outcome is None and left.limit is not None and least == most:
            return _at_end(operator, left.limit, least)
        if outcome is None and right.limit is not None and low == high:
            return _at_end(_MIRRORED.get(operator, operator), right.limit, low)
        return outcome

    def never_equal(self, expr: c.Expr, value: int, bound: Bound, mask: Mask) -> Mask:
        """Where ``expr`` is ``x & constant`` without all the bits of ``value``."""
        result = 0
        if isinstance(expr, c.Hole):
            for share, alternative in bound.holes[expr.number]:
                inner = only_expression(alternative)
                if share & mask and inner is not None:
                    result |= self.never_equal(inner, value, alternative, share & mask)
        elif isinstance(expr, c.Cast):
            inner_types = self._of_type(expr.operand, bound, mask)
            for share, (type, whole) in pairs(self._of_type(expr, bound, mask), inner_types):
                if type is not None and whole is not None and type.type.wrap(value) == value:
                    result |= self.never_equal(expr.operand, value, bound, share)
        elif isinstance(expr, c.Binary) and expr.operator in {"&", "%"}:
            for share, bits in self._masked_to(expr, bound, mask):
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
                kept = inner.limit is not None and inner.limit <= whole.high
                whole = Range(low, high, whole.type, inner.limit if kept else None)
            result.append((share, whole))
        return covering(result, mask, None)

    def _of_masked(self, expr: c.Binary, bound: Bound, mask: Mask) -> Shares[Range | None]:
        types = self._of_type(expr, bound, mask)
        result: Shares[Range | None] = []
        for share, (whole, bits) in pairs(types, self._masked_to(expr, bound, mask)):
            if whole is not None and bits is not None and bits < whole.high:
                whole = whole._replace(limit=bits)
            result.append((share, whole))
        return covering(result, mask, None)

    def _masked_to(self, expr: c.Binary, bound: Bound, mask: Mask) -> Shares[int | None]:
        """The bits that ``x & constant`` leaves; of unsigned values, a remainder by a power of
        two is the same."""
        result: Shares[int | None] = []
        folder = self._folder
        left = folder.integers(expr.left, bound, mask)
        right = folder.integers(expr.right, bound, mask)
        for share, (one, other) in pairs(left, right):
            bits = one if other is None else other
            if bits is None or bits < 0:
                result.append((share, None))
            elif expr.operator == "&":
                result.append((share, bits))
            elif other is None or not other or other & (other - 1):
                result.append((share, None))
            else:
                for part, whole in self._of_type(expr, bound, share):
                    unsigned = whole is not None and not whole.type.signed
                    result.append((part, other - 1 if unsigned else None))
        return result


_MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


def _at_end(operator: str, limit: int, value: int) -> bool | None:
    """The outcome of comparing 0 to ``limit`` with a constant at an end of it."""
    if value in {0, -1}:
        if operator == ("<" if value == 0 else "<="):
            return False
        if operator == (">=" if value == 0 else ">"):
            return True
    if not limit & (limit + 1) and value in {limit, limit + 1}:
        if operator == (">" if value == limit else ">="):
            return False
        if operator == ("<=" if value == limit else "<"):
            return True
    return None


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
