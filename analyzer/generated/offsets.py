"""Headers of constants that a C file computes: ``bounds.h``, ``asm-offsets.h`` and others.

Such a file has ``DEFINE(sym, val)`` in function bodies; Kbuild compiles it to assembly and
turns every ``->sym value text`` marker of it into a macro (``include/linux/kbuild.h``,
``filechk_offsets`` in ``scripts/Makefile.lib``). Here the engine that reads any other unit
evaluates the expressions: it is handed in as an :data:`OffsetSource`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from analyzer.configset.configset import Mask
from analyzer.generated.parts import PartedHeader, parted


@dataclass(frozen=True, slots=True)
class Constant:
    """One ``DEFINE``: in the configurations of each (disjoint) mask a value, None if undecided.

    In other configurations the file does not define it. ``line`` is 1-based, in ``file``.
    """

    name: str
    values: tuple[tuple[Mask, int | None], ...]
    file: str
    line: int

    @property
    def undecided(self) -> Mask:
        """Where the value could not be computed."""
        result = 0
        for mask, value in self.values:
            if value is None:
                result |= mask
        return result


OffsetSource: TypeAlias = Callable[[str], Sequence[Constant]]
"""From the path of a C file to the constants that it defines, in source order."""


def offsets_header(
    path: str, where: Mask, guard: str, constants: Sequence[Constant]
) -> PartedHeader:
    """The header ``path``; an undecided constant is left out where it is undecided."""
    macros = [
        (
            constant.name,
            tuple(
                (mask, f"#define {constant.name} {value}")
                for mask, value in constant.values
                if value is not None
            ),
        )
        for constant in constants
    ]
    return parted(path, where, [f"#ifndef {guard}", f"#define {guard}"], macros, ["#endif"])
