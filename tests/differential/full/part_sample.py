"""Call edges of a few objects in every configuration: minutes where ``edges`` takes hours.

The objects are those that use most of what is hard, as far as the configuration builds them.
"""

from __future__ import annotations

import functools
import hashlib
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from edges_build import RECIPES
from edges_compare import MAX_EXTRA
from edges_record import FORMAT, gcc_version, record
from edges_run import run
from edges_truth import Truth, read_truth
from full.model import Case, Outcome, Part, Settings
from full.part_edges import outcome_of
from kernels.locking import exclusive
from kernels.trees import KernelTree

OBJECTS = {
    "": "mm/memory.o mm/page_alloc.o mm/vmscan.o mm/vmalloc.o mm/mmap.o mm/mmu_gather.o"
    " arch/x86/mm/init.o arch/x86/mm/tlb.o arch/x86/mm/pgtable.o arch/x86/kernel/setup.o"
    " arch/x86/kernel/process.o arch/x86/kernel/alternative.o arch/x86/kernel/traps.o"
    " arch/x86/kernel/cpu/common.o",
    "SLUB": "mm/slub.o",
    "SMP": "arch/x86/kernel/smpboot.o arch/x86/kernel/smp.o",
    "PARAVIRT": "arch/x86/kernel/paravirt.o",
    "KVM_GUEST": "arch/x86/kernel/kvm.o",
    "XEN": "arch/x86/xen/enlighten.o",
    "XEN_PV": "arch/x86/xen/mmu_pv.o arch/x86/xen/enlighten_pv.o",
    "HYPERV": "arch/x86/hyperv/hv_init.o arch/x86/hyperv/mmu.o",
}
"""By the symbol that builds them."""


def targets(dotconfig: str) -> list[str]:
    """The objects of the sample that a configuration builds."""
    return [
        target
        for symbol, objects in OBJECTS.items()
        if not symbol or re.search(rf"^CONFIG_{symbol}=[ym]$", dotconfig, re.M)
        for target in objects.split()
    ]


def _truth(kernel: KernelTree, config: str, settings: Settings) -> Truth:
    recipe = RECIPES[config]
    parts = [FORMAT, gcc_version(), repr(recipe), repr(OBJECTS)]
    makefile = (kernel.path / "Makefile").read_bytes()
    key = hashlib.sha256(makefile + "\0".join(parts).encode()).hexdigest()[:12]
    path = settings.oracle / f"sample-{kernel.version}-{config}-{key}.json.xz"
    with exclusive(settings.oracle / f"lock-sample-{kernel.version}-{config}"):
        if not path.exists():
            with tempfile.TemporaryDirectory(dir=settings.oracle, prefix=".build-") as folder:
                work = Path(folder) / "work"
                record(kernel, recipe, targets, path, work, jobs=settings.jobs, front_end_only=True)
    return read_truth(path)


def _compare(kernel: KernelTree, config: str, settings: Settings) -> Outcome:
    return outcome_of(run(kernel, _truth(kernel, config, settings), settings.jobs).comparison)


def cases(kernels: Sequence[KernelTree]) -> list[Case]:
    """One for each kernel and configuration."""
    return [
        Case("sample", name, kernel, functools.partial(_compare, kernel, name))
        for name in RECIPES
        for kernel in kernels
    ]


SAMPLE = Part("sample", "call edges of some objects in every configuration", cases, MAX_EXTRA)
