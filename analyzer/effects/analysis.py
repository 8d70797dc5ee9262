"""What becomes of an object that a function is asked to release: the whole question.

Follows the object from a root, puts what is known of single activations together with
the fate of the containers it is stored in, and finds the object where none is named.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from analyzer.callgraph.program import FunctionRef
from analyzer.configset.configset import Mask
from analyzer.effects.code import Body, Code
from analyzer.effects.containers import Containers, Fate
from analyzer.effects.flow import Flow
from analyzer.effects.model import (
    DROP,
    GATHER,
    GRACE_PERIOD_THEN,
    IPI_THEN,
    Carry,
    HandOver,
    Kept,
    Lost,
    Outcome,
    Release,
    Summary,
    add,
    callback_free,
)
from analyzer.effects.objects import Chosen
from analyzer.location import Location


class EffectAnalysis:
    """Answers for roots of one program."""

    def __init__(self, code: Code, within: Collection[str] | None = None) -> None:
        """``within``: the objects (units) that may be looked into; None for all."""
        self._code = code
        self._flow = Flow(code, self.settle, self._released, within)
        self._containers = Containers(code, self._flow)

    def of(self, body: Body, chosen: Chosen) -> Outcome:
        """What becomes of an object of a root."""
        return self.settle(self._flow.follow(body, chosen.entry, chosen.seed))

    def released_among(
        self, body: Body, objects: Sequence[Chosen]
    ) -> list[tuple[Chosen, Outcome | None]]:
        """Those of ``objects`` that are given up, all of the likeliest rank that has some; those
        that only lose a reference last. With what becomes of each, unless more would have to
        be looked into to tell that."""
        found: list[tuple[bool, Chosen, Outcome | None]] = []
        for chosen in objects:
            if found and chosen.rank != found[0][1].rank:
                break
            outcome = self.of(body, chosen)
            if outcome.effects:
                whole = None if self._flow.left_out or outcome.lost else outcome
                found.append((set(outcome.effects) == {DROP}, chosen, whole))
        return [(chosen, whole) for _, chosen, whole in sorted(found, key=lambda each: each[0])]

    # --- one activation -------------------------------------------------------------------

    def settle(self, summary: Summary) -> Outcome:
        """The effects of a whole activation."""
        effects: dict[str, Mask] = {}
        labels = dict(summary.labels)
        carries = dict(summary.carries)
        lost: dict[tuple[FunctionRef, Location, str], Lost] = {}
        for event in summary.events:
            match event:
                case Release():
                    for name, mask in _released(event):
                        add(effects, name, mask)
                        _widen(labels, (event.at, name), mask)
                        for ref, met in event.meets:
                            if name in {IPI_THEN, GRACE_PERIOD_THEN}:
                                _widen(labels, (ref, name), mask & met)
                case HandOver():
                    name = callback_free(event.context)
                    add(effects, name, event.mask)
                    _widen(labels, (event.at, name), event.mask)
                case Kept():
                    for each in self._contained(event, effects, labels, carries):
                        _lose(lost, each)
                case Lost():
                    if event.mask & ~event.covered:
                        _lose(lost, replace(event, mask=event.mask & ~event.covered))
        return Outcome(effects, labels, carries, tuple(lost.values()))

    def _released(self, event: Kept) -> Mask:
        """Where the elements of what the object is stored in are given up."""
        if event.container is None:
            return 0
        mask = 0
        for each in self._containers.near(event.container, event.at.unit).effects().values():
            mask |= each
        return mask

    def _contained(
        self,
        event: Kept,
        effects: dict[str, Mask],
        labels: dict[tuple[FunctionRef, str], Mask],
        carries: dict[Carry, Mask],
    ) -> Iterator[Lost]:
        left = event.mask
        told = 0
        more = ""
        if event.container is not None:
            units = (event.at.unit, *event.through)
            for number, fate in enumerate(self._containers.fates(event.container, units), 1):
                gathered = fate.effects().get(GATHER, 0) & left
                _widen(labels, (event.at, GATHER), gathered)
                known = _apply(fate, left, effects, labels, carries)
                told |= known
                left &= ~known
                searched = number >= len(units)
                if searched and not left & ~event.covered:
                    break
                if searched and self._flow.within is not None:
                    self._flow.left_out = True
                    break
                more = " in the sources looked into" if fate.capped else ""
        left &= ~event.covered
        for carry in event.carries:
            if told | left:
                carries[carry] = carries.get(carry, 0) | told | left
        if left:
            what = "memory" if event.container is None else str(event.container)
            text = f"stored in {what}, and nothing is seen to release it from there{more}"
            yield Lost(text, event.at, event.where, left)


def _apply(
    fate: Fate,
    mask: Mask,
    effects: dict[str, Mask],
    labels: dict[tuple[FunctionRef, str], Mask],
    carries: dict[Carry, Mask],
) -> Mask:
    """Add what becomes of elements where ``mask``; where something is known of them."""
    told = 0
    for name, where in fate.effects().items():
        add(effects, name, where & mask)
        told |= where & mask
    for label, where in fate.labels.items():
        _widen(labels, label, where & mask)
    for carry, where in fate.carries.items():
        if where & mask:
            carries[carry] = carries.get(carry, 0) | (where & mask)
    return told


def _released(event: Release) -> Iterator[tuple[str, Mask]]:
    """The effects of giving the object up, by what has passed before."""
    plain = event.mask & ~(event.ipi | event.waited)
    for name, mask in (
        (GRACE_PERIOD_THEN, event.mask & event.waited),
        (IPI_THEN, event.mask & event.ipi & ~event.waited),
        (event.gone.effect, plain),
    ):
        if mask:
            yield name, mask


def _widen(
    labels: dict[tuple[FunctionRef, str], Mask], key: tuple[FunctionRef, str], mask: Mask
) -> None:
    if mask:
        labels[key] = labels.get(key, 0) | mask


def _lose(lost: dict[tuple[FunctionRef, Location, str], Lost], event: Lost) -> None:
    key = (event.at, event.where, event.text)
    known = lost.get(key)
    lost[key] = event if known is None else replace(known, mask=known.mask | event.mask)
