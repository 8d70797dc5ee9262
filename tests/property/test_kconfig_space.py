"""What the configuration space calls possible is what trying all configurations finds.

Random small Kconfig trees; every assignment of user's values is resolved, and the pairs of
values of two symbols in configurations that stay as they are when completed again must be
those that are possible. A pair called impossible must not come up at all, and no fragment
found by trying may be shorter than the one offered.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from kconfig_case import model_of

from analyzer.configset.dotconfig import DotConfig
from analyzer.kconfig.evaluate import evaluate
from analyzer.kconfig.model import KconfigModel
from analyzer.kconfig.render import dotconfig_text, written_text
from analyzer.kconfig.resolve import Source
from analyzer.kconfig.space.space import Space
from analyzer.kconfig.space.verdict import Impossible, Possible
from analyzer.kconfig.uservalues import assignments_of_text, user_values

NAMES = "ABCDE"
LEVELS = ("n", "m", "y")
UNSET = ""
NUMBERS = (UNSET, "1", "2", "3", "4")

Assignments = tuple[tuple[str, str], ...]


@st.composite
def conditions(draw: DrawFn, earlier: Sequence[str]) -> str:
    """An expression over symbols that stand before, so that there are no cycles."""
    if not earlier:
        return draw(st.sampled_from(("y", "n")))
    one = draw(st.sampled_from(earlier))
    other = draw(st.sampled_from(earlier))
    forms = [one, one, f"!{one}", f"{one} && {other}", f"{one} || {other}", f"{one} = m"]
    forms += [f"{one} != {other}", "NUM > 3", "NUM = 2 || m", "m", "ODD"]
    return draw(st.sampled_from(forms))


@st.composite
def entries(draw: DrawFn, name: str, earlier: Sequence[str], later: Sequence[str]) -> str:
    kind = draw(st.sampled_from(("bool", "tristate", "tristate")))
    lines = [f"config {name}"]
    prompt = draw(st.sampled_from((f' "{name}"', f' "{name}"', "")))
    shown = f" if {draw(conditions(earlier))}" if prompt and draw(st.booleans()) else ""
    lines.append(f"\t{kind}{prompt}{shown}")
    if draw(st.booleans()):
        lines.append(f"\tdepends on {draw(conditions(earlier))}")
    for _ in range(draw(st.integers(0, 2))):
        value = draw(st.sampled_from(("y", "m", "n", *earlier)))
        lines.append(f"\tdefault {value} if {draw(conditions(earlier))}")
    if later:
        for word in ("select", "imply"):
            if draw(st.integers(0, 2)) == 0:
                condition = draw(conditions(earlier))
                lines.append(f"\t{word} {draw(st.sampled_from(later))} if {condition}")
    return "\n".join(lines)


@st.composite
def numbers(draw: DrawFn) -> str:
    """The symbol NUM, and ODD that depends on it."""
    lines = ["config NUM", "\tint" + draw(st.sampled_from((' "NUM"', ' "NUM" if MODULES', "")))]
    if draw(st.booleans()):
        lines.append(f"\trange {draw(st.sampled_from(('1 4', '2 9', '4 4')))}")
    condition = draw(st.sampled_from((" if MODULES", "")))
    lines.append(f"\tdefault {draw(st.sampled_from('135'))}{condition}")
    lines += ["config ODD", "\tbool", "\tdefault y if NUM = 1 || NUM = 3"]
    return "\n".join(lines)


@st.composite
def choices(draw: DrawFn, earlier: Sequence[str]) -> str:
    lines = ["choice", '\tprompt "choice"']
    if draw(st.booleans()):
        member = draw(st.sampled_from(("P", "Q")))
        lines.append(f"\tdefault {member} if {draw(conditions(earlier))}")
    if draw(st.integers(0, 3)) == 0:
        lines.append(f"\tdepends on {draw(conditions(earlier))}")
    for member in "PQ":
        lines += [f"config {member}", f'\tbool "{member}"']
        if draw(st.booleans()):
            lines.append(f"\tdepends on {draw(conditions(earlier))}")
    return "\n".join([*lines, "endchoice"])


@st.composite
def trees(draw: DrawFn) -> str:
    parts = ['config MODULES\n\tbool "MODULES"\n\tmodules', draw(numbers())]
    if draw(st.integers(0, 3)) == 0:
        parts[0] = "config MODULES\n\tbool\n\tmodules"
    count = draw(st.integers(2, 3))
    choice_at = draw(st.integers(0, count))
    earlier: list[str] = []
    for place, name in enumerate(NAMES[:count]):
        if place == choice_at:
            parts.append(draw(choices(earlier)))
            earlier += "PQ"
        parts.append(draw(entries(name, tuple(earlier), NAMES[place + 1 : count])))
        earlier.append(name)
    return "\n".join(parts) + "\n"


def all_assignments(model: KconfigModel) -> list[Assignments]:
    """Every assignment of user's values, as lines of a ``.config``; choices in both orders."""
    columns: list[list[Assignments]] = []
    for name in model.by_name:
        symbol = model.symbol(name)
        assert symbol is not None
        if not symbol.prompts or symbol.choice is not None:
            continue
        values = NUMBERS if name == "NUM" else (UNSET, *(LEVELS if name in NAMES else "ny"))
        columns.append([((name, value),) if value else () for value in values])
    if model.symbol("P") is not None:
        columns.append([(), (("P", "y"),), (("Q", "y"),), (("P", "n"),), (("P", "y"), ("Q", "y"))])
    return [tuple(itertools.chain(*parts)) for parts in itertools.product(*columns)]


