"""Mail that carries patches: mailboxes, encodings, and the parts of a message.

What counts as the commit message follows ``git am`` (``builtin/mailsplit.c``,
``mailinfo.c``): the body up to a line ``---`` or the diff, without ``From:`` at its head.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import (
    CloseBoundaryNotFoundDefect,
    InvalidBase64CharactersDefect,
    InvalidBase64LengthDefect,
    InvalidBase64PaddingDefect,
    MessageError,
    StartBoundaryNotFoundDefect,
)
from email.header import decode_header, make_header
from email.message import Message as Mail
from email.parser import BytesParser
from email.policy import compat32

from analyzer.errors import BadInput
from analyzer.patch.paths import shown
from analyzer.patch.text import PatchText, diff_start, lines_of

MAX_MESSAGES = 2_000
"""Messages in one mailbox; more are refused."""

_FROM = re.compile(rb"From [^\n]{0,900}\d:\d\d[^\n]{0,99}\d{4}[^\n]{0,99}\n")
_FIELD = re.compile(rb"[!-9;-~]{1,80}:")
_FIRST_FIELD = re.compile(
    rb"(From|Subject|Date|Message-I[dD]|Return-Path|Received|Delivered-To|To|Cc|Sender|"
    rb"MIME-Version|Content-Type|Author|Description|Origin|X-[\w-]+|List-[\w-]+):[ \t]"
)
_LONGEST_HEAD = 1 << 18
_LONGEST_FIELD = 4000
_PLAIN = frozenset({"", "7bit", "8bit", "binary"})
_PATCH_TYPES = frozenset({"text/x-patch", "text/x-diff"})
_CUT_OFF = (
    *(CloseBoundaryNotFoundDefect, StartBoundaryNotFoundDefect),
    *(InvalidBase64CharactersDefect, InvalidBase64LengthDefect, InvalidBase64PaddingDefect),
)


@dataclass(frozen=True, slots=True)
class Letter:
    """One message: its head fields in plain text, and the texts in it, decoded.

    The first text is the body; others are attached patches. ``charset`` is the body's.
    ``carriage_returns``: its lines ended in CR LF and no longer do.
    """

    subject: str
    author: str
    identity: str
    texts: tuple[PatchText, ...]
    charset: str
    carriage_returns: bool


def is_mailbox(data: bytes) -> bool:
    """Whether ``data`` begins as a mailbox does: ``From somebody Mon Sep 17 00:00:00 2001``."""
    return _FROM.match(data) is not None


def is_message(data: bytes) -> bool:
    """Whether ``data`` begins with the head of a message, with a blank line after it.

    Fields may also stand directly before a diff, as a description of it.
    """
    if _FIRST_FIELD.match(data) is None:
        return False
    lines = lines_of(data[:_LONGEST_HEAD])
    blank = next((n for n, line in enumerate(lines) if not line.strip(b"\r\n")), len(lines))
    return diff_start(lines) > blank or (blank == len(lines) == diff_start(lines))


def letters(data: bytes, name: str) -> tuple[Letter, ...]:
    """The messages of a mailbox, or the one that ``data`` is.

    Raises :class:`BadInput` for messages that are cut off, in HTML, or too many.
    """
    lines = lines_of(data)
    starts = [index for index in range(len(lines)) if _begins(lines, index)] or [0]
    if len(starts) > MAX_MESSAGES:
        message = f"the mailbox has more than {MAX_MESSAGES:,} messages"
        raise BadInput(message, name, starts[MAX_MESSAGES] + 1)
    several = len(starts) > 1
    found: list[Letter] = []
    for number, (start, end) in enumerate(
        zip(starts, [*starts[1:], len(lines)], strict=True), start=1
    ):
        mailbox = _FROM.match(lines[start]) is not None
        first = start + 1 if mailbox else start
        text = PatchText(name, first + 1, lines[first:end])
        found.append(_letter(text, f"message {number}" if several else "the message", mailbox))
    return tuple(found)


def _begins(lines: tuple[bytes, ...], index: int) -> bool:
    line = lines[index]
    if not line.startswith(b"From ") or not _FROM.match(line):
        return False
    return index + 1 == len(lines) or _FIELD.match(lines[index + 1]) is not None


def _letter(text: PatchText, called: str, mailbox: bool) -> Letter:
    head = next((n for n, line in enumerate(text.lines) if not line.strip(b"\r\n")), None)
    if head is None:
        where = text.at(0)
        raise BadInput(f"{called} is cut off: it has no body", where.file, where.line)
    if sum(map(len, text.lines[:head])) > _LONGEST_HEAD:
        where = text.at(0)
        raise BadInput(f"the head of {called} is too long", where.file, where.line)
    crlf = all(line.endswith(b"\r\n") for line in text.lines[: head + 1])
    if crlf:
        bare = tuple([_without_cr(line) for line in text.lines])
        text = PatchText(text.name, text.first, bare)
    body = text.part(head + 1, len(text.lines))
    try:
        mail = BytesParser(policy=compat32).parsebytes(b"".join(text.lines))
        texts, charset = _texts(mail, body, called)
    except RecursionError:
        where = text.at(0)
        message = f"the parts of {called} are nested too deeply"
        raise BadInput(message, where.file, where.line) from None
    if mailbox and texts:
        texts[0] = _unescaped(texts[0])
    return Letter(
        _plain(mail["Subject"]),
        _plain(mail["From"]),
        _plain(mail["Message-ID"]),
        tuple(texts),
        charset,
        crlf,
    )


def _texts(mail: Mail, body: PatchText, called: str) -> tuple[list[PatchText], str]:
    """The body and attached patches. Of an encoded one the lines count from its own start."""
    found: list[PatchText] = []
    charset = ""
    html = False
    many = mail.is_multipart()
    for number, part in enumerate(mail.walk(), start=0):
        _require_whole(part, body, called)
        kind = part.get_content_type()
        if part.is_multipart():
            continue
        html = html or kind == "text/html"
        attached = (part.get_filename() or "").endswith((".patch", ".diff"))
        if kind != "text/plain" and kind not in _PATCH_TYPES and not attached:
            continue
        encoding = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
        if not many and encoding in _PLAIN:
            text = body
        else:
            payload = part.get_payload(decode=True)
            _require_whole(part, body, called)
            data = payload if isinstance(payload, bytes) else b""
            what = f"{called}, part {number}" if many else f"{called}, decoded"
            text = PatchText(f"{body.name} ({what})", 1, lines_of(_unix(data, encoding)))
        if str(part.get_param("format", "")).lower() == "flowed":
            text = _unflowed(text, str(part.get_param("delsp", "")).lower() == "yes")
        if not found:
            charset = part.get_content_charset() or ""
        found.append(text)
    if html and not found:
        where = body.at(0)
        raise BadInput(f"{called} is in HTML, not plain text", where.file, where.line)
    return found, charset


def _require_whole(part: Mail, body: PatchText, called: str) -> None:
    for defect in part.defects:
        if isinstance(defect, _CUT_OFF):
            where = body.at(len(body.lines) - 1)
            raise BadInput(f"{called} is cut off or damaged", where.file, where.line)


def _unix(data: bytes, encoding: str) -> bytes:
    """Decoded text with LF where every line ends in CR LF, as mail has it on its way."""
    if encoding == "base64" and data.count(b"\n") == data.count(b"\r\n"):
        return data.replace(b"\r\n", b"\n")
    return data


def _without_cr(line: bytes) -> bytes:
    return line[:-2] + b"\n" if line.endswith(b"\r\n") else line


def _unescaped(text: PatchText) -> PatchText:
    """Undo ``>From`` (mboxrd); no line of a diff begins like this."""
    lines = [line[1:] if re.match(rb">+From ", line) else line for line in text.lines]
    return PatchText(text.name, text.first, tuple(lines))


def _unflowed(text: PatchText, delsp: bool) -> PatchText:
    """Undo ``format=flowed`` (RFC 3676): stuffed spaces off, flowed lines joined.

    Lines that were joined are one line, so that places after them are of the joined text.
    """
    return PatchText(text.name, text.first, tuple(_flow(text.lines, delsp)))


def _flow(lines: tuple[bytes, ...], delsp: bool) -> Iterator[bytes]:
    pending = b""
    for line in lines:
        bare = line.rstrip(b"\r\n")
        if bare.startswith(b" "):
            bare = bare[1:]
        if bare.endswith(b" ") and bare != b"-- ":
            pending += bare[:-1] if delsp else bare
            continue
        yield pending + bare + b"\n"
        pending = b""
    if pending:
        yield pending + b"\n"


def _plain(field: object) -> str:
    """A head field decoded and on one line."""
    if field is None:
        return ""
    text = str(field)[:_LONGEST_FIELD]
    try:
        text = str(make_header(decode_header(text)))
    except (MessageError, LookupError, ValueError):
        text = shown(text, 500)
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return " ".join(text.split())
