"""What a series changes as a whole: the changes of its patches, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from analyzer.patch.apply import AppliedPatch, FileChange
from analyzer.patch.lines import LineMap
from analyzer.patch.model import ChangeKind


def whole_change(applied: Sequence[AppliedPatch]) -> tuple[FileChange, ...]:
    """The files that differ between the tree below the first patch and the last one's.

    Sorted by path. Lines lead from the first tree to the last; what one patch adds and a
    later one removes is in neither. A file that comes and goes within the series is left
    out, one that goes and comes back is modified, with none of its lines kept.
    """
    here: dict[str, FileChange] = {}
    gone: dict[str, FileChange] = {}
    for patch in applied:
        before = dict(here)
        taken: set[str] = set()
        for change in patch.files:
            _take(change, before, here, gone, taken)
    return tuple(sorted([*here.values(), *gone.values()], key=lambda change: change.path))


def _take(
    change: FileChange,
    before: dict[str, FileChange],
    here: dict[str, FileChange],
    gone: dict[str, FileChange],
    taken: set[str],
) -> None:
    """One change on top of ``before``, the files as the patch found them.

    ``taken`` are the paths that the patch has put something at.
    """
    old, new = change.old_path, change.new_path
    earlier = None if old is None else before.get(old)
    combined = change if earlier is None else _combined(earlier, change)
    leaves = change.kind in (ChangeKind.DELETED, ChangeKind.RENAMED)
    if old is not None and leaves and old not in taken:
        here.pop(old, None)
    if new is None:
        if combined.old_path is not None:
            gone[combined.old_path] = replace(combined, kind=ChangeKind.DELETED)
        return
    back = gone.pop(new, None)
    if back is not None and combined.old_path is None:
        lines = LineMap.replaced(back.lines.old_lines, combined.lines.new_lines)
        combined = replace(combined, old_path=new, kind=ChangeKind.MODIFIED, lines=lines)
    taken.add(new)
    here[new] = combined


def _combined(earlier: FileChange, change: FileChange) -> FileChange:
    """``earlier`` and then ``change`` of the same file."""
    kind = change.kind
    if earlier.old_path is None:
        kind = ChangeKind.ADDED
    elif change.kind is ChangeKind.COPIED or earlier.kind is ChangeKind.COPIED:
        kind = ChangeKind.COPIED
    elif earlier.old_path != change.new_path:
        kind = ChangeKind.RENAMED
    elif ChangeKind.MODE in (earlier.kind, change.kind) and earlier.kind is change.kind:
        kind = ChangeKind.MODE
    else:
        kind = ChangeKind.MODIFIED
    return FileChange(
        earlier.old_path,
        change.new_path,
        kind,
        earlier.skipped or change.skipped,
        earlier.lines.then(change.lines),
        change.location,
    )
