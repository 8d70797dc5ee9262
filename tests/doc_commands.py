"""The command lines of the documentation, collected from its code blocks.

A command line is what follows ``$ `` in a fenced block, or a line of an indented block that
begins with a program named in :data:`PROGRAMS`. A backslash at the end continues it. In a fenced
block, what follows up to the next one is the output shown, where ``…`` stands for what is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = ("kimpact", "make", "git", "pip", "pipx", ".venv/bin/kimpact", ".venv/bin/python")
ELISION = "…"

_INDENTED = re.compile(rf"    (?:{'|'.join(map(re.escape, PROGRAMS))}) ")


@dataclass(frozen=True, slots=True)
class DocCommand:
    """One command line, its place (``line`` from 1), and the ``output`` shown below it."""

    file: str
    line: int
    text: str
    output: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


def pages() -> list[Path]:
    """README and the documentation, without the pages that are made from the parser."""
    found = sorted((ROOT / "docs").rglob("*.md"))
    return [ROOT / "README.md", *(path for path in found if path.parent.name != "commands")]


def commands() -> list[DocCommand]:
    """All command lines, page by page."""
    return [command for page in pages() for command in _commands(page)]


def _commands(page: Path) -> Iterator[DocCommand]:
    name = str(page.relative_to(ROOT))
    lines = page.read_text("utf-8").split("\n")
    number = 0
    fenced = False
    while number < len(lines):
        line = lines[number]
        if line.startswith("```"):
            fenced = not fenced
        elif fenced and line.startswith("$ "):
            text, end = _joined(lines, number)
            stop = next(
                (n for n in range(end, len(lines)) if lines[n].startswith(("```", "$ "))), end
            )
            yield DocCommand(name, number + 1, text[2:], tuple(lines[end:stop]))
            number = stop
            continue
        elif not fenced and _INDENTED.match(line):
            text, end = _joined(lines, number)
            yield DocCommand(name, number + 1, re.sub(r"\s+# .*", "", text).strip())
            number = end
            continue
        number += 1


def _joined(lines: list[str], number: int) -> tuple[str, int]:
    """A command with its continuation lines, and the number of the line after it."""
    parts = [lines[number]]
    while parts[-1].endswith("\\"):
        number += 1
        parts[-1] = parts[-1][:-1].rstrip()
        parts.append(lines[number].strip())
    return " ".join(parts), number + 1


def agrees(shown: tuple[str, ...], printed: str) -> bool:
    """Whether an output shown, with elisions, is what was printed.

    A line ``…`` leaves out any lines, a line that ends with ``…`` the rest of its own; blank
    lines and blanks at the ends of lines do not count.
    """
    pieces: list[str] = []
    for line in (text.rstrip() for text in shown if text.strip()):
        if line.strip() == ELISION:
            pieces.append(r"(?:.*\n)*?")
        elif line.endswith(ELISION):
            pieces.append(re.escape(line.removesuffix(ELISION).rstrip()) + r".*\n")
        else:
            pieces.append(re.escape(line) + r"\n")
    text = "".join(f"{line.rstrip()}\n" for line in printed.split("\n") if line.strip())
    return re.fullmatch("".join(pieces) + r"(?:(?:warning|note|error): .*\n)*", text) is not None
