"""What is read in a changelog: which lines are a call tree, who calls whom, what is mentioned."""

from __future__ import annotations

import textwrap

import pytest

from analyzer.impact.claims.drawing import Changelog, Drawing, MentionKind
from analyzer.impact.claims.prose import MAX_CHAIN
from analyzer.impact.claims.reader import MAX_DRAWINGS, MAX_MENTIONS, MAX_TEXT, read_changelog
from analyzer.impact.claims.trees import MAX_CALLS, MAX_DEPTH


def read(text: str) -> Changelog:
    return read_changelog(textwrap.dedent(text).strip("\n"))


def drawn(drawing: Drawing) -> list[str]:
    """Each call as ``caller>name [labels] {headings}``."""
    found: list[str] = []
    for call in drawing.calls:
        caller = "" if call.parent is None else drawing.calls[call.parent].name
        labels = "".join(f" [{label.text}]" for label in call.labels)
        headings = "".join(f" {{{label.text}}}" for label in call.headings)
        found.append(f"{caller}>{call.name}{labels}{headings}")
    return found


def tree(text: str) -> list[str]:
    (drawing,) = read(text).drawings
    return drawn(drawing)


def test_indented_names_with_labels_and_headings() -> None:
    changelog = read("""
        If CONFIG_RECLAIM is enabled, the calls of free_it() are as follows:

        free_it
          free_slot
            remove_table [!CONFIG_PV, Xen PV]
              [slow path:]
                remove_one [frees via RCU]
              [fast path:]
                table_flush
            native_remove [CONFIG_PV on native]
              remove_table [see above]

        And so it is.
    """)
    (drawing,) = changelog.drawings
    assert drawn(drawing) == [
        ">free_it",
        "free_it>free_slot",
        "free_slot>remove_table [!CONFIG_PV, Xen PV]",
        "remove_table>remove_one [frees via RCU] {slow path:}",
        "remove_table>table_flush {fast path:}",
        "free_slot>native_remove [CONFIG_PV on native]",
        "native_remove>remove_table [see above]",
    ]
    assert [call.line for call in drawing.calls] == [3, 4, 5, 7, 9, 10, 11]
    assert drawing.premise is not None
    assert (drawing.premise.text, drawing.premise.line) == ("CONFIG_RECLAIM is enabled", 1)
    assert [label.line for label in drawing.calls[3].headings] == [6]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            """
            do_exit()
              -> exit_mm()
                -> mm_put(mm)
              -> exit_files()
            """,
            [">do_exit", "do_exit>exit_mm", "exit_mm>mm_put", "do_exit>exit_files"],
        ),
        (
            """
            do_exit
            |- exit_mm
            |  `- mm_put
            \\- exit_files
            """,
            [">do_exit", "do_exit>exit_mm", "exit_mm>mm_put", "do_exit>exit_files"],
        ),
        (
            """
            do_exit
            +-- exit_mm
            |   +-- mm_put [last user]
            |
            +-- exit_files
            """,
            [">do_exit", "do_exit>exit_mm", "exit_mm>mm_put [last user]", "do_exit>exit_files"],
        ),
        (
            """
            do_exit
            ├── exit_mm
            │   └── mm_put
            └── exit_files
            """,
            [">do_exit", "do_exit>exit_mm", "exit_mm>mm_put", "do_exit>exit_files"],
        ),
        ("do_exit\n\texit_mm\n\t\tmm_put", [">do_exit", "do_exit>exit_mm", "exit_mm>mm_put"]),
        ("do_exit\n\texit_mm\n          mm_put", [">do_exit", "do_exit>exit_mm", "exit_mm>mm_put"]),
        (
            "    do_exit() -> exit_mm() -> mm_put()",
            [">do_exit", "do_exit>exit_mm", "exit_mm>mm_put"],
        ),
        (
            "do_exit()\n-> exit_mm()\n-> mm_put()",
            [">do_exit", "do_exit>exit_mm", "exit_mm>mm_put"],
        ),
        (
            "do_exit() -> exit_mm()\n             -> mm_put()\n          -> exit_files()",
            [">do_exit", "do_exit>exit_mm", "exit_mm>mm_put", "do_exit>exit_files"],
        ),
        (
            """
            do_exit(code)
              exit_mm()  /* drops the mm */
                ...
                mm_put(&mm->x, 1) <- here
              exit_files() (fs/file.c)
            """,
            [">do_exit", "do_exit>exit_mm", "exit_mm>mm_put", "do_exit>exit_files"],
        ),
        (
            """
            do_exit() [1]
              exit_mm() [...]
                mm_put() [2] [last user]
            """,
            [">do_exit", "do_exit>exit_mm", "exit_mm>mm_put [last user]"],
        ),
        (
            """
            do_exit:
            do_exit()
              exit_mm()
                [last user]
              exit_files()
            """,
            [">do_exit", "do_exit>exit_mm [last user]", "do_exit>exit_files"],
        ),
        (
            "mm: x\n\nThe way is do_exit() ->\nexit_mm() -> mm_put(mm), which waits.",
            [">do_exit", "do_exit>exit_mm", "exit_mm>mm_put"],
        ),
        ("mm: x\n\nIt is do_exit()->exit_mm(), no more.", [">do_exit", "do_exit>exit_mm"]),
    ],
)
def test_ways_to_draw_calls(text: str, expected: list[str]) -> None:
    assert tree(text) == expected


