"""Constant conditions, jumps and dead code on snippets (GCC agrees: tests/differential)."""

from __future__ import annotations

import pytest

from analyzer.csource.types import I386, X86_64
from csource_snippet import evaluate

DECLARED = """
typedef unsigned long ul; typedef unsigned char u8;
struct s { int a; u8 b; unsigned bits : 3; struct s *next; char name[8]; };
extern void a(void); extern void b(void); extern void c(void); extern int get(void);
extern void stop(void) __attribute__((noreturn));
enum { OFF, ON = 1, LAST = ON + 4 };
static const int none = 0;
"""


def called(body: str) -> set[str]:
    """The functions that a function with that body calls."""
    text = f"{DECLARED} void f(int n, unsigned u, u8 w, struct s *p) {{ {body} }}"
    return set(evaluate(text).called())


@pytest.mark.parametrize(
    ("condition", "value"),
    [
        ("LAST == 5", True),
        ("sizeof(struct s) == 24 && sizeof(p->name) == 8", True),
        ("__builtin_offsetof(struct s, next) == 8", True),
        ("(u8)300 == 44", True),
        ("-1 > 0u", True),
        ("-1 < 0", True),
        ("(1 ? -1 : 0u) > 0", True),
        ("0xffffffff + 1 == 0", True),
        ("4294967295 + 1 == 0", False),
        ("~0 == -1 && ~0ul > 0", True),
        ("1 << 31 < 0", True),
        ("-7 / 2 == -3 && -7 % 2 == -1", True),
        ("n && 0", False),
        ("n || 1", True),
        ("u >= 0", True),
        ("w > 255", False),
        ("(n & 3) > 3", False),
        ("(n & 0xf0) == 1", False),
        ("p->bits == 8", False),
        ("none", False),
        ("({ OFF; })", False),
        ("__builtin_expect(!!(ON), 1)", True),
        ("__builtin_constant_p(3 + ON)", True),
        ("__builtin_constant_p(p)", False),
        ("__builtin_constant_p(get())", False),
        ("__builtin_types_compatible_p(typeof(p->next), struct s *)", True),
        ("__builtin_types_compatible_p(typeof(p->name), typeof(&p->name[0]))", False),
        ("_Generic(p->a, int: 1, default: 0)", True),
        ("_Generic((const u8)w, unsigned char: 1, default: 0)", True),
        ("__builtin_choose_expr(sizeof(w) == 1, 1, n)", True),
        ("__builtin_ctzl(8) == 3 && __builtin_clz(1) == 31", True),
        ("__builtin_bswap32(1) == 0x1000000", True),
        ("(ul)&((struct s *)0)->next == 8", True),
        ("sizeof(*(8 ? (void *)((long)(3) * 0l) : (int *)8)) == 4", True),
        ("sizeof(*(8 ? (void *)((long)(n) * 0l) : (int *)8)) == 4", False),
        ("57 < (n ? 52 : 46) - 12", False),
        ("-(n ? 52 : 46) < (char)0", True),
        ("sizeof(({ typeof(p->next) q = p; q; })) == 8", True),
    ],
)
def test_constant_condition(condition: str, value: bool) -> None:
    assert called(f"if ({condition}) a(); else b();") == ({"a"} if value else {"b"})


@pytest.mark.parametrize(
    "condition",
    [
        "n",
        "w > 254",
        "(u >> 31) > 1",
        "__builtin_constant_p(n)",
        "({ int k = 0; k; })",
        "({ get(); 0; })",
        "__builtin_object_size(p, 0) == -1",
        "unknown_name == 3",
        "sizeof(struct nowhere) == 4",
        "sizeof(*(struct s (*)[n])p) == 4",
    ],
)
def test_undecided_condition_keeps_both_branches(condition: str) -> None:
    assert {"a", "b"} <= called(f"if ({condition}) a(); else b();")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return; a();", set()),
        ("stop(); a();", {"stop"}),
        ("if (n) stop(); else return; a();", {"stop"}),
        ("(void)({ stop(); 3; }); a();", {"stop"}),
        ("if (n) __builtin_unreachable(); a();", {"a"}),
        ("for (;;) a(); b();", {"a"}),
        ("for (;;) { if (n) break; a(); } b();", {"a", "b"}),
        ("do { a(); } while (0); b();", {"a", "b"}),
        ("do { continue; a(); } while (0); b();", {"b"}),
        ("while (0) a(); for (; 0; b()) c();", set()),
        ("if (0) { again: a(); } if (n) goto again;", {"a"}),
        ("if (0) { never: a(); } goto out; b(); out: c();", {"c"}),
        (
            "for (; 1; ({ goto end; })) if (0) { end: break; } else a(); b();"
            " for (; 1; ({ goto end; })) if (0) { end: break; } else b(); c();",
            {"a", "b", "c"},
        ),
        ("goto in; while (1) { a(); in: b(); }", {"a", "b"}),
        ("void *where = &&label; goto *where; a(); label: b();", {"b"}),
        ("switch (sizeof(n)) { case 1: a(); break; case 4: b(); break; default: c(); }", {"b"}),
        ("switch (3) { case 1 ... 4: a(); case 9: b(); break; default: c(); }", {"a", "b"}),
        ("switch (7) { default: a(); break; case 3: b(); }", {"a"}),
        ("switch (7) { case 3: a(); } b();", {"b"}),
        ("switch (n) { a(); case 1: return; default: b(); }", {"b"}),
        ("switch (n) { case 1: return; default: return; } a();", set()),
        ("switch (n) { case 1: if (0) { case 2: a(); } }", {"a"}),
    ],
)
def test_dead_code(body: str, expected: set[str]) -> None:
    assert called(body) == expected


def test_block_scope_prototype_brings_its_attributes() -> None:
    body = (
        "if (n) do { __attribute__((noreturn)) extern void failed(void); "
        "if (!(sizeof(n) == {size})) failed(); a(); }} while (0); b();"
    )
    assert called(body.replace("{size}", "4").replace("}}", "}")) == {"a", "b"}
    assert called(body.replace("{size}", "2").replace("}}", "}")) == {"failed", "b"}


def test_names_in_typeof_are_those_in_scope_at_the_declaration() -> None:
    body = "char x; typeof(x) y; { long x; if (sizeof(y) == 1) a(); else b(); (void)x; }"
    assert called(body) == {"a"}


def test_local_structure_and_enumerator() -> None:
    body = "struct s { char only; }; enum { HERE = 6 }; if (sizeof(struct s) + HERE == 7) a();"
    assert called(body) == {"a"}


def test_machine_decides_sizes() -> None:
    text = DECLARED + "void f(void) { if (sizeof(long) == 8) a(); else b(); }"
    assert set(evaluate(text, abi=X86_64).called()) == {"a"}
    assert set(evaluate(text, abi=I386).called()) == {"b"}


def test_what_could_not_be_resolved_is_counted() -> None:
    facts = evaluate(DECLARED + "void f(void) { if (sizeof(struct nowhere)) a(); }").facts["f"]
    assert facts.undecided == 1
    facts = evaluate(DECLARED + "void f(int n) { if (n) a(); }").facts["f"]
    assert facts.undecided == 0


@pytest.mark.parametrize("token", ["1\u00b2", "\u0663", "1\u0663"])
def test_digits_of_other_scripts_are_no_numbers(token: str) -> None:
    """Found by fuzzing: ``str.isdigit`` knows more digits than ``int`` and C."""
    assert called(f"if ({token}) a(); else b();") == {"a", "b"}
