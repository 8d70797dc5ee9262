"""Macro expansion, weaving and ``#if`` arithmetic against ``gcc -E`` on random programs."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from random import Random

from full.model import Case, Difference, Outcome, Part, Settings
from kernels.trees import KernelTree
from macro_programs import expression, program
from macro_reference import (
    Compared,
    compare_conditions,
    compare_programs,
    expanded_text,
    woven_text,
)

MANY, SOME = 100_000, 20_000
"""Programs that are compared; those which GCC refuses do not count."""
BATCH = 2_000
SEED = 20_000


def _expansion(random: Random) -> Compared:
    return compare_programs([program(random) for _ in range(BATCH)], expanded_text)


def _lone(random: Random) -> Compared:
    return compare_programs([program(random, lone=True) for _ in range(BATCH)], expanded_text)


def _weaving(random: Random) -> Compared:
    return compare_programs([program(random) for _ in range(BATCH)], woven_text)


def _condition(random: Random) -> Compared:
    return compare_conditions([expression(random) for _ in range(BATCH)], "#if")


def _other_condition(random: Random) -> Compared:
    return compare_conditions([expression(random) for _ in range(BATCH)], "#elif")


_KINDS: tuple[tuple[str, str, int, Callable[[Random], Compared]], ...] = (
    ("expansion", "programs", MANY, _expansion),
    ("lone-parentheses", "programs", SOME, _lone),
    ("weaving", "programs", SOME, _weaving),
    ("if", "conditions", SOME, _condition),
    ("elif", "conditions", SOME, _other_condition),
)


def _run(
    number: int, facts: str, wanted: int, batch: Callable[[Random], Compared], settings: Settings
) -> Outcome:
    del settings
    random = Random(SEED + number)
    compared = made = 0
    found: list[Difference] = []
    while compared < wanted:
        made += BATCH
        result = batch(random)
        compared += result.count
        found += [Difference("random program", text) for text in result.differing]
    remark = f"{made - compared:,} more are refused by gcc"
    return Outcome(facts, compared, compared - len(found), 0, tuple(found), remark)


def cases(kernels: Sequence[KernelTree]) -> list[Case]:
    """One for each kind of program."""
    del kernels
    return [
        Case("macros", name, None, functools.partial(_run, number, facts, wanted, batch))
        for number, (name, facts, wanted, batch) in enumerate(_KINDS)
    ]


MACROS = Part("macros", "macro expansion and #if against gcc -E on random programs", cases)