def test_several_roots_are_several_drawings() -> None:
    changelog = read("""
        Either:
          first_a
            first_b
          second_a
            second_b

        or third_a() -> third_b().
    """)
    assert [drawn(each) for each in changelog.drawings] == [
        [">first_a", "first_a>first_b"],
        [">second_a", "second_a>second_b"],
        [">third_a", "third_a>third_b"],
    ]


@pytest.mark.parametrize(
    "text",
    [
        # prose, and names that are alone on a line
        "Fix a leak in\n  do_exit\nthat nobody saw",
        "The functions are:\n\n  do_exit\n  exit_mm\n  mm_put\n",
        "Some words\n  indented more\n    and more\n",
        # code
        "  if (do_exit(x))\n    exit_mm(x);\n",
        "  do_exit()\n  {\n    exit_mm()\n  }\n",
        "  do_exit()\n    x = exit_mm()\n",
        "  while (do_exit())\n    exit_mm()\n",
        # stack traces and profiles
        "Call Trace:\n  do_exit\n    exit_mm\n",
        "Call trace:\n\n  do_exit\n    exit_mm\n",
        " [<ffffffff81000000>] do_exit+0x12/0x34\n  [<ffffffff81000001>] exit_mm+0x1/0x2\n",
        " ? do_exit+0x12/0x34\n   exit_mm+0x1/0x2\n",
        "[   12.345678] do_exit\n[   12.345679]   exit_mm\n",
        "  |--12.34%--do_exit\n  |   |--1.2%--exit_mm\n",
        # two columns
        "  CPU0                 CPU1\n  do_exit()\n                       exit_mm()\n",
        "  CPU 0           CPU 1\n\n  do_exit()\n                exit_mm()\n",
        "  do_exit()        exit_mm()\n    mm_put()         mm_get()\n",
        "  do_exit()\n                                exit_mm()\n",
        "  name     value\n  ----     -----\n  do_exit\n    exit_mm\n",
        # members, states, types, files, options
        "The flag ops->open -> ops->close is lost.",
        "It goes TASK_RUNNING -> TASK_DEAD.",
        "  TASK_RUNNING\n    TASK_DEAD\n",
        "  mm/memory.c\n    mm/mmap.c\n",
        "  CONFIG_A=y\n    CONFIG_B=y\n",
        "  struct mm\n    struct vma\n",
        # profiles beside a tree, columns with arrows, titles, and sentences apart
        "  do_exit\n    exit_mm\n      + 12.3% mm_put\n",
        "  do_exit()                -> exit_mm()\n",
        "mm: do_exit() -> exit_mm()\n",
        "From: A\nSubject: do_exit() -> exit_mm()\n",
        "mm: x\n\nThis is do_exit()\n\n-> exit_mm() is that, too.",
        # trailers, quotes, and what follows the message
        'Cc: do_exit() -> exit_mm()\nFixes: 123 ("do_exit() -> exit_mm()")\n',
        "> do_exit() -> exit_mm()\n> do_exit\n>   exit_mm\n",
        "---\n do_exit\n   exit_mm\n",
        "diff --git a/x b/x\n do_exit\n   exit_mm\n",
        " a.c | 20 ++++\n b.c |  7 +++\n 2 files changed, 27 insertions(+)\n",
    ],
)
def test_what_is_no_call_tree(text: str) -> None:
    assert read_changelog(text).drawings == ()


def test_what_stands_in_a_loop_is_called_by_the_function_around_it() -> None:
    assert tree("""
        trim_all()
          get_lock(&all->lock)
          list_for_each_entry(one, all)
            trim_one(one)
          put_lock(&all->lock)
    """) == [
        ">trim_all",
        "trim_all>get_lock",
        "trim_all>trim_one",
        "trim_all>put_lock",
    ]


def test_arrows_that_are_not_indented_are_loose() -> None:
    (drawing,) = read("do_exit()\n-> exit_mm()\n-> mm_put() -> mm_drop()\n").drawings
    assert [call.loose for call in drawing.calls] == [False, True, True, False]
    (drawing,) = read("do_exit()\n  -> exit_mm()\n  -> mm_put()\n").drawings
    assert not any(call.loose for call in drawing.calls)


def test_two_names_and_an_arrow_are_vague() -> None:
    texts = {
        "mm: x\n\nSee do_exit() -> exit_mm().": True,
        "  do_exit() -> exit_mm()": True,
        "  do_exit() -> exit_mm() -> mm_put()": False,
        "  do_exit()\n    -> exit_mm()": False,
    }
    for text, vague in texts.items():
        (drawing,) = read_changelog(text).drawings
        assert drawing.vague is vague, text


