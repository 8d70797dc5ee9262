"""Reviews of small patches to the miniature kernel, from end to end."""

from __future__ import annotations

import difflib
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from analyzer.errors import BadInput
from analyzer.impact.result import ChangeKind, FileKind, PatchReview, ReviewResult
from analyzer.pipeline import reviewing, run_paths, run_review
from analyzer.progress import Silent
from analyzer.requests import Changes, Inputs, PathsRequest, ReviewRequest

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
TREE = FIXTURES / "minikernel"
GATHER = "mm/mmu_gather.c"
ROOT = f"{GATHER}:tlb_remove_table"

Edit = Callable[[str], str]


def edited(old: str, new: str) -> Edit:
    def change(text: str) -> str:
        assert text.count(old) == 1, (text.count(old), old)
        return text.replace(old, new)

    return change


ONE_BY_RCU = edited(
    """static void table_free_one(void *table)
{
	on_each_cpu(table_wait_nothing, NULL, 1);
	table_free_now(table);
}
""",
    """#ifdef CONFIG_PT_RECLAIM
static void table_free_one(void *table)
{
	call_rcu(&((struct page *)table)->rcu, table_free_rcu);
}
#else
static void table_free_one(void *table)
{
	on_each_cpu(table_wait_nothing, NULL, 1);
	table_free_now(table);
}
#endif
""",
)


def diff(edits: Mapping[str, Edit | None], tree: Path = TREE) -> str:
    """A patch; None deletes a file, an edit of a file that is not there adds it."""
    parts: list[str] = []
    for path, edit in edits.items():
        there = tree / path
        old = there.read_text() if there.is_file() else ""
        new = "" if edit is None else edit(old)
        names = (
            "a/" + path if there.is_file() else "/dev/null",
            "b/" + path if new else "/dev/null",
        )
        lines = difflib.unified_diff(
            old.splitlines(keepends=True), new.splitlines(keepends=True), *names
        )
        parts.append("".join(lines))
    return "".join(parts)


def inputs(*names: str) -> Inputs:
    configs = tuple(FIXTURES / "configs" / f"{name}.config" for name in names)
    return Inputs(TREE, configs, cache=False, knowledge=(FIXTURES / "knowledge.toml",))


def reviewed(
    folder: Path, *patches: str, roots: tuple[str, ...] = (), configs: str = "paravirt"
) -> ReviewResult:
    paths = []
    for number, text in enumerate(patches):
        path = folder / f"{number}.patch"
        path.write_text(text)
        paths.append(path)
    request = ReviewRequest(inputs(*configs.split()), Changes(tuple(paths)), roots=roots)
    return run_review(request, Silent())


def one(folder: Path, edits: Mapping[str, Edit | None], **more: object) -> PatchReview:
    (review,) = reviewed(folder, diff(edits), **more).reviews  # type: ignore[arg-type]
    return review


def test_what_becomes_of_the_object_changes_where_the_symbol_is_set(tmp_path: Path) -> None:
    result = reviewed(tmp_path, diff({GATHER: ONE_BY_RCU}), roots=(ROOT,))
    assert [config.name for config in result.configs] == ["paravirt", "PT_RECLAIM=y"]
    (entry,) = result.reviews[0].entries
    changed, same = entry.transitions
    assert (changed.mask, changed.when) == (0b10, "PT_RECLAIM")
    assert changed.before == ("rcu-callback-free", "ipi-then-free")
    assert changed.after == ("rcu-callback-free",)
    assert [step.callee for step in changed.gone] == ["on_each_cpu", "table_free_now"]
    assert (same.mask, same.gone, same.new) == (0b01, (), ())
    assert same.before == same.after


def test_the_changed_function_is_the_entry_where_none_is_named(tmp_path: Path) -> None:
    review = one(tmp_path, {GATHER: ONE_BY_RCU})
    assert [(f.name, f.kind, f.changed) for f in review.functions] == [
        ("table_free_one", ChangeKind.CHANGED, 0b10)
    ]
    assert [(e.name, e.given) for e in review.entries] == [("table_free_one", False)]


