"""The linked program over a small tree: what a name means, macros as nodes, slots, evidence."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from analyzer.callgraph.linked import LinkedProgram
from analyzer.callgraph.program import (
    FunctionRef,
    OutCertainty,
    OutEdge,
    OutGuard,
    OutKind,
    RefKind,
)
from analyzer.callgraph.session import Session
from analyzer.configset.configset import ConfigSet
from analyzer.configset.dotconfig import DotConfig, read_dotconfig
from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput
from analyzer.location import Location
from analyzer.tree.source_tree import DirectoryTree

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"

OPS = """
struct ops { int (*run)(int); void (*stop)(void); void (*never)(void); };
struct hook { void (*func)(int); };
struct holder { struct hook tail; struct ops ops; };
extern struct ops left_ops, right_ops;
extern struct holder holder;
void shared_1(void);
"""
LEFT = """#include "ops.h"
static int helper(int x) { return x; }
static int run_left(int x) { return helper(x); }
struct ops left_ops = { .run = run_left };
#define CALL_SHARED(n) shared_##n()
#define TWICE(n) do { CALL_SHARED(n); helper(n); } while (0)
void use_left(struct ops *o, int x)
{
#ifdef CONFIG_PARAVIRT
	if (x > 1)
		CALL_SHARED(1);
#endif
	if (!o)
		return;
	o->run(1);
	o->never();
}
void use_macros(void) { TWICE(1); }
void cut(void)
{
	TWICE(1);
#ifdef CONFIG_PARAVIRT
	shared_1();
#endif
	helper(3);
}
#define UNLESS(c) if (c) ; else
#define GUARDED(n) do { if (n) helper(n); (n) > 2 && helper(2); UNLESS(n) TWICE(n); } while (0)
void use_guarded(int x) { if (x < 9) GUARDED(x); UNLESS(x) helper(4); }
void use_tail(void) { holder.tail.func(1); }
void __attribute__((weak)) overridden(void) { helper(1); }
void __attribute__((weak)) alone(void) { }
void use_names(void) { overridden(); alone(); nowhere(); shared_1(); __builtin_trap(); }
"""
RIGHT = """#include "ops.h"
struct ops right_ops;
struct holder holder;
static int helper(int x) { return -x; }
static int run_right(int x) { return helper(x); }
static void on_tail(int x) { }
void set_right(void)
{
	right_ops.run = run_right;
	holder.tail.func = on_tail;
}
void shared_1(void) { }
void overridden(void) { }
"""
MODULE = """#include "ops.h"
void shared_1(void) { }
void in_module(void) { shared_1(); overridden(); }
"""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """The miniature kernel with three more files, in two configurations: bit 1 has PARAVIRT."""
    tree = tmp_path_factory.mktemp("linked") / "linux"
    shutil.copytree(FIXTURES / "minikernel", tree)
    for name, text in (("ops.h", OPS), ("left.c", LEFT), ("right.c", RIGHT), ("mod.c", MODULE)):
        (tree / "mm" / name).write_text(text)
    with (tree / "mm" / "Makefile").open("a") as makefile:
        makefile.write("obj-y += left.o right.o\nobj-m += mod.o\n")
    hidden = "static inline int hidden_one(void) { return 1; }\n"
    (tree / "include" / "linux" / "hidden.h").write_text(hidden)
    (tree / "init" / "part.c").write_text("#include <linux/hidden.h>\n")
    with (tree / "init" / "main.c").open("a") as source:
        source.write('#include "part.c"\n')
    configs = ConfigSet.of(
        read_dotconfig(FIXTURES / "configs" / f"{name}.config") for name in ("plain", "paravirt")
    )
    return Session(DirectoryTree(tree), "x86", configs, Diagnostics())


@pytest.fixture(scope="module")
def program(session: Session) -> LinkedProgram:
    return LinkedProgram(session)


def one(program: LinkedProgram, name: str, file: str | None = None) -> FunctionRef:
    (ref,) = program.find(name, file)
    return ref


def edges(program: LinkedProgram, name: str, file: str | None = None) -> list[OutEdge]:
    return list(program.edges_of(one(program, name, file)))


def named(found: list[OutEdge], name: str) -> OutEdge:
    (edge,) = [edge for edge in found if edge.name == name]
    return edge


def target(edge: OutEdge) -> FunctionRef:
    assert edge.target is not None
    return edge.target


def test_static_functions_of_one_name_stay_two(program: LinkedProgram) -> None:
    found = {(ref.unit, ref.static) for ref in program.find("helper", None)}
    assert found == {("mm/left.o", True), ("mm/right.o", True)}
    assert one(program, "helper", "mm/left.c").location == Location("mm/left.c", 2)
    for side in ("left", "right"):
        edge = named(edges(program, f"run_{side}"), "helper")
        assert target(edge).unit == f"mm/{side}.o"
        assert (edge.kind, edge.certainty) == (OutKind.CALL, OutCertainty.EXACT)


def test_a_strong_definition_overrides_a_weak_one(program: LinkedProgram) -> None:
    found = edges(program, "use_names")
    assert target(named(found, "overridden")).unit == "mm/right.o"
    assert target(named(found, "alone")).unit == "mm/left.o"
    assert target(named(found, "shared_1")).unit == "mm/right.o"


def test_a_name_defined_nowhere_says_how_far_was_looked(program: LinkedProgram) -> None:
    gone = target(named(edges(program, "use_names"), "nowhere"))
    assert gone.location is None
    assert gone.absent == "defined in no source of vmlinux that these configurations build"
    assert program.edges_of(gone) == ()


def test_builtins_are_no_edges(program: LinkedProgram) -> None:
    assert not [e for e in edges(program, "use_names") if e.name.startswith("__builtin_")]


def test_names_resolve_inside_one_image(program: LinkedProgram) -> None:
    found = edges(program, "in_module", "mm/mod.c")
    assert target(named(found, "shared_1")).unit == "mm/mod.o"


def test_macros_are_nodes_between(program: LinkedProgram) -> None:
    (outer,) = edges(program, "use_macros")
    assert (outer.name, outer.kind) == ("TWICE", OutKind.MACRO)
    assert target(outer).kind is RefKind.MACRO
    assert target(outer).location == Location("mm/left.c", 6)
    inner = list(program.edges_of(target(outer)))
    assert [(edge.name, edge.kind) for edge in inner] == [
        ("CALL_SHARED", OutKind.MACRO),
        ("helper", OutKind.CALL),
    ]
    (call,) = program.edges_of(target(inner[0]))
    assert (call.name, target(call).unit) == ("shared_1", "mm/right.o")


def test_a_macro_belongs_to_its_user(program: LinkedProgram) -> None:
    nested = target(next(iter(program.edges_of(target(edges(program, "use_macros")[0])))))
    direct = target(named(edges(program, "use_left"), "CALL_SHARED"))
    assert nested.location == direct.location
    assert nested.owner != direct.owner


def test_guards_and_conditionals_are_evidence(program: LinkedProgram) -> None:
    found = edges(program, "use_left")
    shared = named(found, "CALL_SHARED")
    assert shared.mask == 0b10
    assert shared.guards == (OutGuard("x > 1"),)
    assert shared.conditionals == (("CONFIG_PARAVIRT", Location("mm/left.c", 9)),)
    assert shared.location == Location("mm/left.c", 11)
    never = [edge for edge in found if edge.location.line == 16]
    assert {edge.guards for edge in never} == {(OutGuard("o"),)}


def test_a_guard_is_shown_where_it_was_written(program: LinkedProgram) -> None:
    """In the function, or in the macro whose body has the ``if``, on the edge out of it."""
    outer = edges(program, "use_guarded")
    assert [(edge.name, edge.guards) for edge in outer] == [
        ("GUARDED", (OutGuard("x < 9"),)),
        ("helper", (OutGuard("!x"),)),
    ]
    inner = program.edges_of(target(outer[0]))
    assert [(edge.name, edge.guards) for edge in inner] == [
        ("helper", (OutGuard("x"),)),
        ("helper", (OutGuard("(x) > 2"),)),
        ("TWICE", (OutGuard("!x"),)),
    ]
    for edge in program.edges_of(target(inner[2])):
        assert edge.guards == ()


def test_slots_hold_what_is_stored_anywhere(program: LinkedProgram) -> None:
    runs = [edge for edge in edges(program, "use_left") if edge.location.line == 15]
    assert {(edge.name, edge.certainty) for edge in runs} == {
        ("run_left", OutCertainty.CANDIDATE),
        ("run_right", OutCertainty.CANDIDATE),
    }
    assert {edge.kind for edge in runs} == {OutKind.INDIRECT}
    assert {target(edge).unit for edge in runs} == {"mm/left.o", "mm/right.o"}
    assert len({edge.slot for edge in runs}) == 1


def test_a_slot_nothing_is_stored_in_is_unknown(program: LinkedProgram) -> None:
    (edge,) = [edge for edge in edges(program, "use_left") if edge.location.line == 16]
    assert (edge.target, edge.certainty, edge.kind) == (
        None,
        OutCertainty.UNKNOWN,
        OutKind.INDIRECT,
    )
    assert edge.mask == 0b11


def test_a_pointer_in_a_structure_of_its_own(program: LinkedProgram) -> None:
    assert [edge.name for edge in edges(program, "use_tail")] == ["on_tail"]


def test_slots_called_through_asm(program: LinkedProgram) -> None:
    refs = program.find("paravirt_release_table", "arch/x86/include/asm/paravirt.h")
    found = {ref.mask: [edge.name for edge in program.edges_of(ref)] for ref in refs}
    assert found == {0b01: ["native_release_table"], 0b10: ["PV_VCALL2"]}
    (through,) = [edge for ref in refs if ref.mask == 0b10 for edge in program.edges_of(ref)]
    inner = named(list(program.edges_of(target(through))), "PV_CALL")
    calls = program.edges_of(target(inner))
    assert {call.name for call in calls} == {"native_release_table", "moonbase_release_table"}
    assert {(call.slot, call.certainty) for call in calls} == {
        ("pv_ops.mmu.release_table", OutCertainty.CANDIDATE)
    }


def test_a_source_that_is_not_built(program: LinkedProgram) -> None:
    ref = one(program, "try_to_reclaim", "mm/pt_reclaim.c")
    assert ref.absent == "not built: CONFIG_PT_RECLAIM=n"
    assert ref.location is not None
    assert ref.location.file == "mm/pt_reclaim.c"
    assert program.edges_of(ref) == ()


def test_a_source_that_does_not_exist(program: LinkedProgram) -> None:
    with pytest.raises(BadInput, match=r"^mm/gone\.c: no such file in the tree$"):
        program.find("f", "mm/gone.c")


def test_an_unknown_name_is_found_nowhere(program: LinkedProgram) -> None:
    assert program.find("no_such_function", None) == ()
    assert program.find("no_such_function", "mm/left.c") == []
    assert {"use_left", "set_right", "tlb_flush_mmu"} <= set(program.names())


def test_a_function_of_a_header(program: LinkedProgram) -> None:
    refs = program.find("__pte_free_tlb", "arch/x86/include/asm/pgalloc.h")
    assert [ref.location.file for ref in refs if ref.location] == ["arch/x86/include/asm/pgalloc.h"]


def test_a_function_of_a_header_that_no_core_unit_reads(program: LinkedProgram) -> None:
    (ref,) = program.find("hidden_one", "include/linux/hidden.h")
    assert (ref.unit, ref.mask) == ("init/main.o", 0b11)
    assert program.find("no_such_function", "include/linux/hidden.h") == []


def test_variants_of_one_function_each_have_their_mask(program: LinkedProgram) -> None:
    refs = program.find("paravirt_exit_mm", "arch/x86/include/asm/paravirt.h")
    assert sorted(ref.mask for ref in refs) == [0b01, 0b10]


def test_variants_of_a_body_are_one_function(program: LinkedProgram) -> None:
    ref = one(program, "cut")
    assert ref.mask == 0b11
    found = {edge.name: edge for edge in program.edges_of(ref)}
    assert {name: edge.mask for name, edge in found.items()} == {
        "TWICE": 0b11,
        "helper": 0b11,
        "shared_1": 0b10,
    }
    inside = {edge.name: edge.mask for edge in program.edges_of(target(found["TWICE"]))}
    assert inside == {"CALL_SHARED": 0b11, "helper": 0b11}


def test_objects_of_a_directory(session: Session) -> None:
    paths = [item.path for item in session.objects("mm/")]
    assert {"mm/left.o", "mm/right.o", "mm/mod.o", "mm/memory.o"} <= set(paths)
    assert "mm/pt_reclaim.o" not in paths
    assert [item.path for item in session.objects("mm/left.o")] == ["mm/left.o"]
    with pytest.raises(BadInput, match="not built"):
        session.objects("mm/none.o")


def test_a_directory_with_a_source_that_the_build_writes(tmp_path: Path) -> None:
    tree = tmp_path / "linux"
    shutil.copytree(FIXTURES / "minikernel", tree)
    with (tree / "lib" / "Makefile").open("a") as makefile:
        makefile.write("obj-y += flags.o\n$(obj)/flags.c: $(src)/ring.c\n\t$(call if_changed,x)\n")
    configs = ConfigSet.of([read_dotconfig(FIXTURES / "configs" / "plain.config")])
    session = Session(DirectoryTree(tree), "x86", configs, Diagnostics())
    assert [item.path for item in session.objects("lib/")] == ["lib/ring.o", "lib/fill.o"]
    notes = [one.message for one in session.diagnostics if one.code == "generated-source"]
    assert notes == ["lib/flags.c is written by the build, lib/flags.o is left out"]


def test_what_is_a_module_here_and_built_in_there_is_linked_there_only(tmp_path: Path) -> None:
    """Calls and slots of vmlinux lead into an object only where it is part of vmlinux."""
    tree = tmp_path / "linux"
    shutil.copytree(FIXTURES / "minikernel", tree)
    (tree / "mm" / "core.c").write_text(
        "struct ops { void (*run)(void); void (*set)(void); };\n"
        "extern struct ops elsewhere;\n"
        "void in_driver(void);\n"
        "void core(struct ops *o) { in_driver(); o->run(); o->set(); }\n"
    )
    (tree / "mm" / "driver.c").write_text(
        "struct ops { void (*run)(void); void (*set)(void); };\n"
        "static void runs(void) { }\nstatic void sets(void) { }\n"
        "void in_driver(void) { }\nstruct ops mine = { .run = runs };\n"
        "void fill(void) { mine.set = sets; }\n"
    )
    with (tree / "mm" / "Makefile").open("a") as makefile:
        makefile.write("obj-y += core.o\nobj-$(CONFIG_TABLE_STATS) += driver.o\n")
    plain = read_dotconfig(FIXTURES / "configs" / "plain.config")
    configs = ConfigSet.of(
        DotConfig.of_values(value, value, {**plain.values, "TABLE_STATS": value}) for value in "ym"
    )
    session = Session(DirectoryTree(tree), "x86", configs, Diagnostics())
    found = edges(LinkedProgram(session), "core")
    told = {
        (edge.name, edge.target.unit, edge.mask)
        for edge in found
        if edge.target is not None and edge.target.location is not None
    }
    assert told == {(name, "mm/driver.o", 0b01) for name in ("in_driver", "runs", "sets")}
    assert {edge.mask for edge in found if (edge.target is None) or not edge.target.unit} == {0b10}
