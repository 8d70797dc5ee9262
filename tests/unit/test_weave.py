"""Macro uses in a body: holes, spliced tokens, and texts that must be split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from analyzer.csource.weave import Woven
from preprocess_case import flattened, walk, weave

LONG = "do { one(1); two(2); three(3); } while (0)"

Base = Mapping[str, Sequence[tuple[int, str]]]


def woven(body: str, defines: str = "", *, mask: int = 1, base: Base | None = None) -> list[Woven]:
    return weave(walk(f"{defines}\nvoid f(void) {{ {body} }}\n", mask=mask, base=base))


def only(body: str, defines: str) -> Woven:
    (one,) = woven(body, defines)
    return one


def test_a_statement_becomes_a_hole() -> None:
    one = only("a(); USE(7); b();", f"#define USE(x) {LONG}")
    assert len(one.filling) == 1
    assert [token[0] for token in one.filling[0].tokens] == ["USE", "(", "7", ")"]
    assert "one" in flattened(one)
    assert "one" not in one.texts


def test_a_call_becomes_a_hole() -> None:
    one = only("x = USE(7) + 1;", "#define USE(x) (call(x))")
    assert len(one.filling) == 1


@pytest.mark.parametrize(
    ("body", "define"),
    [
        ("EACH(i) { a(i); }", "#define EACH(i) for (i = first(); i; i = next(i))"),
        ("BEGIN a(); END", "#define BEGIN if (call()) {\n#define END }"),
        ("int ATTR x;", "#define ATTR __attribute__((unused))"),
        ("x = 2 * SUM;", "#define SUM call(1) + call(2)"),
        ("SMALL;", "#define SMALL 7"),
        ("TYPE x;", "#define TYPE struct { int a, b, c, d, e, f; }"),
        ("f(ARGS);", "#define ARGS call(1), call(2)"),
        ("NAME(1)", "#define NAME(x) lbl_##x: if (x) call(x); else"),
    ],
)
def test_what_changes_the_shape_is_spliced(body: str, define: str) -> None:
    one = only(body, define)
    expected = walk(f"{define}\nvoid f(void) {{ {body} }}\n").expanded()
    assert flattened(one) == expected


def test_expansions_that_differ_share_a_hole() -> None:
    base = {"WHAT": ((0b01, "call_one(1)"), (0b10, "call_two(2)"))}
    (one,) = woven("WHAT;", mask=0b11, base=base)
    assert one.mask == 0b11
    assert [mask for mask, _ in one.filling[0].alternatives] == [0b01, 0b10]
    assert flattened(one, 0)[6:9] == ["call_one", "(", "1"]
    assert flattened(one, 1)[6:9] == ["call_two", "(", "2"]


def test_shapes_that_differ_split_the_text() -> None:
    base = {"EACH": ((0b001, "for (;;)"), (0b010, "while (more())"), (0b100, "for (;;)"))}
    found = woven("EACH a();", mask=0b111, base=base)
    assert sorted(one.mask for one in found) in ([0b001, 0b010, 0b100], [0b010, 0b101])
    for bit, text in enumerate(("for", "while", "for")):
        (one,) = [each for each in found if each.mask >> bit & 1]
        assert flattened(one, bit)[6] == text


def test_a_macro_in_some_configurations_only() -> None:
    found = woven("maybe(1);", mask=0b11, base={"maybe": ((0b10, "other"),)})
    texts = {
        bit: flattened(one, bit)[6] for one in found for bit in range(2) if one.mask >> bit & 1
    }
    assert texts == {0: "maybe", 1: "other"}


def test_masks_of_the_parts_cover_the_whole() -> None:
    base = {name: ((0b0101 << shift, "for (;;)"),) for shift, name in enumerate(("A", "B"))}
    found = woven("A x(); B y();", mask=0b1111, base=base)
    whole = 0
    for one in found:
        assert whole & one.mask == 0
        whole |= one.mask
    assert whole == 0b1111


def test_what_differs_inside_an_expansion_is_a_hole_of_its_own() -> None:
    base = {f"V{n}": ((0b01, f"(one{n}())"), (0b10, f"(two{n}())")) for n in range(3)}
    defines = "#define ALL(x) do { a(V0 + x); b(V1); c(V2); } while (0)"
    (one,) = woven("ALL(V1);", defines, mask=0b11, base=base)
    ((mask, phrase),) = one.filling[0].alternatives
    assert mask == 0b11
    assert len(phrase.filling) == 4
    assert "two1" in flattened(one, 1)
    assert "two1" not in flattened(one, 0)


def test_the_use_around_is_left_where_what_differs_is_no_phrase() -> None:
    base = {"TYPE": ((0b01, "struct one *"), (0b10, "struct two *"))}
    defines = """#define CAST(x) ((TYPE)(x))
#define BOTH(x) do { first(CAST(x)); second(x); } while (0)"""
    (one,) = woven("BOTH(p);", defines, mask=0b11, base=base)
    ((_, phrase),) = one.filling[0].alternatives
    assert [token[0] for token in phrase.filling[0].tokens] == ["CAST", "(", "p", ")"]
    assert [mask for mask, _ in phrase.filling[0].alternatives] == [0b01, 0b10]


def test_macros_that_use_each_other_are_not_left_without_end() -> None:
    base = {"A": ((0b01, "B + 1"), (0b10, "B + 2")), "B": ((0b01, "A + 3"), (0b10, "A"))}
    for bit, expected in enumerate((["A", "+", "3", "+", "1"], ["A", "+", "2"])):
        found = woven("x = A;", mask=0b11, base=base)
        (one,) = [each for each in found if each.mask >> bit & 1]
        assert flattened(one, bit)[8:-2] == expected
