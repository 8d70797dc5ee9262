"""C sources of a stranger: nothing outside the tree is read, and no work explodes."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hostile_case import ASKED, Hostile

MEMORY = "mm/memory.c"
BODY = "void free_all(void *page)\n{\n"
Change = Callable[[Hostile], object]


@pytest.fixture
def hostile(tmp_path: Path) -> Hostile:
    return Hostile(tmp_path)


def first(text: str) -> Change:
    """``text`` at the beginning of the source."""
    return lambda hostile: hostile.prepend(MEMORY, text)


def last(text: str | bytes) -> Change:
    return lambda hostile: hostile.append(MEMORY, text)


def inside(text: str, before: str = "") -> Change:
    """``text`` at the beginning of the function asked about, ``before`` in front of it."""

    def change(hostile: Hostile) -> None:
        source = (hostile.tree / MEMORY).read_text()
        assert BODY in source
        hostile.write(MEMORY, source.replace(BODY, f"{before}{BODY}{text}\n"))

    return change


def linked(name: str, target: Callable[[Hostile], str | Path]) -> Change:
    def change(hostile: Hostile) -> None:
        (hostile.tree / "include/linux" / name).symlink_to(target(hostile))
        hostile.prepend(MEMORY, f"#include <linux/{name}>\n")

    return change


def a_folder_out(hostile: Hostile) -> None:
    (hostile.tree / "include/out").symlink_to(hostile.folder)
    hostile.prepend(MEMORY, "#include <out/secret>\n")


def a_fifo(hostile: Hostile) -> None:
    os.mkfifo(hostile.tree / "include/linux/fifo.h")
    hostile.prepend(MEMORY, "#include <linux/fifo.h>\n")


LED_OUT = "leads out of the tree, or is not in it: not read"
LINKED_OUT = "leads out of the tree: not read"
NOT_READ: dict[str, tuple[Change, str]] = {
    "an absolute path": (first('#include "/etc/passwd"\n'), f"/etc/passwd {LED_OUT}"),
    "dots": (first('#include "../../secret"\n'), f"../../secret {LED_OUT}"),
    "dots in brackets": (first("#include <../../secret>\n"), f"../../secret {LED_OUT}"),
    "dots by macro": (
        first('#define OUT "../../secret"\n#include OUT\n'),
        f"../../secret {LED_OUT}",
    ),
    "a symlink": (linked("s.h", lambda hostile: hostile.secret), f"linux/s.h {LINKED_OUT}"),
    "a relative symlink": (
        linked("s.h", lambda _: "../../../secret"),
        f"linux/s.h {LINKED_OUT}",
    ),
    "a symlink to nothing outside": (
        linked("s.h", lambda _: "/no/such/file"),
        f"linux/s.h {LINKED_OUT}",
    ),
    "a symlink to nothing inside": (linked("s.h", lambda _: "t.h"), "linux/s.h was not found"),
    "a symlinked folder": (a_folder_out, f"out/secret {LINKED_OUT}"),
    "a symlink to itself": (linked("s.h", lambda _: "s.h"), "linux/s.h was not found"),
    "a fifo": (a_fifo, "linux/fifo.h was not found"),
    "a device": (linked("s.h", lambda _: "/dev/zero"), f"linux/s.h {LINKED_OUT}"),
}


@pytest.mark.parametrize("trick", NOT_READ)
def test_what_is_not_in_the_tree_is_named_and_not_read(trick: str, hostile: Hostile) -> None:
    change, message = NOT_READ[trick]
    change(hostile)
    assert hostile.answered().codes["include-not-found"] == message


def test_a_source_that_is_a_symlink_out_of_the_tree_is_refused(hostile: Hostile) -> None:
    (hostile.tree / MEMORY).unlink()
    (hostile.tree / MEMORY).symlink_to(hostile.secret)
    line = hostile.refused(["paths", ASKED, *hostile.given()])
    assert line == f"kimpact: error: {MEMORY}: {LINKED_OUT}\n"


def test_nothing_is_told_of_what_is_not_in_the_tree(hostile: Hostile) -> None:
    asked = "".join(
        f'#if __has_include("{name}")\n#error SECRET: it is there\n#endif\n'
        for name in ("../../secret", "/etc/passwd")
    )
    hostile.prepend(MEMORY, asked)
    assert "error-directive" not in hostile.answered().codes


def test_a_symlink_within_the_tree_is_followed(hostile: Hostile) -> None:
    (hostile.tree / "include/again").symlink_to(".")
    hostile.prepend(MEMORY, "#include <again/again/again/linux/mm.h>\n")
    assert "include-not-found" not in hostile.answered().codes


def doubled(name: str, number: int) -> str:
    """``number`` object-like macros, each twice the one before."""
    return "".join(f"#define {name}{i + 1} {name}{i} {name}{i}\n" for i in range(number))


LAUGHS = "#define F0(x) x\n" + "".join(f"#define F{i + 1}(x) F{i}(x) F{i}(x)\n" for i in range(40))
PASTES = "#define Q0(a) a\n" + "".join(f"#define Q{i + 1}(a) Q{i}(a##a)\n" for i in range(60))
STRINGS = "#define S0(a) #a\n" + "".join(f"#define S{i + 1}(a) S{i}(a a)\n" for i in range(60))
TOKENS = r"mm/memory\.c:\d+: expanding macro \w+ yields more than 2000000 tokens"


def a_tree_of_headers(hostile: Hostile) -> None:
    for number in range(60):
        twice = f"#include <linux/x{number + 1}.h>\n" * 2
        hostile.write(f"include/linux/x{number}.h", twice)
    hostile.write("include/linux/x60.h", "\n")
    hostile.prepend(MEMORY, "#include <linux/x0.h>\n")


def two_headers(hostile: Hostile) -> None:
    hostile.write("include/linux/a.h", "#include <linux/b.h>\n" * 2)
    hostile.write("include/linux/b.h", "#include <linux/a.h>\n" * 2)
    hostile.prepend(MEMORY, "#include <linux/a.h>\n")


REFUSED: dict[str, tuple[Change, str]] = {
    "billion laughs": (inside("L40", "#define L0 lol\n" + doubled("L", 40)), TOKENS),
    "laughs without a sound": (inside("L60", "#define L0\n" + doubled("L", 60)), TOKENS),
    "laughs in a condition": (
        first("#define L0 1 +\n" + doubled("L", 40) + "#if L40 1\n#endif\n"),
        TOKENS,
    ),
    "laughs with arguments": (inside("F40(free_one(page);)", LAUGHS), TOKENS),
    "laughs of arguments": (
        inside("D(" * 60 + "free_one(page);" + ")" * 60, "#define D(x) x x\n"),
        TOKENS,
    ),
    "pasting": (inside("int Q60(ab);", PASTES), TOKENS),
    "stringizing": (inside("char *s = S60(ab);", STRINGS), TOKENS),
    "nested arguments": (
        inside("D(" * 20_000 + "1" + ")" * 20_000, "#define D(x) x\n"),
        r"uses of macro D are nested more than 120 deep",
    ),
    "a file that includes itself": (
        first('#include "memory.c"\n'),
        r"mm/memory\.c:1: #include nested depth exceeds 200",
    ),
    "a count of itself": (
        first('#if __COUNTER__ < 1000000000\n#include "memory.c"\n#endif\n'),
        r"mm/memory\.c:2: #include nested depth exceeds 200",
    ),
    "two that include each other": (two_headers, "#include nested depth exceeds 200"),
    "headers twice as many each time": (
        a_tree_of_headers,
        "more than 20000 files are included in one unit",
    ),
    "a very long line": (last(f"int y; /* {'x' * (3 << 20)} */\n"), "a line of more than 1048576"),
    "no end of conditionals": (first("#ifdef A\n" * 100_000), "unterminated conditional"),
    "no end of a comment": (last("/* " * 100_000), "unterminated comment"),
    "100,000 parentheses": (
        inside("int i = " + "(" * 100_000 + "1" + ")" * 100_000 + ";"),
        "it cannot be read .nested too deeply, or no C.",
    ),
    "20,000 times typeof": (
        inside("typeof(" * 20_000 + "int" + ")" * 20_000 + " x;"),
        "it cannot be read .nested too deeply, or no C.",
    ),
    "attributes that are read again and again": (
        inside("struct { " + "int a __attribute__((aligned(1 << 3))); " * 20_000 + "} y;"),
        "it cannot be read .nested too deeply, or no C.",
    ),
    "100,000 braces": (
        inside("{" * 100_000 + "free_one(page);" + "}" * 100_000),
        "it cannot be read .nested too deeply, or no C.",
    ),
}


@pytest.mark.parametrize("trick", REFUSED)
def test_what_goes_beyond_a_limit_is_refused_in_one_line(trick: str, hostile: Hostile) -> None:
    change, message = REFUSED[trick]
    change(hostile)
    line = hostile.refused(["paths", ASKED, *hostile.given()])
    assert line.startswith("kimpact: error: ")
    assert re.search(message, line), line


FALSE = "condition read as false: "
REMARKED: dict[str, tuple[Change, str, str]] = {
    "parentheses in #if": (
        first("#if " + "(" * 100_000 + "1" + ")" * 100_000 + "\n#endif\n"),
        "bad-condition",
        f"{FALSE}nested too deeply",
    ),
    "negations in #if": (
        first("#if " + "!" * 100_000 + "1\n#endif\n"),
        "bad-condition",
        f"{FALSE}nested too deeply",
    ),
    "choices in #if": (
        first("#if " + "1?" * 30_000 + "1" + ":0" * 30_000 + "\n#endif\n"),
        "bad-condition",
        f"{FALSE}nested too deeply",
    ),
    "division by zero": (
        first("#if 1 / 0\n#endif\n"),
        "bad-condition",
        f"{FALSE}division by zero",
    ),
}


@pytest.mark.parametrize("trick", REMARKED)
def test_what_a_condition_cannot_be_is_remarked(trick: str, hostile: Hostile) -> None:
    change, code, message = REMARKED[trick]
    change(hostile)
    assert hostile.answered().codes[code] == message


HARMLESS: dict[str, Change] = {
    "shifts": first("#if 1 << 9223372036854775807\n#endif\n#if 1 << (1 << 62)\n#endif\n"),
    "products": first("#if 9223372036854775807 * 9223372036854775807 == 1\n#endif\n"),
    "the least number divided": first("#if (-9223372036854775807 - 1) / -1\n#endif\n"),
    "long numbers in #if": first(f"#if {'9' * 50_000}\n#endif\n#if 0x{'f' * 50_000}\n#endif\n"),
    "long numbers in code": inside(f"if ({'9' * 50_000} > 0x{'f' * 50_000}) free_one(page);"),
    "shifts in code": inside("if (1ULL << (1ULL << 62)) free_one(page); if (1 / 0) return;"),
    "objects without end": inside("char a[1ULL << 62][1ULL << 62][9]; if (!sizeof(a)) return;"),
    "nested #if": first("#if 1\n" * 20_000 + "int x;\n" + "#endif\n" * 20_000),
    "NUL bytes": last(b"int a\0b;\n\0\0\0\nint c\0;\n"),
    "no UTF-8": last(b'int \xff\xfe\x80a;\nchar *s = "\xff\xff";\n'),
    "no end of a string": last('char *s = "' + "a\\\n" * 10_000),
    "laughs that nobody asks for": first("#define L0 lol\n" + doubled("L", 60) + "int x = L60;\n"),
    "braces elsewhere": last("void other(void) { " + "{" * 50_000 + "}" * 50_000 + " }\n"),
    "structures of structures": first(
        "typedef int t0;\n"
        + "".join(f"typedef struct {{ t{i} a, b; }} t{i + 1};\n" for i in range(200))
        + "int z[sizeof(t200)];\n"
    ),
}


@pytest.mark.parametrize("trick", HARMLESS)
def test_what_does_no_harm(trick: str, hostile: Hostile) -> None:
    HARMLESS[trick](hostile)
    hostile.answered()


def test_enumerators_that_each_need_the_one_before(hostile: Hostile) -> None:
    """That ended in an internal error: what is left half done is not to be used again."""
    chain = "enum { A0 }; " + "".join(f"enum {{ A{i + 1} = A{i} + 1 }}; " for i in range(20_000))
    inside(f"{chain} if (A20000) free_one(page);")(hostile)
    shown = hostile.paths()
    assert shown.status == 0
    assert "free_all() is nested too deeply" in shown.codes["parse-loss"]


def test_a_function_that_is_too_deep_is_said_to_be_unknown(hostile: Hostile) -> None:
    inside("int i = " + "1+" * 50_000 + "1;")(hostile)
    shown = hostile.paths()
    assert shown.status == 0
    told = "free_all() is nested too deeply to be read: its calls are not known"
    assert shown.codes["parse-loss"] == told
