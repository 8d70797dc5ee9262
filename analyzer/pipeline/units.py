"""``kimpact callgraph``: the call graphs of translation units."""

from __future__ import annotations

import os

from analyzer.configset.configurations import read_all
from analyzer.diagnostics import Diagnostics
from analyzer.paths.result import ConfigInfo
from analyzer.pipeline.sessions import completed, kernel_of, open_session
from analyzer.progress import Progress
from analyzer.requests import CallgraphRequest, CallgraphResult
from analyzer.tree.source_tree import DirectoryTree


def run_callgraph(request: CallgraphRequest, progress: Progress) -> CallgraphResult:
    """The call graphs of translation units, each for all configurations at once.

    Raises :class:`BadInput` for a file that is not in the tree or not built.
    """
    from analyzer.callgraph.batch import unit_graphs

    inputs = request.inputs
    diagnostics = Diagnostics()
    tree = DirectoryTree(inputs.kernel)
    kernel_of(tree, inputs.arch)
    configs = completed(inputs, tree, diagnostics) if inputs.resolve else read_all(inputs.configs)
    session = open_session(inputs, tree, configs, diagnostics, progress)
    items = [item for file in request.files for item in session.objects(file)]
    progress.stage("analysing units")
    jobs = inputs.jobs or len(os.sched_getaffinity(0))
    units = unit_graphs(session, items, request.contract_macros, jobs, progress)
    infos = tuple(map(ConfigInfo, session.configs.names, session.configs.files))
    return CallgraphResult(infos, units, tuple(diagnostics))
