"""The trees of a series, each opened when it is asked for: the base, and after every patch."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType

from analyzer.configset.architecture import require_architecture
from analyzer.configset.configset import ConfigSet
from analyzer.configset.configurations import Configurations, read_all
from analyzer.csource.source_cache import SourceCache
from analyzer.diagnostics import Diagnostics
from analyzer.impact.configurations import witnesses
from analyzer.impact.review import touches_kconfig
from analyzer.kbuild.model import KbuildModel
from analyzer.kbuild.objects import ObjectFile
from analyzer.kconfig.model import KconfigModel
from analyzer.kconfig.resolve import ProbePolicy, resolve, suitable_toolchain
from analyzer.kconfig.space.space import Space
from analyzer.kconfig.toolchain import load_toolchain
from analyzer.patch.apply import AppliedPatch, FileChange, apply_series
from analyzer.patch.commits import range_series
from analyzer.patch.inputs import PatchInput, read_input, read_stream
from analyzer.patch.joined import joined
from analyzer.patch.model import Series
from analyzer.patch.series import read_series
from analyzer.pipeline.base import Base
from analyzer.pipeline.listed import listing_over, same_files
from analyzer.pipeline.models import loader_for
from analyzer.pipeline.opened import About, Version
from analyzer.pipeline.sessions import (
    Analysis,
    Stamps,
    analysing_complete,
    background_of,
    kernel_of,
    opened_analysis,
)
from analyzer.progress import Progress
from analyzer.requests import Changes, Inputs
from analyzer.tree.git import GitRepository
from analyzer.tree.history import commits
from analyzer.tree.overlay import OverlayTree, PatchableTree
from analyzer.tree.revision import RevisionTree
from analyzer.tree.source_tree import DirectoryTree, Stamp, architectures

STDIN = Path("-")


@dataclass(frozen=True, slots=True)
class Applied:
    """A base, what lies on it patch by patch, and the configurations given for it.

    ``digest`` identifies the patches by what they say.
    """

    base: PatchableTree
    patches: tuple[AppliedPatch, ...]
    given: Configurations
    digest: str

    def joined(self) -> Sequence[FileChange]:
        """The files of all patches together."""
        return joined([one.files for one in self.patches])


def applied(
    inputs: Inputs, changes: Changes, diagnostics: Diagnostics, progress: Progress
) -> Applied:
    """Read the configurations and patches that are asked about, and apply these in memory.

    Raises :class:`BadInput` for what cannot be read or does not apply.
    """
    progress.stage("applying the patches")
    base, series = _series(inputs, changes, diagnostics)
    kernel_of(base, inputs.arch)
    given = read_all(inputs.configs)
    require_architecture(given, inputs.arch, architectures(base))
    patches = () if series is None else apply_series(base, series, diagnostics)
    digest = "" if series is None else series.digest
    return Applied(base, tuple(patches), given, digest)


def _series(
    inputs: Inputs, changes: Changes, diagnostics: Diagnostics
) -> tuple[PatchableTree, Series | None]:
    """The base and what lies on it: patches, or the commits of a range on the range's begin."""
    if changes.range is not None:
        repository = GitRepository(inputs.kernel)
        found = commits(repository, changes.range, diagnostics)
        return RevisionTree(repository, found.before), range_series(repository, found)
    base = DirectoryTree(inputs.kernel)
    if not changes.patches:
        return base, None
    return base, read_series([_input(path) for path in changes.patches], diagnostics)


def _input(path: Path) -> PatchInput:
    return read_stream(sys.stdin.buffer) if path == STDIN else read_input(path)


