"""The tree before the patches, opened only for what no earlier run has found in it.

What is found depends on this tree, the configurations and the options alone: what its files
define is found in one session and paths in another, so that paths do not depend on which files a
patch touches. Answers are kept (:mod:`analyzer.pipeline.ledger`), and a review of another patch
on the same tree uses them.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack

from analyzer.cache import ResultCache
from analyzer.configset.configset import ConfigSet
from analyzer.configset.configurations import Configurations
from analyzer.diagnostics import Diagnostic, Diagnostics
from analyzer.impact.definitions import Definitions, Sort, definitions
from analyzer.impact.definitions import Version as Definition
from analyzer.impact.side import Side
from analyzer.impact.spelled import defined_names
from analyzer.kbuild.objects import ObjectFile
from analyzer.kconfig.model import KconfigModel
from analyzer.kconfig.space.space import Space
from analyzer.location import Location
from analyzer.paths.result import PathsResult
from analyzer.pipeline.kept import is_plain
from analyzer.pipeline.ledger import Keeping, Ledger, Opened
from analyzer.pipeline.listed import Listable, SharedListing
from analyzer.pipeline.opened import About, doubts, platforms_of
from analyzer.pipeline.searching import PathSearch
from analyzer.pipeline.sessions import Analysis, Stamps, opened_analysis
from analyzer.preprocessor.skeleton import Skeleton, make_skeleton
from analyzer.primitives.knowledge import load_knowledge
from analyzer.progress import Progress
from analyzer.requests import Inputs, PathsRequest
from analyzer.tree.revision import RevisionTree
from analyzer.tree.source_tree import SourceTree, Stamp

_Defined = tuple[tuple[Sort, str, tuple[Definition, ...]], ...]
"""Definitions in their order."""

Read = Callable[[str, dict[str, Stamp]], None]
"""Takes the root of a tree and what was read of it."""


class Base:
    """A tree as :class:`analyzer.impact.review.Version` has it."""

    def __init__(self, about: About, progress: Progress, read: Read, stack: ExitStack) -> None:
        """``read`` is told what kept answers depend on; ``stack`` ends what is begun here."""
        self._about = about
        self._progress = progress
        self._stack = stack
        name = tuple(_name_of(about))
        cache = ResultCache.of_user(about.inputs.trouble) if _lasting(about.inputs) else None
        self.listing = SharedListing(
            Listable(about.tree, about.inputs.arch, about.configs, name, cache), stack
        )
        """Its objects."""
        self._live: list[Callable[[], Stamps]] = []
        keeping = None if cache is None else _keeping(about, name, cache, read)
        self._side = Ledger("files", self._open_side, keeping, progress)
        self._search = Ledger("paths", self._open_search, keeping, progress)
        self._configs: ConfigSet | None = None

    @property
    def tree(self) -> SourceTree:
        """Its files."""
        return self._about.tree

    @property
    def given(self) -> Configurations:
        """The configurations as they were read or completed for this tree."""
        return self._about.configs

    @property
    def configs(self) -> ConfigSet:
        """The configurations as this tree completes them."""
        if self._configs is None:
            self._configs = ConfigSet.of(self._about.configs)
        return self._configs

    def skeleton(self, file: str) -> Skeleton | None:
        """The directives and text of a file, None where there is no such file."""
        data = self.tree.read(file)
        return None if data is None else make_skeleton(data, file)

    def definitions(self, file: str) -> Definitions:
        """Everything that a file defines."""

        def defined(side: Side) -> _Defined:
            found = definitions(side, file)
            return tuple((sort, name, versions) for (sort, name), versions in found.items())

        told = self._side.ask(("definitions", file), _Defined, defined)
        return {(sort, name): versions for sort, name, versions in told}

    def objects_in(self, directory: str) -> Sequence[ObjectFile]:
        """The objects in and below a directory."""
        return self._side.service().session.kbuild.objects_in_directory(directory)

    def model(self) -> KconfigModel:
        """What its Kconfig files say."""
        return self._about.model()

    def space(self) -> Space:
        """The configurations that they allow."""
        return self._about.space()

    def spelled(self, names: Collection[str], folders: Iterable[str]) -> set[str]:
        """Those of ``names`` that a source in or below folders defines, built or not."""
        return defined_names(self.tree, names, folders)

    def knows(self, function: str) -> bool:
        """Whether there is such a function or macro."""
        return self._search.ask(("knows", function), bool, lambda one: one.knows(function))

    def namesakes(self, function: str) -> Sequence[str]:
        """The functions and macros of a name, as ``file:name``."""

        def found(search: PathSearch) -> tuple[str, ...]:
            return tuple(search.namesakes(function))

        return self._search.ask(("namesakes", function), tuple[str, ...], found)

    def users(
        self, name: str, place: Location, *, macro: bool, first: Collection[str]
    ) -> Iterator[str]:
        """The functions right above a function or macro, as ``file:name``."""
        return self._opened_for(place).users().of(name, place, macro=macro, first=first)

    def user_candidates(self, name: str, place: Location, *, macro: bool) -> int:
        """How many functions may be users by the texts alone."""
        return self._opened_for(place).users().candidates(name, place, macro=macro)

    def paths(self, function: str, about: str | None = None) -> PathsResult:
        """Its paths, and what becomes of the argument ``about`` (None: the one given up)."""
        request = PathsRequest(self._about.inputs, (function,), object=about)
        return self._search.ask(
            ("paths", function, repr(about)), PathsResult, lambda search: _paths(search, request)
        )

    def paths_if_known(self, function: str, about: str | None = None) -> PathsResult | None:
        """As :meth:`paths`, None for a name that is unknown."""
        request = PathsRequest(self._about.inputs, (function,), object=about)

        def found(search: PathSearch) -> PathsResult | None:
            return _paths(search, request) if search.knows(function) else None

        return self._search.ask(_if_known(function, about), PathsResult | None, found)

    def routes(self, function: str, to: str) -> PathsResult:
        """The routes from a function to another one."""
        request = PathsRequest(self._about.inputs, (function,), to=to)
        return self._search.ask(
            ("routes", function, to), PathsResult, lambda search: search.paths(request)
        )

    def platforms(self) -> tuple[str, ...]:
        """The names of the platforms that the tree has sources for."""
        inputs = self._about.inputs
        knowledge = load_knowledge(inputs.knowledge) if inputs.knowledge else load_knowledge()
        return platforms_of(self.tree, inputs.arch, knowledge)

    def awaited(self, function: str, about: str | None = None) -> bool:
        """Whether another process is finding out what :meth:`paths_if_known` would say."""
        return self._search.awaited(_if_known(function, about))

    def foresee(self, paths: PathsResult) -> None:
        """Nothing is begun ahead because of other trees' paths."""
        del paths

    def remarks(self) -> Iterator[Diagnostic]:
        """What makes an answer less certain: of files, then of paths."""
        return doubts(dict.fromkeys((*self._side.remarks(), *self._search.remarks())))

    def stamps(self) -> Stamps:
        """What has been read so far."""
        own = (self._about.tree.root, self._about.tree.stamps)
        return [own, *(each for stamps in self._live for each in stamps())]

    def _opened_for(self, place: Location) -> PathSearch:
        """The search, with the units open that were looked into for a header's definitions."""
        search = self._search.service()
        if place.file.endswith(".h"):
            for unit in self._side.service().reading(place.file):
                item = search.session.kbuild.object(unit)
                if item is not None:
                    search.session.analysis(item)
        return search

    def _open_side(self) -> Opened[Side]:
        analysis = self._analysis()
        side = Side(analysis.session, analysis.diagnostics)
        return Opened(side, analysis.diagnostics, analysis.stamps)

    def _open_search(self) -> Opened[PathSearch]:
        self.listing.begin()
        analysis = self._analysis()
        search = PathSearch.booting(analysis, self._about.platforms)
        self._stack.enter_context(search)
        return Opened(search, analysis.diagnostics, analysis.stamps)

    def _analysis(self) -> Analysis:
        about, diagnostics = self._about, Diagnostics()
        listing = self.listing.told_to(diagnostics)
        analysis = opened_analysis(
            about.inputs,
            about.tree,
            about.configs,
            diagnostics,
            self._progress,
            listing,
            about.cache,
        )
        self._live.append(analysis.stamps)
        return analysis


