"""Random small Kconfig trees, and every assignment that a user could make in one.

Conditions name symbols that stand before, selects and implies those that stand after, so that
there are no cycles.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from analyzer.kconfig.model import KconfigModel, SymbolType

NAMES = "ABC"
LEVELS = ("n", "m", "y")
UNSET = ""
NUMBERS = (UNSET, "1", "2", "3", "4", "7")
OLD_RESOLVER = {"scripts__kconfig__expr.h": "struct symbol;\n"}
"""A file from which it is seen that choices have modes (before Linux 6.11)."""

Assignments = tuple[tuple[str, str], ...]


@st.composite
def conditions(draw: DrawFn, earlier: Sequence[str]) -> str:
    """An expression over the symbols ``earlier``, NUM and ODD."""
    if not earlier:
        return draw(st.sampled_from(("y", "n", "NUM > 3", "ODD")))
    one = draw(st.sampled_from(earlier))
    other = draw(st.sampled_from(earlier))
    forms = [one, one, f"!{one}", f"{one} && {other}", f"{one} || {other}", f"{one} = m"]
    forms += [f"{one} != {other}", "NUM > 3", "NUM = 2 || m", "m", "ODD"]
    return draw(st.sampled_from(forms))


@st.composite
def entries(draw: DrawFn, name: str, earlier: Sequence[str], later: Sequence[str]) -> str:
    """One symbol, perhaps in a menu or ``if`` block."""
    kind = draw(st.sampled_from(("bool", "tristate", "tristate")))
    lines = [f"config {name}"]
    prompt = draw(st.sampled_from((f' "{name}"', f' "{name}"', "")))
    shown = f" if {draw(conditions(earlier))}" if prompt and draw(st.booleans()) else ""
    lines.append(f"\t{kind}{prompt}{shown}")
    if draw(st.booleans()):
        own = f" if {draw(conditions(earlier))}" if draw(st.integers(0, 3)) == 0 else ""
        lines.append(f"\tdepends on {draw(conditions(earlier))}{own}")
    for _ in range(draw(st.integers(0, 2))):
        value = draw(st.sampled_from(("y", "m", "n", *earlier)))
        lines.append(f"\tdefault {value} if {draw(conditions(earlier))}")
    if later:
        for word in ("select", "imply"):
            if draw(st.integers(0, 2)) == 0:
                condition = draw(conditions(earlier))
                lines.append(f"\t{word} {draw(st.sampled_from(later))} if {condition}")
    wrapping = draw(st.sampled_from(("", "", "if", "menu", "visible")))
    if wrapping == "if":
        lines = [f"if {draw(conditions(earlier))}", *lines, "endif"]
    elif wrapping:
        word = "depends on" if wrapping == "menu" else "visible if"
        inner = f"\t{word} {draw(conditions(earlier))}"
        lines = ['menu "outer"', 'menu "inner"', inner, *lines, "endmenu", "endmenu"]
    return "\n".join(lines)


@st.composite
def numbers(draw: DrawFn) -> str:
    """NUM, which may have a range, and ODD, which follows from it."""
    prompt = draw(st.sampled_from((' "NUM"', ' "NUM" if MODULES', "")))
    lines = ["config NUM", f"\tint{prompt}"]
    if draw(st.booleans()):
        condition = draw(st.sampled_from((" if MODULES", "")))
        lines.append(f"\trange {draw(st.sampled_from(('1 4', '2 9', '4 4', 'LOW 4')))}{condition}")
    condition = draw(st.sampled_from((" if MODULES", "")))
    lines.append(f"\tdefault {draw(st.sampled_from('135'))}{condition}")
    lines += ["config LOW", "\tint", "\tdefault 3 if MODULES", "\tdefault 1"]
    copied = draw(st.sampled_from(("NUM", "COPY")))
    lines += ["config COPY", "\tint", "\tdefault NUM"]
    lines += ["config ODD", "\tbool", f"\tdefault y if {copied} = 1 || {copied} = 3"]
    return "\n".join(lines)


@st.composite
def choices(draw: DrawFn, earlier: Sequence[str], old: bool) -> str:
    """A choice of P and Q; a tristate or optional one only for an ``old`` resolver."""
    lines = ["choice", '\tprompt "choice"']
    if draw(st.booleans()):
        member = draw(st.sampled_from(("P", "Q")))
        lines.append(f"\tdefault {member} if {draw(conditions(earlier))}")
    if draw(st.integers(0, 3)) == 0:
        lines.append(f"\tdepends on {draw(conditions(earlier))}")
    kind = "bool"
    if old:
        kind = draw(st.sampled_from(("bool", "tristate")))
        if draw(st.integers(0, 2)) == 0:
            lines.append("\toptional")
    for member in "PQ":
        lines += [f"config {member}", f'\t{kind} "{member}"']
        if draw(st.booleans()):
            lines.append(f"\tdepends on {draw(conditions(earlier))}")
    return "\n".join([*lines, "endchoice"])


@st.composite
def trees(draw: DrawFn, *, old: bool = False, most: int = len(NAMES)) -> str:
    """A top Kconfig file with two to ``most`` symbols besides the fixed ones."""
    modules = draw(st.sampled_from((' "MODULES"', ' "MODULES"', ' "MODULES"', "")))
    parts = [f"config MODULES\n\tbool{modules}\n\tmodules", draw(numbers())]
    earlier: list[str] = []
    if not old and draw(st.integers(0, 4)) == 0:
        parts.append("config OLD\n\ttristate\n\ttransitional")
        earlier.append("OLD")
    count = draw(st.integers(2, most))
    choice_at = draw(st.integers(0, count))
    for place, name in enumerate(NAMES[:count]):
        if place == choice_at:
            parts.append(draw(choices(earlier, old)))
            earlier += "PQ"
        parts.append(draw(entries(name, tuple(earlier), NAMES[place + 1 : count])))
        earlier.append(name)
    return "\n".join(parts) + "\n"


def all_assignments(model: KconfigModel) -> list[Assignments]:
    """Every assignment of user's values, as lines of a ``.config``; choices in both orders.

    A symbol without default is always given a value: it has ``n`` without one.
    """
    return _assignments(model, fragments=False)


def all_fragments(model: KconfigModel) -> list[Assignments]:
    """Every set of lines that could be merged into a ``.config``."""
    return _assignments(model, fragments=True)


def _assignments(model: KconfigModel, *, fragments: bool) -> list[Assignments]:
    columns: list[list[Assignments]] = []
    for symbol in model.symbols:
        name = symbol.name
        if not (symbol.prompts or symbol.transitional) or symbol.choice is not None:
            continue
        values: Sequence[str] = NUMBERS
        if name != "NUM":
            values = LEVELS if symbol.type is SymbolType.TRISTATE else ("n", "y")
            if fragments or symbol.defaults or symbol.implies:
                values = (UNSET, *values)
        columns.append([((name, value),) if value else () for value in values])
    if model.symbol("P") is not None:
        columns.append(list(_of_choice(model.resolver.choices_have_modes)))
    return [tuple(itertools.chain(*parts)) for parts in itertools.product(*columns)]


def _of_choice(modes: bool) -> Sequence[Assignments]:
    if modes:
        both = itertools.product(("", *LEVELS), ("", *LEVELS))
        return [tuple((n, v) for n, v in zip("PQ", pair, strict=True) if v) for pair in both]
    return ((), (("P", "y"),), (("Q", "y"),), (("P", "n"),), (("P", "y"), ("Q", "y")))
