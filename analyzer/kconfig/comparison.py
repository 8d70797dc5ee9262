"""Texts as numbers, and their comparison, as the kernel's Kconfig does it.

``expr_parse_string()`` and ``__expr_calc_value()`` in ``scripts/kconfig/expr.c``, and the
C library's ``strtoll`` behind them.
"""

from __future__ import annotations

import re

from analyzer.kconfig.expressions import Op
from analyzer.kconfig.model import SymbolType
from analyzer.numerals import MAX_DIGITS

_LEVELS = {"n": 0, "m": 1, "y": 2}
_WRAP = 1 << 64
_MAX = (1 << 63) - 1

_DECIMAL = re.compile(r"\s*([+-]?)([0-9]+)")
_HEXADECIMAL = re.compile(r"\s*([+-]?)(?:0[xX](?=[0-9A-Fa-f]))?([0-9A-Fa-f]+)")
_OCTAL = re.compile(r"\s*([+-]?)(0[0-7]*)")


def leading_number(text: str, base: int) -> int:
    """The number at the start of ``text`` as ``strtoll(text, NULL, base)`` gives it.

    ``base`` is 10 or 16; 0 if there is none; limited to 64 bits with sign.
    """
    hit = (_DECIMAL if base == 10 else _HEXADECIMAL).match(text)
    if hit is None:
        return 0
    value = _MAX if len(hit[2]) > MAX_DIGITS else int(hit[2], base)
    return max(-_MAX - 1, min(_MAX, -value if hit[1] == "-" else value))


def holds(op: Op, left: str, left_type: SymbolType, right: str, right_type: SymbolType) -> bool:
    """Whether the comparison of two symbols' values holds."""
    order = _compared(left, left_type, right, right_type)
    match op:
        case Op.EQUAL:
            return order == 0
        case Op.UNEQUAL:
            return order != 0
        case Op.LESS:
            return order < 0
        case Op.LESS_EQUAL:
            return order <= 0
        case Op.GREATER:
            return order > 0
        case _:
            return order >= 0


def _compared(left: str, left_type: SymbolType, right: str, right_type: SymbolType) -> int:
    if not (left_type is SymbolType.STRING and right_type is SymbolType.STRING):
        first = _parsed(left, left_type)
        second = _parsed(right, right_type)
        if first is not None and second is not None:
            a, b = first, second
            if SymbolType.HEX in (left_type, right_type):
                a, b = a % _WRAP, b % _WRAP
            return (a > b) - (a < b)
    x, y = left.encode("utf-8", "surrogateescape"), right.encode("utf-8", "surrogateescape")
    return (x > y) - (x < y)


def _parsed(text: str, kind: SymbolType) -> int | None:
    """The whole of ``text`` as a number, None if it is to be compared as text."""
    if kind.is_logical:
        return _LEVELS.get(text, -1)
    if kind is SymbolType.INT:
        pattern, base = _DECIMAL, 10
    elif kind is SymbolType.HEX:
        pattern, base = _HEXADECIMAL, 16
    else:
        pattern, base = _any_base(text)
    hit = pattern.fullmatch(text)
    if hit is None:
        return None
    if len(hit[2]) > MAX_DIGITS:
        return None
    value = int(hit[2], base)
    if hit[1] == "-":
        value = -value
    if kind is SymbolType.HEX:
        return value if abs(value) < _WRAP else None
    return value if -_MAX - 1 <= value <= _MAX else None


def _any_base(text: str) -> tuple[re.Pattern[str], int]:
    digits = text.lstrip().lstrip("+-")
    if digits[:2] in ("0x", "0X"):
        return _HEXADECIMAL, 16
    return (_OCTAL, 8) if digits.startswith("0") else (_DECIMAL, 10)