def test_a_symbol_that_changed_code_asks_for_is_looked_at_too(tmp_path: Path) -> None:
    """IS_ENABLED() in the lines themselves, no conditional around them."""
    asked = edited(
        "\ton_each_cpu(table_wait_nothing, NULL, 1);\n\ttable_free_now(table);\n",
        "\tif (IS_ENABLED(CONFIG_PT_RECLAIM)) {\n"
        "\t\tcall_rcu(&((struct page *)table)->rcu, table_free_rcu);\n\t\treturn;\n\t}\n"
        "\ton_each_cpu(table_wait_nothing, NULL, 1);\n\ttable_free_now(table);\n",
    )
    commented = edited("#include <linux/mm.h>\n", "#include <linux/mm.h>\n/* CONFIG_SMP */\n")
    for configs, edits in (
        (["paravirt", "PT_RECLAIM=y"], {GATHER: asked}),
        (["paravirt"], {"mm/memory.c": commented}),
    ):
        result = reviewed(tmp_path, diff(edits))
        assert [config.name for config in result.configs] == configs
    (entry,) = reviewed(tmp_path, diff({GATHER: asked})).reviews[0].entries
    assert [one.when for one in entry.transitions if one.gone or one.new] == ["PT_RECLAIM"]


def test_added_lines_and_the_configurations_that_compile_them(tmp_path: Path) -> None:
    review = one(tmp_path, {GATHER: ONE_BY_RCU})
    assert [(c.first, c.last, c.mask) for c in review.coverage] == [(44, 47, 0b10)]
    assert [(run.config, run.lines) for run in review.runs] == [(1, 4)]


def test_lines_that_nothing_compiles_come_with_a_way_to_them(tmp_path: Path) -> None:
    patch = tmp_path / "a.patch"
    extra = "\n#if defined(CONFIG_PT_RECLAIM) && defined(CONFIG_DEBUG_VM)\nint extra;\n#endif\n"
    never = "\n#ifndef CONFIG_MMU\nint never;\n#endif\n"
    patch.write_text(diff({"mm/memory.c": lambda text: text + extra + never}))
    request = ReviewRequest(inputs("plain"), Changes((patch,)), only_given=True)
    result = run_review(request, Silent())
    possible, impossible = result.reviews[0].coverage
    assert possible.mask == impossible.mask == 0
    assert set(possible.fragment) == {"CONFIG_PT_RECLAIM=y", "CONFIG_DEBUG_VM=y"}
    assert impossible.fragment == ()
    assert impossible.reason is not None
    assert "arch/x86/Kconfig:17" in impossible.reason
    assert [config.name for config in result.configs] == ["plain"]


def test_a_comment_is_no_change(tmp_path: Path) -> None:
    comment = edited("/* Tables on their way out", "/* Page tables on their way\n * out")
    review = one(tmp_path, {GATHER: comment})
    assert review.silent
    assert review.files[0].silent
    assert (review.functions, review.entries, review.coverage) == ((), (), ())


def test_a_comment_in_a_function_is_no_change_of_it(tmp_path: Path) -> None:
    both = edited(
        "static void table_wait_nothing(void *unused)\n{\n",
        "static void table_wait_nothing(void *unused)\n{\n\t/* idle */\n",
    )
    review = one(tmp_path, {GATHER: lambda text: both(ONE_BY_RCU(text))})
    assert [function.name for function in review.functions] == ["table_free_one"]


def test_kconfig_symbols_with_their_new_values(tmp_path: Path) -> None:
    entry = 'config DEBUG_VM\n\tbool "Check the memory code"\n'
    more = "\tdefault PARAVIRT\n\nconfig EAGER\n\tdef_bool PT_RECLAIM\n"
    select = edited(entry, entry + more)
    review = one(tmp_path, {"mm/Kconfig": select}, configs="paravirt paravirt-reclaim")
    found = {symbol.name: symbol for symbol in review.symbols}
    assert set(found) == {"DEBUG_VM", "EAGER"}
    assert found["EAGER"].kind is ChangeKind.ADDED
    assert found["EAGER"].values == ((0b10, "n", "y"),)
    assert found["DEBUG_VM"].kind is ChangeKind.CHANGED
    assert not review.silent


