"""Configurations and platforms on one mask: what a call leads to may depend on both."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from effects_case import axis_of, case_of

from analyzer.callgraph.program import FunctionRef, narrowed
from analyzer.configset.widening import Widening
from analyzer.csource.action import CallAction
from analyzer.effects.code import Body, Code
from analyzer.effects.roots import RootAnalysis

TEXT = """
struct ops { void (*remove)(struct obj *o); };
static void freed(struct rcu_head *h) { kfree(container_of(h, struct obj, rcu)); }
static void remove_now(struct obj *o) { kfree(o); }
static void remove_later(struct obj *o) { call_rcu(&o->rcu, freed); }
static struct ops ops = { .remove = remove_now };
void setup(void) { ops.remove = remove_later; }
void through_ops(struct obj *o) { ops.remove(o); }
void by_config(struct obj *o)
{
#ifdef CONFIG_PARAVIRT
	call_rcu(&o->rcu, freed);
#else
	kfree(o);
#endif
}
"""


class PlatformCode(Code):
    """Knows what the slot holds: on platform 0 the one function, on platform 1 the other."""

    def targets(self, body: Body, call: CallAction, index: int) -> Sequence[FunctionRef]:
        on = {"remove_now": 0b0011, "remove_later": 0b1100}
        found = super().targets(body, call, index)
        return [narrowed(ref, ref.mask & on.get(ref.name, -1)) for ref in found]


def test_masks_are_spread_over_platforms() -> None:
    widening = Widening(2, 3)
    assert widening.everything == 0b111111
    assert widening.spread(0b10) == 0b101010
    assert widening.on(0b010110, 1) == 0b01
    assert widening.merged(0b010110) == 0b11
    assert Widening(2).spread(0b10) == 0b10


@pytest.mark.parametrize("platforms", [1, 2])
def test_each_configuration_has_its_own(tmp_path: Path, platforms: int) -> None:
    case = case_of(tmp_path, TEXT, platforms=platforms)
    widening = Widening(2, platforms)
    assert case.of("by_config") == {
        "immediate-free": widening.spread(0b01),
        "rcu-callback-free": widening.spread(0b10),
    }


def test_each_platform_has_its_own(tmp_path: Path) -> None:
    case = case_of(tmp_path, TEXT)
    axis = axis_of(2)
    code = PlatformCode(case.program, case.session, axis)
    found_refs = case.program.find("through_ops", "mm/case.c")
    refs = [narrowed(ref, axis.spread(ref.mask)) for ref in found_refs]
    found = RootAnalysis(code).of(refs, None, [frozenset(("mm/case.o",))])
    assert dict(found.effects) == {"immediate-free": 0b0011, "rcu-callback-free": 0b1100}
    carried = {(c.source.name, c.name): mask for c, mask in found.carries.items()}
    assert carried["through_ops", "remove_now"] == 0b0011
    assert carried["through_ops", "remove_later"] == 0b1100


def test_candidates_that_nothing_narrows_are_all_possible(tmp_path: Path) -> None:
    case = case_of(tmp_path, TEXT)
    assert case.of("through_ops") == {"immediate-free": 0b11, "rcu-callback-free": 0b11}
