"""What evaluating a function needs of its translation unit, and what it is handed.

A :class:`Bound` piece is a parsed piece together with what its holes expand to, one
alternative per group of configurations. The unit (``callgraph/``) makes them; the
evaluation only asks through :class:`Scope`. All masks are over the run's ConfigSet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from analyzer.configset.configset import Mask
from analyzer.csource.syntax import Declaration, EnumBody, FunctionDefinition, Piece, Tagged


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """A piece with its holes filled.

    ``texts`` are the token texts that the piece was parsed from, ``raw`` the same with
    every hole written as in the source (for guards in reports). ``holes[i]`` lists the
    expansions of hole *i*: disjoint masks, and none for a configuration in which the
    piece itself does not exist. Expansions have no holes of their own.
    ``origin`` belongs to the unit: it turns a token index into a place.
    """

    piece: Piece
    texts: tuple[str, ...]
    raw: tuple[str, ...]
    holes: tuple[tuple[tuple[Mask, Bound], ...], ...]
    origin: object = field(default=None)


@dataclass(frozen=True, slots=True)
class Found:
    """A file-scope declaration or definition that a name can refer to, where ``mask`` holds.

    For a :class:`Declaration`, ``index`` is the declarator's position; for a function
    definition it is 0.
    """

    mask: Mask
    statement: Declaration | FunctionDefinition
    index: int
    bound: Bound


@dataclass(frozen=True, slots=True)
class FoundTag:
    """A struct, union or enum body under a tag."""

    mask: Mask
    type: Tagged
    bound: Bound


@dataclass(frozen=True, slots=True)
class FoundEnumerator:
    """The enum body that declares an enumerator."""

    mask: Mask
    body: EnumBody
    bound: Bound


class Scope(Protocol):
    """File scope of one translation unit; answers are memoised by the unit."""

    def ordinary(self, name: str) -> Sequence[Found]:
        """Declarations of an ordinary identifier: typedef, variable, function.

        A name usually has several (prototype, attributes on another one, definition);
        all are listed in source order.
        """

    def tag(self, kind: str, name: str) -> Sequence[FoundTag]:
        """The bodies of ``struct``/``union``/``enum`` ``name``."""

    def enumerator(self, name: str) -> Sequence[FoundEnumerator]:
        """The enums that declare ``name``."""
