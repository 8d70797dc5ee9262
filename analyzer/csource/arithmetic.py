"""Integer arithmetic on constants as C has it (C17 6.5, 6.3.1): promotions, wrap-around."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from analyzer.csource.types import (
    INT,
    Builtins,
    Integer,
    PointerTo,
    Type,
    decayed,
    integer_of,
    unqualified,
)


class Constant(NamedTuple):
    """A known value. ``literal``: made of constants only, no objects: an integer constant
    expression (6.6), which decides what a null pointer constant is."""

    value: int
    type: Type
    literal: bool


def truth_value(value: bool, literal: bool) -> Constant:
    """The result of a comparison or logical operator: ``int`` 0 or 1."""
    return Constant(1 if value else 0, INT, literal)


def convert(constant: Constant, type: Type, builtins: Builtins) -> Constant | None:
    """Convert to ``type`` (6.3.1); None if that is not an integer or pointer type."""
    plain = unqualified(type)
    integer = integer_of(plain)
    if integer is not None:
        return Constant(integer.wrap(constant.value), plain, constant.literal)
    if isinstance(plain, PointerTo):
        value = constant.value & ((1 << (8 * builtins.abi.pointer)) - 1)
        return Constant(value, plain, constant.literal)
    return None


def operand_type(type: Type, builtins: Builtins) -> Integer | None:
    """The integer type that stands for ``type`` in arithmetic; pointers count as addresses."""
    if isinstance(type, Integer):
        return type
    plain = decayed(type)
    if isinstance(plain, PointerTo):
        return builtins.unsigned_long
    return integer_of(plain)


def unary(operator: str, operand: Constant, builtins: Builtins) -> Constant | None:
    """``+ - ~ !`` of a constant; None for other operators."""
    if operator == "!":
        return truth_value(not operand.value, operand.literal)
    integer = integer_of(operand.type)
    if integer is None:
        return None
    type = builtins.promote(integer)
    value = operand.value
    if operator == "-":
        value = -value
    elif operator == "~":
        value = ~value
    elif operator != "+":
        return None
    return Constant(type.wrap(value), type, operand.literal)


def binary(operator: str, left: Constant, right: Constant, builtins: Builtins) -> Constant | None:
    """An arithmetic, bitwise, shift or comparison operator on two constants.

    None where the result is undefined (division by zero) or not an integer.
    """
    literal = left.literal and right.literal
    one, other = operand_type(left.type, builtins), operand_type(right.type, builtins)
    if one is None or other is None:
        return None
    if operator in {"<<", ">>"}:
        return _shift(operator, left, right, builtins.promote(one), literal)
    common = builtins.common(one, other)
    a, b = common.wrap(left.value), common.wrap(right.value)
    compare = COMPARE.get(operator)
    if compare is not None:
        return truth_value(compare(a, b), literal)
    if isinstance(left.type, PointerTo) or isinstance(right.type, PointerTo):
        return None
    compute = _COMPUTE.get(operator)
    if compute is not None:
        return Constant(common.wrap(compute(a, b)), common, literal)
    if operator in {"/", "%"} and b:
        quotient = abs(a) // abs(b)
        if (a < 0) != (b < 0):
            quotient = -quotient
        value = quotient if operator == "/" else a - quotient * b
        return Constant(common.wrap(value), common, literal)
    return None


def _shift(
    operator: str, left: Constant, right: Constant, type: Integer, literal: bool
) -> Constant | None:
    count = right.value
    if not 0 <= count < 8 * type.size:
        return None
    value = left.value << count if operator == "<<" else left.value >> count
    return Constant(type.wrap(value), type, literal)


COMPARE: Mapping[str, Callable[[int, int], bool]] = MappingProxyType(
    {
        "==": lambda a, b: a == b,
        "!=": lambda a, b: a != b,
        "<": lambda a, b: a < b,
        ">": lambda a, b: a > b,
        "<=": lambda a, b: a <= b,
        ">=": lambda a, b: a >= b,
    }
)

_COMPUTE: Mapping[str, Callable[[int, int], int]] = MappingProxyType(
    {
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "*": lambda a, b: a * b,
        "&": lambda a, b: a & b,
        "|": lambda a, b: a | b,
        "^": lambda a, b: a ^ b,
    }
)


def always(operator: str, left: tuple[int, int], right: tuple[int, int]) -> bool | None:
    """A comparison of two ranges (both ends included) if it has only one outcome."""
    (low, high), (least, most) = left, right
    if operator in {"==", "!="}:
        if high < least or most < low:
            return operator == "!="
        return None
    if operator in {">", ">="}:
        low, high, least, most = least, most, low, high
        operator = "<" if operator == ">" else "<="
    if operator == "<":
        return True if high < least else False if low >= most else None
    return True if high <= least else False if low > most else None
