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
from analyzer.impact.result import ChangeKind, FileKind, PatchReview, ReviewResult, Standing, Unread
from analyzer.pipeline import reviewing, run_paths, run_review
from analyzer.progress import Silent
from analyzer.report.mail import review_mail
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


EXTRA = "int extra(int x)\n{\n	return x;\n}\n"


def with_extra(folder: Path) -> tuple[Path, str]:
    """A tree with a source that DEBUG_VM builds, and a patch to it."""
    tree = folder / "linux"
    shutil.copytree(TREE, tree)
    (tree / "mm/extra.c").write_text(EXTRA)
    makefile = tree / "mm/Makefile"
    makefile.write_text(makefile.read_text() + "obj-$(CONFIG_DEBUG_VM) += extra.o\n")
    return tree, diff({"mm/extra.c": edited("return x;", "return x + 1;")}, tree)


def test_a_source_that_no_configuration_builds_is_looked_at_in_one_that_does(
    tmp_path: Path,
) -> None:
    tree, text = with_extra(tmp_path)
    patch = tmp_path / "a.patch"
    patch.write_text(text)
    given = replace(inputs("plain"), kernel=tree)
    result = run_review(ReviewRequest(given, Changes((patch,))), Silent())
    assert [config.name for config in result.configs] == ["plain", "DEBUG_VM=y"]
    (review,) = result.reviews
    assert [(f.name, f.changed) for f in review.functions] == [("extra", 0b10)]
    assert [(c.first, c.last, c.mask) for c in review.coverage] == [(3, 3, 0b10)]
    assert [entry.name for entry in review.entries] == ["extra"]
    assert [(t.mask, t.there) for t in review.entries[0].transitions] == [
        (0b10, True),
        (0b01, False),
    ]


def test_what_is_compiled_in_no_given_configuration_is_no_entry(tmp_path: Path) -> None:
    tree, text = with_extra(tmp_path)
    patch = tmp_path / "a.patch"
    patch.write_text(text)
    given = replace(inputs("plain"), kernel=tree)
    request = ReviewRequest(given, Changes((patch,)), only_given=True)
    (review,) = run_review(request, Silent()).reviews
    assert review.entries == ()
    assert [one.fragment for one in review.coverage] == [("CONFIG_DEBUG_VM=y",)]


def test_files_that_no_kernel_of_the_architecture_is_built_from(tmp_path: Path) -> None:
    tree = tmp_path / "linux"
    shutil.copytree(TREE, tree)
    names = ("tools/vm/slabinfo.c", "arch/arm/mm/flush.c", "mm/notes.txt", "mm/extra.c")
    for name in names:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(EXTRA)
    text = diff(dict.fromkeys(names, edited("return x;", "return x + 1;")), tree)
    patch = tmp_path / "a.patch"
    patch.write_text(text)
    given = replace(inputs("plain"), kernel=tree)
    (review,) = run_review(ReviewRequest(given, Changes((patch,))), Silent()).reviews
    assert [file.unread for file in review.files] == [
        Unread.ELSEWHERE,
        Unread.ELSEWHERE,
        Unread.NO_SOURCE,
        None,
    ]
    assert [function.after.file for function in review.functions if function.after] == [
        "mm/extra.c"
    ]
    assert [lines.file for lines in review.coverage] == ["mm/extra.c"]
    assert review.entries == ()


def test_all_lines_of_a_macro_count(tmp_path: Path) -> None:
    header = "arch/x86/include/asm/paravirt_types.h"
    extra = "#define LONG_MACRO(x) \\\n\tdo { \\\n\t\t(void)(x); \\\n\t} while (0)\n"
    guard = next(line for line in (TREE / header).read_text().splitlines() if "#define" in line)
    review = one(tmp_path, {header: edited(f"{guard}\n", f"{guard}\n{extra}")})
    assert sum(lines.last - lines.first + 1 for lines in review.coverage) == 4


def test_a_header_that_only_a_module_reads(tmp_path: Path) -> None:
    tree = tmp_path / "linux"
    shutil.copytree(TREE, tree)
    header = "#define DEVICE_PORT 1\n"
    (tree / "mm/device.h").write_text(header)
    (tree / "mm/device.c").write_text(
        '#include "device.h"\nint port(void) { return DEVICE_PORT; }\n'
    )
    (tree / "mm/Makefile").write_text((tree / "mm/Makefile").read_text() + "obj-m += device.o\n")
    patch = tmp_path / "a.patch"
    patch.write_text(diff({"mm/device.h": edited("PORT 1", "PORT 2")}, tree))
    given = replace(inputs("paravirt"), kernel=tree)
    config = tmp_path / "modules.config"
    config.write_text(inputs("paravirt").configs[0].read_text() + "CONFIG_MODULES=y\n")
    given = replace(given, configs=(config,))
    (review,) = run_review(ReviewRequest(given, Changes((patch,))), Silent()).reviews
    assert [(f.name, f.changed) for f in review.functions] == [("DEVICE_PORT", 0b1)]
    assert [entry.name for entry in review.entries] == ["port"]
    assert review.diagnostics == ()


