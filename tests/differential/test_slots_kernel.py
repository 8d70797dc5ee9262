"""Dispatch slots on real kernels against tables written by hand from their sources.

``slot_truth.py`` says what the tables in ``slot_tables/`` mean, ``slot_compare.py`` what is
compared. Every case runs the command once, for all slots of its table at a time.
"""

from __future__ import annotations

import json
import lzma
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from analyzer.cli.main import main
from kernels.patched import apply, linked_copy, seed_folder
from kernels.trees import HOW_TO_GET_ONE, KernelTree, wanted_trees
from slot_compare import compare, read_answer, report
from slot_truth import TABLES, SlotTable, SlotTruth, Variant, load_table

BASE = "config.amd64_none_amd64.xz"
"""Debian's configuration that the tables speak about."""


@dataclass(frozen=True, slots=True)
class Case:
    """One run of the command; ``variant`` is None for Debian's own configuration."""

    tree: KernelTree
    table: SlotTable
    variant: Variant | None

    @property
    def slots(self) -> tuple[SlotTruth, ...]:
        """What the answer is compared with."""
        return self.table.slots if self.variant is None else self.variant.slots

    @property
    def name(self) -> str:
        """For the test's id."""
        return f"{self.table.kernel}-{self.variant.name if self.variant else 'debian'}"

    @property
    def marks(self) -> tuple[pytest.MarkDecorator, ...]:
        """Of configurations other than the distribution's, one is tried by every run of the
        tests, and every one in a tree of its own; the others are for ``make test-all``."""
        variant = self.variant
        often = variant is None or variant.tree is not None or variant is self.table.variants[0]
        return (pytest.mark.kernel,) if often else (pytest.mark.kernel, pytest.mark.slow)


def cases() -> list[Case]:
    """Every table and variant that a kernel tree is there for."""
    found: list[Case] = []
    for tree in wanted_trees():
        path = TABLES / f"{tree.version}.toml"
        if path.is_file():
            table = load_table(path)
            found.append(Case(tree, table, None))
            found.extend(Case(tree, table, variant) for variant in table.variants)
    return found


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test with a ``case`` argument on every case there is."""
    if "case" not in metafunc.fixturenames:
        return
    found = [pytest.param(case, id=case.name, marks=case.marks) for case in cases()]
    if not found:
        skip = pytest.mark.skip(reason=HOW_TO_GET_ONE)
        found = [pytest.param(None, id="none", marks=(pytest.mark.kernel, skip))]
    metafunc.parametrize("case", found)


@pytest.mark.spread
def test_slots_hold_what_the_boot_stores(
    case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kernel = _kernel(case, tmp_path)
    config = _configuration(case, tmp_path, capsys)
    answer = read_answer(_slots(kernel, config, _questions(case.slots), capsys))
    differences = compare(case.table, case.slots, answer)
    assert not differences, "\n" + report(differences, answer)


def _kernel(case: Case, folder: Path) -> Path:
    """The tree to look at: the kernel's own, the one that a variable names, or a copy made
    in ``folder``."""
    if case.variant is None or case.variant.tree is None:
        return case.tree.path
    named = os.environ.get(case.variant.tree)
    if named:
        return Path(named)
    seed = seed_folder()
    if seed is None:
        pytest.skip(f"set {case.variant.tree}=DIR or KIMPACT_SEED=DIR: {case.variant.name}")
    copy = linked_copy(case.tree.path, folder / "kernel")
    for patch in (*sorted(seed.glob("*base*.diff")), *sorted(seed.glob("*.patch"))):
        apply(copy, patch)
    return copy


def _configuration(case: Case, folder: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """Debian's configuration, with the variant's changes resolved into it."""
    base = case.tree.path.parent / f"linux-config-{case.tree.version}" / BASE
    if not base.is_file():
        pytest.skip(f"no configurations for {case.tree.version}: run make kernels")
    changes = case.variant.changes if case.variant else {}
    if not changes:
        return base
    changed, resolved = folder / "changed.config", folder / "resolved.config"
    text = lzma.decompress(base.read_bytes()).decode()
    changed.write_text(_changed(text, changes), encoding="utf-8")
    arguments = ["resolve", "--kernel", str(case.tree.path), "--config", str(changed)]
    status = main([*arguments, "-o", str(resolved)])
    output = capsys.readouterr()
    assert int(status) == 0, output.err
    return resolved


def _changed(text: str, changes: Mapping[str, str]) -> str:
    """A ``.config``'s text with the given values; ``n`` is written as the kernel writes it."""
    for symbol, value in changes.items():
        line = f"# CONFIG_{symbol} is not set" if value == "n" else f"CONFIG_{symbol}={value}"
        text = re.sub(rf"^(# )?CONFIG_{symbol}[= ].*\n", "", text, flags=re.M) + line + "\n"
    return text


def _questions(slots: tuple[SlotTruth, ...]) -> list[str]:
    """The tables and static calls to ask for: all that the slots which exist belong to."""
    return sorted({slot.name.partition(".")[0] for slot in slots if not slot.absent})


def _slots(
    kernel: Path, config: Path, questions: list[str], capsys: pytest.CaptureFixture[str]
) -> dict[str, Any]:
    """The JSON answer of ``kimpact slots``."""
    arguments = ["slots", *questions, "--kernel", str(kernel), "--config", str(config)]
    status = main([*arguments, "--no-cache", "--format", "json"])
    output = capsys.readouterr()
    assert int(status) == 0, output.err
    document: dict[str, Any] = json.loads(output.out)
    return document
