"""The kernel's own ``scripts/kconfig/tests`` run through kimpact's front end."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from full.model import Case, Difference, Outcome, Part, Settings
from kconfig_suite import run_suite
from kernels.trees import KernelTree

NOT_APPLICABLE = "kimpact asks its user nothing and writes no defconfig: no such check can be made"


def _run(kernel: KernelTree, settings: Settings) -> Outcome:
    del settings
    checks = run_suite(kernel.path)
    made = [check for check in checks if check.holds is not None]
    found = [
        Difference(
            check.test,
            f"{check.what}: {check.seen}",
            NOT_APPLICABLE if check.holds is None else "",
        )
        for check in checks
        if not check.holds
    ]
    agreed = sum(bool(check.holds) for check in made)
    remark = f"{len({check.test for check in checks})} tests"
    if len(checks) > len(made):
        remark += f"; {len(checks) - len(made)} checks cannot be made"
    return Outcome("checks", len(made), agreed, 0, tuple(found), remark)


def cases(kernels: Sequence[KernelTree]) -> list[Case]:
    """One for each kernel."""
    return [Case("suite", "all", kernel, functools.partial(_run, kernel)) for kernel in kernels]


SUITE = Part("suite", "the tree's scripts/kconfig/tests through kimpact's front end", cases)
