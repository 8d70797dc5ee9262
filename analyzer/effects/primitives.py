"""What a call of a known function means for the object: release, dropped reference, callback.

The names are in the knowledge files only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analyzer.configset.configset import Mask
from analyzer.configset.widening import Widening
from analyzer.csource.action import CallAction
from analyzer.csource.operand import Choice, FunctionName, Operand, Varying
from analyzer.effects.model import Gone, Held, Leads, Value
from analyzer.effects.values import Found, Frame, names_of
from analyzer.primitives.knowledge import Knowledge
from analyzer.primitives.model import Form

_SEVERAL = frozenset((Form.ARRAY, Form.BATCH, Form.LIST))
"""Forms in which an argument leads to the objects and is none itself."""


@dataclass(frozen=True, slots=True)
class GivenUp:
    """The object is given up where ``mask``; in context ``after`` if that is not None."""

    gone: Gone
    after: str | None
    mask: Mask


@dataclass(frozen=True, slots=True)
class Handed:
    """``value`` is handed to ``function``, which runs in ``context``; None: not in sight."""

    function: Operand | None
    value: Value
    context: str
    mask: Mask


def given_up(
    knowledge: Knowledge, action: CallAction, arguments: Sequence[Found]
) -> GivenUp | None:
    """Whether the call releases the object or drops a reference to it."""
    name = action.site.name
    for release in knowledge.releases(name):
        mask = _object_mask(arguments, release.object, release.form)
        if mask:
            return GivenUp(Gone.RELEASED, release.after, mask)
    for drop in knowledge.reference_drops(name):
        mask = _object_mask(arguments, drop.object, drop.form)
        if mask:
            return GivenUp(Gone.DROPPED, None, mask)
    return None


def _object_mask(arguments: Sequence[Found], index: int, form: Form) -> Mask:
    mask = 0
    if index < len(arguments):
        for where, value in arguments[index]:
            if isinstance(value, Leads if form in _SEVERAL else Held):
                mask |= where
    return mask


def handed_over(
    knowledge: Knowledge, action: CallAction, arguments: Sequence[Found], frame: Frame
) -> Iterator[Handed]:
    """The callbacks that the call gives the object to."""
    name = action.site.name
    for callback in knowledge.callbacks(name):
        if callback.data is None or callback.data >= len(arguments):
            continue
        if callback.function < len(action.arguments):
            function = action.arguments[callback.function]
            for mask, value in arguments[callback.data]:
                if not isinstance(value, Held | Leads):
                    continue
                yield Handed(function, value, callback.context, mask)
    for starter in knowledge.starters(name):
        if starter.object >= len(arguments):
            continue
        for mask, value in arguments[starter.object]:
            if isinstance(value, Held):
                for context in knowledge.contexts_of(starter.struct):
                    members = _members(knowledge, starter.struct)
                    bound = _bound(frame, names_of(value.inside), members)
                    yield Handed(bound, value, context, mask)


def _members(knowledge: Knowledge, struct: str) -> tuple[str, ...]:
    """The members of a structure that hold what runs."""
    return tuple(holder.member for holder in knowledge.holders() if holder.name == struct)


def _bound(frame: Frame, inside: tuple[str, ...], members: Sequence[str]) -> Operand | None:
    """The function that has been stored in the object for the part that is started."""
    for path, (_, operand) in frame.functions.items():
        if path[: len(inside)] == inside and path[-1] in members:
            return operand
    return None


def functions_in(operand: Operand | None, mask: Mask, widening: Widening) -> list[tuple[Mask, str]]:
    """The names of the functions that a value can be."""
    match operand:
        case FunctionName(name):
            return [(mask, name)]
        case Varying(alternatives):
            return [
                found
                for share, one in alternatives
                for found in functions_in(one, mask & widening.spread(share), widening)
            ]
        case Choice(_, then, otherwise):
            return functions_in(then, mask, widening) + functions_in(otherwise, mask, widening)
    return []
