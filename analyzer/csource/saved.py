"""Shifts and divisions whose operands GCC keeps in temporaries (see ``sanitizers.py``).

Follows ``save_expr`` and ``ubsan_instrument_shift`` of GCC 12 as probed in
``tests/differential/test_folding_gcc.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from analyzer.configset.configset import Mask
from analyzer.csource import syntax as c
from analyzer.csource.sanitizers import DIVISIONS, SHIFTS, Sanitizers
from analyzer.csource.scope import Bound
from analyzer.csource.types import ArrayOf, Integer, Qualified, integer_of
from analyzer.csource.unfold import only_expression

if TYPE_CHECKING:
    from analyzer.csource.constant import Folder


class SavedOperands:
    """Part of the :class:`Folder` that it is made for."""

    __slots__ = ("_folder", "_sanitizers")

    def __init__(self, folder: Folder, sanitizers: Sanitizers) -> None:
        self._folder = folder
        self._sanitizers = sanitizers

    def of(self, expr: c.Binary, bound: Bound, mask: Mask) -> Mask:
        """Where the operation stands on temporaries or behind a check: a side effect."""
        mask &= self._sanitizers.temporaries
        if not mask:
            return 0
        if expr.operator in SHIFTS:
            checked = mask & self._sanitizers.shifts
        elif expr.operator in DIVISIONS:
            checked = mask & self._sanitizers.divisions
        else:
            return 0
        found = self._checked(expr, bound, checked) if checked else 0
        for operand in (expr.left, expr.right):
            left = mask & ~found
            if left:
                found |= left & ~self._invariant(operand, bound, left)
        return found

    def _checked(self, expr: c.Binary, bound: Bound, mask: Mask) -> Mask:
        """Where the right operand may be one that the operation is not defined for."""
        found = 0
        for share, count in self._folder.integers(expr.right, bound, mask):
            if count is None:
                found |= share
            elif expr.operator in DIVISIONS:
                found |= 0 if count else share
            else:
                for part, type in self._folder.expressions.of(expr, bound, share):
                    shifted = integer_of(type)
                    width = 8 * shifted.size if isinstance(shifted, Integer) else 0
                    found |= 0 if 0 <= count < width else part
        return found

    def _invariant(self, expr: c.Expr, bound: Bound, mask: Mask) -> Mask:
        """Where no temporary is made: constant, read-only, or simple arithmetic on such."""
        if isinstance(expr, c.Floating | c.SizeOf):
            return mask
        if isinstance(expr, c.Binary) and expr.operator == ",":
            return 0
        constant = self._constant(expr, bound, mask)
        mask &= ~constant
        return constant | self._read_only(expr, bound, mask) if mask else constant

    def _read_only(self, expr: c.Expr, bound: Bound, mask: Mask) -> Mask:
        if isinstance(expr, c.Cast):
            return self._invariant(expr.operand, bound, mask)
        if isinstance(expr, c.Unary) and expr.operator in {"-", "~", "+"}:
            return self._invariant(expr.operand, bound, mask)
        if isinstance(expr, c.Unary) and expr.operator == "&":
            return mask if _is_object(expr.operand) else 0
        if isinstance(expr, c.Binary) and expr.operator not in {"&&", "||", ","}:
            known = self._constant(expr.right, bound, mask)
            found = self._invariant(expr.left, bound, known) if known else 0
            known = self._constant(expr.left, bound, mask & ~found)
            return found | (self._invariant(expr.right, bound, known) if known else 0)
        if isinstance(expr, c.Hole):
            found = 0
            for share, alternative in bound.holes[expr.number]:
                inner = only_expression(alternative)
                if share & mask and inner is not None:
                    found |= self._invariant(inner, alternative, share & mask)
            return found
        if isinstance(expr, c.Name | c.MemberOf | c.Index) or (
            isinstance(expr, c.Unary) and expr.operator == "*"
        ):
            return self._of_read_only_type(expr, bound, mask)
        return 0

    def _of_read_only_type(self, expr: c.Expr, bound: Bound, mask: Mask) -> Mask:
        found = 0
        for share, type in self._folder.expressions.of(expr, bound, mask):
            if isinstance(type, ArrayOf) or (
                isinstance(type, Qualified) and type.const and not type.volatile
            ):
                found |= share
        return found & mask & ~self._folder.calls.effects(expr, bound, mask)

    def _constant(self, expr: c.Expr, bound: Bound, mask: Mask) -> Mask:
        found = 0
        for share, value in self._folder.constant(expr, bound, mask):
            found |= 0 if value is None else share
        return found & mask & ~self._folder.calls.effects(expr, bound, mask)


def _is_object(expr: c.Expr) -> bool:
    """Whether ``expr`` is a named object or a part of one, so that its address is constant."""
    while isinstance(expr, c.MemberOf) and not expr.arrow:
        expr = expr.object
    return isinstance(expr, c.Name)
