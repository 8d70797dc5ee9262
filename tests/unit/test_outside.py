"""What leads out of a tree, in a directory, a revision and an overlay."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from unit_case import TextTree

from analyzer.tree.outside import REFUSED, absence, leads_out
from analyzer.tree.overlay import OverlayTree, PatchableTree
from analyzer.tree.revision import RevisionTree
from analyzer.tree.source_tree import DirectoryTree
from patch_tools import git

KINDS = ["directory", "overlay", "revision"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "linux"
    (root / "mm").mkdir(parents=True)
    (root / "mm/x.c").write_text("x")
    for name, target in {
        "mm/out.c": "/etc/passwd",
        "mm/up.c": "../../secret",
        "mm/in.c": "x.c",
        "mm/gone.c": "none.c",
        "mm/loop": "loop",
        "away": "/etc",
        "near": "mm",
    }.items():
        (root / name).symlink_to(target)
    return root


def tree_of(folder: Path, kind: str) -> PatchableTree:
    if kind == "revision":
        if shutil.which("git") is None:
            pytest.skip("git is not installed")
        git(folder, "init", "-q")
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", "all")
        return RevisionTree.at(folder, "HEAD")
    tree = DirectoryTree(folder)
    return OverlayTree(tree, {"mm/y.c": b"y"}) if kind == "overlay" else tree


@pytest.mark.parametrize("kind", KINDS)
def test_what_leads_out(kind: str, folder: Path) -> None:
    tree = tree_of(folder, kind)
    out = ["mm/out.c", "mm/up.c", "away", "away/passwd", "../secret", "/etc/passwd", "mm/../.."]
    kept = ["mm/x.c", "mm/in.c", "mm/gone.c", "mm/loop", "near/x.c", "none", "mm/../mm/x.c", "..a"]
    assert [path for path in [*out, *kept] if leads_out(tree, path)] == out
    assert {tree.read(path) for path in out} == {None}
    assert absence(tree, "mm/out.c", "is missing") == REFUSED
    assert absence(tree, "mm/loop", "is missing") == "is missing"


def test_a_tree_that_cannot_tell_says_so() -> None:
    tree = TextTree({"mm/x.c": "x"})
    assert absence(tree, "mm/none.c", "is missing") == "is missing"
    assert absence(tree, "../x", "is missing") == REFUSED
    told = "is missing (what has that name is no file, or leads out of the tree)"
    assert absence(tree, "mm", "is missing") == told
