"""The events of one function in the order of its actions: what has passed before each.

A wait counts if every way to the release comes past it; a store into a container, or a
call that leads nowhere, does not matter on a way on which the object is given up anyhow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol, TypeAlias

from analyzer.configset.configset import Mask
from analyzer.csource.action import CallAction
from analyzer.csource.sites import GuardFact
from analyzer.effects.code import Body, Code
from analyzer.effects.guards import exclude_each_other, passed_before
from analyzer.effects.model import Event, HandOver, Kept, Lost, Release, Summary
from analyzer.effects.waits import Waits

Noted: TypeAlias = tuple[int, tuple[GuardFact, ...], Event]
"""An event with the index and the guards of its action."""


class Waiting(Protocol):
    """What is asked about waits."""

    code: Code
    waits: Waits

    def waits_before(self, body: Body, index: int, mask: Mask) -> Summary:
        """The edges to what waits before an action."""


def in_order(
    waiting: Waiting, body: Body, noted: Sequence[Noted]
) -> tuple[tuple[Event, ...], list[tuple[Summary, Mask]]]:
    """The events with what has passed before them, and the edges that lead to waits, with
    the masks in which they matter."""
    events: list[Event] = []
    shown: list[tuple[Summary, Mask]] = []
    for index, guards, event in noted:
        if isinstance(event, Release):
            events.append(_after_waits(waiting, body, index, guards, event))
        elif isinstance(event, Kept | Lost):
            events.append(_covered(waiting, guards, event, noted))
        else:
            events.append(event)
        if not isinstance(event, Lost):
            shown.append((waiting.waits_before(body, index, event.mask), event.mask))
    return tuple(events), shown


def _after_waits(
    waiting: Waiting, body: Body, index: int, guards: tuple[GuardFact, ...], event: Release
) -> Release:
    widening = waiting.code.widening
    ipi, waited = event.ipi, event.waited
    for number, action in enumerate(body.actions.actions[:index]):
        if not isinstance(action, CallAction):
            continue
        mask = widening.spread(action.mask) & event.mask
        mask &= passed_before(action.guards, guards, widening)
        if mask & ~(ipi & waited):
            done = waiting.waits.always(body, action, number)
            ipi |= done.ipi & mask
            waited |= done.waited & mask
    new = (ipi & ~event.ipi) | (waited & ~event.waited)
    if not new:
        return event
    return replace(event, ipi=ipi, waited=waited, meets=(*event.meets, (body.ref, new)))


def _covered(
    waiting: Waiting, guards: tuple[GuardFact, ...], event: Kept | Lost, noted: Sequence[Noted]
) -> Event:
    covered = event.covered
    for _, other, release in noted:
        if isinstance(release, Release | HandOver):
            apart = exclude_each_other(guards, other, waiting.code.widening)
            covered |= release.mask & event.mask & ~apart
    return replace(event, covered=covered)
