"""Path classes: the partition of the configurations by their edges."""

from __future__ import annotations

import random
import time

from fake_program import FakeProgram, configs
from hypothesis import given
from hypothesis import strategies as st

from analyzer.diagnostics import Diagnostics
from analyzer.location import Location
from analyzer.paths.answer import Question, answer
from analyzer.paths.classes import partition
from analyzer.paths.platforms import OnePlatform
from analyzer.paths.result import Kernel
from analyzer.progress import Silent

HERE = Location("a.c", 3)


@given(st.integers(1, 40), st.lists(st.integers(min_value=0), max_size=8))
def test_a_part_is_the_configurations_with_one_signature(count: int, masks: list[int]) -> None:
    everything = (1 << count) - 1
    parts = partition(everything, masks)
    union = 0
    for part in parts:
        assert part & union == 0
        union |= part
    assert union == everything
    by_signature: dict[tuple[int, ...], int] = {}
    for bit in range(count):
        signature = tuple(mask >> bit & 1 for mask in masks)
        by_signature[signature] = by_signature.get(signature, 0) | 1 << bit
    assert sorted(parts) == sorted(by_signature.values())


def test_the_largest_class_comes_first_then_the_lowest_configuration() -> None:
    assert partition(0b11111, [0b00010, 0b10000]) == (0b01101, 0b00010, 0b10000)
    assert partition(0, [1]) == ()


def test_each_class_says_which_symbols_set_it_apart() -> None:
    four = configs([{"PV": "y", "AA": "y"}, {"PV": "y"}, {"AA": "y"}, {}])
    program = FakeProgram()
    a, b, c = (program.define(name, 0b1111) for name in "abc")
    program.call(a, b, 0b0011, conditionals=(("CONFIG_PV", HERE),))
    program.call(a, c, 0b1100, conditionals=(("!CONFIG_PV", HERE),))
    result = answer(
        program,
        Question(("a",)),
        four,
        Kernel("6.12", "x86"),
        platforms=OnePlatform(4),
        diagnostics=Diagnostics(),
        progress=Silent(),
    )
    assert [(c.mask, c.when, c.edges) for c in result.classes] == [
        (0b0011, "PV", (0,)),
        (0b1100, "!PV", (1,)),
    ]
    assert result.symbols == (("PV", ((0b0011, "y"),)),)


def test_a_root_that_is_not_there_is_a_class_of_its_own() -> None:
    program = FakeProgram()
    program.define("a", 0b01)
    result = answer(
        program,
        Question(("a",)),
        configs([{"X": "y"}, {}]),
        Kernel("6.12", "x86"),
        platforms=OnePlatform(2),
        diagnostics=Diagnostics(),
        progress=Silent(),
    )
    assert [(c.mask, c.when) for c in result.classes] == [(0b01, "X"), (0b10, "!X")]


def test_ten_thousand_configurations() -> None:
    bits = random.Random(3)
    masks = [bits.getrandbits(10_000) for _ in range(6)] * 50
    started = time.perf_counter()
    assert len(partition((1 << 10_000) - 1, masks)) == 64
    assert time.perf_counter() - started < 1
