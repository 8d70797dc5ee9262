"""The case the project began with: freeing page tables by RCU, before and after the patch.

The patch's changelog draws who calls what on which hypervisor. The answers here are held
against that drawing, edge by edge and label by label, and against what it simplifies: what
Hyper-V and KVM install depends on what the hypervisor offers. Needs Linux 6.12 and the seed
case (``KIMPACT_SEED=DIR``, or ``shared`` beside the checkout).
"""

from __future__ import annotations

import contextlib
import io
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from analyzer.cli.main import main
from analyzer.configset.configset import ConfigSet
from analyzer.configset.dotconfig import read_dotconfig
from analyzer.impact.claims.check import AnalysedTree, check_changelog
from analyzer.impact.claims.reader import read_changelog
from analyzer.impact.result import Claim, ClaimKind, Standing
from kernels.patched import apply, linked_copy, rename, seed_folder
from kernels.trees import KernelTree
from path_graph import Link, links, pairs
from paths_document import paths_result

ROOT = "mm/pt_reclaim.c:free_pte"

DRAWING = """
free_pte pte_free_tlb __pte_free_tlb ___pte_free_tlb paravirt_tlb_remove_table tlb_remove_table
tlb_table_invalidate tlb_remove_table_one __tlb_remove_table_one tlb_table_flush
tlb_remove_table_free native_tlb_remove_table
""".split()

GUESTS = "HYPERVISOR_GUEST PARAVIRT XEN_PV KVM_GUEST HYPERV".split()

NATIVE = "native"
SLOW, FAST = "no-memory slow path", "fast path"
HYPERV_HINT = "HV_X64_REMOTE_TLB_FLUSH_RECOMMENDED"

_Names = Mapping[str, str]


@pytest.fixture(scope="module")
def seed_trees(
    kernel_trees: tuple[KernelTree, ...], tmp_path_factory: pytest.TempPathFactory
) -> tuple[KernelTree, Path, Path]:
    """Linux 6.12, the same with the base, and with base and patch."""
    folder = seed_folder()
    found = [tree for tree in kernel_trees if tree.version == "6.12"]
    if folder is None or not found:
        pytest.skip("needs Linux 6.12 and the seed case: set KIMPACT_SEED=DIR")
    (base,) = sorted(folder.glob("*base*.diff"))
    (patch,) = sorted(folder.glob("*.patch"))
    work = tmp_path_factory.mktemp("seed")
    before = linked_copy(found[0].path, work / "before")
    apply(before, base)
    after = linked_copy(before, work / "after")
    apply(after, patch)
    return found[0], before, after


@pytest.fixture(scope="module")
def configs(
    seed_trees: tuple[KernelTree, Path, Path], tmp_path_factory: pytest.TempPathFactory
) -> list[Path]:
    """The distribution's configuration with PT_RECLAIM, with guests and without."""
    kernel, _, after = seed_trees
    packed = kernel.config("none_amd64")
    if packed is None:
        pytest.skip("no configurations for 6.12: run make kernels")
    work = tmp_path_factory.mktemp("configs")
    import lzma  # noqa: PLC0415

    text = lzma.decompress(packed.read_bytes()).decode()
    guests, bare = work / "guests.config", work / "bare.config"
    guests.write_text(f"{text}\nCONFIG_PT_RECLAIM=y\n")
    kept = [line for line in text.splitlines() if not any(f"CONFIG_{g}=" in line for g in GUESTS)]
    off = [f"# CONFIG_{name} is not set" for name in GUESTS]
    bare.write_text("\n".join([*kept, *off, "CONFIG_PT_RECLAIM=y", ""]))
    out = work / "resolved"
    arguments = ["resolve", "--kernel", str(after), "-o", str(out)]
    for path in (guests, bare):
        arguments += ["--config", str(path)]
    assert int(main(arguments)) == 0
    resolved = [out / "guests.config", out / "bare.config"]
    assert "CONFIG_PARAVIRT=y" in resolved[0].read_text()
    assert "CONFIG_PARAVIRT=y" not in resolved[1].read_text()
    assert all("CONFIG_PT_RECLAIM=y" in path.read_text() for path in resolved)
    return resolved


def ask(
    tree: Path, configs: Sequence[Path], capsys: pytest.CaptureFixture[str], root: str = ROOT
) -> dict[str, Any]:
    """The JSON answer of ``kimpact paths``."""
    status = main(question(tree, configs, root))
    output = capsys.readouterr()
    assert int(status) == 0, output.err
    document: dict[str, Any] = json.loads(output.out)
    return document


