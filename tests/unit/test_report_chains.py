"""Macros that do nothing but use one another share a line."""

from __future__ import annotations

import io

from fake_program import FakeProgram, configs

from analyzer.callgraph.program import RefKind
from analyzer.diagnostics import Diagnostics
from analyzer.location import Location
from analyzer.paths.answer import Question, answer
from analyzer.paths.platforms import OnePlatform
from analyzer.paths.result import Kernel
from analyzer.progress import Silent
from analyzer.report.tree import print_paths


def program_of(text: str) -> FakeProgram:
    """``a>B`` is a call; names in capitals are macros."""
    program = FakeProgram()
    for arrow in text.split():
        pair = arrow.split(">")
        for name in pair:
            if name not in program.refs:
                kind = RefKind.MACRO if name.isupper() else RefKind.FUNCTION
                program.define(name, kind=kind)
        program.call(program.refs[pair[0]][0], program.refs[pair[1]][0])
    return program


def tree(program: FakeProgram) -> list[str]:
    result = answer(
        program,
        Question(("a",), show_all=True),
        configs([{}]),
        Kernel("6.12", "x86"),
        platforms=OnePlatform(1),
        diagnostics=Diagnostics(),
        progress=Silent(),
    )
    stream = io.StringIO()
    print_paths(result, stream, ascii_only=True)
    return stream.getvalue().split("\n\n")[1].rstrip("\n").splitlines()


def test_macros_that_only_use_the_next_one() -> None:
    assert tree(program_of("a>M M>N N>O O>b b>c a>d")) == [
        "a  a.c:10",
        "+-- M > N > O  (macros)  a.c:40  from line 11",
        "|   `-- b  a.c:50  from line 41",
        "|       `-- c  a.c:60  from line 51",
        "`-- d  a.c:70  from line 12",
    ]


def test_a_macro_that_does_more_stands_alone() -> None:
    assert tree(program_of("a>M M>N M>b N>c")) == [
        "a  a.c:10",
        "`-- M  (macro)  a.c:20  from line 11",
        "    +-- N  (macro)  a.c:30  from line 21",
        "    |   `-- c  a.c:50  from line 31",
        "    `-- b  a.c:40  from line 22",
    ]


def test_a_macro_that_stands_elsewhere_is_referred_to() -> None:
    assert tree(program_of("a>M M>N N>b a>P P>N")) == [
        "a  a.c:10",
        "+-- M > N  (macros)  a.c:30  from line 11",
        "|   `-- b  a.c:40  from line 31",
        "`-- P  (macro)  a.c:50  from line 12",
        "    `-- N  (macro; see above)  a.c:30  from line 51",
    ]


def test_a_use_under_a_condition_of_c_keeps_its_line() -> None:
    program = program_of("a>M N>b")
    program.call(program.refs["M"][0], program.refs["N"][0], guards=("x",))
    assert tree(program)[1:] == [
        "`-- M  (macro)  a.c:20  from line 11",
        "    `-- N  (macro)  a.c:30  from line 21",
        "        when x",
        "        `-- b  a.c:40  from line 31",
    ]


def test_conditionals_on_the_way_are_kept_and_not_said_twice() -> None:
    program = FakeProgram()
    a = program.define("a")
    m, n = (program.define(name, kind=RefKind.MACRO) for name in "MN")
    here, there = Location("x.h", 1), Location("x.h", 9)
    program.call(a, m, conditionals=(("CONFIG_A", here),))
    program.call(m, n, conditionals=(("CONFIG_A", there), ("CONFIG_B", there)))
    program.call(n, program.define("b"), conditionals=(("CONFIG_B", there),))
    assert tree(program)[1:] == [
        "`-- M > N  (macros)  a.c:30  from line 11",
        "    #if CONFIG_A [A=n] x.h:1  #if CONFIG_B [B=n] x.h:9",
        "    `-- b  a.c:40  from line 31",
    ]
