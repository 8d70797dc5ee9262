"""From which functions a change is looked at, where the user names none.

A function that is there on both sides and differs is looked at itself. One that another of them
reaches is left to that one. Where nothing of that kind differs, what is there on one side only
is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from analyzer.impact.result import FunctionChange
from analyzer.paths.result import PathsResult

MAX_ROOTS = 8
"""Functions that are looked at unless they are named."""


@dataclass(frozen=True, slots=True)
class Root:
    """A function by what ``paths`` calls it on each side; None where it is not there."""

    name: str
    before: str | None
    after: str | None


def roots_of(changes: Iterable[FunctionChange]) -> Sequence[Root]:
    """The functions to look at, in the order of the changes; more than :data:`MAX_ROOTS` may
    be among them."""
    changes = list(changes)
    functions = [one for one in changes if not one.macro]
    both = [one for one in functions if one.before is not None and one.after is not None]
    chosen = both or functions or changes
    return [_root(one) for one in chosen]


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
