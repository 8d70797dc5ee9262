"""Unified diffs into facts.

unidiff reads ``---``, ``+++`` and hunks, by the counts in their headers. What git adds
around them is ours (``header.py``), and is hidden from the library, which would guess at
names with spaces. Bytes go through it as Latin-1, so that every byte survives.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from unidiff.constants import (
    LINE_TYPE_ADDED,
    LINE_TYPE_CONTEXT,
    LINE_TYPE_NO_NEWLINE,
    LINE_TYPE_REMOVED,
)
from unidiff.errors import UnidiffParseError
from unidiff.patch import Hunk as ReadHunk
from unidiff.patch import PatchedFile, PatchSet

from analyzer.errors import BadInput
from analyzer.location import Location
from analyzer.patch.header import DIFF_GIT, GitHeader, read_header
from analyzer.patch.model import ChangeKind, FilePatch, Hunk, HunkLine, LineKind
from analyzer.patch.paths import DEV_NULL, shown, strip_level, tree_path, unquoted
from analyzer.patch.text import BINARY, PatchText, begins_diff, diff_start, is_binary_line

MAX_FILES = 20_000
"""Changed files in one patch; more are refused."""

_EPOCH = ("1970-01-01", "1969-12-31", "Thu Jan  1 00:00:00 1970", "Thu Jan 01 00:00:00 1970")
"""How ``diff -N`` dates the side on which there is no file, with time zones around UTC."""
_KINDS = {
    LINE_TYPE_CONTEXT: LineKind.CONTEXT,
    LINE_TYPE_ADDED: LineKind.ADDED,
    LINE_TYPE_REMOVED: LineKind.REMOVED,
}
_OLD = (LineKind.CONTEXT, LineKind.REMOVED)
_NEW = (LineKind.CONTEXT, LineKind.ADDED)


def read_diff(text: PatchText, strip: int | None = None) -> tuple[FilePatch, ...]:
    """The changed files in ``text``, in its order; what is no diff in it is passed over.

    ``strip`` is how many leading components of names are a prefix, as in ``patch -p1``; None
    finds out from the names. Empty if there is no diff. Raises :class:`BadInput`, with the
    line, for a diff that is broken or cut off, names that lead out of the tree, and more
    than :data:`MAX_FILES` files.
    """
    start = diff_start(text.lines)
    marks = [
        index
        for index in range(start, len(text.lines))
        if text.lines[index].startswith(DIFF_GIT) and begins_diff(text.lines, index)
    ]
    cuts = sorted({start, *marks, len(text.lines)})
    if len(cuts) - 1 > MAX_FILES:
        where = text.at(cuts[MAX_FILES])
        raise BadInput(f"the patch has more than {MAX_FILES:,} files", where.file, where.line)
    files: list[FilePatch] = []
    for begin, end in pairwise(cuts):
        files += _section(text.part(begin, end), strip)
        if len(files) > MAX_FILES:
            where = files[-1].location
            raise BadInput(f"the patch has more than {MAX_FILES:,} files", where.file, where.line)
    return tuple(files)


def _section(text: PatchText, strip: int | None) -> list[FilePatch]:
    """The files from one ``diff --git`` to the next, or of a diff without such lines."""
    header = read_header(text) if text.lines[0].startswith(DIFF_GIT) else None
    hidden = 0 if header is None else header.length
    feed = _Feed(text, hidden)
    try:
        found = PatchSet(iter(feed))
    except (UnidiffParseError, ValueError) as error:
        where = text.at(max(0, feed.given - 1))
        said = shown(str(error).partition(":")[0].strip())
        cut = feed.given == len(text.lines) and "shorter" in said
        message = "the patch is cut off within a hunk" if cut else f"broken diff: {said}"
        raise BadInput(message, where.file, where.line) from None
    files: list[FilePatch] = []
    names = _Names(text, strip)
    for each in found:
        # unidiff counts the lines from 1 and gives the one of ``+++``.
        line = (each.diff_line_no or 2) - 2
        mine = header if line == hidden and header is not None else None
        files.append(names.file(each, line, mine))
    if header is not None and not any(each.location == text.at(0) for each in files):
        files.insert(0, _without_hunks(header, text, strip, feed.binary))
    else:
        files += names.binaries(feed.binary)
    return files


class _Feed:
    """The lines for unidiff. It takes lines that are not for it as ``#``."""

    __slots__ = ("_hidden", "_text", "binary", "given")

    def __init__(self, text: PatchText, hidden: int) -> None:
        self._text = text
        self._hidden = hidden
        self.given = 0
        self.binary: list[int] = []
        """Lines that say that a file is binary."""

    def __iter__(self) -> Iterator[str]:
        for index, line in enumerate(self._text.lines):
            self.given = index + 1
            if index < self._hidden:
                yield "#\n"
            elif line.startswith(b"\\ "):
                # What comes after the backslash is in the language of who made the diff.
                yield "\\ No newline at end of file\n"
            elif line.startswith(b"GIT binary patch") or is_binary_line(line):
                self.binary.append(index)
                yield "#\n"
            elif line[:4] in (b"diff", b"Bina", b"new ", b"dele", b"old ", b"inde"):
                yield "#\n"
            else:
                yield line.decode("latin-1")


