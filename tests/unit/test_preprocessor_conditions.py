"""``#if`` conditions: arithmetic, ``defined``, queries, and what holds where over masks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analyzer.errors import BadInput
from analyzer.preprocessor.arithmetic import MAX_DEPTH, ArithmeticFault, Value, evaluate
from analyzer.preprocessor.compiler import bundled_profile, load_profile
from analyzer.preprocessor.macro import Macro
from analyzer.preprocessor.options import read_options
from analyzer.preprocessor.token import scan
from preprocess_case import walk

SYMBOLS = """
#define MARK_1 0,
#define second(junk, value, ...) value
#define is_one(x) is_one_expanded(x)
#define is_one_expanded(x) is_one_marked(MARK_##x)
#define is_one_marked(mark) second(mark 1, 0, 0)
#define either(x, y) either_expanded(x, y)
#define either_expanded(x, y) either_marked(MARK_##x, y)
#define either_marked(mark, y) second(mark 1, y, 0)
#define BUILTIN(option) is_one(option)
#define MODULAR(option) is_one(option##_MODULE)
#define ENABLED(option) either(BUILTIN(option), MODULAR(option))
#define DEFINED(x) defined(x)
#define OTHER_NAME defined
#define ALSO_Y(x) (defined(CONFIG_Y) && x)
"""
"""Symbols tested in C: 1 for a macro defined as 1, else 0 (the way of IS_ENABLED)."""


def number(text: str) -> Value:
    return evaluate(scan(text), lambda name, tokens: int(name == f"__has_{tokens[0][0]}"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3 - 4 / 2", Value(5)),
        ("(1 + 2) * 3 % 4", Value(1)),
        ("-7 / 2", Value(-3)),
        ("-7 % 2", Value(-1)),
        ("1 << 63", Value(-(1 << 63))),
        ("1u << 63", Value(1 << 63, True)),
        ("1 << 64", Value(0)),
        ("-1 >> 70", Value(-1)),
        ("8 >> -1", Value(16)),
        ("0x7fffffffffffffff + 1", Value(-(1 << 63))),
        ("0xffffffffffffffff", Value((1 << 64) - 1, True)),
        ("-1 < 0u", Value(0)),
        ("-1 > 0u", Value(1)),
        ("0u - 1 == 18446744073709551615ull", Value(1)),
        ("~0", Value(-1)),
        ("~0u", Value((1 << 64) - 1, True)),
        ("!5 + !0", Value(1)),
        ("- - 5", Value(5)),
        ("1 ? 2 : 3", Value(2)),
        ("0 ? 2 : 1 ? 4 : 5", Value(4)),
        ("1 ? -1 : 0u", Value((1 << 64) - 1, True)),
        ("0 && 1 / 0", Value(0)),
        ("1 || 1 % 0", Value(1)),
        ("1 ? 2 : 1 / 0", Value(2)),
        ("0b101 | 010 ^ 0x1", Value(13)),
        ("5 & 3 == 3", Value(1)),
        ("'a'", Value(97, True)),
        (r"'\n' + '\0' + '\x41' + '\101' + '\''", Value(10 + 65 + 65 + 39, True)),
        ("'ab'", Value(0x6162)),
        ("L'a'", Value(97)),
        ("some_name + 1", Value(1)),
        ("__has_yes(yes) + __has_no(yes)", Value(1)),
        ("1 == 1 == 1", Value(1)),
        ("3 > 2 > 1", Value(0)),
        ("1 << 2 + 1", Value(8)),
    ],
)
def test_arithmetic(text: str, value: Value) -> None:
    assert number(text) == value


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "operand missing"),
        ("1 +", "operand missing"),
        ("1 2", "missing binary operator"),
        ("(1", r"missing '\)'"),
        ("1)", "missing binary operator"),
        ("1 ? 2", "'\\?' without following ':'"),
        ("1 / 0", "division by zero"),
        ("1 % (2 - 2)", "division by zero"),
        ("1.5", "no integer constant"),
        ("089", "octal"),
        ("1xyz", "no integer constant"),
        ('"s"', "not valid"),
        ("f(1)", "function-like macro 'f' is not defined"),
        ("1 = 2", "missing binary operator"),
        ("__has_x(", "missing"),
        (r"'\q'", "unknown escape"),
        ("''", "empty character constant"),
        ("(" * 100_000, "nested too deeply"),
        ("-" + " -" * 100_000 + "1", "nested too deeply"),
        ("1 ? " * 100_000, "nested too deeply"),
    ],
)
def test_faults(text: str, fault: str) -> None:
    with pytest.raises(ArithmeticFault, match=fault):
        number(text)


def test_reasonable_nesting_is_read() -> None:
    depth = MAX_DEPTH // 2
    assert number("(" * depth + "7" + ")" * depth) == Value(7)
    assert number(" || ".join(["0"] * 5000 + ["1"])) == Value(1)


def held(condition: str, base: dict[str, tuple[tuple[int, str], ...]], mask: int) -> int:
    """Where ``#if condition`` holds."""
    walked = walk(f"{SYMBOLS}#if {condition}\nyes\n#endif\n", mask=mask, base=base)
    assert walked.codes() == []
    return sum(1 << bit for bit in range(mask.bit_length()) if walked.text(bit))


