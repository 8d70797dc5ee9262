"""Wiring from end to end on the miniature kernel: options that change the answer, bad input."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from analyzer.cache.places import CacheTrouble
from analyzer.callers.result import CallersResult
from analyzer.errors import BadInput
from analyzer.explain.result import ExplainResult
from analyzer.paths.result import PathsResult
from analyzer.pipeline import run_callers, run_callgraph, run_configs, run_explain, run_paths
from analyzer.progress import Silent
from analyzer.requests import (
    CallersRequest,
    CallgraphRequest,
    ConfigsRequest,
    ExplainRequest,
    Inputs,
    PathsRequest,
)

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
CONFIGS = FIXTURES / "configs"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FIXTURES / "minikernel", tmp_path / "linux"))


def inputs(tree: Path, *names: str) -> Inputs:
    return Inputs(tree, tuple(CONFIGS / f"{name}.config" for name in names or ("plain",)))


def paths(given: Inputs, function: str = "mm/memory.c:free_pgd_range") -> PathsResult:
    return run_paths(PathsRequest(given, (function,)), Silent())


def called(result: PathsResult) -> set[str]:
    return {edge.name for edge in result.edges}


def codes(result: PathsResult) -> set[str]:
    return {diagnostic.code for diagnostic in result.diagnostics}


def test_a_kept_answer_is_the_fresh_one(tree: Path) -> None:
    given = inputs(tree, "plain", "paravirt")
    fresh = paths(replace(given, cache=False))
    assert paths(given) == fresh
    # The answer, and the model of the Kconfig files that the configurations were compared with.
    assert len(list((Path(os.environ["XDG_CACHE_HOME"]) / "kimpact" / "results").iterdir())) == 2
    assert paths(given) == fresh


def test_kept_callers_are_the_fresh_ones(tree: Path) -> None:
    def ask(given: Inputs) -> CallersResult:
        return run_callers(CallersRequest(given, ("mm/memory.c:free_pgd_range",)), Silent())

    given = inputs(tree, "plain", "paravirt")
    fresh = ask(replace(given, cache=False))
    assert ask(given) == fresh
    assert ask(given) == fresh
    header = tree / "include" / "linux" / "mm.h"
    more = "static inline void newly(struct mmu_gather *t) { free_pgd_range(t, 0, 0, 0, 0); }"
    header.write_text(header.read_text().replace("#endif", f"{more}\n#endif"))
    assert ask(given) != fresh


def test_a_changed_source_is_seen(tree: Path) -> None:
    given = inputs(tree)
    before = called(paths(given))
    source = tree / "mm" / "memory.c"
    text = source.read_text().replace("paravirt_exit_mm(tlb->mm);", "newly_called(tlb->mm);")
    source.write_text(text)
    after = called(paths(given))
    assert "newly_called" in after - before


def test_a_changed_kconfig_file_is_seen_by_what_was_compared_with_it(tree: Path) -> None:
    def differing() -> list[str]:
        found = paths(inputs(tree, "plain", "paravirt"))
        return [d.message for d in found.diagnostics if d.code == "config-not-resolved"]

    assert differing() == []
    assert differing() == []
    with (tree / "mm" / "Kconfig").open("a") as stream:
        stream.write("config NEW\n\tdef_bool y\n")
    (message,) = differing()
    assert message.endswith("what the tree would make of it: NEW")
    assert differing() == [message]


def test_explain_with_and_without_what_is_kept(tree: Path) -> None:
    def explained(given: Inputs, symbol: str = "CONFIG_MMU") -> ExplainResult:
        return run_explain(ExplainRequest(given, (symbol,), 3), Silent())

    given = inputs(tree, "plain", "paravirt")
    fresh = explained(replace(given, cache=False))
    assert explained(given) == fresh
    assert explained(given) == fresh
    with (tree / "mm" / "Kconfig").open("a") as stream:
        stream.write("config NEW\n\tdef_bool MMU\n")
    (new,) = explained(given, "NEW").explanations
    assert (new.value, new.mask, new.recorded, new.changed) == ("y", 0b11, None, True)
    (quiet,) = explained(replace(given, resolve=True), "NEW").explanations
    assert not quiet.changed


def test_what_differs_for_a_function(tree: Path) -> None:
    def compared(*symbols: str) -> dict[str, bool]:
        request = ConfigsRequest((CONFIGS,), symbols, "mm/memory.c:free_pte_range", tree)
        return {each.name: each.differs for each in run_configs(request, Silent()).symbols}

    found = compared()
    assert found["PARAVIRT"]
    assert "TABLE_STATS" not in found
    assert compared("TABLE_STATS", "CONFIG_PARAVIRT") == {"PARAVIRT": True}


def test_a_changed_configuration_is_seen(tree: Path, tmp_path: Path) -> None:
    config = tmp_path / "my.config"
    config.write_text((CONFIGS / "plain.config").read_text())
    given = Inputs(tree, (config,))
    assert "PV_VCALL1" not in called(paths(given))
    config.write_text((CONFIGS / "paravirt.config").read_text())
    assert "PV_VCALL1" in called(paths(given))


def test_a_cache_that_cannot_be_written_changes_no_answer(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    trouble = CacheTrouble()
    given = replace(inputs(tree), trouble=trouble)
    assert paths(given) == paths(replace(given, cache=False))
    assert trouble.reason == f"{tmp_path}/file/kimpact/results: Not a directory"


def test_fragments_are_completed_first(tree: Path, tmp_path: Path) -> None:
    fragment = tmp_path / "fragment.config"
    fragment.write_text("CONFIG_64BIT=y\nCONFIG_SMP=y\nCONFIG_PT_RECLAIM=y\n")
    given = Inputs(tree, (fragment,), resolve=True, cache=False)
    result = paths(given, "mm/mmu_gather.c:tlb_remove_table")
    assert "call_rcu" in called(result)
    raw = paths(replace(given, resolve=False), "mm/mmu_gather.c:tlb_remove_table")
    assert "call_rcu" not in called(raw)


def test_headers_of_a_build_folder_are_used(tree: Path, tmp_path: Path) -> None:
    generated = tmp_path / "out" / "include" / "generated"
    generated.mkdir(parents=True)
    (generated / "probe.h").write_text("#define PROBE() from_the_build_folder()\n")
    source = tree / "mm" / "debug.c"
    source.write_text("#include <generated/probe.h>\nvoid probe(void) { PROBE(); }\n")
    makefile = tree / "mm" / "Makefile"
    makefile.write_text(makefile.read_text() + "obj-y += debug.o\n")
    given = replace(inputs(tree), objtree=tmp_path / "out", cache=False)
    request = CallgraphRequest(given, ("mm/debug.c",), contract_macros=True)
    (unit,) = run_callgraph(request, Silent()).units
    assert [(edge.caller, edge.callee) for edge in unit.edges] == [
        ("probe", "from_the_build_folder")
    ]
    result = paths(given, "mm/debug.c:probe")
    assert {"PROBE", "from_the_build_folder"} & called(result)


def test_two_build_folders_of_one_name_are_two(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tree / "mm" / "debug.c"
    source.write_text("#include <generated/probe.h>\nvoid probe(void) { PROBE(); }\n")
    makefile = tree / "mm" / "Makefile"
    makefile.write_text(makefile.read_text() + "obj-y += debug.o\n")
    found: list[set[str]] = []
    for name in ("one", "two"):
        generated = tmp_path / name / "out" / "include" / "generated"
        generated.mkdir(parents=True)
        (generated / "probe.h").write_text(f"#define PROBE() called_{name}()\n")
        monkeypatch.chdir(tmp_path / name)
        given = replace(inputs(tree), objtree=Path("out"))
        found.append(called(paths(given, "mm/debug.c:probe")))
    assert found[0] != found[1]


def test_one_process_or_two(tree: Path) -> None:
    request = CallgraphRequest(replace(inputs(tree, "plain", "paravirt"), jobs=1), ("mm/",))
    alone = run_callgraph(request, Silent())
    both = run_callgraph(replace(request, inputs=replace(request.inputs, jobs=2)), Silent())
    assert alone.units == both.units
    assert set(alone.diagnostics) == set(both.diagnostics)


def message(given: Inputs, function: str = "free_pgd_range") -> str:
    with pytest.raises(BadInput) as caught:
        paths(given, function)
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_another_architecture_is_refused(tree: Path, tmp_path: Path) -> None:
    config = tmp_path / "arm.config"
    config.write_text("# Linux/arm64 6.12.0 Kernel Configuration\nCONFIG_ARM64=y\n")
    (tree / "arch" / "arm64").mkdir()
    assert message(Inputs(tree, (config,))) == (
        f"{config}:2: a configuration of architecture arm64, not x86"
        " (CONFIG_ARM64=y without CONFIG_X86=y)"
    )


def test_a_broken_kconfig_file_is_one_line_with_its_place(tree: Path) -> None:
    kconfig = tree / "mm" / "Kconfig"
    kconfig.write_text(kconfig.read_text() + "config\n\tdepends on &&\n")
    line = len(kconfig.read_text().splitlines()) - 1
    assert message(inputs(tree)).startswith(f"mm/Kconfig:{line}: ")


def test_a_broken_source_is_one_line_with_its_place(tree: Path) -> None:
    source = tree / "mm" / "memory.c"
    source.write_text(source.read_text() + "#if 1\n")
    line = len(source.read_text().splitlines())
    assert message(inputs(tree), "mm/memory.c:free_pgd_range") == (
        f"mm/memory.c:{line}: unterminated conditional"
    )


def test_a_missing_toolchain_file(tree: Path, tmp_path: Path) -> None:
    given = replace(inputs(tree), toolchain=tmp_path / "none.json")
    assert str(tmp_path / "none.json") in message(given)


def test_a_toolchain_file_that_is_no_text(tree: Path, tmp_path: Path) -> None:
    profile = tmp_path / "bad.json"
    profile.write_bytes(b"\xff\xfe\x00")
    assert str(profile) in message(replace(inputs(tree), toolchain=profile))


def test_no_kernel(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert message(inputs(tmp_path / "empty"))
    assert "no such directory" in message(inputs(tmp_path / "gone"))


def test_a_missing_build_folder(tree: Path, tmp_path: Path) -> None:
    given = replace(inputs(tree), objtree=tmp_path / "gone")
    assert "no such directory" in message(given)
