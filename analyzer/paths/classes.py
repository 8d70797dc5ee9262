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
from analyzer.paths.result import Edge, PathClass


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
    configs: ConfigSet,
    edges: Sequence[Edge],
    roots: Iterable[Mask],
    symbols: Iterable[str],
    effects: Sequence[tuple[str, Mask]] = (),
    platforms: tuple[str, ...] = (),
) -> tuple[PathClass, ...]:
    """Group the configurations by their edges.

    ``roots`` are the masks of the root definitions; ``symbols`` those at hand for the
    description of each class; ``effects`` what becomes of the object, and where.
    """
    describer = Describer(configs, symbols)
    masks = [*roots, *(edge.mask for edge in edges), *(mask for _, mask in effects)]
    return tuple(
        PathClass(
            mask=part,
            platforms=platforms,
            when=describer.describe(part),
            effects=tuple(name for name, mask in effects if mask & part),
            edges=tuple(index for index, edge in enumerate(edges) if edge.mask & part),
        )
        for part in partition(configs.all, masks)
    )
