"""The bytes of files, and in which of them a word stands."""

from __future__ import annotations

import random
from pathlib import Path

from analyzer.callgraph.filewords import FileWords
from analyzer.preprocessor.words import stands_in, words_in
from analyzer.tree.source_tree import DirectoryTree


def test_words_are_what_stands_between_other_characters() -> None:
    assert words_in(b"a->b_1(c);\xe9x /* d\te */ 12u\n$f") == set(
        b"a b_1 c x d e 12u f".split(b" ")
    )
    assert words_in(b"") == frozenset()


def test_a_word_stands_by_itself() -> None:
    assert stands_in(b"word", b"word")
    assert stands_in(b"words sword +word;", b"word")
    assert not stands_in(b"words sword _word word1", b"word")
    assert not stands_in(b"aaa", b"aa")
    assert not stands_in(b"", b"word")


def test_a_file_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_bytes(b"int first;\n")
    files = FileWords(DirectoryTree(tmp_path))
    assert files.data("a.c") == b"int first;\n"
    (tmp_path / "a.c").write_bytes(b"int second;\n")
    files.divide(["a.c"])
    assert files.data("a.c") == b"int first;\n"
    assert list(files.spelling(b"first")) == ["a.c"]
    assert list(files.spelling(b"second")) == []


def test_a_missing_file_is_empty(tmp_path: Path) -> None:
    files = FileWords(DirectoryTree(tmp_path))
    files.divide(["b.c"])
    assert files.data("b.c") == b""
    assert list(files.spelling(b"int")) == []


def test_the_files_in_which_a_word_stands(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_bytes(b"int first;\n")
    (tmp_path / "b.c").write_bytes(b"int second;\n")
    files = FileWords(DirectoryTree(tmp_path))
    assert list(files.spelling(b"int")) == []
    files.divide(["b.c"])
    assert list(files.spelling(b"int")) == ["b.c"]
    files.divide(["b.c", "a.c", "b.c"])
    assert list(files.spelling(b"int")) == ["b.c", "a.c"]
    assert list(files.spelling(b"first")) == ["a.c"]


def test_files_of_many_groups(tmp_path: Path) -> None:
    """Whatever group a file came into, a word is found just where it stands by itself."""
    chance = random.Random(1)
    words = [f"w{number}" for number in range(300)]
    texts = {
        f"{number}.c": " ".join(chance.choices(chance.sample(words, 150), k=9_000))
        for number in range(40)
    }
    for path, text in texts.items():
        (tmp_path / path).write_text(text)
    files = FileWords(DirectoryTree(tmp_path))
    files.divide(list(texts)[:7])
    files.divide(texts)
    for word in (*words[:20], "w", "w3000"):
        expected = [path for path, text in texts.items() if word in text.split()]
        assert list(files.spelling(word.encode())) == expected
