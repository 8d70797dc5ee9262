"""Text that came from a tree, a configuration or a user, made harmless for a terminal.

Names, conditions and file names are somebody else's bytes. Control characters (escape
sequences, carriage returns) could rewrite what the reader sees, bidirectional overrides
could reorder it; both are spelled out as ``\\x1b`` and ``\\u202e``.
"""

from __future__ import annotations

import re
import unicodedata

_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]"
)
_SPACE = re.compile(r"[ \t\n]+")


def visible(text: str) -> str:
    """``text`` with every character that has no glyph of its own spelled out."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_spelled(character) for character in text)


def one_line(text: str) -> str:
    """The same, with each run of blanks and line ends as one blank first."""
    return visible(_SPACE.sub(" ", text).strip())


def _spelled(character: str) -> str:
    if not _HIDDEN.match(character) and unicodedata.category(character) not in ("Cc", "Cf", "Cs"):
        return character
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:
        # A byte that is no UTF-8, as the surrogateescape error handler keeps it.
        code -= 0xDC00
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
