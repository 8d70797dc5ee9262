"""Values that differ between configurations: disjoint ``(mask, value)`` shares.

Nearly all have one share; every helper here has a short way for that.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeAlias, TypeVar

from analyzer.configset.configset import Mask

T = TypeVar("T")
U = TypeVar("U")
H = TypeVar("H", bound=Hashable)

Shares: TypeAlias = list[tuple[Mask, T]]


def restrict(shares: Shares[T], mask: Mask) -> Shares[T]:
    """The part inside ``mask``; the order is kept."""
    if len(shares) == 1:
        share, value = shares[0]
        part = share & mask
        return [(part, value)] if part else []
    return [(share & mask, value) for share, value in shares if share & mask]


def covering(shares: Shares[T], mask: Mask, missing: T) -> Shares[T]:
    """``shares`` restricted to ``mask``, the rest of which has ``missing``."""
    if len(shares) == 1 and not mask & ~shares[0][0]:
        return [(mask, shares[0][1])]
    result: Shares[T] = []
    for share, value in shares:
        part = share & mask
        if part:
            result.append((part, value))
            mask &= ~part
    if mask:
        result.append((mask, missing))
    return result


def each(shares: Shares[T], function: Callable[[T], U]) -> Shares[U]:
    """Apply ``function`` to every share's value."""
    return [(share, function(value)) for share, value in shares]


def pairs(left: Shares[T], right: Shares[U]) -> Shares[tuple[T, U]]:
    """Both values at once, by intersection."""
    if len(left) == 1 and len(right) == 1:
        share = left[0][0] & right[0][0]
        return [(share, (left[0][1], right[0][1]))] if share else []
    return [
        (share & other, (one, two)) for share, one in left for other, two in right if share & other
    ]


def merged(shares: Shares[H]) -> Shares[H]:
    """Shares of equal values put together."""
    if len(shares) < 2:
        return shares
    masks: dict[H, Mask] = {}
    for share, value in shares:
        masks[value] = masks.get(value, 0) | share
    return [(share, value) for value, share in masks.items()]
