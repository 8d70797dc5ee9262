"""One mask for configurations and platforms: bit ``platform * configs + config``.

The flow of an object is followed once for all of them; with one platform a wide mask is
the plain one.
"""

from __future__ import annotations

from dataclasses import dataclass

from analyzer.configset.configset import Mask


@dataclass(frozen=True, slots=True)
class Widening:
    """``configs`` is how many configurations there are, ``platforms`` how many platforms."""

    configs: int
    platforms: int = 1

    @property
    def everything(self) -> Mask:
        """All configurations on all platforms."""
        return (1 << (self.configs * self.platforms)) - 1

    def spread(self, mask: Mask) -> Mask:
        """``mask``, over configurations, on every platform."""
        if self.platforms == 1:
            return mask
        return mask * (self.everything // ((1 << self.configs) - 1))

    def on(self, wide: Mask, platform: int) -> Mask:
        """The configurations of a wide mask on one platform (an index from 0)."""
        return (wide >> (platform * self.configs)) & ((1 << self.configs) - 1)

    def merged(self, wide: Mask) -> Mask:
        """The configurations of a wide mask on any platform."""
        result = 0
        for platform in range(self.platforms):
            result |= self.on(wide, platform)
        return result