BASE = {
    "CONFIG_Y": ((0b0011, "1"),),
    "CONFIG_M_MODULE": ((0b0110, "1"),),
    "CONFIG_N": ((0b0001, "1"), (0b0010, "2"), (0b0100, "(3)")),
    "CONFIG_S": ((0b1000, '"text"'),),
    "LOOSE": ((0b1111, "0 || 1"),),
    "SUM": ((0b1111, "1 + 1"),),
    "HAS_Y": ((0b1111, "defined(CONFIG_Y)"),),
    "HAS_N": ((0b0111, "(defined CONFIG_N && !defined(CONFIG_S))"),),
    "HAS_BOTH": ((0b1111, "HAS_Y && HAS_N"),),
}


@pytest.mark.parametrize(
    ("condition", "mask"),
    [
        ("defined(CONFIG_Y)", 0b0011),
        ("defined CONFIG_Y", 0b0011),
        ("!defined(CONFIG_Y)", 0b1100),
        ("!!defined CONFIG_Y", 0b0011),
        ("defined(CONFIG_Y) && defined(CONFIG_M_MODULE)", 0b0010),
        ("defined(CONFIG_Y) || defined(CONFIG_M_MODULE)", 0b0111),
        ("!(defined(CONFIG_Y) || defined(CONFIG_M_MODULE))", 0b1000),
        ("defined(CONFIG_Y) + defined(CONFIG_M_MODULE) == 2", 0b0010),
        ("defined(CONFIG_Y) ? defined(CONFIG_M_MODULE) : defined(CONFIG_S)", 0b1010),
        ("CONFIG_Y", 0b0011),
        ("CONFIG_N", 0b0111),
        ("CONFIG_N > 1", 0b0110),
        ("CONFIG_N == 3 || CONFIG_N == 1", 0b0101),
        ("CONFIG_N && CONFIG_Y", 0b0011),
        ("(CONFIG_N << 1) - 4 > 0", 0b0100),
        ("CONFIG_N - 2", 0b1101),
        ("BUILTIN(CONFIG_Y)", 0b0011),
        ("BUILTIN(CONFIG_M)", 0),
        ("MODULAR(CONFIG_M)", 0b0110),
        ("ENABLED(CONFIG_Y)", 0b0011),
        ("ENABLED(CONFIG_M)", 0b0110),
        ("ENABLED(CONFIG_Y) || ENABLED(CONFIG_M)", 0b0111),
        ("ENABLED(CONFIG_Y) && !ENABLED(CONFIG_M)", 0b0001),
        ("!ENABLED(CONFIG_N)", 0b1110),
        ("ENABLED(CONFIG_NEVER)", 0),
        ("1 && LOOSE", 0b1111),
        ("0 && LOOSE && 1 || 1", 0b1111),
        ("LOOSE && CONFIG_Y", 0b0011),
        ("!SUM", 0b1111),
        ("! SUM == 1", 0b1111),
        ("!(SUM)", 0),
        ("__has_attribute(__cold__) && __has_attribute(cold)", 0b1111),
        ("__has_attribute(hot)", 0),
        ("defined(__has_attribute)", 0b1111),
        ('__has_include("a.c")', 0b1111),
        ("__has_include(<a.c>) || __has_include(<none.h>)", 0),
        ("true", 0),
        ("HAS_Y", 0b0011),
        ("!HAS_Y", 0b1100),
        ("HAS_N", 0b0111),
        ("HAS_BOTH", 0b0011),
        ("HAS_Y + HAS_N == 1", 0b0100),
        ("DEFINED(NO_MACRO)", 0),
        ("ALSO_Y(CONFIG_N)", 0b0011),
        ("OTHER_NAME CONFIG_N || OTHER_NAME(CONFIG_S)", 0b1111),
    ],
)
def test_masks(condition: str, mask: int) -> None:
    assert held(condition, BASE, 0b1111) == mask


