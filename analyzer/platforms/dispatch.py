"""Which functions dispatch slots lead to on each platform: asked when paths go through them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Protocol

from analyzer.callgraph.dispatch import Dispatched
from analyzer.callgraph.linked import LinkedProgram
from analyzer.configset.configset import ConfigSet, Mask
from analyzer.configset.widening import PlatformAxis, Widening, one_platform
from analyzer.csource.sites import Target
from analyzer.errors import BadInput
from analyzer.platforms.answers import SlotKey


class Boots(Protocol):
    """What boots platforms, here or in another process; see
    :class:`analyzer.platforms.answers.BootAnswers`."""

    def support(self) -> Sequence[tuple[str, Mask]]:
        """The platforms of the kernel with the configurations that have them."""

    def held(
        self, slots: Sequence[SlotKey], platforms: Collection[str]
    ) -> Sequence[tuple[Dispatched, ...]]:
        """What each of ``slots`` holds on those of ``platforms``."""


class BootDispatcher:
    """Boots platforms for the slots that paths go through, once there are any."""

    def __init__(
        self,
        program: LinkedProgram,
        boots: Boots,
        configs: ConfigSet,
        only: Sequence[str] = (),
        announced: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        """``boots`` is not asked for anything before there is a slot. ``only``: the platforms
        to look at, none for all; they are told apart from the start. ``announced``: gives the
        names of the platforms that the tree has sources for.

        Raises :class:`BadInput` for a platform that this kernel does not know.
        """
        self._program = program
        self._boots = boots
        self._configs = configs
        self._only = only
        self._asked: dict[str, SlotKey] = {}
        self._known: dict[str, tuple[Dispatched, ...]] = {}
        self._announced = announced
        self._told_apart = False
        self.axis = one_platform(len(configs))
        self.support: Sequence[tuple[str, Mask]] = ()
        program.dispatch_with(self)
        if only:
            self._tell_apart()

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
        self._tell_apart()
        found = self._boots.held([self._asked[slot] for slot in new], self.axis.names)
        self._known.update(zip(new, found, strict=True))
        self._program.dispatch_with(self)
        return True

    def _tell_apart(self) -> None:
        if not self._told_apart:
            self._told_apart = True
            self.support = self._supported()
            self.axis = self._axis_of(self.support)

    def _supported(self) -> Sequence[tuple[str, Mask]]:
        """The platforms to look at; those that nothing is built for last."""
        masks = dict(self._boots.support())
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

    def _key(self, target: Target) -> SlotKey | None:
        static = self._program.knowledge.static_call(target.path)
        if static is not None:
            name, made = static
            return name, (made.member,)
        if target.root is None or "->" in target.path or "[" in target.path:
            return None
        root, *path = target.path.split(".")
        return (root, tuple(path)) if root == target.root and path else None
