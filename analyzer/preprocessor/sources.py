"""Skeletons of the tree's files and of generated headers, and where includes lead."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from typing import NamedTuple

from analyzer.configset.configset import Mask
from analyzer.errors import BadInput
from analyzer.preprocessor.filetexts import FileTexts
from analyzer.preprocessor.provider import HeaderProvider
from analyzer.preprocessor.skeleton import Skeleton
from analyzer.tree.outside import absence, leads_out
from analyzer.tree.source_tree import SourceTree


class Resolved(NamedTuple):
    """What an include finds in ``mask``; ``place`` is the index of the search directory
    (-1: the including file's own), from which ``#include_next`` goes on."""

    mask: Mask
    skeleton: Skeleton
    place: int


class Sources:
    """All files that units read; each is read and scanned once."""

    __slots__ = ("_all", "_files", "_generated", "_provider", "_texts", "_tree")

    def __init__(
        self, tree: SourceTree, provider: HeaderProvider, every: Mask, texts: FileTexts
    ) -> None:
        self._tree = tree
        self._texts = texts
        self._provider = provider
        self._all = every
        self._files: dict[str, Skeleton | None] = {}
        self._generated: dict[str, tuple[tuple[Mask, Skeleton], ...] | None] = {}

    def leads_out(self, path: str) -> bool:
        """Whether ``path`` leads out of the tree, so that it is not read."""
        return leads_out(self._tree, path)

    def absence(self, path: str) -> str:
        """Why nothing was read of ``path``."""
        return absence(self._tree, path, "no such file in the tree")

    def file(self, path: str) -> Skeleton | None:
        """The skeleton of a file of the tree, or None where there is no such file."""
        if path not in self._files:
            data = self._tree.read(path)
            self._files[path] = None if data is None else self._texts.skeleton(path, data)
        return self._files[path]

    def candidates(self, path: str) -> tuple[tuple[Mask, Skeleton], ...] | None:
        """The tree's file ``path``, else the variants of a generated one, else None."""
        skeleton = self.file(path)
        if skeleton is not None:
            return ((self._all, skeleton),)
        if path not in self._generated:
            variants = self._provider.header(path)
            self._generated[path] = None
            if variants is not None:
                self._generated[path] = tuple(
                    (mask, self._texts.skeleton(path, text.encode("latin-1", "replace")))
                    for mask, text in variants
                )
        return self._generated[path]

    def forget(self, header: str) -> None:
        """Ask the provider anew for a generated header."""
        self._generated.pop(header, None)

    @property
    def read_files(self) -> list[str]:
        """Every path asked for so far, found or not (what a cached result depends on)."""
        return sorted(self._files)


class SearchPath:
    """The include directories of one command line, in order, each where it is given."""

    __slots__ = ("_all", "_directories", "_memo", "_sources")

    def __init__(
        self, sources: Sources, directories: Sequence[tuple[Mask, str]], every: Mask
    ) -> None:
        self._sources = sources
        self._directories = tuple(directories)
        self._all = every
        self._memo: dict[tuple[str, str | None, int], tuple[Resolved, ...]] = {}

    def resolve(self, name: str, beside: str | None, after: int) -> tuple[Resolved, ...]:
        """What ``name`` leads to, disjoint masks; what no mask covers was not found.

        ``beside`` is the including file's directory for the quoted form, else None;
        ``after`` is the last search directory to leave out (-1: none).
        """
        key = (name, beside, after)
        known = self._memo.get(key)
        if known is None:
            known = self._memo[key] = tuple(self._search(name, beside, after))
        return known

    def leads_out(self, name: str, beside: str | None, after: int) -> bool:
        """Whether ``name``, which was not found, is in one of the places something that leads
        out of the tree."""
        paths = (
            posixpath.normpath(posixpath.join(directory, name))
            for _, _, directory in self._places(beside, after)
        )
        return any(
            self._sources.leads_out(path) for path in paths if not path.startswith(("/", ".."))
        )

    def _places(self, beside: str | None, after: int) -> list[tuple[int, Mask, str]]:
        """Where to look, in order: the number of a directory (-1: beside the file), the
        configurations, the folder."""
        places: list[tuple[int, Mask, str]] = [] if beside is None else [(-1, self._all, beside)]
        places += [
            (index, mask, directory)
            for index, (mask, directory) in enumerate(self._directories)
            if index > after
        ]
        return places

    def _search(self, name: str, beside: str | None, after: int) -> list[Resolved]:
        found: list[Resolved] = []
        rest = self._all
        for place, mask, directory in self._places(beside, after):
            here = rest & mask
            if not here:
                continue
            path = posixpath.normpath(posixpath.join(directory, name))
            if path.startswith(("/", "..")):
                continue
            for where, skeleton in self._sources.candidates(path) or ():
                if here & where:
                    found.append(Resolved(here & where, skeleton, place))
                    rest &= ~(here & where)
            if not rest:
                break
        return found


def required(sources: Sources, path: str) -> Skeleton:
    """The skeleton of a source file that must exist; :class:`BadInput` otherwise."""
    skeleton = sources.file(path)
    if skeleton is None:
        raise BadInput(sources.absence(path), path)
    return skeleton
