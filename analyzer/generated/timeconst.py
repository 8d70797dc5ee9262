"""``include/generated/timeconst.h``: conversion between ticks and units of time.

To multiply by a fraction n/d without dividing, the kernel multiplies by an integer and
shifts. For a shift s the multiplier is 2^s * n / d rounded up; s is the smallest for which
it needs all 32 bits. The adjustment makes the rounded-up product a ceiling: 2^s * (d' - 1)
/ d' with d' the denominator in lowest terms (comments of ``kernel/time/timeconst.bc`` and
``kernel/time/time.c``).
"""

from __future__ import annotations

from math import gcd

_BITS = 32
_UNITS = (("MSEC", 10**3), ("USEC", 10**6))
_NANOSECONDS = 10**9


def timeconst_header(hz: int) -> str:
    """The header for ``CONFIG_HZ=hz``."""
    lines = [
        "#ifndef KERNEL_TIMECONST_H",
        "#define KERNEL_TIMECONST_H",
        "#include <linux/param.h>",
        "#include <linux/types.h>",
        f"#if HZ != {hz}",
        '#error "include/generated/timeconst.h has the wrong HZ value!"',
        "#endif",
    ]
    if hz < 2:
        lines += ["#error Totally bogus HZ value!", "#endif"]
        return "\n".join(lines) + "\n"
    for unit, per_second in _UNITS:
        lines += _reciprocal(f"HZ_TO_{unit}", per_second, hz)
        lines += _reciprocal(f"{unit}_TO_HZ", hz, per_second)
        lines += _fraction(unit, per_second, hz)
    lines += _fraction("NSEC", _NANOSECONDS, hz)
    lines.append("#endif")
    return "\n".join(lines) + "\n"


def _reciprocal(name: str, numerator: int, denominator: int) -> list[str]:
    shift = 0
    while (factor := -(-(numerator << shift) // denominator)) < 1 << (_BITS - 1):
        shift += 1
    lowest = denominator // gcd(numerator, denominator)
    adjustment = ((lowest - 1) << shift) // lowest
    return [
        f"#define {name}_MUL32 U64_C(0x{factor:X})",
        f"#define {name}_ADJ32 U64_C(0x{adjustment:X})",
        f"#define {name}_SHR32 {shift}",
    ]


def _fraction(unit: str, per_second: int, hz: int) -> list[str]:
    common = gcd(per_second, hz)
    whole, ticks = per_second // common, hz // common
    return [
        f"#define HZ_TO_{unit}_NUM {whole}",
        f"#define HZ_TO_{unit}_DEN {ticks}",
        f"#define {unit}_TO_HZ_NUM {ticks}",
        f"#define {unit}_TO_HZ_DEN {whole}",
    ]
