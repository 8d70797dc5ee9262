"""The shortest expression over a few symbols that holds in exactly the rows of a mask.

The rows are combinations of values; combinations that are not among them may come out
either way, which is what makes the expression short. It is a disjunction of conjunctions,
found as Quine and McCluskey do: all conjunctions that stay within the mask, those of them
that no other contains, and of these the fewest that cover it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analyzer.configset.configset import Mask, mask_of
from analyzer.configset.describe import ALWAYS, NEVER

MAX_PRODUCTS = 200_000
"""Conjunctions beyond which only those of few literals are looked at."""

_EXACT_TERMS = 4
"""Most conjunctions of which the fewest are searched for exhaustively; beyond, greedily."""


@dataclass(frozen=True, slots=True)
class _Product:
    """A conjunction of literals and the rows in which it holds."""

    mask: Mask
    literals: tuple[str, ...]

    @property
    def text(self) -> str:
        return " && ".join(self.literals)


class Shortest:
    """Expressions over ``names`` for masks over ``rows``; bit *i* of a mask is ``rows[i]``.

    A row has one value (``n``, ``m``, ``y``, or any text) for each of ``names``.
    """

    __slots__ = ("_all", "_literals", "_products")

    def __init__(self, names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        self._all: Mask = (1 << len(rows)) - 1
        self._literals = [
            list(_literals(name, [row[number] for row in rows]))
            for number, name in enumerate(names)
        ]
        self._products: list[_Product] | None = None

    def expression(self, mask: Mask) -> str:
        """The shortest expression for ``mask``; ``always`` and ``never`` for all and none.

        Raises :class:`ValueError` if no expression tells the rows of ``mask`` from the others.
        """
        if mask == self._all:
            return ALWAYS
        if not mask:
            return NEVER
        primes = self._primes(mask)
        reached = 0
        for prime in primes:
            reached |= prime.mask
        if reached != mask:
            raise ValueError("rows with the same values are on both sides")
        terms = _cover(primes, mask)
        if len(terms) == 1:
            return terms[0].text
        return " || ".join(
            f"({term.text})" if len(term.literals) > 1 else term.text for term in terms
        )

    def _primes(self, mask: Mask) -> list[_Product]:
        """The conjunctions within ``mask`` that no other one of them contains, best first."""
        best: dict[Mask, _Product] = {}
        for product in self._all_products():
            if product.mask & ~mask:
                continue
            known = best.get(product.mask)
            if known is None or len(product.literals) < len(known.literals):
                best[product.mask] = product
        inside = sorted(best.values(), key=lambda one: (-one.mask.bit_count(), len(one.literals)))
        primes: list[_Product] = []
        for one in inside:
            if not any(one.mask & other.mask == one.mask for other in primes):
                primes.append(one)
        return primes

    def _all_products(self) -> list[_Product]:
        if self._products is None:
            self._products = list(self._combined())
        return self._products

    def _combined(self) -> Iterator[_Product]:
        """Every conjunction of at most one literal for each symbol, short ones first."""
        layer: list[tuple[int, _Product]] = [(0, _Product(self._all, ()))]
        made = 0
        while layer and made <= MAX_PRODUCTS:
            longer: list[tuple[int, _Product]] = []
            for start, product in layer:
                for number in range(start, len(self._literals)):
                    for text, where in self._literals[number]:
                        both = product.mask & where
                        if both and both != product.mask:
                            longer.append((number + 1, _Product(both, (*product.literals, text))))
            made += len(longer)
            yield from (product for _, product in longer)
            layer = longer


def _literals(name: str, values: Sequence[str]) -> Iterator[tuple[str, Mask]]:
    """What can be said of one symbol: Kconfig expressions and the rows in which they hold."""
    every = (1 << len(values)) - 1
    where: dict[str, Mask] = {}
    for value in sorted(set(values)):
        where[value] = mask_of(index for index, one in enumerate(values) if one == value)
    if set(where) <= {"n", "m", "y"}:
        off = where.get("n", 0)
        yield name, every & ~off
        yield f"!{name}", off
        if "m" in where:
            yield f"{name}=m", where["m"]
            if "y" in where:
                yield f"{name}=y", where["y"]
                yield f"{name}!=y", every & ~where["y"]
        return
    for value, mask in where.items():
        yield f"{name}={value}", mask
        yield f"{name}!={value}", every & ~mask


def _cover(primes: Sequence[_Product], mask: Mask) -> list[_Product]:
    """The fewest of ``primes`` that cover ``mask``, with the fewest literals."""
    for size in range(1, _EXACT_TERMS + 1):
        found = min(
            _covers(primes, mask, size),
            key=lambda terms: sum(len(term.literals) for term in terms),
            default=None,
        )
        if found is not None:
            return found
    terms: list[_Product] = []
    left = mask
    while left:
        best = max(primes, key=lambda one: (one.mask & left).bit_count())
        terms.append(best)
        left &= ~best.mask
    return terms


def _covers(primes: Sequence[_Product], mask: Mask, size: int) -> Iterator[list[_Product]]:
    """All ways to cover ``mask`` with at most ``size`` of ``primes``."""
    if not mask:
        yield []
        return
    if not size:
        return
    lowest = mask & -mask
    for prime in primes:
        if prime.mask & lowest:
            for rest in _covers(primes, mask & ~prime.mask, size - 1):
                yield [prime, *rest]
