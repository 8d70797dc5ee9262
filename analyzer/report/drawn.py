"""What a terminal shows of path classes: a tree for each set of configurations.

Classes tell platforms apart; a reader sees them in one tree, with the platforms at the edges
where they differ.
"""

from __future__ import annotations

from analyzer.paths.result import PathClass, PathsResult


def drawn_classes(result: PathsResult) -> tuple[PathClass, ...]:
    """The classes of ``result`` put together over the platforms, largest first.

    A class that is drawn has the platforms that some of its configurations have.
    """
    if not result.platforms:
        return result.classes
    drawn: list[PathClass] = []
    for group in result.groups:
        inside = [each for each in result.classes if each.mask & group.mask]
        edges = sorted({edge for each in inside for edge in each.edges})
        effects = dict.fromkeys(effect for each in inside for effect in each.effects)
        have = {each.platform for each in result.support if each.mask & group.mask}
        have &= {name for each in inside for name in each.platforms}
        platforms = tuple(name for name in result.platforms if name in have)
        drawn.append(PathClass(group.mask, platforms, group.when, tuple(effects), tuple(edges)))
    return tuple(drawn)
