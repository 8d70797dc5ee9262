"""The words of a text: letters, digits and underscores in a row, wherever they stand."""

from __future__ import annotations

import string

_IN_WORDS = frozenset((string.ascii_letters + string.digits + "_").encode())
_APART = bytes(byte if byte in _IN_WORDS else ord(" ") for byte in range(256))
"""Puts a space for whatever is no part of a word."""


def words_in(data: bytes) -> frozenset[bytes]:
    """All words of a text."""
    return frozenset(data.translate(_APART).split())


def stands_in(data: bytes, word: bytes) -> bool:
    """Whether ``word``, which must be one, is among the words of a text."""
    at = data.find(word)
    while at >= 0:
        end = at + len(word)
        before = at > 0 and data[at - 1] in _IN_WORDS
        if not before and not (end < len(data) and data[end] in _IN_WORDS):
            return True
        at = data.find(word, end)
    return False
