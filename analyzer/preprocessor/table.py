"""The macro table: definitions with masks and with the time at which they hold.

Time is a counter that every change of the table advances. A header function that is
expanded long after the walk has passed it sees the definitions of its own place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from analyzer.configset.configset import Mask
from analyzer.preprocessor.macro import Macro

Alternatives: TypeAlias = tuple[tuple[Mask, Macro], ...]
"""Disjoint masks; in a configuration of none of them the name is no macro."""

Entry: TypeAlias = tuple[int, Alternatives]
"""Since when, and what."""


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
        rest = tuple((m & ~mask, d) for m, d in old[1] if m & ~mask)
        self._entries[name] = (self.time, (*rest, (mask, macro)))

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

    def ever(self, name: str) -> Iterator[Macro]:
        """Every definition that ``name`` has had; those of no configuration included."""
        for _, macro in self.made(name):
            yield macro

    def names(self, prefix: str) -> Iterator[str]:
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
