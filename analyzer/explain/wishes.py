"""The smallest change to a configuration that gives symbols a value, or why there is none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyzer.configset.dotconfig import DotConfig
from analyzer.explain.answer import numbered
from analyzer.explain.result import Step, Wish, WishKind
from analyzer.kconfig.model import KconfigModel
from analyzer.kconfig.resolve import ProbePolicy
from analyzer.kconfig.space.space import Space
from analyzer.kconfig.space.verdict import Impossible, Possible


def wishes(
    model: KconfigModel,
    configs: Sequence[DotConfig],
    policy: ProbePolicy,
    symbols: Sequence[str],
    value: str,
) -> Iterator[Wish]:
    """For each of ``configs`` and ``symbols`` what gives the symbol ``value``.

    Raises :class:`BadInput` for a symbol that no Kconfig file mentions.
    """
    names = [model.symbols[numbered(model, symbol)].name for symbol in dict.fromkeys(symbols)]
    for index, config in enumerate(configs):
        space = Space(model, config, policy)
        for name in names:
            yield _wish(space, name, value, index)


def _wish(space: Space, name: str, value: str, config: int) -> Wish:
    found = space.want(name, value)
    if isinstance(found, Possible):
        kind = WishKind.GRANTED if found.fragment else WishKind.GIVEN
        return Wish(name, value, config, kind, tuple(map(str, found.fragment)), (), None)
    if isinstance(found, Impossible):
        steps = tuple(Step(each.text, each.follows, each.location) for each in found.reasons)
        return Wish(name, value, config, WishKind.DENIED, (), steps, found.probes)
    return Wish(name, value, config, WishKind.OPEN, (), (Step(found.why, (), None),), None)
