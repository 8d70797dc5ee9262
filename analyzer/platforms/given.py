"""What a walk is given and what it reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from analyzer.callgraph.analysis import Definition, UnitAnalysis
from analyzer.configset.configset import Mask
from analyzer.kbuild.objects import ObjectFile
from analyzer.location import Location
from analyzer.platforms.values import (
    BootGuard,
)


class Code(Protocol):
    """The program that a walk goes through."""

    def functions(
        self, name: str, unit: str, mask: Mask
    ) -> Iterable[tuple[ObjectFile, UnitAnalysis, Definition, Mask]]:
        """What ``name`` means in a unit, where ``mask``."""

    def is_near(self, name: str, unit: str) -> bool:
        """Whether a unit itself defines ``name``, or one that announces a platform: only such
        functions are looked into to decide a condition, so that an answer does not depend on
        what else was asked."""


@dataclass(slots=True)
class Walkable:
    """What a walk may enter and believe.

    ``functions``, ``objects``: what matters. ``descriptor``: the tag of structures that
    announce platforms; ``detected``: where (wide masks) each of them, by name and unit, is
    the one that was detected. ``nonzero`` and ``zero``: where a platform is known by the
    result of a function, by name and unit.
    """

    functions: frozenset[str]
    objects: frozenset[str]
    descriptor: str | None = None
    detected: Mapping[tuple[str, str], Mask] = field(default_factory=dict)
    nonzero: Mapping[tuple[str, str], Mask] = field(default_factory=dict)
    zero: Mapping[tuple[str, str], Mask] = field(default_factory=dict)


@dataclass(slots=True)
class Report:
    """What a walk came across: guards that stayed, functions entered (by name and file, and
    where), the places of stores that it passed, CPU features asked for, whether it ended."""

    guards: dict[BootGuard, None] = field(default_factory=dict)
    entered: dict[tuple[str, str], Mask] = field(default_factory=dict)
    passed: set[Location] = field(default_factory=set)
    tested: set[int] = field(default_factory=set)
    steps: int = 0
    complete: bool = True