@dataclass(slots=True)
class _Names:
    """Turns what unidiff found in one section into files, with their names below the tree."""

    text: PatchText
    strip: int | None
    last: int | None = None
    """The level that the names of an earlier file showed."""

    def file(self, found: PatchedFile, line: int, header: GitHeader | None) -> FilePatch:
        """One file with hunks; ``line`` is the index of its ``---``."""
        where = self.text.at(line)
        crlf = found.source_file.endswith("\r") or found.target_file.endswith("\r")
        crlf = crlf or (found.source_timestamp or "").endswith("\r")
        old = _name(found.source_file, where.line, self.text.name)
        new = _name(found.target_file, where.line, self.text.name)
        hunks = tuple(_hunk(each, self.text, crlf) for each in found)
        if not hunks:
            raise BadInput("the patch is cut off: no hunk follows", where.file, where.line)
        if old is None and new is None:
            raise BadInput("neither side of the diff is a file", where.file, where.line)
        if header is None:
            kind = _plain_kind(found, old, new, hunks)
        else:
            kind = ChangeKind.MODIFIED if header.kind is ChangeKind.MODE else header.kind
            if kind is ChangeKind.MODIFIED and None in (old, new):
                kind = ChangeKind.ADDED if old is None else ChangeKind.DELETED
        paths: tuple[str | None, str | None] | None = None
        if header is not None and header.moved is not None:
            paths = header.paths(self.strip, self.text)
        if paths is None:
            level = self._level(old, new, header)
            old_path = None if old is None else tree_path(old, level, where)
            new_path = None if new is None else tree_path(new, level, where)
            paths = self._sides(kind, old_path, new_path, header, where.line)
        modes = (None, None) if header is None else (header.old_mode, header.new_mode)
        place = where if header is None else self.text.at(0)
        return FilePatch(*paths, kind, False, *modes, hunks, crlf, place)

    def binaries(self, lines: list[int]) -> list[FilePatch]:
        """Files of which ``diff`` says only that they differ."""
        found: list[FilePatch] = []
        for line in lines:
            hit = BINARY.match(self.text.lines[line])
            if hit is None:
                continue
            where = self.text.at(line)
            old = _name(hit[1].decode("latin-1"), where.line, self.text.name)
            new = _name(hit[2].decode("latin-1"), where.line, self.text.name)
            level = self._level(old, new)
            kind = ChangeKind.MODIFIED
            if old is None or new is None:
                kind = ChangeKind.ADDED if old is None else ChangeKind.DELETED
            old_path = None if old is None else tree_path(old, level, where)
            new_path = None if new is None else tree_path(new, level, where)
            if kind is ChangeKind.MODIFIED:
                old_path = new_path
            found.append(FilePatch(old_path, new_path, kind, True, None, None, (), False, where))
        return found

    def _level(self, old: str | None, new: str | None, header: GitHeader | None = None) -> int:
        if self.strip is not None:
            return self.strip
        if header is not None and header.old_name is not None:
            return strip_level(header.old_name, header.new_name) or 0
        level = strip_level(old, new)
        if level is None:
            return self.last or 0
        self.last = level
        return level

    def _sides(
        self,
        kind: ChangeKind,
        old: str | None,
        new: str | None,
        header: GitHeader | None,
        line: int,
    ) -> tuple[str | None, str | None]:
        """The paths of a file that keeps its place: one path on the sides where it is.

        Of two different names ``diff`` was called with, the new one counts.
        """
        if header is not None and old and new and old != new:
            message = f"--- and +++ name different files: {shown(old)}, {shown(new)}"
            raise BadInput(message, self.text.name, line)
        path = old if new is None else new
        if kind is ChangeKind.ADDED:
            return None, path
        return path, None if kind is ChangeKind.DELETED else path


