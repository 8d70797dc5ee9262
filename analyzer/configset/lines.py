"""The lines of ``.config`` files: each distinct one is kept once and known by its number.

Configurations of one kernel have nearly all their lines in common, so that thousands of them
are a table of lines and a few numbers each.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable
from typing import NamedTuple

_ASSIGNED = re.compile(r"CONFIG_(\w+)=(.*)", re.DOTALL)
_UNSET = re.compile(r"# CONFIG_(\w+) is not set")


class Line(NamedTuple):
    """What a line assigns: ``text`` to ``symbol`` (no ``CONFIG_``), ``n`` for ``is not set``.

    ``exact`` is the text with the white space after it, which a number or string must not
    have to be valid.
    """

    symbol: str
    text: str
    exact: str


class LineTable:
    """Lines by number, as they are met; ``assigned[number]`` is None for one that says nothing.

    ``strange`` are the numbers of lines that are no assignment, comment or blank.
    """

    __slots__ = ("_numbers", "assigned", "strange")

    def __init__(self) -> None:
        self.assigned: list[Line | None] = []
        self.strange: set[int] = set()
        self._numbers = _Numbers(self._add)

    def numbers(self, text: str) -> array[int]:
        """The numbers of the lines of ``text``, in their order."""
        return array("I", map(self._numbers.__getitem__, text.split("\n")))

    def _add(self, line: str) -> int:
        number = len(self.assigned)
        said = _meaning(line)
        self.assigned.append(said)
        if said is None and line.strip() and not line.startswith("#"):
            self.strange.add(number)
        return number


class _Numbers(dict[str, int]):
    """Asks for the number of a line that it does not know yet."""

    def __init__(self, add: Callable[[str], int]) -> None:
        super().__init__()
        self._add = add

    def __missing__(self, line: str) -> int:
        number = self[line] = self._add(line)
        return number


def _meaning(line: str) -> Line | None:
    line = line.removesuffix("\r")
    plain = line.rstrip()
    if (unset := _UNSET.fullmatch(plain)) is not None:
        return Line(unset[1], "n", "n")
    if (hit := _ASSIGNED.fullmatch(line)) is not None:
        return Line(hit[1], hit[2].rstrip(), hit[2])
    return None
