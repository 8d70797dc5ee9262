"""Reading declarations, types, attributes and function definitions."""

from __future__ import annotations

import pytest
from csource_case import declarations, show, show_type, statements

from analyzer.csource.syntax import (
    Attribute,
    Block,
    Declaration,
    EnumBody,
    FunctionDefinition,
    Name,
    Number,
    Statement,
    StructBody,
    Tagged,
    Text,
)


def only(text: str) -> Declaration:
    """The one declaration of ``text``, the same at file and at block scope."""
    outside, inside = declarations(text), statements(text)
    assert outside.losses == inside.losses == ()
    assert outside.body == inside.body
    (declaration,) = outside.body
    assert isinstance(declaration, Declaration)
    return declaration


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("int x;", "x: int"),
        ("unsigned long long int x;", "x: int long long unsigned"),
        ("long const unsigned x;", "x: const long unsigned"),
        ("__signed__ char x;", "x: char signed"),
        ("unsigned __int128 x;", "x: __int128 unsigned"),
        ("T x, *y, z[3], f(int);",
         "x: T; y: pointer to T; z: array [3] of T; f: function (int) to T"),
        ("const T *const volatile x;", "x: const pointer to const T"),
        ("T volatile x;", "x: volatile T"),
        ("struct s *x[];", "x: array [] of pointer to struct s"),
        ("int (*f[2])(T, ...);", "f: array [2] of pointer to function (T, ...) to int"),
        ("T *(*g(int a))(void);",
         "g: function (a: int) to pointer to function () to pointer to T"),
        ("int f(u8 T, u32, size_t (size), int cb(u8));",
         "f: function (T: u8, u32, size: size_t, cb: function (u8) to int) to int"),
        ("T (f)(T x);", "f: function (x: T) to T"),
        ("u8 T;", "T: u8"),
        ("struct T T;", "T: struct T"),
        ("u8 *pte_t, u32[2];", "pte_t: pointer to u8; u32: array [2] of u8"),
        ("__auto_type x = y;", "x: auto = y"),
        ("typeof(x) y = x;", "y: typeof(x) = x"),
        ("typeof(T *) *y;", "y: pointer to typeof(pointer to T)"),
        ("__typeof__(x[0]) const y;", "y: const typeof(x[0])"),
        ("typeof(({ u8 a; a; })) y;", "y: typeof(({ 2 statements }))"),
        ("__builtin_va_list ap;", "ap: __builtin_va_list"),
        ("enum e x = A;", "x: enum e = A"),
        ("struct { int a; } x = { .a = 1 }, *y = &x;",
         "x: struct {} = {.a = 1}; y: pointer to struct {} = (&x)"),
        ("int x[(sizeof(T) * 2)];", "x: array [(sizeof(T) * 2)] of int"),
        ("int x __attribute__((unused)) = f(1);", "x: int = f(1)"),
        ("register unsigned long sp asm(\"rsp\");", "sp: long unsigned"),
    ],
)  # fmt: skip
def test_declared_names_and_types(text: str, expected: str) -> None:
    shown = [
        f"{d.name}: {show_type(d.type)}" + (f" = {show(d.value)}" if d.value is not None else "")
        for d in only(text).declarators
    ]
    assert "; ".join(shown) == expected


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("typedef struct s foo;", ["foo"]),
        ("typedef unsigned long foo, *bar;", ["foo", "bar"]),
        ("typedef int (*foo)(T);", ["foo"]),
        ("typedef void (foo)(T);", ["foo"]),
        ("typedef void foo(T);", ["foo"]),
        ("typedef struct { int a; } foo __attribute__((aligned(8)));", ["foo"]),
        ("typedef u8 T;", ["T"]),
        ("typedef int (T)(T *);", ["T"]),
        ("typedef typeof(x) foo[2];", ["foo"]),
    ],
)
def test_typedefs_also_again(text: str, names: list[str]) -> None:
    for known in ({"T", "u8"}, {"T", "u8", *names}):
        piece = declarations(text, known)
        assert piece.losses == ()
        (declaration,) = piece.body
        assert isinstance(declaration, Declaration)
        assert declaration.storage == ("typedef",)
        assert [d.name for d in declaration.declarators] == names


def test_a_typedef_inside_a_function_is_known_behind_it() -> None:
    piece = statements("typedef struct { int a; } *here; here x = (here)(y); here(*z);")
    assert piece.losses == ()
    _, first, second = piece.body
    assert isinstance(first, Declaration)
    assert isinstance(second, Declaration)
    assert show_type(first.declarators[0].type) == "here"
    assert show_type(second.declarators[0].type) == "pointer to here"


def test_a_variable_shadows_a_typedef_in_its_function_only() -> None:
    piece = declarations("int f(int *u8) { return (u8)[1] * u8 + 1; } u8 x;")
    assert piece.losses == ()
    assert len(piece.body) == 2


def test_storage() -> None:
    text = "static __inline__ int f(void) { } extern __thread int x; register T y;"
    piece = declarations(text)
    storages = [s.storage for s in piece.body if isinstance(s, FunctionDefinition | Declaration)]
    assert storages == [("inline", "static"), ("__thread", "extern"), ("register",)]


def body_of(text: str) -> StructBody:
    (declaration,) = declarations(text).body
    assert isinstance(declaration, Declaration)
    assert isinstance(declaration.specifier, Tagged)
    assert isinstance(declaration.specifier.body, StructBody)
    return declaration.specifier.body


