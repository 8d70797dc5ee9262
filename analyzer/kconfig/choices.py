"""Which member of a choice is taken, over masks.

Since Linux 6.11 (``sym_calc_choice()`` in ``scripts/kconfig/symbol.c``) a choice is always
bool and always has exactly one member where any is visible: the last one assigned ``y``, or
the default unless it was refused with ``n``, or the first without a value, or the one
refused first. Before, a choice had a value of its own, its *mode*: it could be tristate or
``optional``, its members showed only where it did, and ``n`` refused nothing. A tree whose
own resolver is of that kind gets those rules (``load``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.configset.configset import Mask
from analyzer.kconfig.uservalues import Given

Priorities = Sequence[tuple[Mask, tuple[int, ...]]]
"""Disjoint masks with the members that have a user value there, the last assigned first."""


@dataclass(frozen=True, slots=True)
class ChoiceMember:
    """What is known of a member: its visibility (at least ``m``; ``y``) and user value."""

    index: int
    visible_m: Mask
    visible_y: Mask
    given: Given


@dataclass(frozen=True, slots=True)
class Outcome:
    """The value of a member (at least ``m``; ``y``) and where it can be set at all."""

    m: Mask
    y: Mask
    visible: Mask


Defaults = Sequence[tuple[int, Mask]]
"""The ``default``s of a choice in order: a symbol's index and where its condition holds."""


def choose(
    members: Sequence[ChoiceMember], defaults: Defaults, priorities: Priorities, everywhere: Mask
) -> dict[int, Outcome]:
    """The outcome of a choice of today by member index."""
    taking = _Taking({member.index: member.visible_m for member in members}, everywhere)
    taking.wanted(members, priorities)
    refused = {member.index: member.given.any & ~member.given.m for member in members}
    taking.default(defaults, refused)
    for member in members:
        taking.take(member.index, ~member.given.any)
    for mask, order in priorities:
        for index in reversed(order):
            taking.take(index, mask)
    return {
        index: Outcome(mask, mask, taking.visible[index]) for index, mask in taking.taken.items()
    }


def choose_in_mode(
    members: Sequence[ChoiceMember],
    defaults: Defaults,
    priorities: Priorities,
    mode: tuple[Mask, Mask],
) -> dict[int, Outcome]:
    """The outcome of a choice whose own value is ``mode`` (at least ``m``; ``y``).

    Where the mode is ``y`` one member is ``y`` and those that could only be ``m`` cannot be
    set; where it is ``m`` every member can be ``m`` for itself.
    """
    mode_m, mode_y = mode
    taking = _Taking({member.index: member.visible_y & mode_y for member in members}, mode_y)
    taking.last_wanted(members, priorities)
    taking.default(defaults, {})
    only_m = mode_m & ~mode_y
    result: dict[int, Outcome] = {}
    for member in members:
        modular = member.visible_m & only_m
        y = taking.taken[member.index]
        m = y | (modular & member.given.m)
        result[member.index] = Outcome(m, y, taking.visible[member.index] | modular)
    return result


class _Taking:
    """Takes members one after the other: ``rest`` is where none has been taken yet."""

    def __init__(self, visible: dict[int, Mask], everywhere: Mask) -> None:
        self.visible = visible
        self.taken = dict.fromkeys(visible, 0)
        self.rest = everywhere

    def take(self, index: int, where: Mask) -> None:
        """Take a member ``where`` it is visible and the choice is still open."""
        here = where & self.rest & self.visible[index]
        self.taken[index] |= here
        self.rest &= ~here

    def wanted(self, members: Sequence[ChoiceMember], priorities: Priorities) -> None:
        """Those assigned ``y``, the last one first."""
        y = {member.index: member.given.y for member in members}
        for mask, order in priorities:
            for index in order:
                self.take(index, mask & y[index])

    def last_wanted(self, members: Sequence[ChoiceMember], priorities: Priorities) -> None:
        """Only the last one assigned ``y``; if it does not show no other takes its place."""
        y = {member.index: member.given.y for member in members}
        for mask, order in priorities:
            open_ = mask
            for index in order:
                here = open_ & y[index]
                open_ &= ~here
                self.take(index, here)

    def default(self, defaults: Defaults, refused: dict[int, Mask]) -> None:
        """The first default that applies and is visible, else the first visible member.

        Where it is ``refused`` no other is tried.
        """
        undecided = self.rest
        for index, condition in (*defaults, *((index, undecided) for index in self.visible)):
            if index in self.visible:
                here = undecided & condition & self.visible[index]
                undecided &= ~here
                self.take(index, here & ~refused.get(index, 0))
