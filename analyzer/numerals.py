"""Numerals from a tree as numbers: however long they are, reading them takes no time."""

from __future__ import annotations

MAX_DIGITS = 64
"""Digits of a numeral that are read: the last ones, which decide its value modulo 2**64."""


def whole(digits: str, base: int = 10) -> int:
    """The number that ``digits`` (of ``base`` 2, 8, 10 or 16, without prefix or sign) spell.

    Of a longer one than :data:`MAX_DIGITS`, the value modulo ``base ** MAX_DIGITS``: no C
    type holds more, and Python refuses to convert longer ones. Raises ``ValueError`` for
    other characters.
    """
    return int(digits[-MAX_DIGITS:], base)
