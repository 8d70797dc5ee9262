"""The hunks of one file onto its contents, with remarks on what had to be stretched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput
from analyzer.location import Location
from analyzer.patch.lines import Block, LineMap
from analyzer.patch.locate import HunkPlacer, TooMuchWork
from analyzer.patch.model import FilePatch, Hunk, HunkLine, LineKind
from analyzer.patch.paths import shown
from analyzer.patch.text import lines_of


@dataclass(frozen=True, slots=True)
class Outcome:
    """The new contents of a file, and how its lines correspond to the old ones."""

    data: bytes
    lines: LineMap


def apply_hunks(change: FilePatch, path: str, old: bytes, remarks: Diagnostics) -> Outcome:
    """``change`` applied to ``old``, the contents of ``path``.

    A patch that was given CR LF on its way is tried without CR first, then with. Raises
    :class:`BadInput` for a hunk that does not apply, with both places.
    """
    said = Diagnostics()
    try:
        outcome = _apply(change.hunks, path, old, said)
    except BadInput:
        if not change.carriage_returns:
            raise
        said = Diagnostics()
        hunks = tuple([_with_returns(hunk) for hunk in change.hunks])
        outcome = _apply(hunks, path, old, said)
    else:
        if change.carriage_returns:
            text = f"the lines of the patch for {shown(path)} end in CR LF: CR is taken off"
            said.note("patch-crlf", text, change.location)
    for remark in said:
        remarks.add(remark)
    return outcome


def _apply(hunks: Sequence[Hunk], path: str, old: bytes, remarks: Diagnostics) -> Outcome:
    lines = lines_of(old)
    placer = HunkPlacer(lines)
    result: list[bytes] = []
    blocks: list[Block] = []
    done = 0
    for number, hunk in enumerate(hunks, start=1):
        try:
            place = placer.place(hunk, done)
        except TooMuchWork:
            message = f"hunk {number} nearly fits at too many places of {shown(path, 200)}"
            raise BadInput(message, hunk.location.file, hunk.location.line) from None
        if place is None:
            raise _does_not_apply(hunk, number, path, lines, placer.expected(hunk))
        _remark(hunk, number, path, place.line, place.offset, place.fuzz, remarks)
        at = place.line - 1
        for line in hunk.lines:
            if line.kind is LineKind.CONTEXT:
                at += 1
                continue
            result += lines[done:at]
            done = at
            removed, added = (1, 0) if line.kind is LineKind.REMOVED else (0, 1)
            _note(blocks, Block(at + 1, removed, len(result) + 1, added))
            if removed:
                at += 1
                done = at
            else:
                result.append(line.text)
    result += lines[done:]
    whole = LineMap(tuple(blocks), len(lines), len(result))
    return Outcome(_joined(result), whole)


def _note(blocks: list[Block], block: Block) -> None:
    """Put ``block`` at the end, as part of the last one if they touch."""
    if blocks:
        last = blocks[-1]
        if (
            last.old_start + last.old_count == block.old_start
            and last.new_start + last.new_count == block.new_start
        ):
            blocks[-1] = replace(
                last,
                old_count=last.old_count + block.old_count,
                new_count=last.new_count + block.new_count,
            )
            return
    blocks.append(block)


def _joined(lines: list[bytes]) -> bytes:
    """Lines as contents; only the last may be without its newline (GNU patch does the same)."""
    return b"".join(
        line if line.endswith(b"\n") or number == len(lines) else line + b"\n"
        for number, line in enumerate(lines, start=1)
    )


def _with_returns(hunk: Hunk) -> Hunk:
    lines = [
        HunkLine(line.kind, line.text[:-1] + b"\r\n") if line.text.endswith(b"\n") else line
        for line in hunk.lines
    ]
    return replace(hunk, lines=tuple(lines))


def _remark(
    hunk: Hunk, number: int, path: str, line: int, offset: int, fuzz: int, remarks: Diagnostics
) -> None:
    called = f"hunk {number} ({hunk.location})"
    if offset:
        way = "further down" if offset > 0 else "further up"
        text = f"{called} applies {counted(abs(offset), 'line')} {way}, at line {line}"
        remarks.note("patch-offset", text, Location(path, line))
    if fuzz:
        text = f"{called} applies only without {counted(fuzz, 'line')} of its context"
        remarks.warning("patch-fuzz", text, Location(path, line))


def _does_not_apply(
    hunk: Hunk, number: int, path: str, lines: Sequence[bytes], line: int
) -> BadInput:
    where = f"hunk {number} does not apply to {shown(path, 200)}:{line}"
    reason = _first_difference(hunk, lines, line)
    if reason is None:
        reason = "it overlaps with the hunk before"
    return BadInput(f"{where}: {reason}", hunk.location.file, hunk.location.line)


def _first_difference(hunk: Hunk, lines: Sequence[bytes], line: int) -> str | None:
    """Where the file is not what the hunk expects."""
    wanted = [each.text for each in hunk.lines if each.kind is not LineKind.ADDED]
    for number, text in enumerate(wanted, start=line):
        if number > len(lines):
            return f"the file has only {counted(len(lines), 'line')}"
        found = lines[number - 1]
        if found == text:
            continue
        if found.rstrip(b"\r\n") == text.rstrip(b"\r\n"):
            return f"line {number} ends otherwise than the patch expects (CR LF, or no newline)"
        return f'line {number} is "{_quoted(found)}", not "{_quoted(text)}"'
    return None


def _quoted(line: bytes) -> str:
    return shown(line.strip(), 50)


def counted(number: int, word: str) -> str:
    """``1 line``, ``2 lines``."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
