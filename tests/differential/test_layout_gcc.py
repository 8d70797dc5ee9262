"""Sizes, alignments and offsets against GCC, for x86-64 and i386.

The evaluation's figures are written into ``_Static_assert``s, which GCC has to accept.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from analyzer.csource.packing import with_limit
from analyzer.csource.types import I386, X86_64, Abi
from analyzer.preprocessor.token import scan
from csource_snippet import evaluate

TYPES = """
struct plain { char a; int b; char c; };
struct packed { char a; int b; char c; } __attribute__((packed));
struct aligned { char a; } __attribute__((aligned(32)));
struct member_aligned { char a; char b __attribute__((aligned(8))); char c; };
struct member_packed { char a; int b __attribute__((packed)); short c; };
struct wide { char a; long long b; char c; };
struct wide_packed { char a; long long b; } __attribute__((packed, aligned(4)));
struct longs { char a; long b; unsigned short c; void *d; };
struct doubles { char a; double b; float c; };
struct nested { char a; struct plain b; struct packed c; };
struct anonymous { char a; union { long b; struct { char c; short d; }; }; char e; };
struct bits { int a : 3; unsigned b : 5; int c : 24; int d : 1; };
struct bits_straddle { char a; int b : 30; int c : 3; };
struct bits_zero { char a : 3; int : 0; char b : 3; };
struct bits_wide { unsigned long a : 20; unsigned long b : 30; unsigned c : 8; };
struct bits_packed { char a : 3; int b : 30; char c; } __attribute__((packed));
struct bits_bool { _Bool a : 1; _Bool b : 1; unsigned char c : 7; short d; };
struct bits_unnamed { char a; int : 5; char b; };
struct flexible { int n; char data[]; };
struct empty { };
struct with_empty { char a; struct empty e; int b; };
struct arrays { char a[3]; short b[2][3]; struct wide c[2]; };
union mixed { char a[5]; int b; short c; };
union packed_union { char a[5]; int b; } __attribute__((packed));
enum small { one, two };
enum negative { minus = -1, plus = 1 };
enum packed_enum { p0, p1 = 200 } __attribute__((packed));
struct enums { char a; enum small b; enum packed_enum c; enum negative d; };
struct functions { int (*f)(int); void *(*table[3])(void); };
"""

MEMBERS = {
    "plain": "abc",
    "packed": "abc",
    "member_aligned": "abc",
    "member_packed": "abc",
    "wide": "abc",
    "wide_packed": "ab",
    "longs": "abcd",
    "doubles": "abc",
    "nested": "abc",
    "anonymous": "abcde",
    "with_empty": "aeb",
    "arrays": "abc",
    "enums": "abcd",
    "bits_packed": "c",
    "bits_bool": "d",
    "bits_unnamed": "b",
}
EXPRESSIONS = (
    "sizeof(char)",
    "sizeof(long)",
    "sizeof(long long)",
    "sizeof(long double)",
    "sizeof(void *)",
    "sizeof('a')",
    'sizeof("abc")',
    "sizeof(1 ? (char)1 : 1L)",
    "sizeof(0x80000000)",
    "sizeof(2147483648)",
    "sizeof(struct { int : 0; })",
    "sizeof(int[3][4])",
    "sizeof(union { long a; char b[9]; })",
    "sizeof(*(struct wide *)0)",
    "sizeof(((struct arrays *)0)->b[1])",
    "sizeof(1.0f)",
    "sizeof((char)1 + (char)1)",
    "sizeof(typeof(((struct nested *)0)->b))",
    "__builtin_offsetof(struct arrays, c[1].b)",
    "__builtin_offsetof(struct nested, b.c)",
)


def limited(types: str, limit: int) -> str:
    """The types under ``#pragma pack(limit)``, as the parser is handed them; 0: no pragma."""
    parts = [(tuple(scan(types)), 0)]
    if limit:
        parts = with_limit(parts, limit)
    return " ".join(token[0] for tokens, _ in parts for token in tokens)


def figures(abi: Abi, limit: int = 0) -> dict[str, int]:
    """What each expression is worth here."""
    types = limited(TYPES, limit)
    expressions = list(EXPRESSIONS)
    for line in TYPES.strip().splitlines():
        kind, name = line.split()[:2]
        expressions += [f"sizeof({kind} {name})", f"__alignof__({kind} {name})"]
        expressions += [
            f"__builtin_offsetof({kind} {name}, {member})" for member in MEMBERS.get(name, "")
        ]
    result: dict[str, int] = {}
    for expression in expressions:
        # Which of the labels is entered tells the value, through the public interface.
        labels = " ".join(f"case {value}: v{value}(); break;" for value in range(200))
        text = f"{types} void f(void) {{ switch ({expression}) {{ {labels} default: other(); }} }}"
        called = list(evaluate(text, abi=abi).called())
        assert len(called) == 1, (expression, called)
        result[expression] = int(called[0].removeprefix("v"))
    return result


@pytest.mark.oracle
@pytest.mark.parametrize("limit", [0, 1, 2, 4])
@pytest.mark.parametrize(("abi", "option"), [(X86_64, "-m64"), (I386, "-m32")])
def test_layout_agrees_with_gcc(abi: Abi, option: str, limit: int, tmp_path: Path) -> None:
    compiler = shutil.which("gcc")
    if compiler is None:
        pytest.skip("there is no gcc to compare with")
    asserts = [
        f'_Static_assert({expression} == {value}, "here {value}");'
        for expression, value in figures(abi, limit).items()
    ]
    file = tmp_path / "layout.c"
    pragma = f"#pragma pack({limit})" if limit else ""
    file.write_text("\n".join((pragma, TYPES, "#pragma pack()", *asserts)))
    command = [compiler, option, "-std=gnu11", "-w", "-fsyntax-only", file.name]
    done = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True)
    assert [line for line in done.stderr.splitlines() if "error" in line] == []
    assert done.returncode == 0
