"""File names as patches write them: quoting, prefixes, and what is refused.

git quotes names with bytes outside printable ASCII as C strings (``quote.c``), and puts
``a/`` and ``b/`` before names unless told not to; ``diff`` writes whatever names it was
called with. How many leading components to drop (``patch -pN``) follows from the names.
"""

from __future__ import annotations

import re

from analyzer.errors import BadInput
from analyzer.location import Location

DEV_NULL = "/dev/null"
LONGEST = 4096
"""Bytes of a name beyond which it is none (PATH_MAX)."""

_ESCAPE = re.compile(rb"\\([abtnvfr\"\\]|[0-3][0-7]{2})")
_QUOTED = re.compile(rb'"(?:[^"\\]|\\.)*"')
_LETTERS = dict(zip(b'abtnvfr"\\', b'\a\b\t\n\v\f\r"\\', strict=True))
_PREFIXES = frozenset("abciow12")
"""Prefixes of ``git diff``: the usual two, ``diff.mnemonicPrefix``, and ``--no-index``."""


def shown(text: str | bytes, longest: int = 60) -> str:
    """Text from a patch, fit for one line of a message: no control characters, not long."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "backslashreplace")
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    if len(text) > longest:
        text = text[: longest - 3] + "..."
    return "".join(each if each.isprintable() else f"\\x{ord(each):02x}" for each in text)


def unquoted(raw: bytes, where: Location) -> str:
    """A name as written, without quotes; raises :class:`BadInput` for one that is broken."""
    if len(raw) > 4 * LONGEST:
        raise BadInput("the name of a file is too long", where.file, where.line)
    if raw.startswith(b'"'):
        if not _QUOTED.fullmatch(raw):
            raise BadInput(f"badly quoted name: {shown(raw)}", where.file, where.line)
        raw = _ESCAPE.sub(_unescaped, raw[1:-1])
    if not raw or b"\0" in raw or len(raw) > LONGEST:
        raise BadInput(f"not the name of a file: {shown(raw)}", where.file, where.line)
    return raw.decode("utf-8", "surrogateescape")


def git_names(rest: bytes, where: Location) -> tuple[str, str] | None:
    """The two names behind ``diff --git``, or None if they cannot be told apart.

    As git does (``git_header_name()`` in ``apply.c``), names with spaces are divided where
    both are the same but for their first component.
    """
    if len(rest) > 8 * LONGEST:
        raise BadInput("the name of a file is too long", where.file, where.line)
    if (quoted := _QUOTED.match(rest)) is not None:
        old, new = quoted[0], rest[quoted.end() + 1 :]
        return (unquoted(old, where), unquoted(new, where)) if new else None
    if rest.endswith(b'"') and (start := rest.find(b' "')) > 0:
        return unquoted(rest[:start], where), unquoted(rest[start + 1 :], where)
    spaces = [each for each, byte in enumerate(rest) if byte == 0x20]
    for at in spaces:
        old, new = rest[:at], rest[at + 1 :]
        if old and new and (old == new or _tail(old) == _tail(new) != b""):
            return unquoted(old, where), unquoted(new, where)
    if len(spaces) == 1 and (at := spaces[0]) and rest[at + 1 :]:
        return unquoted(rest[:at], where), unquoted(rest[at + 1 :], where)
    return None


def strip_level(old: str | None, new: str | None) -> int | None:
    """How many components are a prefix, from both names as written (None: ``/dev/null``).

    None if there is one name only and it does not begin as git's names do.
    """
    if old is None or new is None:
        return 1 if _prefixed(new or old or "") else None
    if old == new:
        return 1 if old[:2] in ("a/", "b/") else 0
    if old.partition("/")[2] == new.partition("/")[2] != "":
        return 1
    return 1 if _prefixed(old) and _prefixed(new) and old[0] != new[0] else 0


def tree_path(name: str, strip: int, where: Location) -> str:
    """``name`` below the tree, with ``strip`` components dropped.

    Raises :class:`BadInput` for a name that leads out of the tree or is too short.
    """
    if name.startswith("/"):
        message = f"absolute path, leads out of the tree: {shown(name)}"
        raise BadInput(message, where.file, where.line)
    parts = name.split("/")
    if ".." in parts:
        raise BadInput(f"path leads out of the tree: {shown(name)}", where.file, where.line)
    kept = [part for part in parts[strip:] if part not in ("", ".")]
    if not kept or name.endswith("/"):
        message = f"no file name is left of {shown(name)} without {strip} components"
        raise BadInput(message, where.file, where.line)
    return "/".join(kept)


def _unescaped(escape: re.Match[bytes]) -> bytes:
    code = escape[1]
    return bytes([_LETTERS[code[0]] if len(code) == 1 else int(code, 8)])


def _tail(name: bytes) -> bytes:
    return name.partition(b"/")[2]


def _prefixed(name: str) -> bool:
    return name[1:2] == "/" and name[0] in _PREFIXES
