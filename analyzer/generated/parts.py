"""A header whose macros differ independently of each other between configurations.

A header with ten macros of two values each has up to 1,024 texts, but only ten macros that
differ. So its text includes one **part** per macro that differs, and each part has as many
variants as its macro has values. Parts have paths of their own below the header's:
``bounds.h.parts/NR_PAGEFLAGS``. With one configuration there are none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from analyzer.configset.configset import Mask

Variants: TypeAlias = tuple[tuple[Mask, str], ...]
"""Texts of a file with disjoint masks; no mask: Kbuild does not make the file there."""


@dataclass(frozen=True, slots=True)
class PartedHeader:
    """Variants of a header and of the parts that it includes, by path."""

    variants: Variants
    parts: Mapping[str, Variants] = field(default_factory=dict)


def parted(
    path: str,
    where: Mask,
    before: Sequence[str],
    macros: Sequence[tuple[str, Variants]],
    after: Sequence[str],
) -> PartedHeader:
    """A header at ``path``, made in ``where``: lines, then macros, then lines.

    ``macros`` are ``(name, ((mask, line), …))``: the line that stands for the macro, and
    none where no mask holds.
    """
    lines = list(before)
    parts: dict[str, Variants] = {}
    for name, variants in macros:
        inside = tuple((mask & where, line) for mask, line in variants if mask & where)
        if len(inside) == 1 and inside[0][0] == where:
            lines.append(inside[0][1])
        elif inside:
            covered = 0
            for mask, _ in inside:
                covered |= mask
            rest = where & ~covered
            texts = tuple((mask, line + "\n") for mask, line in inside)
            part = f"{path}.parts/{name}"
            parts[part] = (*texts, (rest, "")) if rest else texts
            lines.append(f'#include "{path.rpartition("/")[2]}.parts/{name}"')
    lines += after
    return PartedHeader(((where, "\n".join(lines) + "\n"),) if where else (), parts)
