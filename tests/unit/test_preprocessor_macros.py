"""Macro definition and expansion (C17 6.10.3): rescanning, operators, GNU extensions."""

from __future__ import annotations

import pytest

from analyzer.errors import BadInput
from analyzer.preprocessor import expand as expansion
from analyzer.preprocessor.expand import Expander
from analyzer.preprocessor.macro import Macro
from analyzer.preprocessor.table import FOREVER, SEVERAL, Group, MacroTable, SharedGroup
from analyzer.preprocessor.token import MacroOrigin, scan, spell
from preprocess_case import expand, macro, walk


@pytest.mark.parametrize(
    ("source", "result"),
    [
        # rescanning, and names met while they are being expanded
        ("#define one two\n#define two three\none", "three"),
        ("#define self self + other\nself", "self + other"),
        ("#define left right\n#define right left\nleft right", "left right"),
        ("#define f(x) f(x + 1)\nf(f(y))", "f ( f ( y + 1 ) + 1 )"),
        ("#define f(x) x\n#define g f\ng(1)(2)", "1 ( 2 )"),
        ("#define f(x) x g\n#define g(x) f(x)\nf(2)(9)", "2 9 g"),
        ("#define open f(\n#define f(x) [x]\nopen 1)", "[ 1 ]"),
        ("#define f f(f\nf)", "f ( f )"),
        # names of function-like macros
        ("#define f(x) x\nf + f (1) + f\n(2)", "f + 1 + 2"),
        ("#define f() none\nf() f( ) f", "none none f"),
        ("#define f(x) <x>\nf() f((,))", "< > < ( , ) >"),
        ("#define f(x, y) x-y\nf((1, 2), g(3, 4))", "( 1 , 2 ) - g ( 3 , 4 )"),
        ("#define f(x) [x]\nf(#) f(\n1\n)", "[ # ] [ 1 ]"),
        ("#define f (x)\nf(1)", "( x ) ( 1 )"),
        # strings
        ('#define s(x) #x\ns(a  +\n b) s( ) s("q\\n" \'"\')', '"a + b" "" "\\"q\\\\n\\" \'\\"\'"'),
        ("#define s(x) #x\n#define v 4\n#define t(x) s(x)\ns(v) t(v)", '"v" "4"'),
        ("#define hash # x\nhash", "# x"),
        # pasting and placemarkers
        ("#define p(x, y) x ## y\np(a, 1) p(a,) p(,b) p(,) p(1, e) p(<, <)", "a1 a b 1e <<"),
        ("#define p(x, y) x ## y\n#define ab done\np(a, b) p(a b, c d)", "done a bc d"),
        ("#define p(x, y, z) x ## y ## z\np(a,,c) p(,b,) p(,,c) p(1, 2, 3)", "ac b c 123"),
        ("#define p(x) x ## _t\n#define a b\np(a) p()", "a_t _t"),
        ("#define glue(x) pre_##x##_post\nglue(a) glue()", "pre_a_post pre__post"),
        ("#define o a ## b ## c\no", "abc"),
        ("#define p(x, y) x ## y\np(+, -)", "+ -"),
        ("#define hashhash(x) # ## x\nhashhash(#)", "##"),
        # variable arguments
        ("#define f(...) <__VA_ARGS__>\nf() f(1) f(1, 2)", "< > < 1 > < 1 , 2 >"),
        ("#define f(x, ...) x: __VA_ARGS__\nf(1) f(1, ) f(1, 2, 3)", "1 : 1 : 1 : 2 , 3"),
        ("#define f(x, rest...) x: rest\nf(1, 2, 3)", "1 : 2 , 3"),
        ("#define f(x, ...) g(x, ## __VA_ARGS__)\nf(1) f(1, 2)", "g ( 1 ) g ( 1 , 2 )"),
        ("#define f(x, rest...) g(x, ## rest)\nf(1) f(1, )", "g ( 1 ) g ( 1 , )"),
        ("#define f(...) g(0, ## __VA_ARGS__)\nf() f(1)", "g ( 0 ) g ( 0 , 1 )"),
        ("#define f(x, ...) x ## __VA_ARGS__\nf(a, b, c) f(,b)", "ab , c b"),
        ("#define f(...) #__VA_ARGS__\nf(a, b) f()", '"a, b" ""'),
        ("#define f(x, ...) g(x __VA_OPT__(,) __VA_ARGS__)\nf(1) f(1, 2)", "g ( 1 ) g ( 1 , 2 )"),
        ("#define none\n#define f(...) a __VA_OPT__(b)\nf() f(none) f(1)", "a a a b"),
        ("#define f(x, ...) __VA_OPT__(x ## x) end\nf(1, 2) f(1)", "11 end end"),
        ("#define f(...) __VA_OPT__(a) ## b\nf(1) f()", "ab b"),
        ("#define f(...) k() , ## __VA_ARGS__ , __VA_ARGS__##__VA_ARGS__\nf()", "k ( ) ,"),
        # places and counters
        ("__LINE__\n\n__LINE__ \\\n __LINE__", "1 3 4"),
        ("#define here __LINE__\n\nhere", "3"),
        ("__COUNTER__ __COUNTER__", "0 1"),
        ("#define twice(x) x x\ntwice(__COUNTER__) __COUNTER__", "0 0 1"),
    ],
)
def test_expansion(source: str, result: str) -> None:
    assert expand(source) == result


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "macro names must be identifiers"),
        ("1x", "macro names must be identifiers"),
        ('"s"', "macro names must be identifiers"),
        ("f(x", "missing ')' in the parameter list of macro f"),
        ("f(x,)", "bad parameter in the definition of macro f"),
        ("f(1)", "bad parameter in the definition of macro f"),
        ("f(..., x)", "bad parameter in the definition of macro f"),
        ("f(x y)", "bad parameter in the definition of macro f"),
    ],
)
def test_malformed_definitions(text: str, message: str) -> None:
    assert walk(f"\n#define {text}\n").codes() == [f"bad-directive a.c:2: {message}"]
    assert walk(f"#if 0\n#define {text}\n#endif\n").codes() == []


