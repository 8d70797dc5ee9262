"""Paths on several platforms at once: a program whose masks say where and on what.

A **wide** mask has a bit for each configuration on each platform
(:mod:`analyzer.configset.widening`). Search and classes work on wide masks as they do on
plain ones; only what comes out is told apart again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from analyzer.callgraph.program import Doubt, FunctionRef, OutEdge, Program, narrowed
from analyzer.configset.configset import Mask
from analyzer.configset.widening import PlatformAxis, one_platform
from analyzer.location import Location
from analyzer.primitives.knowledge import Knowledge


class Platforms(Protocol):
    """What tells platforms apart in a program."""

    @property
    def axis(self) -> PlatformAxis:
        """The platforms; none are told apart until some slot has been settled."""

    @property
    def support(self) -> Sequence[tuple[str, Mask]]:
        """The platforms that the tree knows, each with the configurations that have it; none
        as long as they are not told apart."""

    def settle(self, slots: Sequence[str]) -> bool:
        """Work out what dispatch slots, by their paths in the source, hold on each platform;
        whether anything is known now that was not before."""


class WideProgram:
    """A program over wide masks."""

    __slots__ = ("_axis", "_program")

    def __init__(self, program: Program, axis: PlatformAxis) -> None:
        self._program = program
        self._axis = axis

    @property
    def knowledge(self) -> Knowledge:
        """What is known of general kernel functions."""
        return self._program.knowledge

    def find(self, name: str, file: str | None) -> Sequence[FunctionRef]:
        """All definitions called ``name``, on every platform."""
        axis = self._axis
        return [narrowed(ref, axis.spread(ref.mask)) for ref in self._program.find(name, file)]

    def edges_of(self, ref: FunctionRef) -> Sequence[OutEdge]:
        """The edges leaving ``ref``, each on the platforms where it is taken."""
        axis = self._axis
        plain = axis.widening.merged(ref.mask)
        result: list[OutEdge] = []
        for edge in self._program.edges_of(narrowed(ref, plain)):
            mask = axis.spread(edge.mask) & ref.mask
            if edge.platforms:
                mask &= axis.on(edge.platforms)
            if not mask:
                continue
            target = edge.target
            if target is not None:
                target = narrowed(target, axis.spread(target.mask) & mask)
            result.append(replace(edge, mask=mask, target=target))
        return result

    def scope(self) -> str:
        """How far a name given without a file is looked for, in words."""
        return self._program.scope()

    def in_doubt(self, unit: str, condition: Location, text: str, mask: Mask) -> Sequence[Doubt]:
        """The stand-in headers on which a conditional may depend, on every platform."""
        axis = self._axis
        plain = axis.widening.merged(mask)
        return [
            replace(doubt, mask=axis.spread(doubt.mask) & mask)
            for doubt in self._program.in_doubt(unit, condition, text, plain)
        ]

    def names(self) -> Iterable[str]:
        """Names of the functions in scope."""
        return self._program.names()


class OnePlatform:
    """Tells no platforms apart."""

    __slots__ = ("axis", "support")

    def __init__(self, configs: int) -> None:
        self.axis = one_platform(configs)
        self.support: Sequence[tuple[str, Mask]] = ()

    def settle(self, slots: Sequence[str]) -> bool:
        """Nothing more is known of any slot."""
        del slots
        return False
