"""What a review finds in the tree before the patch, kept for the reviews of other patches."""

from __future__ import annotations

import difflib
import shutil
import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from analyzer.cache.turns import Turns
from analyzer.configset.configset import ConfigSet
from analyzer.configset.configurations import read_all
from analyzer.diagnostics import Diagnostics
from analyzer.kbuild.model import KbuildModel
from analyzer.pipeline import run_check, run_review
from analyzer.pipeline.listed import Listable, SharedListing
from analyzer.progress import Silent
from analyzer.report.json_review import review_json
from analyzer.requests import Changes, CheckRequest, Inputs, ReviewRequest
from analyzer.tree.overlay import OverlayTree
from analyzer.tree.source_tree import DirectoryTree

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
GATHER = "mm/mmu_gather.c"
ROOT = f"{GATHER}:tlb_remove_table"
OTHER_ROOT = "mm/memory.c:free_pgd_range"
RESULTS = Path("cache") / "kimpact" / "results"

ONE = "\ton_each_cpu(table_wait_nothing, NULL, 1);\n\ttable_free_now(table);\n"
FREED = "\ttable_free_now(table);\n"


class Stages(list[str]):
    """The steps of a run."""

    stage = list.append

    def advance(self, done: int, total: int | None = None) -> None:
        """Of no interest."""


