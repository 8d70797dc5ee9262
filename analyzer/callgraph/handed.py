"""A function, or what stands for one, that is handed over to run later or elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from analyzer.configset.configset import Mask
from analyzer.csource.operand import Aggregate, Operand, Step


@dataclass(frozen=True, slots=True)
class Handed:
    """A value handed over where ``mask``, to run in ``context``.

    ``certain``: no other value can be handed over in its place. ``bound``: the address of
    the object that it is bound to, if there is one.
    """

    value: Operand
    mask: Mask
    context: str
    certain: bool
    bound: Operand | None = None


def stored(path: tuple[Step, ...], value: Operand) -> Iterator[tuple[tuple[Step, ...], Operand]]:
    """The places that a store writes, with their values."""
    if isinstance(value, Aggregate):
        for steps, leaf in value.items:
            yield (*path, *steps), leaf
    else:
        yield path, value