def test_defined_from_a_macro_for_many_groups() -> None:
    base: dict[str, tuple[tuple[int, str], ...]] = {
        "N": tuple((1 << bit, str(bit)) for bit in range(20)),
        "ODD": ((sum(1 << bit for bit in range(1, 20, 2)), ""),),
        "IS_ODD": (((1 << 20) - 1, "(defined(ODD))"),),
    }
    walked = walk("#if IS_ODD && N > 4\nyes\n#endif\n", mask=(1 << 20) - 1, base=base)
    assert [bit for bit in range(20) if walked.text(bit)] == [*range(5, 20, 2)]
    assert walked.codes() == []


def test_a_name_that_a_macro_expands_before_defined_is_no_name() -> None:
    walked = walk("#define IS(x) defined(x)\n#define Y 1\n#if IS(Y)\nyes\n#endif\n")
    assert walked.text() == ""
    assert walked.codes() == [
        "bad-condition a.c:3: condition read as false: operator 'defined' requires an identifier"
    ]


def test_has_include_where_the_header_is() -> None:
    walked = walk(
        "#if __has_include(<made.h>)\nmade\n#endif\n"
        '#if __has_include("beside.h") && !__has_include(<made.h>)\nnot made\n#endif\n'
        "#include <d/x.h>\n",
        mask=0b11,
        generated={"include/made.h": ((0b01, ""),)},
        files={
            "include/d/x.h": '#if __has_include("y.h")\nbeside\n#endif\n',
            "include/d/y.h": "",
            "beside.h": "",
        },
    )
    assert [walked.text(bit).split() for bit in range(2)] == [
        ["made", "beside"],
        ["not", "made", "beside"],
    ]


def test_else_and_elif_take_what_is_left() -> None:
    base = {"N": tuple((1 << bit, str(bit)) for bit in range(4))}
    walked = walk(
        "#if N == 0\nzero\n#elif N > 1\nmany\n#else\none\n#endif\n", mask=0b11111, base=base
    )
    assert [walked.text(bit) for bit in range(5)] == ["zero", "one", "many", "many", "zero"]


def test_definitions_hold_where_they_were_made() -> None:
    walked = walk(
        "#ifdef A\n#define V 1\n#else\n#define V 2\n#endif\n#ifdef B\n#undef V\n#endif\n"
        "#if V == 1\none\n#elif defined(V)\ntwo\n#endif\n",
        mask=0b1111,
        base={"A": ((0b0101, ""),), "B": ((0b0011, ""),)},
    )
    assert [walked.text(bit) for bit in range(4)] == ["", "", "one", "two"]
    assert walked.defined("V") == 0b1100


def test_a_bad_condition_is_false_with_its_place() -> None:
    walked = walk("\n#if 1 +\nyes\n#else\nno\n#endif\n#if 0 && (1 +)\n#endif\n")
    assert walked.text() == "no"
    assert walked.codes() == ["bad-condition a.c:2: condition read as false: operand missing"]


