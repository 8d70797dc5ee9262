"""Entries as files of one folder: whole or not there, checked, bounded in number and size.

An entry is a file named by its key. Its first line names the schema, the key, the length and
the SHA-256 of the rest, so that whatever is truncated, damaged, renamed or not an entry at all
counts as missing. It is written without a name and then linked into the folder, so that
a process that is killed leaves nothing behind; where the file system cannot do that it is
written under a temporary name, locked as long as its writer lives, and renamed. Any number of
processes may use one folder: no lock is waited for but that of one's own file. The entries
that were not used for the longest time are dropped first.

Checksums tell damage, not forgery. So only files of the user's own are read.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SCHEMA = 2
"""The form of entries; another form is another set of keys."""
MAX_ENTRY_BYTES = 64 << 20
"""Bytes of one entry; a longer answer is not kept, a longer file is not read."""
MAX_ENTRIES = 4096
"""Entries beyond which those not used for the longest time are dropped."""

_ENTRY = re.compile(r"[0-9a-f]{64}", re.ASCII)
_UNFINISHED = re.compile(r"\.[0-9a-f]{32}\.new", re.ASCII)
_HEAD = re.compile(rb"kimpact-cache-(\d{1,9}) ([0-9a-f]{64}) (\d{1,12}) ([0-9a-f]{64})\n")
_BLOCK = 512
"""The unit of ``st_blocks``."""
_ATTEMPTS = 4
_NO_UNNAMED = (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOENT)
"""What opening or linking a file without a name says where that is not to be had."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a folder holds: entries, the bytes they take on disk, files of killed runs
    that were never finished, and what is not kimpact's."""

    entries: int
    bytes: int
    unfinished: int
    foreign: int


@dataclass(frozen=True, slots=True)
class _File:
    """An entry: when it was used last, what it takes on disk, its name."""

    used: int
    size: int
    name: str


class EntryStore:
    """One folder; ``limit`` is the bytes that its entries may take on disk."""

    __slots__ = ("folder", "limit")

    def __init__(self, folder: Path, limit: int) -> None:
        self.folder = folder
        self.limit = limit

    def get(self, key: str) -> bytes | None:
        """What was kept under ``key``; None if there is nothing whole of that name."""
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            handle = os.open(self.folder / key, flags)
        except OSError:
            return None
        try:
            found = os.fstat(handle)
            if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
                return None
            if found.st_size > MAX_ENTRY_BYTES:
                return None
            with open(handle, "rb", closefd=False) as stream:
                payload = _checked(key, stream.read(MAX_ENTRY_BYTES + 1))
            if payload is not None:
                # In a folder that cannot be written, nothing is dropped either.
                with contextlib.suppress(OSError):
                    os.utime(handle)
            return payload
        except OSError:
            return None
        finally:
            os.close(handle)

    def put(self, key: str, payload: bytes) -> None:
        """Keep ``payload`` if there can be room for it, and drop what is too much then.

        Raises ``OSError`` where the folder cannot be used; nothing is left behind then.
        """
        digest = hashlib.sha256(payload).hexdigest()
        data = f"kimpact-cache-{SCHEMA} {key} {len(payload)} {digest}\n".encode() + payload
        if len(data) > min(self.limit, MAX_ENTRY_BYTES):
            return
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._opened() as directory:
            if not _link_unnamed(directory, key, data):
                _rename_named(directory, key, data)
            self._drop(directory)

    def contents(self) -> Contents:
        """What the folder holds now; nothing if it does not exist. Raises ``OSError``."""
        try:
            with self._opened() as directory:
                entries, unfinished, foreign = _listed(directory)
        except FileNotFoundError:
            return Contents(0, 0, 0, 0)
        return Contents(len(entries), sum(each.size for each in entries), len(unfinished), foreign)

    def clear(self) -> Contents:
        """Remove every entry and what killed runs left, nothing else; what was there before.

        The folder goes too if it is empty then. Raises ``OSError``.
        """
        before = self.contents()
        with contextlib.suppress(FileNotFoundError), self._opened() as directory:
            entries, unfinished, _ = _listed(directory)
            for entry in entries:
                _unlink(directory, entry.name)
            _sweep(directory, unfinished)
        with contextlib.suppress(OSError):
            self.folder.rmdir()
        return before

    def _drop(self, directory: int) -> None:
        """Drop what has not been used for the longest time until the rest is within bounds."""
        entries, unfinished, _ = _listed(directory)
        _sweep(directory, unfinished)
        size, count = sum(each.size for each in entries), len(entries)
        for entry in sorted(entries, key=lambda each: (each.used, each.name)):
            if size <= self.limit and count <= MAX_ENTRIES:
                return
            _unlink(directory, entry.name)
            size -= entry.size
            count -= 1

    @contextmanager
    def _opened(self) -> Iterator[int]:
        directory = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            yield directory
        finally:
            os.close(directory)


