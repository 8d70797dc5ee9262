"""``kimpact matrix``: combinations of CONFIG symbols and the paths that each gives."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from analyzer.configset.architecture import require_architecture
from analyzer.configset.configurations import Configurations
from analyzer.configset.dotconfig import DotConfig
from analyzer.csource.source_cache import SourceCache
from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput
from analyzer.matrix.result import MatrixResult, Row
from analyzer.pipeline.kept import kept_or
from analyzer.pipeline.sessions import Analysis, Stamps, analysing_complete
from analyzer.progress import Progress
from analyzer.requests import MatrixRequest, PathsRequest
from analyzer.tree.source_tree import DirectoryTree, Stamp, architectures

if TYPE_CHECKING:
    from analyzer.matrix.answer import Analysed
    from analyzer.matrix.kconfig_space import KconfigSpace
    from analyzer.matrix.relevant import Surveyed
    from analyzer.matrix.space import Witness


def run_matrix(request: MatrixRequest, progress: Progress) -> MatrixResult:
    """Which combinations of symbols can be had, and the paths of functions in each.

    Raises :class:`BadInput` for input that cannot be used, a symbol that cannot be varied, too
    many combinations, or a function that is unknown or ambiguous.
    """
    asked = [
        "matrix",
        str(request.object),
        *request.vary,
        "",
        *request.platforms,
        "",
        *request.functions,
    ]
    inputs = request.inputs
    if request.write_configs is not None:
        # What is kept has no configurations to write.
        inputs = replace(inputs, cache=False)

    def derive(tree: DirectoryTree, configs: Configurations) -> tuple[MatrixResult, Stamps]:
        return _Matrix(request, tree, progress).derive(_base(request, tree, configs))

    return kept_or(inputs, asked, MatrixResult, derive)


def _base(request: MatrixRequest, tree: DirectoryTree, configs: Configurations) -> DotConfig:
    """The configuration that is given, or the tree's default one."""
    from analyzer.configset.dotconfig import parse_dotconfig
    from analyzer.kconfig.defaults import default_config

    inputs = request.inputs
    if configs:
        require_architecture(configs[:1], inputs.arch, architectures(tree))
        return configs[0]
    default = default_config(tree, inputs.arch)
    return parse_dotconfig(default.text, default.file, default.name)


class _Matrix:
    """One question: every analysis of it reads the same tree."""

    def __init__(self, request: MatrixRequest, tree: DirectoryTree, progress: Progress) -> None:
        self._request = request
        self._tree = tree
        self._progress = progress
        self._stamps: dict[str, dict[str, Stamp]] = {}
        self._diagnostics = Diagnostics()
        self._cache = SourceCache()

    def derive(self, base: DotConfig) -> tuple[MatrixResult, Stamps]:
        from analyzer.matrix.answer import Question, answer

        self._progress.stage("reading Kconfig files")
        space = self._space(base)
        question = Question(self._request.functions, self._request.vary)
        found = answer(question, space.base, space, self._analyse, self._survey, self._diagnostics)
        rows = found.result.rows
        if self._request.write_configs is not None:
            rows = tuple(_written(rows, found.witnesses, self._request.write_configs))
        diagnostics = (*self._diagnostics, *found.result.paths.diagnostics)
        result = replace(
            found.result,
            rows=rows,
            paths=replace(found.result.paths, diagnostics=()),
            diagnostics=tuple(dict.fromkeys(diagnostics)),
        )
        return result, list(self._stamps.items())

    def _space(self, base: DotConfig) -> KconfigSpace:
        from analyzer.kconfig.resolve import ProbePolicy, suitable_toolchain
        from analyzer.kconfig.toolchain import load_toolchain
        from analyzer.matrix.kconfig_space import KconfigSpace
        from analyzer.pipeline.models import loader_for

        inputs = self._request.inputs
        policy = ProbePolicy.RECORDED if inputs.toolchain is None else ProbePolicy.PROFILE
        toolchain = (
            suitable_toolchain(Configurations([base]))
            if inputs.toolchain is None
            else load_toolchain(inputs.toolchain)
        )
        load = loader_for(inputs, self._tree)
        model = load(self._tree, inputs.arch, toolchain, self._diagnostics)
        return KconfigSpace(model, base, policy)

    def _analyse(self, configs: Sequence[DotConfig]) -> Analysed:
        """The paths in full, platforms told apart."""
        from analyzer.matrix.answer import Analysed
        from analyzer.matrix.mentions import Mentions
        from analyzer.pipeline.searching import PathSearch

        diagnostics = Diagnostics()
        with self._opened(configs, diagnostics) as analysis:
            with PathSearch.booting(analysis, self._request.platforms) as search:
                search.boot_ahead()
                paths = search.paths(self._paths_request())
            mentions = Mentions(analysis.session).of(paths)
        self._note(analysis)
        return Analysed(replace(paths, diagnostics=tuple(diagnostics)), mentions)

    def _survey(self, configs: Sequence[DotConfig]) -> Surveyed:
        """The paths with every function that a slot may hold, no platform booted."""
        from analyzer.matrix.answer import path_classes
        from analyzer.matrix.mentions import Mentions
        from analyzer.matrix.relevant import Surveyed
        from analyzer.pipeline.searching import PathSearch

        with self._opened(configs, Diagnostics()) as analysis:
            paths = PathSearch.unbooted(analysis).paths(self._paths_request())
            mentions = Mentions(analysis.session).of(paths)
        self._note(analysis)
        return Surveyed(path_classes(paths), mentions)

    def _opened(
        self, configs: Sequence[DotConfig], diagnostics: Diagnostics
    ) -> AbstractContextManager[Analysis]:
        gc.collect()  # of the analysis before: automatic collection is off (``cli/main``)
        inputs = self._request.inputs
        return analysing_complete(
            inputs, self._tree, configs, diagnostics, self._progress, self._cache
        )

    def _paths_request(self) -> PathsRequest:
        request = self._request
        return PathsRequest(
            request.inputs, request.functions, object=request.object, platforms=request.platforms
        )

    def _note(self, analysis: Analysis) -> None:
        for root, stamps in analysis.stamps():
            self._stamps.setdefault(root, {}).update(stamps)


def _written(rows: Sequence[Row], witnesses: Sequence[Witness], folder: Path) -> Iterator[Row]:
    """Write the witnesses into ``folder``; the rows with the files' names."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for row in rows:
            if row.witness is None:
                yield row
                continue
            witness = witnesses[row.witness]
            path = folder / f"{witness.config.name}.config"
            path.write_bytes(witness.text.encode("utf-8", "surrogateescape"))
            yield replace(row, file=str(path))
    except OSError as error:
        raise BadInput(f"cannot be written: {error.strerror}", str(folder)) from None
