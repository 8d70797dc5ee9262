"""The bytes and words of files, each read once."""

from __future__ import annotations

from pathlib import Path

from analyzer.callgraph.filewords import FileWords
from analyzer.preprocessor.words import words_in
from analyzer.tree.source_tree import DirectoryTree


def test_words_are_what_stands_between_other_characters() -> None:
    assert words_in(b"a->b_1(c);\xe9x /* d\te */ 12u\n$f") == set(
        b"a b_1 c x d e 12u f".split(b" ")
    )
    assert words_in(b"") == frozenset()


def test_a_file_is_read_once_and_may_be_missing(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_bytes(b"int first;\n")
    files = FileWords(DirectoryTree(tmp_path))
    assert files.words("a.c") == {b"int", b"first"}
    (tmp_path / "a.c").write_bytes(b"int second;\n")
    assert files.data("a.c") == b"int first;\n"
    assert files.words("a.c") == {b"int", b"first"}
    assert files.data("b.c") == b""
    assert files.words("b.c") == frozenset()
