"""The words of the agreement suite: parts, cases, outcomes.

*Total* are the facts of the reference, *agreed* those that kimpact has too, *extra* what only
kimpact has, *differences* the ones on one side only, each with a cause where it is known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kernels.trees import KernelTree


@dataclass(frozen=True, slots=True)
class Difference:
    """A fact that only one side has: where, what, and why (empty where nobody has said)."""

    where: str
    what: str
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a case came to; ``facts`` names what is counted, ``remark`` what was left out."""

    facts: str
    total: int
    agreed: int
    extra: int = 0
    differences: tuple[Difference, ...] = ()
    remark: str = ""

    @property
    def percent(self) -> float:
        """Share of the reference's facts that kimpact has; 100 if there are none."""
        return 100.0 * self.agreed / self.total if self.total else 100.0

    @property
    def extra_percent(self) -> float:
        """What only kimpact has, per fact of the reference."""
        return 100.0 * self.extra / self.total if self.total else float(self.extra and 100)


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things are kept: ``oracle`` for the reference's side, ``scratch`` for one run."""

    oracle: Path
    scratch: Path
    jobs: int


@dataclass(frozen=True, slots=True)
class Case:
    """One comparison of a part; ``kernel`` is None for what needs none."""

    part: str
    name: str
    kernel: KernelTree | None
    run: Callable[[Settings], Outcome]

    @property
    def label(self) -> str:
        """``edges 6.12 defconfig``."""
        return " ".join(filter(None, (self.part, self.version, self.name)))

    @property
    def version(self) -> str:
        """The kernel's version, empty for none."""
        return "" if self.kernel is None else self.kernel.version


@dataclass(frozen=True, slots=True)
class Part:
    """A kind of comparison: its goal is 100 % agreed and at most ``max_extra`` per cent extra."""

    name: str
    about: str
    cases: Callable[[Sequence[KernelTree]], Sequence[Case]]
    max_extra: float = 0.0

    def reached(self, outcome: Outcome) -> bool:
        """Whether the goal is met, but for differences whose cause is known."""
        unexplained = sum(not one.cause for one in outcome.differences)
        return unexplained == 0 and outcome.extra_percent <= self.max_extra
