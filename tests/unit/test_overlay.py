"""A tree with changes on top: what is there, what is listed, what is stamped."""

from __future__ import annotations

import pickle
from pathlib import Path

from analyzer.tree.overlay import OverlayTree
from analyzer.tree.source_tree import DirectoryTree


def base(tmp_path: Path) -> DirectoryTree:
    root = tmp_path / "tree"
    for path in ("Makefile", "mm/a.c", "mm/b.c", "only/deep/x.c", "kernel/k.c"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(path)
    (root / "inner").symlink_to("mm")
    (root / "one.c").symlink_to("mm/a.c")
    (root / "outer").symlink_to(tmp_path)
    return DirectoryTree(root)


def test_files_are_replaced_added_and_removed(tmp_path: Path) -> None:
    tree = OverlayTree(
        base(tmp_path),
        {"mm/a.c": b"new", "mm/b.c": None, "new/dir/f.c": b"f", "only/deep/x.c": None},
    )
    assert tree.read("mm/a.c") == b"new"
    assert tree.read("mm/b.c") is None
    assert not tree.is_file("mm/b.c")
    assert tree.is_file("new/dir/f.c")
    assert tree.read("kernel/k.c") == b"kernel/k.c"
    assert tree.listdir("mm") == ("a.c",)
    assert tree.listdir("new") == ("dir/",)
    assert tree.listdir("new/dir") == ("f.c",)
    assert "new/" in tree.listdir("")
    assert "only/" not in tree.listdir("")
    assert tree.listdir("only") == ()
    assert tree.changed == ("mm/a.c", "mm/b.c", "new/dir/f.c", "only/deep/x.c")
    assert not (Path(tree.root) / "new").exists()


def test_changes_are_seen_through_symlinks(tmp_path: Path) -> None:
    tree = OverlayTree(base(tmp_path), {"mm/a.c": b"new", "mm/c.c": b"c"})
    assert tree.read("inner/a.c") == b"new"
    assert tree.read("one.c") == b"new"
    assert tree.is_file("inner/c.c")
    assert tree.listdir("inner") == ("a.c", "b.c", "c.c")
    assert tree.read("outer/none.c") is None


def test_canonical_paths_follow_symlinks_within_the_tree(tmp_path: Path) -> None:
    tree = base(tmp_path)
    assert tree.canonical("inner/a.c") == "mm/a.c"
    assert tree.canonical("one.c") == "mm/a.c"
    assert tree.canonical("inner/none/x.c") == "mm/none/x.c"
    assert tree.canonical("mm/a.c") == "mm/a.c"
    assert tree.canonical("outer/x") is None
    assert tree.canonical("outer") is None


def test_overlays_on_overlays_are_one(tmp_path: Path) -> None:
    below = base(tmp_path)
    first = OverlayTree(below, {"mm/a.c": b"1", "mm/b.c": None})
    second = OverlayTree(first, {"mm/a.c": b"2", "mm/b.c": b"again"}, "two")
    assert second.base is below
    assert (second.read("mm/a.c"), second.read("mm/b.c")) == (b"2", b"again")
    assert (first.read("mm/a.c"), first.read("mm/b.c")) == (b"1", None)
    assert second.label == "two"


def test_reads_below_are_stamped(tmp_path: Path) -> None:
    below = base(tmp_path)
    tree = OverlayTree(below, {"mm/a.c": b"1"})
    tree.read("mm/a.c")
    assert "mm/a.c" not in below.stamps
    tree.read("kernel/k.c")
    tree.listdir("mm")
    assert tree.stamps is below.stamps
    assert {"kernel/k.c", "mm"} <= set(below.stamps)
    assert tree.root == below.root


def test_an_overlay_goes_to_another_process(tmp_path: Path) -> None:
    tree = pickle.loads(pickle.dumps(OverlayTree(base(tmp_path), {"mm/a.c": b"1"})))
    assert (tree.read("mm/a.c"), tree.read("mm/b.c")) == (b"1", b"mm/b.c")
    assert tree.listdir("mm") == ("a.c", "b.c")
