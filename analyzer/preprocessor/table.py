"""The macro table: definitions with masks and with the time at which they hold.

Time is a counter that every change of the table advances. A header function that is
expanded long after the walk has passed it sees the definitions of its own place.
"""

from __future__ import annotations

import sys
from collections.abc import Container, Iterable, Iterator, Mapping, Set
from typing import Final, TypeAlias

from analyzer.configset.configset import Mask
from analyzer.preprocessor.macro import Macro

Alternatives: TypeAlias = tuple[tuple[Mask, Macro], ...]
"""Disjoint masks; in a configuration of none of them the name is no macro."""

Entry: TypeAlias = tuple[int, Alternatives]
"""Since when, and what."""

FOREVER: Final = sys.maxsize
"""A time after all times."""

SEVERAL: Final = Macro("", None, False, "", "", 0)
"""The answer of a :class:`SharedGroup` where its configurations disagree."""


class MacroTable:
    """All macros of one translation unit; ``base`` holds what is defined before line 1."""

    __slots__ = ("_entries", "_history", "time")

    def __init__(self, base: Mapping[str, Entry]) -> None:
        self._entries: dict[str, Entry] = dict(base)
        self._history: dict[str, list[Entry]] = {}
        self.time = 1

    def define(self, macro: Macro, mask: Mask) -> None:
        """``macro`` replaces what its name means in ``mask`` from now on."""
        self.time += 1
        name = macro.name
        old = self._entries.get(name)
        if old is None:
            self._entries[name] = (self.time, ((mask, macro),))
            return
        self._history.setdefault(name, []).append(old)
        rest: list[tuple[Mask, Macro]] = []
        for where, known in old[1]:
            if known is macro:  # a header that is read at different places
                mask |= where
            elif where & ~mask:
                rest.append((where & ~mask, known))
        self._entries[name] = (self.time, (*rest, (mask, macro)))

    def define_new(self, names: Set[str], definitions: Iterable[tuple[str, Alternatives]]) -> bool:
        """Define ``names`` at once, which stand in ``definitions`` with what they mean; False,
        and nothing is done, if one of them has been a macro before."""
        entries = self._entries
        if not entries.keys().isdisjoint(names):
            return False
        self.time += 1
        time = self.time
        for name, alternatives in definitions:
            entries[name] = (time, alternatives)
        return True

    def undefine(self, name: str, mask: Mask) -> None:
        """``name`` is no macro in ``mask`` from now on."""
        old = self._entries.get(name)
        if old is None:
            return
        self.time += 1
        self._history.setdefault(name, []).append(old)
        rest = tuple((m & ~mask, d) for m, d in old[1] if m & ~mask)
        self._entries[name] = (self.time, rest)

    def now(self, name: str) -> Alternatives:
        """The definitions of ``name`` at the present time."""
        entry = self._entries.get(name)
        return () if entry is None else entry[1]

    def at(self, name: str, time: int) -> Alternatives:
        """The definitions of ``name`` at ``time``."""
        entry = self._entries.get(name)
        if entry is None:
            return ()
        if entry[0] <= time:
            return entry[1]
        for past in reversed(self._history.get(name, ())):
            if past[0] <= time:
                return past[1]
        return ()

    def span(self, name: str, time: int) -> tuple[int, int]:
        """From when until before when ``name`` means what it means at ``time``."""
        entry = self._entries.get(name)
        if entry is None:
            return 0, FOREVER
        if entry[0] <= time:
            return entry[0], FOREVER
        until = entry[0]
        for past in reversed(self._history.get(name, ())):
            if past[0] <= time:
                return past[0], until
            until = past[0]
        return 0, until

    @property
    def names(self) -> Container[str]:
        """All names that have ever been macros."""
        return self._entries

    def among(self, names: Iterable[str]) -> list[str]:
        """Those of ``names`` that have ever been macros."""
        entries = self._entries
        return [name for name in names if name in entries]

    def ever(self, name: str) -> Iterator[Macro]:
        """Every definition that ``name`` has had; those of no configuration included."""
        for _, macro in self.made(name):
            yield macro

    def starting_with(self, prefix: str) -> Iterator[str]:
        """The names with a prefix that have ever been macros, in the order of definition."""
        return (name for name in self._entries if name.startswith(prefix))

    def made(self, name: str) -> Iterator[tuple[Mask, Macro]]:
        """Every definition that ``name`` has had with where it held, repeated with each change
        of another one."""
        entry = self._entries.get(name)
        if entry is not None:
            for _, alternatives in (*self._history.get(name, ()), entry):
                yield from alternatives

    def latest(self, name: str) -> Iterator[tuple[int, Mask, Macro]]:
        """The last definition that ``name`` has had in each configuration, since forgotten or
        not: a time at which it held, where (disjoint masks), and what it was."""
        entry = self._entries.get(name)
        done = 0
        for time, alternatives in (
            () if entry is None else (entry, *reversed(self._history.get(name, ())))
        ):
            for mask, macro in alternatives:
                if mask & ~done:
                    yield time, mask & ~done, macro
            for mask, _ in alternatives:
                done |= mask

    def defined(self, name: str, time: int) -> Mask:
        """Where ``name`` is a macro at ``time``."""
        result = 0
        for mask, _ in self.at(name, time):
            result |= mask
        return result


