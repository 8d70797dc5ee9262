"""What a name alone means: functions of sources and headers, macros, names that macros make."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from analyzer.callgraph.linked import LinkedProgram
from analyzer.callgraph.program import FunctionRef, OutEdge, OutGuard, RefKind
from analyzer.callgraph.session import Session
from analyzer.configset.configset import ConfigSet
from analyzer.configset.dotconfig import read_dotconfig
from analyzer.diagnostics import Diagnostics
from analyzer.tree.source_tree import DirectoryTree

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"

DEEP = """
static inline int deep_down(int x) { return x; }
#define DEEPER(a, ...) deep_down(a)
#ifdef CONFIG_PARAVIRT
static inline int both(int x) { return deep_down(x); }
#else
#define both(x) far_away(x)
#endif
#define PASSING(p) do { if (p) next_door(p); } while (0)
#define MAKE(name) static inline int made_##name##_here(void) { return far_away(1); }
MAKE(thing)
"""
PART = """
static int in_a_part(void) { return 1; }
"""
WRAPPER = """
#include "deep.h"
void far_away(int x);
"""
ODD = """
#include "wrapper.h"
#include "part.c"
void far_away(int x) { }
static void next_door(int x) { far_away(x); }
void uses(void) { PASSING(1); }
#define BRANCHES(flag) ((flag) ? far_away(1) : next_door(2))
#define TYPED(type, x) ({ type __x = (type)(x); far_away(*(type *)&__x); })
#define CALLING(fn, x) fn(x)
#define ALIAS BRANCHES
#define OTHER far_away
#define GONE(x) next_door(x)
#undef GONE
#define FOR_ALL(far_away, n) for (far_away = 0; n < 3; next_door(n))
#define NOTHING(x) ((x) + 1)
#ifdef CONFIG_PARAVIRT
#define CHOSEN() far_away(0)
#else
#define CHOSEN() next_door(0)
#endif
"""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """The miniature kernel and an odd corner of it, in two configurations: bit 1 has PARAVIRT."""
    tree = tmp_path_factory.mktemp("lookup") / "linux"
    shutil.copytree(FIXTURES / "minikernel", tree)
    (tree / "init/odd").mkdir()
    files = {"deep.h": DEEP, "wrapper.h": WRAPPER, "part.c": PART, "odd.c": ODD}
    for name, text in files.items():
        (tree / "init/odd" / name).write_text(text)
    (tree / "init/odd/Makefile").write_text("obj-y := odd.o\n")
    with (tree / "init/Makefile").open("a") as makefile:
        makefile.write("obj-y += odd/\n")
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


def shown(edges: list[OutEdge]) -> list[str]:
    return [f"{edge.name} {edge.mask}" for edge in edges]


def calls(program: LinkedProgram, name: str, file: str | None = None) -> list[str]:
    return shown([e for ref in program.find(name, file) for e in program.edges_of(ref)])


def test_a_header_function_is_found_through_the_headers_between(program: LinkedProgram) -> None:
    ref = one(program, "deep_down")
    assert (str(ref.location), ref.unit) == ("init/odd/deep.h:2", "init/odd/odd.o")
    assert one(program, "deep_down", "init/odd/deep.h") == ref


def test_a_function_of_a_source_that_another_includes(program: LinkedProgram) -> None:
    ref = one(program, "in_a_part")
    assert (str(ref.location), ref.unit) == ("init/odd/part.c:2", "init/odd/odd.o")
    assert one(program, "in_a_part", "init/odd/part.c") == ref


def test_a_name_that_a_macro_makes(program: LinkedProgram) -> None:
    assert one(program, "made_thing_here").unit == "init/odd/odd.o"
    assert {ref.location.file for ref in program.find("SetPageTable", None) if ref.location} == {
        "include/linux/page-flags.h"
    }
    assert one(program, "sys_drop_tables").unit == "mm/memory.o"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("BRANCHES", ["far_away 3", "next_door 3"]),
        ("TYPED", ["far_away 3"]),
        ("ALIAS", ["BRANCHES 3"]),
        ("OTHER", ["far_away 3"]),
        ("GONE", ["next_door 3"]),
        ("FOR_ALL", ["next_door 3"]),
        ("NOTHING", []),
        ("DEEPER", ["deep_down 3"]),
    ],
)
def test_a_macro_calls_what_it_can_call_whatever_its_arguments(
    program: LinkedProgram, name: str, expected: list[str]
) -> None:
    ref = one(program, name)
    assert (ref.kind, ref.mask) == (RefKind.MACRO, 0b11)
    assert calls(program, name) == expected


def test_the_guard_in_a_macro_is_evidence(program: LinkedProgram) -> None:
    edges = program.edges_of(one(program, "BRANCHES"))
    assert [(edge.name, edge.guards) for edge in edges] == [
        ("far_away", (OutGuard("(flag)"),)),
        ("next_door", (OutGuard("!((flag))"),)),
    ]
    assert str(edges[0].location) == "init/odd/odd.c:7"


def test_an_argument_that_is_called_is_an_unknown_target(program: LinkedProgram) -> None:
    (edge,) = program.edges_of(one(program, "CALLING"))
    assert (edge.name, edge.target) == ("fn", None)


def test_a_macro_of_a_file(program: LinkedProgram) -> None:
    assert calls(program, "BRANCHES", "init/odd/odd.c") == ["far_away 3", "next_door 3"]
    assert calls(program, "DEEPER", "init/odd/deep.h") == ["deep_down 3"]
    assert program.find("DEEPER", "init/odd/odd.c") == []


def test_a_macro_is_read_where_it_is_used(program: LinkedProgram) -> None:
    assert calls(program, "PASSING") == ["next_door 3"]


def test_each_definition_of_a_macro_has_its_mask(program: LinkedProgram) -> None:
    found = {ref.mask: shown(list(program.edges_of(ref))) for ref in program.find("CHOSEN", None)}
    assert found == {0b01: ["next_door 1"], 0b10: ["far_away 2"]}


def test_a_function_here_and_a_macro_there(program: LinkedProgram) -> None:
    found = {ref.mask: ref.kind for ref in program.find("both", None)}
    assert found == {0b10: RefKind.FUNCTION, 0b01: RefKind.MACRO}
    assert calls(program, "both") == ["deep_down 2", "far_away 1"]


def test_what_was_searched_is_said(program: LinkedProgram) -> None:
    assert program.find("no_such_name_at_all", None) == ()
    assert program.find("x" * 5000, None) == ()
    assert program.scope().startswith("the sources of vmlinux with the headers that they include")
