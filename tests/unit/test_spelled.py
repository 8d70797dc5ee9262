"""Which names the texts of a tree define."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.impact.spelled import defined_names
from analyzer.tree.source_tree import DirectoryTree

FILES = {
    "mm/a.c": (
        "static int first(int x)\n{\n\treturn second(x);\n}\n"
        "void prototype(int x);\n"
        "struct s *wrapped(int x,\n\t\tint (*f)(int))\n\t__must_hold(x)\n{\n}\n"
        "static inline\nvoid alone(void) { third(); }\n"
        "int variable = called(1);\n"
        "SYSCALL_DEFINE2(enter, int, x, int, y)\n{\n}\n"
    ),
    "arch/other/b.S": "SYM_FUNC_START(assembled)\nlabel:\n\tcall nothing\n",
    "include/c.h": "#define MACRO(x) inner(x)\n  #  define SPACED 1\n",
    "mm/d.txt": "int text(void) { }\n",
}
THERE = {"first", "wrapped", "alone", "enter", "assembled", "label", "MACRO", "SPACED"}
MISSING = {"second", "third", "prototype", "called", "variable", "nothing", "inner", "text", "irst"}


@pytest.fixture
def tree(tmp_path: Path) -> DirectoryTree:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return DirectoryTree(tmp_path)


def test_definitions_are_found_and_uses_are_not(tree: DirectoryTree) -> None:
    assert defined_names(tree, THERE | MISSING, ("",)) == THERE


def test_folders_narrow_the_search(tree: DirectoryTree) -> None:
    assert defined_names(tree, THERE, ("arch",)) == {"assembled", "label"}
    assert defined_names(tree, THERE, ()) == set()
