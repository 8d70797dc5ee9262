"""Path classes in words: how many configurations, and which."""

from __future__ import annotations

from collections.abc import Sequence

from analyzer.configset.configset import Mask
from analyzer.paths.result import ConfigInfo
from analyzer.report.visible import visible

MAX_NAMES = 6


def subject(count: int, total: int) -> str:
    """How many configurations of how many, as the subject of a sentence."""
    if total == 1:
        return "This configuration"
    if count == total:
        return f"All {total} configurations" if total > 2 else "Both configurations"
    return f"{count} of {total} configurations"


def members(configs: Sequence[ConfigInfo], mask: Mask) -> str:
    """The names of the configurations in ``mask``, the first few of many."""
    names: list[str] = []
    rest = mask
    while rest and len(names) < MAX_NAMES:
        low = rest & -rest
        names.append(visible(configs[low.bit_length() - 1].name))
        rest ^= low
    more = f" and {rest.bit_count()} more" if rest else ""
    return ", ".join(names) + more
