"""From where a change is looked at if nobody says so: small changes to a small kernel.

New and removed functions, macros, inline functions of headers and functions in slots are looked at
from the nearest functions above that both trees have.
"""

from __future__ import annotations

import difflib
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from analyzer.impact.result import PatchReview
from analyzer.pipeline import run_review
from analyzer.progress import Silent
from analyzer.requests import Changes, Inputs, ReviewRequest

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"

HEADER = """\
struct ops { void (*run)(int); };
void leaf(int x);
void other_leaf(int x);
void user_of_macro(void);
static inline void in_header(int x) { leaf(x); }
static inline void above_inline(void) { in_header(2); }
#define INNER(x) leaf(x)
#define OUTER(x) INNER(x)
#define LIMIT 4
"""
LEAF = """\
#include "roots.h"
void leaf(int x) { }
void other_leaf(int x) { }
"""
MAIN = """\
#include "roots.h"
static void run_it(int x) { leaf(x); }
static const struct ops the_ops = { .run = run_it, };
void use_ops(const struct ops *ops) { ops->run(1); }
void user_of_macro(void) { OUTER(1); }
void user_of_inline(void) { in_header(1); above_inline(); }
int limited(int x) { return x < LIMIT ? x : LIMIT; }
static void middle(int x) { leaf(x); }
void top(void) { middle(1); }
void unused(void) { }
"""
FILES = {"mm/roots.h": HEADER, "mm/roots_leaf.c": LEAF, "mm/roots_main.c": MAIN}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    copy = tmp_path / "linux"
    shutil.copytree(FIXTURES / "minikernel", copy)
    for name, text in FILES.items():
        (copy / name).write_text(text)
    makefile = copy / "mm" / "Makefile"
    makefile.write_text(makefile.read_text() + "obj-y += roots_leaf.o roots_main.o\n")
    return copy


def reviewed(tree: Path, edits: Mapping[str, tuple[str, str]]) -> PatchReview:
    """The review of replacements in files, each of a text that stands there once."""
    parts: list[str] = []
    for path, (old, new) in edits.items():
        text = (tree / path).read_text()
        assert text.count(old) == 1, old
        lines = (text.splitlines(keepends=True), text.replace(old, new).splitlines(keepends=True))
        parts += difflib.unified_diff(*lines, f"a/{path}", f"b/{path}")
    patch = tree.parent / "a.patch"
    patch.write_text("".join(parts))
    inputs = Inputs(
        tree,
        (FIXTURES / "configs" / "paravirt.config",),
        cache=False,
        knowledge=(FIXTURES / "knowledge.toml",),
    )
    (review,) = run_review(ReviewRequest(inputs, Changes((patch,))), Silent()).reviews
    return review


def entries(review: PatchReview) -> list[tuple[str, bool, bool]]:
    """Their names, and on which sides they are."""
    return [(e.name, e.before is not None, e.after is not None) for e in review.entries]


def steps(review: PatchReview) -> tuple[set[str], set[str]]:
    changes = [change for entry in review.entries for change in entry.transitions]
    gone = {f"{step.caller} {step.name}" for change in changes for step in change.gone}
    new = {f"{step.caller} {step.name}" for change in changes for step in change.new}
    return gone, new


def test_a_new_function_is_left_to_the_changed_one_that_calls_it(tree: Path) -> None:
    edit = (
        "static void middle(int x) { leaf(x); }",
        "static void fresh(int x) { other_leaf(x); }\nstatic void middle(int x) { fresh(x); }",
    )
    review = reviewed(tree, {"mm/roots_main.c": edit})
    assert [f.name for f in review.functions] == ["fresh", "middle"]
    assert entries(review) == [("middle", True, True)]


def test_a_new_function_in_the_place_of_an_inline_one(tree: Path) -> None:
    """The callers do not change, but what they call does."""
    review = reviewed(
        tree,
        {
            "mm/roots.h": (
                "static inline void in_header(int x) { leaf(x); }\n",
                "void in_header(int x);\n",
            ),
            "mm/roots_leaf.c": (
                "void leaf(int x) { }\n",
                "void leaf(int x) { }\nvoid in_header(int x) { other_leaf(x); }\n",
            ),
        },
    )
    assert {name for name, *_ in entries(review)} == {"user_of_inline"}
    assert entries(review) == [("user_of_inline", True, True)]


def test_an_inline_function_of_a_header_is_looked_at_itself(tree: Path) -> None:
    edit = ("static inline void in_header(int x) { leaf(x); }",
            "static inline void in_header(int x) { other_leaf(x); }")  # fmt: skip
    review = reviewed(tree, {"mm/roots.h": edit})
    assert entries(review) == [("in_header", True, True)]
    assert steps(review) == ({"in_header leaf"}, {"in_header other_leaf"})


