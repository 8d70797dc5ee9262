"""The configuration space of real kernels, against the kernel's own ``conf``.

The tables of combinations were written by reading the Kconfig files. Each witness must be left
as it is by ``conf --olddefconfig``. ``space_wants.py`` does on a large scale what is tried
here with a few wishes.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path

import pytest

from analyzer.kconfig.space.verdict import Impossible, Possible
from kconfig_reference import Case
from kernels.patched import apply, linked_copy, seed_folder
from kernels.trees import KernelTree
from space_wants import (
    Laboratory,
    found_after_all,
    laboratory,
    merged,
    missed,
    wishes,
)

pytestmark = pytest.mark.oracle

TABLE_FREE = "MMU_GATHER_RCU_TABLE_FREE"
WISHES = 8


@pytest.fixture(scope="module")
def lab(
    kernel: KernelTree, oracle_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Laboratory:
    folder = oracle_folder / "kconfig" / kernel.version
    return laboratory(kernel.path, folder, tmp_path_factory.mktemp("conf"))


@pytest.fixture(scope="module")
def seed_lab(
    kernel_trees: tuple[KernelTree, ...],
    oracle_folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Laboratory:
    """Linux 6.12 with the seed case's base applied."""
    folder = seed_folder()
    found = [tree for tree in kernel_trees if tree.version == "6.12"]
    if folder is None or not found:
        pytest.skip("needs Linux 6.12 and the seed case: set KIMPACT_SEED=DIR")
    (base,) = sorted(folder.glob("*base*.diff"))
    tree = linked_copy(found[0].path, tmp_path_factory.mktemp("seed") / "before")
    apply(tree, base)
    return laboratory(
        tree, oracle_folder / "kconfig" / "6.12-seed", tmp_path_factory.mktemp("conf")
    )


def check_table(
    lab: Laboratory, names: tuple[str, ...], possible: set[str], lines: Mapping[str, str]
) -> None:
    """All combinations of ``names``: which can be, and which Kconfig lines say why not.

    ``possible`` has the values of ``names`` in a row; ``lines`` a part of the proof of others.
    """
    rows = ["".join(row) for row in itertools.product("yn", repeat=len(names))]
    verdicts = lab.space().combinations([dict(zip(names, row, strict=True)) for row in rows])
    kinds = {row for row, verdict in zip(rows, verdicts, strict=True) if _is_possible(verdict)}
    assert kinds == possible
    cases: list[Case] = []
    for row, verdict in zip(rows, verdicts, strict=True):
        if isinstance(verdict, Possible):
            values = verdict.config.values
            assert "".join(values.get(name, "n") for name in names) == row
            cases.append(Case(f"stays-{row}", "olddefconfig", verdict.text))
            cases.append(Case(f"gets-{row}", "olddefconfig", merged(lab.base, verdict)))
        else:
            assert isinstance(verdict, Impossible), row
            told = [str(reason) for reason in verdict.reasons]
            assert any(lines[row] in reason for reason in told), told
            assert all(reason.location is not None for reason in verdict.reasons), told
    for case, text in zip(cases, lab.conf(cases), strict=True):
        expected = next(v for r, v in zip(rows, verdicts, strict=True) if case.name.endswith(r))
        assert isinstance(expected, Possible)
        assert text == expected.text, case.name


def _is_possible(verdict: object) -> bool:
    return isinstance(verdict, Possible)


def test_combinations_of_6_12_and_7(lab: Laboratory, kernel: KernelTree) -> None:
    """``select … if PARAVIRT`` in 6.12; without a condition, and with PT_RECLAIM, in 7.x."""
    if kernel.version == "6.12":
        select = f"X86 selects {TABLE_FREE} if PARAVIRT at arch/x86/Kconfig:273"
        only = f"{TABLE_FREE} has no prompt and is on only if selected by X86 if PARAVIRT"
        lines = {"yn": select, "ny": only}
        check_table(lab, ("PARAVIRT", TABLE_FREE), {"yy", "nn"}, lines)
    elif kernel.major >= 7:
        select = f"X86 selects {TABLE_FREE} at arch/x86/Kconfig"
        default = "PT_RECLAIM has no prompt and defaults to y at mm/Kconfig"
        rows = dict.fromkeys(("yyn", "ynn", "nyn", "nnn"), select)
        rows |= dict.fromkeys(("nyy", "nny"), default)
        names = ("PT_RECLAIM", "PARAVIRT", TABLE_FREE)
        check_table(lab, names, {"yyy", "yny"}, rows)
    else:
        pytest.skip("the tables are for Linux 6.12 and 7.x")


def test_combinations_of_the_seed_case(seed_lab: Laboratory) -> None:
    """PT_RECLAIM can be set and selects; so does X86 if PARAVIRT."""
    selects = f"PT_RECLAIM selects {TABLE_FREE} at mm/Kconfig:1352"
    lines = {
        "yyn": f"selects {TABLE_FREE}",
        "ynn": selects,
        "nyn": f"X86 selects {TABLE_FREE} if PARAVIRT at arch/x86/Kconfig:274",
        "nny": f"{TABLE_FREE} has no prompt and is on only if selected by X86 or PT_RECLAIM",
    }
    names = ("PT_RECLAIM", "PARAVIRT", TABLE_FREE)
    check_table(seed_lab, names, {"yyy", "yny", "nyy", "nnn"}, lines)


@pytest.mark.parametrize("everywhere", [False, True])
def test_wishes(lab: Laboratory, everywhere: bool) -> None:
    """Fragments lead there according to ``conf``; what cannot be had is not found by trying."""
    tried = wishes(lab, WISHES, 2026, everywhere=everywhere)
    granted = [wish for wish in tried if isinstance(wish.verdict, Possible)]
    assert granted
    assert missed(lab, granted) == []
    denied = [wish for wish in tried if isinstance(wish.verdict, Impossible)]
    assert len(granted) + len(denied) == len(tried)
    for wish in denied:
        assert found_after_all(lab, wish, ()) is None, wish.name
