# ruff: noqa: E501 (the expected lines are as long as the output's)
"""The tree as text: exact at a fixed width, in ASCII, without colour, without surprises."""

from __future__ import annotations

import io
from dataclasses import replace
from itertools import pairwise

import pytest
from fake_program import FakeProgram, configs
from report_case import case

from analyzer.diagnostics import Diagnostics
from analyzer.paths.answer import Question, answer
from analyzer.paths.platforms import OnePlatform
from analyzer.paths.result import Kernel, PathsResult
from analyzer.progress import Silent
from analyzer.report.tree import MAX_TREES, print_paths

BELOW = """\
free_range  (Linux 6.12.0-mini x86, 4 configurations)

2 of 4 configurations take these paths: PARAVIRT
  c0, c1
free_range  mm/memory.c:19
└── free_tlb  (macro)  tlb.h:62  from lines 29, 33
    when !(empty(old))
    └── release  asm/pv.h:14  from line 64
        ├── native_release  (indirect through ops.release; candidate)  mm/memory.c:90  from line 16
        │   #if defined(CONFIG_PARAVIRT) [PARAVIRT=y] asm/pv.h:13
        │   ├── remove_table  mm/gather.c:60  from line 91
        │   │   └── page_free  (not followed: further object)  mm/page.c:7  from line 61
        │   └── native_release  (recursion)  mm/memory.c:90  from line 92
        └── hook  unknown target  (indirect)  from line 17

1 of 4 configurations takes these paths: !PARAVIRT && PT_RECLAIM
  c2
free_range  mm/memory.c:19
└── free_tlb  (macro)  tlb.h:62  from lines 29, 33
    when !(empty(old))
    └── release  asm/pv.h:24  from line 64
        └── native_release  mm/memory.c:90  from line 26
            #if !defined(CONFIG_PARAVIRT) [PARAVIRT=n] asm/pv.h:13
            ├── remove_table  mm/gather.c:60  from line 91
            │   └── page_free  (not followed: further object)  mm/page.c:7  from line 61
            └── native_release  (recursion)  mm/memory.c:90  from line 92

1 of 4 configurations takes these paths: !PARAVIRT && !PT_RECLAIM
  c3
free_range  mm/memory.c:19
├── free_tlb  (macro)  tlb.h:62  from lines 29, 33
│   when !(empty(old))
│   └── release  asm/pv.h:24  from line 64
│       └── native_release  mm/memory.c:90  from line 26
│           #if !defined(CONFIG_PARAVIRT) [PARAVIRT=n] asm/pv.h:13
│           └── native_release  (recursion)  mm/memory.c:90  from line 92
└── gone  (not built: CONFIG_PT_RECLAIM=n)  mm/gone.c:5  from line 34

warning: mm/x.c:3: lost two lines [parse-loss]
note: 1 function of further objects not followed (--depth N follows calls into them, --to FUNCTION finds the routes) [not-followed]
"""

ROUTES_AT_60_COLUMNS = """\
free_range to remove_table  (Linux 6.12.0-mini x86, 4
configurations)

2 of 4 configurations take this path: PARAVIRT
  c0, c1
free_range  mm/memory.c:19
`-- free_tlb  (macro)  tlb.h:62  from lines 29, 33
    when !(empty(old))
    `-- release  asm/pv.h:14  from line 64
        `-- native_release  (indirect through ops.release;
            candidate)  mm/memory.c:90  from line 16
            #if defined(CONFIG_PARAVIRT) [PARAVIRT=y]
            asm/pv.h:13
            `-- remove_table  mm/gather.c:60  from line 91

1 of 4 configurations takes this path: !PARAVIRT &&
PT_RECLAIM
  c2
free_range  mm/memory.c:19
`-- free_tlb  (macro)  tlb.h:62  from lines 29, 33
    when !(empty(old))
    `-- release  asm/pv.h:24  from line 64
        `-- native_release  mm/memory.c:90  from line 26
            #if !defined(CONFIG_PARAVIRT) [PARAVIRT=n]
            asm/pv.h:13
            `-- remove_table  mm/gather.c:60  from line 91

1 of 4 configurations has no path to remove_table: !PARAVIRT
&& !PT_RECLAIM
  c3

warning: mm/x.c:3: lost two lines [parse-loss]
note: 1 indirect call with unknown target met during the
search, the first at asm/pv.h:17; routes through them are
not known [unknown-targets]
"""


class Terminal(io.TextIOWrapper):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def shown(
    result: PathsResult,
    *,
    ascii_only: bool = False,
    encoding: str = "utf-8",
    kind: type[io.TextIOWrapper] = io.TextIOWrapper,
) -> str:
    raw = io.BytesIO()
    stream = kind(raw, encoding=encoding, newline="\n")
    print_paths(result, stream, ascii_only=ascii_only)
    stream.flush()
    return raw.getvalue().decode(encoding)


def trimmed(text: str) -> str:
    """Without the blanks that wrapping leaves at line ends."""
    return "\n".join(line.rstrip() for line in text.split("\n"))


def test_everything_below_a_function_unwrapped_without_a_terminal() -> None:
    assert shown(case()) == BELOW


def test_routes_in_ascii_at_sixty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    assert trimmed(shown(case("remove_table"), ascii_only=True)) == ROUTES_AT_60_COLUMNS


def test_ascii_is_taken_where_the_stream_is_not_utf8() -> None:
    assert shown(case(), encoding="latin-1") == shown(case(), ascii_only=True)
    assert shown(case(), encoding="latin-1").isascii()