def test_a_new_source_and_its_line_in_the_makefile(tmp_path: Path) -> None:
    review = one(
        tmp_path,
        {
            "mm/extra.c": lambda _: "int extra(int x)\n{\n	return x;\n}\n",
            "mm/Makefile": lambda text: text + "obj-$(CONFIG_PARAVIRT) += extra.o\n",
        },
        configs="paravirt plain",
    )
    assert [file.kind for file in review.files] == [FileKind.ADDED, FileKind.MODIFIED]
    (added,) = review.objects
    assert (added.path, added.values) == ("mm/extra.o", ((0b01, "not built", "built in"),))
    (function,) = review.functions
    assert (function.name, function.kind, function.added) == ("extra", ChangeKind.ADDED, 0b01)
    (entry,) = review.entries
    assert entry.before is None
    assert entry.after is not None
    assert [(c.first, c.last, c.mask) for c in review.coverage] == [(1, 4, 0b01)]


def test_a_file_that_is_no_c_source_is_not_read_as_one(tmp_path: Path) -> None:
    """A makefile may well contain what would be the beginning of a comment in C."""
    review = one(tmp_path, {"mm/Makefile": lambda text: text + "# all of */ and /* of it\n"})
    assert [file.silent for file in review.files] == [False]
    assert review.coverage == ()


def test_two_static_functions_of_one_name_are_two_entries(tmp_path: Path) -> None:
    body = "\nstatic int twin(int x)\n{\n\treturn x;\n}\n"
    files = ("mm/memory.c", GATHER)
    review = one(tmp_path, {file: lambda text: text + body for file in files})
    assert [entry.name for entry in review.entries] == ["twin", "twin"]
    places = [entry.after.nodes[0].location for entry in review.entries if entry.after]
    assert [place.file for place in places if place] == list(files)


def test_functions_that_call_one_another_leave_one_entry(tmp_path: Path) -> None:
    head = "\nvoid ping(int x);\nvoid pong(int x)\n{\n\tif (x)\n\t\tping(x - 1);\n}\n"
    tail = "void ping(int x)\n{\n\tif (x)\n\t\tpong(x - 1);\n}\n"
    old = tmp_path / "old"
    shutil.copytree(TREE, old)
    with (old / GATHER).open("a") as stream:
        stream.write(head + tail)
    edit = edited("\t\tping(x - 1);", "\t\tping(x - 2);")
    also = edited("\t\tpong(x - 1);", "\t\tpong(x - 2);")
    patch = tmp_path / "a.patch"
    patch.write_text(diff({GATHER: lambda text: also(edit(text))}, old))
    given = replace(inputs("paravirt"), kernel=old)
    (review,) = run_review(ReviewRequest(given, Changes((patch,))), Silent()).reviews
    assert len(review.entries) == 1


def test_a_macro_of_a_header(tmp_path: Path) -> None:
    header = "include/linux/mm.h"
    text = (TREE / header).read_text()
    line = next(one for one in text.splitlines() if one.startswith("#define") and "(" in one)
    name = line.split()[1].split("(")[0]
    review = one(tmp_path, {header: lambda old: old.replace(line, line + " + 0")})
    assert (name, True) in [(function.name, function.macro) for function in review.functions]


def test_a_header_that_sources_read_through_another_one(tmp_path: Path) -> None:
    header = "arch/x86/include/asm/paravirt_types.h"
    assert not any("paravirt_types.h" in path.read_text() for path in TREE.rglob("*.c")), (
        "the case is gone"
    )
    extra = "#ifdef CONFIG_PARAVIRT\n#define PARAVIRT_EXTRA(x) ((x) + 1)\n#endif\n"
    guard = next(line for line in (TREE / header).read_text().splitlines() if "#define" in line)
    edit = edited(f"{guard}\n", f"{guard}\n{extra}")
    review = one(tmp_path, {header: edit}, configs="paravirt plain")
    assert [(f.name, f.macro, f.added) for f in review.functions] == [
        ("PARAVIRT_EXTRA", True, 0b01)
    ]
    assert [one.mask for one in review.coverage] == [0b01]
    assert review.diagnostics == ()


