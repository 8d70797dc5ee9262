"""A tree in a directory that holds what no tree should."""

from __future__ import annotations

from pathlib import Path

from analyzer.tree.source_tree import DirectoryTree


def test_a_symlink_in_circles_hides_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "mm").mkdir()
    (tmp_path / "mm/x.c").write_text("x")
    (tmp_path / "mm/loop").symlink_to("loop")
    tree = DirectoryTree(tmp_path)
    assert tree.listdir("mm") == ("loop", "x.c")
    assert tree.read("mm/x.c") == b"x"
    assert not tree.is_file("mm/loop")