def question(tree: Path, configs: Sequence[Path], root: str = ROOT) -> list[str]:
    """The command line of ``kimpact paths``."""
    arguments = ["paths", root, "--kernel", str(tree), "--no-cache", "--format", "json"]
    for config in configs:
        arguments += ["--config", str(config)]
    return arguments


def answer(tree: Path, configs: Sequence[Path]) -> dict[str, Any]:
    """The JSON answer, for several tests."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        assert int(main(question(tree, configs))) == 0
    document: dict[str, Any] = json.loads(output.getvalue())
    return document


@pytest.fixture(scope="module")
def after(seed_trees: tuple[KernelTree, Path, Path], configs: list[Path]) -> dict[str, Any]:
    """The answer with the patch."""
    return answer(seed_trees[2], configs)


@pytest.fixture(scope="module")
def before(seed_trees: tuple[KernelTree, Path, Path], configs: list[Path]) -> dict[str, Any]:
    """The answer without the patch."""
    return answer(seed_trees[1], configs)


GUEST, BARE = 0, 1


def real(where: frozenset[tuple[int, str]]) -> set[tuple[int, str]]:
    """Without the platforms that the configuration without guests does not know."""
    return {(n, p) for n, p in where if n == GUEST or p == NATIVE}


def guarded(found: Sequence[Link], platform: str) -> frozenset[str]:
    """The guards under which the slot holds the table handler on a platform."""
    (link,) = [
        each
        for each in found
        if (each.source, each.target) == ("paravirt_tlb_remove_table", "tlb_remove_table")
        and (GUEST, platform) in each.where
    ]
    return link.guards


def effects(document: dict[str, Any], config: int, platform: str) -> set[str]:
    """What becomes of the object on a platform."""
    found: set[str] = set()
    for each in document["classes"]:
        if int(each["mask"], 16) >> config & 1 and platform in each["platforms"]:
            found |= set(each["effects"])
    return found


def labels(document: dict[str, Any], name: str) -> set[str]:
    """The effects at the nodes called ``name``."""
    nodes = [node for node in document["nodes"] if node["name"] == name]
    return {effect for node in nodes for effect in node["effects"]}


def test_after_the_patch_the_drawing_holds(after: dict[str, Any]) -> None:
    document = after
    found = links(document, DRAWING)
    where = {pair: real(on) for pair, on in pairs(found).items()}
    guests = {(GUEST, p) for p in document["platforms"]}
    everywhere = guests | {(BARE, NATIVE)}
    slot = ("paravirt_tlb_remove_table", "tlb_remove_table")
    native = ("paravirt_tlb_remove_table", "native_tlb_remove_table")
    own = where.pop(("__tlb_remove_table_one", "__tlb_remove_table_one"))
    assert own == everywhere, "the function is reached through a macro of its own name"
    flush_first = where.pop(("tlb_table_flush", "tlb_table_invalidate"))
    assert flush_first == everywhere, "the drawing leaves this edge out"
    assert where == {
        ("free_pte", "pte_free_tlb"): everywhere,
        ("pte_free_tlb", "__pte_free_tlb"): everywhere,
        ("__pte_free_tlb", "___pte_free_tlb"): everywhere,
        ("___pte_free_tlb", "paravirt_tlb_remove_table"): everywhere,
        slot: {(BARE, NATIVE), (GUEST, "xen-pv"), (GUEST, "hyperv"), (GUEST, "kvm")},
        native: guests - {(GUEST, "xen-pv")},
        ("native_tlb_remove_table", "tlb_remove_table"): guests - {(GUEST, "xen-pv")},
        ("tlb_remove_table", "tlb_table_invalidate"): everywhere,
        ("tlb_remove_table", "tlb_remove_table_one"): everywhere,
        ("tlb_remove_table_one", "__tlb_remove_table_one"): everywhere,
        ("tlb_remove_table", "tlb_table_flush"): everywhere,
        ("tlb_table_flush", "tlb_remove_table_free"): everywhere,
    }
    branch = {link.target: link.labels for link in found if link.source == "tlb_remove_table"}
    assert branch == {
        "tlb_table_invalidate": {SLOW},
        "tlb_remove_table_one": {SLOW},
        "tlb_table_flush": {FAST},
    }
    assert guarded(found, "xen-pv") == frozenset()
    assert any(HYPERV_HINT in text for text in guarded(found, "hyperv"))
    assert any("KVM_FEATURE_PV_TLB_FLUSH" in text for text in guarded(found, "kvm"))
    assert "rcu-callback-free" in labels(document, "__tlb_remove_table_one")
    assert labels(document, "tlb_remove_table_free") == {"rcu-callback-free"}
    for config, platform in everywhere:
        assert effects(document, config, platform) == {"rcu-callback-free"}


def test_before_the_patch_the_old_tree_is_shown(before: dict[str, Any]) -> None:
    document = before
    for platform in ("native", "xen-hvm", "vmware"):
        assert effects(document, GUEST, platform) == {"gather-free"}
    assert effects(document, BARE, NATIVE) == {"gather-free"}
    batched = {"rcu-callback-free", "ipi-then-free"}
    assert effects(document, GUEST, "xen-pv") == batched
    for platform in ("hyperv", "kvm"):
        assert effects(document, GUEST, platform) == batched | {"gather-free"}
    assert labels(document, "tlb_remove_table_free") == {"rcu-callback-free"}
    assert labels(document, "tlb_remove_table_one") == {"ipi-then-free"}


def claims(document: dict[str, Any], tree: Path, configs: list[Path]) -> list[Claim]:
    """What is to be said of the patch's changelog, of the paths in ``document``."""
    folder = seed_folder()
    assert folder is not None
    (patch,) = sorted(folder.glob("*.patch"))
    sources = ("mm/*.c", "include/asm-generic/tlb.h", "arch/x86/kernel/paravirt.c")
    texts = [
        path.read_text(errors="replace")
        for pattern in (*sources, "arch/x86/include/asm/*.h", "arch/x86/mm/*.c")
        for path in sorted(tree.glob(pattern))
    ]
    spelled = {word for text in texts for word in re.findall(r"\w+", text)}
    analysed = AnalysedTree(
        ConfigSet.of([read_dotconfig(config) for config in configs]),
        lambda _: paths_result(document),
        spelled.__contains__,
        lambda name: f"CONFIG_{name}" in spelled,
    )
    return list(check_changelog(read_changelog(patch.read_text()), analysed))