def test_a_macro_is_looked_at_from_what_uses_it(tree: Path) -> None:
    review = reviewed(
        tree, {"mm/roots.h": ("#define INNER(x) leaf(x)", "#define INNER(x) other_leaf(x)")}
    )
    assert entries(review) == [("user_of_macro", True, True)]
    assert steps(review) == ({"INNER leaf"}, {"INNER other_leaf"})


def test_a_macro_without_calls(tree: Path) -> None:
    review = reviewed(tree, {"mm/roots.h": ("#define LIMIT 4", "#define LIMIT 8")})
    assert entries(review) == [("limited", True, True)]


def test_a_function_that_only_a_slot_leads_to(tree: Path) -> None:
    """The slot holds a new function; what calls through it is there before and after."""
    edit = (
        "static void run_it(int x) { leaf(x); }\n"
        "static const struct ops the_ops = { .run = run_it, };",
        "static void run_other(int x) { other_leaf(x); }\n"
        "static const struct ops the_ops = { .run = run_other, };",
    )
    review = reviewed(tree, {"mm/roots_main.c": edit})
    assert {(f.name, f.kind.value) for f in review.functions} == {
        ("run_it", "removed"),
        ("run_other", "added"),
    }
    assert entries(review) == [("use_ops", True, True)]
    gone, new = steps(review)
    assert ("run_it leaf" in gone, "run_other other_leaf" in new) == (True, True)


def test_a_removed_function_and_the_chain_that_goes_with_it(tree: Path) -> None:
    """``middle`` gets another name, and so does what calls it; what is above stays."""
    text = "static void middle(int x) { leaf(x); }\nvoid top(void) { middle(1); }\n"
    (tree / "mm/roots_main.c").write_text(MAIN + "void summit(void) { top(); }\n")
    new = text.replace("middle", "between").replace("void top(", "void upper(")
    header = (tree / "mm/roots.h").read_text()
    (tree / "mm/roots.h").write_text(header + "void upper(void);\nvoid top(void);\n")
    review = reviewed(tree, {"mm/roots_main.c": (text, new)})
    assert ("summit", True, True) in entries(review)


def test_a_function_that_nothing_leads_to(tree: Path) -> None:
    edit = ("void unused(void) { }\n", "void unused(void) { }\nvoid lonely(void) { leaf(3); }\n")
    review = reviewed(tree, {"mm/roots_main.c": edit})
    assert entries(review) == [("lonely", False, True)]


def test_more_users_than_are_looked_at_are_told(tree: Path) -> None:
    many = "".join(f"int more_{n}(int x) {{ return x + LIMIT; }}\n" for n in range(12))
    (tree / "mm/roots_main.c").write_text(MAIN + many)
    review = reviewed(tree, {"mm/roots.h": ("#define LIMIT 4", "#define LIMIT 8")})
    assert len(review.entries) == 8
    (told,) = [one for one in review.diagnostics if one.code == "review-users"]
    assert "LIMIT is looked at from 8 of 13 functions" in told.message


def test_a_macro_of_a_source_is_used_there_only(tree: Path) -> None:
    """Another file has a macro of the same name."""
    (tree / "mm/roots_leaf.c").write_text(
        "#define PREFIX 1\n" + LEAF + "int elsewhere(void) { return PREFIX; }\n"
    )
    (tree / "mm/roots_main.c").write_text(
        "#define PREFIX 2\n" + MAIN + "int here(void) { return PREFIX; }\n"
    )
    review = reviewed(tree, {"mm/roots_main.c": ("#define PREFIX 2", "#define PREFIX 3")})
    assert entries(review) == [("here", True, True)]


def test_a_macro_of_a_header_that_others_have_too(tree: Path) -> None:
    leaf = LEAF.replace('#include "roots.h"\n', "#define LIMIT 1\n")
    (tree / "mm/roots_leaf.c").write_text(leaf + "int elsewhere(void) { return LIMIT; }\n")
    review = reviewed(tree, {"mm/roots.h": ("#define LIMIT 4", "#define LIMIT 8")})
    assert entries(review) == [("limited", True, True)]


def test_users_whose_paths_stay_are_no_entries_beside_others(tree: Path) -> None:
    review = reviewed(
        tree,
        {
            "mm/roots.h": ("#define LIMIT 4", "#define LIMIT 8"),
            "mm/roots_main.c": ("middle(int x) { leaf(x); }", "middle(int x) { other_leaf(x); }"),
        },
    )
    assert entries(review) == [("middle", True, True)]
    assert [one.message for one in review.diagnostics if one.code == "review-users"] == [
        "looked at as well, and nothing changes: limited"
    ]


def test_macros_beyond_what_is_looked_at_are_named(tree: Path) -> None:
    old = "".join(f"#define VALUE_{n} 1\n" for n in range(12))
    (tree / "mm/roots.h").write_text(HEADER + old)
    review = reviewed(tree, {"mm/roots.h": (old, old.replace(" 1\n", " 2\n"))})
    told = [one.message for one in review.diagnostics if one.code == "review-users"]
    assert told == ["not looked at from what uses them: VALUE_8, VALUE_9, VALUE_10, VALUE_11"]
