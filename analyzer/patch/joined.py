"""The files of several patches in a row, as if they were one patch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from analyzer.patch.apply import FileChange
from analyzer.patch.model import ChangeKind


def joined(patches: Iterable[Sequence[FileChange]]) -> tuple[FileChange, ...]:
    """What the patches together make of each file that any of them touches.

    A file is followed through renames; one that is added and deleted again is left out. Files
    are in the order in which they are first touched.
    """
    found: list[FileChange] = []
    current: dict[str, int] = {}
    for files in patches:
        for change in files:
            number = None if change.old_path is None else current.get(change.old_path)
            if number is None or change.kind is ChangeKind.COPIED:
                current[change.path] = len(found)
                found.append(change)
                continue
            found[number] = _together(found[number], change)
            del current[change.old_path or ""]
            current[change.path] = number
    return tuple(one for one in found if one.old_path is not None or one.new_path is not None)


def _together(first: FileChange, second: FileChange) -> FileChange:
    old, new = first.old_path, second.new_path
    kind = ChangeKind.MODIFIED
    if old is None:
        kind = ChangeKind.ADDED
    elif new is None:
        kind = ChangeKind.DELETED
    elif first.kind is ChangeKind.COPIED:
        kind = ChangeKind.COPIED
    elif old != new:
        kind = ChangeKind.RENAMED
    elif first.kind is second.kind is ChangeKind.MODE:
        kind = ChangeKind.MODE
    skipped = first.skipped or second.skipped
    lines = first.lines if skipped else first.lines.then(second.lines)
    return replace(first, new_path=new, kind=kind, skipped=skipped, lines=lines)
