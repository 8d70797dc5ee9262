"""Where GCC's undefined-behaviour sanitizer keeps operands of shifts and divisions apart.

With any of the options below, GCC's ``build_binary_op`` puts the operands of ``<<``, ``>>``,
``/`` and ``%`` into temporaries (``save_expr``) before it makes the operation, unless they are
constant or read-only. A temporary counts as a side effect, and nothing is folded through it:
no operation is moved into a conditional there, ``__builtin_constant_p`` of it is 0 at once.
Where the right operand may be out of range, a check with a call of its own is put before the
operation as well. The kernel asks for it per directory and object (``UBSAN_SANITIZE``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from analyzer.configset.configset import Mask

_ALL_SHIFTS = frozenset(("shift", "shift-exponent", "shift-base"))
_DIVISION = "integer-divide-by-zero"
_TEMPORARIES = _ALL_SHIFTS | {_DIVISION, "float-divide-by-zero", "signed-integer-overflow"}
_UNDEFINED = _ALL_SHIFTS | {_DIVISION, "signed-integer-overflow"}
"""What ``-fsanitize=undefined`` turns on of these (GCC manual, "Instrumentation Options")."""

SHIFTS = frozenset(("<<", ">>"))
DIVISIONS = frozenset(("/", "%"))


@dataclass(frozen=True, slots=True)
class Sanitizers:
    """The configurations in which a unit is compiled with such options.

    ``temporaries``: with any of them; ``shifts`` and ``divisions``: with checks of how far is
    shifted, and of what is divided by.
    """

    temporaries: Mask
    shifts: Mask
    divisions: Mask


UNSANITIZED = Sanitizers(0, 0, 0)


def read_sanitizers(flags: Iterable[tuple[Mask, str]]) -> Sanitizers:
    """What a command line turns on; later options win over earlier ones."""
    enabled: dict[str, Mask] = dict.fromkeys(sorted(_TEMPORARIES), 0)
    for mask, flag in flags:
        off = flag.startswith("-fno-sanitize=")
        if not off and not flag.startswith("-fsanitize="):
            continue
        for name in flag.partition("=")[2].split(","):
            for one in _meant(name, off):
                enabled[one] = enabled[one] & ~mask if off else enabled[one] | mask
    any_of = shifts = 0
    for name, mask in enabled.items():
        any_of |= mask
        shifts |= mask if name in _ALL_SHIFTS else 0
    return Sanitizers(any_of, shifts, enabled[_DIVISION])


def _meant(name: str, off: bool) -> Iterable[str]:
    if name == "undefined":
        return _UNDEFINED
    if name == "shift":
        return _ALL_SHIFTS
    if name == "all" and off:
        return _TEMPORARIES
    return (name,) if name in _TEMPORARIES else ()
