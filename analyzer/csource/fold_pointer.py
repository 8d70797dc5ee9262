"""Arithmetic on constant pointers: ``(char *)16 + 1``, ``&((struct s *)0)->member``.

GCC folds these in the front end; kernel code compares poison values and spells
``offsetof`` by hand with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from analyzer.configset.configset import Mask
from analyzer.csource import syntax as c
from analyzer.csource.arithmetic import Constant, convert
from analyzer.csource.partition import Shares, covering, pairs
from analyzer.csource.scope import Bound
from analyzer.csource.types import PointerTo, Record, decayed, unqualified

if TYPE_CHECKING:
    from analyzer.csource.constant import Folder

Values = Shares[Constant | None]


class PointerConstants:
    """Part of the :class:`Folder` that it is made for."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def add(self, operator: str, left: Constant, right: Constant, mask: Mask) -> Values:
        """``+`` and ``-`` with a pointer operand (C17 6.5.6); steps are elements."""
        builtins = self._folder.typer.builtins
        if isinstance(right.type, PointerTo) and operator == "+":
            left, right = right, left
        if not isinstance(left.type, PointerTo):
            return [(mask, None)]
        result: Values = []
        literal = left.literal and right.literal
        for share, size in self._folder.layout.size(left.type.target, mask):
            if not size:
                result.append((share, None))
            elif isinstance(right.type, PointerTo):
                distance = (left.value - right.value) // size
                result.append((share, Constant(distance, builtins.long, literal)))
            else:
                step = right.value * size
                moved = left.value + (step if operator == "+" else -step)
                result.append(
                    (share, convert(Constant(moved, left.type, literal), left.type, builtins))
                )
        return covering(result, mask, None)

    def address(self, expr: c.Expr, bound: Bound, mask: Mask) -> Values:
        """The address of an object, known if it hangs off a constant pointer."""
        if isinstance(expr, c.Unary) and expr.operator == "*":
            return self._folder.constant(expr.operand, bound, mask)
        if isinstance(expr, c.MemberOf):
            if expr.arrow:
                start = self._folder.constant(expr.object, bound, mask)
            else:
                start = self.address(expr.object, bound, mask)
            return self._member(expr, start, bound)
        if isinstance(expr, c.Index):
            start = self._folder.constant(expr.array, bound, mask)
            index = self._folder.constant(expr.subscript, bound, mask)
            result: Values = []
            for share, (base, step) in pairs(start, index):
                if base is None or step is None:
                    result.append((share, None))
                else:
                    result += self.add("+", base, step, share)
            return result
        return [(mask, None)]

    def _member(self, expr: c.MemberOf, start: Values, bound: Bound) -> Values:
        result: Values = []
        folder = self._folder
        for share, base in start:
            if base is None:
                result.append((share, None))
                continue
            for part, type in folder.expressions.of(expr.object, bound, share):
                holder = decayed(type)
                if expr.arrow and isinstance(holder, PointerTo):
                    holder = unqualified(holder.target)
                if not isinstance(holder, Record):
                    result.append((part, None))
                    continue
                offsets = folder.layout.offset(holder, expr.member, part)
                members = folder.typer.member(holder, expr.member, part)
                for piece, (offset, member) in pairs(offsets, members):
                    value = None
                    if offset is not None:
                        value = Constant(base.value + offset, PointerTo(member), base.literal)
                    result.append((piece, value))
        return result
