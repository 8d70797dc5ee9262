"""One patch from one message, or from a diff with or without text before it.

A message is the body up to a line ``---`` or the diff; ``From:`` and ``Subject:`` at its
head count instead of the mail's (``git am``: ``mailinfo.c``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from analyzer.errors import BadInput
from analyzer.location import Location
from analyzer.patch.diff import read_diff
from analyzer.patch.inputs import PatchInput
from analyzer.patch.mail import Letter
from analyzer.patch.model import FilePatch, Message, Numbering, Patch
from analyzer.patch.text import PatchText, diff_start, lines_of

_COMMIT = re.compile(rb"commit [0-9a-f]{40,64}( \(.*\))?\r?\n")
_BRACKETS = re.compile(r"\s*(?:[Rr][Ee]:\s*)?\[([^\]]*)\]\s*")
_COUNT = re.compile(r"(?<!\w)(\d{1,4})/(\d{1,4})(?!\w)")
_VERSION = re.compile(r"(?<!\w)[vV](\d{1,3})(?!\w)")
_OTHER_DIFF = re.compile(rb"(\*\*\* .*|\d+(,\d+)?[acd]\d+(,\d+)?)$")


def plain_patch(given: PatchInput, strip: int | None) -> Patch:
    """A diff that is no mail, with what is written before it as its message."""
    text = PatchText(given.name, 1, lines_of(given.data))
    commits = [n for n, line in enumerate(text.lines) if _COMMIT.match(line)]
    if len(commits) > 1:
        message = "the output of git log -p, newest first: use git format-patch"
        raise BadInput(message, given.name, commits[1] + 1)
    files = read_diff(text, strip)
    if not files:
        raise no_diff(Location(given.name, 1), _other_format(text))
    return Patch(given.name, _before_diff(text, bool(commits)), None, files)


def _before_diff(text: PatchText, commit: bool) -> Message:
    """What is written before a diff that is no mail; ``commit``: by ``git show``."""
    end = min(diff_start(text.lines), _separator(text.lines))
    lines = [line.decode("utf-8", "backslashreplace").rstrip("\r\n") for line in text.lines[:end]]
    first = 0
    author = subject = ""
    if commit:
        first = next((n for n, line in enumerate(lines) if not line.strip()), len(lines)) + 1
        for line in lines[:first]:
            if line.startswith("Author:"):
                author = line[len("Author:") :].strip()
        lines = [line[4:] if line.startswith("    ") else line for line in lines[first:]]
        subject = lines[0] if lines else ""
        lines, first = lines[1:], first + 1
    skipped = next((n for n, line in enumerate(lines) if line.strip()), len(lines))
    return Message(subject, author, _stripped(lines[skipped:]), text.at(first + skipped))


def letter_patch(letter: Letter, name: str, strip: int | None) -> Patch:
    """The patch in a message; without files if there is none."""
    files: list[FilePatch] = []
    for text in letter.texts:
        files += read_diff(text, strip)
    subject, numbering = _subject(letter.subject)
    body = letter.texts[0] if letter.texts else PatchText(name, 1, ())
    message = _message(body, subject, letter)
    return Patch(name, message, numbering, tuple(files))


def _message(body: PatchText, subject: str, letter: Letter) -> Message:
    end = min(diff_start(body.lines), _separator(body.lines))
    lines = [_decoded(line, letter.charset) for line in body.lines[:end]]
    author = letter.author
    first = 0
    while first < len(lines):
        line = lines[first]
        if line.startswith("From: "):
            author = line[len("From: ") :].strip()
        elif line.startswith("Subject: "):
            subject, _ = _subject(line[len("Subject: ") :].strip())
        elif line.strip() and not line.startswith("Date: "):
            break
        first += 1
    return Message(subject, author, _stripped(lines[first:]), body.at(first))


def _separator(lines: tuple[bytes, ...]) -> int:
    """The index of the line ``---`` that ends a message, or the number of lines."""
    return next((n for n, line in enumerate(lines) if line.rstrip() == b"---"), len(lines))


def _decoded(line: bytes, charset: str) -> str:
    try:
        text = line.decode(charset or "utf-8")
    except (LookupError, ValueError):  # no such character set, no name of one, no text in it
        text = line.decode("utf-8", "backslashreplace")
    return text.rstrip("\r\n")


def _stripped(lines: Sequence[str]) -> tuple[str, ...]:
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    return tuple(lines[:end])


def _subject(text: str) -> tuple[str, Numbering | None]:
    """The subject without what stands in brackets before it, and the numbers in there."""
    version = 1
    count: tuple[int, int] | None = None
    while (hit := _BRACKETS.match(text)) is not None:
        if (found := _VERSION.search(hit[1])) is not None:
            version = int(found[1])
        if (found := _COUNT.search(hit[1])) is not None:
            count = int(found[1]), int(found[2])
        text = text[hit.end() :]
    return text.strip(), None if count is None else Numbering(version, *count)


def is_reply(letter: Letter) -> bool:
    return letter.subject[:3].lower() == "re:"


def no_diff(where: Location, reason: str) -> BadInput:
    message = "no unified diff in it" + (f": {reason}" if reason else "")
    return BadInput(message, where.file, where.line)


def _other_format(text: PatchText) -> str:
    for line in text.lines[:1000]:
        if line.startswith((b"diff --cc ", b"diff --combined ", b"@@@ ")):
            return "the combined diff of a merge"
        if line.startswith(b"@@ -"):
            return "a hunk without the names of files before it"
        if len(line) < 1000 and _OTHER_DIFF.match(line.rstrip()):
            return "a context or plain diff: use diff -u"
    return ""
