"""What expressions denote, in the words of the analyses that follow values.

A **place** is an object that can hold a value: a variable, what a pointer points to, or a
member or element inside one. An **operand** is a value as the text gives it: a number, a
function, what a place holds, a place's address, the result of a call. Operands are made
while a function is walked, when its names mean what they mean at that point.

Masks are over the run's ConfigSet.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TypeAlias

from analyzer.configset.configset import Mask


class Storage(enum.Enum):
    """Where a variable lives."""

    FILE = "file"
    PARAMETER = "parameter"
    AUTOMATIC = "automatic"
    STATIC = "static"
    """Declared in a function and kept between calls."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A named object. ``number``: of a parameter, its position from 0; of another local, a
    number that tells apart those of one name; 0 at file scope. ``tag``: of its structure."""

    name: str
    storage: Storage
    number: int = 0
    tag: str | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """A step to a member of the structure ``tag`` (None where its type has none)."""

    name: str
    tag: str | None = None


@dataclass(frozen=True, slots=True)
class Element:
    """A step to an element."""

    index: Operand


Step: TypeAlias = Field | Element


@dataclass(frozen=True, slots=True)
class Place:
    """``root`` is a variable, or an operand whose value points to the object."""

    root: Variable | Operand
    path: tuple[Step, ...] = ()

    def inside(self, *steps: Step) -> Place:
        """The place that further steps lead to."""
        return Place(self.root, self.path + steps)


@dataclass(frozen=True, slots=True)
class Literal:
    """An integer constant."""

    value: int


@dataclass(frozen=True, slots=True)
class FunctionName:
    """The address of a function, by the name it has in the unit."""

    name: str


@dataclass(frozen=True, slots=True)
class Words:
    """A string literal."""

    text: str


@dataclass(frozen=True, slots=True)
class Load:
    """What a place holds."""

    place: Place


@dataclass(frozen=True, slots=True)
class Address:
    """The address of a place."""

    place: Place


@dataclass(frozen=True, slots=True)
class Result:
    """What a call returns; ``action`` is its index in the function's actions."""

    action: int


@dataclass(frozen=True, slots=True)
class Offset:
    """``offsetof``: the distance of ``path`` from the start of a structure ``tag``."""

    tag: str | None
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Derived:
    """Computed from ``operands`` by ``operator`` as written in C, or by an ``asm`` statement."""

    operator: str
    operands: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """``condition ? then : otherwise``, decided at run time."""

    condition: Operand
    then: Operand
    otherwise: Operand


@dataclass(frozen=True, slots=True)
class Aggregate:
    """An initialiser or compound literal: leaves by their paths; what is not named is zero."""

    items: tuple[tuple[tuple[Step, ...], Operand], ...]


@dataclass(frozen=True, slots=True)
class Varying:
    """Different operands in different configurations: disjoint masks."""

    alternatives: tuple[tuple[Mask, Operand], ...]


@dataclass(frozen=True, slots=True)
class Opaque:
    """A value that could not be told; ``text`` says of what."""

    text: str = ""


Operand: TypeAlias = (
    Literal
    | FunctionName
    | Words
    | Load
    | Address
    | Result
    | Offset
    | Derived
    | Choice
    | Aggregate
    | Varying
    | Opaque
)


def varying(alternatives: list[tuple[Mask, Operand]]) -> Operand:
    """One operand for several configurations; equal alternatives are put together."""
    merged: dict[Operand, Mask] = {}
    for mask, operand in alternatives:
        merged[operand] = merged.get(operand, 0) | mask
    if not merged:
        return Opaque()
    if len(merged) == 1:
        return next(iter(merged))
    return Varying(tuple((mask, operand) for operand, mask in merged.items()))
