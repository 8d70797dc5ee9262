"""What the configuration space calls possible is what trying all configurations finds.

Random small Kconfig trees; every assignment of user's values is resolved, and the pairs of
values of two symbols in configurations that stay as they are when completed again must be
those that are possible. A pair called impossible must not come up at all, and no fragment
found by trying may be shorter than the one offered.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence

from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st
from kconfig_case import model_of

from analyzer.configset.configurations import Configurations
from analyzer.configset.dotconfig import DotConfig, parse_dotconfig
from analyzer.kconfig.evaluate import evaluate
from analyzer.kconfig.model import KconfigModel
from analyzer.kconfig.render import dotconfig_text, written_text
from analyzer.kconfig.space.space import Space
from analyzer.kconfig.space.verdict import Impossible, Possible
from analyzer.kconfig.uservalues import user_values
from kconfig_trees import (
    LEVELS,
    NUMBERS,
    OLD_RESOLVER,
    Assignments,
    all_assignments,
    all_fragments,
    trees,
)

EXAMPLES = int(os.environ.get("KIMPACT_SPACE_EXAMPLES", "40"))
"""More of them are worth an hour after a change to the rules."""

many = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)


def resolved(
    model: KconfigModel, configs: Sequence[Assignments]
) -> tuple[list[dict[str, str]], list[bool]]:
    """The values of all symbols in each configuration, and whether it stays as completed."""
    given = Configurations(DotConfig.of_values("", "", dict(one)) for one in configs)
    values = evaluate(model, user_values(model, given))
    texts = [dotconfig_text(model, values, i) for i in range(len(configs))]
    different = list(dict.fromkeys(texts))
    again = evaluate(
        model, user_values(model, Configurations(parse_dotconfig(one, "", "") for one in different))
    )
    stays = {t: dotconfig_text(model, again, i) == t for i, t in enumerate(different)}
    found = [
        {
            name: written_text(model, values, index, 1 << i)
            for name, index in model.by_name.items()
            if model.symbols[index].type.is_logical or values.written[index] & (1 << i)
        }
        for i in range(len(configs))
    ]
    return found, [stays[text] for text in texts]


def space_over(model: KconfigModel, base: Assignments) -> Space:
    """The space around a base given as assignments."""
    text = "".join(f"CONFIG_{name}={value}\n" for name, value in base)
    return Space(model, parse_dotconfig(text, "base", "base"))


def check_pairs(model: KconfigModel, kconfig: str, data: st.DataObject) -> None:
    """Draw two symbols and a base; compare the verdicts on all pairs with what trying finds."""
    tried = all_assignments(model)
    found, stays = resolved(model, tried)
    names = [s.name for s in model.symbols if s.definitions and s.type.is_logical]
    one, other = data.draw(st.sampled_from(names)), data.draw(st.sampled_from(names))
    base = data.draw(st.sampled_from(tried))
    space = space_over(model, base)
    reached = {(values[one], values[other]) for values in found}
    stable = {(v[one], v[other]) for v, stay in zip(found, stays, strict=True) if stay}
    for pair in itertools.product(LEVELS, LEVELS):
        if one == other and pair[0] != pair[1]:
            continue
        verdict = space.combination({one: pair[0], other: pair[1]})
        where = f"{one}={pair[0]} {other}={pair[1]} of\n{kconfig}\nover {base}: {verdict}"
        event(type(verdict).__name__)
        if isinstance(verdict, Possible):
            assert pair in stable, where
        elif isinstance(verdict, Impossible):
            assert pair not in reached or "OLD" in (one, other), where
            assert pair not in stable or "OLD" in (one, other), where
        else:
            assert pair not in stable, where


@many
@given(trees(), st.data())
def test_possible_is_what_can_be_found(kconfig: str, data: st.DataObject) -> None:
    check_pairs(model_of(kconfig), kconfig, data)


@many
@given(trees(old=True), st.data())
def test_the_same_where_choices_have_modes(kconfig: str, data: st.DataObject) -> None:
    check_pairs(model_of(kconfig, **OLD_RESOLVER), kconfig, data)


@many
@given(trees(most=2), st.data())
def test_no_shorter_fragment_leads_there(kconfig: str, data: st.DataObject) -> None:
    model = model_of(kconfig)
    tried = all_fragments(model)
    base = data.draw(st.sampled_from(tried))
    merged = [tuple(pair for pair in base if pair[0] not in dict(f)) + f for f in tried]
    found, stays = resolved(model, merged)
    name = data.draw(st.sampled_from([one.name for one in model.symbols if one.definitions]))
    number = model.type_of(name).value == "int"
    value = data.draw(st.sampled_from(NUMBERS[1:] if number else LEVELS))
    verdict = space_over(model, base).want(name, value)
    event(type(verdict).__name__)
    lengths = [
        len(fragment)
        for fragment, values, stay in zip(tried, found, stays, strict=True)
        if stay and values.get(name) == value and not (name == "OLD" and value != "n")
    ]
    where = f"{name}={value} of\n{kconfig}\nover {base}: {verdict}"
    if isinstance(verdict, Possible):
        event(f"{len(verdict.fragment)} lines")
        lines = tuple((line.symbol, line.value) for line in verdict.fragment)
        left = tuple(pair for pair in base if pair[0] not in dict(lines))
        assert resolved(model, [left + lines])[0][0].get(name) == value, where
        assert len(lines) <= min(lengths, default=len(lines)), where
    else:
        assert not lengths, where
        if isinstance(verdict, Impossible) and name != "OLD":
            assert all(values.get(name) != value for values in found), where
