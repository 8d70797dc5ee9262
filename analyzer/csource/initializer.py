"""Arrays that take their length from their initialiser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analyzer.configset.configset import Mask
from analyzer.csource import syntax as c
from analyzer.csource.partition import Shares
from analyzer.csource.scope import Bound
from analyzer.csource.types import RUN_TIME, ArrayOf, Type, unqualified
from analyzer.csource.unfold import only_expression

if TYPE_CHECKING:
    from analyzer.csource.constant import Folder


def completed(
    shares: Shares[Type], value: c.Initializer | c.Text, bound: Bound, folder: Folder
) -> Shares[Type]:
    """Arrays that take their length from the initialiser (C17 6.7.9)."""
    result: Shares[Type] = []
    for share, type in shares:
        plain = unqualified(type)
        if not isinstance(plain, ArrayOf) or plain.length is not None:
            result.append((share, type))
        elif isinstance(value, c.Text):
            result.append((share, ArrayOf(plain.element, value.size)))
        else:
            length = _item_count(value, bound, share, folder)
            result.append((share, ArrayOf(plain.element, length)))
    return result


def _item_count(value: c.Initializer, bound: Bound, mask: Mask, folder: Folder) -> int:
    """One past the last element that an initialiser sets."""
    position = count = 0
    for path, item in value.items:
        if path:
            index = path[0]
            known = [] if isinstance(index, str) else folder.integers(index, bound, mask)
            if len(known) != 1 or known[0][1] is None:
                return RUN_TIME
            position = known[0][1]
        elif _is_list(item, bound):
            return RUN_TIME
        position += 1
        count = max(count, position)
    return count


def _is_list(item: c.Expr, bound: Bound) -> bool:
    """Whether an initialiser's item is a macro use that can bring several items."""
    if not isinstance(item, c.Hole):
        return False
    for _, alternative in bound.holes[item.number]:
        inner = only_expression(alternative)
        if inner is None or (isinstance(inner, c.Binary) and inner.operator == ","):
            return True
    return False
