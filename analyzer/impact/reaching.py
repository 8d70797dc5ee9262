"""How to have lines compiled that no configuration of a review compiles.

What is asked for is read off the conditionals around the lines and the makefile lines of their
file. Conditions that are more than a conjunction of CONFIG symbols are not understood.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from analyzer.impact.coverage import conditions_of
from analyzer.impact.result import LineCoverage
from analyzer.impact.side import Side
from analyzer.kconfig.space.space import Space
from analyzer.kconfig.space.verdict import Impossible, Possible

_TERM = re.compile(
    r"(?P<not>!?)\s*(?:defined\s*\(?\s*|IS_ENABLED\s*\(\s*|IS_BUILTIN\s*\(\s*)?"
    r"CONFIG_(?P<name>\w+)\s*\)?"
)
_CONFIG = "CONFIG_"


def with_fragments(
    lines: tuple[LineCoverage, ...], side: Side, space: Callable[[], Space]
) -> Iterator[LineCoverage]:
    """``lines``, those that nothing compiles with the fewest lines of a fragment that lead
    there from the base of ``space``, or why there are none."""
    for one in lines:
        yield one if one.mask else _reached(one, side, space)


def _reached(lines: LineCoverage, side: Side, space: Callable[[], Space]) -> LineCoverage:
    wanted: dict[str, str] = {}
    for text in conditions_of(side, lines):
        terms = _terms(text)
        if terms is None:
            if _CONFIG in text:
                return replace(lines, reason=f"what '{text}' takes is not worked out")
            continue
        for name, value in terms.items():
            if wanted.setdefault(name, value) != value:
                return replace(lines, reason=f"CONFIG_{name} would have to be set and not set")
    if not lines.file.endswith(".h"):
        for name in side.session.unset_for(lines.file):
            wanted.setdefault(name, "y")
    if not wanted:
        return replace(lines, reason="no CONFIG symbol is seen to decide")
    verdict = space().combination(wanted)
    if isinstance(verdict, Possible) and verdict.fragment:
        return replace(lines, fragment=tuple(map(str, verdict.fragment)))
    if isinstance(verdict, Impossible):
        return replace(lines, reason="; ".join(map(str, verdict.reasons)))
    names = ", ".join(f"CONFIG_{name}={value}" for name, value in wanted.items())
    return replace(lines, reason=f"{names} is not enough, or no way to it was found")


def _terms(text: str) -> Mapping[str, str] | None:
    """The values that a conjunction of CONFIG symbols asks for; None if it is something else."""
    found: dict[str, str] = {}
    for part in text.split("&&"):
        term = _TERM.fullmatch(part.strip())
        if term is None:
            return None
        found[term["name"]] = "n" if term["not"] else "y"
    return found
