"""Callers on real kernels with the distribution's configurations.

The expectations were read off the sources by hand (``grep -w`` for each name, then up).
Up to 6.x the x86 hook ``paravirt_tlb_remove_table()`` calls through a slot of ``pv_ops``;
later trees call the generic function. Both have KVM's set-up in a hypervisor descriptor.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from analyzer.cli.main import main
from kernels.trees import KernelTree

Document = dict[str, Any]


def callers(
    kernel: KernelTree, capsys: pytest.CaptureFixture[str], name: str, *more: str
) -> Document:
    """The JSON answer for the first of the distribution's configurations."""
    folder = kernel.path.parent / f"linux-config-{kernel.version}"
    found = sorted(folder.glob("config.amd64_*.xz"))
    if not found:
        pytest.skip(f"no configurations for {kernel.version}: run make kernels")
    arguments = ["callers", name, "--kernel", str(kernel.path), "--config", str(found[0])]
    status = main([*arguments, *more, "--no-cache", "--format", "json"])
    output = capsys.readouterr()
    assert int(status) == 0, output.err
    document: Document = json.loads(output.out)
    return document


def calls(document: Document) -> set[tuple[str, str]]:
    names = {node["id"]: node["name"] for node in document["nodes"]}
    return {(names[edge["from"]], names[edge["to"]]) for edge in document["edges"]}


def entries(document: Document, name: str) -> set[tuple[str, str, str]]:
    ids = {node["id"] for node in document["nodes"] if node["name"] == name}
    return {(e["kind"], e["name"], e["detail"]) for e in document["entries"] if e["node"] in ids}


def direct(document: Document, name: str) -> set[str]:
    return {source for source, target in calls(document) if target == name}


def has_hook(kernel: KernelTree) -> bool:
    header = kernel.path / "arch/x86/include/asm/paravirt.h"
    return "paravirt_tlb_remove_table" in header.read_text(encoding="utf-8")


def test_the_table_free(kernel: KernelTree, capsys: pytest.CaptureFixture[str]) -> None:
    document = callers(kernel, capsys, "tlb_remove_table")
    found = calls(document)
    hook = "paravirt_tlb_remove_table" if has_hook(kernel) else "tlb_remove_ptdesc"
    for level in ("pte", "pmd", "pud", "p4d"):
        assert (f"___{level}_free_tlb", hook) in found
        assert (f"__{level}_free_tlb", f"___{level}_free_tlb") in found
        assert (f"{level}_free_tlb", f"__{level}_free_tlb") in found
    assert ("free_pte_range", "pte_free_tlb") in found
    assert ("free_pmd_range", "free_pte_range") in found
    assert ("free_pgtables", "free_pgd_range") in found
    slots = {edge["slot"] for edge in document["edges"] if edge["kind"] == "indirect"}
    stored = entries(document, "tlb_remove_table")
    if has_hook(kernel):
        assert "pv_ops.mmu.tlb_remove_table" in slots
        assert stored == {
            ("assigned", "pv_ops.mmu.tlb_remove_table", "hyperv_setup_mmu_ops"),
            ("assigned", "pv_ops.mmu.tlb_remove_table", "kvm_guest_init"),
            ("stored", "mmu.tlb_remove_table", "xen_mmu_ops"),
        }
    else:
        assert ("tlb_remove_ptdesc", "tlb_remove_table") in found
        assert ("zap_pte_range", "pte_free_tlb") in found
        assert stored == set()


def test_the_synchronisation(kernel: KernelTree, capsys: pytest.CaptureFixture[str]) -> None:
    document = callers(kernel, capsys, "tlb_remove_table_sync_one", "--depth", "1")
    expected = {"collapse_huge_page", "tlb_flush_unshared_tables"}
    if has_hook(kernel):
        expected.add("tlb_remove_table_one")
    assert direct(document, "tlb_remove_table_sync_one") == expected


def test_a_hypervisors_set_up(kernel: KernelTree, capsys: pytest.CaptureFixture[str]) -> None:
    document = callers(kernel, capsys, "kvm_guest_init", "--all")
    assert entries(document, "kvm_guest_init") == {
        ("stored", "init.guest_late_init", "x86_hyper_kvm")
    }
    assert calls(document) == {
        ("setup_arch", "kvm_guest_init"),
        ("start_kernel", "setup_arch"),
        ("x86_64_start_reservations", "start_kernel"),
        ("x86_64_start_kernel", "x86_64_start_reservations"),
        ("xen_start_kernel", "x86_64_start_reservations"),
    }
    (indirect,) = [edge for edge in document["edges"] if edge["kind"] == "indirect"]
    assert indirect["slot"] == "x86_init.hyper.guest_late_init"
    assert indirect["certainty"] == "candidate"
    assert entries(document, "x86_64_start_kernel") == {("assembly", "initial_code", "")}
    assert entries(document, "xen_start_kernel") == {("assembly", "startup_xen", "")}


def test_up_to_the_system_calls(kernel: KernelTree, capsys: pytest.CaptureFixture[str]) -> None:
    document = callers(kernel, capsys, "mm/mmap.c:do_mmap")
    mapping = "alloc_shstk" if has_hook(kernel) else "vm_mmap_shadow_stack"
    assert direct(document, "do_mmap") == {
        mapping,
        "aio_setup_ring",
        "do_shmat",
        "__do_sys_remap_file_pages",
        "vm_mmap_pgoff",
    }
    named = {e["detail"] for e in document["entries"] if e["kind"] == "system-call"}
    assert {
        "mmap",
        "mmap_pgoff",
        "remap_file_pages",
        "shmat",
        "io_setup",
        "ipc",
        "ia32_mmap",
    } <= named
    exported = {e["line"] for e in document["entries"] if e["kind"] == "exported"}
    assert exported, "vm_mmap() is exported"


def test_an_exception(kernel: KernelTree, capsys: pytest.CaptureFixture[str]) -> None:
    document = callers(kernel, capsys, "exc_page_fault", "--depth", "1")
    assert "vc_forward_exception" in direct(document, "exc_page_fault")
    assert entries(document, "exc_page_fault") >= {
        ("interrupt", "DEFINE_IDTENTRY_RAW_ERRORCODE", "exc_page_fault"),
        ("stored", "", "trap_array"),
    }
