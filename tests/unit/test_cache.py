"""Answers kept between runs: when they are used again, and when not."""

from __future__ import annotations

import enum
import json
import os
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from analyzer.cache.answers import ResultCache
from analyzer.cache.encoding import decode, encode
from analyzer.cache.keys import key_of
from analyzer.cache.places import CacheTrouble, size_limit
from analyzer.cache.store import EntryStore
from analyzer.errors import BadInput
from analyzer.tree.source_tree import DirectoryTree

KEY = key_of("k")


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
        self.trouble = CacheTrouble()
        self.cache = ResultCache(folder / "cache", trouble=self.trouble)
        tree = DirectoryTree(self.root)
        assert tree.read("mm/a.c") is not None
        assert tree.read("mm/b.c") is None
        assert tree.read("include/c.h") is None
        self.cache.put(KEY, ANSWER, [(tree.label, tree.stamps)])
        assert not self.trouble.reason

    @property
    def answer(self) -> Answer | None:
        return self.cache.get(KEY, Answer)


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path)


def test_a_kept_answer_is_the_same(case: Case) -> None:
    assert case.answer == ANSWER
    assert ResultCache(case.entry.parent).get(KEY, Answer) == ANSWER
    assert case.cache.get(key_of("other"), Answer) is None


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


def replaced_with_its_times_kept(root: Path) -> None:
    before = (root / "mm" / "a.c").stat()
    (root / "b.c").write_text("int b;\n")
    os.utime(root / "b.c", ns=(before.st_atime_ns, before.st_mtime_ns))
    folder = (root / "mm").stat()
    os.replace(root / "b.c", root / "mm" / "a.c")
    os.utime(root / "mm", ns=(folder.st_atime_ns, folder.st_mtime_ns))


@pytest.mark.parametrize(
    "change",
    [
        *(rewritten, touched, vanished, appeared, folder_appeared, folder_vanished),
        replaced_with_its_times_kept,
    ],
)
def test_a_changed_tree_is_a_miss(case: Case, change: Callable[[Path], None]) -> None:
    change(case.root)
    assert case.answer is None


def test_what_was_not_read_may_change(case: Case) -> None:
    (case.root / "lib").mkdir()
    (case.root / "lib" / "x.c").write_text("int x;\n")
    assert case.answer == ANSWER


def kept(case: Case) -> tuple[bytes, bytes]:
    """What the answer's entry holds, unpacked: the stamps and the answer."""
    payload = EntryStore(case.entry.parent, 1 << 20).get(KEY)
    assert payload is not None
    head, _, body = zlib.decompress(payload).partition(b"\n")
    return head, body


FOREIGN: list[Callable[[bytes, bytes], bytes]] = [
    lambda _head, _body: b"",
    lambda head, _body: head,
    lambda head, _body: head + b"\n",
    lambda head, body: head + b"\n" + body[:-3],
    lambda head, body: head[:20] + b"\n" + body,
    lambda head, body: body + b"\n" + head,
    lambda _head, _body: b"\xff\xfe\x00" * 50,
    lambda _head, _body: b"{}\n{}",
    lambda _head, _body: b"null\nnull",
    lambda _head, body: b"[[], []]\n" + body[:-1] + b", 1]",
    lambda head, body: head + b"\n" + body.replace(b'"red"', b'"blue"'),
    lambda head, body: head + b"\n" + body.replace(b'"x"', b"7"),
    lambda head, _body: head + b"\n" + b"[" * 100_000,
    lambda _head, body: b"[" * 100_000 + b"\n" + body,
    lambda head, body: head.replace(b"[0,", b"[7,") + b"\n" + body,
    lambda head, body: head.replace(b'"mm/a.c"', b'"mm\\u0000a.c"') + b"\n" + body,
    lambda head, body: head.replace(b'"mm/a.c"', b'"' + b"a/" * 5000 + b'"') + b"\n" + body,
]


@pytest.mark.parametrize("change", FOREIGN, ids=range(len(FOREIGN)))
def test_an_entry_that_is_whole_but_foreign_is_a_miss(
    case: Case, change: Callable[[bytes, bytes], bytes]
) -> None:
    made = change(*kept(case))
    assert made != b"\n".join(kept(case))
    store = EntryStore(case.entry.parent, 1 << 20)
    store.put(KEY, zlib.compress(made))
    assert store.get(KEY) is not None
    assert case.answer is None


