"""Reading expressions: what binds to what, what is a type, and GNU's own forms."""

from __future__ import annotations

import pytest
from csource_case import read, show, statements
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.csource.parse import CParser
from analyzer.csource.syntax import (
    Binary,
    Call,
    Conditional,
    Expression,
    MemberOf,
    Name,
    Number,
    Text,
)
from c_tokens import tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # a cast, or a call and a binary operator: typedef names decide (C17 6.5.4)
        ("(gfp_t)(x)", "((gfp_t)x)"),
        ("(gfp_t)*x", "((gfp_t)(*x))"),
        ("(gfp_t)-x", "((gfp_t)(-x))"),
        ("(gfp_t)&x", "((gfp_t)(&x))"),
        ("(a)(x)", "a(x)"),
        ("(a)*x", "(a * x)"),
        ("(a)-x", "(a - x)"),
        ("(a)&x", "(a & x)"),
        ("(f(x))&y", "(f(x) & y)"),
        ("(a[1])*y", "(a[1] * y)"),
        ("(a.b)&y", "(a.b & y)"),
        ("a*b", "(a * b)"),
        ("f(a)*b", "(f(a) * b)"),
        ("(T)(x)(y)", "((T)x(y))"),
        ("(T)x->y", "((T)x->y)"),
        ("(T)x[1]", "((T)x[1])"),
        ("(T)x++", "((T)(x++))"),
        ("(T)~(u32)x", "((T)(~((u32)x)))"),
        ("(struct s *)x + 1", "(((pointer to struct s)x) + 1)"),
        ("(unsigned long)x >> 1", "(((long unsigned)x) >> 1)"),
        ("(T (*)(int, u8 *))p", "((pointer to function (int, pointer to u8) to T)p)"),
        ("(void)(a, b)", "((void)(a , b))"),
        ("sizeof(T)", "sizeof(T)"),
        ("sizeof(a)", "sizeof(a)"),
        ("sizeof(T) - 1", "(sizeof(T) - 1)"),
        ("sizeof(T) * n", "(sizeof(T) * n)"),
        ("sizeof(T) & x", "(sizeof(T) & x)"),
        ("sizeof(a)[1]", "sizeof(a[1])"),
        ("sizeof(a) / sizeof((a)[0])", "(sizeof(a) / sizeof(a[0]))"),
        ("sizeof(struct s *[2])", "sizeof(array [2] of pointer to struct s)"),
        ("sizeof *p", "sizeof((*p))"),
        ("sizeof x->y", "sizeof(x->y)"),
        ("_Alignof(T) + __alignof__(x)", "(_Alignof(T) + _Alignof(x))"),
        ("(T){ 1 }.x", "(T){1}.x"),
        # members may have a typedef's name
        ("x.u8 + p->pte_t", "(x.u8 + p->pte_t)"),
        ("(T){ .u8 = 1, .b.T = 2 }", "(T){.u8 = 1, .b.T = 2}"),
        ("__builtin_offsetof(struct s, u8[2].T)", "offsetof(struct s.u8[2].T)"),
        # associativity and the less usual operators
        ("a = b = c", "(a = (b = c))"),
        ("a ? b : c ? d : e", "(a ? b : (c ? d : e))"),
        ("a ?: b", "(a ?: b)"),
        ("a - b - c", "((a - b) - c)"),
        ("a, b = c, d", "((a , (b = c)) , d)"),
        ("*p++", "(*(p++))"),
        ("&x->y[1].z", "(&x->y[1].z)"),
        ("!f(x) && -a * b", "((!f(x)) && ((-a) * b))"),
        ("(*f)(x)", "(*f)(x)"),
        ("ops->f[i](x)", "ops->f[i](x)"),
        ("(x)->f(y)", "x->f(y)"),
        ("(c ? f : g)(x)", "(c ? f : g)(x)"),
        ("&&label", "&&label"),
        ("a && &&label", "(a && &&label)"),
        ("__real__ x", "(__real__x)"),
        # GNU and C11 forms whose operands are types
        ("__builtin_types_compatible_p(T, typeof(x) *)",
         "__builtin_types_compatible_p(T, pointer to typeof(x))"),
        ("__builtin_va_arg(ap, unsigned int *)", "va_arg(ap, pointer to int unsigned)"),
        ("_Generic((x), T: 1, int *: a ? b : c, default: g)(y)",
         "_Generic(x, T: 1, pointer to int: (a ? b : c), default: g)(y)"),
        ("_Generic(x, default: 0)", "_Generic(x, default: 0)"),
        ("({ T x = 1; x; })", "({ 2 statements })"),
        ("(typeof(*p) *)q", "((pointer to typeof((*p)))q)"),
        ("(typeof(a, b))q", "((typeof((a , b)))q)"),
        ("(const T __seg_gs *)q", "((pointer to const T)q)"),
        ("__extension__ ((u8)1)", "((u8)1)"),
    ],
)  # fmt: skip
def test_how_it_is_read(text: str, expected: str) -> None:
    assert read(text) == expected


def test_designators_of_every_kind() -> None:
    text = "(T){ 1, .a = 2, [3] = 4, [5 ... 6].b[7] = { }, c: 8, }"
    assert read(text) == "(T){1, .a = 2, [3] = 4, [(5 ... 6)].b[7] = {}, .c = 8}"


