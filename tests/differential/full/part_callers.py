"""GCC's calls into a sample of functions, looked for from the callee (``kimpact callers``)."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from callers_gcc import Sample, look_for_callers
from full.model import Case, Difference, Outcome, Part, Settings
from full.reference import reference_of
from kernels.trees import KernelTree

SAMPLE = Sample(count=100, mentions=60)
CONFIG = "defconfig"


def _look(kernel: KernelTree, settings: Settings) -> Outcome:
    reference = reference_of(kernel, CONFIG, settings.oracle, settings.jobs)
    found = look_for_callers(kernel.path, reference.edges(), SAMPLE)
    differences = [
        Difference(f"{file}:{name}", f"caller not found: {caller}")
        for (name, file), callers in found.missing.items()
        for caller in sorted(callers)
    ]
    total = sum(map(len, found.expected.values()))
    remark = f"{len(found.expected)} functions of mm/"
    return Outcome("callers", total, total - len(differences), 0, tuple(differences), remark)


def cases(kernels: Sequence[KernelTree]) -> list[Case]:
    """One for each kernel."""
    return [Case("callers", CONFIG, kernel, functools.partial(_look, kernel)) for kernel in kernels]


CALLERS = Part("callers", "GCC's calls into a sample of functions, from the callee", cases)