def test_members() -> None:
    body = body_of(
        "struct s { int a : 3, : 2, b; unsigned : 0; T T; ; struct { u8 c; }; union u { int d; } e;"
        ' _Static_assert(sizeof(T) == 4, "size"); int (*f)(struct s *), *g[2]; char tail[]; };'
    )
    shown = [
        (m.name, show_type(m.type), None if m.bits is None else show(m.bits)) for m in body.members
    ]
    assert shown == [
        ("a", "int", "3"),
        (None, "int", "2"),
        ("b", "int", None),
        (None, "unsigned", "0"),
        ("T", "T", None),
        (None, "struct {}", None),
        ("e", "union u {}", None),
        ("f", "pointer to function (pointer to struct s) to int", None),
        ("g", "array [2] of pointer to int", None),
        ("tail", "array [] of char", None),
    ]


def test_enumerators() -> None:
    (declaration,) = declarations("enum e { A, B = 1 << 2, false = 0, };").body
    assert isinstance(declaration, Declaration)
    assert isinstance(declaration.specifier, Tagged)
    body = declaration.specifier.body
    assert isinstance(body, EnumBody)
    assert [(n, v and show(v)) for n, v in body.enumerators] == [
        ("A", None),
        ("B", "(1 << 2)"),
        ("false", "0"),
    ]


def names(attributes: tuple[Attribute, ...]) -> list[str]:
    return [attribute.name for attribute in attributes]


def test_attributes_are_where_they_belong() -> None:
    text = (
        "static __attribute__((section(\".a\" \".b\"))) int x __attribute__((aligned(8), unused)),"
        " __attribute__((weak)) *y __asm__(\"z\") __attribute__((alias(\"w\"))) = &v;"
    )  # fmt: skip
    declaration = only(text)
    assert declaration.attributes == (Attribute("section", (Text(".a.b", 5),)),)
    x, y = declaration.declarators
    assert x.attributes == (Attribute("aligned", (Number(8, ""),)), Attribute("unused", ()))
    assert y.attributes == (
        Attribute("weak", ()),
        Attribute("asm_name", (Text("z", 2),)),
        Attribute("alias", (Text("w", 2),)),
    )


def test_attributes_of_functions_leave_those_of_parameters_out() -> None:
    text = (
        "__attribute__((__cold__)) void f(int a __attribute__((unused)), int (*g)(T"
        " __attribute__((x)))) __attribute__((__noreturn__)) { } _Noreturn void h(void);"
    )
    function, declaration = declarations(text).body
    assert isinstance(function, FunctionDefinition)
    assert names(function.attributes) == ["cold", "noreturn"]
    assert isinstance(declaration, Declaration)
    assert names(declaration.attributes) == ["noreturn"]


def test_cleanup_names_its_function() -> None:
    declaration = only("struct s *p __attribute__((__cleanup__(put))) = get();")
    assert declaration.declarators[0].attributes == (Attribute("cleanup", (Name("put", 9),)),)


def test_an_attribute_can_hold_any_expression() -> None:
    declaration = only("int x __attribute__((aligned(1 << (sizeof(T) + 2))));")
    (attribute,) = declaration.declarators[0].attributes
    assert show(attribute.arguments[0]) == "(1 << (sizeof(T) + 2))"


def test_attributes_of_structs_members_and_enums() -> None:
    body = body_of(
        "struct __attribute__((packed)) s { int a __attribute__((aligned(4))), b;"
        " __attribute__((x)) struct { int c; } __attribute__((y)) d; } __attribute__((aligned(8)));"
    )
    assert names(body.attributes) == ["packed", "aligned"]
    assert [names(member.attributes) for member in body.members] == [["aligned"], [], ["x"]]
    inner = body.members[2].type
    assert isinstance(inner, Tagged)
    assert isinstance(inner.body, StructBody)
    assert names(inner.body.attributes) == ["y"]
    (declaration,) = declarations("enum e { A } __attribute__((mode(byte)));").body
    assert isinstance(declaration, Declaration)
    assert isinstance(declaration.specifier, Tagged)
    assert declaration.specifier.body is not None
    assert declaration.specifier.body.attributes == (Attribute("mode", (Name("byte", 10),)),)


def test_standard_attributes_and_alignas() -> None:
    declaration = only("[[gnu::unused]] _Alignas(16) int x[2];")
    assert names(declaration.attributes) == ["unused", "aligned"]


def test_attributes_in_an_initialiser_stay_there() -> None:
    text = "int x = ({ int y __attribute__((cleanup(f))) = 1; y; }), z;"
    (declaration,) = statements(text).body
    assert isinstance(declaration, Declaration)
    assert [d.attributes for d in declaration.declarators] == [(), ()]


def functions(body: tuple[Statement, ...]) -> list[str]:
    return [s.name for s in body if isinstance(s, FunctionDefinition)]


def test_functions_of_every_shape() -> None:
    text = (
        "int a(void) { return 1; } static struct s *b(T x, ...) { } T (c)(T x) { }"
        " int (*d(int x))(T) { } void __attribute__((x)) *e(void) __attribute__((y)) { ; }"
    )
    piece = declarations(text)
    assert piece.losses == ()
    assert functions(piece.body) == ["a", "b", "c", "d", "e"]
    last = piece.body[-1]
    assert isinstance(last, FunctionDefinition)
    assert last.body == ()
    assert show_type(last.type) == "function () to pointer to void"


def test_types_alone() -> None:
    piece = statements("struct s { int a; }; struct t; unsigned long; T;")
    assert piece.losses == ()
    shown = [show_type(s.specifier) for s in piece.body if isinstance(s, Declaration)]
    assert shown == ["struct s {}", "struct t", "long unsigned", "T"]
    assert not any(isinstance(s, Block) for s in piece.body)