def not_simply(found: Sequence[Claim]) -> list[tuple[str, Standing, str | None]]:
    """The claims of the drawing that do not hold without more."""
    return [
        (claim.text, claim.standing, claim.why)
        for claim in found
        if claim.kind is not ClaimKind.MENTION
        and (claim.standing is not Standing.HOLDS or claim.kind is ClaimKind.LEFT_OUT)
    ]


KVM_CONDITIONS = (
    "when kvm_para_has_feature(KVM_FEATURE_PV_TLB_FLUSH) and "
    "!kvm_para_has_hint(KVM_HINTS_REALTIME) and "
    "kvm_para_has_feature(KVM_FEATURE_STEAL_TIME) and "
    "!boot_cpu_has(X86_FEATURE_MWAIT) and num_possible_cpus() != 1"
)

CONDITIONS = [
    (
        "tlb_remove_table [Hyper-V]",
        Standing.HOLDS_IF,
        f"when ms_hyperv.hints & {HYPERV_HINT}",
    ),
    ("tlb_remove_table [KVM]", Standing.HOLDS_IF, KVM_CONDITIONS),
]

LEFT_OUT = [
    ("tlb_table_flush -> tlb_table_invalidate", Standing.HOLDS, None),
    (
        "paravirt_tlb_remove_table -> native_tlb_remove_table",
        Standing.HOLDS,
        "also on xen-hvm, vmware; on hyperv, kvm unless pv_ops.mmu.tlb_remove_table is replaced",
    ),
]


def test_the_changelog_holds_with_conditions_that_it_leaves_out(
    seed_trees: tuple[KernelTree, Path, Path], configs: list[Path], after: dict[str, Any]
) -> None:
    found = claims(after, seed_trees[2], configs)
    assert not_simply(found) == [*CONDITIONS, *LEFT_OUT]
    of_drawing = [claim for claim in found if claim.kind in {ClaimKind.EDGE, ClaimKind.LABEL}]
    assert len(of_drawing) == 12 + 5 + 3 + 2 + 1, "edges, conditions, branches, effects, reference"
    mentions = [claim for claim in found if claim.kind is ClaimKind.MENTION]
    assert len(mentions) == 6
    assert {claim.text for claim in mentions if claim.standing is not Standing.HOLDS} <= {
        # Sources outside those that were read for names.
        "rcu_read_lock()",
        "pte_offset_map()",
    }


