"""What a patch says: hunks, changed files, message; and the series that patches make up.

Nothing here depends on a tree. Paths are relative to a tree, checked and without prefix.
Line contents are bytes, as in the files that they belong to.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from analyzer.location import Location


class ChangeKind(enum.Enum):
    """What becomes of a file. ``MODE``: nothing but its permissions change."""

    MODIFIED = "modified"
    ADDED = "added"
    DELETED = "deleted"
    RENAMED = "renamed"
    COPIED = "copied"
    MODE = "mode"


class LineKind(enum.Enum):
    """The first character of a hunk's line."""

    CONTEXT = " "
    ADDED = "+"
    REMOVED = "-"


@dataclass(frozen=True, slots=True)
class HunkLine:
    """One line; ``text`` includes its newline unless the file ends without one."""

    kind: LineKind
    text: bytes


@dataclass(frozen=True, slots=True)
class Hunk:
    """One hunk: ``@@ -old_start,old_length +new_start,new_length @@``.

    ``location`` is its header in the patch.
    """

    old_start: int
    old_length: int
    new_start: int
    new_length: int
    lines: tuple[HunkLine, ...]
    location: Location


@dataclass(frozen=True, slots=True)
class FilePatch:
    """What a patch does to one file.

    ``old_path`` is None for an added file, ``new_path`` for a deleted one; else both are
    there, and differ for renames and copies. ``binary``: the contents are given in a binary
    form, or not at all, and ``hunks`` is empty. Modes are git's (``100755``, ``120000`` for
    a symlink), None where the patch does not say. ``carriage_returns``: the patch's own
    header lines end in CR LF, and CR was taken off the hunks.
    """

    old_path: str | None
    new_path: str | None
    kind: ChangeKind
    binary: bool
    old_mode: str | None
    new_mode: str | None
    hunks: tuple[Hunk, ...]
    carriage_returns: bool
    location: Location

    @property
    def path(self) -> str:
        """The path after the patch; of a deleted file the one it had."""
        return self.new_path or self.old_path or ""


@dataclass(frozen=True, slots=True)
class Message:
    """The text for people: of a commit, or a cover letter.

    ``subject`` is without ``[PATCH v2 3/7]``; ``author`` is ``Name <address>``; both are
    empty if not given. ``lines`` are those of the body as written, up to ``---`` or the
    diff, and ``location`` is the first of them in the patch.
    """

    subject: str
    author: str
    lines: tuple[str, ...]
    location: Location


@dataclass(frozen=True, slots=True)
class Numbering:
    """``[PATCH v2 3/7]``; ``version`` is 1 where none is given."""

    version: int
    number: int
    total: int


@dataclass(frozen=True, slots=True)
class Patch:
    """One patch of a series. ``name`` is the file it was read from, for people."""

    name: str
    message: Message
    numbering: Numbering | None
    files: tuple[FilePatch, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """Patches in the order in which they apply, and the cover letter if there was one.

    ``digest`` identifies the bytes that they were read from.
    """

    patches: tuple[Patch, ...]
    cover: Message | None
    digest: str
