"""What a terminal shows of path classes: a tree for each set of configurations.

Classes tell platforms apart; a reader sees them in one tree, with the platforms at the edges
where they differ.
"""

from __future__ import annotations

from analyzer.paths.classes import partition
from analyzer.paths.result import PathClass, PathsResult


def drawn_classes(result: PathsResult) -> tuple[PathClass, ...]:
    """The classes of ``result`` put together over the platforms, largest first."""
    everything = (1 << len(result.configs)) - 1
    if not result.platforms:
        return result.classes
    drawn: list[PathClass] = []
    for part in partition(everything, [each.mask for each in result.classes]):
        inside = [each for each in result.classes if each.mask & part]
        exact = next((each.when for each in inside if each.mask == part), None)
        when = (
            exact
            if exact is not None
            else " && ".join(dict.fromkeys(each.when for each in inside if each.when))
        )
        edges = sorted({edge for each in inside for edge in each.edges})
        effects = dict.fromkeys(effect for each in inside for effect in each.effects)
        platforms = tuple(
            name for name in result.platforms if any(name in each.platforms for each in inside)
        )
        drawn.append(PathClass(part, platforms, when, tuple(effects), tuple(edges)))
    return tuple(drawn)
