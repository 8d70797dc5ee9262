"""How long-running steps say where they are, without knowing who listens."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told about the run as it goes; an implementation shows it or drops it."""

    def stage(self, name: str) -> None:
        """A new step begins; ``name`` is a short phrase ("reading Kconfig")."""

    def advance(self, done: int, total: int | None = None) -> None:
        """``done`` items of the current step are finished, of ``total`` if that is known."""


class Silent:
    """Drops everything: for tests and for callers that show no progress."""

    __slots__ = ()

    def stage(self, name: str) -> None:
        pass

    def advance(self, done: int, total: int | None = None) -> None:
        pass
