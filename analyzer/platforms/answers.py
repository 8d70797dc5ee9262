"""What slots hold on each platform, worked out by booting it, in the terms of the call graph."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from analyzer.callgraph.dispatch import Dispatched
from analyzer.callgraph.program import OutGuard
from analyzer.configset.configset import Mask
from analyzer.location import Location
from analyzer.platforms.boot import Boot
from analyzer.platforms.values import BootGuard, FunctionValue, Held, NumberValue, Path

SlotKey = tuple[str, Path]
"""An object, and which part of it the slot is."""

Label = Callable[[BootGuard], str]
"""Tells the class of a guard (:mod:`analyzer.platforms.labels`)."""


class BootAnswers:
    """Answers from one boot."""

    __slots__ = ("_boot", "_label")

    def __init__(self, boot: Boot, label: Label) -> None:
        self._boot = boot
        self._label = label

    def prepare(self) -> None:
        """Find out what has to be known whatever is asked."""
        self._boot.prepare()

    def support(self) -> Sequence[tuple[str, Mask]]:
        """The platforms of the kernel with the configurations that have them."""
        return [(platform.name, platform.mask) for platform in self._boot.platforms]

    def held(
        self, slots: Sequence[SlotKey], platforms: Collection[str]
    ) -> Sequence[tuple[Dispatched, ...]]:
        """What each of ``slots`` holds on those of ``platforms``."""
        self._boot.cover(slots)
        return [tuple(self._dispatched(slot, platforms)) for slot in slots]

    def _guard(self, guard: BootGuard) -> OutGuard:
        return OutGuard(guard.words, f"at boot: {self._label(guard)}".removesuffix(": "))

    def _dispatched(self, slot: SlotKey, platforms: Collection[str]) -> list[Dispatched]:
        found: dict[tuple[str | None, str, tuple[OutGuard, ...], Location | None], _Where] = {}
        for booted, held in self._boot.held(*slot):
            platform = booted.platform.name
            if platform not in platforms:
                continue
            for one in held:
                if one.value == NumberValue(0):
                    continue
                value = one.value
                function = value.name if isinstance(value, FunctionValue) else None
                unit = value.unit if isinstance(value, FunctionValue) else ""
                guards = tuple(self._guard(guard) for guard in one.guards)
                where = found.setdefault((function, unit, guards, one.place), _Where())
                where.add(platform, one.mask, alone=_alone(one, held))
        return [
            Dispatched(function, unit, mask, tuple(names), guards, place, certain)
            for (function, unit, guards, place), where in found.items()
            for mask, names, certain in where.products()
        ]


class _Where:
    """On which platforms a value is held in which configurations."""

    def __init__(self) -> None:
        self._parts: dict[tuple[Mask, bool], list[str]] = {}

    def add(self, platform: str, mask: Mask, *, alone: bool) -> None:
        self._parts.setdefault((mask, alone), []).append(platform)

    def products(self) -> list[tuple[Mask, list[str], bool]]:
        return [(mask, names, alone) for (mask, alone), names in self._parts.items()]


def _alone(one: Held, held: Sequence[Held]) -> bool:
    return not one.guards and not any(h is not one and h.mask & one.mask for h in held)
