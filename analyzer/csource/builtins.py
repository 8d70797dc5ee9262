"""GCC's builtins as far as they change what is evaluated or what a condition is worth.

Source: GCC 12 manual, "Other Built-in Functions Provided by GCC"; what is folded before
the call graph exists was probed with GCC itself (``tests/differential/test_folding_gcc.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

NO_RETURN = frozenset({"__builtin_unreachable", "__builtin_trap", "__builtin_abort"})
"""Builtins after which nothing is reached."""

UNEVALUATED = frozenset(
    {
        "__builtin_types_compatible_p",
        "__builtin_object_size",
        "__builtin_dynamic_object_size",
        "__builtin_classify_type",
        "__builtin_has_attribute",
    }
)
"""Builtins whose arguments are never evaluated; ``__builtin_constant_p`` can go either way."""


def _ffs(value: int, _bits: int) -> int:
    return (value & -value).bit_length()


def _ctz(value: int, _bits: int) -> int | None:
    return (value & -value).bit_length() - 1 if value else None


def _clz(value: int, bits: int) -> int | None:
    return bits - value.bit_length() if value else None


def _clrsb(value: int, bits: int) -> int:
    sign = value >> (bits - 1) & 1
    magnitude = (~value if sign else value) & ((1 << bits) - 1)
    return bits - 1 - magnitude.bit_length()


def _popcount(value: int, _bits: int) -> int:
    return value.bit_count()


def _parity(value: int, _bits: int) -> int:
    return value.bit_count() & 1


def _bswap(value: int, bits: int) -> int:
    return int.from_bytes(value.to_bytes(bits // 8, "little"), "big")


Arithmetic = Callable[[int, int], "int | None"]
"""From an operand as an unsigned number and its width in bits; None where undefined."""

_BIT_FUNCTIONS: Mapping[str, Arithmetic] = MappingProxyType(
    {
        "ffs": _ffs,
        "ctz": _ctz,
        "clz": _clz,
        "clrsb": _clrsb,
        "popcount": _popcount,
        "parity": _parity,
    }
)

BIT_COUNTS: Mapping[str, tuple[Arithmetic, str]] = MappingProxyType(
    {
        f"__builtin_{name}{suffix}": (function, type_name)
        for name, function in _BIT_FUNCTIONS.items()
        for suffix, type_name in (
            ("", "unsigned int"),
            ("l", "unsigned long"),
            ("ll", "unsigned long long"),
        )
    }
)
"""Builtins that count bits: what they compute, and their operand's type."""

BYTE_SWAPS: Mapping[str, tuple[Arithmetic, int]] = MappingProxyType(
    {f"__builtin_bswap{bits}": (_bswap, bits) for bits in (16, 32, 64)}
)
"""Byte swaps and their width in bits."""

LIBRARY: Mapping[str, str] = MappingProxyType({"strlen": "__builtin_strlen"})
"""Library functions (C17 7.24) that GCC takes for the builtin, so that calls with constant
arguments vanish."""

RESULT_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "__builtin_constant_p": "int",
        "__builtin_types_compatible_p": "int",
        "__builtin_classify_type": "int",
        "__builtin_expect": "long",
        "__builtin_expect_with_probability": "long",
        "__builtin_object_size": "unsigned long",
        "__builtin_dynamic_object_size": "unsigned long",
        "__builtin_offsetof": "unsigned long",
        "__builtin_strlen": "unsigned long",
        "__builtin_strcmp": "int",
        "__builtin_strncmp": "int",
        "__builtin_memcmp": "int",
        "__builtin_abs": "int",
        "__builtin_bswap16": "unsigned short",
        "__builtin_bswap32": "unsigned int",
        "__builtin_bswap64": "unsigned long",
        "__builtin_memcpy": "void *",
        "__builtin_memmove": "void *",
        "__builtin_memset": "void *",
        "__builtin_alloca": "void *",
        "__builtin_return_address": "void *",
        "__builtin_frame_address": "void *",
        "__builtin_extract_return_addr": "void *",
        "__builtin_strchr": "char *",
        "__builtin_add_overflow": "_Bool",
        "__builtin_sub_overflow": "_Bool",
        "__builtin_mul_overflow": "_Bool",
        "__builtin_unreachable": "void",
        "__builtin_trap": "void",
        "__builtin_prefetch": "void",
        **dict.fromkeys(BIT_COUNTS, "int"),
    }
)
"""What the builtins return; those of the operand's own type are not listed."""
