"""The objects of the tree before the patches, listed once for all sessions that work on it, kept
for later runs, and taken for a tree with patches that cannot have any other objects.

What is listed depends on which files there are, and on the contents of those that the listing
reads. So patches that add and remove nothing and touch none of these leave the list as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from analyzer.cache import ResultCache, key_of
from analyzer.configset.configset import ConfigSet
from analyzer.configset.configurations import Configurations
from analyzer.diagnostics import Diagnostic, Diagnostics
from analyzer.kbuild.model import KbuildModel
from analyzer.kbuild.objects import ObjectFile
from analyzer.tree.overlay import OverlayTree, PatchableTree
from analyzer.tree.source_tree import SourceTree, Stamp
from analyzer.worker import Pending, Worker

_Stamped = tuple[str, dict[str, Stamp]]


@dataclass(frozen=True, slots=True)
class Listed:
    """All objects that some configuration builds, without their options; what was remarked, and
    the files whose contents were read, with the symlinks on their paths followed."""

    objects: tuple[ObjectFile, ...]
    remarks: tuple[Diagnostic, ...]
    read: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listable:
    """A tree whose objects are wanted. ``name`` is what a kept list depends on beside the files
    read; ``cache`` is None if it is not kept."""

    tree: PatchableTree
    arch: str
    configs: Configurations
    name: tuple[str, ...]
    cache: ResultCache | None

    @property
    def key(self) -> str:
        """The name of the list in the cache."""
        return key_of("objects", *self.name)


class SharedListing:
    """Lists when told to begin or at the first question, in another process."""

    __slots__ = ("_about", "_known", "_pending", "_stack")

    def __init__(self, about: Listable, stack: ExitStack) -> None:
        """``stack`` ends the other process."""
        self._about = about
        self._stack = stack
        self._known: Listed | None = None
        self._pending: Pending[tuple[Listed, dict[str, Stamp]]] | None = None

    def begin(self) -> None:
        """Have the objects listed unless they are known; does not wait for that."""
        if self._known is None and self._pending is None:
            self._known = self._kept()
        if self._known is None and self._pending is None:
            about = self._about
            about.configs.lines()  # sorted here, for both processes
            worker = Worker(lambda: about)
            self._stack.callback(worker.stop)
            self._pending = worker.ask(_list)

    def listed(self) -> Listed:
        """What was found; waits for it. Raises :class:`BadInput` for a makefile that cannot be
        read."""
        self.begin()
        if self._known is None:
            assert self._pending is not None
            about = self._about
            self._known, stamps = self._pending.result()
            about.tree.stamps.update(stamps)
            if about.cache is not None:
                about.cache.put(about.key, self._known, [(about.tree.root, stamps)])
        return self._known

    def told_to(self, diagnostics: Diagnostics) -> Callable[[], Sequence[ObjectFile]]:
        """What lists the objects for a session; remarks on that go to its ``diagnostics``."""

        def listing() -> Sequence[ObjectFile]:
            found = self.listed()
            for remark in found.remarks:
                diagnostics.add(remark)
            return found.objects

        return listing

    def holds_for(self, tree: OverlayTree) -> bool:
        """Whether a tree over this one has the same objects for certain; waits if need be."""
        return same_files(tree) and frozenset(self.listed().read).isdisjoint(tree.changed)

    def _kept(self) -> Listed | None:
        cache = self._about.cache
        found = None if cache is None else cache.get_whole(self._about.key, Listed)
        if found is None:
            return None
        for _, stamps in found[1]:
            self._about.tree.stamps.update(stamps)
        return found[0]


def listing_over(
    tree: OverlayTree,
    below: SharedListing,
    own: Callable[[], Sequence[ObjectFile]],
    diagnostics: Diagnostics,
) -> Callable[[], Sequence[ObjectFile]]:
    """What lists the objects of a tree over that of ``below``; ``own`` is asked where the patches
    may matter."""

    def listing() -> Sequence[ObjectFile]:
        return below.told_to(diagnostics)() if below.holds_for(tree) else own()

    return listing


def same_files(tree: OverlayTree) -> bool:
    """Whether an overlay adds and removes nothing."""
    return all(tree.is_file(path) and tree.base.is_file(path) for path in tree.changed)


class _Recorded:
    """A tree that notes whose contents are read."""

    __slots__ = ("_tree", "contents")

    def __init__(self, tree: SourceTree) -> None:
        self._tree = tree
        self.contents: dict[str, None] = {}

    @property
    def label(self) -> str:
        return self._tree.label

    def read(self, path: str) -> bytes | None:
        self.contents.setdefault(path)
        return self._tree.read(path)

    def is_file(self, path: str) -> bool:
        return self._tree.is_file(path)

    def listdir(self, path: str) -> tuple[str, ...]:
        return self._tree.listdir(path)


def _list(about: Listable) -> tuple[Listed, dict[str, Stamp]]:
    diagnostics = Diagnostics()
    tree = _Recorded(about.tree)
    found = KbuildModel(tree, about.arch, ConfigSet.of(about.configs), diagnostics).objects()
    bare = tuple(replace(item, flags=()) for item in found)
    read = dict.fromkeys(about.tree.canonical(path) or path for path in tree.contents)
    return Listed(bare, tuple(diagnostics), tuple(read)), about.tree.stamps