def test_a_series_is_looked_at_patch_by_patch_and_as_a_whole(tmp_path: Path) -> None:
    first = diff({GATHER: ONE_BY_RCU})
    middle = tmp_path / "middle"
    shutil.copytree(TREE, middle)
    (middle / GATHER).write_text(ONE_BY_RCU((TREE / GATHER).read_text()))
    back = edited(
        "	call_rcu(&((struct page *)table)->rcu, table_free_rcu);\n",
        "	table_free_now(table);\n",
    )
    second = diff({GATHER: back}, middle)
    result = reviewed(tmp_path, first, second, roots=(ROOT,))
    effects = [
        [(t.before, t.after) for t in review.entries[0].transitions if t.effects_change]
        for review in result.reviews
    ]
    ipi, rcu = ("rcu-callback-free", "ipi-then-free"), ("rcu-callback-free",)
    now = ("immediate-free", "rcu-callback-free")
    assert effects == [[(ipi, rcu)], [(rcu, now)], [(ipi, now)]]
    assert result.reviews[2].title == "the whole series"


def test_a_review_equals_analysing_the_trees_from_scratch(tmp_path: Path) -> None:
    text = diff({GATHER: ONE_BY_RCU})
    result = reviewed(tmp_path, text, roots=(ROOT,), configs="paravirt paravirt-reclaim")
    patched = tmp_path / "patched"
    shutil.copytree(TREE, patched)
    subprocess.run(["patch", "-p1", "-s"], cwd=patched, input=text, text=True, check=True)
    (entry,) = result.reviews[0].entries
    given = inputs("paravirt", "paravirt-reclaim")
    for tree, found in ((TREE, entry.before), (patched, entry.after)):
        alone = run_paths(PathsRequest(replace(given, kernel=tree), (ROOT,)), Silent())
        assert found is not None
        assert found.nodes == alone.nodes
        assert found.edges == alone.edges
        assert found.classes == alone.classes


def test_a_root_that_is_in_neither_tree(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="tlb_remove_tabel"):
        one(tmp_path, {GATHER: ONE_BY_RCU}, roots=("tlb_remove_tabel",))


def test_a_patch_for_another_tree_is_refused(tmp_path: Path) -> None:
    text = diff({GATHER: ONE_BY_RCU}).replace(" {\n", " [\n")
    with pytest.raises(BadInput, match="does not apply"):
        reviewed(tmp_path, text)


def test_nothing_is_written_into_the_tree(tmp_path: Path) -> None:
    tree = tmp_path / "linux"
    shutil.copytree(TREE, tree)
    before = {path: path.stat().st_mtime_ns for path in sorted(tree.rglob("*"))}
    (tmp_path / "a.patch").write_text(diff({GATHER: ONE_BY_RCU}))
    changes = Changes((tmp_path / "a.patch",))
    request = ReviewRequest(replace(inputs("paravirt"), kernel=tree), changes)
    run_review(request, Silent())
    assert {path: path.stat().st_mtime_ns for path in sorted(tree.rglob("*"))} == before


def test_an_answer_is_kept_until_something_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    tree = tmp_path / "linux"
    shutil.copytree(TREE, tree)
    patch = tmp_path / "a.patch"
    patch.write_text(diff({GATHER: ONE_BY_RCU}))
    given = replace(inputs("paravirt"), kernel=tree, cache=True)
    request = ReviewRequest(given, Changes((patch,)))
    first = run_review(request, Silent())
    with monkeypatch.context() as patched:
        patched.setattr(reviewing, "review", None)
        assert run_review(request, Silent()) == first, "looked at anew"
    header = tree / "include" / "linux" / "mm.h"
    header.write_text(header.read_text() + "\n/* changed */\n")
    assert run_review(request, Silent()) == first
    patch.write_text(diff({GATHER: lambda text: ONE_BY_RCU(text) + "\nint more;\n"}))
    assert run_review(request, Silent()) != first
