"""One mask for configurations and platforms: bit ``platform * configs + config``.

What differs between platforms is followed once for all of them; with one platform a wide
mask is the plain one.
"""

from __future__ import annotations

from collections.abc import Iterable
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


@dataclass(frozen=True, slots=True)
class PlatformAxis:
    """The platforms of a run: ``names`` in order, and where each can be, as a wide mask.

    A single platform without a name stands for all, where they are not told apart.
    """

    widening: Widening
    names: tuple[str, ...]
    there: Mask

    def on(self, names: Iterable[str]) -> Mask:
        """All configurations that have them, on the platforms of ``names``; none: on all."""
        chosen = set(names)
        if not chosen:
            return self.there
        result = 0
        one = (1 << self.widening.configs) - 1
        for number, name in enumerate(self.names):
            if name in chosen:
                result |= one << (number * self.widening.configs)
        return result & self.there

    def spread(self, mask: Mask) -> Mask:
        """``mask`` on every platform that its configurations have."""
        return self.widening.spread(mask) & self.there

    def split(self, wide: Mask) -> list[tuple[Mask, tuple[str, ...]]]:
        """A wide mask as products: configurations, and the platforms on which they are meant.

        A platform that some of the configurations do not have counts with those that have it.
        """
        groups: list[tuple[Mask, list[str]]] = []
        parts = [
            (self.widening.on(wide, number), self.widening.on(self.there, number), name)
            for number, name in enumerate(self.names)
        ]
        for mask, there, name in sorted(parts, key=lambda part: -part[0].bit_count()):
            if not mask:
                continue
            for known, names in groups:
                if known & there == mask:
                    names.append(name)
                    break
            else:
                groups.append((mask, [name]))
        if self.names == ("",):
            return [(mask, ()) for mask, _ in groups]
        order = {name: number for number, name in enumerate(self.names)}
        return [(mask, tuple(sorted(names, key=order.__getitem__))) for mask, names in groups]


def one_platform(configs: int) -> PlatformAxis:
    """The axis of a run that tells no platforms apart."""
    widening = Widening(configs)
    return PlatformAxis(widening, ("",), widening.everything)
