"""Guards in words: allocations that failed, CPU features, static keys, hints."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from analyzer.callgraph.linked import LinkedProgram
from analyzer.callgraph.session import Session
from analyzer.configset.configset import ConfigSet
from analyzer.configset.dotconfig import read_dotconfig
from analyzer.diagnostics import Diagnostics
from analyzer.tree.source_tree import DirectoryTree

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"

SOURCE = """
#define NULL ((void *)0)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define likely(x) __builtin_expect(!!(x), 1)
struct key { int on; };
struct batch { int nr; void *tables[4]; };
struct gather { struct batch *batch; };
typedef struct page *pgtable_t;
void *kmalloc(int size, int flags);
unsigned long get_free_pages_noprof(int flags, int order);
#define alloc_hooks(call) ({ void *_old = NULL; typeof(call) _res = call; (void)_old; _res; })
#define __get_free_page(flags) alloc_hooks(get_free_pages_noprof(flags, 0))
struct page *alloc_pages(int flags, int order);
static inline long IS_ERR(const void *p) { return (unsigned long)p >= (unsigned long)-4095; }
int cpu_bit(int bit);
#define boot_cpu_has(bit) (cpu_bit(bit))
int key_on(struct key *key);
#define static_branch_unlikely(x) unlikely(key_on(x))
extern struct key busy;

void slow(void), fast(void), other(void), error(int e), free_it(void *p);
void *find(void);