def _checked(key: str, data: bytes) -> bytes | None:
    """The payload of an entry, if it is a whole one of that key."""
    hit = _HEAD.match(data)
    if hit is None or int(hit[1]) != SCHEMA or hit[2].decode() != key:
        return None
    payload = data[hit.end() :]
    if len(payload) != int(hit[3]) or hashlib.sha256(payload).hexdigest() != hit[4].decode():
        return None
    return payload


def _link_unnamed(directory: int, key: str, data: bytes) -> bool:
    """Write ``data`` without a name and link it as ``key``; False where that cannot be had."""
    unnamed = getattr(os, "O_TMPFILE", 0)
    if not unnamed:
        return False
    try:
        handle = os.open(".", unnamed | os.O_WRONLY | os.O_CLOEXEC, 0o600, dir_fd=directory)
    except OSError as error:
        if error.errno in _NO_UNNAMED:
            return False
        raise
    try:
        _write(handle, data)
        return _link(handle, directory, key)
    finally:
        os.close(handle)


def _link(handle: int, directory: int, key: str) -> bool:
    for _ in range(_ATTEMPTS):
        try:
            os.link(f"/proc/self/fd/{handle}", key, dst_dir_fd=directory, follow_symlinks=True)
        except FileExistsError:
            # An entry that is no longer good, or another run has come to the same answer.
            _unlink(directory, key)
        except OSError as error:
            if error.errno in _NO_UNNAMED:
                return False
            raise
        else:
            return True
    return True


def _rename_named(directory: int, key: str, data: bytes) -> None:
    """Write ``data`` under a temporary name and rename it to ``key``."""
    for _ in range(_ATTEMPTS):
        name = f".{secrets.token_hex(16)}.new"
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            handle = os.open(name, flags, 0o600, dir_fd=directory)
            try:
                if _locked(handle):
                    _write(handle, data)
                    os.rename(name, key, src_dir_fd=directory, dst_dir_fd=directory)
                    return
            finally:
                os.close(handle)
        except BaseException:
            _unlink(directory, name)
            raise


def _locked(handle: int) -> bool:
    """Lock a new file as long as this process lives; False if it was swept up before that."""
    with contextlib.suppress(OSError):  # without locks, nothing is swept up either
        fcntl.flock(handle, fcntl.LOCK_EX)
    return os.fstat(handle).st_nlink > 0


def _write(handle: int, data: bytes) -> None:
    with open(handle, "wb", closefd=False) as stream:
        stream.write(data)


def _sweep(directory: int, unfinished: list[str]) -> None:
    """Remove temporary files whose writers are gone."""
    for name in unfinished:
        try:
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            handle = os.open(name, flags, dir_fd=directory)
        except OSError:
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _unlink(directory, name)
        except OSError:
            continue
        finally:
            os.close(handle)


def _unlink(directory: int, name: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name, dir_fd=directory)


def _listed(directory: int) -> tuple[list[_File], list[str], int]:
    """The entries, the names of unfinished files, and how many other things there are."""
    entries: list[_File] = []
    unfinished: list[str] = []
    foreign = 0
    for name in os.listdir(directory):
        try:
            found = os.stat(name, dir_fd=directory, follow_symlinks=False)
        except FileNotFoundError:
            continue
        if not stat.S_ISREG(found.st_mode):
            foreign += 1
        elif _ENTRY.fullmatch(name):
            size = max(found.st_size, found.st_blocks * _BLOCK)
            entries.append(_File(found.st_mtime_ns, size, name))
        elif _UNFINISHED.fullmatch(name):
            unfinished.append(name)
        else:
            foreign += 1
    return entries, unfinished, foreign
