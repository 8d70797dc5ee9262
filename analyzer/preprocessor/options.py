"""Compiler options as they bear on preprocessing: include paths, macros, forced includes.

The options arrive with masks, so that a command line is read once for all configurations.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from analyzer.configset.configset import Mask
from analyzer.preprocessor.macro import Macro, parse_define

COMMAND_LINE = "<command-line>"

_OPTION_MACROS: Mapping[str, tuple[str, ...]] = {
    "-Os": ("__OPTIMIZE_SIZE__ 1",),
    "-mfentry": ("__FENTRY__ 1",),
    "-fcf-protection=branch": ("__CET__ 1",),
    "-fcf-protection=full": ("__CET__ 3",),
    "-fsanitize=kernel-address": ("__SANITIZE_ADDRESS__ 1",),
    "-fsanitize=kernel-hwaddress": ("__SANITIZE_HWADDRESS__ 1",),
    "-fsanitize=thread": ("__SANITIZE_THREAD__ 1",),
    "-fPIC": ("__PIC__ 2", "__pic__ 2"),
    "-fPIE": ("__PIC__ 2", "__pic__ 2", "__PIE__ 2", "__pie__ 2"),
    "-fpic": ("__PIC__ 1", "__pic__ 1"),
    "-fpie": ("__PIC__ 1", "__pic__ 1", "__PIE__ 1", "__pie__ 1"),
}
"""Predefined macros that options turn on (GCC manual, "Common Predefined Macros" and
the i386 back end's target macros)."""

_WORD = re.compile(r"-(include|isystem|iquote|idirafter)\s+(.*)\Z", re.DOTALL)
_32BIT = frozenset(("-m32", "-m16"))


@dataclass(frozen=True, slots=True)
class Options:
    """A command line; every entry with the mask of the configurations that have it.

    ``directories`` are the ``-I`` and then the ``-isystem`` folders in order; ``actions``
    are ``-D`` (a :class:`Macro`) and ``-U`` (a name) in order.
    """

    directories: tuple[tuple[Mask, str], ...]
    forced: tuple[tuple[Mask, str], ...]
    actions: tuple[tuple[Mask, Macro | str], ...]
    narrow: Mask
    """Where code is compiled for 32 bits (``-m32``, ``-m16``)."""


def read_options(flags: Iterable[tuple[Mask, str]]) -> Options:
    """Sort a command line; options without a meaning for preprocessing are passed over."""
    quoted: list[tuple[Mask, str]] = []
    system: list[tuple[Mask, str]] = []
    forced: list[tuple[Mask, str]] = []
    actions: list[tuple[Mask, Macro | str]] = []
    narrow = 0
    for mask, flag in flags:
        word = _WORD.match(flag)
        if word is not None:
            kind, value = word[1], word[2].strip()
            if kind == "include":
                forced.append((mask, value))
            else:
                (system if kind != "iquote" else quoted).append((mask, value))
        elif flag.startswith("-I"):
            quoted.append((mask, flag[2:].strip()))
        elif flag.startswith("-D"):
            name, _, value = flag[2:].strip().partition("=")
            body = value if "=" in flag else "1"
            actions.append((mask, parse_define(f"{name} {body}", COMMAND_LINE, 0)))
        elif flag.startswith("-U"):
            actions.append((mask, flag[2:].strip()))
        elif flag in _32BIT:
            narrow |= mask
        elif flag == "-m64":
            narrow &= ~mask
        for text in _OPTION_MACROS.get(flag, ()):
            actions.append((mask, parse_define(text, COMMAND_LINE, 0)))
    return Options(tuple(quoted + system), tuple(forced), tuple(actions), narrow)