def _without_hunks(
    header: GitHeader, text: PatchText, strip: int | None, binary: list[int]
) -> FilePatch:
    """A file that is all header: a rename, an empty file, other permissions, a binary file."""
    where = text.at(0)
    paths = header.paths(strip, text)
    if paths is None:
        message = f"cannot tell the names apart: {shown(text.lines[0].strip())}"
        raise BadInput(message, where.file, where.line)
    old, new = paths
    if header.moved is None and old != new:
        message = f"a change of names without a rename: {shown(old)}, {shown(new)}"
        raise BadInput(message, where.file, where.line)
    if header.kind is ChangeKind.MODIFIED and not binary:
        raise BadInput("the patch is cut off: no hunk follows", where.file, where.line)
    kind = header.kind
    if kind is ChangeKind.MODE and binary:
        kind = ChangeKind.MODIFIED
    return FilePatch(
        None if kind is ChangeKind.ADDED else old,
        None if kind is ChangeKind.DELETED else new,
        *(kind, bool(binary), header.old_mode, header.new_mode, (), False, where),
    )


def _name(written: str, line: int, patch: str) -> str | None:
    """A name after ``---`` or ``+++``; None for ``/dev/null``."""
    raw = written.rstrip("\r").encode("latin-1")
    place = Location(patch, line)
    if not raw.startswith(b'"'):
        raw = raw.rstrip(b" ")
    name = unquoted(raw, place)
    return None if name == DEV_NULL else name


def _plain_kind(
    found: PatchedFile, old: str | None, new: str | None, hunks: tuple[Hunk, ...]
) -> ChangeKind:
    """What a diff without git's header does, as GNU patch decides it (``intuit_diff_type()``)."""
    one = len(hunks) == 1
    dated = (found.source_timestamp or "").startswith(_EPOCH)
    if old is None or (one and dated and hunks[0].old_length == 0):
        return ChangeKind.ADDED
    dated = (found.target_timestamp or "").startswith(_EPOCH)
    if new is None or (one and dated and hunks[0].new_length == 0):
        return ChangeKind.DELETED
    return ChangeKind.MODIFIED


def _hunk(found: ReadHunk, text: PatchText, crlf: bool) -> Hunk:
    lines: list[HunkLine] = []
    first = last = 0
    ended: set[LineKind] = set()
    for each in found:
        number = each.diff_line_no or 0
        if each.line_type == LINE_TYPE_NO_NEWLINE:
            _end_without_newline(lines, ended)
            last = max(last + 1, number)
            continue
        kind = _KINDS.get(each.line_type)
        if kind is None:
            continue
        data = each.value.encode("latin-1")
        if crlf and data.endswith(b"\r\n"):
            data = data[:-2] + b"\n"
        first = first or number
        last = number
        if kind in ended or (kind is LineKind.CONTEXT and ended):
            where = text.at(number - 1)
            message = "broken diff: lines follow after the end of the file"
            raise BadInput(message, where.file, where.line)
        if not data.endswith(b"\n"):
            where = text.at(number - 1)
            message = "the patch is cut off in the middle of a line"
            raise BadInput(message, where.file, where.line)
        lines.append(HunkLine(kind, data))
    _require_end(text, last)
    return Hunk(
        *(found.source_start, found.source_length, found.target_start, found.target_length),
        tuple(lines),
        text.at(max(0, first - 2)),
    )


def _end_without_newline(lines: list[HunkLine], ended: set[LineKind]) -> None:
    if lines:
        line = lines[-1]
        lines[-1] = HunkLine(line.kind, line.text.removesuffix(b"\n"))
        ended.update(_OLD if line.kind is LineKind.REMOVED else ())
        ended.update(_NEW if line.kind is LineKind.ADDED else ())
        ended.update((*_OLD, *_NEW) if line.kind is LineKind.CONTEXT else ())


def _require_end(text: PatchText, index: int) -> None:
    """A line that goes on where the counts of a hunk end was left out of them."""
    if index < len(text.lines):
        line = text.lines[index]
        known = line.startswith((b"--- ", b"+++ ")) or line.rstrip() == b"--"
        if line[:1] in (b"+", b"-") and not known:
            where = text.at(index)
            message = "broken diff: the hunk is longer than its header says"
            raise BadInput(message, where.file, where.line)
