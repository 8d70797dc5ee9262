"""Callers of a function on a small kernel: edges backwards, and why chains of callers end."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from analyzer.callers.result import CallersResult
from analyzer.callgraph.entries import EntryKind
from analyzer.errors import BadInput
from analyzer.paths.result import Certainty, EdgeKind, LimitReason
from analyzer.pipeline import run_callers
from analyzer.progress import Silent
from analyzer.requests import CallersRequest, Inputs

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"

HEADER = """
struct ops { void (*run)(int); void (*stop)(void); };
void leaf(int x);
void both_images(void);
static inline void in_header(int x) { leaf(x); }
#define INNER(x) leaf(x)
#define OUTER(x) do { INNER(x); } while (0)
#define EXPORT_SYMBOL_GPL(name) extern int exported_##name
#define core_initcall(name) static int (*initcall_##name)(void) __attribute__((used)) = name
#define early_param(text, name) static int (*early_##name)(void) __attribute__((used)) = name
#define SYSCALL_DEFINE1(name, type, arg) \\
	static inline long do_##name(type arg); \\
	long sys_##name(long arg); \\
	long sys_##name(long arg) { return do_##name((type)arg); } \\
	static inline long do_##name(type arg)
#define MAKE_PAIR(name) \\
	static void first_##name(void) { leaf(1); } \\
	void second_##name(void) { first_##name(); }
