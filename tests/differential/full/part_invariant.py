"""The engine's own invariant: N configurations at once say of each what it says alone.

Random small kernels with all questions, and a real kernel with random configurations and the
paths of a few functions. One fact is one configuration asked about.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from random import Random

from analyzer.kconfig.toolchain import GCC, bundled_toolchain
from full.model import Case, Difference, Outcome, Part, Settings
from invariant import command_of, kernel_differs, order_differs, paths_differ
from kconfig_reference import Case as ConfCase
from kconfig_reference import build_reference
from kernels.trees import KernelTree
from small_kernels import ROOTS, write_configs, write_kernel

SMALL_KERNELS, SMALL_CONFIGS = 100, 5
RANDCONFIGS = range(501, 509)
FUNCTIONS = (
    "mm/memory.c:free_pte_range",
    "mm/mmu_gather.c:tlb_remove_table",
    "mm/mmap.c:exit_mmap",
    "arch/x86/mm/tlb.c:flush_tlb_mm_range",
    "arch/x86/mm/pgtable.c:pgd_free",
)


def _small(settings: Settings) -> Outcome:
    found: list[Difference] = []
    wrong: set[tuple[int, str]] = set()
    for seed in range(SMALL_KERNELS):
        random = Random(seed)
        folder = settings.scratch / str(seed)
        kernel = write_kernel(folder / "linux", random)
        configs = write_configs(folder / "configs", random, SMALL_CONFIGS)
        for line in kernel_differs(kernel, configs, ROOTS):
            found.append(Difference(f"seed {seed}", line))
            wrong.add((seed, line.partition(": ")[0]))
    total = SMALL_KERNELS * SMALL_CONFIGS
    agreed = total - len(wrong)
    return Outcome("configurations", total, agreed, 0, tuple(found), f"{SMALL_KERNELS} kernels")


def _real(kernel: KernelTree, settings: Settings) -> Outcome:
    configs = _randconfigs(kernel, settings)
    ask = command_of(kernel.path, "paths", *FUNCTIONS)
    found = paths_differ(ask, configs)
    found += [f"{line} (order)" for line in order_differs(ask, configs)]
    wrong = {line.partition(":")[0] for line in found}
    return Outcome(
        "configurations",
        len(configs),
        len(configs) - len(wrong),
        0,
        tuple(Difference(*line.split(": ", 1)) for line in found),
        f"paths of {len(FUNCTIONS)} functions",
    )


def _randconfigs(kernel: KernelTree, settings: Settings) -> list[Path]:
    folder = settings.oracle / "kconfig" / kernel.version
    conf = build_reference(kernel.path, folder, bundled_toolchain(GCC))
    paths: list[Path] = []
    for seed in RANDCONFIGS:
        case = ConfCase(f"rand{seed}", "randconfig", variables={"KCONFIG_SEED": str(seed)})
        path = settings.scratch / f"rand{seed}.config"
        path.write_text(conf.run(case, settings.scratch / "conf"), errors="surrogateescape")
        paths.append(path)
    return paths


def cases(kernels: Sequence[KernelTree]) -> list[Case]:
    """The small kernels, and one for each real kernel."""
    small = Case("invariant", "small-kernels", None, _small)
    real = [
        Case("invariant", "randconfigs", kernel, functools.partial(_real, kernel))
        for kernel in kernels
    ]
    return [small, *real]


INVARIANT = Part("invariant", "N configurations at once against each alone", cases)
