"""Reading statements, asm among them, and what happens to text that is not C."""

from __future__ import annotations

import random

import pytest
from csource_case import declarations, show, statements

from analyzer.csource.parse import CParser
from analyzer.csource.syntax import (
    Asm,
    Block,
    Break,
    Case,
    Continue,
    Declaration,
    DoWhile,
    Expression,
    For,
    FunctionDefinition,
    Goto,
    If,
    Label,
    Lost,
    Return,
    Statement,
    StaticAssert,
    Switch,
    While,
)
from c_tokens import tokens


def outline(statement: Statement | None) -> str:
    """A statement's structure as text."""
    match statement:
        case None:
            return "-"
        case Expression(expr):
            return show(expr)
        case If(condition, then, otherwise):
            return f"if {show(condition)} {outline(then)} {outline(otherwise)}"
        case While(condition, body):
            return f"while {show(condition)} {outline(body)}"
        case DoWhile(body, condition):
            return f"do {outline(body)} while {show(condition)}"
        case For(init, condition, step, body):
            shown = "-" if condition is None else show(condition)
            stepped = "-" if step is None else show(step)
            return f"for {outline(init)}; {shown}; {stepped} {outline(body)}"
        case Switch(value, body):
            return f"switch {show(value)} {outline(body)}"
        case Case(low, high, body):
            name = "default" if low is None else f"case {show(low)}"
            name += "" if high is None else f"...{show(high)}"
            return f"{name}: " + " ".join(map(outline, body))
        case Label(name):
            return f"{name}:"
        case Goto(label, target):
            return f"goto {label}" if target is None else f"goto *{show(target)}"
        case Return(value):
            return "return" if value is None else f"return {show(value)}"
        case Break():
            return "break"
        case Continue():
            return "continue"
        case Block(body):
            return "{" + " ".join(map(outline, body)) + "}"
        case Declaration(declarators=declarators):
            return "declare " + ",".join(d.name for d in declarators)
        case StaticAssert(condition):
            return f"assert {show(condition)}"
        case Asm(template):
            return f"asm {template}"
        case FunctionDefinition(name):
            return f"define {name}"
        case Lost(parts):
            return f"lost {[outline(part) for part in parts]}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        (";;", ""),
        ("f(x)", "f(x)"),
        ("a; b;", "a | b"),
        ("do { f(); } while (0)", "do {f()} while 0"),
        ("if (a) b; else if (c) d; else ;", "if a b if c d {}"),
        ("if ((a)) { }", "if a {} -"),
        ("while (x--) ;", "while (x--) {}"),
        ("for (;;) break;", "for -; -; - break"),
        ("for (i = 0, j = 1; i < n; i++, j--) continue;",
         "for ((i = 0) , (j = 1)); (i < n); ((i++) , (j--)) continue"),
        ("for (T i = 0; i; ) f(i);", "for declare i; i; - f(i)"),
        ("switch (x) { case A: case 1 ... B + 2: f(); break; default: { g(); } }",
         "switch x {case A:  case 1...(B + 2): f() break default: {g()}}"),
        ("switch (x) { case (u8)1: T y; default: }",
         "switch x {case ((u8)1): declare y default: }"),
        ("out: return a * b;", "out: | return (a * b)"),
        ("{ a(); out: }", "{a() out:}"),
        ("if (x) out: f();", "if x {out: f()} -"),
        ("goto out; goto *p[1]; return;", "goto out | goto *p[1] | return"),
        ("__label__ a, b; a: f();", "a: | f()"),
        ("T x; T *y = &x; x * y; T(z);", "declare x | declare y | (x * y) | declare z"),
        ('_Static_assert(sizeof(T) == 4, "m"); static_assert(1);',
         "assert (sizeof(T) == 4) | assert 1"),
        ("__attribute__((__fallthrough__)); [[fallthrough]]; f();", "f()"),
        ("extern int f(int) __attribute__((error(\"no\"))); if (!(x)) f(1);",
         "declare f | if (!x) f(1) -"),
        ("(*p) = 1; (p)->x = 2; (p) = 3; *(p) = 4; f(x)->y++;",
         "((*p) = 1) | (p->x = 2) | (p = 3) | ((*p) = 4) | (f(x)->y++)"),
    ],
)  # fmt: skip
def test_outline(text: str, expected: str) -> None:
    piece = statements(text)
    assert piece.losses == ()
    assert " | ".join(map(outline, piece.body)) == expected


def test_conditions_have_spans_without_parentheses() -> None:
    (statement,) = statements("if (a && f(b)) x();").body
    assert isinstance(statement, If)
    assert statement.span == (2, 8)


def only_asm(text: str) -> Asm:
    piece = statements(text)
    assert piece.losses == ()
    (statement,) = piece.body
    assert isinstance(statement, Asm)
    return statement


