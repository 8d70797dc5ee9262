"""Wiring: a request goes in, the parts are put together, plain facts come out."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from analyzer.callgraph.model import UnitGraph
from analyzer.diagnostics import Diagnostic, Diagnostics
from analyzer.paths.result import ConfigInfo, Kernel, PathsResult
from analyzer.progress import Progress

if TYPE_CHECKING:
    from analyzer.callgraph.session import Session


@dataclass(frozen=True, slots=True)
class Inputs:
    """What every analysis needs: a tree, configurations, an architecture.

    ``objtree`` is an out-of-tree build folder whose generated headers are preferred;
    ``resolve`` completes fragments first; ``toolchain`` holds recorded probe answers.
    ``jobs`` is the number of processes, None for as many as there are processors;
    ``cache`` says whether results of earlier runs may be used and kept.
    """

    kernel: Path
    configs: tuple[Path, ...]
    arch: str = "x86"
    objtree: Path | None = None
    resolve: bool = False
    toolchain: Path | None = None
    jobs: int | None = None
    cache: bool = True


@dataclass(frozen=True, slots=True)
class PathsRequest:
    """``functions`` are ``name`` or ``file:name``; ``depth`` counts edges from a root."""

    inputs: Inputs
    functions: tuple[str, ...]
    to: str | None = None
    depth: int | None = None
    show_all: bool = False


@dataclass(frozen=True, slots=True)
class CallgraphRequest:
    """``files`` are sources or objects relative to the tree, or directories ending in ``/``."""

    inputs: Inputs
    files: tuple[str, ...]
    contract_macros: bool = False


@dataclass(frozen=True, slots=True)
class CallgraphResult:
    """The answer of ``kimpact callgraph``, units in the order asked for."""

    configs: tuple[ConfigInfo, ...]
    units: tuple[UnitGraph, ...]
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class ResolveRequest:
    """``output`` is a folder, or a file if there is one configuration."""

    inputs: Inputs
    output: Path


@dataclass(frozen=True, slots=True)
class ResolveResult:
    """The files ``kimpact resolve`` wrote, in the order of the configurations."""

    written: tuple[Path, ...]
    diagnostics: tuple[Diagnostic, ...]


def run_resolve(request: ResolveRequest, progress: Progress) -> ResolveResult:
    """Complete configurations as ``olddefconfig`` would and write them.

    Raises :class:`BadInput` for a tree, profile or configuration that cannot be used, or
    an output that cannot be written.
    """
    from analyzer.configset.architecture import require_architecture
    from analyzer.configset.dotconfig import read_dotconfig
    from analyzer.kconfig.resolve import resolve_files
    from analyzer.kconfig.toolchain import load_toolchain
    from analyzer.tree.source_tree import DirectoryTree, architectures

    inputs = request.inputs
    diagnostics = Diagnostics()
    tree = DirectoryTree(inputs.kernel)
    toolchain = None if inputs.toolchain is None else load_toolchain(inputs.toolchain)
    known = architectures(tree)
    for path in inputs.configs:
        require_architecture(read_dotconfig(path), inputs.arch, known)
    progress.stage("reading Kconfig files and completing configurations")
    written = resolve_files(
        tree, inputs.arch, toolchain, inputs.configs, request.output, diagnostics=diagnostics
    )
    return ResolveResult(written, tuple(diagnostics))


def open_session(inputs: Inputs, diagnostics: Diagnostics, progress: Progress) -> Session:
    """Read the configurations and the tree's makefiles.

    Raises :class:`BadInput` for a tree or configuration that cannot be used.
    """
    from analyzer.callgraph.session import Session
    from analyzer.configset.configset import ConfigSet
    from analyzer.configset.dotconfig import read_dotconfig
    from analyzer.tree.source_tree import DirectoryTree
    from analyzer.tree.version import kernel_version

    progress.stage("reading configurations and makefiles")
    tree = DirectoryTree(inputs.kernel)
    kernel_version(tree)
    configs = ConfigSet.of(read_dotconfig(path) for path in inputs.configs)
    objtree = None if inputs.objtree is None else DirectoryTree(inputs.objtree)
    return Session(tree, inputs.arch, configs, diagnostics, objtree=objtree)


def run_paths(request: PathsRequest, progress: Progress) -> PathsResult:
    """The call paths of functions in all configurations.

    Raises :class:`BadInput` for input that cannot be used, or a name that is unknown or
    ambiguous.
    """
    from analyzer.callgraph.linked import LinkedProgram
    from analyzer.paths.answer import Question, answer
    from analyzer.tree.version import kernel_version

    diagnostics = Diagnostics()
    session = open_session(request.inputs, diagnostics, progress)
    question = Question(request.functions, request.to, request.depth, request.show_all)
    kernel = Kernel(str(kernel_version(session.tree)), session.arch)
    return answer(
        LinkedProgram(session),
        question,
        session.configs,
        kernel,
        diagnostics=diagnostics,
        progress=progress,
    )


def run_callgraph(request: CallgraphRequest, progress: Progress) -> CallgraphResult:
    """The call graphs of translation units, each for all configurations at once.

    Raises :class:`BadInput` for a file that is not in the tree or not built.
    """
    from analyzer.callgraph.batch import unit_graphs

    diagnostics = Diagnostics()
    session = open_session(request.inputs, diagnostics, progress)
    items = [item for file in request.files for item in session.objects(file)]
    progress.stage("analysing units")
    jobs = request.inputs.jobs or len(os.sched_getaffinity(0))
    units = unit_graphs(session, items, request.contract_macros, jobs, progress)
    infos = tuple(
        ConfigInfo(name, file)
        for name, file in zip(session.configs.names, session.configs.files, strict=True)
    )
    return CallgraphResult(infos, units, tuple(diagnostics))
