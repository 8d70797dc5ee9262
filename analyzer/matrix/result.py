"""The answer of ``kimpact matrix`` as plain facts, for every renderer alike.

The fields mirror the JSON contract ``kimpact/matrix/1`` (``docs/schema/``). Masks are over
the witnesses: bit *i* is configuration *i* of ``paths.configs``.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from analyzer.configset.configset import Mask
from analyzer.diagnostics import Diagnostic
from analyzer.location import Location
from analyzer.paths.result import ConfigInfo, PathsResult


@dataclass(frozen=True, slots=True)
class Statement:
    """Something that a file says, in words or as written, and where if that is known."""

    text: str
    location: Location | None = None


class Verdict(enum.Enum):
    """Whether a combination can be had at all."""

    POSSIBLE = "possible"
    IMPOSSIBLE = "impossible"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Varied:
    """A symbol that is varied: its values, and where the sources ask for it (none if it was
    given by the user)."""

    name: str
    values: tuple[str, ...]
    evidence: tuple[Statement, ...] = ()


class Role(enum.Enum):
    """Why a symbol that the sources ask for is not varied."""

    NO_EFFECT = "no effect"
    """The paths are the same whatever its value."""
    FOLLOWS = "follows"
    """Where it makes a difference, a varied symbol differs too."""
    FIXED = "fixed"
    """No other value can be had with the base configuration's architecture."""
    UNDECIDED = "undecided"
    """No configuration with another value was found, and no proof that there is none."""


@dataclass(frozen=True, slots=True)
class Considered:
    """A symbol that was looked at and is not varied; ``why`` tells more."""

    name: str
    role: Role
    evidence: tuple[Statement, ...]
    why: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One combination; ``values`` in the order of ``MatrixResult.vary``.

    ``witness`` is the index of the configuration that shows it, ``file`` where that was
    written, ``path_class`` an index into ``MatrixResult.classes``; None where there is none.
    ``reasons`` say why it is impossible or undecided.
    """

    values: tuple[str, ...]
    verdict: Verdict
    reasons: tuple[Statement, ...] = ()
    witness: int | None = None
    file: str | None = None
    path_class: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of the object on ``platforms``: ``effects``; nothing seen if empty.

    ``mask``: the witnesses of the class that have these platforms.
    """

    platforms: tuple[str, ...]
    effects: tuple[str, ...]
    mask: Mask


@dataclass(frozen=True, slots=True)
class MatrixClass:
    """Combinations with identical paths; ``when`` is over the varied symbols.

    ``built``: whether any of the functions asked about is there.
    """

    mask: Mask
    when: str
    outcomes: tuple[Outcome, ...]
    built: bool


@dataclass(frozen=True, slots=True)
class MatrixResult:
    """Everything a renderer needs; ``paths`` are those of all witnesses together."""

    base: ConfigInfo
    functions: tuple[str, ...]
    vary: tuple[Varied, ...]
    considered: tuple[Considered, ...]
    rows: tuple[Row, ...]
    classes: tuple[MatrixClass, ...]
    paths: PathsResult
    diagnostics: tuple[Diagnostic, ...]
