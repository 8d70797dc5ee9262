"""The branch of code that a change is confined to, by the labels of its guards."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection

from analyzer.paths.result import PathsResult


def within(paths: PathsResult, edges: Collection[int], changed: Collection[int]) -> tuple[str, ...]:
    """The labels of which one guard stands on every route from a root to an edge of ``changed``.

    ``edges`` are those that routes are made of, ``changed`` some of them; all are indices of
    ``paths.edges``. A guard of a changed edge itself counts. In order of appearance.
    """
    found = dict.fromkeys(
        guard.label for index in edges for guard in paths.edges[index].guards if guard.label
    )
    return tuple(label for label in found if not _reached_without(paths, edges, changed, label))


def _reached_without(
    paths: PathsResult, edges: Collection[int], changed: Collection[int], label: str
) -> bool:
    """Whether a route that passes no guard of ``label`` takes a changed edge."""
    out: dict[str, list[int]] = {}
    for index in edges:
        edge = paths.edges[index]
        if not any(guard.label == label for guard in edge.guards):
            out.setdefault(edge.source, []).append(index)
    waiting = deque(paths.roots)
    seen = set(waiting)
    while waiting:
        for index in out.get(waiting.popleft(), ()):
            if index in changed:
                return True
            target = paths.edges[index].target
            if target is not None and target not in seen:
                seen.add(target)
                waiting.append(target)
    return False
