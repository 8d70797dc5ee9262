"""Static calls: what their keys are filled with, however the call and the key are written."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from analyzer.callgraph.linked import LinkedProgram
from analyzer.callgraph.program import OutCertainty, OutEdge
from analyzer.callgraph.session import Session
from analyzer.callgraph.slots import MAX_WRITERS
from analyzer.configset.configset import ConfigSet
from analyzer.configset.dotconfig import read_dotconfig
from analyzer.diagnostics import Diagnostics
from analyzer.tree.source_tree import DirectoryTree

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"

HEADER = """
struct static_call_key { void *func; };
extern void __static_call_update(struct static_call_key *key, void *tramp, void *func);
#define DECLARE(name, f) extern struct static_call_key __SCK__##name; extern typeof(f) __SCT__##name
#define DEFINE_CALL(name, f) DECLARE(name, f); struct static_call_key __SCK__##name = { .func = f }
#define DEFINE_CALL_NULL(name, f) DECLARE(name, f); struct static_call_key __SCK__##name = { 0 }
#define static_call(name) ({ (void)&__SCK__##name; (&__SCT__##name); })
#define static_call_mod(name) (&__SCT__##name)
#define static_call_update(name, f) ({ typeof(&__SCT__##name) __F = (f); \\
	__static_call_update(&__SCK__##name, &__SCT__##name, __F); })
struct clock { int (*read)(int); };
extern int plain(int); extern int fine(int); extern struct clock *clock;
union options { int (*opened)(int); int (*closed)(int); void *any; };
struct slot { struct static_call_key *key; void *tramp; };
struct hook { struct slot *slot; union options call; };
struct table { struct slot closed, opened; };
extern struct table table;
#define HOOK(name, f) { .slot = &table.name, .call = { .name = f } }
struct rare { int (*common)(int); };
DECLARE(hook_closed_0, plain);
DECLARE(tick, plain);
DECLARE(lone, plain);
DECLARE(chosen, plain);
DECLARE(taken, plain);
DECLARE(nowhere, plain);
"""
EVENTS = """
#ifdef MAKE
#define EVENT(name) int iter_##name(int x) { return x; } DEFINE_CALL(ev_##name, iter_##name);
#else
#define EVENT(name) DECLARE(ev_##name, plain); \\
	static inline int event_##name(int x) { return static_call(ev_##name)(x); }
#endif
EVENT(opened)
EVENT(closed)
"""
USES = """#include "calls.h"
#include "events.h"
int use_tick(int x) { return static_call(tick)(x); }
int use_mod(int x) { return static_call_mod(tick)(x); }
void use_asm(void) { asm volatile("call __SCT__tick"); }
int use_lone(int x) { return static_call(lone)(x); }
int use_chosen(int x) { return static_call(chosen)(x); }
int use_taken(int x) { return static_call(taken)(x); }
int use_nowhere(int x) { return static_call(nowhere)(x); }
int use_hook(int x) { return static_call(hook_closed_0)(x); }
int use_common(struct rare *r) { return r->common(1); }
int use_event(int x) { return event_closed(x); }
"""
MAKES = """#include "calls.h"
int plain(int x) { return x; }
int fine(int x) { return -x; }
static int quick(int x) { return x + 1; }
DEFINE_CALL(tick, plain);
DEFINE_CALL_NULL(lone, plain);
DEFINE_CALL_NULL(chosen, plain);
DEFINE_CALL_NULL(taken, plain);
static struct clock good = { .read = fine };
struct clock *clock = &good;
struct phone { int (*read)(int); };
struct phone phone = { .read = quick };
void dial(struct phone *other) { other->read = quick; }
void choose(int x)
{
	static_call_update(tick, x ? quick : fine);
	static_call_update(taken, *clock->read);
}
"""
HOOKS = """#include "calls.h"
#define KEY(name) DEFINE_CALL_NULL(hook_##name##_0, plain);
#define EACH(m) m(opened) m(closed)
KEY(opened)
KEY(closed)
#define ENTRY(name) .name = { &__SCK__hook_##name##_0, &__SCT__hook_##name##_0 },
struct table table = { EACH(ENTRY) };
static int on_close(int x) { return x; }
static int also_close(int x) { return x; }
static int on_open(int x) { return x; }
static struct hook hooks[] = { HOOK(closed, on_close), HOOK(opened, on_open) };
static struct hook more[] = { HOOK(closed, also_close) };
void add(struct hook *h) { __static_call_update(h->slot->key, h->slot->tramp, h->call.any); }
static int rare(int x) { return x; }
struct rare the_rare = { .common = rare };
"""
COMMON = """struct c%d { int (*common)(int); };
static int f(int x) { return x; }
struct c%d many%d = { .common = f };
"""
OTHER = """#include "calls.h"
#define MAKE
#include "events.h"
void chosen_here(int (*given)(int)) { static_call_update(chosen, given); }
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> LinkedProgram:
    """The miniature kernel with three more files."""
    tree = tmp_path_factory.mktemp("static") / "linux"
    shutil.copytree(FIXTURES / "minikernel", tree)
    files = {
        "calls.h": HEADER, "events.h": EVENTS, "uses.c": USES, "makes.c": MAKES, "other.c": OTHER,
        "hooks.c": HOOKS,
    }  # fmt: skip
    many = {f"many{number}.c": COMMON % (number, number, number) for number in range(MAX_WRITERS)}
    files.update(many)
    for name, text in files.items():
        (tree / "mm" / name).write_text(text)
    with (tree / "mm" / "Makefile").open("a") as makefile:
        objects = " ".join(name[:-1] + "o" for name in files if name.endswith(".c"))
        makefile.write(f"obj-y += {objects}\n")
    configs = ConfigSet.of([read_dotconfig(FIXTURES / "configs" / "plain.config")])
    return LinkedProgram(Session(DirectoryTree(tree), "x86", configs, Diagnostics()))


def leaving(program: LinkedProgram, name: str) -> list[OutEdge]:
    """The edges of a function, its macros opened."""
    (ref,) = program.find(name, "mm/uses.c")
    found: list[OutEdge] = []
    waiting = list(program.edges_of(ref))
    while waiting:
        edge = waiting.pop(0)
        inner = program.edges_of(edge.target) if edge.target is not None else ()
        if edge.slot is None:
            waiting += inner
        else:
            found.append(edge)
    return found


@pytest.mark.parametrize("name", ["use_tick", "use_mod", "use_asm"])
def test_a_key_holds_its_first_function_and_what_is_put_into_it(
    program: LinkedProgram, name: str
) -> None:
    edges = leaving(program, name)
    assert sorted({edge.name for edge in edges}) == ["fine", "plain", "quick"]
    assert {edge.certainty for edge in edges} == {OutCertainty.CANDIDATE}
    assert {edge.slot for edge in edges} == {"__SCT__tick"}


def test_a_member_put_into_a_key_stands_for_what_is_stored_in_it(program: LinkedProgram) -> None:
    assert [edge.name for edge in leaving(program, "use_taken")] == ["fine"]


def test_a_key_that_nobody_fills_holds_nothing(program: LinkedProgram) -> None:
    (edge,) = leaving(program, "use_lone")
    assert edge.certainty is OutCertainty.CANDIDATE
    assert edge.target is not None
    assert edge.target.absent == "holds nothing: no function is stored there"


@pytest.mark.parametrize("name", ["use_chosen", "use_nowhere"])
def test_a_key_is_unknown_if_what_is_put_into_it_cannot_be_told(
    program: LinkedProgram, name: str
) -> None:
    (edge,) = leaving(program, name)
    assert (edge.certainty, edge.target) == (OutCertainty.UNKNOWN, None)


def test_a_key_with_a_pasted_name(program: LinkedProgram) -> None:
    assert [edge.name for edge in leaving(program, "use_event")] == ["iter_closed"]


def test_a_key_filled_through_a_table_from_a_union(program: LinkedProgram) -> None:
    edges = leaving(program, "use_hook")
    assert sorted(edge.name for edge in edges) == ["also_close", "on_close"]


def test_a_member_that_many_write_is_told_apart_by_its_structure(program: LinkedProgram) -> None:
    assert [edge.name for edge in leaving(program, "use_common")] == ["rare"]
