"""The whole review of the patch that the project began with, on Linux 6.12.

What it has to say was worked out from the sources and the changelog: with PT_RECLAIM bare metal
and kernels without PARAVIRT go from batching to RCU, hypervisors with a handler of their own
change on the slow path without memory only; without PT_RECLAIM nothing becomes of the page that
did not before. Needs Linux 6.12 and the seed case (``KIMPACT_SEED=DIR``, or ``shared`` beside
the checkout).
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from analyzer.cli.main import main
from kernels.patched import apply, linked_copy, seed_folder
from kernels.trees import KernelTree

ROOT = "mm/memory.c:free_pte_range"
GATHER, RCU, IPI = "gather-free", "rcu-callback-free", "ipi-then-free"
BARE = ("native", "xen-hvm", "vmware")
GUESTS = ("hyperv", "kvm")


@pytest.fixture(scope="module")
def document(
    kernel_trees: tuple[KernelTree, ...], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """The review with the distribution's configuration, and those that kimpact adds to it."""
    seed = seed_folder()
    found = [tree for tree in kernel_trees if tree.version == "6.12"]
    config = found[0].config("none_amd64") if found else None
    if seed is None or config is None:
        pytest.skip("needs Linux 6.12 and the seed case: set KIMPACT_SEED=DIR")
    (base,) = sorted(seed.glob("*base*.diff"))
    (patch,) = sorted(seed.glob("*.patch"))
    work = tmp_path_factory.mktemp("review")
    tree = linked_copy(found[0].path, work / "linux")
    apply(tree, base)
    output = work / "review.json"
    import contextlib  # noqa: PLC0415

    arguments = ["review", str(patch), "--kernel", str(tree), "--config", str(config)]
    with output.open("w") as stream, contextlib.redirect_stdout(stream):
        status = main([*arguments, "--root", ROOT, "--no-cache", "--format", "json"])
    assert int(status) == 0
    read: dict[str, Any] = json.loads(output.read_text())
    return read


def names(document: dict[str, Any], mask: str) -> set[str]:
    bits = int(mask, 16)
    return {one["name"] for n, one in enumerate(document["configs"]) if bits >> n & 1}


def test_every_combination_of_the_symbols_is_looked_at(document: dict[str, Any]) -> None:
    given, *added = (one["name"] for one in document["configs"])
    assert given.endswith("amd64")
    assert added == [
        "PARAVIRT=y,PT_RECLAIM=y",
        "PARAVIRT=n,PT_RECLAIM=y",
        "PARAVIRT=n,PT_RECLAIM=n",
    ]


def changes(document: dict[str, Any]) -> dict[tuple[str, ...], dict[str, Any]]:
    """The transitions of the entry: by configurations, then platforms."""
    (entry,) = document["reviews"][0]["entries"]
    assert entry["name"] == ROOT
    return {
        (*sorted(names(document, one["mask"])), *one["platforms"]): one
        for one in entry["transitions"]
    }


def test_with_the_symbol_the_page_goes_by_rcu(document: dict[str, Any]) -> None:
    found = changes(document)
    both, bare = "PARAVIRT=y,PT_RECLAIM=y", "PARAVIRT=n,PT_RECLAIM=y"
    effects = {
        key: (one["before"], one["after"])
        for key, one in found.items()
        if both in key or bare in key
    }
    assert effects == {
        (both, *BARE): ([GATHER], [RCU]),
        (both, *GUESTS): ([GATHER, RCU, IPI], [RCU]),
        (both, "xen-pv"): ([RCU, IPI], [RCU]),
        (bare, "native"): ([GATHER], [RCU]),
    }
    slow = found[both, "xen-pv"]
    gone = {(step["caller"], step["callee"]) for step in slow["gone"]}
    assert {caller for caller, _ in gone} <= {"tlb_remove_table_one", "tlb_remove_table_sync_one"}


def test_without_the_symbol_nothing_becomes_of_it_that_did_not_before(
    document: dict[str, Any],
) -> None:
    """With PARAVIRT there is one more function in between, on the slow path; without none."""
    found = changes(document)
    given = document["configs"][0]["name"]
    rest = {key: one for key, one in found.items() if "PT_RECLAIM=y" not in "".join(key)}
    assert all(one["before"] == one["after"] for one in rest.values())
    for key, one in rest.items():
        new = {step["callee"] for step in one["new"]}
        slow = given in key and not set(key) & set(BARE)
        assert ("__tlb_remove_table_one" in new) == slow, key
        if not slow:
            assert one["new"] == one["gone"] == [], key


def test_files_functions_and_lines(document: dict[str, Any]) -> None:
    (review,) = document["reviews"]
    silent = [one["new"] for one in review["files"] if one["silent"]]
    assert silent == ["include/linux/mm_types.h"]
    changed = {one["name"] for one in review["functions"] if one["kind"] == "changed"}
    assert changed == {
        "native_tlb_remove_table",
        "paravirt_tlb_remove_table",
        "tlb_remove_table_one",
    }
    assert review["coverage"]
    assert all(one["mask"] != "0x0" for one in review["coverage"])


def test_the_changelog_is_true_and_leaves_two_conditions_out(document: dict[str, Any]) -> None:
    (review,) = document["reviews"]
    standings: dict[str, list[str]] = {}
    for one in review["claims"]:
        standings.setdefault(one["standing"], []).append(one["text"])
    assert set(standings) == {"holds", "holds only if"}
    assert standings["holds only if"] == ["tlb_remove_table [Hyper-V]", "tlb_remove_table [KVM]"]
    conditions = [one["why"] for one in review["claims"] if one["standing"] == "holds only if"]
    assert "HV_X64_REMOTE_TLB_FLUSH_RECOMMENDED" in conditions[0]
    assert "KVM_FEATURE_PV_TLB_FLUSH" in conditions[1]


def test_what_to_build_and_boot(document: dict[str, Any]) -> None:
    (review,) = document["reviews"]
    runs = {(one["config"], one["platform"]) for one in review["runs"]}
    assert {platform for _, platform in runs} == {"native", "xen-pv", "hyperv", "kvm"}
