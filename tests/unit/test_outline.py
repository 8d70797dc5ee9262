"""External declarations found in a file's text before expansion."""

from __future__ import annotations

import pytest

from analyzer.preprocessor.outline import Outline, make_outline
from analyzer.preprocessor.skeleton import make_skeleton


def outline(text: str) -> Outline:
    return make_outline(make_skeleton(text.encode(), "a.c"))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("void f(void) { g(); }", "f"),
        ("static inline int f(int (*cb)(void))\n{\n}", "f"),
        ("struct s *f(struct s { int x; } *p) { }", "f"),
        ("static int\nf\n(\nint x\n)\n{\n}", "f"),
        ("void __init f(void) { }", "f"),
        ("void f(void) __attribute__((cold));", "f"),
        ("__attribute__((noinline)) void f(void) { }", "f"),
        ('int __attribute__((section("x"))) f(void) { }', "f"),
        ("int (*f(int x))(void) { }", "f"),
        ("int (f)(void) { }", "f"),
        ('const char *const f[] = { "}", "{" };', "f"),
        ("int a = 1, *f, b[3];", "f"),
        ("int (*f)(int, int);", "f"),
        ("static struct { int x; } f = { .x = 1 };", "f"),
        ("enum e { A, B } f;", "f"),
        ("typedef int f;", "f"),
        ("typedef struct t { int x; } f;", "f"),
        ("typedef void (*f)(int);", "f"),
        ("typedef void f(int);", "f"),
        ("int f __aligned(8);", "f"),
        ("extern int f __attribute__((weak));", "f"),
        ("int x[] = { '{', '\"', '}' }; int f;", "f"),
        ("EXPORT(x)\nint f;", "f"),
        ('EXPORT(x);\nMODULE("a")\nvoid f(void) { }', "f"),
        ('asm("nop {");\nvoid f(void) { }', "f"),
        (';;\n_Static_assert(1, "x");\nint f;', "f"),
        ("#ifdef A\nvoid f(int x)\n#else\nvoid f(long x)\n#endif\n{ }", "f"),
        ("void f(\n#ifdef A\nint x\n#else\nlong x\n#endif\n) { }", "f"),
        ("#ifdef A\nstatic\n#endif\nvoid f(void) { }", "f"),
        ("void g(void) {\n#ifdef A\nif (x) {\n#else\n{\n#endif\n}\n}\nint f;", "f"),
        ("#ifdef __ASSEMBLY__\n.macro f {\n#else\nint f;\n#endif\n", "f"),
    ],
)
def test_a_declared_name_is_found(text: str, name: str) -> None:
    assert name in outline(text).names


def test_functions_split_by_conditionals_are_one_declaration() -> None:
    found = outline("#ifdef A\nvoid f(int x)\n#else\nvoid f(long x)\n#endif\n{ }\nint g;\n")
    (number,) = found.names["f"]
    assert found.declarations[number].line == 2
    assert found.declarations[number].first < found.declarations[number].last
    assert len(found.declarations) == 2


def test_declarations_have_their_lines_and_ends() -> None:
    text = "int a;\n\nvoid f(void)\n{\n}\nint b;\n"
    found = outline(text)
    assert [one.line for one in found.declarations] == [1, 3, 6]
    f = found.declarations[1]
    assert text[f.start : f.end] == "void f(void)\n{\n}"


def test_tags_and_enumerators() -> None:
    found = outline(
        "struct s { int x; struct t { int y; } t; };\nunion u;\n"
        "enum e { A = 1,\n#ifdef X\nB,\n#endif\nC };\nenum { D };\ntypedef enum { E } e_t;\n"
    )
    assert "s" in found.tags
    assert "u" not in found.tags
    assert set(found.enumerators) >= {"A", "B", "C", "D", "E"}
    assert found.typedefs == {"e_t"}


def test_names_inside_bodies_and_parameters_are_not_declared() -> None:
    found = outline("void f(int a, struct p *b) { int c; goto d; d: e(); }\nint x = 1;\n")
    assert not {"a", "b", "c", "d", "e"} & set(found.names)


def test_macro_uses_at_file_scope() -> None:
    found = outline(
        "FLAG(Locked, locked)\nFLAG(Dirty, dirty) OTHER(x)\nDEFINE2(f, int, a) { g(a); }\n"
    )
    assert [one.uses for one in found.declarations] == [
        ("FLAG",),
        ("FLAG", "OTHER"),
        ("DEFINE2",),
    ]


def test_a_name_alone_before_a_definition_is_a_macro_use() -> None:
    found = outline("#define E(a) F(a);\nALL\n#undef E\n#define E(a) a\nEVENT(x,\n y)\n")
    assert [one.uses for one in found.declarations] == [("ALL",), ("EVENT",)]
    found = outline("ONE\n\nTWO\n/* a\n * b */\n#undef E\nEVENT(x)\n")
    assert [one.uses for one in found.declarations] == [("ONE", "TWO"), ("EVENT",)]
    joined = outline("u32 f\n#define X 1\n(void);\n")
    assert [one.names for one in joined.declarations] == [("f",)]
    split = outline("static\n#define X 1\nint f(void);\n")
    assert [one.names for one in split.declarations] == [("f",)]
