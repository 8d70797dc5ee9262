"""What kinds of call sites there are, what they go through, and under which guards."""

from __future__ import annotations

import pytest

from analyzer.csource.sites import CallSite, Passed, SiteKind
from csource_snippet import evaluate

DECLARED = """
struct ops { int (*run)(int); struct { void (*stop)(void); } inner; void (*table[4])(void); };
extern struct ops the_ops; extern struct ops *current_ops;
int callee(int); int other(int); void take(int (*)(int), void *); void plain(void);
typedef void handler(void); extern handler typed;
void put(int *);
"""


def sites(body: str, parameters: str = "struct ops *o, int n, int (*cb)(int)") -> list[CallSite]:
    """The sites of a function with that body."""
    snippet = evaluate(f"{DECLARED} void f({parameters}) {{ {body} }}")
    return list(snippet.sites())


@pytest.mark.parametrize(
    "call",
    [
        "callee(1);",
        "(callee)(1);",
        "(*callee)(1);",
        "(&callee)(1);",
        "((void (*)(int))callee)(1);",
        "({ callee; })(1);",
        "__builtin_choose_expr(1, callee, other)(1);",
        "_Generic(n, int: callee, default: other)(1);",
        "extern int callee(int); callee(1);",
        "int (*const fixed)(int) = callee; fixed(1);",
    ],
)
def test_direct_call_in_every_shape(call: str) -> None:
    called = [site.name for site in sites(call) if site.kind is SiteKind.CALL]
    assert called == ["callee"]


@pytest.mark.parametrize(
    ("call", "path", "root", "tag", "member"),
    [
        ("o->run(1);", "o->run", None, "ops", "run"),
        ("the_ops.run(1);", "the_ops.run", "the_ops", "ops", "run"),
        ("(*current_ops->run)(1);", "current_ops->run", "current_ops", "ops", "run"),
        ("o->inner.stop();", "o->inner.stop", None, None, "stop"),
        ("o->table[n]();", "o->table[]", None, "ops", "table"),
        ("cb(1);", "cb", None, None, None),
        ("int callee = 0; ((int (*)(int))callee)(1);", "callee", None, None, None),
    ],
)
def test_indirect_call_names_what_it_goes_through(
    call: str, path: str, root: str | None, tag: str | None, member: str | None
) -> None:
    (site,) = sites(call)
    assert site.kind is SiteKind.INDIRECT
    assert site.name == ""
    assert site.target is not None
    target = site.target
    assert (target.path, target.root, target.tag, target.member) == (path, root, tag, member)


def test_functions_handed_over_are_addresses_and_passed() -> None:
    found = sites("take(callee, 0); take(n ? &other : (int (*)(int))callee, (void *)plain);")
    calls = [site for site in found if site.kind is SiteKind.CALL]
    assert [call.passes for call in calls] == [
        (Passed(0, "callee"),),
        (Passed(0, "other"), Passed(0, "callee"), Passed(1, "plain")),
    ]
    assert [call.arguments for call in calls] == [2, 2]
    addresses = [site.name for site in found if site.kind is SiteKind.ADDRESS]
    assert addresses == ["callee", "other", "callee", "plain"]


def test_function_declared_through_a_typedef_is_called_by_name() -> None:
    (site,) = sites("typed();")
    assert (site.kind, site.name) == (SiteKind.CALL, "typed")


def test_parameter_hides_a_function() -> None:
    (site,) = sites("callee(1);", "int (*callee)(int)")
    assert site.kind is SiteKind.INDIRECT


def test_asm_calls_symbols_operands_and_slots() -> None:
    found = sites(
        'asm volatile("call %P0; jmp named" : : "i" (callee));'
        'asm volatile("call *%[slot];" : : [slot] "m" (the_ops.run), "i" (plain));'
    )
    assert [(site.kind, site.name) for site in found] == [
        (SiteKind.ASM, "named"),
        (SiteKind.ASM, "callee"),
        (SiteKind.ASM, ""),
        (SiteKind.ADDRESS, "plain"),
    ]
    target = found[2].target
    assert target is not None
    assert (target.path, target.root, target.member) == ("the_ops.run", "the_ops", "run")


def test_asm_goto_reaches_its_label() -> None:
    found = sites('asm goto("jmp %l0" : : : : out); return; out: plain();')
    assert [site.name for site in found] == ["plain"]


def test_cleanup_runs_where_its_scope_can_be_left() -> None:
    found = sites(
        "{ int a __attribute__((cleanup(put))); if (n) return; }"
        "{ int b __attribute__((cleanup(put))); for (;;) plain(); }"
    )
    assert [site.kind for site in found] == [SiteKind.CLEANUP, SiteKind.CALL]


def test_unevaluated_operands_hold_no_calls() -> None:
    assert (
        sites(
            "typeof(callee(1)) x; int s = sizeof(callee(2)); x = _Generic(callee(3), default: 1);"
        )
        == []
    )


def guards(body: str) -> list[str]:
    """The guards of the only call of ``plain``, negated ones with a leading ``!``."""
    (site,) = [site for site in sites(body) if site.name == "plain"]
    return [("!" if guard.negated else "") + guard.text for guard in site.guards]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("if (n > 1) plain();", ["n > 1"]),
        ("if (n > 1) callee(1); else plain();", ["!n > 1"]),
        ("if (!o) return; plain();", ["!!o"]),
        ("if (!o) { n++; } plain();", []),
        ("while (*o->table) plain();", ["*o->table"]),
        ("n && cb ? plain() : (void)0;", ["n && cb"]),
        ("if (n && (plain(), 1)) n++;", ["n"]),
        ("if (n == 1 || (plain(), 1)) n++;", ["!n == 1"]),
        ("switch (n) { case 1: case 2: plain(); }", ["n == 1 || n == 2"]),
        ("switch (n) { case 1: break; default: plain(); }", ["n: default"]),
        ("if (n) goto out; if (cb) return; out: plain();", []),
        ("if (n) goto out; return; out: plain();", ["n"]),
    ],
)
def test_guards(body: str, expected: list[str]) -> None:
    assert guards(body) == expected


def test_function_declared_by_typeof_is_called_by_name() -> None:
    (site,) = sites("extern typeof(callee) alias_of; alias_of(1);")
    assert (site.kind, site.name) == (SiteKind.CALL, "alias_of")
    snippet = evaluate(f"{DECLARED} extern typeof(callee) made; void f(void) {{ (&made)(1); }}")
    assert [(site.kind, site.name) for site in snippet.sites()] == [(SiteKind.CALL, "made")]


def test_the_value_of_a_statement_expression_is_called_through_a_temporary() -> None:
    found = sites("({ static void *kept; (&callee); })(1); other();")
    assert [site.name for site in found if site.kind is SiteKind.CALL] == ["other"]
    (through,) = [site for site in found if site.kind is SiteKind.INDIRECT]
    assert through.target is not None
    assert through.target.path == "callee"
