"""A callgraph of N configurations, restricted to one of them, is that one's own callgraph."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random

import pytest

from analyzer.callgraph.model import UnitGraph
from analyzer.callgraph.session import Session
from analyzer.callgraph.unitgraph import unit_graph
from analyzer.configset.configset import ConfigSet
from analyzer.configset.dotconfig import DotConfig, read_dotconfig
from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput
from analyzer.tree.source_tree import DirectoryTree
from kernels.trees import KernelTree

FIXTURES = Path(__file__).parents[2] / "fixtures"
MINIKERNEL = FIXTURES / "minikernel"
KEPT = ("64BIT", "X86", "X86_64", "X86_32", "MMU", "SMP", "CC_IS_GCC", "CC_IS_CLANG", "MODULES")
"""Symbols without which the headers end in ``#error`` at once."""
REAL_UNITS = ("mm/mmu_gather.c", "mm/mincore.c", "arch/x86/mm/tlb.c", "arch/x86/mm/pgtable.c")


def facts(graph: UnitGraph, bit: int) -> set[str]:
    """The graph restricted to configuration ``bit``, a line for every fact."""
    found = {
        f"function {f.name} {f.location.file}:{f.location.line} {f.static} {f.inline}"
        for f in graph.functions
        if f.mask >> bit & 1
    }
    found |= {f"edge {e.caller} {e.callee}" for e in graph.edges if e.mask >> bit & 1}
    found |= {f"indirect {c.caller} {c.line}" for c in graph.indirect_calls if c.mask >> bit & 1}
    return found


def graphs(tree: Path, configs: Iterable[DotConfig], files: Sequence[str]) -> dict[str, UnitGraph]:
    """The graphs of the objects of ``files`` that the configurations build, by object."""
    session = Session(DirectoryTree(tree), "x86", ConfigSet.of(configs), Diagnostics())
    found: dict[str, UnitGraph] = {}
    for file in files:
        try:
            items = session.objects(file)
        except BadInput:  # built in none of these configurations
            continue
        for item in items:
            found[item.path] = unit_graph(session.analysis(item), contract_macros=True)
    return found


def check(tree: Path, configs: Sequence[DotConfig], files: Sequence[str]) -> None:
    together = graphs(tree, configs, files)
    assert together
    for bit, config in enumerate(configs):
        alone = graphs(tree, [config], files)
        assert alone.keys() == {
            name for name, graph in together.items() if graph.mask >> bit & 1
        }, config.name
        for name, graph in alone.items():
            several, one = facts(together[name], bit), facts(graph, 0)
            assert (several - one, one - several) == (set(), set()), (config.name, name)


def test_minikernel() -> None:
    configs = [read_dotconfig(path) for path in sorted((FIXTURES / "configs").iterdir())]
    sources = [
        str(path.relative_to(MINIKERNEL))
        for directory in ("mm", "lib", "init", "arch/x86")
        for path in sorted((MINIKERNEL / directory).rglob("*.c"))
    ]
    check(MINIKERNEL, configs, sources)


@pytest.mark.slow
def test_real_units(kernel: KernelTree) -> None:
    configs = [read_dotconfig(path) for path in kernel.configs]
    if len(configs) < 2:
        pytest.skip("the distribution's configurations of this kernel are not there")
    check(kernel.path, configs, REAL_UNITS)


def flipped(base: DotConfig, seed: int) -> DotConfig:
    """``base`` with every bool and tristate symbol at random, but for what headers need."""
    chance = Random(seed)
    values = {
        symbol: chance.choice("yn" if value == "y" else "ymn")
        if value in ("y", "m", "n") and symbol not in KEPT
        else value
        for symbol, value in sorted(base.values.items())
    }
    return DotConfig.of_values(f"flipped-{seed}", f"flipped-{seed}.config", values)


@pytest.mark.slow
def test_real_units_with_configurations_that_have_little_in_common(kernel: KernelTree) -> None:
    if not kernel.configs:
        pytest.skip("the distribution's configurations of this kernel are not there")
    base = read_dotconfig(kernel.configs[0])
    configs = [base, *(flipped(base, seed) for seed in range(3))]
    check(kernel.path, configs, ("mm/mincore.c", "arch/x86/mm/tlb.c", "mm/memory.c"))
