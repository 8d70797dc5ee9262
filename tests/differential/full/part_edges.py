"""Call edges against GCC's early call graph (``docs/accuracy.md`` has the rule)."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import replace

from edges_build import RECIPES
from edges_compare import MAX_EXTRA, Comparison
from edges_match import Difference as EdgeDifference
from edges_run import run
from edges_truth import Truth, UnitTruth
from full.model import Case, Difference, Outcome, Part, Settings
from full.reference import reference_of
from kernels.trees import KernelTree


def _compare(kernel: KernelTree, config: str, settings: Settings) -> Outcome:
    reference = reference_of(kernel, config, settings.oracle, settings.jobs)
    truth, left_out = in_tree(kernel, reference.edges())
    comparison = run(kernel, truth, jobs=settings.jobs).comparison
    outcome = outcome_of(comparison)
    remark = outcome.remark
    if reference.failed:
        remark += f"; not compiled by GCC: {' '.join(reference.failed)}"
    if left_out:
        remark += f"; sources that the build writes: {' '.join(unit.object for unit in left_out)}"
    lost = sum(len(list(unit.edges())) for unit in left_out)
    generated = tuple(_generated(unit) for unit in left_out if lost)
    return replace(
        outcome,
        total=outcome.total + lost,
        differences=outcome.differences + generated,
        remark=remark,
    )


def outcome_of(comparison: Comparison) -> Outcome:
    """The figures of a comparison, builtins and calls through pointers in the remark."""
    score, builtins, indirect = comparison.score, comparison.builtins, comparison.indirect
    remark = (
        f"{len(comparison.units)} objects; builtins {builtins.found} of {builtins.true};"
        f" calls through pointers {indirect.found} of {indirect.true}, {indirect.extra} extra"
    )
    differences = tuple(_differences(comparison))
    return Outcome("edges", score.true, score.found, score.extra, differences, remark)


def in_tree(kernel: KernelTree, truth: Truth) -> tuple[Truth, list[UnitTruth]]:
    """What GCC says of the objects whose source the tree has, and the other objects."""
    here = {
        name: unit for name, unit in truth.units.items() if (kernel.path / unit.source).is_file()
    }
    others = [unit for name, unit in truth.units.items() if name not in here]
    return replace(truth, units=here), others


def _generated(unit: UnitTruth) -> Difference:
    return Difference(unit.object, f"{len(list(unit.edges()))} edges of a generated source")


def _differences(comparison: Comparison) -> list[Difference]:
    found = [Difference(unit, "object missing") for unit in comparison.only_gcc]
    found += [_edge("missing", one) for one in comparison.missing()]
    found += [_edge("extra", one) for one in comparison.extra()]
    for uneven in comparison.uneven():
        what = f"{uneven.gcc} calls through pointers in GCC, {uneven.kimpact} in kimpact"
        found.append(Difference(f"{uneven.object} {uneven.place}", f"{uneven.caller}: {what}"))
    return found


def _edge(kind: str, one: EdgeDifference) -> Difference:
    where = f"{one.object} {one.place}"
    return Difference(where, f"{kind}: {one.caller} -> {one.callee} ({one.cause.value})")


def cases(kernels: Sequence[KernelTree]) -> list[Case]:
    """One for each kernel and configuration."""
    return [
        Case("edges", name, kernel, functools.partial(_compare, kernel, name))
        for name in RECIPES
        for kernel in kernels
    ]


EDGES = Part("edges", "call edges against GCC's early call graph", cases, MAX_EXTRA)
