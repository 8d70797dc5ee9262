"""The shortest expression for some combinations of values."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.configset.shortest import Shortest


def rows_of(*values: str) -> list[tuple[str, ...]]:
    return list(product(*values))


def test_one_symbol() -> None:
    shortest = Shortest(["A"], [("y",), ("n",)])
    assert shortest.expression(0b01) == "A"
    assert shortest.expression(0b10) == "!A"
    assert shortest.expression(0b11) == "always"
    assert shortest.expression(0) == "never"


def test_what_cannot_be_had_makes_it_shorter() -> None:
    every = rows_of("yn", "yn")
    assert Shortest(["A", "B"], every).expression(0b0001) == "A && B"
    without_a_alone = [row for row in every if row != ("y", "n")]
    assert Shortest(["A", "B"], without_a_alone).expression(0b001) == "A"


def test_either_of_two_and_both_or_none() -> None:
    shortest = Shortest(["A", "B"], rows_of("yn", "yn"))
    assert shortest.expression(0b0111) == "A || B"
    assert shortest.expression(0b1001) == "(A && B) || (!A && !B)"


def test_tristates() -> None:
    shortest = Shortest(["T", "A"], rows_of("nmy", "ny"))
    assert shortest.expression(0b001100) == "T=m"
    assert shortest.expression(0b110000) == "T=y"
    assert shortest.expression(0b111100) == "T"
    assert shortest.expression(0b001111) == "T!=y"
    assert shortest.expression(0b100000) == "T=y && A"


def test_the_same_values_on_both_sides_are_refused() -> None:
    with pytest.raises(ValueError, match="both sides"):
        Shortest(["A"], [("y",), ("y",), ("n",)]).expression(0b001)


def holds(expression: str, row: dict[str, str]) -> bool:
    if expression in ("always", "never"):
        return expression == "always"
    return any(
        all(_literal(part, row) for part in term.strip("()").split(" && "))
        for term in expression.split(" || ")
    )


def _literal(text: str, row: dict[str, str]) -> bool:
    if "!=" in text:
        name, value = text.split("!=")
        return row[name] != value
    if "=" in text:
        name, value = text.split("=")
        return row[name] == value
    return row[text.removeprefix("!")] != "n" if text[0] != "!" else row[text[1:]] == "n"


@given(st.data())
def test_it_holds_in_exactly_these_rows(data: st.DataObject) -> None:
    names = ["A", "B", "C", "T"]
    every = rows_of("ny", "ny", "ny", "nmy")
    rows = data.draw(st.lists(st.sampled_from(every), min_size=1, unique=True))
    mask = data.draw(st.integers(0, (1 << len(rows)) - 1))
    expression = Shortest(names, rows).expression(mask)
    for number, row in enumerate(rows):
        values = dict(zip(names, row, strict=True))
        assert holds(expression, values) == bool(mask >> number & 1), (expression, row)
