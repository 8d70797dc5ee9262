"""git's header of a file in a diff: ``diff --git`` and the lines below it.

The lines and their meaning are in git's documentation, "Generating patch text with -p".
"""

from __future__ import annotations

from dataclasses import dataclass

from analyzer.patch.model import ChangeKind
from analyzer.patch.paths import git_names, strip_level, tree_path, unquoted
from analyzer.patch.text import PatchText

DIFF_GIT = b"diff --git "


@dataclass(frozen=True, slots=True)
class GitHeader:
    """What the header says; ``length`` is how many lines it has.

    ``old_name`` and ``new_name`` are as written after ``diff --git``, None if they cannot be
    told apart; ``moved`` are the two names of a rename or copy, which have no prefix.
    """

    old_name: str | None
    new_name: str | None
    moved: tuple[str, str] | None
    kind: ChangeKind
    old_mode: str | None
    new_mode: str | None
    length: int

    def paths(self, strip: int | None, text: PatchText) -> tuple[str, str] | None:
        """The two names below the tree, or None if only ``---`` and ``+++`` can say."""
        where = text.at(0)
        level = strip
        if level is None and self.old_name is not None:
            level = strip_level(self.old_name, self.new_name)
        if self.moved is not None:
            fewer = max(0, (strip or 1) - 1)
            return tree_path(self.moved[0], fewer, where), tree_path(self.moved[1], fewer, where)
        if self.old_name is None or self.new_name is None:
            return None
        return (
            tree_path(self.old_name, level or 0, where),
            tree_path(self.new_name, level or 0, where),
        )


def read_header(text: PatchText) -> GitHeader:
    """The header at the beginning of ``text``; raises :class:`BadInput` for broken names."""
    names = git_names(text.lines[0].rstrip(b"\r\n")[len(DIFF_GIT) :], text.at(0))
    fields: dict[bytes, bytes] = {}
    length = 1
    for line in text.lines[1:]:
        found = _field(line.rstrip(b"\r\n"))
        if found is None:
            break
        fields.setdefault(*found)
        length += 1
    kind, moved = _kind(fields, text)
    old_mode = fields.get(b"old mode") or fields.get(b"deleted file mode")
    new_mode = fields.get(b"new mode") or fields.get(b"new file mode")
    index = fields.get(b"index", b"").split(b" ")
    if len(index) == 2:
        old_mode = old_mode or index[1]
        new_mode = new_mode or index[1]
    old, new = names if names is not None else (None, None)
    return GitHeader(old, new, moved, kind, _mode(old_mode), _mode(new_mode), length)


_FIELDS = (
    *(b"old mode", b"new mode", b"deleted file mode", b"new file mode"),
    *(b"copy from", b"copy to", b"rename from", b"rename to", b"rename old", b"rename new"),
    *(b"similarity index", b"dissimilarity index", b"index"),
)


def _field(line: bytes) -> tuple[bytes, bytes] | None:
    for name in _FIELDS:
        if line.startswith(name + b" "):
            return name, line[len(name) + 1 :]
    return None


def _kind(fields: dict[bytes, bytes], text: PatchText) -> tuple[ChangeKind, tuple[str, str] | None]:
    for word, kind in ((b"rename", ChangeKind.RENAMED), (b"copy", ChangeKind.COPIED)):
        old = fields.get(word + b" from") or fields.get(word + b" old")
        new = fields.get(word + b" to") or fields.get(word + b" new")
        if old and new:
            return kind, (unquoted(old, text.at(0)), unquoted(new, text.at(0)))
    if b"new file mode" in fields:
        return ChangeKind.ADDED, None
    if b"deleted file mode" in fields:
        return ChangeKind.DELETED, None
    return (ChangeKind.MODE if b"new mode" in fields else ChangeKind.MODIFIED), None


def _mode(raw: bytes | None) -> str | None:
    return raw.decode("ascii", "replace") if raw and raw.isdigit() else None
