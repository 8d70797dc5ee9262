"""Calls that are never of unknown target on real kernels: boot tables and static calls.

Every function that the sampled units reach and that calls through a slot of one of the tables
below, or makes a static call, is asked for its edges. What they lead to must be a function, or
said to be nothing; which one it is on a platform is the matter of ``test_slots_kernel.py``.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from analyzer.callgraph.analysis import Definition, UnitAnalysis
from analyzer.callgraph.linked import LinkedProgram
from analyzer.callgraph.program import FunctionRef, OutCertainty, OutEdge, RefKind
from analyzer.callgraph.session import Session
from analyzer.configset.configset import ConfigSet
from analyzer.configset.dotconfig import read_dotconfig
from analyzer.csource.sites import CallSite
from analyzer.diagnostics import Diagnostics
from analyzer.tree.source_tree import DirectoryTree
from kernels.trees import KernelTree

TABLES = frozenset("pv_ops pv_ops_lock x86_init x86_platform x86_cpuinit smp_ops".split())
TRAMPOLINE = "__SCT__"
SAMPLE = (
    "arch/x86/kernel/setup.o",
    "arch/x86/kernel/smpboot.o",
    "arch/x86/kernel/tsc.o",
    "arch/x86/mm/init_64.o",
    "arch/x86/mm/pgtable.o",
    "arch/x86/mm/tlb.o",
    "kernel/sched/build_policy.o",
)
AT_LEAST = 60
"""Different slots that the sample calls through; there are some 80 to 100."""


@pytest.fixture(scope="module")
def session(kernel: KernelTree) -> Session:
    folder = kernel.path.parent / f"linux-config-{kernel.version}"
    found = sorted(folder.glob("config.amd64_none_amd64.xz"))
    if not found:
        pytest.skip(f"no configurations for {kernel.version}: run make kernels")
    configs = ConfigSet.of([read_dotconfig(found[0])])
    return Session(DirectoryTree(kernel.path), "x86", configs, Diagnostics())


def reached(analysis: UnitAnalysis) -> Iterator[tuple[str, Definition]]:
    """The functions of a unit, and those of its headers that they come to."""
    seen: set[str] = set()
    waiting = list(analysis.own_names())
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        for definition in analysis.definitions(name):
            yield name, definition
            for site in definition.facts.sites:
                waiting += [site.name, *(passed.name for passed in site.passes)]


def slot_of(site: CallSite) -> str | None:
    """The slot that must be known which a call goes through."""
    if site.name.startswith(TRAMPOLINE):
        return site.name
    target = site.target
    if target is not None and (target.root in TABLES or target.path.startswith(TRAMPOLINE)):
        return target.path
    return None


def through_macros(program: LinkedProgram, ref: FunctionRef) -> Iterator[OutEdge]:
    waiting = list(program.edges_of(ref))
    while waiting:
        edge = waiting.pop()
        yield edge
        if edge.target is not None and edge.target.kind is RefKind.MACRO:
            waiting += program.edges_of(edge.target)


def test_no_boot_table_or_static_call_is_of_unknown_target(session: Session) -> None:
    program = LinkedProgram(session)
    asked: set[str] = set()
    unknown: set[str] = set()
    for path in SAMPLE:
        (item,) = session.objects(path)
        for name, definition in reached(session.analysis(item)):
            slots = {slot_of(site) for site in definition.facts.sites} - {None} - asked
            if not slots:
                continue
            found = [
                edge
                for ref in program.definitions_in(item, name, None)
                for edge in through_macros(program, ref)
                if edge.slot in slots
            ]
            assert {edge.slot for edge in found} == slots, f"{path}: {name}"
            unknown |= {
                f"{path}: {name}: {edge.slot}"
                for edge in found
                if edge.certainty is OutCertainty.UNKNOWN
            }
            asked |= {slot for slot in slots if slot is not None}
    assert unknown == set()
    assert len(asked) >= AT_LEAST, sorted(asked)
