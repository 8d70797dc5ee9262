"""What a path search asks of the program: lazily resolved functions and their out-edges.

The search never sees C: it asks for the definitions that a name can mean and for the
edges that leave one of them. Work is done when asked, since a path touches a few
hundred of the program's hundred thousand functions.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from analyzer.configset.configset import Mask
from analyzer.location import Location
from analyzer.primitives.knowledge import Knowledge


class RefKind(enum.Enum):
    FUNCTION = "function"
    MACRO = "macro"


@dataclass(frozen=True, slots=True)
class FunctionRef:
    """One definition: ``unit`` is the object it is compiled in (``mm/memory.o``).

    A macro belongs to the unit in which it is expanded, and to the function (and the
    macros around it) that uses it, its ``owner``: what it calls depends on its arguments.
    ``location`` is the definition; None for a name that is declared but defined nowhere
    in the scope. ``mask``: where this definition exists and is the one meant.
    """

    name: str
    unit: str
    kind: RefKind
    location: Location | None
    mask: Mask
    static: bool = False
    absent: str | None = None
    owner: str = ""


def narrowed(ref: FunctionRef, mask: Mask) -> FunctionRef:
    """The same reference for the configurations of ``mask``."""
    return FunctionRef(
        ref.name, ref.unit, ref.kind, ref.location, mask, ref.static, ref.absent, ref.owner
    )


def identity(ref: FunctionRef) -> FunctionRef:
    """The reference without its mask: what identifies it."""
    return narrowed(ref, 0)


class OutKind(enum.Enum):
    CALL = "call"
    MACRO = "macro"
    INDIRECT = "indirect"
    CALLBACK = "callback"


class OutCertainty(enum.Enum):
    EXACT = "exact"
    CANDIDATE = "candidate"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class OutGuard:
    """A C condition under which an edge is taken: as written, and in words if it has any."""

    text: str
    label: str | None = None


@dataclass(frozen=True, slots=True)
class OutEdge:
    """One way out of a function: ``name`` as written; ``target`` None if unknown.

    ``guards`` are the C conditions, outermost first; ``conditionals`` are the
    preprocessor conditions that govern the line, as written, with their place.
    ``context``: where a callback runs (a context of the knowledge files), else None.
    ``platforms``: where the edge is taken, none for everywhere.
    """

    name: str
    target: FunctionRef | None
    kind: OutKind
    certainty: OutCertainty
    location: Location
    mask: Mask
    guards: tuple[OutGuard, ...] = ()
    conditionals: tuple[tuple[str, Location], ...] = ()
    slot: str | None = None
    context: str | None = None
    platforms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Doubt:
    """A conditional asks for macro ``name``, which no file defines before it where ``mask``
    holds; ``header`` was read before, as an empty stand-in, and might have."""

    header: str
    name: str
    mask: Mask


class Edges(Protocol):
    """What a walk follows."""

    def edges_of(self, ref: FunctionRef) -> Sequence[OutEdge]:
        """The edges leaving ``ref``, in source order."""


class Program(Edges, Protocol):
    """The analysed program of one run."""

    @property
    def knowledge(self) -> Knowledge:
        """What is known of general kernel functions."""

    def find(self, name: str, file: str | None) -> Sequence[FunctionRef]:
        """All definitions called ``name`` (in ``file`` only, if given), best known first."""

    def scope(self) -> str:
        """How far a name given without a file is looked for, in words."""

    def in_doubt(self, unit: str, condition: Location, text: str, mask: Mask) -> Sequence[Doubt]:
        """The stand-in headers on which a conditional that governs an edge may depend."""

    def names(self) -> Iterable[str]:
        """Names of the functions in scope, to offer the nearest one for an unknown name."""