class Case:
    """A copy of the miniature kernel, and reviews of small patches to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tree = Path(shutil.copytree(FIXTURES / "minikernel", folder / "linux"))
        self.inputs = self.given("paravirt")

    def given(self, *names: str) -> Inputs:
        configs = tuple(FIXTURES / "configs" / f"{name}.config" for name in names)
        return Inputs(self.tree, configs, knowledge=(FIXTURES / "knowledge.toml",))

    def patch(self, name: str, old: str, new: str, file: str = GATHER) -> Path:
        before = (self.tree / file).read_text()
        assert before.count(old) == 1
        lines = (text.splitlines(keepends=True) for text in (before, before.replace(old, new)))
        path = self.folder / f"{name}.patch"
        path.write_text("".join(difflib.unified_diff(*lines, f"a/{file}", f"b/{file}")))
        return path

    def request(self, patch: Path, *roots: str) -> ReviewRequest:
        return ReviewRequest(self.inputs, Changes((patch,)), roots)

    def entries(self) -> set[tuple[str, int]]:
        """What is kept; an entry that is written anew is another one."""
        folder = self.folder / RESULTS
        if not folder.is_dir():
            return set()
        return {(each.name, each.stat().st_ino) for each in folder.iterdir()}


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Case:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return Case(tmp_path)


@pytest.fixture
def now(case: Case) -> Path:
    """Lone tables are not waited for."""
    return case.patch("now", ONE, FREED)


@pytest.fixture
def twice(case: Case) -> Path:
    """They are waited for twice."""
    return case.patch("twice", ONE, ONE.split("\n", maxsplit=1)[0] + "\n" + ONE)


def fresh(request: ReviewRequest) -> str:
    """The document that a run without a cache gives."""
    return review_json(run_review(replace(request, inputs=_uncached(request.inputs)), Silent()))


def _uncached(inputs: Inputs) -> Inputs:
    return replace(inputs, cache=False)


def searches(request: ReviewRequest) -> int:
    """How many times a run looks for paths; its document must be the fresh one."""
    stages = Stages()
    assert review_json(run_review(request, stages)) == fresh(request)
    return stages.count("finding the function")


def test_a_second_patch_finds_the_tree_before_it_known(
    case: Case, now: Path, twice: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = searches(case.request(now, ROOT))
    kept = case.entries()
    assert searches(case.request(twice, ROOT)) == both / 2
    assert len(case.entries() - kept) == 1, "the review of the other patch"
    assert kept <= case.entries()
    monkeypatch.setenv("KIMPACT_CACHE_SIZE", "0")
    assert searches(case.request(twice, ROOT)) == both


def test_without_a_cache_nothing_is_kept(case: Case, now: Path) -> None:
    fresh(case.request(now, ROOT))
    assert not case.entries()


def test_a_function_that_is_changed_is_shared_as_well(case: Case, now: Path, twice: Path) -> None:
    """No root is named: it is the function that both patches change."""
    both = searches(case.request(now))
    assert searches(case.request(twice)) == both / 2


def test_the_first_of_several_roots_is_shared_as_far_as_the_same_was_asked(
    case: Case, now: Path, twice: Path
) -> None:
    both = searches(case.request(now, OTHER_ROOT, ROOT))
    known = searches(case.request(twice, OTHER_ROOT, ROOT))
    assert known < both
    assert searches(case.request(twice, ROOT, OTHER_ROOT)) > known


Change = Callable[[Case, ReviewRequest], ReviewRequest]


def _config(case: Case, request: ReviewRequest) -> ReviewRequest:
    return replace(request, inputs=case.given("paravirt", "plain"))


def _same_config_of_another_name(case: Case, request: ReviewRequest) -> ReviewRequest:
    copy = case.folder / "copied.config"
    copy.write_bytes(request.inputs.configs[0].read_bytes())
    return replace(request, inputs=replace(request.inputs, configs=(copy,)))


def _knowledge(case: Case, request: ReviewRequest) -> ReviewRequest:
    other = case.folder / "knowledge.toml"
    text = (FIXTURES / "knowledge.toml").read_text()
    other.write_text(text.replace('"page_release"', '"table_free_now"'))
    assert other.read_text() != text
    return replace(request, inputs=replace(request.inputs, knowledge=(other,)))


def _file_of_the_tree(case: Case, request: ReviewRequest) -> ReviewRequest:
    path = case.tree / "mm" / "pgtable-generic.c"
    path.write_text(path.read_text() + "/* more */\n")
    return request


CHANGES: dict[str, Change] = {
    "configurations": _config,
    "a configuration's name": _same_config_of_another_name,
    "knowledge": _knowledge,
    "a file": _file_of_the_tree,
    "platforms": lambda _, request: replace(request, platforms=("native",)),
    "the object": lambda _, request: replace(request, object="table"),
    "the root": lambda _, request: replace(request, roots=(OTHER_ROOT,)),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_an_answer_depends_on_is_part_of_its_name(
    case: Case, now: Path, twice: Path, name: str
) -> None:
    searches(case.request(now, ROOT))
    request = CHANGES[name](case, case.request(twice, ROOT))
    anew = searches(request)
    assert searches(replace(request, changes=Changes((now,)))) == anew / 2


def test_a_header_of_a_build_folder_is_seen_to_change(case: Case) -> None:
    header = case.folder / "out" / "include" / "generated" / "probe.h"
    header.parent.mkdir(parents=True)
    source = case.tree / "mm" / "probe.c"
    source.write_text("#include <generated/probe.h>\nint probe(void)\n{\n\treturn PROBE();\n}\n")
    makefile = case.tree / "mm" / "Makefile"
    makefile.write_text(makefile.read_text() + "obj-y += probe.o\n")
    case.inputs = replace(case.inputs, objtree=case.folder / "out")
    first = case.patch("first", "\treturn PROBE();\n", "\treturn PROBE() + 1;\n", "mm/probe.c")
    second = case.patch("second", "\treturn PROBE();\n", "\treturn PROBE() + 2;\n", "mm/probe.c")
    header.write_text("#define PROBE() first()\n")
    both = searches(case.request(first))
    assert searches(case.request(second)) == both / 2
    header.write_text("#define PROBE() another()\n")
    for patch in (first, second):
        assert searches(case.request(patch)) in (both, both / 2)
        assert "another" in review_json(run_review(case.request(patch), Silent()))


def test_a_symbol_that_a_patch_asks_for_adds_a_configuration(case: Case, now: Path) -> None:
    """With another configuration beside those given the tree before is looked at anew."""
    both = searches(case.request(now, ROOT))
    asking = case.patch("asking", ONE, f"#ifdef CONFIG_PT_RECLAIM\n{ONE}#endif\n")
    assert searches(case.request(asking, ROOT)) == both
    more = case.patch("more", ONE, f"#ifdef CONFIG_PT_RECLAIM\n{ONE}#else\n{FREED}#endif\n")
    assert searches(case.request(more, ROOT)) == both / 2


def test_symbols_in_another_order_are_the_same_configurations(case: Case) -> None:
    text = "#if defined({}) && defined({})\n" + ONE + "#endif\n"
    first = case.patch("first", ONE, text.format("CONFIG_PT_RECLAIM", "CONFIG_DEBUG_VM"))
    second = case.patch("second", ONE, text.format("CONFIG_DEBUG_VM", "CONFIG_PT_RECLAIM"))
    both = searches(case.request(first, ROOT))
    assert searches(case.request(second, ROOT)) == both / 2


def test_remarks_on_the_tree_before_are_repeated(case: Case, now: Path, twice: Path) -> None:
    """Those of its files and those of its paths."""
    header = case.tree / "include" / "linux" / "mm.h"
    header.write_text('#include "never_there.h"\n' + header.read_text())
    for patch in (now, twice):
        searches(case.request(patch, ROOT))
        (review,) = run_review(case.request(patch, ROOT), Silent()).reviews
        assert any("never_there.h" in remark.message for remark in review.diagnostics)


def test_a_removed_function_is_looked_at_from_its_users(case: Case, now: Path) -> None:
    """The tree before is asked what cannot be kept; what comes after is found all the same."""
    searches(case.request(now))
    one = "static void table_free_one(void *table)\n{\n" + ONE + "}\n\n"
    gone = case.patch("gone", one, "")
    searches(case.request(gone))
    searches(case.request(gone))


def test_commits_on_one_revision_share_it_whatever_lies_in_the_folder(
    case: Case, now: Path, twice: Path
) -> None:
    """A revision's files cannot change: it is known by its tree."""

    def git(*words: str) -> None:
        who = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *who, *words], cwd=case.tree, check=True, capture_output=True)

    git("init", "-b", "main")
    git("add", "-A")
    git("commit", "-m", "base")
    for patch in (now, twice):
        git("checkout", "-b", patch.stem, "main")
        git("apply", str(patch))
        git("commit", "-a", "-m", f"mm: {patch.stem}")
    ranges = [Changes(range=f"main..{patch.stem}") for patch in (now, twice)]
    first, second = (ReviewRequest(case.inputs, each, (ROOT,)) for each in ranges)
    both = searches(first)
    (case.tree / GATHER).write_text("int elsewhere;\n")
    assert searches(second) == both / 2


