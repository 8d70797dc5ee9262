"""What the guards of two places in one function say about each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from analyzer.configset.configset import Mask
from analyzer.configset.widening import Widening
from analyzer.csource.sites import GuardFact, GuardWay


def passed_before(
    earlier: Sequence[GuardFact], later: Sequence[GuardFact], widening: Widening
) -> Mask:
    """Where whoever reaches ``later`` has come past ``earlier``, which stands above it.

    That is so where each guard of the first is one of the second, or its other branch does
    not come back.
    """
    result = widening.everything
    if not earlier:
        return result
    known = {_key(guard) for guard in later}
    for guard in earlier:
        if guard.way is not GuardWay.SURVIVED and _key(guard) not in known:
            result &= ~widening.spread(guard.mask)
    return result


def exclude_each_other(
    one: Iterable[GuardFact], other: Sequence[GuardFact], widening: Widening
) -> Mask:
    """Where no way leads through both: a condition is taken one way here, the other there."""
    result = 0
    against = {_key(guard, opposite=True): guard.mask for guard in other}
    for guard in one:
        result |= widening.spread(guard.mask & against.get(_key(guard), 0))
    return result


class Ways:
    """Where on the ways through a function something happens for certain.

    What happens in both branches of a condition happens before it is over.
    """

    def __init__(self, widening: Widening) -> None:
        self._widening = widening
        self._masks: dict[tuple[tuple[object, ...], ...], Mask] = {}
        self._facts: dict[tuple[object, ...], GuardFact] = {}

    def add(self, guards: Sequence[GuardFact], mask: Mask) -> None:
        """It happens under ``guards`` where ``mask``."""
        if not mask:
            return
        keys = tuple(_key(guard) for guard in guards)
        for key, guard in zip(keys, guards, strict=True):
            self._facts[key] = guard
        self._add(keys, mask)

    def _add(self, keys: tuple[tuple[object, ...], ...], mask: Mask) -> None:
        before = self._masks.get(keys, 0)
        if not mask & ~before:
            return
        self._masks[keys] = before | mask
        if keys:
            last = self._facts[keys[-1]]
            decided = self._widening.spread(last.mask)
            other = self._masks.get((*keys[:-1], _key(last, opposite=True)), 0)
            mask |= before
            self._add(keys[:-1], (mask & other & decided) | ((mask | other) & ~decided))

    def through(self, guards: Sequence[GuardFact]) -> Mask:
        """Where it happens on every way through a place with ``guards``."""
        known = {_key(guard) for guard in guards}
        result = 0
        for keys, mask in self._masks.items():
            for key in keys:
                guard = self._facts[key]
                if guard.way is not GuardWay.SURVIVED and key not in known:
                    mask &= ~self._widening.spread(guard.mask)
            result |= mask
        return result


def unguarded(guards: Iterable[GuardFact], widening: Widening) -> Mask:
    """Where no guard decides, apart from those whose other branch does not come back."""
    result = widening.everything
    for guard in guards:
        if guard.way is not GuardWay.SURVIVED:
            result &= ~widening.spread(guard.mask)
    return result


def _key(guard: GuardFact, opposite: bool = False) -> tuple[object, ...]:
    negated = guard.negated is not opposite
    return (id(guard.bound), guard.span, guard.operator, guard.cases, negated)
