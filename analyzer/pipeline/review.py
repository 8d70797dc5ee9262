"""``kimpact review``: what a patch or a series changes, for whom."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from analyzer.configset.architecture import require_architecture
from analyzer.configset.configset import ConfigSet
from analyzer.configset.dotconfig import DotConfig, read_dotconfig
from analyzer.diagnostics import Diagnostic, Diagnostics, Severity
from analyzer.impact.configurations import witnesses
from analyzer.impact.result import PatchReview, ReviewResult
from analyzer.impact.review import Subject, review, support_of, touches_kconfig
from analyzer.impact.side import Side
from analyzer.kconfig.model import KconfigModel
from analyzer.kconfig.resolve import ProbePolicy, Source, resolve, suitable_toolchain
from analyzer.kconfig.space.space import Space
from analyzer.kconfig.toolchain import load_toolchain
from analyzer.patch.apply import AppliedPatch, FileChange, apply_series
from analyzer.patch.commits import range_series
from analyzer.patch.inputs import PatchInput, read_input, read_stream
from analyzer.patch.joined import joined
from analyzer.patch.model import Series
from analyzer.patch.series import read_series
from analyzer.paths.result import ConfigInfo, PathsResult
from analyzer.pipeline.models import loader_for
from analyzer.pipeline.searching import PathSearch
from analyzer.pipeline.sessions import Analysis, analysing_complete, kernel_of
from analyzer.progress import Progress
from analyzer.requests import PathsRequest, ReviewRequest
from analyzer.tree.git import GitRepository
from analyzer.tree.history import commits
from analyzer.tree.overlay import PatchableTree
from analyzer.tree.revision import RevisionTree
from analyzer.tree.source_tree import DirectoryTree, architectures

STDIN = Path("-")


def run_review(request: ReviewRequest, progress: Progress) -> ReviewResult:
    """Look at a series patch by patch and, if it has several, as a whole.

    Raises :class:`BadInput` for patches that cannot be read or do not apply, input that cannot
    be used, and a root that is unknown or ambiguous.
    """
    diagnostics = Diagnostics()
    base, series = _subject_of(request, diagnostics)
    kernel = kernel_of(base, request.inputs.arch)
    known = architectures(base)
    given = [read_dotconfig(path) for path in request.inputs.configs]
    for config in given:
        require_architecture(config, request.inputs.arch, known)
    progress.stage("applying the patches")
    applied = apply_series(base, series, diagnostics)
    with ExitStack() as stack:
        versions = _Versions(request, base, applied, given, diagnostics, progress, stack)
        reviews = [
            _reviewed(_subject(request, one, number), versions, number, number + 1)
            for number, one in enumerate(applied)
        ]
        if len(applied) > 1:
            whole = Subject("the whole series", None, _joined(applied), request.roots)
            reviews.append(_reviewed(whole, versions, 0, len(applied)))
    support = support_of([entry for one in reviews for entry in one.entries])
    configs = versions.configs
    return ReviewResult(
        kernel=kernel,
        configs=tuple(ConfigInfo(config.name, config.file) for config in configs),
        platforms=tuple(each.platform for each in support if each.mask),
        support=support,
        reviews=tuple(reviews),
        diagnostics=tuple(diagnostics),
    )


def _subject_of(request: ReviewRequest, diagnostics: Diagnostics) -> tuple[PatchableTree, Series]:
    """The base and what lies on it: patches, or the commits of a range on its first commit's
    parent."""
    kernel = request.inputs.kernel
    if request.range is None:
        inputs = [_input(path) for path in request.patches]
        return DirectoryTree(kernel), read_series(inputs, diagnostics)
    repository = GitRepository(kernel)
    found = commits(repository, request.range, diagnostics)
    return RevisionTree(repository, found.before), range_series(repository, found)


def _input(path: Path) -> PatchInput:
    return read_stream(sys.stdin.buffer) if path == STDIN else read_input(path)


def _subject(request: ReviewRequest, applied: AppliedPatch, number: int) -> Subject:
    message = applied.patch.message
    title = message.subject or f"patch {number + 1} ({applied.patch.name})"
    return Subject(title, message.author or None, applied.files, request.roots)


def _joined(applied: Sequence[AppliedPatch]) -> Sequence[FileChange]:
    return joined([one.files for one in applied])


def _reviewed(subject: Subject, versions: _Versions, old: int, new: int) -> PatchReview:
    diagnostics = Diagnostics()
    before, after = versions.opened(old), versions.opened(new)
    found = review(subject, before, after, diagnostics)
    remarks = [*diagnostics, *before.remarks(), *after.remarks()]
    return replace(found, diagnostics=tuple(dict.fromkeys(remarks)))


class _Versions:
    """The trees of a review: number 0 is the base, number *i* has *i* patches applied."""

    def __init__(
        self,
        request: ReviewRequest,
        base: PatchableTree,
        applied: Sequence[AppliedPatch],
        given: Sequence[DotConfig],
        diagnostics: Diagnostics,
        progress: Progress,
        stack: ExitStack,
    ) -> None:
        self._request = request
        self._trees: list[PatchableTree] = [base, *(one.tree for one in applied)]
        self._progress = progress
        self._stack = stack
        self._diagnostics = diagnostics
        self._kconfig = [0]
        for number, one in enumerate(applied, 1):
            same = not touches_kconfig(one.files)
            self._kconfig.append(self._kconfig[-1] if same else number)
        self._models: dict[int, KconfigModel] = {}
        self._opened: dict[int, _Version] = {}
        self._sources = [Source(config) for config in given]
        self.configs = self._chosen(given, applied)

    def opened(self, number: int) -> _Version:
        """A tree, opened for all configurations; those that no patch leads from any more are
        let go of."""
        known = self._opened.get(number)
        if known is None:
            diagnostics = Diagnostics()
            configs = self._configs_of(number)
            analysis = self._stack.enter_context(
                analysing_complete(
                    self._request.inputs,
                    self._trees[number],
                    configs,
                    diagnostics,
                    self._progress,
                )
            )
            known = _Version(self, number, analysis, self._request)
            for other in [other for other in self._opened if 0 < other < number - 1]:
                del self._opened[other]
            self._opened[number] = known
        return known

    def model(self, number: int) -> KconfigModel:
        """What the Kconfig files of a tree say."""
        at = self._kconfig[number]
        known = self._models.get(at)
        if known is None:
            self._progress.stage("reading Kconfig files")
            inputs = self._request.inputs
            toolchain = (
                suitable_toolchain([source.config for source in self._sources])
                if inputs.toolchain is None
                else load_toolchain(inputs.toolchain)
            )
            tree = self._trees[at]
            loader = loader_for(inputs, tree)
            known = self._models[at] = loader(tree, inputs.arch, toolchain, self._diagnostics)
        return known

    def space(self, number: int) -> Space:
        """What the Kconfig files of a tree allow, seen from the first configuration."""
        return Space(self.model(number), self._sources[0], self._policy())

    def _policy(self) -> ProbePolicy:
        recorded = self._request.inputs.toolchain is None
        return ProbePolicy.RECORDED if recorded else ProbePolicy.PROFILE

    def _chosen(
        self, given: Sequence[DotConfig], applied: Sequence[AppliedPatch]
    ) -> Sequence[DotConfig]:
        """The given configurations, and one for each combination of the symbols that matter to
        the change and that none of them has, unless only those given are asked for."""
        if self._request.only_given:
            return list(given)
        last = len(applied)
        trees = (self._trees[0], self._trees[last])
        model = self.model(last)
        found = witnesses(
            model, self._sources, self._policy(), trees, _joined(applied), self._diagnostics
        )
        self._sources += found
        return [source.config for source in self._sources]

    def _configs_of(self, number: int) -> Sequence[DotConfig]:
        """The configurations as a tree completes them, if its Kconfig files differ from others'."""
        if self._kconfig[-1] == 0 and not self._request.inputs.resolve:
            return self.configs
        resolution = resolve(self.model(number), self._sources, self._policy())
        return [resolution.config(index) for index in range(len(self._sources))]


class _Version:
    """One tree, opened (:class:`analyzer.impact.review.Version`)."""

    def __init__(
        self, versions: _Versions, number: int, analysis: Analysis, request: ReviewRequest
    ) -> None:
        self._versions = versions
        self._number = number
        self._analysis = analysis
        self._request = request
        self._search: PathSearch | None = None
        self.side = Side(analysis.session, analysis.diagnostics)

    @property
    def configs(self) -> ConfigSet:
        return self._analysis.session.configs

    def model(self) -> KconfigModel:
        return self._versions.model(self._number)

    def space(self) -> Space:
        return self._versions.space(self._number)

    def knows(self, function: str) -> bool:
        return self._searching().knows(function)

    def paths(self, function: str) -> PathsResult:
        request = self._request
        return self._searching().paths(
            PathsRequest(request.inputs, (function,), object=request.object)
        )

    def remarks(self) -> Iterator[Diagnostic]:
        """What makes an answer less certain; what every search says of itself is left out."""
        return (one for one in self._analysis.diagnostics if one.severity is not Severity.NOTE)

    def _searching(self) -> PathSearch:
        if self._search is None:
            self._search = PathSearch.booting(self._analysis, self._request.platforms)
        return self._search
