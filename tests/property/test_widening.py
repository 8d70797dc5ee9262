"""Wide masks against sets of pairs: configuration and platform, one by one."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from analyzer.configset.widening import PlatformAxis, Widening, one_platform

Pairs = frozenset[tuple[int, int]]
"""A wide mask as pairs of a configuration and a platform, both by their number."""


@dataclass(frozen=True)
class Case:
    axis: PlatformAxis
    there: Pairs

    @property
    def configs(self) -> range:
        return range(self.axis.widening.configs)

    @property
    def platforms(self) -> range:
        return range(self.axis.widening.platforms)

    def wide(self, pairs: Pairs) -> int:
        return wide(pairs, len(self.configs))

    def pairs(self, mask: int) -> Pairs:
        return frozenset(
            (c, p)
            for p in self.platforms
            for c in self.configs
            if mask >> (p * len(self.configs) + c) & 1
        )


def wide(pairs: Pairs, configs: int) -> int:
    return sum(1 << (platform * configs + config) for config, platform in pairs)


@st.composite
def cases(draw: DrawFn) -> Case:
    """A few configurations and platforms, and which has which."""
    configs, platforms = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    every = [(c, p) for c in range(configs) for p in range(platforms)]
    there = frozenset(draw(st.sets(st.sampled_from(every))))
    names = tuple(f"p{number}" for number in range(platforms))
    axis = PlatformAxis(Widening(configs, platforms), names, wide(there, configs))
    return Case(axis, there)


@st.composite
def cases_with_pairs(draw: DrawFn) -> tuple[Case, Pairs]:
    """A case, and some of the pairs that are there."""
    case = draw(cases())
    chosen = draw(st.sets(st.sampled_from(sorted(case.there)))) if case.there else set()
    return case, frozenset(chosen)


@given(cases(), st.integers(0, 31))
def test_spread_is_everywhere_that_the_configurations_are(case: Case, bits: int) -> None:
    mask = bits & (1 << len(case.configs)) - 1
    everywhere = {(c, p) for c in case.configs for p in case.platforms if mask >> c & 1}
    assert case.pairs(case.axis.widening.spread(mask)) == everywhere
    assert case.pairs(case.axis.spread(mask)) == everywhere & case.there


@given(cases_with_pairs())
def test_on_one_platform_and_merged_over_all(given_case: tuple[Case, Pairs]) -> None:
    case, pairs = given_case
    mask = case.wide(pairs)
    for platform in case.platforms:
        on = {c for c in case.configs if case.axis.widening.on(mask, platform) >> c & 1}
        assert on == {c for c, p in pairs if p == platform}
    merged = {c for c in case.configs if case.axis.widening.merged(mask) >> c & 1}
    assert merged == {c for c, _ in pairs}


@given(cases(), st.sets(st.integers(0, 4)))
def test_on_named_platforms_is_what_they_have(case: Case, numbers: set[int]) -> None:
    chosen = [name for n, name in enumerate(case.axis.names) if n in numbers]
    wanted = {case.axis.names.index(name) for name in chosen} or set(case.platforms)
    assert case.pairs(case.axis.on(chosen)) == {(c, p) for c, p in case.there if p in wanted}


@given(cases_with_pairs())
def test_split_products_are_the_mask_and_do_not_overlap(given_case: tuple[Case, Pairs]) -> None:
    case, pairs = given_case
    found: list[tuple[int, int]] = []
    for mask, names in case.axis.split(case.wide(pairs)):
        assert mask
        assert names
        numbers = [case.axis.names.index(name) for name in names]
        assert numbers == sorted(numbers)
        product = [(c, p) for c in case.configs for p in numbers if mask >> c & 1]
        found += [pair for pair in product if pair in case.there]
        assert {c for c, p in product if (c, p) in case.there} == {
            c for c in case.configs if mask >> c & 1
        }, "every configuration of a product has one of its platforms"
    assert len(found) == len(set(found))
    assert set(found) == pairs


@given(cases())
def test_all_that_is_there_is_one_product_if_some_platform_is_everywhere(case: Case) -> None:
    full = [p for p in case.platforms if all((c, p) in case.there for c in case.configs)]
    if full:
        (product,) = case.axis.split(case.axis.there)
        has = {p for _, p in case.there}
        assert product == (
            (1 << len(case.configs)) - 1,
            tuple(name for number, name in enumerate(case.axis.names) if number in has),
        )


@given(st.integers(1, 6), st.integers(0, 63))
def test_one_platform_is_the_plain_mask(configs: int, bits: int) -> None:
    axis = one_platform(configs)
    mask = bits & (1 << configs) - 1
    assert axis.spread(mask) == mask
    assert axis.widening.merged(mask) == mask
    assert axis.split(mask) == ([(mask, ())] if mask else [])
    assert axis.on(()) == axis.there == (1 << configs) - 1


def test_no_platform_at_all_is_nowhere() -> None:
    axis = PlatformAxis(Widening(3, 0), (), 0)
    assert axis.spread(0b111) == 0
    assert axis.split(0) == []