def test_asm_with_operands() -> None:
    found = only_asm(
        'asm volatile("lock; " "call %P[f]\\n" : "=r" (x->y), [z] "+m" "r" (*(u8 *)p)'
        ' : [f] "i" (func), "r" (g(1, 2)) : "memory", "cc");'
    )
    assert found.template == "lock; call %P[f]\n"
    assert [(c, show(e)) for c, e in found.outputs] == [
        ("=r", "x->y"),
        ("[z]+mr", "(*((pointer to u8)p))"),
    ]
    assert [(c, show(e)) for c, e in found.inputs] == [("[f]i", "func"), ("r", "g(1, 2)")]
    assert found.labels == ()


@pytest.mark.parametrize(
    "text",
    [
        'asm goto("jmp %l0" : : "i" (key) : "cc" : yes, no)',
        '__asm__ __volatile__ goto ("jmp %l0" :: "i" (key) :"cc": yes, no);',
        'asm inline volatile goto("jmp %l0" : : "i" (key) : : yes, no);',
    ],
)
def test_asm_goto(text: str) -> None:
    found = only_asm(text)
    assert found.template == "jmp %l0"
    assert [(c, show(e)) for c, e in found.inputs] == [("i", "key")]
    assert found.labels == ("yes", "no")


def test_asm_without_operands_in_and_outside_functions() -> None:
    assert only_asm('asm("nop");').outputs == ()
    assert only_asm('if (0) ; else asm volatile("" : : : "memory");'[13:]).template == ""
    piece = declarations('asm(".globl f\\n" "f: ret"); int x;')
    assert isinstance(piece.body[0], Asm)
    assert piece.body[0].template == ".globl f\nf: ret"
    (branch,) = statements('if (x) asm("a"); else asm("b");').body
    assert outline(branch) == "if x asm a asm b"


def test_the_same_shape_with_other_names_is_another_piece() -> None:
    parser = CParser()
    first = parser.parse_statements(tokens("f(a, 1)"), {}, ())
    second = parser.parse_statements(tokens("g(b, 2)"), {}, ())
    assert [outline(p.body[0]) for p in (first, second)] == ["f(a, 1)", "g(b, 2)"]


def test_what_cannot_be_read_is_counted_and_keeps_its_calls() -> None:
    piece = statements("a(); x y z(f(1)) w; b(g(2));")
    assert piece.losses
    shown = " | ".join(map(outline, piece.body))
    assert shown.startswith("a()")
    assert shown.endswith("b(g(2))")
    assert "f(1)" in shown
    for start, end in piece.losses:
        assert 3 <= start < end <= 15


def test_losses_in_a_function_leave_the_others_alone() -> None:
    text = "int f(void) { g(); @ @; h(); } int i(void) { return 1; }"
    piece = declarations(text)
    assert piece.losses
    assert [s.name for s in piece.body if isinstance(s, FunctionDefinition)][-1] == "i"


@pytest.mark.parametrize("text", ["} f(", "f(x", "(", "}", "{ a;", "a ? b", "else x;", "T *"])
def test_fragments_are_losses(text: str) -> None:
    assert statements(text).losses


def test_too_deep_nesting_is_a_loss() -> None:
    piece = statements("(" * 20_000 + "x" + ")" * 20_000)
    assert piece.losses == ((0, 40_001),)


SNIPPET = """
static __attribute__((unused)) struct s { int a : 2; T *b; } x = { .a = 1, [2 ... 3] = f(1) };
typedef int (*fn_t)(u8, struct s *);
static inline int f(T *p, int (*cb)(T), ...) {
    typeof(*p) v = *p; const char *s = "a" "b";
    asm volatile("x %0" : "=r" (v) : [n] "i" (sizeof(T)) : "memory");
    if (__builtin_types_compatible_p(T, u8) && (T)(v) > 1) goto *p; else out: return -1;
    switch (v) { case 1 ... 2: for (int i = 0; i < 3; i++) g(i, ({ T q = i; q; })); default: ; }
    return _Generic(v, T: __builtin_offsetof(struct s, b), default: cb(v))[0];
}
enum e { A, B = 2 }; int (*tab[2])(T) __attribute__((aligned(8))) = { f, 0 };
"""


@pytest.mark.parametrize("seed", range(8))
def test_broken_text_never_raises(seed: int) -> None:
    whole = tokens(SNIPPET)
    assert CParser().parse_file_scope(whole, {}, {"T", "u8"}).losses == ()
    chance = random.Random(seed)
    parser = CParser()
    for _ in range(60):
        broken = list(whole)
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(broken))
            match chance.randrange(3):
                case 0:
                    del broken[place : place + chance.randint(1, 3)]
                case 1:
                    broken.insert(place, chance.choice(whole))
                case _:
                    other = chance.randrange(len(broken))
                    broken[place], broken[other] = broken[other], broken[place]
        for parse in (parser.parse_file_scope, parser.parse_statements):
            piece = parse(broken, {}, {"T", "u8"})
            assert all(0 <= start <= end <= len(broken) for start, end in piece.losses)


def test_unknown_expressions_keep_their_calls() -> None:
    piece = statements("x = h(a @ f(1)); g();")
    assert piece.losses
    assert "f(1)" in outline(piece.body[0])
    assert outline(piece.body[-1]) == "g()"
