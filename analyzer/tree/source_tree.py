"""A kernel source tree as something that files are read from.

Paths are relative to the tree with ``/`` and without ``.`` or ``..`` parts. A path
or symlink that leads out of the tree is not followed.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from analyzer.errors import BadInput


class SourceTree(Protocol):
    """What every other part may ask of a tree, whether directory, revision or overlay."""

    @property
    def label(self) -> str:
        """How reports and errors call the tree."""

    def read(self, path: str) -> bytes | None:
        """The bytes of a regular file, or None where there is none."""

    def is_file(self, path: str) -> bool:
        """Whether ``path`` is a regular file of the tree."""

    def listdir(self, path: str) -> tuple[str, ...]:
        """Sorted names in a directory, directories ending in ``/``; empty if none."""


def architectures(tree: SourceTree) -> tuple[str, ...]:
    """The directories under ``arch/``, sorted."""
    return tuple(name[:-1] for name in tree.listdir("arch") if name.endswith("/"))


@dataclass(frozen=True, slots=True)
class Stamp:
    """How a file or folder looked when it was read: modification time in ns, size in bytes.

    ``status`` is the time in ns at which its inode changed last: archives and copies may set
    the modification time to what they like, this one they cannot.
    """

    changed: int
    size: int
    status: int = 0


MISSING = Stamp(0, -1)
"""The stamp of a folder that was looked for and does not exist."""


def stamp_of(found: os.stat_result) -> Stamp:
    """The stamp of what looks like ``found``."""
    return Stamp(found.st_mtime_ns, found.st_size, found.st_ctime_ns)


class DirectoryTree:
    """A tree that lies unpacked in a directory.

    ``stamps`` are the files and folders read so far, so that a kept result can be checked
    against them. A name that was looked for and not found is covered by its folder.
    """

    __slots__ = ("_canonical", "_directories", "_names", "_root", "stamps")

    def __init__(self, root: Path) -> None:
        """Raises :class:`BadInput` if ``root`` is no directory."""
        if not root.is_dir():
            what = "not a directory" if root.exists() else "no such directory"
            raise BadInput(what, str(root))
        self._root = os.path.realpath(root)
        self._names: dict[str, frozenset[str]] = {}
        self._canonical: dict[str, str | None] = {}
        self._directories: dict[str, bool] = {"": True}
        self.stamps: dict[str, Stamp] = {}

    @property
    def label(self) -> str:
        return self._root

    @property
    def root(self) -> str:
        return self._root

    def canonical(self, path: str) -> str | None:
        """``path`` with the symlinks on it followed; None if they lead out of the tree."""
        directory, _, name = path.rpartition("/")
        folder = self._canonical_directory(directory)
        full = os.path.join(self._root, directory, name)
        if folder is not None and not os.path.islink(full):
            return f"{folder}/{name}" if folder else name
        return self._below_root(os.path.realpath(full))

    def read(self, path: str) -> bytes | None:
        if not self.is_file(path):
            return None
        try:
            with open(os.path.join(self._root, path), "rb") as stream:
                found = os.fstat(stream.fileno())
                self.stamps[path] = stamp_of(found)
                return stream.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise BadInput(f"cannot be read: {error.strerror}", path) from None

    def is_file(self, path: str) -> bool:
        directory, _, name = path.rpartition("/")
        return name in self._files_of(directory)

    def listdir(self, path: str) -> tuple[str, ...]:
        if not self._inside(path):
            return ()
        try:
            self._stamp(path)
            with os.scandir(os.path.join(self._root, path)) as entries:
                return tuple(sorted(e.name + "/" if _is_dir(e) else e.name for e in entries))
        except OSError:
            return ()

    def _canonical_directory(self, directory: str) -> str | None:
        if directory not in self._canonical:
            full = os.path.realpath(os.path.join(self._root, directory))
            self._canonical[directory] = self._below_root(full)
        return self._canonical[directory]

    def _below_root(self, full: str) -> str | None:
        if full == self._root:
            return ""
        return full[len(self._root) + 1 :] if full.startswith(self._root + os.sep) else None

    def _files_of(self, directory: str) -> frozenset[str]:
        known = self._names.get(directory)
        if known is None:
            known = self._names[directory] = self._scan(directory)
        return known

    def _scan(self, directory: str) -> frozenset[str]:
        if not self._inside(directory):
            return frozenset()
        names: list[str] = []
        try:
            self._stamp(directory)
            with os.scandir(os.path.join(self._root, directory)) as entries:
                for entry in entries:
                    if entry.is_symlink() and not self._inside_link(entry.path):
                        continue
                    if _is_file(entry):
                        names.append(entry.name)
        except OSError:
            return frozenset()
        return frozenset(names)

    def _stamp(self, directory: str) -> None:
        self.stamps[directory] = MISSING
        found = os.stat(os.path.join(self._root, directory))
        self.stamps[directory] = stamp_of(found)

    def _inside_link(self, full: str) -> bool:
        target = os.path.realpath(full)
        return target.startswith(self._root + os.sep)

    def _inside(self, directory: str) -> bool:
        known = self._directories.get(directory)
        if known is None:
            parts = directory.split("/")
            plain = not directory.startswith("/") and not any(p in ("", ".", "..") for p in parts)
            known = plain and self._inside_link(os.path.join(self._root, directory))
            self._directories[directory] = known
        return known


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Whether this is a regular file; a symlink that goes in circles is none."""
    try:
        return entry.is_file()
    except OSError:
        return False


def _is_dir(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