class Versions:
    """The trees: number 0 is the base, number *i* has *i* patches applied.

    To be used as a context manager. All are opened for the same configurations, each of which
    every tree completes for itself if the patches touch Kconfig files.
    """

    def __init__(
        self,
        inputs: Inputs,
        platforms: tuple[str, ...],
        subject: Applied,
        diagnostics: Diagnostics,
        progress: Progress,
    ) -> None:
        """``platforms``: the ones to look at, none for all."""
        self.inputs = inputs
        self.platforms = platforms
        self._subject = subject
        self._trees: list[PatchableTree] = [subject.base, *(one.tree for one in subject.patches)]
        self._progress = progress
        self._diagnostics = diagnostics
        self._kconfig = [0]
        for number, one in enumerate(subject.patches, 1):
            same = not touches_kconfig(one.files)
            self._kconfig.append(self._kconfig[-1] if same else number)
        self._models: dict[int, KconfigModel] = {}
        self._opened: dict[int, tuple[Base | Version, ExitStack]] = {}
        self._configs = subject.given
        self._cache = SourceCache()
        self._read: dict[str, dict[str, Stamp]] = {}

    def __enter__(self) -> Versions:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        while self._opened:  # what it takes in memory does not count any more
            _, (_, stack) = self._opened.popitem()
            stack.close()

    @property
    def configs(self) -> Configurations:
        """The configurations, those given first."""
        return self._configs

    def add_witnesses(self) -> None:
        """Look also at a configuration for each combination of the symbols that matter to the
        changes which none of those given has; to be called before any tree is opened."""
        last = len(self._trees) - 1
        trees = (self._trees[0], self._trees[last])
        files = self._subject.joined()
        kbuild = self.kbuild(last)
        files = [file for file in files if kbuild.is_part(file.path)]
        if not files:
            return
        remarks = self._diagnostics
        more = witnesses(
            self.model(last), self._configs, self._policy(), trees, files, kbuild, remarks
        )
        self._configs = Configurations((*self._configs, *more))

    def kbuild(self, number: int) -> KbuildModel:
        """The makefiles of a tree, which need not be opened for that."""
        configs = ConfigSet.of(self.configs)
        return KbuildModel(self._trees[number], self.inputs.arch, configs, Diagnostics())

    def base(self) -> Base:
        """The tree before all patches; what earlier runs have found in it is not looked for."""
        known = self._opened.get(0)
        if known is not None:
            assert isinstance(known[0], Base)
            return known[0]
        stack = ExitStack()
        base = Base(self._about(0), self._progress, self.read, stack)
        self._opened[0] = (base, stack)
        return base

    def opened(self, number: int) -> Version:
        """A tree with patches, opened for all configurations."""
        known = self._opened.get(number)
        if known is not None:
            assert isinstance(known[0], Version)
            return known[0]
        stack = ExitStack()
        about = self._about(number)
        version = Version(about, stack.enter_context(self._analysing(about)), stack)
        self._opened[number] = (version, stack)
        return version

    @contextmanager
    def _analysing(self, about: About) -> Iterator[Analysis]:
        """A tree with patches, opened; it has the objects of the base if that is certain."""
        diagnostics = Diagnostics()
        whole = (self.inputs, about.tree, about.configs, diagnostics)
        base, over = self.base(), _without_makefiles(about.tree)
        if over is None or about.configs is not base.given:
            with analysing_complete(*whole, self._progress, about.cache) as analysis:
                yield analysis
            return
        with ExitStack() as stack:

            def own() -> Sequence[ObjectFile]:
                return stack.enter_context(background_of(*whole)).objects()

            base.listing.begin()
            listing = listing_over(over, base.listing, own, diagnostics)
            yield opened_analysis(*whole, self._progress, listing, about.cache)

    def at(self, number: int) -> Base | Version:
        """Any of the trees."""
        return self.opened(number) if number else self.base()

    def read(self, root: str, stamps: dict[str, Stamp]) -> None:
        """Note what files below ``root`` an answer depends on."""
        self._read.setdefault(root, {}).update(stamps)

    def stamps(self) -> Stamps:
        """What all answers so far depend on."""
        for version, _ in self._opened.values():
            self._note(version)
        self.read(self._subject.base.root, self._subject.base.stamps)
        return list(self._read.items())

    def _note(self, version: Base | Version) -> None:
        for root, stamps in version.stamps():
            self.read(root, stamps)

    def _about(self, number: int) -> About:
        return About(
            self.inputs,
            self.platforms,
            self._trees[number],
            self._configs_of(number),
            partial(self.model, number),
            partial(self.space, number),
            self._cache,
        )

    def close(self, number: int) -> None:
        """Let go of a tree, and of the memory it takes."""
        known = self._opened.pop(number, None)
        if known is not None:
            self._note(known[0])
            known[1].close()
            del known
            gc.collect()  # automatic collection is off (``cli/main``), and units are cyclic

    def model(self, number: int) -> KconfigModel:
        """What the Kconfig files of a tree say."""
        at = self._kconfig[number]
        known = self._models.get(at)
        if known is None:
            self._progress.stage("reading Kconfig files")
            toolchain = (
                suitable_toolchain(self.configs)
                if self.inputs.toolchain is None
                else load_toolchain(self.inputs.toolchain)
            )
            tree = self._trees[at]
            loader = loader_for(self.inputs, tree)
            known = loader(tree, self.inputs.arch, toolchain, self._diagnostics)
            self._models[at] = known
        return known

    def space(self, number: int) -> Space:
        """What the Kconfig files of a tree allow, seen from the first configuration."""
        return Space(self.model(number), self._configs[0], self._policy())

    def _policy(self) -> ProbePolicy:
        recorded = self.inputs.toolchain is None
        return ProbePolicy.RECORDED if recorded else ProbePolicy.PROFILE

    def _configs_of(self, number: int) -> Configurations:
        if self._kconfig[-1] == 0 and not self.inputs.resolve:
            return self.configs
        return resolve(self.model(number), self._configs, self._policy()).completed()


def _without_makefiles(tree: PatchableTree) -> OverlayTree | None:
    """A tree with patches, if a list of objects made for the tree below may do for it."""
    if not isinstance(tree, OverlayTree) or not same_files(tree):
        return None
    names = (path.rpartition("/")[2] for path in tree.changed)
    return None if any(name.startswith(("Makefile", "Kbuild")) for name in names) else tree
