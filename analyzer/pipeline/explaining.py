"""``kimpact explain``: the tree's Kconfig files and the configurations, then why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analyzer.configset.architecture import require_architecture
from analyzer.configset.configurations import read_all
from analyzer.diagnostics import Diagnostics
from analyzer.paths.result import ConfigInfo, Kernel
from analyzer.progress import Progress
from analyzer.requests import ExplainRequest
from analyzer.tree.source_tree import DirectoryTree, architectures

if TYPE_CHECKING:
    from analyzer.explain.result import ExplainResult, Wish


def run_explain(request: ExplainRequest, progress: Progress) -> ExplainResult:
    """Why symbols have their values in all configurations, completed as ``olddefconfig`` does.

    Raises :class:`BadInput` for input that cannot be used, or a symbol that is unknown.
    """
    from analyzer.explain.answer import Question, explain
    from analyzer.explain.result import ExplainResult
    from analyzer.kconfig.resolve import ProbePolicy, complete
    from analyzer.kconfig.toolchain import load_toolchain
    from analyzer.pipeline.models import loader_for
    from analyzer.tree.version import kernel_version

    inputs = request.inputs
    diagnostics = Diagnostics()
    tree = DirectoryTree(inputs.kernel)
    kernel = Kernel(str(kernel_version(tree)), inputs.arch)
    toolchain = None if inputs.toolchain is None else load_toolchain(inputs.toolchain)
    given = read_all(inputs.configs)
    require_architecture(given, inputs.arch, architectures(tree))
    progress.stage("reading Kconfig files and completing configurations")
    loader = loader_for(inputs, tree)
    resolution = complete(tree, inputs.arch, toolchain, given, diagnostics, loader)
    question = Question(request.symbols, request.depth, request.show_all, inputs.resolve)
    explanations = explain(resolution, question)
    wished: tuple[Wish, ...] = ()
    if request.want is not None:
        from analyzer.explain.wishes import wishes

        progress.stage("looking for the smallest change")
        policy = ProbePolicy.RECORDED if toolchain is None else ProbePolicy.PROFILE
        model = resolution.model
        wished = tuple(wishes(model, given, policy, request.symbols, request.want))
    configs = tuple(ConfigInfo(each.name, each.file) for each in given)
    return ExplainResult(kernel, configs, explanations, tuple(diagnostics), wished)
