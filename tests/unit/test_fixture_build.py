"""The miniature kernel as Kconfig and Kbuild see it."""

from __future__ import annotations

from pathlib import Path

from analyzer.configset.configset import ConfigSet
from analyzer.configset.configurations import read_all
from analyzer.configset.dotconfig import read_dotconfig
from analyzer.diagnostics import Diagnostics
from analyzer.kbuild.model import KbuildModel
from analyzer.kconfig.resolve import complete
from analyzer.tree.source_tree import DirectoryTree

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
TREE = DirectoryTree(FIXTURES / "minikernel")
FILES = sorted((FIXTURES / "configs").glob("*.config"), key=lambda path: path.stem)
"""paravirt, paravirt-reclaim, plain, reclaim: bits 0 to 3."""


def test_the_configurations_are_complete() -> None:
    diagnostics = Diagnostics()
    resolution = complete(TREE, "x86", None, read_all(FILES), diagnostics)
    for index, path in enumerate(FILES):
        assert resolution.text(index) == path.read_text()
    assert [diagnostic.code for diagnostic in diagnostics] == ["toolchain-bundled"]


def test_what_is_built_where() -> None:
    diagnostics = Diagnostics()
    configs = ConfigSet.of([read_dotconfig(path) for path in FILES])
    model = KbuildModel(TREE, "x86", configs, diagnostics)
    assert {each.path: (each.builtin, each.module) for each in model.objects()} == {
        "arch/x86/kernel/head_64.o": (0b1111, 0),
        "arch/x86/kernel/moonbase.o": (0b0011, 0),
        "arch/x86/kernel/paravirt.o": (0b0011, 0),
        "arch/x86/kernel/setup.o": (0b1111, 0),
        "arch/x86/mm/ident_map.o": (0b1111, 0),
        "arch/x86/mm/pgtable.o": (0b1111, 0),
        "arch/x86/mm/tlb.o": (0b1111, 0),
        "init/main.o": (0b1111, 0),
        "lib/fill.o": (0b1111, 0),
        "lib/ring.o": (0b1111, 0),
        "mm/debug.o": (0b1000, 0),
        "mm/memory.o": (0b1111, 0),
        "mm/mmu_gather.o": (0b1111, 0),
        "mm/pgtable-generic.o": (0b1111, 0),
        "mm/pt_reclaim.o": (0b1010, 0),
        "mm/queue.o": (0b1111, 0),
        "mm/stats_core.o": (0b1000, 0b0001),
        "mm/stats_debug.o": (0b1000, 0),
    }
    assert list(diagnostics) == []
