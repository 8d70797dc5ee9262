"""What an analysis works on: the tree, its makefiles, the configurations, and a second process.

:func:`analysing` opens all of it for one question and closes it again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analyzer.configset.architecture import require_architecture
from analyzer.configset.configset import ConfigSet
from analyzer.configset.dotconfig import DotConfig
from analyzer.diagnostics import Diagnostics
from analyzer.paths.result import Kernel
from analyzer.progress import Progress
from analyzer.requests import Inputs
from analyzer.tree.source_tree import DirectoryTree, SourceTree, Stamp, architectures

if TYPE_CHECKING:
    from analyzer.callgraph.session import Session

Stamps = list[tuple[str, dict[str, Stamp]]]
"""What an answer depends on, by tree."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """What there is while one question is answered; ``given`` are the configurations as read."""

    inputs: Inputs
    tree: DirectoryTree
    given: Sequence[DotConfig]
    kernel: Kernel
    session: Session
    diagnostics: Diagnostics
    progress: Progress

    def stamps(self) -> Stamps:
        """What has been read so far."""
        roots = [(self.tree.label, self.tree.stamps)]
        if self.session.objtree is not None:
            roots.append((self.session.objtree.label, self.session.objtree.stamps))
        return roots


@contextmanager
def analysing(
    inputs: Inputs, tree: DirectoryTree, configs: Sequence[DotConfig], progress: Progress
) -> Iterator[Analysis]:
    """Everything opened; at the end a second process has compared ``configs`` with the tree.

    Raises :class:`BadInput` for a tree or configuration that cannot be used.
    """
    from analyzer.background import Background
    from analyzer.tree.version import kernel_version

    diagnostics = Diagnostics()
    kernel = Kernel(str(kernel_version(tree)), inputs.arch)
    with Background(tree, inputs.arch, inputs.toolchain, configs, diagnostics) as background:
        session = open_session(inputs, tree, configs, diagnostics, progress)
        if not inputs.resolve:
            session.listing = background.objects
        yield Analysis(inputs, tree, configs, kernel, session, diagnostics, progress)
        if not inputs.resolve:
            progress.stage("comparing the configurations with the tree's Kconfig files")
            background.finish()


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
