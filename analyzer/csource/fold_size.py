"""``sizeof``, ``_Alignof`` and ``offsetof`` (C17 6.5.3.4, 7.19)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analyzer.configset.configset import Mask
from analyzer.csource import syntax as c
from analyzer.csource.arithmetic import Constant
from analyzer.csource.partition import Shares, covering, pairs
from analyzer.csource.scope import Bound
from analyzer.csource.types import UNKNOWN, PointerTo, Record, Type, decayed, unqualified
from analyzer.csource.typing import WRITTEN_TYPES

if TYPE_CHECKING:
    from analyzer.csource.constant import Folder

Values = Shares[Constant | None]


class SizeConstants:
    """Part of the :class:`Folder` that it is made for."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def size_of(self, expr: c.SizeOf, bound: Bound, mask: Mask) -> Values:
        operand = expr.operand
        typer = self._folder.typer
        if isinstance(operand, c.TypeArgument):
            operand = operand.type
        if isinstance(operand, WRITTEN_TYPES):
            types = typer.lower(operand, bound, mask)
        else:
            types = self._folder.expressions.of(operand, bound, mask)
        position = 0 if expr.operator == "sizeof" else 1
        result: Values = []
        for share, type in types:
            for part, measure in self._folder.layout.measure(type, share):
                if measure is None:
                    self._folder.not_resolved(part)
                    result.append((part, None))
                else:
                    result.append((part, self._size(measure[position])))
        return covering(result, mask, None)

    def _size(self, value: int) -> Constant:
        return Constant(value, self._folder.expressions.size_type, True)

    def offset_of(self, expr: c.OffsetOf, bound: Bound, mask: Mask) -> Values:
        types: Shares[tuple[Type, int | None]] = [
            (share, (type, 0)) for share, type in self._folder.typer.lower(expr.type, bound, mask)
        ]
        for step in expr.designator:
            following: Shares[tuple[Type, int | None]] = []
            for share, (type, start) in types:
                following += self._step(step, type, start, bound, share)
            types = following
        return [
            (share, None if start is None else self._size(start)) for share, (_, start) in types
        ]

    def _step(
        self, step: str | c.Expr, type: Type, start: int | None, bound: Bound, mask: Mask
    ) -> Shares[tuple[Type, int | None]]:
        """Follow one designator of ``offsetof`` from ``type`` at byte ``start``."""
        result: Shares[tuple[Type, int | None]] = []
        plain = unqualified(type)
        if isinstance(step, str):
            if not isinstance(plain, Record):
                return [(mask, (UNKNOWN, None))]
            members = self._folder.typer.member(plain, step, mask)
            for share, (inner, within) in pairs(
                members, self._folder.layout.offset(plain, step, mask)
            ):
                total = None if start is None or within is None else start + within
                result.append((share, (inner, total)))
            return result
        array = decayed(plain)
        element = array.target if isinstance(array, PointerTo) else UNKNOWN
        subscripts = self._folder.integers(step, bound, mask)
        for share, (index, size) in pairs(subscripts, self._folder.layout.size(element, mask)):
            known = start is not None and index is not None and size is not None
            total = start + index * size if known else None  # type: ignore[operator]
            result.append((share, (element, total)))
        return result
