"""A sample of the comparison of kimpact's call edges with GCC's, on real kernels.

The full comparison is ``make differential``; ``docs/accuracy.md`` has its figures and
explains what is left. The sample is the units that use most of what is hard: macro-made
functions, page-table folding, static calls, ``_Generic``, ``cleanup``, page-flag macros.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from edges_build import RECIPES
from edges_compare import MAX_EXTRA, MIN_FOUND, summary_lines
from edges_run import run, truth_of
from kernels.trees import KernelTree

SAMPLE = (
    "arch/x86/mm/fault.o",
    "arch/x86/mm/init.o",
    "arch/x86/mm/pgtable.o",
    "arch/x86/mm/tlb.o",
    "mm/memory.o",
    "mm/mmu_gather.o",
    "mm/page_alloc.o",
    "mm/percpu.o",
    "mm/rmap.o",
    "mm/slub.o",
    "mm/vmalloc.o",
    "mm/vmscan.o",
)


@pytest.mark.oracle
@pytest.mark.spread
@pytest.mark.parametrize("config", ["defconfig", "tinyconfig", "paravirt"])
def test_sample_agrees_with_gcc(kernel: KernelTree, config: str, oracle_folder: Path) -> None:
    truth = truth_of(kernel, RECIPES[config], SAMPLE, oracle_folder)
    comparison = run(kernel, truth).comparison
    report = "\n".join(summary_lines(comparison, truth, 10))
    assert comparison.only_gcc == (), report
    assert comparison.score.true > 1000, report
    assert comparison.score.found_percent >= MIN_FOUND, report
    assert comparison.score.extra_percent <= MAX_EXTRA, report
    assert comparison.indirect.true > 10, report
    assert list(comparison.uneven()) == [], report
