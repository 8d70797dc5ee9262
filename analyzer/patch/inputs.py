"""What patches are read from: files and standard input, up to a stated size."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from analyzer.errors import BadInput

MAX_BYTES = 32 * 1024 * 1024
"""Bytes of one input; more are refused before they are looked at."""
MAX_LINES = 1_000_000
"""Lines of one input; more are refused."""
STDIN = "<stdin>"
"""How messages call standard input."""

_HTML = re.compile(
    rb"\s*(<\?xml[^>]{0,200}>\s*)?(<!--.{0,500}?-->\s*)?<(!doctype\s+html|html)\b", re.I | re.S
)
_COMPRESSED = (b"\x1f\x8b", b"\xfd7zXZ\0", b"BZh", b"\x28\xb5\x2f\xfd", b"PK\x03\x04")


@dataclass(frozen=True, slots=True)
class PatchInput:
    """One input: its name for people, and its bytes."""

    name: str
    data: bytes


def read_input(path: Path) -> PatchInput:
    """The contents of a patch file; raises :class:`BadInput` if unreadable or too large."""
    try:
        with path.open("rb") as stream:
            return read_stream(stream, str(path))
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", str(path)) from None


def read_stream(stream: BinaryIO, name: str = STDIN) -> PatchInput:
    """What ``stream`` holds; raises :class:`BadInput` beyond :data:`MAX_BYTES`."""
    data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        message = f"too large for a patch: more than {MAX_BYTES // 2**20} MiB"
        raise BadInput(message, name)
    return PatchInput(name, data)


def require_patch(data: bytes, name: str) -> None:
    """Raise :class:`BadInput` for what can be seen to be no patch at a glance."""
    if len(data) > MAX_BYTES:
        raise BadInput(f"too large for a patch: more than {MAX_BYTES // 2**20} MiB", name)
    if data.count(b"\n") > MAX_LINES:
        raise BadInput(f"too large for a patch: more than {MAX_LINES:,} lines", name)
    if not data.strip():
        raise BadInput("empty, not a patch", name)
    if data.startswith(_COMPRESSED):
        raise BadInput("compressed, not a patch: unpack it first", name)
    if _HTML.match(data):
        raise BadInput("HTML, not a patch: download the raw file", name, 1)
