"""What becomes of objects on real kernels, against what was read off the sources by hand.

Page tables: 6.x without the paravirt hook, or on its native handler, gathers them until the
TLB flush; the other handlers batch them for RCU, and send an IPI where there is no memory
for a batch. Since CONFIG_PT_RECLAIM (v6.14, "x86: mm: free page table pages by RCU instead
of semi RCU") all are freed by RCU. Others: see each test.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from analyzer.cli.main import main
from kernels.trees import KernelTree
from test_paths_kernel import configurations, has_hook


def effects(
    kernel: KernelTree,
    configs: list[Path],
    capsys: pytest.CaptureFixture[str],
    function: str,
    *more: str,
) -> dict[str, Any]:
    """The JSON answer of ``kimpact paths`` for a function, one edge deep unless told."""
    arguments = ["paths", function, "--kernel", str(kernel.path), "--no-cache"]
    for config in configs:
        arguments += ["--config", str(config)]
    status = main([*arguments, *more, "--format", "json"])
    output = capsys.readouterr()
    assert int(status) == 0, output.err
    document: dict[str, Any] = json.loads(output.out)
    return document


def of_classes(document: dict[str, Any]) -> set[str]:
    return {effect for each in document["classes"] for effect in each["effects"]}


def of_nodes(document: dict[str, Any]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for node in document["nodes"]:
        if node["effects"]:
            found.setdefault(node["name"], set()).update(node["effects"])
    return found


def lost(document: dict[str, Any]) -> list[str]:
    return [d["message"] for d in document["diagnostics"] if d["code"] == "object-lost"]


def reclaims(kernel: KernelTree) -> bool:
    return "__tlb_remove_table_one_rcu" in (kernel.path / "mm/mmu_gather.c").read_text()


def test_page_tables_of_the_zap_path(
    kernel: KernelTree, capsys: pytest.CaptureFixture[str]
) -> None:
    configs = configurations(kernel)[:1]
    document = effects(kernel, configs, capsys, "mm/memory.c:free_pte_range")
    labels = of_nodes(document)
    assert lost(document) == []
    assert labels["tlb_remove_table_free"] == {"rcu-callback-free"}
    if has_hook(kernel):
        assert of_classes(document) == {"gather-free", "rcu-callback-free", "ipi-then-free"}
        assert labels["__tlb_remove_folio_pages_size"] == {"gather-free"}
        assert labels["tlb_remove_table_one"] == {"ipi-then-free"}
        assert labels["tlb_remove_table_sync_one"] == {"ipi"}
    else:
        assert reclaims(kernel)
        assert of_classes(document) == {"rcu-callback-free"}
        assert labels["__tlb_remove_table_one"] == {"rcu-callback-free"}


def test_the_page_can_be_named(kernel: KernelTree, capsys: pytest.CaptureFixture[str]) -> None:
    configs = configurations(kernel)[:1]
    unnamed = effects(kernel, configs, capsys, "mm/memory.c:free_pte_range")
    named = effects(kernel, configs, capsys, "mm/memory.c:free_pte_range", "--object", "token")
    assert of_classes(named) == of_classes(unnamed)
    assert of_nodes(named) == of_nodes(unnamed)


def test_without_the_hook_the_page_is_gathered(
    kernel: KernelTree, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if not has_hook(kernel):
        pytest.skip("this tree calls the generic function directly")
    fragment = tmp_path / "plain.config"
    fragment.write_text("# CONFIG_PARAVIRT is not set\n", encoding="utf-8")
    document = effects(kernel, [fragment], capsys, "mm/memory.c:free_pte_range", "--resolve")
    assert of_classes(document) == {"gather-free"}
    assert of_nodes(document)["__tlb_remove_folio_pages_size"] == {"gather-free"}


def test_a_task_goes_by_rcu(kernel: KernelTree, capsys: pytest.CaptureFixture[str]) -> None:
    """put_task_struct_rcu_user() hands the task to call_rcu(), whose callback drops it."""
    configs = configurations(kernel)[:1]
    document = effects(kernel, configs, capsys, "put_task_struct_rcu_user", "--depth", "2")
    assert of_classes(document) == {"rcu-callback-free"}
    assert of_nodes(document) == {
        "put_task_struct_rcu_user": {"rcu-callback-free"},
        "delayed_put_task_struct": {"reference-drop"},
    }


def test_an_area_goes_by_rcu_while_there_are_area_locks(
    kernel: KernelTree, capsys: pytest.CaptureFixture[str]
) -> None:
    """vm_area_free() used call_rcu() with CONFIG_PER_VMA_LOCK until the cache became
    SLAB_TYPESAFE_BY_RCU (v6.15)."""
    folder = kernel.path
    source = folder / "mm/vma_init.c"
    file = "mm/vma_init.c" if source.exists() else "kernel/fork.c"
    deferred = "call_rcu(&vma->" in (folder / file).read_text(encoding="utf-8")
    configs = configurations(kernel)[:1]
    document = effects(kernel, configs, capsys, f"{file}:vm_area_free", "--depth", "2")
    assert of_classes(document) == {"rcu-callback-free" if deferred else "immediate-free"}


def test_pages_of_a_gather_are_dropped(
    kernel: KernelTree, capsys: pytest.CaptureFixture[str]
) -> None:
    """free_pages_and_swap_cache() collects folios on its stack and drops them there."""
    configs = configurations(kernel)[:1]
    document = effects(
        kernel, configs, capsys, "mm/swap_state.c:free_pages_and_swap_cache", "--depth", "1"
    )
    assert of_classes(document) == {"reference-drop"}


def test_a_process_number_is_freed_at_once(
    kernel: KernelTree, capsys: pytest.CaptureFixture[str]
) -> None:
    """put_pid() frees the number with the last reference; free_pid() does it by RCU."""
    configs = configurations(kernel)[:1]
    document = effects(kernel, configs, capsys, "put_pid", "--depth", "1")
    assert of_classes(document) == {"immediate-free"}
    document = effects(kernel, configs, capsys, "kernel/pid.c:free_pid", "--depth", "2")
    assert of_classes(document) == {"rcu-callback-free"}
