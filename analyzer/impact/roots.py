"""From which functions a change is looked at, where the user names none.

What no configuration compiles on either side is not looked at. A function that is there on both
sides and differs is looked at itself. What is new or gone and a macro are looked at from the
nearest functions above that are there on both sides, unless such a function mentions them that
differs itself. Where there is nothing of that kind, what is there on one side only is looked
at. A function that another of them reaches is left to that one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from analyzer.diagnostics import Diagnostics
from analyzer.impact.definitions import Changed
from analyzer.impact.result import ChangeKind, FunctionChange
from analyzer.location import Location
from analyzer.paths.result import PathsResult

MAX_ROOTS = 8
"""Functions that are looked at unless they are named."""

MAX_LEVELS = 3
"""Calls that are gone back from a function that is new or gone."""


class Above(Protocol):
    """A tree that is asked for the functions above one."""

    def knows(self, function: str) -> bool:
        """Whether there is such a function or macro; ``file:name`` or a name."""

    def users(
        self, name: str, place: Location, *, macro: bool, first: Collection[str]
    ) -> Iterator[str]:
        """The functions right above a function or macro, as ``file:name``."""

    def user_candidates(self, name: str, place: Location, *, macro: bool) -> int:
        """How many functions may be users by the texts alone."""


@dataclass(frozen=True, slots=True)
class Root:
    """A function by what ``paths`` calls it on each side; None where it is not there.

    ``above``: it does not differ itself, but is above what does.
    """

    name: str
    before: str | None
    after: str | None
    above: bool = False


def roots_of(
    changed: Iterable[Changed], before: Above, after: Above, diagnostics: Diagnostics
) -> Sequence[Root]:
    """The functions to look at: those that differ, in the order of the changes, then those above
    others; more than :data:`MAX_ROOTS` may be among them."""
    alive = [c for c in changed if c.change.changed | c.change.added | c.change.removed]
    own = [one for one in alive if not one.change.macro and one.change.kind is ChangeKind.CHANGED]
    roots = dict.fromkeys(_root(one.change) for one in own)
    left = [one.change for one in alive if one not in own]
    covered = _mentioned(own, alive)
    files = dict.fromkeys(_place(one.change).file for one in alive)
    above = [
        one
        for one in left
        if one.name not in covered or (one.macro and one.kind is ChangeKind.CHANGED)
    ]
    room = max(0, MAX_ROOTS - len(roots))
    for change in above[:room]:
        for root in _above(change, before, after, files, roots, diagnostics):
            roots.setdefault(root)
    if above[room:]:
        names = ", ".join(change.name for change in above[room:])
        diagnostics.note("review-users", f"not looked at from what uses them: {names}")
    if roots:
        return list(roots)
    functions = [one for one in left if not one.macro]
    return [_root(one) for one in functions or left]


def _mentioned(own: Iterable[Changed], alive: Sequence[Changed]) -> frozenset[str]:
    """The names of what ``own`` mention, and of what that mentions among the changes."""
    named: dict[str, set[str]] = {}
    for one in alive:
        named.setdefault(one.change.name, set()).update(one.words)
    waiting = [word for one in own for word in one.words if word in named]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += (word for word in named[name] if word in named)
    return frozenset(found)


def _above(
    change: FunctionChange,
    before: Above,
    after: Above,
    files: Collection[str],
    known: Collection[Root],
    diagnostics: Diagnostics,
) -> Iterator[Root]:
    """The nearest functions above a change that both sides have; none of ``known`` counts
    against their number."""
    side, other = (before, after) if change.after is None else (after, before)
    waiting = [(change.name, _place(change), change.macro, 0)]
    seen: set[str] = set()
    room = MAX_ROOTS
    while waiting:
        name, place, macro, level = waiting.pop(0)
        found = list(islice(side.users(name, place, macro=macro, first=files), room + len(known)))
        for user in found:
            if user in seen or room < 0:
                continue
            seen.add(user)
            file, _, function = user.rpartition(":")
            if other.knows(user):
                own = Root(function, user, user)
                root = own if own in known else Root(function, user, user, True)
                room -= root not in known
                yield root
            elif level < MAX_LEVELS:
                waiting.append((function, Location(file, 1), False, level + 1))
        total = side.user_candidates(name, place, macro=macro)
        if found and total > len(found):
            message = (
                f"{name} is looked at from {len(found)} of {total} functions that may use it "
                "(--root NAME looks from another one)"
            )
            diagnostics.note("review-users", message)


def _place(change: FunctionChange) -> Location:
    place = change.after or change.before
    assert place is not None, "a change is on one side at least"
    return place


def _root(change: FunctionChange) -> Root:
    before = None if change.before is None else f"{change.before.file}:{change.name}"
    after = None if change.after is None else f"{change.after.file}:{change.name}"
    return Root(change.name, before, after)


def nearest(
    roots: Sequence[Root], results: Mapping[Root, tuple[PathsResult | None, PathsResult | None]]
) -> Sequence[Root]:
    """``roots`` without those that another one reaches on both sides; ``results`` are the paths
    before and after. Of roots that reach one another one is kept."""
    kept = list(roots)
    for root in roots:
        others = (results[other] for other in kept if other != root)
        if any(_reaches(before, root) and _reaches(after, root) for before, after in others):
            kept.remove(root)
    return kept


def _reaches(result: PathsResult | None, root: Root) -> bool:
    if result is None:
        return False
    return any(node.name == root.name and node.id not in result.roots for node in result.nodes)
