"""The files of several patches in a row, as if they were one patch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from analyzer.patch.apply import FileChange
from analyzer.patch.lines import LineMap
from analyzer.patch.model import ChangeKind


def joined(patches: Iterable[Sequence[FileChange]]) -> tuple[FileChange, ...]:
    """What the patches together make of each file that any of them touches.

    A file is followed through renames, and lines lead from the first tree to the last: what
    one patch adds and a later one removes is in neither. A file that is added and deleted
    again is left out; one that is deleted and added again is modified, with no line kept.
    Files are in the order in which they are first touched.
    """
    files = _Files()
    for patch in patches:
        files.begin()
        for change in patch:
            files.take(change)
    return files.all()


class _Files:
    """The files so far, each with its number in the order of first touch."""

    __slots__ = ("_before", "_gone", "_here", "_placed", "_touched")

    def __init__(self) -> None:
        self._here: dict[str, tuple[int, FileChange]] = {}
        self._before: dict[str, tuple[int, FileChange]] = {}
        self._gone: dict[str, tuple[int, FileChange]] = {}
        self._placed: set[str] = set()
        self._touched = 0

    def begin(self) -> None:
        """The next patch: all that its files were before is what they are now."""
        self._before = dict(self._here)
        self._placed = set()

    def take(self, change: FileChange) -> None:
        """The next change of a patch. Files of one patch may change places."""
        old, new = change.old_path, change.new_path
        number, combined = self._touched, change
        self._touched += 1
        if old is not None and old in self._before:
            number, earlier = self._before[old]
            combined = _together(earlier, change)
            if change.kind is ChangeKind.COPIED:
                number = self._touched - 1
        leaves = change.kind in (ChangeKind.DELETED, ChangeKind.RENAMED)
        if old is not None and leaves and old not in self._placed:
            self._here.pop(old, None)
        if new is not None:
            back = self._gone.pop(new, None)
            if back is not None and combined.old_path is None:
                number, before = back
                lines = LineMap.replaced(before.lines.old_lines, combined.lines.new_lines)
                combined = replace(combined, old_path=new, kind=ChangeKind.MODIFIED, lines=lines)
            self._placed.add(new)
            self._here[new] = number, combined
        elif combined.old_path is not None:
            self._gone[combined.old_path] = number, combined

    def all(self) -> tuple[FileChange, ...]:
        """The files in their order."""
        found = sorted([*self._here.values(), *self._gone.values()], key=lambda each: each[0])
        return tuple(change for _, change in found)


def _together(first: FileChange, second: FileChange) -> FileChange:
    old, new = first.old_path, second.new_path
    kind = ChangeKind.MODIFIED
    if old is None:
        kind = ChangeKind.ADDED
    elif new is None:
        kind = ChangeKind.DELETED
    elif ChangeKind.COPIED in (first.kind, second.kind):
        kind = ChangeKind.COPIED
    elif old != new:
        kind = ChangeKind.RENAMED
    elif first.kind is second.kind is ChangeKind.MODE:
        kind = ChangeKind.MODE
    skipped = first.skipped or second.skipped
    lines = first.lines if skipped else first.lines.then(second.lines)
    return replace(first, new_path=new, kind=kind, skipped=skipped, lines=lines)
