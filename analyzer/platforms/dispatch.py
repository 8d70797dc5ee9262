"""What slots hold on each platform, in the terms of the call graph."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from analyzer.callgraph.dispatch import Dispatched
from analyzer.callgraph.linked import LinkedProgram
from analyzer.callgraph.program import OutGuard
from analyzer.configset.configset import ConfigSet, Mask
from analyzer.configset.widening import PlatformAxis, Widening, one_platform
from analyzer.csource.sites import Target
from analyzer.errors import BadInput
from analyzer.location import Location
from analyzer.platforms.boot import Boot
from analyzer.platforms.values import BootGuard, FunctionValue, Held, NumberValue, Path

_Key = tuple[str, Path]


Label = Callable[[BootGuard], str]
"""Tells the class of a guard (:mod:`analyzer.platforms.labels`)."""


class BootDispatcher:
    """Boots platforms for the slots that paths go through, once there are any."""

    def __init__(
        self,
        program: LinkedProgram,
        boot: Callable[[], tuple[Boot, Label]],
        configs: ConfigSet,
        only: Sequence[str] = (),
        announced: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        """``boot``: makes the boot, and what classes its guards. ``only``: the platforms to
        look at, none for all; they are told apart from the start. ``announced``: gives the
        names of the platforms that the tree has sources for.

        Raises :class:`BadInput` for a platform that this kernel does not know.
        """
        self._program = program
        self._make = boot
        self._boot: Boot | None = None
        self._label: Label = _unclassed
        self._configs = configs
        self._only = only
        self._asked: dict[str, _Key] = {}
        self._known: dict[str, tuple[Dispatched, ...]] = {}
        self._announced = announced
        self.axis = one_platform(len(configs))
        self.support: Sequence[tuple[str, Mask]] = ()
        program.dispatch_with(self)
        if only:
            self._started()

    def held(self, target: Target) -> Sequence[Dispatched] | None:
        """What the slot of an indirect call holds; None until it has been settled."""
        key = self._key(target)
        if key is None:
            return None
        self._asked[target.path] = key
        return self._known.get(target.path)

    def settle(self, slots: Sequence[str]) -> bool:
        """Work out slots by their paths; whether there were any new ones."""
        new = [slot for slot in slots if slot in self._asked and slot not in self._known]
        if not new:
            return False
        boot = self._started()
        boot.cover(self._asked[slot] for slot in new)
        for slot in new:
            self._known[slot] = tuple(self._dispatched(boot, *self._asked[slot]))
        self._program.dispatch_with(self)
        return True

    def _started(self) -> Boot:
        """The boot, with the platforms told apart."""
        boot = self._boot
        if boot is None:
            boot, self._label = self._make()
            self._boot = boot
            self.support = self._support_of(boot)
            self.axis = self._axis_of(self.support)
        return boot

    def _support_of(self, boot: Boot) -> Sequence[tuple[str, Mask]]:
        """The platforms to look at; those that nothing is built for last."""
        masks = {platform.name: platform.mask for platform in boot.platforms}
        for name in self._announced():
            masks.setdefault(name, 0)
        for name in self._only:
            if name not in masks:
                raise BadInput(f"unknown platform '{name}' (known: {', '.join(masks)})")
        return [item for item in masks.items() if not self._only or item[0] in self._only]

    def _axis_of(self, support: Sequence[tuple[str, Mask]]) -> PlatformAxis:
        chosen = [(name, mask) for name, mask in support if mask]
        there: Mask = 0
        for number, (_, mask) in enumerate(chosen):
            there |= mask << (number * len(self._configs))
        widening = Widening(len(self._configs), len(chosen))
        return PlatformAxis(widening, tuple(name for name, _ in chosen), there)

    def _key(self, target: Target) -> _Key | None:
        static = self._program.knowledge.static_call(target.path)
        if static is not None:
            name, made = static
            return name, (made.member,)
        if target.root is None or "->" in target.path or "[" in target.path:
            return None
        root, *path = target.path.split(".")
        return (root, tuple(path)) if root == target.root and path else None

    def _guard(self, guard: BootGuard) -> OutGuard:
        return OutGuard(guard.words, f"at boot: {self._label(guard)}".removesuffix(": "))

    def _dispatched(self, boot: Boot, name: str, path: Path) -> list[Dispatched]:
        found: dict[tuple[str | None, str, tuple[OutGuard, ...], Location | None], _Where] = {}
        for booted, held in boot.held(name, path):
            platform = booted.platform.name
            if platform not in self.axis.names:
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


def _unclassed(_guard: BootGuard) -> str:
    return ""