def test_a_series_starts_from_what_is_known(case: Case, now: Path, twice: Path) -> None:
    searches(case.request(now, ROOT))
    late = case.patch("late", "\t\treturn;\n", "\t\treturn ;\n", "mm/memory.c")
    searches(ReviewRequest(case.inputs, Changes((twice, late)), (ROOT,)))


def test_the_list_of_objects_is_taken_from_the_tree_before(case: Case) -> None:
    """Unless patches add or remove files, or touch one that the listing reads."""
    with ExitStack() as stack:
        tree = DirectoryTree(case.tree)
        configs = read_all(case.inputs.configs)
        listing = SharedListing(Listable(tree, "x86", configs, (), None), stack)
        for changes, holds in (
            ({GATHER: b"int a;\n"}, True),
            ({GATHER: None}, False),
            ({"mm/more.c": b"int a;\n"}, False),
            ({"mm/Makefile": b"\n"}, False),
            ({"arch/x86/Makefile": b"\n"}, False),
        ):
            assert listing.holds_for(OverlayTree(tree, changes)) == holds, changes
        remarks = Diagnostics()
        whole = KbuildModel(tree, "x86", ConfigSet.of(configs), remarks).objects()
        told = Diagnostics()
        assert listing.told_to(told)() == tuple(replace(item, flags=()) for item in whole)
        assert list(told) == list(remarks)


def test_a_makefile_and_a_new_source_are_seen_with_a_list_kept(case: Case, now: Path) -> None:
    searches(case.request(now, ROOT))
    makefile = case.tree / "mm" / "Makefile"
    text = makefile.read_text()
    lines = (text.splitlines(keepends=True), [*text.splitlines(keepends=True), "obj-y += new.o\n"])
    patch = case.folder / "new.patch"
    source = "--- /dev/null\n+++ b/mm/new.c\n@@ -0,0 +1 @@\n+int fresh(int x) { return x; }\n"
    patch.write_text(
        "".join(difflib.unified_diff(*lines, "a/mm/Makefile", "b/mm/Makefile")) + source
    )
    searches(case.request(patch, "mm/new.c:fresh"))
    (review,) = run_review(case.request(patch), Silent()).reviews
    assert [one.path for one in review.objects] == ["mm/new.o"]


def test_another_process_is_not_waited_for_before_the_other_tree_is_looked_at(
    case: Case, now: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is second looks at the tree after the patch first."""
    monkeypatch.setattr(Turns, "free", lambda *_: False)
    stages = Stages()
    request = case.request(now, ROOT)
    assert review_json(run_review(request, stages)) == fresh(request)
    waited = "waiting for another run that is finding out the same"
    *_, last = (number for number, stage in enumerate(stages) if stage == waited)
    assert "finding the function" in stages[:last]


def test_a_policy_is_held_against_what_is_known(case: Case, tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(
        f'[[rule]]\nname = "by RCU"\nfunction = "{ROOT}"\nnever = ["ipi-then-free"]\n'
    )
    request = CheckRequest(case.inputs, policy, Changes())
    stages, again = Stages(), Stages()
    first = run_check(request, stages)
    assert run_check(request, again) == first
    assert run_check(replace(request, inputs=_uncached(case.inputs)), Silent()) == first
    assert "finding the function" in stages
    assert "finding the function" not in again