@pytest.mark.parametrize(
    "payload", [b"", b"not packed", zlib.compress(b"x" * 1000)[:-1], zlib.compress(b"") + b"x"]
)
def test_an_entry_that_cannot_be_unpacked_is_a_miss(case: Case, payload: bytes) -> None:
    EntryStore(case.entry.parent, 1 << 20).put(KEY, payload)
    assert case.answer is None
    assert case.cache.get_text(KEY) is None


def test_an_entry_that_unpacks_to_too_much_is_a_miss(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analyzer.cache.answers.MAX_UNPACKED_BYTES", 1000)
    EntryStore(case.entry.parent, 1 << 20).put(KEY, zlib.compress(b"[]\n" + b" " * 1000))
    assert case.cache.get_text(KEY) is None


def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    trouble = CacheTrouble()
    cache = ResultCache(tmp_path / "file" / "results", trouble=trouble)
    assert cache.get(KEY, Answer) is None
    for _ in range(2):
        cache.put(KEY, ANSWER, [])
    assert trouble.reason == f"{tmp_path}/file/results: Not a directory"


def test_another_process_has_the_same_trouble(tmp_path: Path) -> None:
    trouble = CacheTrouble()
    child = os.fork()
    if not child:
        trouble.note("no room")
        trouble.note("and nothing else")
        os._exit(0)
    os.waitpid(child, 0)
    assert trouble.reason == "no room"
    ResultCache(tmp_path, trouble=trouble).put(KEY, ANSWER, [])
    trouble.note("too late")
    assert trouble.reason == "no room"


def test_keys_tell_questions_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {key_of("a", "b"), key_of("ab"), key_of("ab", ""), key_of(b"a", b"c"), key_of()}
    assert len(keys) == 5
    assert key_of("a", b"b") == key_of("a", "b")
    before = key_of("a")
    monkeypatch.setattr("analyzer.__version__", "0.0.0-other")
    other_version = key_of("a")
    monkeypatch.setattr("analyzer.cache.keys.SCHEMA", 1000)
    other_schema = key_of("a")
    monkeypatch.setattr("analyzer.cache.keys.READERS", ())
    assert len({before, other_version, other_schema, key_of("a")}) == 4


def test_the_user_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    cache = ResultCache.of_user()
    assert cache is not None
    cache.put(KEY, ANSWER, [])
    assert (tmp_path / "kimpact" / "results" / KEY).is_file()
    assert (tmp_path / "kimpact" / "results").stat().st_mode & 0o777 == 0o700


def test_a_relative_folder_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    cache = ResultCache.of_user()
    assert cache is not None
    cache.put(KEY, ANSWER, [])
    assert [path.name for path in tmp_path.iterdir()] == ["home"]
    monkeypatch.setenv("HOME", "there")
    trouble = CacheTrouble()
    assert ResultCache.of_user(trouble) is None
    assert trouble.reason == "there is no home folder"


@pytest.mark.parametrize(
    ("text", "size"),
    [("", 256 << 20), ("0", 0), ("4096", 4096), ("1k", 1024), ("20M", 20 << 20), (" 3G ", 3 << 30)],
)
def test_the_size_that_a_user_sets(text: str, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIMPACT_CACHE_SIZE", text)
    assert size_limit() == size
    assert (ResultCache.of_user() is None) == (size == 0)


@pytest.mark.parametrize("text", ["-1", "1.5G", "1 T", "many", "M", "9" * 16, "１"])
def test_a_size_that_is_none(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIMPACT_CACHE_SIZE", text)
    with pytest.raises(BadInput, match="is no size: bytes, or a number with K, M or G"):
        ResultCache.of_user()


def test_facts_survive_json() -> None:
    assert decode(Answer, json.loads(json.dumps(encode(ANSWER)))) == ANSWER
    with pytest.raises(TypeError):
        decode(Inner, ["a", "1"])
    with pytest.raises(ValueError, match="is not a valid Colour"):
        decode(Colour, "green")
