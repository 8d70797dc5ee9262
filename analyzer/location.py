"""Where something stands in a source tree."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a file: ``file`` relative to the tree, ``line`` and ``column`` from 1.

    ``column`` 0 means that the column is not known.
    """

    file: str
    line: int
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"
