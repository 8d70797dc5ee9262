"""What a run skipped, assumed or could not decide, collected for the output.

A diagnostic is not an error: the analysis went on. Every cap, skipped file,
parse loss, stand-in and fallback must end up in one (``docs/architecture.md``).
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from analyzer.location import Location


class Severity(enum.Enum):
    """How much a diagnostic may change the answer."""

    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One remark: a kebab-case ``code``, a sentence, and a place when there is one."""

    severity: Severity
    code: str
    message: str
    location: Location | None = None


class Diagnostics:
    """An ordered collection without repetitions; each analysis step is handed one."""

    __slots__ = ("_items",)

    def __init__(self) -> None:
        self._items: dict[Diagnostic, None] = {}

    def add(self, diagnostic: Diagnostic) -> None:
        self._items.setdefault(diagnostic)

    def note(self, code: str, message: str, location: Location | None = None) -> None:
        self.add(Diagnostic(Severity.NOTE, code, message, location))

    def warning(self, code: str, message: str, location: Location | None = None) -> None:
        self.add(Diagnostic(Severity.WARNING, code, message, location))

    def error(self, code: str, message: str, location: Location | None = None) -> None:
        self.add(Diagnostic(Severity.ERROR, code, message, location))

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)
