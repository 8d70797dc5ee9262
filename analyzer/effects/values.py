"""What operands of one function have to do with the object, as its actions are followed.

A frame knows, for each local, where it may hold the object or lead to it. Loops stand for
one round, and a store under a guard does not replace what was there before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from analyzer.configset.configset import Mask
from analyzer.configset.widening import Widening
from analyzer.csource.operand import (
    Address,
    Aggregate,
    Choice,
    Derived,
    Element,
    Field,
    Literal,
    Load,
    Offset,
    Operand,
    Place,
    Result,
    Step,
    Storage,
    Variable,
    Varying,
)
from analyzer.effects.model import (
    Container,
    Entry,
    Held,
    Leads,
    Link,
    Named,
    Seed,
    Slot,
    Value,
)

Cell: TypeAlias = tuple[str, Storage, int, tuple[str, ...]]
"""A local variable and the members inside it."""

Found: TypeAlias = list[tuple[Mask, Value]]

_KEEPING = frozenset(("+", "|", "^", "&", "~", ">>", "<<", "asm"))
"""Operators whose result still tells the object: tags on pointers, frame numbers."""
_FLAG_BITS = 4096
"""An ``&`` with a number below this takes the flags out of a tagged pointer."""
_INSIDE = 3
"""Steps that are kept of the way to the member that a pointer points to, the last ones."""
_DEEP = 24
"""Levels of nested operands that are looked into."""


def names_of(path: Iterable[Step]) -> tuple[str, ...]:
    """The member names of a path; steps to elements are left out."""
    return tuple(step.name for step in path if isinstance(step, Field))


class Frame:
    """One activation of a function."""

    def __init__(
        self, parameters: Sequence[str], entry: Entry, seed: Seed | None, widening: Widening
    ) -> None:
        self._widening = widening
        self._seed = seed
        self._cells: dict[Cell, dict[Value, Mask]] = {}
        self._results: dict[int, Found] = {}
        self._points: dict[Cell, Address] = {}
        self.functions: dict[tuple[str, ...], tuple[Mask, Operand]] = {}
        """What functions have been stored in the object, by the path of the member."""
        for index, value in entry:
            if index < len(parameters):
                cell = (parameters[index], Storage.PARAMETER, index, ())
                self._cells.setdefault(cell, {})[value] = widening.everything

    # --- what an operand is -------------------------------------------------------------

    def values(self, operand: Operand | None, mask: Mask, depth: int = 0) -> Found:
        """How ``operand`` leads to the object where ``mask``; nothing if it does not."""
        if operand is None or not mask or depth > _DEEP:
            return []
        match operand:
            case Load(place):
                return _narrowed(self._loaded(place, mask, depth), mask)
            case Address(place):
                return _narrowed(self._address(place, mask, depth), mask)
            case Result(action):
                return _narrowed(self._results.get(action, ()), mask)
            case Derived(operator, operands):
                return self._derived(operator, operands, mask, depth)
            case Choice(_, then, otherwise):
                return [
                    *self.values(then, mask, depth + 1),
                    *self.values(otherwise, mask, depth + 1),
                ]
            case Varying(alternatives):
                return [
                    found
                    for share, one in alternatives
                    for found in self.values(one, mask & self._widening.spread(share), depth + 1)
                ]
            case Aggregate(items):
                return [
                    (where, value)
                    for _, leaf in items
                    for where, value in self.values(leaf, mask, depth + 1)
                    if isinstance(value, Held)
                ]
        return []

    def _loaded(self, place: Place, mask: Mask, depth: int) -> Iterator[tuple[Mask, Value]]:
        if self._is_seeded(place):
            yield mask, Held()
            return
        names = names_of(place.path)
        if isinstance(place.root, Variable):
            for cell, held in self._cells.items():
                if cell[:3] != _variable(place.root):
                    continue
                exact = cell[3] == names
                for value, where in held.items():
                    if exact:
                        yield where, value
                    elif isinstance(value, Held) and names[: len(cell[3])] == cell[3]:
                        yield where, Held()
            return
        for where, value in self.values(place.root, mask, depth + 1):
            if isinstance(value, Leads) and names[: len(value.path)] == value.path:
                yield where, Held()

    def _address(self, place: Place, mask: Mask, depth: int) -> Iterator[tuple[Mask, Value]]:
        if self._is_seeded(place):
            yield mask, Leads()
            return
        names = names_of(place.path)
        if isinstance(place.root, Variable):
            for cell, held in self._cells.items():
                if cell[:3] == _variable(place.root) and cell[3][: len(names)] == names:
                    for value, where in held.items():
                        if isinstance(value, Held):
                            yield where, Leads(cell[3][len(names) :])
            return
        for where, value in self.values(place.root, mask, depth + 1):
            if isinstance(value, Held):
                fields = tuple(step for step in place.path if isinstance(step, Field))
                yield where, Held((value.inside + fields)[-_INSIDE:])
            elif isinstance(value, Leads) and value.path[: len(names)] == names:
                yield where, Leads(value.path[len(names) :])

    def _derived(
        self, operator: str, operands: tuple[Operand, ...], mask: Mask, depth: int
    ) -> Found:
        if operator == "-":
            first, second = operands[0], operands[-1]
            if isinstance(second, Offset) and self._is_link(second):
                return [(mask, Held())]
            found = self.values(first, mask, depth + 1)
            if isinstance(second, Offset):
                return [(w, Held() if isinstance(v, Held) else v) for w, v in found]
            return found if len(operands) > 1 else []
        if operator not in _KEEPING or (operator == "&" and any(map(_is_flags, operands))):
            return []
        return [found for one in operands for found in self.values(one, mask, depth + 1)]

    def _is_seeded(self, place: Place) -> bool:
        seed = self._seed
        root = place.root
        if isinstance(seed, Named):
            return (
                isinstance(root, Variable)
                and root.storage in {Storage.AUTOMATIC, Storage.STATIC}
                and root.name == seed.name
            )
        if not isinstance(seed, Slot):
            return False
        if seed.tag is None:
            return isinstance(root, Variable) and root == Variable(seed.member, Storage.FILE)
        path = list(place.path)
        while path and isinstance(path[-1], Element):
            path.pop()
        return bool(path) and path[-1] == Field(seed.member, seed.tag)

    def _is_link(self, offset: Offset) -> bool:
        seed = self._seed
        return isinstance(seed, Link) and (offset.tag, offset.path) == (seed.tag, seed.path)

    # --- what actions do ------------------------------------------------------------------

    def returned(self, action: int, found: Found) -> None:
        """Call number ``action`` yields ``found``."""
        if found:
            self._results[action] = [*self._results.get(action, ()), *found]

    def store(self, place: Place, value: Operand, mask: Mask, certain: Mask) -> None:
        """A local is given a value; where ``certain``, the one before is gone."""
        root = place.root
        if not isinstance(root, Variable):
            return
        names = names_of(place.path)
        if isinstance(value, Aggregate) and any(path for path, _ in value.items):
            for path, leaf in value.items:
                self.store(place.inside(*path), leaf, mask, certain)
            return
        cell = (*_variable(root), names)
        found = self.values(value, mask)
        if not any(isinstance(step, Element) for step in place.path):
            self._forget(cell, certain & mask)
        for where, one in found:
            self.hold(root, names, one, where)
        if isinstance(value, Address) and not names:
            self._points[cell] = value

    def hold(self, root: Variable, path: tuple[str, ...], value: Value, mask: Mask) -> None:
        """A local may hold the object."""
        held = self._cells.setdefault((*_variable(root), path), {})
        held[value] = held.get(value, 0) | mask

    def pointed(self, place: Place) -> Place:
        """The place that is meant by one behind a local pointer with a known target."""
        root = place.root
        if isinstance(root, Load) and isinstance(root.place.root, Variable):
            cell = (*_variable(root.place.root), names_of(root.place.path))
            known = self._points.get(cell)
            if known is not None:
                return known.place.inside(*place.path)
        return place

    def _forget(self, cell: Cell, mask: Mask) -> None:
        held = self._cells.get(cell)
        if held and mask:
            self._cells[cell] = {
                value: where & ~mask for value, where in held.items() if where & ~mask
            }


def container_of(place: Place, value: Held) -> Container | None:
    """What to call the container that ``place`` is part of."""
    if value.inside:
        return Link(value.inside[0].tag, tuple(step.name for step in value.inside))
    for step in reversed(place.path):
        if isinstance(step, Field):
            return Slot(step.tag, step.name) if step.tag is not None else None
    if isinstance(place.root, Variable):
        return Slot(None, place.root.name)
    return None


def entries_of(arguments: Sequence[Found], mask: Mask) -> Iterator[tuple[Mask, Entry]]:
    """What the parameters hold, by mask: disjoint."""
    parts: list[tuple[Mask, Entry]] = [(mask, ())]
    for index, found in enumerate(arguments):
        for where, value in found:
            refined: list[tuple[Mask, Entry]] = []
            for part, entry in parts:
                if part & where:
                    refined.append((part & where, (*entry, (index, value))))
                if part & ~where:
                    refined.append((part & ~where, entry))
            parts = refined
    yield from ((part, entry) for part, entry in parts if part)


def _variable(variable: Variable) -> tuple[str, Storage, int]:
    return (variable.name, variable.storage, variable.number)


def _narrowed(found: Iterable[tuple[Mask, Value]], mask: Mask) -> Found:
    merged: dict[Value, Mask] = {}
    for where, value in found:
        if where & mask:
            merged[value] = merged.get(value, 0) | (where & mask)
    return [(where, value) for value, where in merged.items()]


def _is_flags(operand: Operand) -> bool:
    return isinstance(operand, Literal) and 0 <= operand.value < _FLAG_BITS
