"""What a value can be: both sides of a choice, what a local was given before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyzer.configset.configset import Mask
from analyzer.csource.action import Action, StoreAction
from analyzer.csource.operand import (
    Choice,
    Load,
    Operand,
    Place,
    Storage,
    Variable,
    Varying,
)


def leaves_of(
    value: Operand, mask: Mask, before: Sequence[Action], certain: bool
) -> Iterator[tuple[Operand, Mask, bool]]:
    """The values with the configurations in which they may be meant; and whether it is the
    only one there, provided that ``value`` itself is ``certain``."""
    if isinstance(value, Varying):
        for share, one in value.alternatives:
            yield from leaves_of(one, mask & share, before, certain)
    elif isinstance(value, Choice):
        yield from leaves_of(value.then, mask, before, False)
        yield from leaves_of(value.otherwise, mask, before, False)
    elif isinstance(value, Load) and _is_local(value.place):
        stores = [
            (index, action)
            for index, action in enumerate(before)
            if isinstance(action, StoreAction) and action.place == value.place
        ]
        unset = mask
        for _, store in stores:
            unset &= ~store.mask
        yield value, unset, False
        for index, store in stores:
            others = 0
            for other, rival in stores:
                others |= rival.mask if other != index else 0
            where = mask & store.mask
            yield from leaves_of(store.value, where & ~others, before[:index], certain)
            yield from leaves_of(store.value, where & others, before[:index], False)
    else:
        yield value, mask, certain


def _is_local(place: Place) -> bool:
    return isinstance(place.root, Variable) and place.root.storage is Storage.AUTOMATIC
