"""Diagnostics for people: by weight, many of one kind cut short with their number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TextIO

from rich.text import Text

from analyzer.diagnostics import Diagnostic, Severity
from analyzer.paths.remarks import ABSENT_CODE
from analyzer.report.console import console_for
from analyzer.report.visible import one_line, visible

MAX_PER_CODE = 3
"""Diagnostics of one code that are shown in full."""

BACKGROUND = "kbuild-"
"""Codes with this prefix are about how makefiles were read; they are counted in one line,
for a kernel's makefiles give the same dozen in every run."""

_STYLE = {Severity.NOTE: "dim", Severity.WARNING: "yellow", Severity.ERROR: "red"}


def remark_lines(diagnostics: Iterable[Diagnostic]) -> Iterator[Text]:
    """One line each, errors first; what a tree says at its nodes is left out."""
    by_kind: dict[tuple[Severity, str], list[Diagnostic]] = {}
    background: dict[str, int] = {}
    for diagnostic in diagnostics:
        if diagnostic.code.startswith(BACKGROUND) and diagnostic.severity is not Severity.ERROR:
            background[diagnostic.code] = background.get(diagnostic.code, 0) + 1
        elif diagnostic.code != ABSENT_CODE:
            by_kind.setdefault((diagnostic.severity, diagnostic.code), []).append(diagnostic)
    for weight in reversed(Severity):
        for (severity, code), found in by_kind.items():
            if severity is weight:
                yield from _lines(severity, code, found)
    if background:
        counted = ", ".join(f"{number} {code}" for code, number in background.items())
        yield Text(f"note: remarks on makefiles: {counted} (--format json lists them)", "dim")


def print_remarks(diagnostics: Iterable[Diagnostic], stream: TextIO) -> None:
    """Write the lines to ``stream``."""
    console = console_for(stream)
    for line in remark_lines(diagnostics):
        console.print(line)


def _lines(severity: Severity, code: str, found: list[Diagnostic]) -> Iterator[Text]:
    for each in found[:MAX_PER_CODE]:
        text = Text(f"{severity.value}: ", _STYLE[severity])
        if each.location is not None:
            text.append(f"{visible(str(each.location))}: ", "not dim blue")
        yield text.append(one_line(each.message), "not dim").append(f" [{code}]", "dim")
    more = len(found) - MAX_PER_CODE
    if more > 0:
        yield Text(f"{severity.value}: {more} more [{code}] (--format json lists them)", "dim")