@pytest.mark.parametrize(
    "text",
    [
        "(" * 50_000 + "1" + ")" * 50_000,
        "!" * 50_000 + "1",
        "!(" * 50_000 + "1" + ")" * 50_000,
        "(1 && " * 20_000 + "1" + ")" * 20_000,
    ],
    ids=["parentheses", "not", "both", "and"],
)
def test_a_deep_condition_is_refused_not_fatal(text: str) -> None:
    walked = walk(f"#if {text}\nyes\n#endif\nrest\n")
    assert walked.text() == "rest"
    assert walked.codes() == ["bad-condition a.c:1: condition read as false: nested too deeply"]


class TestOptions:
    """Command lines read once for all configurations."""

    def test_kinds(self) -> None:
        options = read_options(
            [
                (0b11, "-Iinclude"),
                (0b01, "-I arch/x86/include"),
                (0b11, "-isystem lib/include"),
                (0b11, "-include include/linux/kconfig.h"),
                (0b10, "-DMODULE"),
                (0b11, '-DNAME="x y"'),
                (0b11, "-Df(x)=x"),
                (0b01, "-UNAME"),
                (0b11, "-Wall"),
                (0b11, "-O2"),
                (0b10, "-m32"),
            ]
        )
        assert options.directories == (
            (0b11, "include"),
            (0b01, "arch/x86/include"),
            (0b11, "lib/include"),
        )
        assert options.forced == ((0b11, "include/linux/kconfig.h"),)
        assert options.narrow == 0b10
        shown = [
            (mask, f"{action.name}={action.body}" if isinstance(action, Macro) else action)
            for mask, action in options.actions
        ]
        assert shown == [(0b10, "MODULE=1"), (0b11, 'NAME="x y"'), (0b11, "f=x"), (0b01, "NAME")]

    def test_system_directories_come_last(self) -> None:
        options = read_options([(1, "-isystem a"), (1, "-Ib"), (1, "-iquote c")])
        assert [folder for _, folder in options.directories] == ["b", "c", "a"]

    def test_the_last_width_counts(self) -> None:
        assert read_options([(0b11, "-m32"), (0b01, "-m64"), (0b10, "-m16")]).narrow == 0b10

    def test_options_that_define(self) -> None:
        options = read_options([(0b10, "-fsanitize=kernel-address")])
        ((mask, action),) = options.actions
        assert isinstance(action, Macro)
        assert (mask, action.name, action.body) == (0b10, "__SANITIZE_ADDRESS__", "1")


class TestProfiles:
    """Recorded compilers."""

    @pytest.mark.parametrize("arch", ["x86_64", "i386"])
    def test_bundled(self, arch: str) -> None:
        profile = bundled_profile(arch)
        entries = profile.entries(0b101)
        assert entries["__GNUC__"][1][0][1].body == "12"
        assert entries["__GNUC__"][1][0][0] == 0b101
        assert ("__x86_64__" in entries) == (arch == "x86_64")
        assert profile.answers("__has_attribute", "__noreturn__")
        assert not profile.answers("__has_attribute", "no_such_attribute")
        assert not profile.answers("__has_no_such_query", "x")

    @pytest.mark.parametrize(
        "text", ["", "[]", '{"schema": "other/1"}', "{" * 50, '{"schema": "kimpact/compiler/1"}']
    )
    def test_files_that_are_none(self, text: str, tmp_path: Path) -> None:
        path = tmp_path / "compiler.json"
        path.write_text(text)
        with pytest.raises(BadInput, match="no compiler profile"):
            load_profile(path)

    def test_a_missing_file(self, tmp_path: Path) -> None:
        with pytest.raises(BadInput, match=r"none\.json: no compiler profile"):
            load_profile(tmp_path / "none.json")

    def test_own_profile(self, tmp_path: Path) -> None:
        path = tmp_path / "compiler.json"
        data = {
            "schema": "kimpact/compiler/1",
            "compiler": "cc 1",
            "arch": "x86_64",
            "macros": ["ONE 1"],
            "queries": {"__has_builtin": ["__builtin_x"]},
            "operators": ["__has_builtin"],
        }
        path.write_text(json.dumps(data))
        profile = load_profile(path)
        assert profile.answers("__has_builtin", "__builtin_x")
        assert [one.name for one in profile.macros] == ["ONE"]
