"""Configurations and platforms at once: one mask for both.

A **wide mask** has a block of as many bits as there are configurations for each platform;
bit ``p * width + i`` is configuration ``i`` on platform ``p``. The algebra is that of plain
masks, so that a walk is made once for all platforms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from analyzer.configset.configset import Mask
from analyzer.platforms.values import ObjectKey


@dataclass(frozen=True, slots=True)
class Platform:
    """``mask``: the configurations that support it. ``descriptor``: None for bare metal."""

    name: str
    mask: Mask
    descriptor: ObjectKey | None


@dataclass(frozen=True, slots=True)
class Axis:
    """``width`` is the number of configurations."""

    width: int
    platforms: Sequence[Platform]
    _ones: Mask = field(init=False)

    def __post_init__(self) -> None:
        ones = 0
        for number in range(len(self.platforms)):
            ones |= 1 << (number * self.width)
        object.__setattr__(self, "_ones", ones)

    def spread(self, mask: Mask) -> Mask:
        """The wide mask of configurations on every platform."""
        return mask * self._ones

    def on(self, platform: Platform, mask: Mask) -> Mask:
        """The wide mask of configurations on one platform."""
        return mask << (self.platforms.index(platform) * self.width)

    def part(self, platform: Platform, wide: Mask) -> Mask:
        """The configurations of a wide mask on one platform."""
        return (wide >> (self.platforms.index(platform) * self.width)) & ((1 << self.width) - 1)

    def configs(self, wide: Mask) -> Mask:
        """The configurations of a wide mask on any platform."""
        result = 0
        block = (1 << self.width) - 1
        while wide:
            result |= wide & block
            wide >>= self.width
        return result
