"""Answers kept between runs: when they are used again, and when not."""

from __future__ import annotations

import enum
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from analyzer import cache as module
from analyzer.cache import ResultCache, decode, encode, key_of
from analyzer.tree.source_tree import DirectoryTree

KEY = "k"


class Colour(enum.Enum):
    RED = "red"


@dataclass(frozen=True, slots=True)
class Inner:
    name: str
    line: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    mask: int
    colour: Colour
    parts: tuple[Inner, ...]
    pair: tuple[str, int]


ANSWER = Answer(1 << 300, Colour.RED, (Inner("a", 1), Inner("é", None)), ("x", -1))


class Case:
    """A tree that an answer came from, and the cache that keeps it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "tree"
        (self.root / "mm").mkdir(parents=True)
        (self.root / "mm" / "a.c").write_text("int a;\n")
        self.entry = folder / "cache" / KEY
        self.cache = ResultCache(folder / "cache")
        tree = DirectoryTree(self.root)
        assert tree.read("mm/a.c") is not None
        assert tree.read("mm/b.c") is None
        assert tree.read("include/c.h") is None
        assert self.cache.put(KEY, ANSWER, [(tree.label, tree.stamps)]) is None

    @property
    def answer(self) -> Answer | None:
        return self.cache.get(KEY, Answer)


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path)


def test_a_kept_answer_is_the_same(case: Case) -> None:
    assert case.answer == ANSWER
    assert ResultCache(case.entry.parent).get(KEY, Answer) == ANSWER
    assert case.cache.get("other", Answer) is None


def rewritten(root: Path) -> None:
    (root / "mm" / "a.c").write_text("int b;\nint c;\n")


def touched(root: Path) -> None:
    os.utime(root / "mm" / "a.c", ns=(1, 1))


def vanished(root: Path) -> None:
    (root / "mm" / "a.c").unlink()


def appeared(root: Path) -> None:
    (root / "mm" / "b.c").write_text("")
    os.utime(root / "mm", ns=(2, 2))


def folder_appeared(root: Path) -> None:
    (root / "include").mkdir()


def folder_vanished(root: Path) -> None:
    (root / "mm" / "a.c").unlink()
    (root / "mm").rmdir()


@pytest.mark.parametrize(
    "change", [rewritten, touched, vanished, appeared, folder_appeared, folder_vanished]
)
def test_a_changed_tree_is_a_miss(case: Case, change: Callable[[Path], None]) -> None:
    change(case.root)
    assert case.answer is None


def test_what_was_not_read_may_change(case: Case) -> None:
    (case.root / "lib").mkdir()
    (case.root / "lib" / "x.c").write_text("int x;\n")
    assert case.answer == ANSWER


def kept(case: Case) -> tuple[bytes, bytes]:
    head, _, body = case.entry.read_bytes().partition(b"\n")
    return head, body


DAMAGE: list[Callable[[bytes, bytes], bytes]] = [
    lambda _head, _body: b"",
    lambda head, _body: head,
    lambda head, _body: head + b"\n",
    lambda head, body: head + b"\n" + body[:-3],
    lambda head, body: head[:20] + b"\n" + body,
    lambda head, body: body + b"\n" + head,
    lambda _head, _body: b"\xff\xfe\x00" * 50,
    lambda _head, _body: b"{}\n{}",
    lambda _head, _body: b"null\nnull",
    lambda _head, body: b"[1, [], []]\n" + body[:-1] + b", 1]",
    lambda head, body: head + b"\n" + body.replace(b'"red"', b'"blue"'),
    lambda head, body: head + b"\n" + body.replace(b'"x"', b"7"),
    lambda head, _body: head + b"\n" + b"[" * 100_000,
    lambda _head, body: b"[" * 100_000 + b"\n" + body,
    lambda head, body: b"[2" + head[2:] + b"\n" + body,
    lambda head, body: head.replace(b"[0, ", b"[7, ") + b"\n" + body,
    lambda head, body: head.replace(b'"mm/a.c"', b'"mm\\u0000a.c"') + b"\n" + body,
]


@pytest.mark.parametrize("damage", DAMAGE, ids=range(len(DAMAGE)))
def test_a_damaged_entry_is_a_miss(case: Case, damage: Callable[[bytes, bytes], bytes]) -> None:
    broken = damage(*kept(case))
    assert broken != b"\n".join(kept(case))
    case.entry.write_bytes(broken)
    assert case.answer is None


def test_an_entry_that_is_a_folder(case: Case) -> None:
    case.entry.unlink()
    case.entry.mkdir()
    assert case.answer is None


def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = ResultCache(tmp_path / "file" / "results")
    assert cache.get(KEY, Answer) is None
    problem = cache.put(KEY, ANSWER, [])
    assert problem is not None
    assert problem.startswith("nothing is kept for the next run: ")


def test_a_failed_write_leaves_nothing(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_source: str, _target: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert case.cache.put("other", ANSWER, []) == (
        "nothing is kept for the next run: No space left on device"
    )
    assert [path.name for path in case.entry.parent.iterdir()] == [KEY]


def test_the_oldest_entries_go(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ENTRIES", 3)
    for age in range(5):
        case.cache.put(f"n{age}", ANSWER, [])
        os.utime(case.entry.parent / f"n{age}", (1000 + age, 1000 + age))
    os.utime(case.entry, (1, 1))
    case.cache.put("last", ANSWER, [])
    assert sorted(path.name for path in case.entry.parent.iterdir()) == ["last", "n3", "n4"]


def test_keys_tell_questions_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {key_of("a", "b"), key_of("ab"), key_of("ab", ""), key_of(b"a", b"c"), key_of()}
    assert len(keys) == 5
    assert key_of("a", b"b") == key_of("a", "b")
    before = key_of("a")
    monkeypatch.setattr("analyzer.__version__", "0.0.0-other")
    assert key_of("a") != before


def test_the_user_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert ResultCache.of_user().put(KEY, ANSWER, []) is None
    assert (tmp_path / "kimpact" / "results" / KEY).is_file()


def test_facts_survive_json() -> None:
    assert decode(Answer, json.loads(json.dumps(encode(ANSWER)))) == ANSWER
    with pytest.raises(TypeError):
        decode(Inner, ["a", "1"])
    with pytest.raises(ValueError, match="is not a valid Colour"):
        decode(Colour, "green")
