"""A tree with some files replaced, added or removed, in memory.

Nothing is written. What is not changed is read from the tree below, whose stamps say what
was read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from analyzer.tree.source_tree import SourceTree, Stamp


class PatchableTree(SourceTree, Protocol):
    """A tree that an overlay can lie on."""

    @property
    def stamps(self) -> dict[str, Stamp]:
        """What was read of files that may change, as :class:`DirectoryTree` has it."""

    @property
    def root(self) -> str:
        """The directory that ``stamps`` are below."""

    def canonical(self, path: str) -> str | None:
        """``path`` with the symlinks on it followed; None if they lead out of the tree."""


class OverlayTree:
    """A tree over another one. Overlays on overlays become one."""

    __slots__ = ("_base", "_below", "_changes", "_label")

    def __init__(
        self, base: PatchableTree, changes: Mapping[str, bytes | None], label: str = ""
    ) -> None:
        """``changes``: contents by path, None for a file that is removed."""
        below: PatchableTree = base
        self._changes: dict[str, bytes | None] = {}
        if isinstance(base, OverlayTree):
            below = base.base
            self._changes.update(base._changes)
        self._changes.update(changes)
        self._base = below
        self._label = label or base.label
        self._below: dict[str, set[str]] = {}
        for path in self._changes:
            self._enter(path)

    @property
    def base(self) -> PatchableTree:
        """The tree below, which is no overlay."""
        return self._base

    @property
    def label(self) -> str:
        return self._label

    @property
    def stamps(self) -> dict[str, Stamp]:
        return self._base.stamps

    @property
    def root(self) -> str:
        return self._base.root

    @property
    def changed(self) -> tuple[str, ...]:
        """Paths that are not as in the base, sorted; removed files included."""
        return tuple(sorted(self._changes))

    def canonical(self, path: str) -> str | None:
        return path if path in self._changes else self._base.canonical(path)

    def read(self, path: str) -> bytes | None:
        real = self._changed(path)
        return self._base.read(path) if real is None else self._changes[real]

    def is_file(self, path: str) -> bool:
        real = self._changed(path)
        return self._base.is_file(path) if real is None else self._changes[real] is not None

    def listdir(self, path: str) -> tuple[str, ...]:
        real = (self._base.canonical(path) or path) if path else ""
        names = set(self._base.listdir(path))
        prefix = f"{real}/" if real else ""
        for name in self._below.get(real, ()):
            if self._changes.get(prefix + name) is not None:
                names.add(name)
                continue
            names.discard(name)
            if prefix + name in self._below:
                names.discard(f"{name}/")
                if self.listdir(prefix + name):
                    names.add(f"{name}/")
        return tuple(sorted(names))

    def _changed(self, path: str) -> str | None:
        """The changed path that ``path`` is, or None if it is as in the base."""
        if path in self._changes:
            return path
        real = self._base.canonical(path)
        return real if real in self._changes else None

    def _enter(self, path: str) -> None:
        """Note ``path`` in its directory, and that in the one above."""
        while path:
            directory, _, name = path.rpartition("/")
            known = self._below.setdefault(directory, set())
            if name in known:
                break
            known.add(name)
            path = directory
