"""Conditionals after a stand-in header: which may depend on it, and what is said of them."""

from __future__ import annotations

import pytest
from fake_program import FakeProgram, configs

from analyzer.callgraph.program import Doubt
from analyzer.callgraph.standins import doubts
from analyzer.diagnostics import Diagnostics, Severity
from analyzer.location import Location
from analyzer.paths.answer import Question, answer
from analyzer.paths.platforms import OnePlatform
from analyzer.paths.result import Kernel
from analyzer.progress import Silent
from preprocess_case import walk

MADE = "include/made.h"


def found(
    source: str, line: int, text: str, *, file: str = "a.c", where: int = 0b11, **files: str
) -> set[tuple[str, int]]:
    """The names in doubt with their masks; ``made.h`` is a stand-in in ``where``."""
    paths = {f"include/{name}.h": content for name, content in files.items()}
    walked = walk(source, paths, mask=0b11, generated={MADE: ((0b11, ""),)}, base=BASE)

    def stand_in(path: str) -> int:
        return where if path == MADE else 0

    place = Location(file, line)
    said = doubts(walked.inclusions, walked.table, stand_in, place, text, 0b11)
    return {(doubt.name, doubt.mask) for doubt in said if doubt.header == MADE}


BASE = {"GIVEN": ((0b11, "1"),), "CONFIG_A": ((0b01, "1"),)}


@pytest.mark.parametrize(
    ("source", "line", "text", "expected"),
    [
        ("#include <made.h>\n#ifdef X\nint a;\n#endif\n", 2, "X", {("X", 0b11)}),
        ("#ifdef X\nint a;\n#endif\n#include <made.h>\n", 1, "X", set()),
        ("#include <made.h>\n#define X\n#ifdef X\nint a;\n#endif\n", 3, "X", set()),
        ("#include <made.h>\n#ifndef X\n#define X\nint a;\n#endif\n", 2, "!X", {("X", 0b11)}),
        ("#include <made.h>\n#if GIVEN && CONFIG_B\nint a;\n#endif\n", 2, "GIVEN", set()),
        ("#include <made.h>\n#if CONFIG_B\nint a;\n#endif\n", 2, "CONFIG_B", set()),
        ("#include <made.h>\n#ifdef __sparc__\nint a;\n#endif\n", 2, "__sparc__", set()),
        (
            "#include <made.h>\n#ifdef CONFIG_A\n#define X 1\n#endif\n#if X > 2\nint a;\n#endif\n",
            5,
            "X > 2",
            {("X", 0b10)},
        ),
        ("#ifdef CONFIG_A\n#include <made.h>\n#endif\n#ifdef X\n#endif\n", 4, "X", {("X", 0b01)}),
    ],
)
def test_what_nothing_defines_before(
    source: str, line: int, text: str, expected: set[tuple[str, int]]
) -> None:
    assert found(source, line, text) == expected


def test_without_a_stand_in_there_is_no_doubt() -> None:
    assert found("#include <made.h>\n#ifdef X\n#endif\n", 2, "X", where=0) == set()
    assert found("#include <made.h>\n#ifdef X\n#endif\n", 2, "X", where=0b10) == {("X", 0b10)}


def test_a_conditional_in_a_header() -> None:
    inner = "#ifdef X\nint a;\n#endif\n"
    outer = "#include <made.h>\n#include <inner.h>\n"
    assert found(outer, 1, "X", file="include/inner.h", inner=inner) == {("X", 0b11)}
    outer = "#include <inner.h>\n#include <made.h>\n"
    assert found(outer, 1, "X", file="include/inner.h", inner=inner) == set()
    outer = "#include <made.h>\n#include <other.h>\n#include <inner.h>\n"
    other = "#define X 1\n"
    assert found(outer, 1, "X", file="include/inner.h", inner=inner, other=other) == set()


def test_an_answer_says_it_aloud() -> None:
    program = FakeProgram()
    root = program.define("f")
    place = Location("a.c", 3)
    program.call(root, program.define("g"), conditionals=(("X", place),))
    program.doubts.append((("a.o", place), Doubt(MADE, "X", 1)))
    diagnostics = Diagnostics()
    answer(
        program,
        Question(("f",)),
        configs([{}]),
        Kernel("6.12", "x86"),
        platforms=OnePlatform(1),
        diagnostics=diagnostics,
        progress=Silent(),
    )
    (said,) = [d for d in diagnostics if d.code == "stand-in-condition"]
    assert (said.severity, said.location) == (Severity.ERROR, place)
    assert said.message.startswith(f"'X' may depend on {MADE}, which is not derived")
