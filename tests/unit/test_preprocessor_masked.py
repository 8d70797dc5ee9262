"""Conditions over many configurations at once equal those over each configuration alone."""

from __future__ import annotations

import random

import pytest
from unit_case import edges_of

from analyzer.preprocessor.condition import MANY_GROUPS

SYMBOLS = ("A", "B", "C", "D", "E", "F")
WIDTHS = """
#ifdef CONFIG_A
#define WIDTH_A 3
#else
#define WIDTH_A 0
#endif
#ifdef CONFIG_B
#define WIDTH_B (WIDTH_A + 2)
#elif defined(CONFIG_C)
#define WIDTH_B WIDTH_C
#endif
#define WIDTH_C (CONFIG_D_VALUE - 1)
#ifdef CONFIG_E
#define CONFIG_D_VALUE 4
#define QUOTIENT (8 / WIDTH_A)
#else
#define CONFIG_D_VALUE 0x2U
#define QUOTIENT 1
#endif
#define CHOSEN(x) ((x) ? 5 : 1)
#ifdef CONFIG_F
#define CHOICE (CHOSEN(WIDTH_B))
#define BROKEN (missing(1) ? 1 : 2)
#else
#define CHOICE 2
#define BROKEN 3
#endif
#define LOOSE 1 + WIDTH_A
"""
CONDITIONS = (
    "WIDTH_A + WIDTH_B + WIDTH_C + CHOICE > 6",
    "WIDTH_A * WIDTH_B - CHOICE <= UNKNOWN && !WIDTH_C || WIDTH_B == 3",
    "-WIDTH_A + ~CHOICE < 0",
    "WIDTH_A + WIDTH_B + BROKEN + CHOICE > 4",
    "WIDTH_A + WIDTH_B + WIDTH_C + QUOTIENT + CHOICE > 9",
    "LOOSE * CHOICE + WIDTH_B + WIDTH_C == 9",
    "(WIDTH_A << WIDTH_B) % 5 + (CHOICE ^ WIDTH_C) >= 3",
)


def configurations(count: int) -> list[dict[str, str]]:
    chance = random.Random(7)
    return [{symbol: "y" for symbol in SYMBOLS if chance.random() < 0.5} for _ in range(count)]


@pytest.mark.parametrize("condition", CONDITIONS)
def test_each_configuration_alone_agrees(condition: str) -> None:
    source = f"{WIDTHS}#if {condition}\nvoid f(void) {{ g(); }}\n#endif\n"
    configs = configurations(48)
    together = edges_of(source, configs).get(("f", "g"), 0)
    alone = [bool(edges_of(source, [config])) for config in configs]
    assert [bool(together >> bit & 1) for bit in range(len(configs))] == alone
    assert len({tuple(config) for config in configs}) > MANY_GROUPS