def _paths(search: PathSearch, request: PathsRequest) -> PathsResult:
    search.boot_ahead()
    return search.paths(request)


def _if_known(function: str, about: str | None) -> tuple[str, ...]:
    return "paths if known", function, repr(about)


def _lasting(inputs: Inputs) -> bool:
    """Whether anything may be kept, and all that answers depend on can be read again."""
    return inputs.cache and all(map(is_plain, inputs.knowledge))


def _keeping(about: About, name: tuple[str, ...], cache: ResultCache, read: Read) -> Keeping:
    """How answers about a tree of this ``name`` are kept."""

    def identity() -> tuple[str | bytes, ...]:
        knowledge = (path.read_bytes() for path in about.inputs.knowledge)
        return *name, *about.platforms, "", *knowledge

    return Keeping(cache, identity, read)


def _name_of(about: About) -> Iterator[str]:
    """What identifies a tree beside the stamps of its files, how it is read, and the
    configurations: what they are called, and all that they assign, line by line."""
    tree, inputs = about.tree, about.inputs
    yield tree.root
    yield tree.tree_name if isinstance(tree, RevisionTree) else ""
    yield "" if inputs.objtree is None else os.path.realpath(inputs.objtree)
    yield inputs.arch
    for config in about.configs:
        yield from (config.name, config.file, str(config.arch), str(config.version))
        said = map(config.table.assigned.__getitem__, config.numbers)
        text = "\n".join("" if one is None else f"{one.symbol}={one.exact}" for one in said)
        yield hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
