"""The commands that need the Kconfig files alone: completing configurations, recording probes."""

from __future__ import annotations

from analyzer.configset.architecture import require_architecture
from analyzer.configset.configurations import read_all
from analyzer.diagnostics import Diagnostics
from analyzer.progress import Progress
from analyzer.requests import RecordRequest, RecordResult, ResolveRequest, ResolveResult
from analyzer.tree.source_tree import DirectoryTree, architectures


def run_record(request: RecordRequest, progress: Progress) -> RecordResult:
    """Run a tree's shell probes and record their answers; the user has allowed it.

    Raises :class:`BadInput` for a tree or tool that cannot be used.
    """
    from analyzer.kconfig.recording import record, tools

    diagnostics = Diagnostics()
    tree = DirectoryTree(request.kernel)
    chosen = tools(request.tools, llvm=request.llvm)
    progress.stage("running what the tree's Kconfig files ask")
    recording = record(tree, request.kernel, request.arch, chosen, diagnostics)
    return RecordResult(recording.text(), tuple(diagnostics))


def run_resolve(request: ResolveRequest, progress: Progress) -> ResolveResult:
    """Complete configurations as ``olddefconfig`` would and write them.

    Raises :class:`BadInput` for a tree, profile or configuration that cannot be used, or
    an output that cannot be written.
    """
    from analyzer.kconfig.resolve import resolve_files
    from analyzer.kconfig.toolchain import load_toolchain
    from analyzer.pipeline.models import loader_for

    inputs = request.inputs
    diagnostics = Diagnostics()
    tree = DirectoryTree(inputs.kernel)
    toolchain = None if inputs.toolchain is None else load_toolchain(inputs.toolchain)
    require_architecture(read_all(inputs.configs), inputs.arch, architectures(tree))
    progress.stage("reading Kconfig files and completing configurations")
    written = resolve_files(
        tree,
        inputs.arch,
        toolchain,
        inputs.configs,
        request.output,
        diagnostics=diagnostics,
        loader=loader_for(inputs, tree),
    )
    return ResolveResult(written, tuple(diagnostics))
