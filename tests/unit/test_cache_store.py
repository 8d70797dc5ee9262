"""The cache folder: entries that are whole or not there, whoever writes, dies or tampers."""

from __future__ import annotations

import errno
import hashlib
import multiprocessing
import os
import resource
import select
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from analyzer.cache import store as module
from analyzer.cache.store import Contents, EntryStore

ROOM = 1 << 20


def key(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()


KEY = key(0)


@pytest.fixture(params=["unnamed", "named"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways to write: without a name, and under a temporary one."""
    if request.param == "named":
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    elif not hasattr(os, "O_TMPFILE"):
        pytest.skip("files without a name are not to be had here")
    return str(request.param)


@pytest.fixture
def store(tmp_path: Path) -> EntryStore:
    return EntryStore(tmp_path / "cache", ROOM)


def names(store: EntryStore) -> list[str]:
    return sorted(path.name for path in store.folder.iterdir())


@pytest.mark.usefixtures("way")
def test_what_is_put_is_got(store: EntryStore) -> None:
    assert store.get(KEY) is None
    for payload in (b"", b"one\n\0\xff", b"x" * 100_000):
        store.put(KEY, payload)
        assert store.get(KEY) == payload
    assert store.get(key(1)) is None
    assert names(store) == [KEY]


@pytest.mark.usefixtures("way")
def test_an_entry_is_for_its_user_alone(store: EntryStore) -> None:
    store.put(KEY, b"one")
    assert (store.folder / KEY).stat().st_mode & 0o777 == 0o600


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "zero length": lambda _: b"",
    "truncated": lambda data: data[:-1],
    "cut in its head": lambda data: data[:40],
    "longer": lambda data: data + b"x",
    "a bit changed": lambda data: data[:-3] + bytes([data[-3] ^ 1]) + data[-2:],
    "zeros": lambda data: bytes(len(data)),
    "another schema": lambda data: data.replace(b"kimpact-cache-2", b"kimpact-cache-1"),
    "another key": lambda data: data.replace(KEY.encode(), key(1).encode()),
    "a length beyond any integer": lambda data: data.replace(b" 7 ", b" " + b"9" * 5000 + b" "),
    "text": lambda _: b"remember the milk\n",
    "pickle": lambda _: b"\x80\x04\x95\x1a\x00\x00\x00cposix\nsystem\n",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_entry_is_missing_and_can_be_put_anew(store: EntryStore, damage: str) -> None:
    store.put(KEY, b"payload")
    entry = store.folder / KEY
    made = DAMAGE[damage](entry.read_bytes())
    assert made != entry.read_bytes()
    entry.write_bytes(made)
    assert store.get(KEY) is None
    store.put(KEY, b"payload")
    assert store.get(KEY) == b"payload"


def test_an_entry_under_another_name_is_foreign(store: EntryStore) -> None:
    store.put(KEY, b"payload")
    os.rename(store.folder / KEY, store.folder / key(1))
    assert store.get(key(1)) is None


def test_a_giant_entry_is_not_read(store: EntryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.put(KEY, b"x" * 1000)
    with (store.folder / KEY).open("ab") as stream:
        stream.truncate(1 << 40)
    assert store.get(KEY) is None
    monkeypatch.setattr(module, "MAX_ENTRY_BYTES", 500)
    store.put(key(1), b"x" * 1000)
    assert names(store) == [KEY]


def a_symlink(path: Path) -> None:
    other = path.parent.parent / "other"
    other.write_bytes(path.read_bytes())
    path.unlink()
    path.symlink_to(other)


def a_dangling_symlink(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.parent.parent / "nowhere")


def a_fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def a_socket(path: Path) -> None:
    path.unlink()
    with socket.socket(socket.AF_UNIX) as made:
        os.chdir(path.parent)
        made.bind(path.name)


@pytest.mark.parametrize("make", [a_symlink, a_dangling_symlink, a_fifo, a_socket])
@pytest.mark.usefixtures("way")
def test_an_entry_that_is_no_file_is_neither_read_nor_written_through(
    store: EntryStore, make: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(store.folder.parent)
    store.put(KEY, b"payload")
    before = store.folder / KEY
    make(before)
    other = store.folder.parent / "other"
    written = other.read_bytes() if other.exists() else b""
    assert store.get(KEY) is None
    store.put(KEY, b"payload")
    assert store.get(KEY) == b"payload"
    assert not before.is_symlink()
    assert (other.read_bytes() if other.exists() else b"") == written
    assert not (store.folder.parent / "nowhere").exists()


@pytest.mark.usefixtures("way")
def test_an_entry_that_is_a_folder(store: EntryStore) -> None:
    (store.folder / KEY).mkdir(parents=True)
    assert store.get(KEY) is None
    with pytest.raises(OSError, match=r"Is a directory|Operation not permitted"):
        store.put(KEY, b"payload")
    assert names(store) == [KEY]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_an_entry_of_another_user_is_not_trusted(store: EntryStore) -> None:
    store.put(KEY, b"payload")
    os.chown(store.folder / KEY, 65534, 65534)
    assert store.get(KEY) is None


@pytest.mark.usefixtures("way")
def test_entries_not_used_for_the_longest_time_go_first(store: EntryStore) -> None:
    store.limit = 5 * 8192
    for number in range(5):
        store.put(key(number), os.urandom(8000))
        os.utime(store.folder / key(number), (1000 + number, 1000 + number))
    assert store.get(key(0)) is not None
    store.put(key(5), os.urandom(8000))
    assert names(store) == sorted(map(key, (0, 2, 3, 4, 5)))
    assert store.contents().bytes <= store.limit


def test_the_number_of_entries_is_bounded_too(
    store: EntryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_ENTRIES", 3)
    for number in range(6):
        store.put(key(number), b"")
        os.utime(store.folder / key(number), (1000 + number, 1000 + number))
    assert names(store) == sorted(map(key, (3, 4, 5)))


def test_what_has_no_room_at_all_drops_nothing(store: EntryStore) -> None:
    store.put(KEY, b"one")
    store.put(key(1), b"x" * (ROOM + 1))
    assert names(store) == [KEY]


def test_only_own_files_are_counted_and_cleared(store: EntryStore) -> None:
    store.put(KEY, b"one")
    store.put(key(1), b"two")
    leftover = f".{'a' * 32}.new"
    (store.folder / leftover).write_bytes(b"half")
    (store.folder / key(2)).symlink_to("/etc/passwd")
    (store.folder / key(3)).mkdir()
    others = ["README", f"{KEY}.bak", ".hidden.new", KEY[:-1]]
    for name in others:
        (store.folder / name).write_text("mine")
    before = store.contents()
    assert (before.entries, before.unfinished, before.foreign) == (2, 1, 6)
    assert before.bytes >= 200
    assert store.clear() == before
    assert names(store) == sorted([*others, key(2), key(3)])
    assert store.contents() == Contents(0, 0, 0, 6)


def test_clearing_nothing(store: EntryStore) -> None:
    assert store.contents() == store.clear() == Contents(0, 0, 0, 0)
    store.put(KEY, b"one")
    store.clear()
    assert not store.folder.exists()


def failing(number: int) -> Callable[..., int]:
    def fail(*_: object, **__: object) -> int:
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS])
@pytest.mark.usefixtures("way")
def test_a_failed_write_leaves_nothing(
    store: EntryStore, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put(KEY, b"one")
    monkeypatch.setattr(module, "_write", failing(number))
    with pytest.raises(OSError, match=os.strerror(number)):
        store.put(key(1), b"two")
    assert names(store) == [KEY]
    assert store.get(KEY) == b"one"


@pytest.mark.usefixtures("way")
def test_a_file_that_may_not_grow_leaves_nothing(store: EntryStore) -> None:
    store.put(KEY, b"one")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            store.put(key(1), os.urandom(20_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert names(store) == [KEY]
    assert store.get(KEY) == b"one"


@pytest.mark.usefixtures("way")
def test_an_interrupted_write_leaves_nothing(
    store: EntryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    store.put(KEY, b"one")
    monkeypatch.setattr(module, "_write", interrupt)
    with pytest.raises(KeyboardInterrupt):
        store.put(key(1), b"two")
    assert names(store) == [KEY]


def test_a_file_system_without_proc_takes_names(
    store: EntryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", failing(errno.ENOENT))
    store.put(KEY, b"one")
    assert store.get(KEY) == b"one"
    assert names(store) == [KEY]


def _write_and_wait(store: EntryStore, ready: int) -> None:
    """Write half of an entry, say so, and wait for the end."""

    def half(handle: int, data: bytes) -> None:
        os.write(handle, data[: len(data) // 2])
        os.write(ready, b".")
        signal.pause()

    module._write = half
    store.put(KEY, os.urandom(100_000))


@pytest.fixture
def killed(store: EntryStore) -> Iterator[Callable[[], None]]:
    """A process in the middle of writing; calling it is ``kill -9``."""
    reading, writing = os.pipe()
    context = multiprocessing.get_context("fork")
    process = context.Process(target=_write_and_wait, args=(store, writing), daemon=True)
    process.start()
    assert select.select([reading], [], [], 30)[0], "the writer did not begin"

    def kill() -> None:
        process.kill()
        process.join()

    yield kill
    kill()
    os.close(reading)
    os.close(writing)


def test_a_killed_writer_leaves_no_entry_and_is_swept_up_after(
    store: EntryStore, way: str, killed: Callable[[], None]
) -> None:
    in_work = store.contents()
    assert (in_work.entries, in_work.unfinished) == (0, int(way == "named"))
    store.put(key(1), b"meanwhile")
    assert store.contents().unfinished == in_work.unfinished
    killed()
    assert store.get(KEY) is None
    assert store.contents().unfinished == in_work.unfinished
    store.put(key(2), b"after")
    assert names(store) == sorted([key(1), key(2)])


def test_clearing_leaves_what_is_being_written(
    store: EntryStore, way: str, killed: Callable[[], None]
) -> None:
    store.put(key(1), b"meanwhile")
    store.clear()
    left = [] if way == "unnamed" else [".new"]
    assert [Path(name).suffix for name in names(store)] == left if store.folder.exists() else True
    killed()
    store.clear()
    assert not store.folder.exists()


def _busy(store: EntryStore, seed: int) -> None:
    for turn in range(40):
        number = (seed * 7 + turn) % 13
        payload = bytes([number]) * (1000 + 977 * number)
        found = store.get(key(number))
        assert found is None or found == payload
        store.put(key(number), payload)


@pytest.mark.usefixtures("way")
def test_twenty_processes_at_once(store: EntryStore) -> None:
    store.limit = 60_000
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=_busy, args=(store, seed)) for seed in range(20)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 20
    found = store.contents()
    assert found.unfinished == found.foreign == 0
    assert 0 < found.bytes <= store.limit
    for name in names(store):
        assert store.get(name) is not None
