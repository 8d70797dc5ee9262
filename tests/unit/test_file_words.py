"""The bytes and words of files: which of them are kept."""

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


def test_what_is_asked_for_by_name_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_bytes(b"int first;\n")
    files = FileWords(DirectoryTree(tmp_path))
    assert files.data("a.c") == b"int first;\n"
    (tmp_path / "a.c").write_bytes(b"int second;\n")
    assert files.data("a.c") == files.passing("a.c") == b"int first;\n"
    assert files.has("a.c", b"first")
    assert not files.has("a.c", b"second")


def test_words_are_kept_and_bytes_are_not(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_bytes(b"int first;\n")
    files = FileWords(DirectoryTree(tmp_path))
    assert files.divided("a.c") == b"int first;\n"
    (tmp_path / "a.c").write_bytes(b"int second;\n")
    assert files.passing("a.c") == b"int second;\n"
    assert files.has("a.c", b"first")
    assert not files.has("a.c", b"second")


def test_a_missing_file_is_empty(tmp_path: Path) -> None:
    files = FileWords(DirectoryTree(tmp_path))
    assert files.data("b.c") == files.divided("b.c") == b""
    assert not files.has("b.c", b"int")


def test_the_files_in_which_a_word_stands(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_bytes(b"int first;\n")
    (tmp_path / "b.c").write_bytes(b"int second;\n")
    files = FileWords(DirectoryTree(tmp_path))
    assert list(files.spelling(b"int")) == []
    for path in ("b.c", "a.c", "b.c"):
        files.divided(path)
    assert list(files.spelling(b"int")) == ["b.c", "a.c"]
    assert list(files.spelling(b"first")) == ["a.c"]
    assert files.has("b.c", b"second")
    assert not files.has("b.c", b"first")
