"""Masks in words: exact, short, deterministic."""

from __future__ import annotations

import random
import re
import time

import pytest
from fake_program import configs
from hypothesis import given
from hypothesis import strategies as st

from analyzer.configset.configset import Column, ConfigSet, Mask, mask_of
from analyzer.configset.describe import Describer


def evaluate(expression: str, configset: ConfigSet) -> Mask:
    """The mask of an expression, read back by an independent evaluator."""

    def literal(text: str) -> Mask:
        if text.startswith("!"):
            return configset.all & ~literal(text[1:])
        symbol, equals, value = text.partition("=")
        column = configset.column(symbol)
        return column.where(value) if equals else column.present

    result = 0
    for term in expression.split(" || "):
        product = configset.all
        for text in term.strip("()").split(" && "):
            product &= literal(text)
        result |= product
    return result


FOUR = configs(
    [
        {"A": "y", "B": "y"},
        {"A": "y"},
        {"B": "y"},
        {},
    ]
)


@pytest.mark.parametrize(
    ("mask", "text"),
    [
        (0b1111, "always"),
        (0b0000, "never"),
        (0b0011, "A"),
        (0b1100, "!A"),
        (0b0001, "A && B"),
        (0b0010, "A && !B"),
        (0b0111, "A || B"),
        (0b1101, "B || !A"),
        (0b1001, "(A && B) || (!A && !B)"),
    ],
)
def test_two_symbols(mask: Mask, text: str) -> None:
    assert Describer(FOUR).describe(mask) == text


def test_tristate_and_values() -> None:
    three = configs([{"T": "y", "N": "64"}, {"T": "m", "N": "8"}, {"N": "512"}])
    describer = Describer(three)
    assert describer.describe(0b011) == "T"
    assert describer.describe(0b001) == "N=64"
    assert Describer(three, ["T"]).describe(0b010) == "T=m"
    assert describer.describe(0b100) == "N=512"


def test_a_symbol_at_hand_is_taken_before_one_that_coincides() -> None:
    two = configs([{"AAA": "y", "ZZZ": "y"}, {}])
    assert Describer(two).describe(0b01) == "AAA"
    assert Describer(two, ["ZZZ"]).describe(0b01) == "ZZZ"


def test_names_when_no_expression_is_exact() -> None:
    same = configs([{"A": "y"}] * 12)
    assert Describer(same).describe(0b101) == "c0, c2"
    assert Describer(same).describe(same.all & ~0b10) == "all but c1"
    odd = configs([{}] * 30)
    assert Describer(odd).describe(mask_of(range(0, 30, 2))) == (
        "c0, c2, c4, c6, c8, c10, c12, c14 and 7 more"
    )


def test_a_mask_of_another_set_is_refused() -> None:
    with pytest.raises(ValueError, match="configurations"):
        Describer(FOUR).describe(1 << 4)


@given(st.lists(st.integers(0, 15), min_size=1, max_size=12), st.integers(min_value=0))
def test_every_expression_is_exact(rows: list[int], wanted: int) -> None:
    configset = configs(
        [{s: "y" for bit, s in enumerate("ABCD") if row >> bit & 1} for row in rows]
    )
    mask = wanted & configset.all
    text = Describer(configset).describe(mask)
    if re.fullmatch(r"[A-D!&|() ]+", text):
        assert evaluate(text, configset) == mask
    elif text == "always":
        assert mask == configset.all
    elif text == "never":
        assert mask == 0
    else:
        assert text.startswith(("c", "all but c"))


def test_ten_thousand_configurations_and_thousands_of_symbols() -> None:
    random_bits = random.Random(7)
    count = 10_000
    columns = {
        f"S{index:04}": Column(((random_bits.getrandbits(count) or 1, "y"),))
        for index in range(3_000)
    }
    names = [str(index) for index in range(count)]
    configset = ConfigSet(names, names, columns)
    wanted = columns["S0100"].y & ~columns["S2000"].y
    started = time.perf_counter()
    assert Describer(configset).describe(wanted) == "S0100 && !S2000"
    assert Describer(configset).describe(random_bits.getrandbits(count)).endswith("more")
    assert time.perf_counter() - started < 5


def test_an_earlier_group_of_preferred_symbols_comes_first() -> None:
    configset = configs([{"RT": "y"}, {"HUGE": "y"}, {"HUGE": "y", "MORE": "y"}])
    assert Describer(configset, ["RT", "HUGE"]).describe(0b110) == "HUGE"
    describer = Describer(configset, ["RT"], ["HUGE"])
    assert describer.describe(0b110) == "!RT"
    assert describer.describe(0b100) == "MORE"