def test_colour_on_a_terminal_and_none_with_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[" in shown(case(), kind=Terminal)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in shown(case(), kind=Terminal)


def test_no_colour_without_a_terminal_or_on_a_dumb_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b" not in shown(case())
    monkeypatch.delenv("FORCE_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b" not in shown(case(), kind=Terminal)


def test_one_configuration_is_no_class() -> None:
    text = shown(case("remove_table", rows=[{"PARAVIRT": "y"}]))
    assert text.startswith(
        "free_range to remove_table  (Linux 6.12.0-mini x86, c0)\n\nfree_range  mm/memory.c:19\n"
    )
    assert "configuration" not in text


def test_no_route_is_said() -> None:
    assert "\nThis configuration has no path to gone\n" in shown(case("gone", rows=[{}]))


def small(program: FakeProgram, rows: list[dict[str, str]]) -> PathsResult:
    return answer(
        program,
        Question(("a",)),
        configs(rows),
        Kernel("6.12", "x86"),
        platforms=OnePlatform(len(rows)),
        diagnostics=Diagnostics(),
        progress=Silent(),
    )


def test_names_from_the_tree_cannot_drive_the_terminal() -> None:
    program = FakeProgram()
    a = program.define("a")
    b = program.define("b", file="\x1b]0;x\x07.c")
    program.call(a, b, guards=("x ==\r\n\t'\x1b[2J'", "\u202eevil", "[bold]"))
    text = shown(small(program, [{}]))
    assert "\x1b" not in text
    assert "\r" not in text
    assert "\\x1b]0;x\\x07.c" in text
    assert "when x ==\\x0d '\\x1b[2J'" in text
    assert "and \\u202eevil and [bold]" in text


def test_a_condition_that_is_tested_again_inside_is_said_once() -> None:
    program = FakeProgram()
    a, b = program.define("a"), program.define("b")
    program.call(a, b, guards=("!p", "n", "!p"))
    assert "    when n and !p\n" in shown(small(program, [{}]))


def test_a_repeated_subtree_refers_back() -> None:
    program = FakeProgram()
    a, b, c, d = (program.define(name, line=i) for i, name in enumerate("abcd", 1))
    program.call(a, b, line=21)
    program.call(b, c, line=22)
    program.call(c, d, line=23)
    program.call(a, c, line=24)
    program.call(a, d, line=25)
    assert shown(small(program, [{}])).split("\n\n")[1] == (
        "a  a.c:1\n"
        "├── b  a.c:2  from line 21\n"
        "│   └── c  a.c:3  from line 22\n"
        "│       └── d  a.c:4  from line 23\n"
        "├── c  (see above)  a.c:3  from line 24\n"
        "└── d  a.c:4  from line 25\n"
    )


def test_what_happens_below_a_repeated_function_is_said_above_only() -> None:
    program = FakeProgram()
    a, b, c = (program.define(name, line=i) for i, name in enumerate("abc", 1))
    program.call(a, b, line=21)
    program.call(b, c, line=22)
    program.call(a, b, line=23, guards=("late",))
    result = small(program, [{}])
    nodes = tuple(
        replace(node, effects=("gather-free",)) if node.name == "b" else node
        for node in result.nodes
    )
    text = shown(replace(result, nodes=nodes))
    assert "b  (gather-free)  a.c:2  from line 21" in text
    assert "b  (see above)  a.c:2  from line 23" in text


def test_classes_beyond_the_cap_are_listed() -> None:
    program = FakeProgram()
    count = MAX_TREES + 3
    everywhere = (1 << count) - 1
    a = program.define("a", everywhere)
    for index in range(count):
        program.call(a, program.define(f"f{index}", everywhere), 1 << index)
    text = shown(small(program, [{f"S{index:02}": "y"} for index in range(count)]))
    assert text.count(f"1 of {count} configurations takes these paths") == MAX_TREES
    assert text.endswith(
        "3 smaller classes are not drawn (--format json has all):\n"
        f"  1 of {count}: S08\n  1 of {count}: S09\n  1 of {count}: S10\n"
    )


def test_a_class_without_the_function_is_said() -> None:
    program = FakeProgram()
    program.define("a", 0b01, line=1)
    assert shown(small(program, [{"X": "y"}, {}])) == (
        "a  (Linux 6.12 x86, 2 configurations)\n"
        "\n1 of 2 configurations takes these paths: X\n  c0\na  a.c:1\n"
        "\n1 of 2 configurations does not have the function: !X\n  c1\n"
    )


def test_a_deep_path_on_a_narrow_terminal_stays_readable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    program = FakeProgram()
    refs = [program.define("a"), *(program.define(f"function{i}") for i in range(30))]
    for caller, callee in pairwise(refs):
        program.call(caller, callee)
    lines = shown(small(program, [{}])).splitlines()
    assert len(lines) == 2 + len(refs)


def test_many_remarks_of_one_kind_are_counted() -> None:
    program = FakeProgram()
    program.define("a")
    diagnostics = Diagnostics()
    for index in range(10):
        diagnostics.note("odd", f"odd thing {index}")
    result = answer(
        program,
        Question(("a",)),
        configs([{}]),
        Kernel("6.12", "x86"),
        platforms=OnePlatform(1),
        diagnostics=diagnostics,
        progress=Silent(),
    )
    assert shown(result).endswith(
        "note: odd thing 0 [odd]\nnote: odd thing 1 [odd]\nnote: odd thing 2 [odd]\n"
        "note: 7 more [odd] (--format json lists them)\n"
    )
