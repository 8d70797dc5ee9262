"""What ``_Generic`` and ``__builtin_choose_expr`` stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analyzer.configset.configset import Mask
from analyzer.csource import syntax as c
from analyzer.csource.partition import Shares
from analyzer.csource.scope import Bound
from analyzer.csource.types import compatible
from analyzer.csource.typing import WRITTEN_TYPES

if TYPE_CHECKING:
    from analyzer.csource.constant import Folder


class Selection:
    """Part of the :class:`Folder` that it is made for."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def of(self, expr: c.Expr, bound: Bound, mask: Mask) -> Shares[c.Expr]:
        """What ``_Generic`` or ``__builtin_choose_expr`` stands for.

        Where that cannot be decided, every choice is listed with the same mask.
        """
        if isinstance(expr, c.Generic):
            return self._generic(expr, bound, mask)
        if not isinstance(expr, c.Call) or len(expr.arguments) != 3:
            return []
        condition, then, otherwise = expr.arguments
        result: Shares[c.Expr] = []
        for share, value in self._folder.constant(condition, bound, mask):
            if value is None and not self._folder.calls.is_constant_p(condition, bound, share):
                self._folder.not_resolved(share)
                result += [(share, then), (share, otherwise)]
            else:
                result.append((share, then if value is not None and value.value else otherwise))
        return result

    def _generic(self, expr: c.Generic, bound: Bound, mask: Mask) -> Shares[c.Expr]:
        """The association whose type is compatible with the control's (6.5.1.1)."""
        control = expr.control
        if isinstance(control, WRITTEN_TYPES):
            types = self._folder.typer.lower(control, bound, mask)
        else:
            types = self._folder.expressions.value_type(control, bound, mask)
        result: Shares[c.Expr] = []
        for share, type in types:
            rest = share
            doubtful: Mask = 0
            for written, choice in expr.choices:
                if written is None or not rest:
                    continue
                for part, candidate in self._folder.typer.lower(written, bound, rest):
                    same = compatible(type, candidate)
                    if same:
                        result.append((part, choice))
                        rest &= ~part
                    elif same is None:
                        doubtful |= part
            doubtful &= rest
            if doubtful:
                self._folder.not_resolved(doubtful)
                result += [(doubtful, choice) for _, choice in expr.choices]
                rest &= ~doubtful
            if rest:
                result += [(rest, choice) for written, choice in expr.choices if written is None]
        return result