def test_the_changelog_does_not_hold_before_the_patch(
    seed_trees: tuple[KernelTree, Path, Path], configs: list[Path], before: dict[str, Any]
) -> None:
    fails = Standing.DOES_NOT_HOLD
    assert not_simply(claims(before, seed_trees[1], configs)) == [
        (
            "tlb_remove_table [!CONFIG_PARAVIRT]",
            fails,
            "the edge is not in the source: paravirt_tlb_remove_table calls tlb_remove_page",
        ),
        *CONDITIONS,
        (
            "tlb_remove_table_one -> __tlb_remove_table_one",
            fails,
            "no function or macro of this name in the tree: tlb_remove_table_one calls "
            "tlb_remove_table_sync_one, __tlb_remove_table",
        ),
        ("__tlb_remove_table_one [frees via RCU]", fails, "instead: ipi-then-free"),
        *LEFT_OUT,
        (
            "native_tlb_remove_table -> tlb_remove_table",
            fails,
            "the edge is not in the source: native_tlb_remove_table calls tlb_remove_page",
        ),
    ]


def test_the_default_tree_fits_a_screen_and_has_every_line_of_the_drawing(
    seed_trees: tuple[KernelTree, Path, Path],
    configs: list[Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["paths", ROOT, "--kernel", str(seed_trees[2]), "--no-cache"]
    assert int(main([*arguments, "--config", str(configs[0])])) == 0
    tree = capsys.readouterr().out.split("\n\n")[1].splitlines()
    assert len(tree) <= 40
    for name in DRAWING:
        assert any(name in line.replace("(", " ").split() for line in tree), name


@pytest.mark.slow
def test_names_do_not_matter(
    seed_trees: tuple[KernelTree, Path, Path],
    configs: list[Path],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    """Every function of the path, every member of the dispatch table and every set-up
    function that a hypervisor's descriptor names is renamed, and the graph is the same."""
    after = seed_trees[2]
    names = renamed(after)
    copy = linked_copy(after, tmp_path / "renamed")
    rename(copy, names)
    before = ask(after, configs[:1], capsys)
    root = f"mm/pt_reclaim.c:{names['free_pte']}"
    now = ask(copy, configs[:1], capsys, root)
    assert graph(now, {}) == graph(before, names)


def renamed(tree: Path) -> dict[str, str]:
    """New names for what must not be known by name."""
    words = dict.fromkeys(DRAWING)
    types = (tree / "arch/x86/include/asm/paravirt_types.h").read_text()
    for member in re.findall(r"\(\*(\w+)\)\s*\(|struct paravirt_callee_save (\w+);", types):
        words.update(dict.fromkeys(filter(None, member)))
    set_up = re.compile(
        r"\.(?:detect|init\.\w+|runtime\.\w+|guest_late_init|init_platform)\s*=\s*(\w+)"
    )
    for source in ("kernel/kvm.c", "kernel/cpu/mshyperv.c", "kernel/cpu/vmware.c"):
        words.update(dict.fromkeys(set_up.findall((tree / "arch/x86" / source).read_text())))
    for source in ("xen/enlighten_pv.c", "xen/enlighten_hvm.c"):
        words.update(dict.fromkeys(set_up.findall((tree / "arch/x86" / source).read_text())))
    for setter in ("hyperv_setup_mmu_ops", "xen_init_mmu_ops", "pv_tlb_flush_supported"):
        words.setdefault(setter)
    common = {"wait", "kick", "halt", "func", "release", "flush", "cpuid", "enter", "leave", "true"}
    return {
        word: f"zq{number:03d}"
        for number, word in enumerate(word for word in words if word not in common)
    }


def graph(document: dict[str, Any], names: _Names) -> tuple[set[Any], set[Any]]:
    """Nodes and edges by name, each name (also inside texts) replaced."""
    pattern = re.compile(r"\w+")

    def new(text: str) -> str:
        return pattern.sub(lambda found: names.get(found[0], found[0]), text)

    by_id = {n["id"]: (new(n["name"]), n["kind"], n["file"], n["line"]) for n in document["nodes"]}
    nodes = {(*by_id[n["id"]], n["mask"], tuple(n["effects"])) for n in document["nodes"]}
    edges = {
        (
            by_id[e["from"]],
            None if e["to"] is None else by_id[e["to"]],
            e["kind"],
            e["certainty"],
            e["line"],
            e["mask"],
            tuple(e["platforms"]),
            new(e["slot"] or ""),
            e["context"],
            tuple((new(g["text"]), g["label"]) for g in e["guards"]),
        )
        for e in document["edges"]
    }
    return nodes, edges
