"""One tree of a review, opened at once; and what a review has to know of any of its trees."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from analyzer.configset.configset import ConfigSet
from analyzer.configset.configurations import Configurations
from analyzer.csource.source_cache import SourceCache
from analyzer.diagnostics import Diagnostic, Severity
from analyzer.impact.definitions import Definitions, definitions
from analyzer.impact.side import Side
from analyzer.impact.spelled import defined_names
from analyzer.kbuild.objects import ObjectFile
from analyzer.kconfig.model import KconfigModel
from analyzer.kconfig.space.space import Space
from analyzer.location import Location
from analyzer.paths.result import PathsResult
from analyzer.pipeline.searching import PathSearch
from analyzer.pipeline.sessions import Analysis, Stamps
from analyzer.platforms.announce import NATIVE
from analyzer.platforms.knowledge import boot_knowledge
from analyzer.platforms.written import announced
from analyzer.preprocessor.skeleton import Skeleton
from analyzer.primitives.knowledge import Knowledge
from analyzer.requests import Inputs, PathsRequest
from analyzer.tree.overlay import PatchableTree
from analyzer.tree.source_tree import SourceTree


@dataclass(frozen=True, slots=True)
class About:
    """A tree and what is asked of it: ``configs`` as it completes them, ``platforms`` the ones
    to look at (none for all). ``model`` and ``space`` are what its Kconfig files say and allow,
    ``cache`` is what is found in files, most of which other trees have too."""

    inputs: Inputs
    platforms: tuple[str, ...]
    tree: PatchableTree
    configs: Configurations
    model: Callable[[], KconfigModel]
    space: Callable[[], Space]
    cache: SourceCache


def platforms_of(tree: SourceTree, arch: str, knowledge: Knowledge) -> tuple[str, ...]:
    """The names of the platforms that a tree has sources for."""
    found = announced(tree, arch, boot_knowledge(knowledge))
    return tuple(dict.fromkeys((NATIVE, *(one.name for one in found))))


def doubts(remarks: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """What makes an answer less certain; what every search says of itself is left out."""
    return (one for one in remarks if one.severity is not Severity.NOTE)


class Version:
    """A tree after patches (:class:`analyzer.impact.review.Patched`)."""

    def __init__(self, about: About, analysis: Analysis, stack: ExitStack) -> None:
        """``stack`` ends what is begun for the tree."""
        self._about = about
        self._stack = stack
        self._analysis = analysis
        self._search: PathSearch | None = None
        self._dispatches = True
        self.side = Side(analysis.session, analysis.diagnostics)

    @property
    def tree(self) -> SourceTree:
        """Its files."""
        return self._about.tree

    @property
    def configs(self) -> ConfigSet:
        """The configurations as this tree completes them."""
        return self._analysis.session.configs

    def skeleton(self, file: str) -> Skeleton | None:
        """The directives and text of a file, None where there is no such file."""
        return self._analysis.session.skeleton(file)

    def definitions(self, file: str) -> Definitions:
        """Everything that a file defines."""
        return definitions(self.side, file)

    def objects_in(self, directory: str) -> Sequence[ObjectFile]:
        """The objects in and below a directory."""
        return self._analysis.session.kbuild.objects_in_directory(directory)

    def model(self) -> KconfigModel:
        """What its Kconfig files say."""
        return self._about.model()

    def space(self) -> Space:
        """The configurations that they allow."""
        return self._about.space()

    def knows(self, function: str) -> bool:
        """Whether there is such a function or macro."""
        return self._searching().knows(function)

    def spelled(self, names: Collection[str], folders: Iterable[str]) -> set[str]:
        """Those of ``names`` that a source in or below folders defines, built or not."""
        return defined_names(self._analysis.tree, names, folders)

    def namesakes(self, function: str) -> Sequence[str]:
        """The functions and macros of a name, as ``file:name``."""
        return self._searching().namesakes(function)

    def users(
        self, name: str, place: Location, *, macro: bool, first: Collection[str]
    ) -> Iterator[str]:
        """The functions right above a function or macro, as ``file:name``."""
        return self._searching().users().of(name, place, macro=macro, first=first)

    def user_candidates(self, name: str, place: Location, *, macro: bool) -> int:
        """How many functions may be users by the texts alone."""
        return self._searching().users().candidates(name, place, macro=macro)

    def paths(self, function: str, about: str | None = None) -> PathsResult:
        """Its paths, and what becomes of the argument ``about`` (None: the one given up)."""
        search = self._searching()
        if self._dispatches:
            search.boot_ahead()
        return search.paths(PathsRequest(self._about.inputs, (function,), object=about))

    def paths_if_known(self, function: str, about: str | None = None) -> PathsResult | None:
        """As :meth:`paths`, None for a name that is unknown."""
        return self.paths(function, about) if self.knows(function) else None

    def routes(self, function: str, to: str) -> PathsResult:
        """The routes from a function to another one."""
        return self._searching().paths(PathsRequest(self._about.inputs, (function,), to=to))

    def platforms(self) -> tuple[str, ...]:
        """The names of the platforms that the tree has sources for."""
        session = self._analysis.session
        return platforms_of(session.tree, session.arch, session.knowledge)

    def awaited(self, function: str, about: str | None = None) -> bool:
        """Never: no answer about a tree with patches is kept by itself."""
        del function, about
        return False

    def foresee(self, paths: PathsResult) -> None:
        """Do not begin to boot platforms ahead if the same paths elsewhere need none of it."""
        self._dispatches = bool(paths.platforms)

    def remarks(self) -> Iterator[Diagnostic]:
        """What makes an answer less certain."""
        return doubts(self._analysis.diagnostics)

    def stamps(self) -> Stamps:
        """What has been read so far."""
        return self._analysis.stamps()

    def _searching(self) -> PathSearch:
        if self._search is None:
            search = PathSearch.booting(self._analysis, self._about.platforms)
            self._search = self._stack.enter_context(search)
        return self._search
