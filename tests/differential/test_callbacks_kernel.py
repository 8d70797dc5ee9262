"""Callback edges and guards in words on real kernels with the distribution's configuration.

The expectations were read off the sources of 6.12 and 7.2 by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from analyzer.callgraph.linked import LinkedProgram
from analyzer.callgraph.program import FunctionRef, OutEdge, OutKind, RefKind
from analyzer.callgraph.session import Session
from analyzer.configset.configset import ConfigSet
from analyzer.configset.dotconfig import read_dotconfig
from analyzer.diagnostics import Diagnostics
from analyzer.tree.source_tree import DirectoryTree
from kernels.trees import KernelTree

EXPECTED = {
    "mm/mmu_gather.c:tlb_remove_table_free": ["tlb_remove_table_rcu rcu"],
    "mm/mmu_gather.c:tlb_remove_table_sync_one": ["tlb_remove_table_smp_sync ipi"],
    "mm/swap.c:__lru_add_drain_all": ["lru_add_drain_per_cpu workqueue"],
    "mm/vmstat.c:start_shepherd_timer": [
        "delayed_work_timer_fn timer",
        "vmstat_shepherd workqueue",
        "vmstat_update workqueue",
    ],
    "mm/vmstat.c:init_mm_internals": [
        "vmstat_cpu_dead cpu-hotplug",
        "vmstat_cpu_down_prep cpu-hotplug",
        "vmstat_cpu_online cpu-hotplug",
    ],
    "mm/slub.c:free_slab": ["rcu_free_slab rcu"],
    "mm/vmalloc.c:vmalloc_init": [
        "delayed_vfree_work workqueue",
        "vmap_node_shrink_count shrinker",
        "vmap_node_shrink_scan shrinker",
    ],
    "mm/vmalloc.c:vfree_atomic": ["delayed_vfree_work workqueue"],
    "mm/oom_kill.c:oom_init": ["oom_reaper kthread"],
    "kernel/softirq.c:softirq_init": ["tasklet_action softirq", "tasklet_hi_action softirq"],
    "kernel/exit.c:put_task_struct_rcu_user": ["delayed_put_task_struct rcu"],
    "kernel/sched/fair.c:init_cfs_bandwidth": [
        "sched_cfs_period_timer hrtimer",
        "sched_cfs_slack_timer hrtimer",
    ],
    "lib/percpu-refcount.c:__percpu_ref_switch_to_atomic": ["percpu_ref_switch_to_atomic_rcu rcu"],
}


@pytest.fixture(scope="module")
def program(kernel: KernelTree) -> LinkedProgram:
    folder = kernel.path.parent / f"linux-config-{kernel.version}"
    found = sorted(folder.glob("config.amd64_none_cloud*.xz"))
    if not found:
        pytest.skip(f"no configurations for {kernel.version}: run make kernels")
    configs = ConfigSet.of([read_dotconfig(Path(found[0]))])
    return LinkedProgram(Session(DirectoryTree(kernel.path), "x86", configs, Diagnostics()))


def through_macros(program: LinkedProgram, ref: FunctionRef) -> Iterator[OutEdge]:
    waiting = list(program.edges_of(ref))
    while waiting:
        edge = waiting.pop(0)
        yield edge
        if edge.target is not None and edge.target.kind is RefKind.MACRO:
            waiting = [*program.edges_of(edge.target), *waiting]


def one(program: LinkedProgram, named: str) -> FunctionRef:
    file, _, name = named.partition(":")
    (ref,) = program.find(name, file)
    return ref


def test_callbacks_have_their_context(program: LinkedProgram) -> None:
    found = {
        named: sorted(
            {
                f"{edge.name} {edge.context}"
                for edge in through_macros(program, one(program, named))
                if edge.kind is OutKind.CALLBACK and edge.target is not None
            }
        )
        for named in EXPECTED
    }
    assert found == EXPECTED


def test_the_slow_and_the_fast_path_of_a_batch(program: LinkedProgram) -> None:
    ref = one(program, "mm/mmu_gather.c:tlb_remove_table")
    labels = {
        edge.name: [(guard.text, guard.label) for guard in edge.guards]
        for edge in program.edges_of(ref)
        if edge.name.startswith("tlb_")
    }
    slow = [("*batch == NULL", None), ("*batch == NULL", "no-memory slow path")]
    assert labels == {
        "tlb_table_invalidate": slow,
        "tlb_remove_table_one": slow,
        "tlb_table_flush": [
            ("!(*batch == NULL)", "fast path"),
            ("(*batch)->nr == MAX_TABLE_BATCH", None),
        ],
    }
