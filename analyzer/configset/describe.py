"""From a mask to words: a short Kconfig expression for a set of configurations.

A **literal** is one symbol's test (``PT_RECLAIM``, ``!PT_RECLAIM``, ``EXT4=m``,
``NR_CPUS=64``); its mask comes straight from the symbol's column. An expression is
only given when it holds in exactly the configurations asked for, so it is an answer
about this ConfigSet: over other configurations another expression may be needed.
Where no short expression is exact, the configurations are named instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from analyzer.configset.configset import Column, ConfigSet, Mask

ALWAYS = "always"
NEVER = "never"

MAX_LITERALS = 4
"""Longest conjunction or disjunction of literals that still reads as short."""

MAX_TERMS = 3
"""Most conjunctions that are joined with ``||``."""

MAX_VALUES = 8
"""A symbol with more different values than this (hashes, version strings) is no literal."""

MAX_NAMES = 8
"""Most configurations that are named one by one."""

_PAIR_POOL = 48


class Describer:
    """Words for masks over one ConfigSet.

    ``preferred`` are the symbols that the reader has in front of them (those in the
    conditionals at hand): an expression over them alone is taken before a shorter one
    over symbols that merely happen to coincide. Of several groups the first comes first:
    an expression over it alone is taken before one with symbols of the next.
    """

    __slots__ = ("_all_literals", "_configs", "_known", "_preferred")

    def __init__(self, configs: ConfigSet, *preferred: Iterable[str]) -> None:
        self._configs = configs
        self._preferred: list[dict[Mask, str]] = []
        """Literals over the first group, over the first two, and so on."""
        literals: dict[Mask, str] = {}
        for group in preferred:
            more = _literals(configs, dict.fromkeys(group))
            literals = literals | {mask: t for mask, t in more.items() if mask not in literals}
            self._preferred.append(literals)
        self._all_literals: dict[Mask, str] | None = None
        self._known: dict[Mask, str] = {}

    def describe(self, mask: Mask) -> str:
        """An expression that holds in exactly the configurations of ``mask``.

        ``always`` and ``never`` for all and none; names of configurations if nothing
        of at most :data:`MAX_TERMS` terms is exact.
        """
        known = self._known.get(mask)
        if known is None:
            known = self._known[mask] = self._describe(mask)
        return known

    def _describe(self, mask: Mask) -> str:
        everything = self._configs.all
        if mask & ~everything:
            raise ValueError("the mask has configurations that the ConfigSet has not")
        if mask == everything:
            return ALWAYS
        if mask == 0:
            return NEVER
        for literals in self._preferred:
            if (found := _expression(mask, everything, literals)) is not None:
                return found
        found = _expression(mask, everything, self._all())
        return found if found is not None else self._names(mask)

    def _all(self) -> dict[Mask, str]:
        if self._all_literals is None:
            first = self._preferred[-1] if self._preferred else {}
            every = _literals(self._configs, self._configs.differing())
            others = {mask: text for mask, text in every.items() if mask not in first}
            self._all_literals = first | others
        return self._all_literals

    def _names(self, mask: Mask) -> str:
        count = mask.bit_count()
        missing = self._configs.all & ~mask
        if missing.bit_count() * 2 < count and missing.bit_count() <= MAX_NAMES:
            return "all but " + ", ".join(self._configs.members(missing))
        names: list[str] = []
        for name in self._configs.members(mask):
            if len(names) == MAX_NAMES:
                break
            names.append(name)
        rest = count - len(names)
        return ", ".join(names) + (f" and {rest} more" if rest else "")


def _literals(configs: ConfigSet, symbols: Iterable[str]) -> dict[Mask, str]:
    """One literal for each mask that a symbol can express; the first symbol wins.

    Positive literals come before negated ones, so that of two symbols that are each
    other's opposite the text is the unnegated one.
    """
    everything = configs.all
    positive: dict[Mask, str] = {}
    negative: dict[Mask, str] = {}
    for symbol in symbols:
        column = configs.column(symbol)
        for mask, text in _positive(symbol, column):
            if mask and mask != everything:
                positive.setdefault(mask, text)
        present = column.present
        if present and present != everything:
            negative.setdefault(everything & ~present, f"!{symbol}")
    return positive | {mask: text for mask, text in negative.items() if mask not in positive}


def _positive(symbol: str, column: Column) -> Iterator[tuple[Mask, str]]:
    entries = column.entries
    if len(entries) > MAX_VALUES:
        return
    values = {text for _, text in entries}
    if values <= {"y"}:
        yield column.y, symbol
    elif values <= {"y", "m"}:
        yield column.present, symbol
        if len(values) == 2:
            yield column.y, f"{symbol}=y"
            yield column.m, f"{symbol}=m"
    else:
        for mask, text in entries:
            if not text.startswith('"') or len(text) <= 24:
                yield mask, f"{symbol}={text}"


def _expression(mask: Mask, everything: Mask, literals: dict[Mask, str]) -> str | None:
    """The simplest exact expression: one literal, a conjunction, a disjunction, or a sum."""
    if not literals:
        return None
    if (single := literals.get(mask)) is not None:
        return single
    both = _conjunction(mask, everything, literals)
    complements = {everything & ~other: text for other, text in literals.items()}
    either = _conjunction(everything & ~mask, everything, complements)
    if both is not None and (either is None or len(both) <= len(either)):
        return " && ".join(both)
    if either is not None:
        return " || ".join(either)
    return _sum_of_products(mask, everything, literals)


def _conjunction(mask: Mask, everything: Mask, literals: dict[Mask, str]) -> Sequence[str] | None:
    """The texts of few literals whose intersection is ``mask``, in order of preference."""
    above = [(other, text) for other, text in literals.items() if other & mask == mask]
    pool = sorted(above, key=lambda item: item[0].bit_count())[:_PAIR_POOL]
    order = {text: index for index, text in enumerate(literals.values())}
    for index, (left, text) in enumerate(pool):
        for right, other_text in pool[index + 1 :]:
            if left & right == mask:
                return sorted((text, other_text), key=order.__getitem__)
    chosen: list[str] = []
    current = everything
    while current != mask and len(chosen) < MAX_LITERALS:
        best = min(above, key=lambda item: (item[0] & current).bit_count(), default=None)
        if best is None or best[0] & current == current:
            return None
        current &= best[0]
        chosen.append(best[1])
    return sorted(chosen, key=order.__getitem__) if current == mask else None


def _sum_of_products(mask: Mask, everything: Mask, literals: dict[Mask, str]) -> str | None:
    """A disjunction of conjunctions, built greedily: each term covers what is left best."""
    terms: list[str] = []
    left = mask
    while left:
        if len(terms) == MAX_TERMS:
            return None
        term = _implicant(mask, left, everything, literals)
        if term is None:
            return None
        covered, texts = term
        text = " && ".join(texts)
        terms.append(f"({text})" if len(texts) > 1 else text)
        left &= ~covered
    return " || ".join(terms)


def _implicant(
    mask: Mask, left: Mask, everything: Mask, literals: dict[Mask, str]
) -> tuple[Mask, list[str]] | None:
    """A conjunction that implies ``mask`` and covers some of ``left``, or None."""
    current = everything
    texts: list[str] = []
    while current & ~mask:
        if len(texts) == MAX_LITERALS - 1:
            return None
        best: tuple[float, int] | None = None
        chosen, name = everything, ""
        for other, text in literals.items():
            inside = (current & other & left).bit_count()
            if not inside or current & other == current:
                continue
            outside = (current & other & ~mask).bit_count()
            score = inside / (inside + 4 * outside)
            if best is None or (score, inside) > best:
                best = (score, inside)
                chosen, name = other, text
        if best is None:
            return None
        current &= chosen
        texts.append(name)
    return (current, texts) if current & left else None