void tested_at_once(void)
{
	void *p = kmalloc(1, 2);

	if (!p) {
		slow();
		return;
	}
	fast();
}
void tested_both_ways(void)
{
	void *p;

	p = kmalloc(1, 2);
	if (p)
		fast();
	else
		slow();
}
void tested_in_the_condition(void)
{
	void *p;

	if (unlikely((p = kmalloc(1, 2)) == NULL)) {
		slow();
		return;
	}
	fast();
}
void as_an_integer(void)
{
	unsigned long addr = __get_free_page(3);

	if (addr == 0)
		slow();
	else
		fast();
}
void nested(struct gather *g, void *table)
{
	struct batch **batch = &g->batch;

	other();
	if (*batch == NULL) {
		*batch = (struct batch *)__get_free_page(3);
		if (*batch == NULL) {
			slow();
			return;
		}
		(*batch)->nr = 0;
	}
	(*batch)->tables[(*batch)->nr++] = table;
	fast();
	if ((*batch)->nr == 4)
		fast();
}
void nested_and_used_up(struct gather *g)
{
	if (!g->batch) {
		g->batch = kmalloc(1, 2);
		if (!g->batch) {
			slow();
			return;
		}
	}
	fast();
}
void not_null_on_a_whim(struct gather *g, int x)
{
	if (x) {
		g->batch = kmalloc(1, 2);
		if (g->batch == NULL) {
			slow();
			return;
		}
	}
	other();
}
void nested_on_a_whim(struct gather *g, int x)
{
	if (x) {
		g->batch = kmalloc(1, 2);
		if (!g->batch) {
			slow();
			return;
		}
	}
	other();
}
void falls_through(struct gather *g)
{
	if (!g->batch) {
		g->batch = kmalloc(1, 2);
		if (!g->batch)
			slow();
	}
	other();
}
static void *my_alloc(int x)
{
	void *p = kmalloc(x, 2);

	return p;
}
static pgtable_t my_page(void) { return alloc_pages(1, 0); }
void by_wrapper(void)
{
	pgtable_t page = my_page();

	if (!my_alloc(3))
		slow();
	if (!page)
		slow();
}
void no_allocation(void)
{
	void *p = find();

	if (!p)
		other();
	p = kmalloc(1, 2);
	free_it(p);
	p = find();
	if (!p)
		other();
}
void jumps(void)
{
	void *p = kmalloc(1, 2);

	if (!p)
		goto nomem;
	fast();
	return;
nomem:
	slow();
}
void *memdup_user(const void *from, int size);
void by_error_pointer(void)
{
	void *p = memdup_user(NULL, 1);

	if (IS_ERR(p)) {
		slow();
		return;
	}
	fast();
}
void several(int x)
{
	void *p = kmalloc(1, 2);

	if (x && !p)
		slow();
	if (!p || x)
		other();
}
void negations(struct gather *g, int x)
{
	if (!(x > 1 || !g))
		return;
	if (!cpu_bit(x))
		return;
	if (!g->batch->tables[x])
		return;
	if (!x == 3)
		return;
	other();
}
void in_one_configuration(void)
{
#ifdef CONFIG_PARAVIRT
	void *p = kmalloc(1, 2);
#else
	void *p = find();
#endif

	if (!p)
		slow();
}
#ifdef CONFIG_PARAVIRT
#define CHECK(x) (cpu_bit(x))
#else
#define CHECK(x) (x || key_on(&busy))
#endif
#define LIMIT 3
#define CHECKED(x) do { if (CHECK(x) && x > LIMIT) slow(); if (x) other(); } while (0)
void differs_in_a_macro(int x)
{
	CHECKED(x);
}
void asks(int x)
{
	if (unlikely(x))
		slow();
	else
		fast();
	if (boot_cpu_has(3))
		fast();
	if (!boot_cpu_has(4) && x)
		fast();
	if (static_branch_unlikely(&busy))
		slow();
	if (boot_cpu_has(3) || x)
		other();
	if (__builtin_expect(!!(x > 2), 0))
		other();
	if (!__builtin_expect(!!(x > 3), 1))
		other();
	if (x > 1)
		other();
}
"""

SLOW = "no-memory slow path"
FAST = "fast path"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("guards") / "linux"
    shutil.copytree(FIXTURES / "minikernel", tree)
    (tree / "mm" / "guarded.c").write_text(SOURCE)
    with (tree / "mm" / "Makefile").open("a") as makefile:
        makefile.write("obj-y += guarded.o\n")
    return tree


@pytest.fixture(scope="module")
def program(tree: Path) -> LinkedProgram:
    return linked(tree, "plain", "paravirt")


def linked(tree: Path, *names: str) -> LinkedProgram:
    configs = ConfigSet.of(
        read_dotconfig(FIXTURES / "configs" / f"{name}.config") for name in names
    )
    return LinkedProgram(Session(DirectoryTree(tree), "x86", configs, Diagnostics()))


def labels(program: LinkedProgram, name: str) -> list[tuple[str, list[tuple[str, str | None]]]]:
    """The calls of interest with their guards."""
    (ref,) = program.find(name, "mm/guarded.c")
    return [
        (edge.name, [(guard.text, guard.label) for guard in edge.guards])
        for edge in program.edges_of(ref)
        if edge.name in {"slow", "fast", "other"}
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("tested_at_once", [("slow", [("!p", SLOW)]), ("fast", [("p", FAST)])]),
        ("tested_both_ways", [("fast", [("p", FAST)]), ("slow", [("!p", SLOW)])]),
        (
            "tested_in_the_condition",
            [
                ("slow", [("unlikely((p = kmalloc(1, 2)) == NULL)", SLOW)]),
                ("fast", [("!(unlikely((p = kmalloc(1, 2)) == NULL))", FAST)]),
            ],
        ),
        ("as_an_integer", [("slow", [("addr == 0", SLOW)]), ("fast", [("!(addr == 0)", FAST)])]),
        (
            "nested",
            [
                ("other", []),
                ("slow", [("*batch == NULL", None), ("*batch == NULL", SLOW)]),
                ("fast", [("!(*batch == NULL)", FAST)]),
                ("fast", [("!(*batch == NULL)", FAST), ("(*batch)->nr == 4", None)]),
            ],
        ),
        (
            "nested_and_used_up",
            [
                ("slow", [("!g->batch", None), ("!g->batch", SLOW)]),
                ("fast", [("g->batch", FAST)]),
            ],
        ),
        (
            "nested_on_a_whim",
            [
                ("slow", [("x", None), ("!g->batch", SLOW)]),
                ("other", [("x && !(!g->batch) || !x", None)]),
            ],
        ),
        (
            "not_null_on_a_whim",
            [
                ("slow", [("x", None), ("g->batch == NULL", SLOW)]),
                ("other", [("x && !(g->batch == NULL) || !x", None)]),
            ],
        ),
        (
            "falls_through",
            [("slow", [("!g->batch", None), ("!g->batch", SLOW)]), ("other", [])],
        ),
        ("by_wrapper", [("slow", [("!my_alloc(3)", SLOW)]), ("slow", [("!page", SLOW)])]),
        ("no_allocation", [("other", [("!p", None)]), ("other", [("!p", None)])]),
        ("jumps", [("fast", [("p", FAST)]), ("slow", [("!p", SLOW)])]),
        (
            "by_error_pointer",
            [("slow", [("IS_ERR(p)", SLOW)]), ("fast", [("!(IS_ERR(p))", FAST)])],
        ),
        ("several", [("slow", [("x && !p", SLOW)]), ("other", [("!p || x", None)])]),
        (
            "negations",
            [
                (
                    "other",
                    [
                        ("x > 1 || !g", None),
                        ("cpu_bit(x)", None),
                        ("g->batch->tables[x]", None),
                        ("!(!x == 3)", None),
                    ],
                )
            ],
        ),
        (
            "asks",
            [
                ("slow", [("unlikely(x)", "unlikely")]),
                ("fast", [("!(unlikely(x))", "likely")]),
                ("fast", [("boot_cpu_has(3)", "CPU feature 3")]),
                ("fast", [("!boot_cpu_has(4) && x", "no CPU feature 4")]),
                ("slow", [("static_branch_unlikely(&busy)", "static key busy on")]),
                ("other", [("boot_cpu_has(3) || x", None)]),
                ("other", [("__builtin_expect(!!(x > 2), 0)", "unlikely")]),
                ("other", [("!__builtin_expect(!!(x > 3), 1)", "unlikely")]),
                ("other", [("x > 1", None)]),
            ],
        ),
    ],
)
def test_labels(
    program: LinkedProgram, name: str, expected: list[tuple[str, list[tuple[str, str | None]]]]
) -> None:
    assert labels(program, name) == expected


def test_a_label_is_told_by_configuration(program: LinkedProgram) -> None:
    (ref,) = program.find("in_one_configuration", "mm/guarded.c")
    found = [
        (edge.mask, edge.target.mask, [guard.label for guard in edge.guards])
        for edge in program.edges_of(ref)
        if edge.name == "slow" and edge.target is not None
    ]
    assert found == [(0b10, 0b10, [SLOW]), (0b01, 0b01, [None])]


def macro_guards(program: LinkedProgram, bit: int) -> list[tuple[str, list[str]]]:
    """What the macro in ``differs_in_a_macro`` calls in one configuration."""
    (ref,) = program.find("differs_in_a_macro", "mm/guarded.c")
    (use,) = [edge.target for edge in program.edges_of(ref) if edge.name == "CHECKED"]
    assert use is not None
    return [
        (edge.name, [guard.text for guard in edge.guards])
        for edge in program.edges_of(use)
        if edge.mask & bit and edge.name in {"slow", "other"}
    ]


def test_conditions_that_macros_write_are_told_as_each_configuration_has_them(
    program: LinkedProgram, tree: Path
) -> None:
    plain, paravirt = macro_guards(program, 1), macro_guards(program, 2)
    assert plain == macro_guards(linked(tree, "plain"), 1)
    assert paravirt == macro_guards(linked(tree, "paravirt"), 1)
    assert plain == [("slow", ["(x || key_on(&busy)) && x > 3"]), ("other", ["x"])]
    assert paravirt == [("slow", ["(cpu_bit(x)) && x > 3"]), ("other", ["x"])]
