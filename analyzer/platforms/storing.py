"""Stores of a walk: of values, structures and descriptors; copies and merges."""

from __future__ import annotations

from dataclasses import replace

from analyzer.callgraph.analysis import site_location
from analyzer.configset.configset import Mask
from analyzer.csource.action import CallAction, StoreAction
from analyzer.csource.operand import (
    Aggregate,
    Element,
    Load,
    Operand,
    Place,
)
from analyzer.location import Location
from analyzer.platforms.conditions import of_guard
from analyzer.platforms.deciding import Deciding
from analyzer.platforms.evaluate import Frame
from analyzer.platforms.values import (
    AddressValue,
    Cell,
    Guards,
    Held,
    NumberValue,
    StructValue,
    joined,
)

COPIES = {"memcpy": (0, 1), "__builtin_memcpy": (0, 1), "__memcpy": (0, 1)}
"""Functions of the C library (C17 7.24.2.1) that copy objects: the arguments target, source."""


class Storing(Deciding):
    """Writes to the memory; nothing that outlives an activation while it only looks."""

    def _store(self, action: StoreAction, frame: Frame, mask: Mask, guards: Guards) -> None:
        place = site_location(action.where)
        if self._merge(action, frame, mask, guards, place):
            return
        if isinstance(action.value, Aggregate):
            self._store_aggregate(action.place, action.value, frame, mask, guards, place)
            return
        values = self.values(action.value, frame, mask)
        chosen = [replace(one, guards=()) for one in values if self._is_descriptor(one)]
        if chosen:
            self._put(action.place, chosen, frame, mask, (), place)
            values = [one for one in values if not self._is_descriptor(one)]
        self._put(action.place, values, frame, mask, guards, place)

    def _put(
        self,
        target: Place,
        values: list[Held],
        frame: Frame,
        mask: Mask,
        guards: Guards,
        place: Location,
    ) -> None:
        for share, cell, way in self.cells(target, frame, mask):
            if self._peeking and not cell.object.frame:
                continue
            held = [replace(one, mask=one.mask & share) for one in values if one.mask & share]
            self._passed(cell, place)
            self.memory.write(cell, held, joined(guards, way), place)

    def _passed(self, cell: Cell, place: Location) -> None:
        if not self._peeking and not cell.object.frame:
            self.report.passed.add(place)

    def _store_aggregate(
        self,
        target: Place,
        value: Aggregate,
        frame: Frame,
        mask: Mask,
        guards: Guards,
        place: Location,
    ) -> None:
        self._put(target, [Held(mask, NumberValue(0))], frame, mask, guards, place)
        for steps, leaf in value.items:
            held = self.values(leaf, frame, mask)
            self._put(target.inside(*steps), held, frame, mask, guards, place)

    def _merge(
        self, action: StoreAction, frame: Frame, mask: Mask, guards: Guards, place: Location
    ) -> bool:
        """``to[i] = from[i]`` between structures seen as arrays: their members one by one;
        under the condition ``from[i]`` only those that are set."""
        value = action.value
        if not isinstance(value, Load):
            return False
        to, source = _without_index(action.place), _without_index(value.place)
        if to is None or source is None or to[1] != source[1]:
            return False
        only_set = any(fact.operand == value and not fact.negated for fact in action.guards)
        done = False
        for share, cell, _ in self.cells(source[0], frame, mask):
            leaves = self.memory.leaves(cell)
            if not leaves or any(leaf[0].startswith("[") for leaf in leaves):
                continue
            for other, target, _ in self.cells(to[0], frame, share):
                done = True
                for leaf in leaves:
                    held = self.memory.read(cell.inside(*leaf), other)
                    if only_set:
                        held = [one for one in held if one.value != NumberValue(0)]
                    if held and not self._peeking:
                        own = tuple(g for g in guards if g.text != _text_of(action, value))
                        self._passed(target, place)
                        for one in held:
                            # Where an alternative is not set, what was there stays.
                            way = joined(own, one.guards)
                            self.memory.write(
                                target.inside(*leaf), [replace(one, guards=())], way, place
                            )
        return done

    def _copied(self, action: CallAction, frame: Frame, mask: Mask, guards: Guards) -> None:
        target, source = COPIES[action.site.name]
        place = site_location(action.site.where)
        values = [
            Held(one.mask, StructValue(one.value.cell), one.guards)
            for one in self.values(action.arguments[source], frame, mask)
            if isinstance(one.value, AddressValue)
        ]
        if values:
            self._put(Place(action.arguments[target]), values, frame, mask, guards, place)

    def chosen(self, values: list[Held]) -> list[Held]:
        if not any(self._is_descriptor(one) for one in values):
            return values
        result: list[Held] = []
        for one in values:
            if isinstance(one.value, AddressValue) and self._is_descriptor(one):
                of = one.value.cell.object
                share = one.mask & self._walkable.detected.get((of.name, of.unit), 0)
                if share:
                    result.append(replace(one, mask=share))
            else:
                result.append(one)
        return result

    def _is_descriptor(self, held: Held) -> bool:
        value = held.value
        return (
            isinstance(value, AddressValue)
            and not value.cell.path
            and value.cell.object.tag is not None
            and value.cell.object.tag == self._walkable.descriptor
        )


def _without_index(place: Place) -> tuple[Place, Operand] | None:
    """An element's array and index."""
    if not place.path or not isinstance(place.path[-1], Element):
        return None
    return Place(place.root, place.path[:-1]), place.path[-1].index


def _text_of(action: StoreAction, value: Load) -> str:
    for fact in action.guards:
        if fact.operand == value:
            return of_guard(fact)[0].text
    return ""
