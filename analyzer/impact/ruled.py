"""A policy held against the trees of a review: what each breaks, and whether the patch did that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from analyzer.configset.configset import ConfigSet, Mask
from analyzer.configset.describe import Describer
from analyzer.diagnostics import Diagnostics
from analyzer.impact.policy import Rule, Violation, applies, violations
from analyzer.impact.result import PolicyReview, RuleBreach, RuleStanding
from analyzer.paths.result import PathsResult


class Ruled(Protocol):
    """A tree that rules can be held against."""

    @property
    def configs(self) -> ConfigSet:
        """The configurations as this tree completes them."""

    def knows(self, function: str) -> bool:
        """Whether there is such a function or macro; ``file:name`` or a name."""

    def paths(self, function: str, about: str | None = None) -> PathsResult:
        """Its paths, and what becomes of an argument; raises :class:`BadInput`."""


def broken(
    rules: Sequence[Rule], tree: Ruled, diagnostics: Diagnostics
) -> tuple[tuple[Violation, ...], tuple[str, ...]]:
    """Where ``tree`` breaks the rules, and the names of those whose function it lacks.

    A rule that is about none of the configurations is a warning, for nothing was checked. Raises
    :class:`BadInput` for a condition that is none, and for an ambiguous function.
    """
    found: list[Violation] = []
    absent: list[str] = []
    known: dict[tuple[str, str | None], PathsResult] = {}
    for rule in rules:
        if not applies(rule, tree.configs):
            message = f"{rule.name}: no configuration has {rule.when}, nothing is checked"
            diagnostics.warning("rule-without-configuration", message)
            continue
        if not tree.knows(rule.function):
            absent.append(rule.name)
            continue
        key = (rule.function, rule.object)
        if key not in known:
            known[key] = tree.paths(rule.function, rule.object)
        found += violations(rule, known[key], tree.configs)
    return tuple(found), tuple(absent)


def compared(
    before: Sequence[Violation],
    after: Sequence[Violation],
    absent: tuple[str, ...],
    configs: ConfigSet,
) -> PolicyReview:
    """What a patch does to the rules: the breaches that it brings, leaves and ends.

    ``absent`` names the rules whose function is not in the tree after.
    """
    breaches: list[RuleBreach] = []
    for one in after:
        for new, part in _parts(one, before, configs):
            standing = RuleStanding.INTRODUCED if new else RuleStanding.STAYS
            breaches.append(RuleBreach(standing, part))
    for one in before:
        if one.rule not in absent:
            breaches += (
                RuleBreach(RuleStanding.ENDED, part)
                for gone, part in _parts(one, after, configs)
                if gone
            )
    order = list(RuleStanding)
    breaches.sort(key=lambda one: order.index(one.standing))
    return PolicyReview(tuple(breaches), absent)


def _parts(
    one: Violation, others: Sequence[Violation], configs: ConfigSet
) -> Iterator[tuple[bool, Violation]]:
    """``one`` divided by whether ``others`` break the same rule alike there; True: they do not."""
    parts: dict[tuple[bool, Mask], list[str]] = {}
    for platform in one.platforms or ("",):
        there = _where(one, others, platform)
        for alone, mask in ((True, one.mask & ~there), (False, one.mask & there)):
            if mask:
                parts.setdefault((alone, mask), []).append(platform)
    describer = Describer(configs, ())
    for (alone, mask), platforms in parts.items():
        when = one.when if mask == one.mask else describer.describe(mask)
        names = tuple(name for name in platforms if name)
        yield alone, replace(one, mask=mask, platforms=names, when=when)


def _where(one: Violation, others: Sequence[Violation], platform: str) -> Mask:
    """The configurations in which ``others`` have the same violation on a platform."""
    result = 0
    for other in others:
        on = not other.platforms or not platform or platform in other.platforms
        if on and (other.rule, other.what) == (one.rule, one.what):
            result |= other.mask
    return result
