"""Sets of configurations as integers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

Mask = int
"""A set of configurations: bit *i* stands for configuration *i* of a ConfigSet."""


def mask_of(bits: Iterable[int]) -> Mask:
    """The mask with exactly ``bits`` set; linear in the highest bit."""
    ordered = list(bits)
    if not ordered:
        return 0
    packed = bytearray((max(ordered) >> 3) + 1)
    for bit in ordered:
        packed[bit >> 3] |= 1 << (bit & 7)
    return int.from_bytes(packed, "little")


def repeated(masks: Iterable[Mask]) -> Mask:
    """Where more than one of ``masks`` holds."""
    once = twice = 0
    for mask in masks:
        twice |= once & mask
        once |= mask
    return twice


def bits_of(mask: Mask) -> Iterator[int]:
    """The indices in ``mask``, in order."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