def test_what_differs_besides_functions(tmp_path: Path) -> None:
    """Exports, objects, types and prototypes."""
    tree = tmp_path / "linux"
    shutil.copytree(TREE, tree)
    more = (
        "#define EXPORT_SYMBOL_GPL(name) extern int exported_##name\n"
        "static int helper(void) { return 1; }\nEXPORT_SYMBOL_GPL(helper);\n"
        "EXPORT_SYMBOL_GPL(shrinker);\nstatic int limits[] = { 1, 2 };\n"
        "unsigned int probe = SHIFT | MASK(1);\n"
        "struct shape { int sides; };\nenum { RED, GREEN };\nint proto(int x);\n"
    )
    with (tree / "mm/memory.c").open("a") as stream:
        stream.write(more)

    def edit(text: str) -> str:
        for old, new in (
            ("EXPORT_SYMBOL_GPL(helper);\n", ""),
            ("{ 1, 2 }", "{ 1, 3 }"),
            ("SHIFT | MASK(1)", "MASK | SHIFT(1)"),
            ("int sides;", "long sides;"),
            ("RED, GREEN", "RED, BLUE"),
            ("proto(int x)", "proto(long x)"),
        ):
            text = edited(old, new)(text)
        return text

    patch = tmp_path / "a.patch"
    patch.write_text(diff({"mm/memory.c": edit}, tree))
    given = replace(inputs("plain"), kernel=tree)
    result = run_review(ReviewRequest(given, Changes((patch,))), Silent())
    (review,) = result.reviews
    assert (review.functions, review.entries, review.silent) == ((), (), False)
    assert [(one.name, one.kind) for one in review.declarations] == [
        ("limits", ChangeKind.CHANGED),
        ("probe", ChangeKind.CHANGED),
        ("shape", ChangeKind.CHANGED),
        ("RED", ChangeKind.CHANGED),
        ("proto", ChangeKind.CHANGED),
        ("EXPORT_SYMBOL_GPL(helper)", ChangeKind.REMOVED),
    ]
    text = review_mail(result)
    assert "No path changes; 6 declarations differ." in text
    assert "EXPORT_SYMBOL_GPL(helper): removed" in text


def test_a_function_that_a_macro_makes_has_the_name_that_it_makes(tmp_path: Path) -> None:
    """There are several of them, and only one is another one now."""
    tree = tmp_path / "linux"
    shutil.copytree(TREE, tree)
    more = (
        "#define SYSCALL_DEFINE1(name, type, arg) \\\n"
        "\tstatic inline long do_##name(type arg); \\\n"
        "\tlong sys_##name(long arg); \\\n"
        "\tlong sys_##name(long arg) { return do_##name((type)arg); } \\\n"
        "\tstatic inline long do_##name(type arg)\n"
        "void first_leaf(int x);\nvoid second_leaf(int x);\n"
        "SYSCALL_DEFINE1(enter, int, x) { first_leaf(x); return 0; }\n"
        "SYSCALL_DEFINE1(leave, int, x) { first_leaf(x); return 1; }\n"
    )
    with (tree / "mm/memory.c").open("a") as stream:
        stream.write(more)
    patch = tmp_path / "a.patch"
    edit = edited("first_leaf(x); return 1", "second_leaf(x); return 1")
    patch.write_text(diff({"mm/memory.c": edit}, tree))
    given = replace(inputs("plain"), kernel=tree)
    (review,) = run_review(ReviewRequest(given, Changes((patch,))), Silent()).reviews
    assert [(f.name, f.changed) for f in review.functions] == [("do_leave", 0b1)]
    (entry,) = review.entries
    (change,) = entry.transitions
    assert [step.name for step in change.gone] == ["first_leaf"]
    assert [step.name for step in change.new] == ["second_leaf"]


def test_what_is_said_of_files_that_are_not_read_is_not_checked(tmp_path: Path) -> None:
    tree = tmp_path / "linux"
    shutil.copytree(TREE, tree)
    (tree / "tools").mkdir()
    (tree / "tools/a.c").write_text(EXTRA)
    text = diff({"tools/a.c": edited("return x;", "return x + 1;")}, tree)
    patch = tmp_path / "a.patch"
    patch.write_text(
        f"From: A <a@example.org>\nSubject: tools: fix\n\nextra_tool() failed.\n\n{text}"
    )
    given = replace(inputs("plain"), kernel=tree)
    (review,) = run_review(ReviewRequest(given, Changes((patch,))), Silent()).reviews
    assert review.claims == ()


