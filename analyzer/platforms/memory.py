"""The memory of a walk: what each cell holds at this point of the boot.

A store without guards replaces what was there; one under guards adds an alternative, and
replaces those that could only be there under the same guards. Two stores under a condition
and its negation together replace what was there before them. What an object holds at first
is asked of its initialiser, once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from analyzer.configset.configset import Mask
from analyzer.location import Location
from analyzer.platforms.values import (
    ANY_ELEMENT,
    UNKNOWN,
    Cell,
    Guards,
    Held,
    NumberValue,
    ObjectKey,
    Path,
    StructValue,
    Value,
    contradict,
    implied,
    joined,
)

Initial = Callable[[ObjectKey], Iterable[tuple[Path, Held]] | None]
"""What an object holds at first, by leaf; None if it is not known."""

ZERO = NumberValue(0)


class Memory:
    """Cells and what they hold, over the configurations of a run."""

    __slots__ = ("_initial", "_objects", "_zeroed")

    def __init__(self, initial: Initial) -> None:
        self._initial = initial
        self._objects: dict[ObjectKey, dict[Path, tuple[Held, ...]]] = {}
        self._zeroed: set[ObjectKey] = set()

    def fork(self) -> Memory:
        """A copy that can be written to without touching this one."""
        other = Memory(self._initial)
        other._objects = {key: dict(parts) for key, parts in self._objects.items()}
        other._zeroed = set(self._zeroed)
        return other

    def forget(self, frame: int) -> None:
        """Drop the locals of an activation."""
        for key in [key for key in self._objects if key.frame == frame]:
            del self._objects[key]

    def touched(self) -> Iterator[ObjectKey]:
        """The objects at file scope that have been read or written."""
        return (key for key in self._objects if not key.frame)

    def parts(self, object_: ObjectKey) -> dict[Path, tuple[Held, ...]]:
        """What the leaves of an object hold, those that were ever set."""
        return self._of(object_)

    # --- reading ----------------------------------------------------------------------

    def read(self, cell: Cell, mask: Mask) -> list[Held]:
        """What a cell holds where ``mask``; the masks of the answer cover it."""
        parts = self._of(cell.object)
        if ANY_ELEMENT in cell.path:
            return self._read_any(cell, mask)
        held = parts.get(cell.path)
        found: list[Held] = []
        left = mask
        if held is not None:
            for one in held:
                if one.mask & mask:
                    found.append(replace(one, mask=one.mask & mask))
                    left &= ~one.mask
        if left:
            found += self._not_set(cell, left, parts)
        return found

    def _not_set(self, cell: Cell, mask: Mask, parts: dict[Path, tuple[Held, ...]]) -> list[Held]:
        """A cell without a value of its own: the whole of its parts, or part of a whole."""
        length = len(cell.path)
        if any(len(path) > length and path[:length] == cell.path for path in parts):
            return [Held(mask, StructValue(cell))]
        result: list[Held] = []
        for end in range(length - 1, -1, -1):
            for one in parts.get(cell.path[:end], ()):
                share = one.mask & mask
                if share:
                    value = ZERO if one.value == ZERO else UNKNOWN
                    result.append(Held(share, value, one.guards, one.place))
            for one in result:
                mask &= ~one.mask
            if not mask:
                return result
        zero = cell.object in self._zeroed and (bool(cell.path) or not parts)
        return [*result, Held(mask, ZERO if zero else UNKNOWN)]

    def _read_any(self, cell: Cell, mask: Mask) -> list[Held]:
        found: dict[tuple[Value, Guards], Held] = {}
        for path in self._matching(cell):
            for one in self.read(Cell(cell.object, path), mask):
                key = (one.value, one.guards)
                known = found.get(key)
                found[key] = one if known is None else replace(known, mask=known.mask | one.mask)
        return list(found.values()) or [Held(mask, UNKNOWN)]

    def _matching(self, cell: Cell) -> list[Path]:
        """The paths that a path with "any element" may mean, cut to its length."""
        length = len(cell.path)
        found = {
            path[:length]: None
            for path in self._of(cell.object)
            if len(path) >= length
            and all(
                wanted == step or (wanted == ANY_ELEMENT and step.startswith("["))
                for wanted, step in zip(cell.path, path, strict=False)
            )
        }
        return list(found)

    def leaves(self, cell: Cell) -> list[Path]:
        """The paths below a cell, relative to it, that hold something."""
        length = len(cell.path)
        return [
            path[length:]
            for path in self._of(cell.object)
            if len(path) > length and path[:length] == cell.path
        ]

    # --- writing ----------------------------------------------------------------------

    def write(
        self, cell: Cell, values: Sequence[Held], guards: Guards, place: Location | None
    ) -> None:
        """Store ``values``, alternatives with their own guards, under ``guards``."""
        mask = 0
        for value in values:
            mask |= value.mask
        if not mask:
            return
        if ANY_ELEMENT in cell.path:
            for path in self._matching(cell):
                self._add(Cell(cell.object, path), values, guards, place, keep=True)
            return
        whole = [one for one in values if isinstance(one.value, StructValue)]
        if whole:
            self._copy(cell, whole, guards, place)
            values = [one for one in values if not isinstance(one.value, StructValue)]
            if not values:
                return
        for leaf in self.leaves(cell):
            parts = [replace(one, value=ZERO if one.value == ZERO else UNKNOWN) for one in values]
            self._add(cell.inside(*leaf), parts, guards, place, keep=False)
        self._add(cell, values, guards, place, keep=False)

    def _copy(
        self, cell: Cell, sources: Sequence[Held], guards: Guards, place: Location | None
    ) -> None:
        """Copy the parts of structures; a part that one does not set becomes zero."""
        paths: dict[Path, None] = {}
        for source in sources:
            assert isinstance(source.value, StructValue)
            paths.update(dict.fromkeys(self.leaves(source.value.cell)))
        paths.update(dict.fromkeys(self.leaves(cell)))
        new: list[tuple[Path, list[Held]]] = []
        for path in paths:
            held: list[Held] = []
            for source in sources:
                assert isinstance(source.value, StructValue)
                for one in self.read(source.value.cell.inside(*path), source.mask):
                    value = UNKNOWN if isinstance(one.value, StructValue) else one.value
                    under = joined(source.guards, one.guards)
                    held.append(Held(one.mask, value, under, one.place))
            new.append((path, held))
        for path, held in new:
            self._add(cell.inside(*path), held, guards, place, keep=False)

    def _add(
        self,
        cell: Cell,
        values: Sequence[Held],
        guards: Guards,
        place: Location | None,
        *,
        keep: bool,
    ) -> None:
        mask = 0
        for one in values:
            mask |= one.mask
        before: Iterable[Held] = self._before(cell, mask)
        if not keep:
            before = _left(tuple(before), guards, mask)
        before = tuple(before)
        new = [
            Held(one.mask, one.value, joined(guards, one.guards), place)
            for one in values
            if not contradict(guards, one.guards) and not _is_there(before, one)
        ]
        self._of(cell.object)[cell.path] = (*before, *new)

    def _before(self, cell: Cell, mask: Mask) -> tuple[Held, ...]:
        """What a cell holds, made explicit where ``mask`` so that it can be added to."""
        held = self._of(cell.object).get(cell.path, ())
        covered = 0
        for one in held:
            covered |= one.mask
        if mask & ~covered:
            missing = self.read(cell, mask & ~covered)
            held = (*held, *(one for one in missing if not isinstance(one.value, StructValue)))
        return held

    def _of(self, object_: ObjectKey) -> dict[Path, tuple[Held, ...]]:
        parts = self._objects.get(object_)
        if parts is None:
            parts = self._objects[object_] = {}
            if not object_.frame:
                initial = self._initial(object_)
                if initial is not None:
                    self._zeroed.add(object_)
                    for path, held in initial:
                        parts[path] = (*parts.get(path, ()), held)
        return parts


def _is_there(before: tuple[Held, ...], new: Held) -> bool:
    """Whether nothing but the value of ``new`` is held where it is stored."""
    covered = 0
    for one in before:
        if one.mask & new.mask:
            if one.value != new.value or one.guards:
                return False
            covered |= one.mask
    return not new.mask & ~covered


def _left(before: tuple[Held, ...], guards: Guards, mask: Mask) -> Iterator[Held]:
    """What is left of ``before`` next to a store under ``guards`` where ``mask``."""
    opposite = _opposite(before, guards)
    for one in before:
        gone = one.mask & mask if implied(guards, one.guards) else 0
        if (
            opposite
            and not implied(_turned(guards), one.guards)
            and implied(guards[:-1], one.guards)
        ):
            gone |= one.mask & mask & opposite
        if one.mask & ~gone:
            yield replace(one, mask=one.mask & ~gone) if gone else one


def _opposite(before: tuple[Held, ...], guards: Guards) -> Mask:
    """Where there was a store under the negation of the last guard, the others the same."""
    if not guards:
        return 0
    turned = _turned(guards)
    found = 0
    for one in before:
        if implied(turned, one.guards):
            found |= one.mask
    return found


def _turned(guards: Guards) -> Guards:
    """The same guards with the last one the other way round."""
    *shared, last = guards
    return (*shared, replace(last, negated=not last.negated))
