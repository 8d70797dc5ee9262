"""Which member of a choice is taken, over masks.

Since Linux 6.9 (``sym_calc_choice()`` in ``scripts/kconfig/symbol.c``) a choice is always
bool and always has exactly one member where any is visible: the last one assigned ``y``, or
the default unless it was refused with ``n``, or the first without a value, or the one
refused first. Before, a choice could be tristate or ``optional``; trees that still declare
such a choice get the older rules for it, with a mode of its own.
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
    """The outcome of a plain choice by member index."""
    visible = {member.index: member.visible_m for member in members}
    taken = _taken(members, visible, defaults, priorities, everywhere)
    return {index: Outcome(mask, mask, visible[index]) for index, mask in taken.items()}


def choose_in_mode(
    members: Sequence[ChoiceMember],
    defaults: Defaults,
    priorities: Priorities,
    mode: tuple[Mask, Mask],
) -> dict[int, Outcome]:
    """The outcome of a tristate or optional choice whose value is ``mode`` (``m``, ``y``).

    Where the mode is ``y`` one member is ``y`` and those that could only be ``m`` cannot be
    set; where it is ``m`` every member can be ``m`` for itself.
    """
    mode_m, mode_y = mode
    visible = {member.index: member.visible_y & mode_y for member in members}
    taken = _taken(members, visible, defaults, priorities, mode_y)
    only_m = mode_m & ~mode_y
    result: dict[int, Outcome] = {}
    for member in members:
        modular = member.visible_m & only_m
        y = taken[member.index]
        m = y | (modular & member.given.m)
        result[member.index] = Outcome(m, y, visible[member.index] | modular)
    return result


def _taken(
    members: Sequence[ChoiceMember],
    visible: dict[int, Mask],
    defaults: Defaults,
    priorities: Priorities,
    everywhere: Mask,
) -> dict[int, Mask]:
    given = {member.index: member.given for member in members}
    taken = dict.fromkeys(given, 0)
    rest = everywhere

    def take(index: int, where: Mask) -> None:
        nonlocal rest
        taken[index] |= where
        rest &= ~where

    for mask, order in priorities:
        for index in order:
            take(index, mask & rest & visible[index] & given[index].y)
    open_ = rest
    for index, condition in (*defaults, *((member.index, everywhere) for member in members)):
        if not open_ or index not in visible:
            continue
        default = open_ & condition & visible[index]
        open_ &= ~default
        refused = given[index].any & ~given[index].m
        take(index, default & ~refused)
    for member in members:
        take(member.index, rest & visible[member.index] & ~member.given.any)
    for mask, order in priorities:
        for index in reversed(order):
            take(index, mask & rest & visible[index])
    return taken
