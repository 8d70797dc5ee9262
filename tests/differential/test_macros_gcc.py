"""Macro expansion and ``#if`` arithmetic against ``gcc -E -P`` on random programs.

This is a sample; ``make differential PARTS=macros`` takes 100,000 of each kind.
"""

from __future__ import annotations

import shutil
from random import Random

import pytest

from macro_programs import expression, program
from macro_reference import compare_conditions, compare_programs, expanded_text, woven_text

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.skipif(shutil.which("gcc") is None, reason="needs gcc"),
]

COUNT = 3000
SEED = 1


def test_expansion() -> None:
    random = Random(SEED)
    compared = compare_programs([program(random) for _ in range(COUNT)], expanded_text)
    assert compared.differing == ()
    assert compared.count > COUNT // 2


def test_expansion_with_lone_parentheses() -> None:
    """GCC gives up an argument list that never ends; at times we find other arguments."""
    random = Random(SEED + 1)
    programs = [program(random, lone=True) for _ in range(COUNT)]
    compared = compare_programs(programs, expanded_text)
    assert len(compared.differing) <= COUNT // 1000
    assert compared.count > COUNT // 2


def test_weaving() -> None:
    """The text for the parser, its holes filled, is what GCC hands to its parser."""
    random = Random(SEED + 2)
    compared = compare_programs([program(random) for _ in range(COUNT)], woven_text)
    assert compared.differing == ()
    assert compared.count > COUNT // 2


@pytest.mark.parametrize("kind", ["#if", "#elif"])
def test_conditions(kind: str) -> None:
    random = Random(SEED + len(kind))
    compared = compare_conditions([expression(random) for _ in range(COUNT)], kind)
    assert compared.differing == ()
    assert compared.count == COUNT