#define DEFINE_ENTRY(name) \
	static void __##name(int x); \
	void name(int x) { __##name(x); } \
	static void __##name(int x)
void made_entry(int x);
"""
LEAF = """#include "callers.h"
void leaf(int x) { }
EXPORT_SYMBOL_GPL(leaf);
void both_images(void) { leaf(0); }
"""
MAIN = """#include "callers.h"
static void helper(int x)
{
#ifdef CONFIG_PARAVIRT
	if (x > 3)
		leaf(x);
#endif
}
static void recursive(int x)
{
	if (x)
		recursive(x - 1);
	else
		helper(x);
}
static int start(void) { recursive(2); in_header(1); return 0; }
core_initcall(start);
static int option(void) { OUTER(1); return 0; }
early_param("option", option);
SYSCALL_DEFINE1(enter, int, x) { in_header(x); return 0; }
static void run_it(int x) { leaf(x); }
static void stop_it(void) { leaf(0); }
static const struct ops the_ops = { .run = run_it, };
void use_ops(const struct ops *ops) { ops->run(1); }
void set_ops(struct ops *ops) { ops->stop = stop_it; }
static void later(void) { leaf(5); }
void schedule_it(void) { queue(1, later); }
static void picked(void) { leaf(6); }
void pick(void) { void (*which)(void); which = picked; other(which); }
MAKE_PAIR(made)
void use_entry(void) { made_entry(1); }
void unused(void) { leaf(7); }
static void stringy(void) { leaf(8); }
void text(void) { print("stringy() is not called"); }
"""
OTHER = """#include "callers.h"
static void leaf(int x) { }
void not_the_same(void) { leaf(1); }
static void helper(int x) { }
void not_that_helper(void) { helper(1); }
"""
MODULE = """#include "callers.h"
void in_module(void) { leaf(1); own_leaf(); }
void own_leaf(void) { }
"""
ASSEMBLY = """
	.globl boot
boot:
	call from_asm
"""
THUNK = """
void from_asm(void);
void from_asm(void) { leaf(1); }
DEFINE_ENTRY(made_entry) { leaf(9); }
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The miniature kernel with more files in mm/."""
    tree = tmp_path_factory.mktemp("callers") / "linux"
    shutil.copytree(FIXTURES / "minikernel", tree)
    files = {
        "callers.h": HEADER,
        "leaf.c": LEAF,
        "main.c": MAIN,
        "other.c": OTHER,
        "module.c": MODULE,
        "boot.S": ASSEMBLY,
        "asm.c": '#include "callers.h"\n' + THUNK,
    }
    for name, text in files.items():
        (tree / "mm" / name).write_text(text)
    with (tree / "mm" / "Makefile").open("a") as makefile:
        makefile.write("obj-y += leaf.o main.o other.o boot.o asm.o\nobj-m += module.o\n")
    return tree


def ask(tree: Path, *functions: str, depth: int | None = None, all_: bool = False) -> CallersResult:
    """Bit 0 is without PARAVIRT, bit 1 with it."""
    configs = tuple(FIXTURES / "configs" / f"{name}.config" for name in ("plain", "paravirt"))
    inputs = Inputs(tree, configs, cache=False)
    return run_callers(CallersRequest(inputs, functions, depth, all_), Silent())


@pytest.fixture(scope="module")
def leaf(tree: Path) -> CallersResult:
    return ask(tree, "mm/leaf.c:leaf", all_=True)


def calls(result: CallersResult) -> dict[tuple[str, str], int]:
    names = {node.id: node.name for node in result.nodes}
    found: dict[tuple[str, str], int] = {}
    for edge in result.edges:
        assert edge.target is not None
        pair = (names[edge.source], names[edge.target])
        found[pair] = found.get(pair, 0) | edge.mask
    return found


def entries(result: CallersResult, name: str) -> list[tuple[EntryKind, str, str]]:
    ids = {node.id for node in result.nodes if node.name == name}
    return [(e.kind, e.name, e.detail) for e in result.entries if e.node in ids]


def test_edges_lead_from_caller_to_callee(leaf: CallersResult) -> None:
    found = calls(leaf)
    assert found["helper", "leaf"] == 0b10
    assert found["recursive", "helper"] == 0b10
    assert found["start", "recursive"] == 0b10
    assert found["in_header", "leaf"] == 0b11
    assert found["start", "in_header"] == 0b11
    assert found["recursive", "recursive"] == 0b10


def test_evidence_of_an_edge(leaf: CallersResult) -> None:
    names = {node.id: node.name for node in leaf.nodes}
    (edge,) = [e for e in leaf.edges if names[e.source] == "helper"]
    assert (edge.location.file, edge.location.line) == ("mm/main.c", 6)
    assert [guard.text for guard in edge.guards] == ["x > 3"]
    assert [each.text for each in edge.conditionals] == ["CONFIG_PARAVIRT"]
    assert (edge.kind, edge.certainty) == (EdgeKind.CALL, Certainty.EXACT)


def test_macros_are_nodes(leaf: CallersResult) -> None:
    found = calls(leaf)
    assert {("INNER", "leaf"), ("OUTER", "INNER"), ("option", "OUTER")} <= set(found)


def test_static_functions_of_one_name_stay_apart(leaf: CallersResult, tree: Path) -> None:
    callers = {source for source, _ in calls(leaf)}
    assert not {"not_the_same", "not_that_helper"} & callers
    found = set(calls(ask(tree, "mm/other.c:leaf")))
    assert found == {("not_the_same", "leaf"), ("in_header", "leaf")}


def test_modules_are_other_images(leaf: CallersResult, tree: Path) -> None:
    assert "in_module" not in {source for source, _ in calls(leaf)}
    assert set(calls(ask(tree, "mm/module.c:own_leaf"))) == {("in_module", "own_leaf")}


def test_why_a_chain_ends(leaf: CallersResult) -> None:
    assert entries(leaf, "leaf") == [(EntryKind.EXPORTED, "EXPORT_SYMBOL_GPL", "leaf")]
    assert entries(leaf, "start") == [(EntryKind.INITCALL, "core_initcall", "start")]
    assert entries(leaf, "option") == [(EntryKind.BOOT_PARAMETER, "early_param", "option")]
    assert entries(leaf, "do_enter") == [(EntryKind.SYSTEM_CALL, "SYSCALL_DEFINE1", "enter")]
    assert entries(leaf, "run_it") == [(EntryKind.STORED, "run", "the_ops")]
    assert entries(leaf, "stop_it") == [(EntryKind.ASSIGNED, "ops.stop", "set_ops")]
    assert entries(leaf, "later") == [(EntryKind.ARGUMENT, "queue", "schedule_it")]
    assert entries(leaf, "picked") == [(EntryKind.ADDRESS, "", "pick")]
    assert entries(leaf, "from_asm") == [(EntryKind.ASSEMBLY, "boot", "")]
    assert entries(leaf, "unused") == [(EntryKind.UNUSED, "", "")]
    assert entries(leaf, "stringy") == [(EntryKind.UNUSED, "", "")]


def test_an_argument_says_which(leaf: CallersResult) -> None:
    assert [e.argument for e in leaf.entries if e.kind is EntryKind.ARGUMENT] == [1]


def test_an_indirect_call_is_a_candidate(leaf: CallersResult) -> None:
    names = {node.id: node.name for node in leaf.nodes}
    (edge,) = [e for e in leaf.edges if e.kind is EdgeKind.INDIRECT]
    assert (names[edge.source], edge.name, edge.slot) == ("use_ops", "run_it", "ops->run")
    assert edge.certainty is Certainty.CANDIDATE


def test_what_one_macro_use_makes(leaf: CallersResult) -> None:
    found = calls(leaf)
    assert ("MAKE_PAIR", "leaf") in found
    assert ("first_made", "MAKE_PAIR") in found
    assert ("second_made", "MAKE_PAIR") in found or ("second_made", "first_made") in found


def test_a_function_that_a_macro_begins(leaf: CallersResult) -> None:
    found = calls(leaf)
    assert ("__made_entry", "leaf") in found
    assert ("made_entry", "DEFINE_ENTRY") in found
    assert ("use_entry", "made_entry") in found


def test_a_caller_that_no_configuration_has(tree: Path) -> None:
    result = ask(tree, "mm/main.c:recursive")
    assert {e.kind for e in result.entries} == {EntryKind.INITCALL}
    helper = ask(tree, "mm/main.c:helper")
    assert calls(helper)["recursive", "helper"] == 0b11


def test_classes_are_of_callers(leaf: CallersResult) -> None:
    assert [(each.mask, each.when) for each in leaf.classes] == [
        (0b01, "!PARAVIRT"),
        (0b10, "PARAVIRT"),
    ]


def test_one_configuration_at_a_time(leaf: CallersResult, tree: Path) -> None:
    for bit, name in enumerate(("plain", "paravirt")):
        inputs = Inputs(tree, (FIXTURES / "configs" / f"{name}.config",), cache=False)
        request = CallersRequest(inputs, ("mm/leaf.c:leaf",), show_all=True)
        alone = run_callers(request, Silent())
        assert set(calls(alone)) == {pair for pair, mask in calls(leaf).items() if mask >> bit & 1}
        mine = [(e.kind, e.name, e.location) for e in leaf.entries if e.mask >> bit & 1]
        assert sorted(map(str, mine)) == sorted(
            str((e.kind, e.name, e.location)) for e in alone.entries
        )


def test_depth_and_its_remark(tree: Path) -> None:
    result = ask(tree, "mm/leaf.c:leaf", depth=1)
    assert {target for _, target in calls(result)} == {"leaf"}
    assert {limit.reason for limit in result.limits} == {LimitReason.DEPTH}
    assert "depth-limit" in {d.code for d in result.diagnostics}


def test_a_name_that_does_not_exist(tree: Path) -> None:
    with pytest.raises(BadInput, match="unknown function 'no_such'"):
        ask(tree, "no_such")


def test_the_callers_of_a_macro_are_not_looked_for(tree: Path) -> None:
    with pytest.raises(BadInput, match=r"OUTER is a macro \(mm/callers.h:7\), not a function"):
        ask(tree, "OUTER")
