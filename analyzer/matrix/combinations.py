"""All combinations of the values of some symbols, each with its verdict and witness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import prod

from analyzer.errors import BadInput
from analyzer.matrix.result import Row, Varied
from analyzer.matrix.space import Space, Witness

MAX_COMBINATIONS = 256
"""Combinations beyond which the question is refused."""


@dataclass(frozen=True, slots=True)
class Table:
    """The rows, and the witnesses that their ``witness`` indices mean."""

    rows: tuple[Row, ...]
    witnesses: tuple[Witness, ...]


def combinations(vary: Sequence[Varied], space: Space) -> Table:
    """Every combination of the values of ``vary``, the last symbol varying fastest.

    Raises :class:`BadInput` if there are more than :data:`MAX_COMBINATIONS`.
    """
    count = prod(len(one.values) for one in vary)
    if count > MAX_COMBINATIONS:
        raise BadInput(
            f"{count} combinations of {len(vary)} symbols are more than {MAX_COMBINATIONS}: "
            f"drop some of {', '.join(one.name for one in vary)}"
        )
    names = [one.name for one in vary]
    values = list(product(*(reversed(one.values) for one in vary)))
    asked = [dict(zip(names, each, strict=True)) for each in values]
    rows: list[Row] = []
    witnesses: list[Witness] = []
    for each, tried in zip(asked, space.try_all(asked), strict=True):
        row = Row(tuple(each.values()), tried.verdict, tried.reasons)
        if tried.witness is not None:
            row = replace(row, witness=len(witnesses))
            named = replace(tried.witness.config, name=label(each))
            witnesses.append(Witness(named, tried.witness.text))
        rows.append(row)
    return Table(tuple(rows), tuple(witnesses))


def label(values: Mapping[str, str]) -> str:
    """A short name for a combination; it can be part of a file's name."""
    return ",".join(f"{name}={value}" for name, value in values.items()) or "base"
