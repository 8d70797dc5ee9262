"""Answers kept between runs: content-addressed, checked against the files they came from.

An entry is found by everything that was asked (the command, its options, the bytes of the
configurations, this version of kimpact) and used only if every file of the tree that the
run read is still the one it read. Entries are JSON; a damaged one counts as missing.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import analyzer
from analyzer.tree.source_tree import MISSING, Stamp

FORMAT = 1
MAX_ENTRIES = 256
"""Entries beyond which the oldest are dropped."""

_UNUSABLE = (
    *(OSError, ValueError, TypeError, KeyError, IndexError, AttributeError),
    *(RecursionError, zlib.error),
)
"""What reading an entry that is missing, damaged or foreign can raise."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer (as encoded) and the stamps of the files and folders it depends on."""

    format: int
    roots: tuple[str, ...]
    stamps: tuple[tuple[int, str, Stamp], ...]
    """Index into ``roots``, path below it, and how it looked."""


@dataclass(frozen=True, slots=True)
class KeptText:
    """A text and what it depends on: the roots with the stamps of their files."""

    text: str
    stamps: tuple[tuple[str, dict[str, Stamp]], ...]


class ResultCache:
    """The cache folder; a folder that cannot be used makes every look-up a miss."""

    __slots__ = ("_folder",)

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @classmethod
    def of_user(cls) -> ResultCache:
        """Below ``$XDG_CACHE_HOME`` or ``~/.cache``."""
        base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
        return cls(Path(base) / "kimpact" / "results")

    def get(self, key: str, kind: type[T]) -> T | None:
        """The answer kept under ``key`` if it still holds."""
        try:
            found = self._entry(key)
            answer: T | None = None if found is None else decode(kind, json.loads(found[1]))
            return answer
        except _UNUSABLE:
            # Missing, unreadable, truncated or foreign: compute the answer anew.
            return None

    def get_text(self, key: str) -> KeptText | None:
        """The text that :meth:`put_text` kept under ``key`` if it still holds."""
        try:
            found = self._entry(key)
            if found is None:
                return None
            kept, body = found
            text = zlib.decompress(body).decode("utf-8", "surrogateescape")
            files: tuple[dict[str, Stamp], ...] = tuple({} for _ in kept.roots)
            for root, path, stamp in kept.stamps:
                files[root][path] = stamp
            return KeptText(text, tuple(zip(kept.roots, files, strict=True)))
        except _UNUSABLE:
            return None

    def _entry(self, key: str) -> tuple[Kept, bytes] | None:
        """What is kept under ``key`` if all that it depends on is unchanged."""
        head, _, body = (self._folder / key).read_bytes().partition(b"\n")
        kept: Kept = decode(Kept, json.loads(head))
        return (kept, body) if kept.format == FORMAT and _unchanged(kept) else None

    def put(
        self, key: str, answer: object, stamps: Iterable[tuple[str, dict[str, Stamp]]]
    ) -> str | None:
        """Keep ``answer``; what went wrong, or None. ``stamps`` are roots with their files."""
        return self._put(key, json.dumps(encode(answer)).encode(), stamps)

    def put_text(
        self, key: str, text: str, stamps: Iterable[tuple[str, dict[str, Stamp]]]
    ) -> str | None:
        """Keep a long ``text``, packed; otherwise as :meth:`put`."""
        return self._put(key, zlib.compress(text.encode("utf-8", "surrogateescape"), 1), stamps)

    def _put(
        self, key: str, body: bytes, stamps: Iterable[tuple[str, dict[str, Stamp]]]
    ) -> str | None:
        roots: list[str] = []
        listed: list[tuple[int, str, Stamp]] = []
        for root, files in stamps:
            listed += [(len(roots), path, stamp) for path, stamp in files.items()]
            roots.append(root)
        head = json.dumps(encode(Kept(FORMAT, tuple(roots), tuple(listed))))
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._write(key, head.encode() + b"\n" + body)
            self._prune()
        except OSError as error:
            return f"nothing is kept for the next run: {error.strerror}"
        return None

    def _write(self, key: str, data: bytes) -> None:
        """Put ``data`` in place as a whole, or leave nothing behind."""
        handle, name = tempfile.mkstemp(dir=self._folder)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
            os.replace(name, self._folder / key)
        except OSError:
            os.unlink(name)
            raise

    def _prune(self) -> None:
        entries = [(entry.stat().st_mtime, entry.path) for entry in os.scandir(self._folder)]
        for _, path in sorted(entries)[: max(0, len(entries) - MAX_ENTRIES)]:
            os.unlink(path)


def key_of(*parts: str | bytes) -> str:
    """A name for what was asked: a hash over ``parts`` and this version of kimpact."""
    digest = hashlib.sha256()
    for part in (_program_stamp(), *parts):
        data = part.encode("utf-8", "surrogateescape") if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "little"))
        digest.update(data)
    return digest.hexdigest()


def _program_stamp() -> str:
    """This version, and for a checkout the state of its files."""
    folder = Path(analyzer.__file__).parent
    state = [analyzer.__version__]
    for directory, _, names in sorted(os.walk(folder)):
        for name in sorted(names):
            if name.endswith((".py", ".json", ".toml")):
                found = os.stat(os.path.join(directory, name))
                state.append(f"{name}:{found.st_mtime_ns}:{found.st_size}")
    return "\n".join(state)


def _unchanged(kept: Kept) -> bool:
    for root, path, stamp in kept.stamps:
        try:
            found = os.stat(os.path.join(kept.roots[root], path))
        except OSError:
            if stamp != MISSING:
                return False
            continue
        if (found.st_mtime_ns, found.st_size) != (stamp.changed, stamp.size):
            return False
    return True


def encode(value: object) -> Any:
    """Facts as JSON values: a dataclass becomes the list of its fields."""
    if is_dataclass(value) and not isinstance(value, type):
        return [encode(getattr(value, field.name)) for field in fields(value)]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (tuple, list)):
        return [encode(item) for item in value]
    return value


def decode(kind: Any, data: Any) -> Any:
    """The inverse of :func:`encode` for type ``kind``; TypeError or ValueError if it is not."""
    origin = get_origin(kind)
    if origin in (UnionType, Union):
        choices = [choice for choice in get_args(kind) if choice is not NoneType]
        return None if data is None else decode(choices[0], data)
    if origin is tuple:
        arguments = get_args(kind)
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return tuple([decode(arguments[0], item) for item in data])
        return tuple([decode(each, item) for each, item in zip(arguments, data, strict=True)])
    if is_dataclass(kind):
        return _rebuilt(kind, data)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(data)
    if not isinstance(data, kind):
        raise TypeError(f"{data!r} is no {kind}")
    return data


def _rebuilt(kind: Any, data: Any) -> Any:
    types = _field_types(kind)
    return kind(*[decode(each, item) for each, item in zip(types, data, strict=True)])


@cache
def _field_types(kind: Any) -> tuple[Any, ...]:
    hints = get_type_hints(kind)
    return tuple(hints[field.name] for field in fields(kind))
