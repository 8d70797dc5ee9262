"""The words of the analysis: values that lead to the object, containers, what happens to it.

The **object** is what the function asked about is to release. All masks are wide
(:mod:`analyzer.configset.widening`). Indices of parameters and arguments count from 0.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from analyzer.callgraph.program import FunctionRef
from analyzer.configset.configset import Mask
from analyzer.csource.operand import Field
from analyzer.location import Location

IMMEDIATE = "immediate-free"
GATHER = "gather-free"
IPI_THEN = "ipi-then-free"
GRACE_PERIOD_THEN = "grace-period-then-free"
DROP = "reference-drop"
UNKNOWN = "unknown"


def callback_free(context: str) -> str:
    """The effect of being handed to a callback in ``context`` that releases the object."""
    return f"{context}-callback-free"


@dataclass(frozen=True, slots=True)
class Held:
    """The object: a pointer to it or an encoding of one. ``inside``: the steps from its
    start to the member that is pointed to."""

    inside: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class Leads:
    """A pointer to memory where ``path`` (member names; elements left out) holds the object."""

    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Runs:
    """A function, handed on together with the object; ``ref`` has no mask."""

    ref: FunctionRef


Value: TypeAlias = Held | Leads | Runs

Entry: TypeAlias = tuple[tuple[int, Value], ...]
"""What the parameters of a function hold when it is called, as far as it matters."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Member ``member`` of any structure ``tag``; a variable at file scope if that is None."""

    tag: str | None
    member: str

    def __str__(self) -> str:
        return self.member if self.tag is None else f"{self.tag}.{self.member}"


@dataclass(frozen=True, slots=True)
class Link:
    """Lists through member ``path`` of structures ``tag``."""

    tag: str | None
    path: tuple[str, ...]

    def __str__(self) -> str:
        return f"a list through {'.'.join((self.tag or '', *self.path))}"


Container: TypeAlias = Slot | Link


@dataclass(frozen=True, slots=True)
class Named:
    """A local variable that holds the object whenever it is read."""

    name: str


Seed: TypeAlias = Container | Named
"""Where, other than in parameters, the object comes from."""


class Gone(enum.Enum):
    """How an object is given up in the activation at hand."""

    RELEASED = "released"
    DROPPED = "dropped"
    """A reference to it, which may be the last."""

    @property
    def effect(self) -> str:
        """The effect where nothing else has to be said."""
        return IMMEDIATE if self is Gone.RELEASED else DROP


@dataclass(frozen=True, slots=True)
class Release:
    """``at`` gives the object up at ``where``.

    ``ipi``, ``waited``: where an IPI broadcast or a grace period has always passed before,
    in the activation. ``meets``: the callers that made sure of it, with the masks.
    """

    gone: Gone
    at: FunctionRef
    where: Location
    mask: Mask
    ipi: Mask = 0
    waited: Mask = 0
    meets: tuple[tuple[FunctionRef, Mask], ...] = ()


@dataclass(frozen=True, slots=True)
class HandOver:
    """``at`` hands the object to a callback in ``context`` that gives it up."""

    context: str
    at: FunctionRef
    where: Location
    mask: Mask


@dataclass(frozen=True, slots=True)
class Kept:
    """``at`` stores the object in a container.

    ``parameter``: the container is reached from this parameter by ``path``; None when it
    is nothing that a caller would know better. ``container`` is None if it has no name.
    ``covered``: where the object is given up on the same way as well. ``through``: the units
    that the object came through before it was stored, nearest first. ``carries``: the edges
    that it came by.
    """

    container: Container | None
    at: FunctionRef
    where: Location
    mask: Mask
    parameter: int | None = None
    path: tuple[str, ...] = ()
    covered: Mask = 0
    through: tuple[str, ...] = ()
    carries: tuple[Carry, ...] = ()


@dataclass(frozen=True, slots=True)
class Lost:
    """The object cannot be followed from ``where``: ``text`` says why."""

    text: str
    at: FunctionRef
    where: Location
    mask: Mask
    covered: Mask = 0


Event: TypeAlias = Release | HandOver | Kept | Lost


def narrowed_event(event: Event, mask: Mask) -> Event:
    """The event in the configurations of ``mask``."""
    return event if event.mask & ~mask == 0 else replace(event, mask=event.mask & mask)


@dataclass(frozen=True, slots=True)
class Carry:
    """An edge that carries the object, or waits before it is given up.

    From ``source`` at ``where`` through the macros named, outermost first, to ``target``
    (None if it is unknown), which is spelled ``name`` there.
    """

    source: FunctionRef
    where: Location
    macros: tuple[str, ...]
    name: str
    target: FunctionRef | None


Labels: TypeAlias = Mapping[tuple[FunctionRef, str], Mask]
"""What happens in a function, in words: effect -> mask."""

Carries: TypeAlias = Mapping[Carry, Mask]


@dataclass(frozen=True, slots=True)
class Summary:
    """One function, called with an :data:`Entry`: what its activation does with the object.

    ``returns``: what comes back. ``sure``: where the object is given up on every way.
    ``unseen``: calls into other objects that have not been looked into, as what the object
    would be lost by. ``labels`` are those of other activations below it.
    """

    events: tuple[Event, ...] = ()
    returns: tuple[tuple[Mask, Value], ...] = ()
    sure: Mask = 0
    unseen: tuple[Lost, ...] = ()
    labels: Labels = field(default_factory=dict)
    carries: Carries = field(default_factory=dict)


NOTHING = Summary()


@dataclass(frozen=True, slots=True)
class Outcome:
    """A whole activation: the effects by name, with labels, edges and where it got lost."""

    effects: Mapping[str, Mask]
    labels: Labels
    carries: Carries
    lost: tuple[Lost, ...]


def add(masks: dict[str, Mask], name: str, mask: Mask) -> None:
    """Widen the mask of an effect."""
    if mask:
        masks[name] = masks.get(name, 0) | mask
