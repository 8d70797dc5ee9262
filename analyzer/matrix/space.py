"""What the matrix asks of the configuration space."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from analyzer.configset.dotconfig import DotConfig
from analyzer.matrix.result import Statement, Verdict


@dataclass(frozen=True, slots=True)
class Witness:
    """A complete configuration: as read, and the text of its ``.config``."""

    config: DotConfig
    text: str


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of asking for values: the configuration that has them, or why there is none."""

    verdict: Verdict
    witness: Witness | None = None
    reasons: tuple[Statement, ...] = ()


class Space(Protocol):
    """The configurations that the Kconfig files of a tree allow, seen from a base."""

    def try_all(self, asked: Sequence[Mapping[str, str]]) -> Sequence[Tried]:
        """For each of ``asked`` a configuration with these values by symbol, as near to the
        base as may be, or why there is none."""

    def values(self, name: str) -> tuple[str, ...]:
        """The values that the type of ``name`` allows, off first.

        Raises :class:`analyzer.errors.BadInput` for a symbol that no Kconfig file defines, and
        for one that is no bool or tristate.
        """

    def varies(self, name: str) -> bool:
        """Whether ``name`` is a bool or tristate that a Kconfig file defines."""

    def has_prompt(self, name: str) -> bool:
        """Whether a user can set ``name`` somewhere."""