def resolved(
    model: KconfigModel, configs: Sequence[Assignments]
) -> tuple[list[dict[str, str]], list[bool]]:
    """The values of all symbols in each configuration, and whether it stays as completed."""
    values = evaluate(model, user_values(model, configs))
    texts = [dotconfig_text(model, values, i) for i in range(len(configs))]
    different = list(dict.fromkeys(texts))
    again = evaluate(model, user_values(model, [assignments_of_text(one) for one in different]))
    stays = {t: dotconfig_text(model, again, i) == t for i, t in enumerate(different)}
    found = [
        {
            name: written_text(model, values, index, 1 << i)
            for name, index in model.by_name.items()
            if name != "NUM" or values.written[index] & (1 << i)
        }
        for i in range(len(configs))
    ]
    return found, [stays[text] for text in texts]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(trees(), st.data())
def test_possible_is_what_can_be_found(kconfig: str, data: st.DataObject) -> None:
    model = model_of(kconfig)
    tried = all_assignments(model)
    found, stays = resolved(model, tried)
    names = [symbol.name for symbol in model.symbols if symbol.definitions and symbol.name != "NUM"]
    one, other = data.draw(st.sampled_from(names)), data.draw(st.sampled_from(names))
    base = data.draw(st.sampled_from(tried))
    text = "".join(f"CONFIG_{name}={value}\n" for name, value in base)
    space = Space(model, Source(DotConfig("base", "base", {}, {}), text))
    reached = {(values[one], values[other]) for values in found}
    stable = {(v[one], v[other]) for v, stay in zip(found, stays, strict=True) if stay}
    for pair in itertools.product(LEVELS, LEVELS):
        if one == other and pair[0] != pair[1]:
            continue
        verdict = space.combination({one: pair[0], other: pair[1]})
        where = f"{one}={pair[0]} {other}={pair[1]} of\n{kconfig}\nover {base}: {verdict}"
        if isinstance(verdict, Possible):
            assert pair in stable, where
        elif isinstance(verdict, Impossible):
            assert pair not in reached, where
        else:
            assert pair not in stable, where


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(trees(), st.data())
def test_no_shorter_fragment_leads_there(kconfig: str, data: st.DataObject) -> None:
    model = model_of(kconfig)
    tried = all_assignments(model)
    base = data.draw(st.sampled_from(tried))
    merged = [tuple(pair for pair in base if pair[0] not in dict(f)) + f for f in tried]
    found, stays = resolved(model, merged)
    name = data.draw(st.sampled_from([one.name for one in model.symbols if one.definitions]))
    value = data.draw(st.sampled_from(NUMBERS[1:] if name == "NUM" else LEVELS))
    text = "".join(f"CONFIG_{name}={value}\n" for name, value in base)
    verdict = Space(model, Source(DotConfig("base", "base", {}, {}), text)).want(name, value)
    lengths = [
        len(fragment)
        for fragment, values, stay in zip(tried, found, stays, strict=True)
        if stay and values.get(name) == value
    ]
    where = f"{name}={value} of\n{kconfig}\nover {base}: {verdict}"
    if isinstance(verdict, Possible):
        assert len(verdict.fragment) == min(lengths, default=-1), where
    else:
        assert not lengths, where
        assert isinstance(verdict, Impossible) <= all(v.get(name) != value for v in found), where
