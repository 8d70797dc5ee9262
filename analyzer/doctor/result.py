"""The answer of ``kimpact doctor``: findings, each with what to do about it."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass


class Health(enum.Enum):
    """What a finding means for the user."""

    GOOD = "good"
    ABSENT = "absent"
    """Not there and not needed, but for what ``advice`` says."""
    BROKEN = "broken"
    """Not there or not usable, and needed: what was asked for will not work."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: its ``name``, what was ``found``, and ``advice`` on what is missing."""

    area: str
    name: str
    health: Health
    found: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class DoctorResult:
    """Everything looked at, area by area."""

    findings: tuple[Finding, ...]

    @property
    def healthy(self) -> bool:
        """Whether nothing that is needed is missing."""
        return all(one.health is not Health.BROKEN for one in self.findings)


def areas(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """Findings by area, both in the order in which they come."""
    found: dict[str, list[Finding]] = {}
    for one in findings:
        found.setdefault(one.area, []).append(one)
    return found
