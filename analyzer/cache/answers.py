"""Answers in the cache, checked against the files they came from.

An entry is found by everything that was asked (the command, its options, the bytes of the
configurations, this version of kimpact) and used only if every file of the tree that the
run read is still the one it read. Answers are JSON, packed.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from analyzer.cache.encoding import decode, encode
from analyzer.cache.places import DEFAULT_SIZE, CacheTrouble, size_limit, user_folder
from analyzer.cache.store import EntryStore
from analyzer.cache.turns import Turns
from analyzer.tree.source_tree import MISSING, Stamp, stamp_of

MAX_UNPACKED_BYTES = 512 << 20
"""Bytes of an answer; one that would unpack to more is not unpacked."""

_UNUSABLE = (
    *(ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError),
    *(RecursionError, zlib.error),
)
"""What decoding an entry that another kimpact or nobody has written can raise."""

T = TypeVar("T")
Stamps = Iterable[tuple[str, dict[str, Stamp]]]
"""What an answer depends on: roots with the stamps of their files and folders."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """The stamps of the files and folders that an answer depends on."""

    roots: tuple[str, ...]
    stamps: tuple[tuple[int, str, Stamp], ...]
    """Index into ``roots``, path below it, and how it looked."""


KeptStamps = tuple[tuple[str, dict[str, Stamp]], ...]
"""The same, as an entry has it."""


@dataclass(frozen=True, slots=True)
class KeptText:
    """A text and what it depends on: the roots with the stamps of their files."""

    text: str
    stamps: KeptStamps


class ResultCache:
    """The cache of a user; a folder that cannot be used makes every look-up a miss.

    Why nothing can be kept is noted as ``trouble``; the run goes on.
    """

    __slots__ = ("_store", "_trouble", "turns")

    def __init__(
        self, folder: Path, limit: int = DEFAULT_SIZE, trouble: CacheTrouble | None = None
    ) -> None:
        """``limit`` is the bytes that all entries may take on disk."""
        self._store = EntryStore(folder, limit)
        self._trouble = trouble
        self.turns = Turns(folder.with_name(f"{folder.name}.turns"))
        """Who is working out what, among all processes with this folder."""

    @classmethod
    def of_user(cls, trouble: CacheTrouble | None = None) -> ResultCache | None:
        """The one of this user, None if there is to be none (:mod:`analyzer.cache.places`).

        Raises :class:`analyzer.errors.BadInput` for a size that is none.
        """
        limit = size_limit()
        if not limit:
            return None
        folder = user_folder()
        if folder is None:
            if trouble is not None:
                trouble.note("there is no home folder")
            return None
        return cls(folder, limit, trouble)

    def get(self, key: str, kind: type[T]) -> T | None:
        """The answer kept under ``key`` if it still holds."""
        try:
            found = self._entry(key)
            answer: T | None = None if found is None else decode(kind, json.loads(found[1]))
            return answer
        except _UNUSABLE:
            # What stands there is no such answer: compute it anew.
            return None

    def get_whole(self, key: str, kind: type[T]) -> tuple[T, KeptStamps] | None:
        """As :meth:`get`, with the stamps of all that the answer depends on."""
        try:
            found = self._entry(key)
            return None if found is None else (decode(kind, json.loads(found[1])), _files(found[0]))
        except _UNUSABLE:
            return None

    def get_text(self, key: str) -> KeptText | None:
        """The text that :meth:`put_text` kept under ``key`` if it still holds."""
        try:
            found = self._entry(key)
            if found is None:
                return None
            kept, text = found
            return KeptText(text, _files(kept))
        except _UNUSABLE:
            return None

    def put(self, key: str, answer: object, stamps: Stamps) -> None:
        """Keep ``answer``, which came from what ``stamps`` show."""
        self.put_text(key, json.dumps(encode(answer), separators=(",", ":")), stamps)

    def put_text(self, key: str, text: str, stamps: Stamps) -> None:
        """Keep a ``text``; otherwise as :meth:`put`."""
        roots: list[str] = []
        listed: list[tuple[int, str, Stamp]] = []
        for root, files in stamps:
            listed += [(len(roots), path, stamp) for path, stamp in files.items()]
            roots.append(root)
        head = json.dumps(encode(_Kept(tuple(roots), tuple(listed))), separators=(",", ":"))
        whole = f"{head}\n{text}".encode("utf-8", "surrogatepass")
        if len(whole) > MAX_UNPACKED_BYTES:
            return
        try:
            self._store.put(key, zlib.compress(whole, 1))
        except OSError as error:
            if self._trouble is not None:
                why = error.strerror or type(error).__name__
                self._trouble.note(f"{self._store.folder}: {why}")

    def _entry(self, key: str) -> tuple[_Kept, str] | None:
        """What is kept under ``key`` if all that it depends on is unchanged."""
        packed = self._store.get(key)
        if packed is None:
            return None
        unpacking = zlib.decompressobj()
        whole = unpacking.decompress(packed, MAX_UNPACKED_BYTES)
        if not unpacking.eof or unpacking.unused_data:
            return None
        head, _, text = whole.decode("utf-8", "surrogatepass").partition("\n")
        kept: _Kept = decode(_Kept, json.loads(head))
        return (kept, text) if _unchanged(kept) else None


def _files(kept: _Kept) -> KeptStamps:
    files: tuple[dict[str, Stamp], ...] = tuple({} for _ in kept.roots)
    for root, path, stamp in kept.stamps:
        files[root][path] = stamp
    return tuple(zip(kept.roots, files, strict=True))


def _unchanged(kept: _Kept) -> bool:
    for root, path, stamp in kept.stamps:
        try:
            found = os.stat(os.path.join(kept.roots[root], path))
        except OSError:
            if stamp != MISSING:
                return False
            continue
        if stamp_of(found) != stamp:
            return False
    return True
