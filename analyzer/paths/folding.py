"""Folding: the calls that an answer does not show, as a number at their caller.

Which edges are shown is decided elsewhere; this is a plain step on what was decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from analyzer.configset.configset import Mask
from analyzer.paths.explore import Key
from analyzer.paths.routes import EdgeKey


@dataclass(frozen=True, slots=True)
class Fold:
    """``count`` calls of ``node`` that are not shown in the configurations of ``mask``."""

    node: Key
    mask: Mask
    count: int


def fold(calls: Mapping[EdgeKey, Mask], shown: Mapping[EdgeKey, Mask]) -> tuple[Fold, ...]:
    """What of ``calls`` is not ``shown``: by caller, then by the configurations.

    Calls of one caller that are left out in different configurations are counted apart, so
    that the number for a configuration is the sum over the masks that it is in.
    """
    counts: dict[tuple[Key, Mask], int] = {}
    for edge, mask in calls.items():
        left = mask & ~shown.get(edge, 0)
        if left:
            counts[edge[0], left] = counts.get((edge[0], left), 0) + 1
    return tuple(Fold(node, mask, count) for (node, mask), count in counts.items())