def test_definitions_are_read_for_what_they_are() -> None:
    plain = macro("VALUE  (1 + 2)")
    assert (plain.parameters, plain.body) == (None, "(1 + 2)")
    function = macro("f( a , b... ) a b")
    assert (function.parameters, function.variadic) == (("a", "b"), True)
    assert macro("g() x").parameters == ()
    assert macro("h(...)").parameters == ("__VA_ARGS__",)
    assert macro("w(a,\\\n b) a").parameters == ("a", "b")


def test_blanks_in_an_expansion_are_those_of_the_use() -> None:
    table = MacroTable({})
    for text in ("f(x) [x]", "none", "s(x) #x"):
        table.define(macro(text), 1)
    group = Group(table, table.time, 1)
    assert spell(Expander(group.lookup).expand(scan("a f(1) f( 2 ) none b"))) == "a [1] [2] b"
    assert spell(Expander(group.lookup).expand(scan("s(a  +b) s(f( 1))"))) == '"a +b" "f( 1)"'


def test_every_token_knows_the_macros_that_brought_it() -> None:
    walked = walk("#define inner(x) call(x)\n#define outer(x) inner(x) tail\n")
    group = Group(walked.table, walked.table.time, 1)
    tokens = Expander(group.lookup).expand(scan("outer(arg)", 7))
    chains = {text: _chain(origin) for text, _, origin in tokens}
    assert chains["call"] == ["inner", "outer"]
    assert chains["tail"] == ["outer"]
    assert [origin for text, _, origin in tokens if text == "arg"] == [7]


