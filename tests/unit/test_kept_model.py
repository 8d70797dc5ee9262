"""The Kconfig model kept between runs: used again only if nothing it came from has changed."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from analyzer.cache.answers import ResultCache
from analyzer.cache.places import CacheTrouble
from analyzer.diagnostics import Diagnostic, Diagnostics
from analyzer.errors import BadInput
from analyzer.kconfig import load as loading
from analyzer.kconfig.model import KconfigModel
from analyzer.kconfig.toolchain import Toolchain
from analyzer.pipeline.models import load_model
from analyzer.tree.source_tree import DirectoryTree

FILES = {
    "Makefile": "VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 3\nEXTRAVERSION =\n",
    "Kconfig": """\
        source "arch/$(SRCARCH)/Kconfig"
        source "drivers/Kconfig"
        """,
    "arch/x86/Kconfig": "config X86\n\tdef_bool y\n",
    "arch/arm/Kconfig": "config ARM\n\tdef_bool y\n",
    "drivers/Kconfig": """\
        if X86
        source "drivers/net/Kconfig"
        endif
        """,
    "drivers/net/Kconfig": "config NET\n\tdef_bool $(shell,ask)\n",
}
TOOLS = Toolchain("t", {"ask": "y"}, {})


class Case:
    """A tree, a cache, and how often the tree was loaded."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = folder / "tree"
        for path, text in FILES.items():
            self.write(path, textwrap.dedent(text))
        self.cache: ResultCache | None = ResultCache(folder / "cache")
        self.loads = 0
        load = loading.load

        def counting(*arguments: object) -> KconfigModel:
            self.loads += 1
            return load(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(loading, "load", counting)

    def write(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        before = target.stat().st_mtime_ns if target.exists() else 0
        target.write_text(text)
        if target.stat().st_mtime_ns <= before:
            os.utime(target, ns=(before + 1, before + 1))

    def model(
        self, arch: str = "x86", tools: Toolchain = TOOLS, diagnostics: Diagnostics | None = None
    ) -> KconfigModel:
        given = Diagnostics() if diagnostics is None else diagnostics
        return load_model(DirectoryTree(self.root), arch, tools, given, self.cache)


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Case:
    return Case(tmp_path, monkeypatch)


def test_the_second_run_loads_nothing(case: Case) -> None:
    first = case.model()
    assert case.model() == first
    assert case.loads == 1


def test_nothing_is_kept_without_a_cache(case: Case, tmp_path: Path) -> None:
    case.cache = None
    assert case.model() == case.model()
    assert case.loads == 2
    assert not (tmp_path / "cache").exists()


CHANGES: dict[str, Callable[[Case], object]] = {
    "a file": lambda case: case.write("drivers/net/Kconfig", "config NET\n\tbool\n"),
    "the top file": lambda case: case.write("Kconfig", 'source "drivers/net/Kconfig"\n'),
    "the version": lambda case: case.write(
        "Makefile", "VERSION = 6\nPATCHLEVEL = 13\nSUBLEVEL = 0\nEXTRAVERSION =\n"
    ),
    "the resolver": lambda case: case.write("scripts/kconfig/expr.h", "struct symbol;\n"),
    "a compiler makefile": lambda case: case.write("scripts/Makefile.clang", "\n"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_to_what_was_read_is_seen(case: Case, name: str) -> None:
    before = case.model()
    CHANGES[name](case)
    after = case.model()
    assert case.loads == 2
    if name != "a compiler makefile":
        assert after != before
    assert case.model() == after
    assert case.loads == 2


def test_a_change_elsewhere_is_not_one(case: Case) -> None:
    case.model()
    case.write("arch/arm/Kconfig", "config ARM\n\tbool\n")
    case.write("mm/memory.c", "int a;\n")
    case.model()
    assert case.loads == 1


def test_a_file_that_went_is_bad_input_and_one_that_came_back_is_read(case: Case) -> None:
    before = case.model()
    (case.root / "drivers/net/Kconfig").unlink()
    with pytest.raises(BadInput, match="'drivers/net/Kconfig' does not exist"):
        case.model()
    with pytest.raises(BadInput):
        case.model()
    case.write("drivers/net/Kconfig", FILES["drivers/net/Kconfig"])
    assert case.model() == before


def test_architectures_and_profiles_are_kept_apart(case: Case) -> None:
    x86 = case.model()
    arm = case.model("arm")
    refused = case.model(tools=Toolchain("t", {"ask": "n"}, {}))
    assert case.loads == 3
    assert {x86.arch, arm.arch} == {"x86", "arm"}
    assert x86.probes != refused.probes
    assert [case.model(), case.model("arm")] == [x86, arm]
    assert case.loads == 3


def test_remarks_are_repeated(case: Case) -> None:
    def remarks() -> list[Diagnostic]:
        diagnostics = Diagnostics()
        case.model(tools=Toolchain("t", {}, {}), diagnostics=diagnostics)
        return list(diagnostics)

    first = remarks()
    assert [each.code for each in first] == ["probe-unanswered"]
    assert remarks() == first
    assert case.loads == 1


def test_what_a_kept_model_depends_on_is_handed_on(case: Case) -> None:
    case.model()
    tree = DirectoryTree(case.root)
    load_model(tree, "x86", TOOLS, Diagnostics(), case.cache)
    assert {
        "Kconfig",
        "drivers/net/Kconfig",
        "Makefile",
        "scripts/kconfig/expr.h",
    } <= tree.stamps.keys()
    assert case.loads == 1


def test_a_damaged_entry_counts_as_missing(case: Case, tmp_path: Path) -> None:
    first = case.model()
    (entry,) = (tmp_path / "cache").iterdir()
    for damaged in (entry.read_bytes()[:-20], b"", b"{}\n", b"\xff\n\xff"):
        entry.write_bytes(damaged)
        assert case.model() == first
    assert case.loads == 5


def test_a_model_of_another_form_counts_as_missing(case: Case) -> None:
    first = case.model()
    assert isinstance(case.cache, ResultCache)
    packed = "analyzer.pipeline.models.key_of"
    for text in ("[]\n{}", "{}\n[]", "[]\nnull", "[[1]]\n{}", "", "[]\n" + "[" * 100_000):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(packed, lambda *_: "0" * 64)
            case.cache.put_text("0" * 64, text, [])
            assert case.model() == first


def test_a_cache_that_cannot_be_written_changes_no_answer(case: Case, tmp_path: Path) -> None:
    kept = case.model()
    trouble = CacheTrouble()
    (tmp_path / "full").write_text("in the way")
    case.cache = ResultCache(tmp_path / "full", trouble=trouble)
    diagnostics = Diagnostics()
    assert case.model(diagnostics=diagnostics) == kept
    assert not list(diagnostics)
    assert trouble.reason == f"{tmp_path}/full: File exists"
