"""Where a search below a function does not go in: boundaries and primitives.

A **boundary** family (logging, tracing, lockdep…) is named in the knowledge files; calls into
one are left out of the default answer and counted, unless a root is of that family itself.
A **primitive** is a function whose meaning the knowledge files tell (it releases, allocates,
waits, runs a callback): it is shown, and what it does inside is not followed.
"""

from __future__ import annotations

from collections.abc import Iterable

from analyzer.callgraph.program import FunctionRef, RefKind
from analyzer.paths.explore import Key, key_of
from analyzer.primitives.knowledge import Knowledge


class Boundaries:
    """What is closed to a search from some roots."""

    __slots__ = ("_knowledge", "_open", "_roots")

    def __init__(self, knowledge: Knowledge, roots: Iterable[FunctionRef]) -> None:
        self._knowledge = knowledge
        self._roots = frozenset(key_of(root) for root in roots)
        self._open = frozenset(self._family(key) for key in self._roots)

    def family(self, key: Key) -> str | None:
        """The boundary family that a node belongs to, if it is closed."""
        family = self._family(key)
        return None if family in self._open else family

    def is_primitive(self, key: Key) -> bool:
        """Whether a node is a function, not a root, whose meaning is known."""
        return (
            key[2] is RefKind.FUNCTION
            and key not in self._roots
            and self._knowledge.is_primitive(key[0])
        )

    def _family(self, key: Key) -> str | None:
        location = key[3]
        return self._knowledge.boundary(key[0], None if location is None else location.file)
