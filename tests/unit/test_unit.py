"""Names of a unit: functions and types that are spelled out, and those that macros make."""

from __future__ import annotations

import pytest
from unit_case import edges_of, graph_of

FLAGS = """
#define TEST_FLAG(name, bit) static inline int Page##name(int *p) { return test(bit, p); }
#define SET_FLAG(name, bit) static inline void SetPage##name(int *p) { set(bit, p); }
#define FLAG(name, bit) TEST_FLAG(name, bit) SET_FLAG(name, bit)
FLAG(Table, 3)
"""
SYSCALL = """
#define DEFINE_CALL(name, type, arg) \\
	static long do_##name(type arg); \\
	long sys_##name(long arg) { return do_##name((type)arg); } \\
	static long do_##name(type arg)
DEFINE_CALL(open, int, x) { return opened(x); }
"""


@pytest.mark.parametrize(
    ("source", "edges"),
    [
        (FLAGS + "void f(int *p) { if (PageTable(p)) SetPageTable(p); }", {
            ("f", "PageTable"), ("f", "SetPageTable"), ("PageTable", "test"),
            ("SetPageTable", "set"),
        }),
        (SYSCALL, {("sys_open", "do_open"), ("do_open", "opened")}),
        ("#define MAKE(n) void n(void)\nMAKE(f) { g(); }", {("f", "g")}),
        ("#define FN f\nvoid FN(void) { g(); }", {("f", "g")}),
        ("#define HEAD static void\nHEAD f(void) { g(); }\nvoid u(void) { f(); }", {
            ("f", "g"), ("u", "f"),
        }),
        ("#define INIT __attribute__((section(\"x\")))\nvoid INIT f(void) { g(); }", {("f", "g")}),
        ("#define TYPE(n) typedef int n##_t\nTYPE(my);\nvoid f(int x) { g((my_t)(x)); }", {
            ("f", "g"),
        }),
        ("#define LIST(X) X(a) X(b)\n#define ONE(n) void n(void) { to_##n(); }\nLIST(ONE)", {
            ("a", "to_a"), ("b", "to_b"),
        }),
        ("typedef int t;\nvoid f(int x) { (t)(x); h((t)(x)); }", {("f", "h")}),
        ("void f(void)\n{\n\tvoid (*p)(void) = g;\n\th();\n}", {("f", "h")}),
    ],
)  # fmt: skip
def test_edges(source: str, edges: set[tuple[str, str]]) -> None:
    assert set(edges_of(source)) == edges


def test_headers_cut_by_conditionals() -> None:
    source = """
#ifdef CONFIG_A
static void f(int x)
#else
void f(long x)
#endif
{
#ifdef CONFIG_B
	b();
#endif
	c();
}
void user(void) { f(1); }
"""
    configs = [{}, {"A": "y"}, {"B": "y"}, {"A": "y", "B": "y"}]
    assert edges_of(source, configs) == {
        ("f", "b"): 0b1100,
        ("f", "c"): 0b1111,
        ("user", "f"): 0b1111,
    }
    functions = {(one.name, one.static): one.mask for one in graph_of(source, configs).functions}
    assert functions == {("f", True): 0b1010, ("f", False): 0b0101, ("user", False): 0b1111}


def test_a_function_made_only_somewhere() -> None:
    source = """
#ifdef CONFIG_A
#define MAKE(n) void n(void) { made(); }
#else
#define MAKE(n)
#endif
MAKE(f)
"""
    assert edges_of(source, [{}, {"A": "y"}]) == {("f", "made"): 0b10}


def test_enumerators_under_conditionals_decide() -> None:
    source = """
enum {
	FIRST,
#ifdef CONFIG_A
	EXTRA,
#endif
	LAST,
};
void f(void) { if (LAST > 1) g(); }
"""
    assert edges_of(source, [{}, {"A": "y"}]) == {("f", "g"): 0b10}


def test_header_functions_are_taken_up_when_reached() -> None:
    header = "static inline void used(void) { deep(); }\nstatic inline void idle(void) { x(); }\n"
    graph = graph_of('#include "h.h"\nvoid f(void) { used(); }\n', files={"h.h": header})
    assert {(one.name, one.location.file, one.inline) for one in graph.functions} == {
        ("f", "a.c", False),
        ("used", "h.h", True),
    }


def test_a_name_means_what_it_meant_at_its_place() -> None:
    source = """
#define which() early()
static inline void f(void) { which(); }
#undef which
#define which() late()
void g(void) { f(); which(); }
"""
    assert edges_of(source) == {("f", "early"): 1, ("g", "f"): 1, ("g", "late"): 1}


def test_every_call_through_a_pointer_counts_also_on_one_line() -> None:
    source = """
struct ops { int (*a)(void), (*b)(void); };
#ifdef CONFIG_WIDE
#define BOTH(o) ((o)->a() + (o)->b())
#else
#define BOTH(o) (o)->a()
#endif
int f(struct ops *o) { return BOTH(o) + o->a(); }
"""
    graph = graph_of(source, ({}, {"WIDE": "y"}))
    found = [(call.caller, call.mask) for call in graph.indirect_calls]
    assert sorted(found) == [("f", 0b10), ("f", 0b11), ("f", 0b11)]
    assert len({call.line for call in graph.indirect_calls}) == 1


def test_a_function_declared_by_the_type_of_an_expression() -> None:
    """As ``DECLARE_STATIC_CALL(name, *table->member)`` does."""
    source = (
        "#ifdef CONFIG_A\nstruct table { void (*run)(void); };\n"
        "#else\nstruct table { void (**run)(void); };\n#endif\n"
        "extern struct table *table;\nextern typeof(*table->run) call;\n"
        "extern typeof(*itself) itself;\n"
        "void plain(void) { call(); }\nvoid address(void) { (&call)(); }\n"
        "void other(void) { itself(); }\n"
    )
    graph = graph_of(source, ({"A": "y"}, {}))
    assert {(edge.caller, edge.callee, edge.mask) for edge in graph.edges} == {
        ("plain", "call", 0b01),
        ("address", "call", 0b01),
    }
    assert {(call.caller, call.mask) for call in graph.indirect_calls} == {
        ("plain", 0b10),
        ("address", 0b10),
        ("other", 0b11),
    }
