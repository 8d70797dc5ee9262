"""Reads a changelog: the call trees and chains that it draws, the names that it mentions.

What is no changelog is left out: everything from the line ``---`` or a diff on, quoted mail,
trailers (``Signed-off-by:``), and lines of stack traces.
"""

from __future__ import annotations

import re

from analyzer.impact.claims.drawing import Changelog, Drawing, Mention
from analyzer.impact.claims.prose import Prose, introduction
from analyzer.impact.claims.shapes import MAX_LINE, Blank, Foreign, Shape, shape_of
from analyzer.impact.claims.trees import MAX_CALLS, MAX_DEPTH, runs

MAX_TEXT = 1 << 18
"""Characters of a message that are read."""

MAX_DRAWINGS = 32
"""Most drawings of a message."""

MAX_MENTIONS = 500
"""Most names that a message mentions."""

_END = re.compile(r"---\s*|diff -.*|Index: .*")
_TITLE = re.compile(r"Subject:", re.IGNORECASE)
"""A title's arrow says what becomes what."""
_TRAILER = re.compile(
    r"(?:[A-Z][\w-]*-by|Link|Fixes|Cc|CC|Closes|Bug|BugLink|Bugzilla|References|"
    r"Message-Id|Message-ID|Reported-and-tested-by|Change-Id|Commit|Upstream-commit|Origin)"
    r"\s*:\s.*"
)
_TRACED = re.compile(r"\+0x[0-9a-fA-F]+|\[\s*\d+\.\d{3,}\]|\[<[0-9a-fA-F]+>\]")
_MEASURED = re.compile(r"\d%")


def read_changelog(text: str) -> Changelog:
    """What ``text``, a patch's message, draws and mentions; never raises.

    Line numbers count from its first line.
    """
    remarks: list[str] = []
    if len(text) > MAX_TEXT:
        text = text[:MAX_TEXT]
        remarks.append(f"of the message, the first {MAX_TEXT} characters are read")
    lines = _message(text)
    shapes = [_shape(line, number) for number, line in enumerate(lines, 1)]
    drawings: list[Drawing] = []
    for run in runs(shapes, lines):
        told = introduction(lines, run.first)
        row = run.first == run.last
        drawings += [Drawing(tree, told.premise, told.before, row) for tree in run.trees]
        if run.cut:
            remarks.append(
                f"the call tree at line {run.first + 1} is read up to {MAX_CALLS} names, "
                f"{MAX_DEPTH} deep"
            )
        for number in range(run.first, run.last + 1):
            lines[number] = _symbols_only(lines[number])
    prose = Prose([line if _is_said(line) else "" for line in lines])
    titles = {number for number, line in enumerate(lines, 1) if _TITLE.match(line)} | {1}
    drawings += (each for each in prose.chains() if each.calls[0].line not in titles)
    drawings.sort(key=lambda drawing: drawing.calls[0].line)
    if len(drawings) > MAX_DRAWINGS:
        del drawings[MAX_DRAWINGS:]
        remarks.append(f"of the call trees, the first {MAX_DRAWINGS} are read")
    drawn = {call.name for drawing in drawings for call in drawing.calls}
    mentions: list[Mention] = [each for each in prose.mentions() if each.name not in drawn]
    if len(mentions) > MAX_MENTIONS:
        del mentions[MAX_MENTIONS:]
        remarks.append(f"of the names mentioned, the first {MAX_MENTIONS} are read")
    return Changelog(tuple(drawings), tuple(mentions), tuple(remarks))


def _message(text: str) -> list[str]:
    """The lines of a message up to the patch."""
    lines = text.replace("\r\n", "\n").split("\n")
    for number, line in enumerate(lines):
        after = lines[number + 1] if number + 1 < len(lines) else ""
        if _END.fullmatch(line) or (line.startswith("--- ") and after.startswith("+++ ")):
            return lines[:number]
    return lines


def _shape(line: str, number: int) -> Shape:
    if not line.strip():
        return Blank()
    if _TRACED.search(line) or _MEASURED.search(line):
        return Foreign(MAX_LINE)
    return shape_of(line, number) if _is_said(line) else Foreign(0)


def _is_said(line: str) -> bool:
    """Whether a line is the author's own words."""
    return not (line.startswith(">") or _TRAILER.fullmatch(line) or _TRACED.search(line))


def _symbols_only(line: str) -> str:
    """Of a line of a tree, what may be mentioned besides its names."""
    return " ".join(re.findall(r"\bCONFIG_\w+", line))
