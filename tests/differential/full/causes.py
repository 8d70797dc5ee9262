"""Why a difference is there, where somebody has looked: ``causes.toml``.

An entry names a part, a regular expression that the place and the difference (``WHERE: WHAT``)
must contain, and the cause; with ``case`` it holds for cases whose name contains that only. A
difference without a cause is a finding.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from full.model import Outcome

FILE = Path(__file__).with_name("causes.toml")


@dataclass(frozen=True, slots=True)
class Cause:
    """One entry of the file."""

    part: str
    pattern: re.Pattern[str]
    text: str
    case: str = ""


def read_causes(file: Path = FILE) -> tuple[Cause, ...]:
    """The entries of ``file``; raises ``KeyError`` or ``re.error`` for one that is none."""
    content = tomllib.loads(file.read_text(encoding="utf-8"))
    return tuple(
        Cause(one["part"], re.compile(one["pattern"]), one["cause"], one.get("case", ""))
        for one in content.get("difference", ())
    )


def explained(outcome: Outcome, part: str, name: str, causes: Sequence[Cause]) -> Outcome:
    """``outcome`` with the cause of every difference that the entries for case ``name`` of
    ``part`` know."""
    mine = [cause for cause in causes if cause.part == part and cause.case in name]

    def why(text: str) -> str:
        return next((cause.text for cause in mine if cause.pattern.search(text)), "")

    differences = tuple(
        replace(one, cause=one.cause or why(f"{one.where}: {one.what}"))
        for one in outcome.differences
    )
    return replace(outcome, differences=differences)