@pytest.mark.parametrize(
    ("lead", "expected"),
    [
        ("Before this patch, the calls are:", True),
        ("It works. Currently we have:", True),
        ("Without the change:", True),
        ("Before this patch all was well. We have now:", False),
        ("After this patch, the calls that currently fail are:", False),
        ("With the change applied we have:", False),
        ("The calls are:", False),
    ],
)
def test_trees_before_the_patch(lead: str, expected: bool) -> None:
    (drawing,) = read_changelog(f"{lead}\n\n  do_exit\n    exit_mm\n").drawings
    assert drawing.before is expected


@pytest.mark.parametrize(
    ("lead", "expected"),
    [
        ("With CONFIG_A=y, this is called:", "CONFIG_A=y"),
        ("Without more. When CONFIG_A is not set we have:", "CONFIG_A is not set"),
        ("This is called without CONFIG_A:", "without CONFIG_A"),
        ("If CONFIG_A is enabled, so be it. This is called:", None),
        ("If CONFIG_A is enabled, this is called.", None),
        ("This is called:", None),
    ],
)
def test_premise(lead: str, expected: str | None) -> None:
    (drawing,) = read_changelog(f"{lead}\n\n  do_exit\n    exit_mm\n").drawings
    assert (drawing.premise and drawing.premise.text) == expected


def test_mentions() -> None:
    changelog = read("""
        mm: fix do_exit()

        Since CONFIG_A and CONFIG_B_C were added, exit_mm() calls ops->open(), *_free(),
        free_*() and do_exit() again; see CONFIG_D_*. The module's foo.bar() is not meant.

        Fixes: 123456 ("mm: add mm_old()")
        Signed-off-by: A B <a@example.org>
        ---
         after_all() is not part of it
    """)
    found = [(each.name, each.kind, each.line) for each in changelog.mentions]
    assert found == [
        ("do_exit", MentionKind.FUNCTION, 1),
        ("exit_mm", MentionKind.FUNCTION, 3),
        ("A", MentionKind.SYMBOL, 3),
        ("B_C", MentionKind.SYMBOL, 3),
    ]


def test_names_of_drawings_are_no_mentions_but_their_symbols_are() -> None:
    changelog = read("do_exit()\n  exit_mm() [CONFIG_A]")
    assert [each.name for each in changelog.mentions] == ["A"]


def test_carriage_returns_are_no_part_of_lines() -> None:
    assert tree("do_exit()\r\n  exit_mm()\r\n") == [">do_exit", "do_exit>exit_mm"]


# --- hostile texts ----------------------------------------------------------------------


def test_a_huge_line_is_cut() -> None:
    changelog = read_changelog("a" * 10_000_000 + "\ndo_exit() -> exit_mm()")
    assert changelog.drawings == ()
    assert changelog.remarks == (f"of the message, the first {MAX_TEXT} characters are read",)


@pytest.mark.parametrize(
    "text",
    [
        " " * 2_000_000,
        "\t" * 2_000_000 + "x()",
        "(" * 2_000_000,
        "a(" * 500_000,
        "a()" * 400_000,
        "a() -> " * 200_000,
        "a()->a" * 200_000,
        "[" * 1_000_000,
        "x [[[[" * 100_000 + "\n",
        "|" * 1_000_000,
        "-" * 390 + "x\n" + "-" * 390 + "\n",
        "\n" * 1_000_000,
        "a_b\n c_d\n" * 100_000,
        "if CONFIG_A is enabled " * 40_000 + ":\n\n a_b\n  c_d",
        "CONFIG_" + "A" * 1_000_000,
    ],
)
def test_texts_that_could_take_long(text: str) -> None:
    read_changelog(text)


def test_a_deep_tree_is_cut() -> None:
    text = "\n".join(" " * depth + f"call_{depth}()" for depth in range(300))
    changelog = read_changelog(text)
    (drawing,) = changelog.drawings
    assert len(drawing.calls) == MAX_DEPTH
    (remark,) = changelog.remarks
    assert remark == (f"the call tree at line 1 is read up to {MAX_CALLS} names, {MAX_DEPTH} deep")


def test_a_long_tree_is_cut() -> None:
    text = "root()\n" + "\n".join(f"  call_{number}()" for number in range(2 * MAX_CALLS))
    changelog = read_changelog(text)
    assert len(changelog.drawings[0].calls) == MAX_CALLS
    assert len(changelog.remarks) == 1


def test_a_long_chain_is_no_drawing() -> None:
    text = "So " + " ->\n".join(f"call_{number}()" for number in range(MAX_CHAIN + 1)) + " it is"
    assert read_changelog(text).drawings == ()


def test_many_drawings_and_mentions_are_cut() -> None:
    chains = "\n".join(f"Here a_{n}() -> b_{n}() is." for n in range(2 * MAX_DRAWINGS))
    words = " ".join(f"c_{n}()" for n in range(2 * MAX_MENTIONS))
    changelog = read_changelog(f"{chains}\n\n{words}")
    assert len(changelog.drawings) == MAX_DRAWINGS
    assert len(changelog.mentions) == MAX_MENTIONS
    assert len(changelog.remarks) == 2
