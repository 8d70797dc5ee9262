"""What is asked of every tool, and how its answer is checked.

The truth was read off Linux 6.12 with Debian's amd64 configuration: on Xen PV the table goes
from ``free_pte_range()`` through ``pv_ops.mmu.tlb_remove_table`` to ``tlb_remove_table()`` and
from there to an RCU callback. Two calls of the same names are in the sources only for other
configurations. A tool that does not cross the slot is given the function behind it as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

Pair = tuple[str, str]
"""Caller and callee."""

ROOTS = ("free_pte_range", "tlb_remove_table")
HOOK = "paravirt_tlb_remove_table"
FREE = "tlb_remove_table_free"
CALLBACK = "tlb_remove_table_rcu"
OTHER_CONFIGURATIONS: frozenset[Pair] = frozenset(
    {(HOOK, "tlb_remove_page"), (FREE, "__tlb_remove_table_free")}
)
SLOW_PATH = "*batch == NULL"
PLATFORM = "xen-pv"


@dataclass(frozen=True, slots=True)
class Answer:
    """A tool's answer: call edges, and the text in which platforms or conditions would stand."""

    pairs: frozenset[Pair]
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Findings:
    """What an answer contains of the truth."""

    to_hook: bool
    over_slot: bool
    to_free: bool
    to_callback: bool
    only_this_configuration: bool
    platform: bool
    conditions: bool


def check(answer: Answer) -> Findings:
    """Hold an answer against the truth."""
    pairs = answer.pairs
    to_hook, to_free = reaches(pairs, ROOTS[0], HOOK, 5), reaches(pairs, ROOTS[1], FREE, 3)
    return Findings(
        to_hook=to_hook,
        over_slot=reaches(pairs, HOOK, ROOTS[1], 5),
        to_free=to_free,
        to_callback=reaches(pairs, FREE, CALLBACK, 2),
        only_this_configuration=to_hook and to_free and not OTHER_CONFIGURATIONS & pairs,
        platform=PLATFORM in answer.text,
        conditions=SLOW_PATH in answer.text,
    )


def reaches(pairs: Iterable[Pair], start: str, goal: str, most: int) -> bool:
    """Whether at most ``most`` calls lead from one function to another.

    The bounds leave room for the macros between; without them, any long way round would count.
    """
    known = frozenset(pairs)
    seen, edge = {start}, {start}
    for _ in range(most):
        edge = {callee for caller, callee in known if caller in edge} - seen
        if goal in edge:
            return True
        seen |= edge
    return False
