"""``kimpact doctor`` for people: one line a finding, what is missing marked."""

from __future__ import annotations

from typing import TextIO

from rich.text import Text

from analyzer.doctor.result import DoctorResult, Finding, Health, areas
from analyzer.report.console import ascii_stream, console_for
from analyzer.report.visible import one_line

_MARKS = {Health.GOOD: " ", Health.ABSENT: "-", Health.BROKEN: "!"}
_STYLES = {Health.GOOD: "", Health.ABSENT: "dim", Health.BROKEN: "bold red"}
_NAMES = 16
"""Columns of the names, at least."""


def print_doctor(result: DoctorResult, stream: TextIO, *, ascii_only: bool = False) -> None:
    """Write all findings, and at the end whether something needed is missing."""
    if ascii_only:
        with ascii_stream(stream) as plain:
            print_doctor(result, plain)
        return
    console = console_for(stream)
    width = max(_NAMES, *(len(one.name) for one in result.findings))
    for area, findings in areas(result.findings).items():
        console.print(Text(area, style="bold"))
        for one in findings:
            for line in _lines(one, width):
                console.print(line, soft_wrap=True)
    broken = sum(one.health is Health.BROKEN for one in result.findings)
    end = "all that is needed is there" if not broken else f"{broken} to mend, marked with '!'"
    console.print(Text(f"\n{end}"))


def _lines(one: Finding, width: int) -> list[Text]:
    style = _STYLES[one.health]
    name = one_line(one.name).ljust(width)
    lines = [Text(f"{_MARKS[one.health]} {name}  {one_line(one.found)}", style=style)]
    if one.advice:
        lines.append(Text(f"  {' ' * width}  {one_line(one.advice)}", style="dim"))
    return lines