@pytest.mark.parametrize(
    ("token", "value", "suffix"),
    [
        ("0", 0, ""),
        ("42", 42, ""),
        ("017", 15, ""),
        ("0x1Ful", 31, "ul"),
        ("0b101", 5, ""),
        ("18446744073709551615ULL", 2**64 - 1, "ull"),
        ("1Lu", 1, "lu"),
        ("'a'", 97, ""),
        (r"'\n'", 10, ""),
        (r"'\x41'", 65, ""),
        (r"'\101'", 65, ""),
        (r"'\0'", 0, ""),
        (r"'\\'", 92, ""),
        (r"'\''", 39, ""),
        ("'ab'", 0x6162, ""),
        (r"'\xff'", -1, ""),
        ("L'x'", 120, ""),
    ],
)
def test_constants(token: str, value: int, suffix: str) -> None:
    (statement,) = statements(token).body
    assert isinstance(statement, Expression)
    assert isinstance(statement.expr, Number)
    assert (statement.expr.value, statement.expr.suffix) == (value, suffix)


@pytest.mark.parametrize(
    ("token", "constant"),
    [("10", Number(10, "", True)), ("0x10", Number(16, "", False)), ("010", Number(8, "", False))],
)
def test_whether_a_constant_is_decimal_is_kept(token: str, constant: Number) -> None:
    assert statements(token).body == (Expression(constant),)


@pytest.mark.parametrize(
    ("text", "content", "size"),
    [
        ('"abc"', "abc", 4),
        ('"a" "b\\n"', "ab\n", 4),
        ('""', "", 1),
        ('"\\x41\\0"', "A\0", 3),
        ('"\\\\x"', "\\x", 3),
        ('"é"', "é", 3),
        ('"\\xe9"', "é", 2),
        ('L"ab"', "ab", 12),
    ],
)
def test_strings(text: str, content: str, size: int) -> None:
    assert statements(text).body == (Expression(Text(content, size)),)


def test_positions_are_token_indices() -> None:
    piece = statements('f("é" "b", x->g(a + 1)) ? 1 : b')
    (statement,) = piece.body
    assert isinstance(statement, Expression)
    conditional = statement.expr
    assert isinstance(conditional, Conditional)
    assert conditional.span == (0, 14)
    call = conditional.condition
    assert isinstance(call, Call)
    assert (call.at, call.span) == (0, (0, 14))
    inner = call.arguments[1]
    assert isinstance(inner, Call)
    assert (inner.at, inner.span) == (7, (5, 13))
    assert isinstance(inner.function, MemberOf)
    assert inner.function.at == 7
    assert isinstance(inner.arguments[0], Binary)
    assert inner.arguments[0].span == (9, 12)
    assert conditional.otherwise == Name("b", 17)


def test_holes_stand_for_expressions() -> None:
    texts = tokens("__hole0 ; f ( __hole1 , x ) -> y = __hole2 ( 1 ) + 2 ;")
    holes = {i: int(t[-1]) for i, t in enumerate(texts) if t.startswith("__hole")}
    piece = CParser().parse_statements(texts, holes, ())
    assert piece.losses == ()
    shown = [show(s.expr) for s in piece.body if isinstance(s, Expression)]
    assert shown == ["<0>", "(f(<1>, x)->y = (<2>(1) + 2))"]


def test_a_long_chain_does_not_exhaust_the_stack() -> None:
    piece = statements(" | ".join(["a"] * 5000))
    assert piece.losses == ()
    (statement,) = piece.body
    assert isinstance(statement, Expression)
    depth, expr = 0, statement.expr
    while isinstance(expr, Binary):
        assert expr.span == (0, 9999 - 2 * depth)
        depth, expr = depth + 1, expr.left
    assert depth == 4999


LEVELS = (
    ("||",), ("&&",), ("|",), ("^",), ("&",), ("==", "!="), ("<", ">", "<=", ">="),
    ("<<", ">>"), ("+", "-"), ("*", "/", "%"),
)  # fmt: skip
"""C17 6.5.5 to 6.5.14, loosest first."""

leaves = st.sampled_from(["a", "b", "7", "f(x)", "(T)y", "*p", "s.m", "q[i]", "-c", "sizeof(T)"])


@st.composite
def binaries(draw: st.DrawFn, depth: int = 4) -> tuple[str, int]:
    """C text with as few brackets as C allows, and its level (10 for an operand)."""
    if depth == 0 or draw(st.booleans()):
        return draw(leaves), 10
    level = draw(st.integers(0, 9))
    operator = draw(st.sampled_from(LEVELS[level]))
    left, left_level = draw(binaries(depth - 1))
    right, right_level = draw(binaries(depth - 1))
    left = left if left_level >= level else f"({left})"
    right = right if right_level > level else f"({right})"
    return f"{left} {operator} {right}", level


@given(binaries())
@settings(max_examples=200, deadline=None)
def test_fewest_brackets_and_all_brackets_read_alike(case: tuple[str, int]) -> None:
    text, _ = case
    once = read(text)
    plain = once.replace("pointer to ", "")
    assert read(plain) == once
    expected = [t for t in tokens(text) if t not in "()"]
    assert [t for t in tokens(once) if t not in "()"] == expected
