"""What an analysis works on: the tree, its makefiles, the configurations, and a second process.

:func:`analysing` opens all of it for one question and closes it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analyzer.configset.architecture import require_architecture
from analyzer.configset.configset import ConfigSet
from analyzer.configset.configurations import Configurations, read_all
from analyzer.configset.dotconfig import DotConfig
from analyzer.diagnostics import Diagnostics
from analyzer.paths.result import Kernel
from analyzer.progress import Progress
from analyzer.requests import Inputs
from analyzer.tree.overlay import PatchableTree
from analyzer.tree.source_tree import DirectoryTree, SourceTree, Stamp, architectures

if TYPE_CHECKING:
    from analyzer.background import Background
    from analyzer.callgraph.session import Session
    from analyzer.csource.source_cache import SourceCache
    from analyzer.kbuild.objects import ObjectFile

Stamps = list[tuple[str, dict[str, Stamp]]]
"""What an answer depends on, by tree."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """What there is while one question is answered; ``given`` are the configurations as read."""

    inputs: Inputs
    tree: PatchableTree
    given: Sequence[DotConfig]
    kernel: Kernel
    session: Session
    diagnostics: Diagnostics
    progress: Progress

    def stamps(self) -> Stamps:
        """What has been read so far."""
        roots = [(self.tree.root, self.tree.stamps)]
        if self.session.objtree is not None:
            roots.append((self.session.objtree.label, self.session.objtree.stamps))
        return roots


@contextmanager
def analysing(
    inputs: Inputs, tree: DirectoryTree, configs: Sequence[DotConfig], progress: Progress
) -> Iterator[Analysis]:
    """Everything opened for ``configs`` as they were read.

    They are completed first if ``inputs`` ask for that; else a second process has compared
    them with the tree at the end. Raises :class:`BadInput` for a tree or configuration that
    cannot be used.
    """
    from analyzer.pipeline.models import loader_for

    diagnostics = Diagnostics()
    kernel_of(tree, inputs.arch)
    if inputs.resolve:
        progress.stage("reading Kconfig files and completing configurations")
        complete = completed(inputs, tree, diagnostics)
        with analysing_complete(inputs, tree, complete, diagnostics, progress) as analysis:
            yield analysis
        return
    with background_of(inputs, tree, configs, diagnostics) as background:
        listing = background.objects
        analysis = opened_analysis(inputs, tree, configs, diagnostics, progress, listing)
        background.compare(inputs.toolchain, loader_for(inputs, tree))
        yield analysis
        progress.stage("comparing the configurations with the tree's Kconfig files")
        background.compared()


@contextmanager
def analysing_complete(
    inputs: Inputs,
    tree: PatchableTree,
    configs: Sequence[DotConfig],
    diagnostics: Diagnostics,
    progress: Progress,
    cache: SourceCache | None = None,
) -> Iterator[Analysis]:
    """Everything opened for ``configs``, which are complete as far as anyone cares; ``cache`` is
    what other analyses have found in the same files.

    Raises :class:`BadInput` for a tree that cannot be used or another architecture's
    configuration.
    """
    with background_of(inputs, tree, configs, diagnostics) as background:
        listing = background.objects
        yield opened_analysis(inputs, tree, configs, diagnostics, progress, listing, cache)


def background_of(
    inputs: Inputs, tree: PatchableTree, configs: Sequence[DotConfig], diagnostics: Diagnostics
) -> Background:
    """A second process, which lists the objects of ``tree``; to be used as a context manager.

    Raises :class:`BadInput` for a tree that is no kernel.
    """
    from analyzer.background import Background

    kernel_of(tree, inputs.arch)
    together = Configurations.of(configs)
    # Sorted here, for both processes.
    together.lines()
    return Background(tree, inputs.arch, together, diagnostics)


def opened_analysis(
    inputs: Inputs,
    tree: PatchableTree,
    configs: Sequence[DotConfig],
    diagnostics: Diagnostics,
    progress: Progress,
    listing: Callable[[], Sequence[ObjectFile]],
    cache: SourceCache | None = None,
) -> Analysis:
    """An analysis in this process; ``listing`` gives the objects of the tree, ``cache`` is what
    other analyses have found in the same files.

    Raises :class:`BadInput` as :func:`analysing_complete` does.
    """
    session = open_session(inputs, tree, configs, diagnostics, progress, cache)
    session.listing = listing
    kernel = kernel_of(tree, inputs.arch)
    return Analysis(inputs, tree, configs, kernel, session, diagnostics, progress)


def kernel_of(tree: SourceTree, arch: str) -> Kernel:
    """What kernel ``tree`` holds; raises :class:`BadInput` if it is none."""
    from analyzer.tree.version import kernel_version

    return Kernel(str(kernel_version(tree)), arch)


def open_session(
    inputs: Inputs,
    tree: PatchableTree,
    configs: Sequence[DotConfig],
    diagnostics: Diagnostics,
    progress: Progress,
    cache: SourceCache | None = None,
) -> Session:
    """Read the tree's makefiles for ``configs``; ``cache`` is shared with other sessions.

    Raises :class:`BadInput` for a tree or configuration that cannot be used.
    """
    from analyzer.callgraph.session import Session
    from analyzer.primitives.knowledge import load_knowledge

    knowledge = load_knowledge(inputs.knowledge) if inputs.knowledge else None
    progress.stage("reading makefiles")
    objtree = None if inputs.objtree is None else DirectoryTree(inputs.objtree)
    require_architecture(configs, inputs.arch, architectures(tree))
    return Session(
        tree,
        inputs.arch,
        ConfigSet.of(configs),
        diagnostics,
        objtree=objtree,
        knowledge=knowledge,
        cache=cache,
    )


def completed(inputs: Inputs, tree: DirectoryTree, diagnostics: Diagnostics) -> Configurations:
    """The configurations of ``inputs`` as ``olddefconfig`` would complete them.

    Raises :class:`BadInput` for a tree, profile or configuration that cannot be used.
    """
    from analyzer.kconfig.resolve import complete
    from analyzer.kconfig.toolchain import load_toolchain
    from analyzer.pipeline.models import loader_for

    toolchain = None if inputs.toolchain is None else load_toolchain(inputs.toolchain)
    given = read_all(inputs.configs)
    loader = loader_for(inputs, tree)
    return complete(tree, inputs.arch, toolchain, given, diagnostics, loader).completed()
