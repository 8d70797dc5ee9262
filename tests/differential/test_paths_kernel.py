"""The page-table free path on real kernels with the distribution's configurations.

The expectations were read off the sources by hand: up to 6.x the x86 hook
``paravirt_tlb_remove_table()`` stands between, and with PARAVIRT its slot holds what
``arch/x86/kernel/paravirt.c``, Xen, KVM and Hyper-V store in it; later trees have no hook
and call the generic function.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from analyzer.cli.main import main
from kernels.trees import KernelTree

HOOK = "paravirt_tlb_remove_table"


def configurations(kernel: KernelTree) -> list[Path]:
    """Debian's own amd64 configurations of the same version."""
    folder = kernel.path.parent / f"linux-config-{kernel.version}"
    found = sorted(folder.glob("config.amd64_*.xz"))
    if not found:
        pytest.skip(f"no configurations for {kernel.version}: run make kernels")
    return found


def paths(
    kernel: KernelTree, configs: list[Path], capsys: pytest.CaptureFixture[str], *more: str
) -> dict[str, Any]:
    """The JSON answer of ``kimpact paths``."""
    arguments = ["paths", "mm/memory.c:free_pte_range", "--kernel", str(kernel.path), "--no-cache"]
    for config in configs:
        arguments += ["--config", str(config)]
    status = main([*arguments, *more, "--format", "json"])
    output = capsys.readouterr()
    assert int(status) == 0, output.err
    document: dict[str, Any] = json.loads(output.out)
    return document


def calls(document: dict[str, Any], mask: int) -> set[tuple[str, str]]:
    """Names of callers and callees that have an edge in a configuration of ``mask``."""
    names = {node["id"]: node["name"] for node in document["nodes"]}
    return {
        (names[edge["from"]], names[edge["to"]])
        for edge in document["edges"]
        if edge["to"] is not None and int(edge["mask"], 16) & mask
    }


def has_hook(kernel: KernelTree) -> bool:
    header = kernel.path / "arch/x86/include/asm/paravirt.h"
    return HOOK in header.read_text(encoding="utf-8")


def test_every_configuration_reaches_the_table_free(
    kernel: KernelTree, capsys: pytest.CaptureFixture[str]
) -> None:
    configs = configurations(kernel)
    document = paths(kernel, configs, capsys, "--to", "tlb_remove_table")
    for bit in range(len(configs)):
        found = calls(document, 1 << bit)
        assert ("free_pte_range", "pte_free_tlb") in found
        assert ("pte_free_tlb", "__pte_free_tlb") in found
        assert ("__pte_free_tlb", "___pte_free_tlb") in found
        if has_hook(kernel):
            assert ("___pte_free_tlb", HOOK) in found
            slots = {edge["slot"] for edge in document["edges"] if edge["kind"] == "indirect"}
            assert slots == {"pv_ops.mmu.tlb_remove_table"}
        else:
            assert ("___pte_free_tlb", "tlb_remove_ptdesc") in found
            assert ("tlb_remove_ptdesc", "tlb_remove_table") in found


def test_the_native_handler_is_told_by_platform(
    kernel: KernelTree, capsys: pytest.CaptureFixture[str]
) -> None:
    if not has_hook(kernel):
        pytest.skip("this tree calls the generic function directly")
    configs = configurations(kernel)[:1]
    document = paths(kernel, configs, capsys, "--to", "tlb_remove_page")
    found = calls(document, 1)
    assert ("native_tlb_remove_table", "tlb_remove_page") in found
    certainty = {
        platform: edge["certainty"]
        for edge in document["edges"]
        if edge["slot"] is not None
        for platform in edge["platforms"]
    }
    assert certainty["native"] == "exact"
    assert certainty["kvm"] == certainty["hyperv"] == "candidate"
    assert "xen-pv" not in certainty


def test_without_paravirt_the_page_is_gathered(
    kernel: KernelTree, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if not has_hook(kernel):
        pytest.skip("this tree calls the generic function directly")
    fragment = tmp_path / "plain.config"
    fragment.write_text("# CONFIG_PARAVIRT is not set\n", encoding="utf-8")
    document = paths(kernel, [fragment], capsys, "--resolve", "--to", "tlb_remove_page")
    found = calls(document, 1)
    assert ("___pte_free_tlb", HOOK) in found
    assert (HOOK, "tlb_remove_page") in found
    assert all(edge["slot"] is None for edge in document["edges"])


def test_32_and_64_bits_at_once(
    kernel: KernelTree, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if not has_hook(kernel):
        pytest.skip("this tree calls the generic function directly")
    narrow = tmp_path / "narrow.config"
    narrow.write_text("# CONFIG_64BIT is not set\n# CONFIG_PARAVIRT is not set\n", encoding="utf-8")
    resolved = tmp_path / "narrow"
    arguments = ["resolve", "--kernel", str(kernel.path), "--config", str(narrow)]
    assert int(main([*arguments, "-o", str(resolved)])) == 0
    capsys.readouterr()
    both = [configurations(kernel)[0], resolved]
    document = paths(kernel, both, capsys, "--to", "tlb_remove_page")
    assert len(document["roots"]) == 1
    root = next(node for node in document["nodes"] if node["id"] in document["roots"])
    assert root["mask"] == "0x3"
    assert ("native_tlb_remove_table", "tlb_remove_page") in calls(document, 1)
    assert (HOOK, "tlb_remove_page") in calls(document, 2)
