"""Why a path names nothing that is read: it leads out of the tree, or there is nothing.

What leads out is refused, whether something is there or not; saying so is telling the reader
that a tree has tried to have something read that is not its own.
"""

from __future__ import annotations

import posixpath
from typing import Protocol, runtime_checkable

from analyzer.tree.source_tree import SourceTree

REFUSED = "leads out of the tree: not read"


@runtime_checkable
class Following(Protocol):
    """A tree that can have symlinks."""

    def canonical(self, path: str) -> str | None:
        """``path`` with the symlinks on it followed; None if they lead out of the tree."""


def leads_out(tree: SourceTree, path: str) -> bool:
    """Whether ``path`` is outside by its own words (``..``, absolute) or a symlink on it is."""
    plain = posixpath.normpath(path)
    if plain.startswith("/") or plain.split("/", 1)[0] == "..":
        return True
    return isinstance(tree, Following) and tree.canonical(plain) is None


def absence(tree: SourceTree, path: str, missing: str) -> str:
    """What is to be said of ``path``, of which nothing was read: that it leads out, else
    ``missing``; both, of a tree that cannot tell but has an entry of that name."""
    if leads_out(tree, path):
        return REFUSED
    if not isinstance(tree, Following) and _has_entry(tree, posixpath.normpath(path)):
        return f"{missing} (what has that name is no file, or leads out of the tree)"
    return missing


def _has_entry(tree: SourceTree, path: str) -> bool:
    directory, _, name = path.rpartition("/")
    return not {name, f"{name}/"}.isdisjoint(tree.listdir(directory))
