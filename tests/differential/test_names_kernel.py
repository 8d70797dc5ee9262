"""Names asked for without a file on real kernels: header functions, macros, made functions."""

from __future__ import annotations

import json
from typing import Any

import pytest

from analyzer.cli.main import main
from kernels.trees import KernelTree

NAMES = {
    "tlb_remove_ptdesc": ("function", "include/asm-generic/tlb.h"),
    "SetPageReserved": ("function", "include/linux/page-flags.h"),
    "__x64_sys_munmap": ("function", "mm/mmap.c"),
    "pte_free_tlb": ("macro", "include/asm-generic/tlb.h"),
    "list_for_each_entry": ("macro", "include/linux/list.h"),
}


def asked(kernel: KernelTree, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The JSON answer for all the names at once, one edge deep."""
    folder = kernel.path.parent / f"linux-config-{kernel.version}"
    found = sorted(folder.glob("config.amd64_*cloud*.xz"))
    if not found:
        pytest.skip(f"no configurations for {kernel.version}: run make kernels")
    tree = ["--kernel", str(kernel.path), "--config", str(found[0]), "--no-cache"]
    status = main(["paths", *NAMES, *tree, "--depth", "1", "--all", "--format", "json"])
    output = capsys.readouterr()
    assert int(status) == 0, output.err
    document: dict[str, Any] = json.loads(output.out)
    return document


def test_names_alone(kernel: KernelTree, capsys: pytest.CaptureFixture[str]) -> None:
    document = asked(kernel, capsys)
    nodes = {node["id"]: node for node in document["nodes"]}
    roots = [nodes[identity] for identity in document["roots"]]
    found = {node["name"]: (node["kind"], node["file"]) for node in roots}
    assert found == NAMES
    called: dict[str, set[str]] = {}
    for edge in document["edges"]:
        called.setdefault(nodes[edge["from"]]["name"], set()).add(edge["name"])
    assert "__pte_free_tlb" in called["pte_free_tlb"]
    assert "list_entry_is_head" in called["list_for_each_entry"]
    assert called["__x64_sys_munmap"] == {"SYSCALL_DEFINE2"}