def test_a_change_is_placed_where_it_is_compiled(tmp_path: Path) -> None:
    """Of alternative definitions that differ, the one that a configuration has."""
    tree = tmp_path / "linux"
    shutil.copytree(TREE, tree)
    more = "#ifdef CONFIG_PARAVIRT\n#define GONE 1\n#else\n#define GONE 2\n#endif\n"
    with (tree / "mm/memory.c").open("a") as stream:
        stream.write(more)
    first = (tree / "mm/memory.c").read_text().splitlines().index("#define GONE 1") + 1
    patch = tmp_path / "a.patch"
    patch.write_text(diff({"mm/memory.c": edited(more, "")}, tree))
    given = replace(inputs("plain"), kernel=tree)
    request = ReviewRequest(given, Changes((patch,)), only_given=True)
    (review,) = run_review(request, Silent()).reviews
    (macro,) = review.functions
    assert macro.before is not None
    assert (macro.name, macro.before.line) == ("GONE", first + 2)


def test_symbols_that_changed_code_asks_for_are_varied(tmp_path: Path) -> None:
    def edit(text: str) -> str:
        return text + "int asks(void)\n{\n	return IS_ENABLED(CONFIG_DEBUG_VM) ? 1 : 2;\n}\n"

    patch = tmp_path / "a.patch"
    patch.write_text(diff({"mm/memory.c": edit}))
    result = run_review(ReviewRequest(inputs("plain"), Changes((patch,))), Silent())
    assert [config.name for config in result.configs] == ["plain", "DEBUG_VM=y"]


def test_a_source_that_another_one_includes(tmp_path: Path) -> None:
    tree = tmp_path / "linux"
    shutil.copytree(TREE, tree)
    (tree / "mm/part.c").write_text(EXTRA)
    (tree / "mm/whole.c").write_text('#include "part.c"\n')
    (tree / "mm/Makefile").write_text((tree / "mm/Makefile").read_text() + "obj-y += whole.o\n")
    patch = tmp_path / "a.patch"
    patch.write_text(diff({"mm/part.c": edited("return x;", "return x + 1;")}, tree))
    given = replace(inputs("plain"), kernel=tree)
    (review,) = run_review(ReviewRequest(given, Changes((patch,))), Silent()).reviews
    assert [(f.name, f.changed) for f in review.functions] == [("extra", 0b1)]
    assert [(c.first, c.last, c.mask) for c in review.coverage] == [(3, 3, 0b1)]
    assert [(e.name, e.before is not None) for e in review.entries] == [("extra", True)]


def test_a_function_that_is_not_built_is_there_all_the_same(tmp_path: Path) -> None:
    """In a driver, in another architecture, or beside the change."""
    tree = tmp_path / "linux"
    shutil.copytree(TREE, tree)
    for name, function in (("drivers/x/y.c", "driver_probe"), ("arch/arm/z.c", "arm_only")):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(f"int {function}(int x)\n{{\n\treturn x;\n}}\n")
    text = diff({GATHER: ONE_BY_RCU}, tree)
    message = "driver_probe() and arm_only() are there, not_at_all() is not.\n"
    patch = tmp_path / "a.patch"
    patch.write_text(f"From: A <a@example.org>\nSubject: mm: fix\n\n{message}\n{text}")
    given = replace(inputs("paravirt"), kernel=tree)
    request = ReviewRequest(given, Changes((patch,)), only_given=True)
    (review,) = run_review(request, Silent()).reviews
    assert [(one.text, one.standing) for one in review.claims] == [
        ("driver_probe()", Standing.HOLDS),
        ("arm_only()", Standing.HOLDS),
        ("not_at_all()", Standing.DOES_NOT_HOLD),
    ]


def test_for_files_that_are_not_read_no_tree_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = tmp_path / "linux"
    shutil.copytree(TREE, tree)
    (tree / "tools").mkdir()
    (tree / "tools/a.c").write_text(EXTRA)
    patch = tmp_path / "a.patch"
    patch.write_text(diff({"tools/a.c": edited("return x;", "return x + 1;")}, tree))
    given = replace(inputs("plain"), kernel=tree)
    monkeypatch.setattr(reviewing.Versions, "opened", None)
    (review,) = run_review(ReviewRequest(given, Changes((patch,))), Silent()).reviews
    assert [file.unread for file in review.files] == [Unread.ELSEWHERE]
