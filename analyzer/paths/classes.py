"""Path classes: the configurations grouped by identical paths.

Two configurations are of one class when the same roots exist, the same edges are there
and the same becomes of the object in both. The partition of all configurations is refined
by one mask after the other, so the work grows with the number of different masks and of
classes, not with the number of configurations.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from analyzer.configset.configset import ConfigSet, Mask
from analyzer.configset.describe import Describer
from analyzer.configset.widening import PlatformAxis
from analyzer.paths.assemble import Graph
from analyzer.paths.result import ConfigGroup, Edge, PathClass


def partition(everything: Mask, masks: Iterable[Mask]) -> tuple[Mask, ...]:
    """The coarsest partition of ``everything`` that every one of ``masks`` is a union of.

    Largest part first; among parts of one size, that of the lowest configuration first.
    """
    parts = [everything] if everything else []
    for mask in dict.fromkeys(masks):
        refined: list[Mask] = []
        for part in parts:
            inside = part & mask
            if inside and inside != part:
                refined += (inside, part ^ inside)
            else:
                refined.append(part)
        parts = refined
    return tuple(sorted(parts, key=lambda part: (-part.bit_count(), part & -part)))


def classes_of(
    configs: ConfigSet, edges: Sequence[Edge], roots: Iterable[Mask], symbols: Iterable[str]
) -> tuple[PathClass, ...]:
    """Group the configurations by their edges.

    ``roots`` are the masks of the root definitions; ``symbols`` those at hand for the
    description of each class.
    """
    describer = Describer(configs, symbols)
    masks = [*roots, *(edge.mask for edge in edges)]
    return tuple(
        PathClass(
            mask=part,
            platforms=(),
            when=describer.describe(part),
            effects=(),
            edges=tuple(index for index, edge in enumerate(edges) if edge.mask & part),
        )
        for part in partition(configs.all, masks)
    )


def wide_classes_of(
    configs: ConfigSet,
    axis: PlatformAxis,
    graph: Graph,
    symbols: Iterable[str],
    effects: Sequence[tuple[str, Mask]] = (),
) -> tuple[PathClass, ...]:
    """Group the configurations and platforms by their edges.

    ``symbols`` are those at hand for the description of each class; ``effects`` what becomes
    of the object, and where (wide masks). A class that is no
    product of configurations and platforms is given in several parts.
    """
    describer = Describer(configs, symbols)
    result: list[PathClass] = []
    happening = [mask for _, mask in effects]
    for part in partition(axis.there, [*graph.there, *graph.wide, *happening]):
        edges = tuple(index for index, mask in enumerate(graph.wide) if mask & part)
        for mask, platforms in axis.split(part):
            here = tuple(name for name, where in effects if where & part)
            result.append(PathClass(mask, platforms, describer.describe(mask), here, edges))
    result.sort(key=lambda each: -each.mask.bit_count())
    return tuple(result)


def groups_of(
    configs: ConfigSet, classes: Sequence[PathClass], symbols: Iterable[str]
) -> tuple[ConfigGroup, ...]:
    """Group the configurations by the classes that they are in on any platform, largest group
    first; those that have none of the platforms are in no group."""
    describer = Describer(configs, symbols)
    masks = [each.mask for each in classes]
    covered = 0
    for mask in masks:
        covered |= mask
    return tuple(ConfigGroup(part, describer.describe(part)) for part in partition(covered, masks))
