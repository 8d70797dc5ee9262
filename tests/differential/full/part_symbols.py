"""Values of configuration symbols against the kernel's own ``conf``.

A case agrees when the whole ``.config`` is equal byte for byte; one fact is one configuration.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

from analyzer.kconfig.toolchain import CLANG, GCC
from full.model import Case, Difference, Outcome, Part, Settings
from kconfig_cases import (
    MODES,
    Answer,
    defconfigs,
    from_scratch,
    other_compiler,
    randconfigs,
    subject_of,
    switched_and_merged,
    tinyconfig,
)
from kernels.trees import KernelTree

SEEDS = range(101, 141)
"""Of ``randconfig``; every other result is damaged and completed as well."""


def _compare(kernel: KernelTree, settings: Settings) -> Outcome:
    subject = subject_of(kernel, settings.oracle, settings.scratch, GCC, tuple(MODES))
    answers = [*from_scratch(subject), *defconfigs(subject), *tinyconfig(subject)]
    answers += randconfigs(subject, SEEDS)
    answers += switched_and_merged(subject)
    clang = subject_of(kernel, settings.oracle, settings.scratch / "clang", CLANG, ["x86"])
    answers += other_compiler(clang, subject.models["x86"])
    differing = [one for one in answers if one.actual != one.expected]
    values = sum(one.expected.count("CONFIG_") for one in answers)
    return Outcome(
        "configurations",
        len(answers),
        len(answers) - len(differing),
        differences=tuple(map(_difference, differing)),
        remark=f"{values:,} values",
    )


def _difference(answer: Answer) -> Difference:
    theirs, ours = set(answer.expected.splitlines()), set(answer.actual.splitlines())
    lost, more = sorted(theirs - ours)[:10], sorted(ours - theirs)[:10]
    return Difference(answer.case.name, f"only conf {lost}, only kimpact {more}")


def cases(kernels: Sequence[KernelTree]) -> list[Case]:
    """One for each kernel."""
    return [
        Case("symbols", "all", kernel, functools.partial(_compare, kernel)) for kernel in kernels
    ]


SYMBOLS = Part("symbols", "symbol values against the kernel's own conf", cases)
