"""Wiring: a request goes in, the parts are put together, plain facts come out."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from analyzer.configset.architecture import require_architecture
from analyzer.configset.configset import ConfigSet
from analyzer.configset.dotconfig import DotConfig, read_dotconfig
from analyzer.diagnostics import Diagnostic, Diagnostics, Severity
from analyzer.errors import BadInput
from analyzer.paths.result import ConfigInfo, Kernel, PathsResult
from analyzer.progress import Progress
from analyzer.requests import (
    CallersRequest,
    CallgraphRequest,
    CallgraphResult,
    Inputs,
    PathsRequest,
    RecordRequest,
    RecordResult,
    ResolveRequest,
    ResolveResult,
    SlotsRequest,
)
from analyzer.tree.source_tree import DirectoryTree, SourceTree, Stamp, architectures

if TYPE_CHECKING:
    from analyzer.callers.result import CallersResult
    from analyzer.callgraph.linked import LinkedProgram
    from analyzer.callgraph.session import Session
    from analyzer.kbuild.objects import ObjectFile
    from analyzer.platforms.ahead import BootsAhead
    from analyzer.platforms.dispatch import BootDispatcher
    from analyzer.slots.result import SlotsResult

T = TypeVar("T")


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


def run_paths(request: PathsRequest, progress: Progress) -> PathsResult:
    """The call paths of functions in all configurations.

    An answer of an earlier run is used if nothing that it came from has changed. Whether
    the tree would change the configurations is looked at meanwhile by a second process.
    Raises :class:`BadInput` for input that cannot be used, or a name that is unknown or
    ambiguous.
    """
    inputs = request.inputs
    options = [str(request.to), str(request.depth), str(request.show_all)]
    options.append(str(request.object))
    asked = ["paths", *options, *request.platforms, "", *request.functions]

    def derive(
        tree: DirectoryTree, configs: list[DotConfig]
    ) -> tuple[PathsResult, list[tuple[str, dict[str, Stamp]]]]:
        return _derive_paths(request, tree, configs, progress)

    result, problem = _kept_or(inputs, asked, PathsResult, derive)
    return (
        result if problem is None else replace(result, diagnostics=(*result.diagnostics, problem))
    )


def run_callers(request: CallersRequest, progress: Progress) -> CallersResult:
    """The callers of functions in all configurations, up to where control enters.

    An answer of an earlier run is used if nothing that it came from has changed. Raises
    :class:`BadInput` for input that cannot be used, or a name that is unknown or ambiguous.
    """
    from analyzer.callers.result import CallersResult

    inputs = request.inputs
    asked = ["callers", str(request.depth), str(request.show_all), *request.functions]

    def derive(
        tree: DirectoryTree, configs: list[DotConfig]
    ) -> tuple[CallersResult, list[tuple[str, dict[str, Stamp]]]]:
        return _derive_callers(request, tree, configs, progress)

    result, problem = _kept_or(inputs, asked, CallersResult, derive)
    return (
        result if problem is None else replace(result, diagnostics=(*result.diagnostics, problem))
    )


def run_slots(request: SlotsRequest, progress: Progress) -> SlotsResult:
    """What dispatch slots hold on each platform, in all configurations.

    An answer of an earlier run is used if nothing that it came from has changed. Raises
    :class:`BadInput` for input that cannot be used, or a slot or platform that is unknown.
    """
    from analyzer.slots.result import SlotsResult

    inputs = request.inputs
    asked = ["slots", *request.platforms, "", *request.slots]

    def derive(
        tree: DirectoryTree, configs: list[DotConfig]
    ) -> tuple[SlotsResult, list[tuple[str, dict[str, Stamp]]]]:
        return _derive_slots(request, tree, configs, progress)

    result, problem = _kept_or(inputs, asked, SlotsResult, derive)
    return (
        result if problem is None else replace(result, diagnostics=(*result.diagnostics, problem))
    )


_Derived = tuple[T, list[tuple[str, dict[str, Stamp]]]]
"""An answer, and the stamps of what it depends on by tree."""


def _kept_or(
    inputs: Inputs,
    asked: Sequence[str],
    kind: type[T],
    derive: Callable[[DirectoryTree, list[DotConfig]], _Derived[T]],
) -> tuple[T, Diagnostic | None]:
    """The answer of an earlier run, or a new one, kept for the next; why that failed."""
    from analyzer.cache import ResultCache, key_of

    tree = DirectoryTree(inputs.kernel)
    configs = [read_dotconfig(path) for path in inputs.configs]
    cache = ResultCache.of_user()
    parts = [*_asked(inputs), *asked, "", *map(str, inputs.configs)]
    key = key_of(*parts, *(path.read_bytes() for path in inputs.configs))
    if inputs.cache and (kept := cache.get(key, kind)) is not None:
        return kept, None
    result, stamps = derive(tree, configs)
    problem = cache.put(key, result, stamps) if inputs.cache else None
    if problem is None:
        return result, None
    return result, Diagnostic(Severity.NOTE, "no-cache", problem)


def _asked(inputs: Inputs) -> list[str | bytes]:
    """What identifies the inputs, apart from the contents of the configurations."""
    toolchain = b"" if inputs.toolchain is None else _bytes_of(inputs.toolchain)
    objtree = "" if inputs.objtree is None else os.path.realpath(inputs.objtree)
    places = [os.path.realpath(inputs.kernel), objtree, inputs.arch]
    known = [_bytes_of(path) for path in inputs.knowledge]
    return [*places, str(inputs.resolve), toolchain, *known, ""]


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", str(path)) from None


def _derive_paths(
    request: PathsRequest, tree: DirectoryTree, configs: list[DotConfig], progress: Progress
) -> tuple[PathsResult, list[tuple[str, dict[str, Stamp]]]]:
    from analyzer.background import Background
    from analyzer.callgraph.linked import LinkedProgram
    from analyzer.effects.code import Code
    from analyzer.effects.roots import RootAnalysis
    from analyzer.paths.answer import Question, answer
    from analyzer.tree.version import kernel_version

    inputs = request.inputs
    diagnostics = Diagnostics()
    kernel = Kernel(str(kernel_version(tree)), inputs.arch)
    background = Background(tree, inputs.arch, inputs.toolchain, configs, diagnostics)
    with background:
        session = open_session(inputs, tree, configs, diagnostics, progress)
        if not inputs.resolve:
            session.listing = background.objects
        question = Question(
            request.functions, request.to, request.depth, request.show_all, request.object
        )
        program = LinkedProgram(session)
        with _boots(session, program, tree) as boots:
            result = answer(
                program,
                question,
                session.configs,
                kernel,
                platforms=_platforms(session, program, boots, request.platforms),
                diagnostics=diagnostics,
                progress=progress,
                effects=lambda axis: RootAnalysis(Code(program, session, axis)),
            )
        if not inputs.resolve:
            progress.stage("comparing the configurations with the tree's Kconfig files")
            background.finish()
        _explain_absences(result, inputs, tree, configs, diagnostics)
    return replace(result, diagnostics=tuple(diagnostics)), _roots(tree, session)


def _boots(session: Session, program: LinkedProgram, tree: DirectoryTree) -> BootsAhead:
    """What boots the platforms: another process, at work as soon as the objects are known, if
    there is a second processor for it."""
    from analyzer.callgraph.image import VMLINUX
    from analyzer.callgraph.mentions import Mentions
    from analyzer.platforms.ahead import BootsAhead
    from analyzer.platforms.answers import BootAnswers
    from analyzer.platforms.boot import Boot
    from analyzer.platforms.knowledge import boot_knowledge
    from analyzer.platforms.shown import Shown

    def boot() -> BootAnswers:
        knowledge = boot_knowledge(session.knowledge)
        mentions = Mentions(session, program.texts(VMLINUX))
        made = Boot(session, program, program.image(VMLINUX), mentions, knowledge)
        return BootAnswers(made, Shown(made, mentions, knowledge).label)

    trees = (tree,) if session.objtree is None else (tree, session.objtree)
    boots = BootsAhead(session, trees, boot)
    if len(os.sched_getaffinity(0)) > 1:
        session.listing = _Listed(session.listing, boots.start)
    return boots


class _Listed:
    """Asks for the list of objects once, and then has something ``following`` begun."""

    __slots__ = ("_following", "_known", "_listing")

    def __init__(
        self, listing: Callable[[], Sequence[ObjectFile]], following: Callable[[], None]
    ) -> None:
        self._listing = listing
        self._following = following
        self._known: Sequence[ObjectFile] | None = None

    def __call__(self) -> Sequence[ObjectFile]:
        if self._known is None:
            self._known = self._listing()
            self._following()
        return self._known


def _platforms(
    session: Session, program: LinkedProgram, boots: BootsAhead, only: tuple[str, ...]
) -> BootDispatcher:
    """What tells platforms apart; they are booted when a path goes through a slot."""
    from analyzer.platforms.dispatch import BootDispatcher
    from analyzer.platforms.knowledge import boot_knowledge
    from analyzer.platforms.written import announced

    def known() -> Iterator[str]:
        knowledge = boot_knowledge(session.knowledge)
        return (each.name for each in announced(session.tree, session.arch, knowledge))

    return BootDispatcher(program, boots, session.configs, only, known)


def _derive_callers(
    request: CallersRequest, tree: DirectoryTree, configs: list[DotConfig], progress: Progress
) -> tuple[CallersResult, list[tuple[str, dict[str, Stamp]]]]:
    from analyzer.background import Background
    from analyzer.callers.answer import Question, answer
    from analyzer.tree.version import kernel_version

    inputs = request.inputs
    diagnostics = Diagnostics()
    kernel = Kernel(str(kernel_version(tree)), inputs.arch)
    background = Background(tree, inputs.arch, inputs.toolchain, configs, diagnostics)
    with background:
        session = open_session(inputs, tree, configs, diagnostics, progress)
        if not inputs.resolve:
            session.listing = background.objects
        question = Question(request.functions, request.depth, request.show_all)
        result = answer(session, question, kernel, diagnostics=diagnostics, progress=progress)
        if not inputs.resolve:
            progress.stage("comparing the configurations with the tree's Kconfig files")
            background.finish()
    return replace(result, diagnostics=tuple(diagnostics)), _roots(tree, session)


def _derive_slots(
    request: SlotsRequest, tree: DirectoryTree, configs: list[DotConfig], progress: Progress
) -> tuple[SlotsResult, list[tuple[str, dict[str, Stamp]]]]:
    from analyzer.background import Background
    from analyzer.slots.answer import Question, answer
    from analyzer.tree.version import kernel_version

    inputs = request.inputs
    diagnostics = Diagnostics()
    kernel = Kernel(str(kernel_version(tree)), inputs.arch)
    background = Background(tree, inputs.arch, inputs.toolchain, configs, diagnostics)
    with background:
        session = open_session(inputs, tree, configs, diagnostics, progress)
        if not inputs.resolve:
            session.listing = background.objects
        question = Question(request.slots, request.platforms)
        result = answer(session, question, kernel, diagnostics=diagnostics, progress=progress)
        if not inputs.resolve:
            progress.stage("comparing the configurations with the tree's Kconfig files")
            background.finish()
    return replace(result, diagnostics=tuple(diagnostics)), _roots(tree, session)


def _roots(tree: DirectoryTree, session: Session) -> list[tuple[str, dict[str, Stamp]]]:
    """What an answer depends on."""
    roots = [(tree.label, tree.stamps)]
    if session.objtree is not None:
        roots.append((session.objtree.label, session.objtree.stamps))
    return roots


_UNSET = re.compile(r"CONFIG_(\w+)=n")


def _explain_absences(
    result: PathsResult,
    inputs: Inputs,
    tree: DirectoryTree,
    configs: Sequence[DotConfig],
    diagnostics: Diagnostics,
) -> None:
    """Say why the symbols have their values that keep a function asked about from being built.

    Loading the Kconfig files takes a while; it is done only for such an answer.
    """
    asked = set(result.roots)
    texts = [node.absent for node in result.nodes if node.id in asked and node.absent]
    names = dict.fromkeys(name for text in texts for name in _UNSET.findall(text))
    if not names:
        return
    from analyzer.kconfig.explain import why
    from analyzer.kconfig.resolve import Source, complete
    from analyzer.kconfig.toolchain import load_toolchain

    toolchain = None if inputs.toolchain is None else load_toolchain(inputs.toolchain)
    sources = [Source(config) for config in configs[:1]]
    resolution = complete(tree, inputs.arch, toolchain, sources, diagnostics)
    for name in names:
        reason = why(resolution, name, 0)
        diagnostics.note(
            "not-built", f"CONFIG_{name}={reason.value}: {reason.text}", reason.location
        )


def open_session(
    inputs: Inputs,
    tree: DirectoryTree,
    configs: Sequence[DotConfig],
    diagnostics: Diagnostics,
    progress: Progress,
) -> Session:
    """Read the tree's makefiles; with ``inputs.resolve``, complete the configurations first.

    Raises :class:`BadInput` for a tree or configuration that cannot be used.
    """
    from analyzer.callgraph.session import Session
    from analyzer.primitives.knowledge import load_knowledge

    knowledge = load_knowledge(inputs.knowledge) if inputs.knowledge else None
    if inputs.resolve:
        progress.stage("reading Kconfig files and completing configurations")
        configs = _completed(inputs, tree, diagnostics)
    progress.stage("reading makefiles")
    objtree = None if inputs.objtree is None else DirectoryTree(inputs.objtree)
    known = architectures(tree)
    for config in configs:
        require_architecture(config, inputs.arch, known)
    return Session(
        tree,
        inputs.arch,
        ConfigSet.of(configs),
        diagnostics,
        objtree=objtree,
        knowledge=knowledge,
    )


def _completed(inputs: Inputs, tree: SourceTree, diagnostics: Diagnostics) -> list[DotConfig]:
    from analyzer.kconfig.resolve import complete, read_source
    from analyzer.kconfig.toolchain import load_toolchain

    toolchain = None if inputs.toolchain is None else load_toolchain(inputs.toolchain)
    sources = [read_source(path) for path in inputs.configs]
    resolution = complete(tree, inputs.arch, toolchain, sources, diagnostics)
    return [resolution.config(index) for index in range(len(sources))]


def run_callgraph(request: CallgraphRequest, progress: Progress) -> CallgraphResult:
    """The call graphs of translation units, each for all configurations at once.

    Raises :class:`BadInput` for a file that is not in the tree or not built.
    """
    from analyzer.callgraph.batch import unit_graphs
    from analyzer.tree.version import kernel_version

    inputs = request.inputs
    diagnostics = Diagnostics()
    tree = DirectoryTree(inputs.kernel)
    kernel_version(tree)
    configs = [read_dotconfig(path) for path in inputs.configs]
    session = open_session(inputs, tree, configs, diagnostics, progress)
    items = [item for file in request.files for item in session.objects(file)]
    progress.stage("analysing units")
    jobs = inputs.jobs or len(os.sched_getaffinity(0))
    units = unit_graphs(session, items, request.contract_macros, jobs, progress)
    infos = tuple(map(ConfigInfo, session.configs.names, session.configs.files))
    return CallgraphResult(infos, units, tuple(diagnostics))
