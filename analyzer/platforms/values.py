"""What the objects of a booting kernel hold: values with masks and guards.

An **object** is a variable; a **cell** is an object or a part of it, by its path of members
(``.name``) and elements (``[3]``, ``[]`` for any). What a cell holds is a list of
:class:`Held`: each value in the configurations of its mask, under the guards under which it
was stored. Values with the same mask are alternatives. All masks are wide: over configurations
and platforms (:mod:`analyzer.platforms.axis`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from analyzer.configset.configset import Mask
from analyzer.location import Location

ANY_ELEMENT = "[]"


@dataclass(frozen=True, slots=True)
class ObjectKey:
    """A variable. ``unit`` is the object file for one with internal linkage or a local;
    ``frame`` tells apart the activations of a function, 0 for what outlives them. ``tag``: of
    its structure, if it is one; no part of its identity."""

    name: str
    unit: str = ""
    frame: int = 0
    tag: str | None = field(default=None, compare=False)


Path: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """An object or the part of it at ``path``."""

    object: ObjectKey
    path: Path = ()

    def inside(self, *steps: str) -> Cell:
        return Cell(self.object, self.path + steps)


@dataclass(frozen=True, slots=True)
class FunctionValue:
    """A function, as unit ``unit`` means its name."""

    name: str
    unit: str


@dataclass(frozen=True, slots=True)
class AddressValue:
    """The address of a cell."""

    cell: Cell


@dataclass(frozen=True, slots=True)
class NumberValue:
    value: int


@dataclass(frozen=True, slots=True)
class NonZero:
    """Not zero, and not known otherwise."""


@dataclass(frozen=True, slots=True)
class StructValue:
    """What a structure or array holds as a whole: a copy of the cell's parts."""

    cell: Cell


@dataclass(frozen=True, slots=True)
class UnknownValue:
    """Not known; ``text`` says of what, for people."""

    text: str = ""


Value: TypeAlias = FunctionValue | AddressValue | NumberValue | NonZero | StructValue | UnknownValue

UNKNOWN = UnknownValue()


@dataclass(frozen=True, slots=True)
class BootGuard:
    """A condition on the way to a store that the boot does not decide by itself.

    ``text`` is the condition as written, to be read with ``negated``. ``key`` tells it apart
    from others that read alike; it is the same for the condition and its negation.
    ``reads`` are the variables, ``calls`` the functions and ``features`` the CPU features that
    the condition depends on, ``function`` is where it stands.
    """

    text: str
    negated: bool
    key: tuple[str, ...]
    reads: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    function: str = ""
    location: Location | None = None
    features: tuple[int, ...] = ()

    @property
    def words(self) -> str:
        """The condition that holds, as C text."""
        if not self.negated:
            return self.text
        return f"!{self.text}" if _PRIMARY.fullmatch(self.text) else f"!({self.text})"


_PRIMARY = re.compile(r"[\w.]+(?:->[\w.]+)*(?:\([^()]*\))?")


Guards: TypeAlias = tuple[BootGuard, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """``value`` where ``mask``, under all of ``guards``; ``place``: where it was stored."""

    mask: Mask
    value: Value
    guards: Guards = ()
    place: Location | None = None


def joined(first: Guards, second: Guards) -> Guards:
    """Both conjunctions at once, no guard twice."""
    if not second:
        return first
    known = {(guard.key, guard.negated) for guard in first}
    return first + tuple(g for g in second if (g.key, g.negated) not in known)


def contradict(first: Guards, second: Guards) -> bool:
    """Whether the two conjunctions cannot hold at once."""
    if not first or not second:
        return False
    signs = {guard.key: guard.negated for guard in first}
    return any(signs.get(guard.key, guard.negated) != guard.negated for guard in second)


def settled(values: list[Held], guards: Guards) -> list[Held]:
    """What is left of alternatives in the order of their stores where ``guards`` hold: a store
    whose own guards are among these has replaced those before it."""
    if len(values) < 2:
        return values
    covered: Mask = 0
    by_this: Mask = 0
    place = values[-1].place
    left: list[Held] = []
    for one in reversed(values):
        if one.place != place:
            covered |= by_this
            by_this, place = 0, one.place
        mask = one.mask & ~covered
        if not mask or contradict(guards, one.guards):
            continue
        left.append(one if mask == one.mask else replace(one, mask=mask))
        if implied(one.guards, guards):
            by_this |= mask
    left.reverse()
    return left


def implied(wider: Guards, narrower: Guards) -> bool:
    """Whether ``narrower`` has every guard of ``wider``, hence implies it."""
    signs = {(guard.key, guard.negated) for guard in narrower}
    return all((guard.key, guard.negated) in signs for guard in wider)