class Group:
    """The configurations that see the same definitions as one of them.

    Every look-up narrows ``mask`` to those that get the same answer (design: evaluate
    at the lowest set bit, intersect the masks of every look-up made on the way).
    ``seen`` records the answers, so that a result can be reused where they hold again.
    """

    __slots__ = ("_bit", "_table", "_time", "mask", "seen")

    def __init__(self, table: MacroTable, time: int, mask: Mask) -> None:
        self._table = table
        self._time = time
        self._bit = mask & -mask
        self.mask = mask
        self.seen: dict[str, Macro | None] = {}

    def lookup(self, name: str) -> Macro | None:
        """What ``name`` means in this group."""
        seen = self.seen
        if name in seen:
            return seen[name]
        answer: Macro | None = None
        alternatives = self._table.at(name, self._time)
        for mask, macro in alternatives:
            if mask & self._bit:
                self.mask &= mask
                answer = macro
                break
        else:
            for mask, _ in alternatives:
                self.mask &= ~mask
        seen[name] = answer
        return answer


class SharedGroup(Group):
    """Configurations that are kept together although they may see different definitions.

    A look-up does not narrow the group: it answers :data:`SEVERAL` where there is not one
    answer for all. Who cannot do without one asks for it with :meth:`settle`, which
    narrows the group; ``settled`` are the names that this happened for.
    """

    __slots__ = ("settled",)

    def __init__(self, table: MacroTable, time: int, mask: Mask, bit: Mask) -> None:
        """``bit``: the configuration of ``mask`` that is kept whatever is settled."""
        super().__init__(table, time, mask)
        self._bit = bit
        self.settled: set[str] = set()

    def lookup(self, name: str) -> Macro | None:
        seen = self.seen
        if name in seen:
            return seen[name]
        mask = self.mask
        for where, macro in self._table.at(name, self._time):
            if where & mask:
                if mask & ~where:
                    return SEVERAL
                seen[name] = macro
                return macro
        seen[name] = None
        return None

    def settle(self, name: str) -> None:
        """Keep only the configurations in which ``name`` means what it means in the one."""
        self.settled.add(name)
        super().lookup(name)

    def kinds(self, name: str) -> tuple[bool, bool]:
        """Whether ``name`` is an object-like macro in part of the group, and whether it is a
        function-like one."""
        object_like = function_like = False
        for where, macro in self._table.at(name, self._time):
            if where & self.mask:
                object_like |= macro.parameters is None
                function_like |= macro.parameters is not None
        return object_like, function_like