def _chain(origin: object) -> list[str]:
    names: list[str] = []
    while isinstance(origin, MacroOrigin):
        names.append(origin.macro.name)
        origin = origin.outer
    return names


def test_exponential_growth_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expansion, "MAX_EXPANSION", 10_000)
    lines = ["#define m0 x"] + [f"#define m{i} m{i - 1} m{i - 1}" for i in range(1, 40)]
    with pytest.raises(
        BadInput, match=r"^a.c:1: expanding macro m\d+ yields more than 10000 tokens$"
    ):
        expand("\n".join([*lines, "m39"]))


def test_a_name_means_what_it_meant_at_the_time() -> None:
    table = MacroTable({"V": (0, ((0b11, macro("V 0")),))})
    before = table.time
    table.define(macro("V 1"), 0b01)
    between = table.time
    table.undefine("V", 0b10)
    assert _bodies(table, before) == {0b11: "0"}
    assert _bodies(table, between) == {0b10: "0", 0b01: "1"}
    assert _bodies(table, table.time) == {0b01: "1"}
    assert table.defined("V", before) == 0b11
    assert table.at("V", -1) == ()
    assert [one.body for one in table.ever("V")].count("1") >= 1
    assert {one.body for one in table.ever("V")} == {"0", "1"}
    assert table.now("W") == table.at("W", 5) == ()


def _bodies(table: MacroTable, time: int) -> dict[int, str]:
    return {mask: one.body for mask, one in table.at("V", time)}


def test_a_definition_read_at_several_places_is_one_alternative() -> None:
    one, other = macro("V 1"), macro("V 2")
    table = MacroTable({})
    table.define(one, 0b001)
    table.define(other, 0b010)
    table.define(one, 0b100)
    assert sorted(table.now("V"), key=lambda entry: entry[0]) == [(0b010, other), (0b101, one)]


def test_spans_say_how_long_a_definition_holds() -> None:
    table = MacroTable({})
    assert table.span("V", 7) == (0, FOREVER)
    table.define(macro("V 1"), 1)
    first = table.time
    table.define(macro("V 2"), 1)
    second = table.time
    assert table.span("V", first - 1) == (0, first)
    assert table.span("V", first) == (first, second)
    assert table.span("V", second + 5) == (second, FOREVER)


def test_a_shared_group_stays_together_until_a_name_is_settled() -> None:
    first, second = macro("V 1"), macro("V(x) 2")
    table = MacroTable({"V": (0, ((0b0011, first), (0b0100, second)))})
    group = SharedGroup(table, table.time, 0b0111, 0b0100)
    assert group.lookup("V") is SEVERAL
    assert group.lookup("W") is None
    assert (group.mask, group.kinds("V")) == (0b0111, (True, True))
    group.settle("V")
    assert group.lookup("V") is second
    assert (group.mask, group.settled) == (0b0100, {"V"})


def test_undefining_what_is_not_defined_changes_nothing() -> None:
    table = MacroTable({})
    time = table.time
    table.undefine("V", 1)
    assert table.time == time


def test_a_group_shrinks_to_those_that_see_the_same() -> None:
    first, second = macro("V 1"), macro("V 2")
    table = MacroTable({"V": (0, ((0b0011, first), (0b0100, second)))})
    group = Group(table, table.time, 0b1111)
    assert group.lookup("W") is None
    assert group.mask == 0b1111
    assert group.lookup("V") is first
    assert (group.mask, group.seen) == (0b0011, {"W": None, "V": first})
    rest = Group(table, table.time, 0b1000)
    assert (rest.lookup("V"), rest.mask) == (None, 0b1000)
    wide = Group(table, table.time, 0b1100)
    assert (wide.lookup("V"), wide.mask) == (second, 0b0100)


def test_macros_are_told_apart_by_identity() -> None:
    one, other = macro("V 1"), macro("V 1")
    assert one != other
    assert len({one, other}) == 2
    assert isinstance(one, Macro)
