"""Folding where the undefined-behaviour sanitizer is on: configuration by configuration."""

from __future__ import annotations

import pytest
from unit_case import edges_of

from analyzer.csource.sanitizers import Sanitizers, read_sanitizers
from csource_snippet import evaluate

ALL = 0b1111
DECLARED = """
extern void a(void); extern void b(void); extern const int set;
extern int deep(int) __attribute__((const)), other(int) __attribute__((const));
"""

ROUNDED = f"""{DECLARED}
#define fold(n) (__builtin_constant_p(n) ? 3 : deep(n))
#define down(n) (__builtin_constant_p(n) ? (1UL << fold(n)) : other(n))
unsigned long f(int n) {{ return down(n); }}
"""


def called(body: str, flags: list[tuple[int, str]]) -> dict[str, int]:
    """Who is called by a function with that body, and where, of four configurations."""
    text = f"{DECLARED} void f(int n, unsigned u) {{ {body} }}"
    return evaluate(text, mask=ALL, flags=flags).called()


def test_a_shift_by_a_conditional_is_folded_only_without_the_sanitizer() -> None:
    """``rounddown_pow_of_two()``: the inner conditional has the condition of the outer one."""
    both = edges_of(ROUNDED, ({}, {}), flags=[(0b10, "-fsanitize=shift")])
    assert (both[("f", "deep")], both[("f", "other")]) == (0b10, 0b11)
    assert ("f", "deep") not in edges_of(ROUNDED, ({}, {}))


@pytest.mark.parametrize("option", ["shift", "shift-exponent", "undefined", "bool,shift"])
@pytest.mark.parametrize("operation", ["n << 1", "n >> 1", "(n + 1) / 2", "n % 4", "1 << set"])
def test_a_temporary_is_a_side_effect(operation: str, option: str) -> None:
    body = f"if (__builtin_constant_p({operation})) a(); else b();"
    assert called(body, [(0b0110, f"-fsanitize={option}")]) == {"a": 0b1001, "b": ALL}


@pytest.mark.parametrize(
    "operation", ["1 << 3", "set << 1", "-set / 2", "n * 2", "8 % 3", "(set + 1) >> 2"]
)
def test_constants_and_read_only_objects_need_no_temporary(operation: str) -> None:
    body = f"if (__builtin_constant_p(n + ({operation}))) a(); else b();"
    assert called(body, [(0b0110, "-fsanitize=shift")]) == {"a": ALL, "b": ALL}


def test_nothing_is_moved_into_a_conditional_through_a_temporary() -> None:
    body = "if (57 < ((n ? 52 : 46) << 1)) a(); else b();"
    assert called(body, [(0b0001, "-fsanitize=shift")]) == {"a": ALL, "b": 0b0001}


def test_what_a_condition_skips_has_no_effect() -> None:
    body = "if (__builtin_constant_p(n + (0 ? n << 1 : 2) + (0 && n << 1))) a(); else b();"
    assert called(body, [(ALL, "-fsanitize=shift")]) == {"a": ALL, "b": ALL}


def test_options_of_a_command_line() -> None:
    flags = [
        (0b1111, "-fsanitize=kernel-address"),
        (0b0111, "-fsanitize=shift,bool"),
        (0b1000, "-fsanitize=integer-divide-by-zero"),
        (0b0001, "-fno-sanitize=shift"),
        (0b0010, "-fno-sanitize=all"),
    ]
    assert read_sanitizers(flags) == Sanitizers(0b1100, 0b0100, 0b1000)
    assert read_sanitizers([(1, "-fsanitize=undefined")]) == Sanitizers(1, 1, 1)
    assert read_sanitizers([(1, "-fsanitize=bounds-strict")]) == Sanitizers(0, 0, 0)


@pytest.mark.parametrize(
    ("condition", "decided"),
    [
        ("(u & 3) > 3", True),
        ("(u & 3) < 4", True),
        ("3 < (u & 3)", True),
        ("(u & 3) > 4", False),
        ("(u & 8) > 8", False),
        ("(n & 8) >= 0", True),
        ("-1 < (n & 8)", True),
        ("(n & 8) < -1", False),
        ("u % 4 > 3", True),
        ("u % 4 == 5", True),
        ("u % 5 > 4", False),
        ("u % 5 == 7", False),
        ("(long)(u & 3) == 9", True),
        ("(unsigned char)(n & 0x300) == 4", True),
        ("(n++ & 3) == 4", False),
    ],
)
def test_ranges_count_where_gcc_makes_use_of_them(condition: str, decided: bool) -> None:
    """GCC agrees: tests/differential/test_folding_gcc.py has the same."""
    assert (len(called(f"if ({condition}) a(); else b();", [])) == 1) == decided
