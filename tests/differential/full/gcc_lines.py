"""The active lines of every file that GCC reads for a unit.

``gcc -E -fdirectives-only`` copies what the conditionals leave, macros unexpanded, with line
markers, and prints the ``#define`` and ``#undef`` lines that are executed. A line of text is
active as often as it is printed: a header without a guard is read several times. Comments and
lines that hold nothing else than a continuation are not counted. Of the ``#define`` lines those
count whose macro is still defined at the end of the unit, each by the place of its definition.
"""

from __future__ import annotations

import concurrent.futures
import functools
import os
import re
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from edges_build import Build
from edges_dumps import object_of

LINES_FORMAT = "lines-2"

_MARKER = re.compile(r'[ \t]*# (\d+) "((?:\\.|[^"\\])*)"[ \d]*\Z')
_COMMENT = re.compile(
    r"/\*.*?\*/|//[^\n\\]*(?:\\.[^\n\\]*)*"
    r"|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'",
    re.DOTALL,
)
_DIRECTIVE = re.compile(r"[ \t]*#(define|undef) ([A-Za-z_$][\w$]*)")
_PRAGMA = re.compile(r"\s*#\s*(pragma|ident)\b")
_NOT_FOR_THIS = re.compile(r"-Wp,-MM?D,.*|-c|-pg\Z")


@dataclass(frozen=True, slots=True)
class Lines:
    """Line numbers (from 1) with how often each is active, written ``3-7 9x2``."""

    counts: Mapping[int, int]

    @staticmethod
    def parse(text: str) -> Lines:
        """The lines that ``text`` stands for."""
        counts: dict[int, int] = {}
        for part in text.split():
            span, _, times = part.partition("x")
            first, _, last = span.partition("-")
            for line in range(int(first), int(last or first) + 1):
                counts[line] = int(times or 1)
        return Lines(counts)

    def __str__(self) -> str:
        runs = groupby(
            enumerate(sorted(self.counts)), lambda item: (item[1] - item[0], self.counts[item[1]])
        )
        parts: list[str] = []
        for (_, times), run in runs:
            lines = [line for _, line in run]
            span = str(lines[0]) if len(lines) == 1 else f"{lines[0]}-{lines[-1]}"
            parts.append(span if times == 1 else f"{span}x{times}")
        return " ".join(parts)


def without_comments(text: str) -> str:
    """``text`` with comments blanked, lines kept; what stands in literals is no comment."""
    return _COMMENT.sub(
        lambda hit: hit[0] if hit[0][0] in "\"'" else " " + "\n" * hit[0].count("\n"), text
    )


def meaningful(line: str) -> bool:
    """Whether a line holds anything but blanks and a continuation."""
    return line.strip(" \t\f\v\\\n") != ""


@dataclass(frozen=True, slots=True)
class Active:
    """Of one unit, by file: the active lines of text, and those that define its macros."""

    text: Mapping[str, Lines]
    macros: Mapping[str, Lines]


def active_lines(output: str, root: str) -> Active:
    """What is active in the files below ``root``, relative to it, by what GCC printed."""
    text: dict[str, Counter[int]] = {}
    macros: dict[str, tuple[str, int]] = {}
    for file, first, stretch in _stretches(output):
        path = _relative(file, root)
        lines, directives = _read_stretch(stretch)
        for keyword, name, offset in directives:
            if keyword == "undef":
                macros.pop(name, None)
            else:
                macros[name] = (path or "", first + offset)
        if path is not None:
            text.setdefault(path, Counter()).update(first + offset for offset in lines)
    defined: dict[str, Counter[int]] = {}
    for path, number in macros.values():
        defined.setdefault(path, Counter())[number] += 1
    defined.pop("", None)
    return Active(_lines(text), _lines(defined))


@functools.lru_cache(maxsize=1 << 15)  # units have most of their headers in common
def _read_stretch(stretch: str) -> tuple[tuple[int, ...], tuple[tuple[str, str, int], ...]]:
    """The offsets of the lines of text, and the directives with their names and offsets."""
    lines: list[int] = []
    directives: list[tuple[str, str, int]] = []
    for offset, line in enumerate(without_comments(stretch).split("\n")):
        directive = _DIRECTIVE.match(line)
        if directive is not None:
            directives.append((directive[1], directive[2], offset))
        elif meaningful(line) and not _PRAGMA.match(line):
            lines.append(offset)
    return tuple(lines), tuple(directives)


def _lines(found: Mapping[str, Counter[int]]) -> dict[str, Lines]:
    lines = {file: Lines(dict(counts)) for file, counts in found.items()}
    return {file: one for file, one in lines.items() if one.counts}


def _stretches(output: str) -> Iterator[tuple[str, int, str]]:
    """The texts between line markers, each with its file and the number of its first line."""
    file, first = "", 1
    lines: list[str] = []
    for line in output.split("\n"):
        marker = _MARKER.match(line) if "# " in line else None
        if marker is None:
            lines.append(line)
            continue
        yield file, first, "\n".join(lines)
        file, first, lines = marker[2], int(marker[1]), []
    yield file, first, "\n".join(lines)


def _relative(file: str, root: str) -> str | None:
    if not file.startswith(root + "/"):
        return None
    return os.path.normpath(file[len(root) + 1 :])


def preprocess(arguments: Sequence[str], folder: Path) -> str:
    """What the compiler prints for the arguments of a compilation in ``folder``."""
    kept: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "-o":
            next(words)
        elif not _NOT_FOR_THIS.match(word):
            kept.append(word)
    done = subprocess.run(
        ["gcc", *kept, "-E", "-fdirectives-only"],
        cwd=folder,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        check=False,
        env={**os.environ, "LC_ALL": "C"},
    )
    if done.returncode != 0:
        raise ValueError(done.stderr.decode("utf-8", "replace")[-1000:])
    return done.stdout.decode("latin-1")


def _active_in(task: tuple[Path, Path, str]) -> tuple[str, Active]:
    dumps, objects, root = task
    arguments = (dumps / "argv").read_text(errors="replace").split("\0")[:-1]
    return object_of(dumps), active_lines(preprocess(arguments, objects), root)


def lines_of_units(build: Build, dumps: Sequence[Path], jobs: int) -> dict[str, Any]:
    """What is active in all units; each file and each distinct row of lines stands there once."""
    files: dict[str, int] = {}
    rows: dict[str, int] = {}
    units: dict[str, list[list[tuple[int, int]]]] = {}
    tasks = [(one, build.objects, str(build.tree)) for one in dumps]
    with concurrent.futures.ProcessPoolExecutor(jobs) as pool:
        for unit, active in pool.map(_active_in, tasks):
            units[unit] = [
                [
                    (files.setdefault(file, len(files)), rows.setdefault(str(row), len(rows)))
                    for file, row in sorted(side.items())
                ]
                for side in (active.text, active.macros)
            ]
    return {"files": list(files), "rows": list(rows), "units": units}


def read_lines(content: Mapping[str, Any]) -> dict[str, Active]:
    """What :func:`lines_of_units` gave, by object."""
    files: list[str] = content["files"]
    rows = [Lines.parse(row) for row in content["rows"]]
    return {
        unit: Active(*({files[file]: rows[row] for file, row in side} for side in sides))
        for unit, sides in content["units"].items()
    }
