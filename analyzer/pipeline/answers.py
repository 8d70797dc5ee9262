"""The commands that analyse functions and slots: paths, callers, slots.

Each uses the answer of an earlier run if nothing that it came from has changed. Whether the
tree would change the configurations is looked at meanwhile by a second process.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from analyzer.configset.configurations import Configurations
from analyzer.paths.result import PathsResult
from analyzer.pipeline.kept import Answer, kept_or
from analyzer.pipeline.sessions import Analysis, Stamps, analysing
from analyzer.progress import Progress
from analyzer.requests import CallersRequest, Inputs, PathsRequest, SlotsRequest
from analyzer.tree.source_tree import DirectoryTree

if TYPE_CHECKING:
    from analyzer.callers.result import CallersResult
    from analyzer.slots.result import SlotsResult


def run_paths(request: PathsRequest, progress: Progress) -> PathsResult:
    """The call paths of functions in all configurations.

    Raises :class:`BadInput` for input that cannot be used, or a name that is unknown or
    ambiguous.
    """
    options = [str(request.to), str(request.depth), str(request.show_all), str(request.object)]
    asked = ["paths", *options, *request.platforms, "", *request.functions]

    def answer(analysis: Analysis) -> PathsResult:
        return _paths(request, analysis)

    return _answered(request.inputs, asked, PathsResult, progress, answer)


def run_callers(request: CallersRequest, progress: Progress) -> CallersResult:
    """The callers of functions in all configurations, up to where control enters.

    Raises :class:`BadInput` for input that cannot be used, or a name that is unknown or
    ambiguous.
    """
    from analyzer.callers.result import CallersResult

    asked = ["callers", str(request.depth), str(request.show_all), *request.functions]

    def answer(analysis: Analysis) -> CallersResult:
        return _callers(request, analysis)

    return _answered(request.inputs, asked, CallersResult, progress, answer)


def run_slots(request: SlotsRequest, progress: Progress) -> SlotsResult:
    """What dispatch slots hold on each platform, in all configurations.

    Raises :class:`BadInput` for input that cannot be used, or a slot or platform that is
    unknown.
    """
    from analyzer.slots.result import SlotsResult

    asked = ["slots", *request.platforms, "", *request.slots]

    def answer(analysis: Analysis) -> SlotsResult:
        return _slots(request, analysis)

    return _answered(request.inputs, asked, SlotsResult, progress, answer)


def _answered(
    inputs: Inputs,
    asked: Sequence[str],
    kind: type[Answer],
    progress: Progress,
    answer: Callable[[Analysis], Answer],
) -> Answer:
    def derive(tree: DirectoryTree, configs: Configurations) -> tuple[Answer, Stamps]:
        with analysing(inputs, tree, configs, progress) as analysis:
            result = answer(analysis)
        return replace(result, diagnostics=tuple(analysis.diagnostics)), analysis.stamps()

    return kept_or(inputs, asked, kind, derive)


def _paths(request: PathsRequest, analysis: Analysis) -> PathsResult:
    from analyzer.pipeline.searching import PathSearch

    with PathSearch.booting(analysis, request.platforms) as search:
        search.boot_ahead()
        result = search.paths(request)
    _explain_absences(result, analysis)
    return result


def _callers(request: CallersRequest, analysis: Analysis) -> CallersResult:
    from analyzer.callers.answer import Question, answer

    return answer(
        analysis.session,
        Question(request.functions, request.depth, request.show_all),
        analysis.kernel,
        diagnostics=analysis.diagnostics,
        progress=analysis.progress,
    )


def _slots(request: SlotsRequest, analysis: Analysis) -> SlotsResult:
    from analyzer.slots.answer import Question, answer

    return answer(
        analysis.session,
        Question(request.slots, request.platforms),
        analysis.kernel,
        diagnostics=analysis.diagnostics,
        progress=analysis.progress,
    )


_UNSET = re.compile(r"CONFIG_(\w+)=n")


def _explain_absences(result: PathsResult, analysis: Analysis) -> None:
    """Say why the symbols have their values that keep a function asked about from being built.

    Loading the Kconfig files takes a while; it is done only for such an answer.
    """
    asked = set(result.roots)
    texts = [node.absent for node in result.nodes if node.id in asked and node.absent]
    names = dict.fromkeys(name for text in texts for name in _UNSET.findall(text))
    if not names:
        return
    from analyzer.kconfig.explain import why
    from analyzer.kconfig.resolve import complete
    from analyzer.kconfig.toolchain import load_toolchain
    from analyzer.pipeline.models import loader_for

    inputs, diagnostics = analysis.inputs, analysis.diagnostics
    toolchain = None if inputs.toolchain is None else load_toolchain(inputs.toolchain)
    first = analysis.given[:1]
    loader = loader_for(inputs, analysis.tree)
    resolution = complete(analysis.tree, inputs.arch, toolchain, first, diagnostics, loader)
    for name in names:
        reason = why(resolution, name, 0)
        diagnostics.note(
            "not-built", f"CONFIG_{name}={reason.value}: {reason.text}", reason.location
        )
