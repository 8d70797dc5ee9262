"""What a second process finds out while the analysis runs.

Does the tree agree with the configurations? Which objects does the whole tree build?
Either takes as long as a good part of the analysis itself, and neither is needed at once.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from analyzer.configset.configset import ConfigSet
from analyzer.configset.dotconfig import DotConfig
from analyzer.diagnostics import Diagnostic, Diagnostics
from analyzer.kbuild.model import KbuildModel
from analyzer.kbuild.objects import ObjectFile
from analyzer.tree.overlay import PatchableTree
from analyzer.tree.source_tree import Stamp

if TYPE_CHECKING:
    from analyzer.kconfig.resolve import Loader


class Background:
    """The second process, at work from the beginning; to be used as a context manager.

    It lists the objects first (:meth:`objects`), then, if asked, compares the configurations
    with what the tree would make of them (:meth:`compare`, :meth:`compared`).
    """

    __slots__ = ("_arch", "_check", "_configs", "_diagnostics", "_listing", "_pool", "_tree")

    def __init__(
        self,
        tree: PatchableTree,
        arch: str,
        configs: Sequence[DotConfig],
        diagnostics: Diagnostics,
    ) -> None:
        context = multiprocessing.get_context("fork")
        self._tree = tree
        self._arch = arch
        self._configs = tuple(configs)
        self._diagnostics = diagnostics
        self._pool = ProcessPoolExecutor(1, context)
        self._listing: Future[_Listing] = self._pool.submit(_list, tree, arch, self._configs)
        self._check: Future[_Remarks] | None = None

    def __enter__(self) -> Background:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is not None:
            for process in multiprocessing.active_children():
                process.terminate()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def objects(self) -> tuple[ObjectFile, ...]:
        """All objects of the tree that some configuration builds, without their options.

        Raises :class:`BadInput` for a makefile that cannot be read.
        """
        objects, remarks, stamps = self._listing.result()
        self._take(remarks, stamps)
        return objects

    def compare(self, toolchain: Path | None, loader: Loader) -> None:
        """Begin to compare the configurations with what the tree would make of them.

        ``loader`` loads the tree's Kconfig files in the second process.
        """
        self._check = self._pool.submit(
            _check, self._tree, self._arch, toolchain, self._configs, loader
        )

    def compared(self) -> None:
        """Wait for the comparison, if one was begun, and take its remarks.

        Raises :class:`BadInput` for a Kconfig file that cannot be read.
        """
        if self._check is not None:
            self._take(*self._check.result())

    def _take(self, remarks: Iterable[Diagnostic], stamps: dict[str, Stamp]) -> None:
        for remark in remarks:
            self._diagnostics.add(remark)
        self._tree.stamps.update(stamps)


_Remarks = tuple[tuple[Diagnostic, ...], dict[str, Stamp]]
_Listing = tuple[tuple[ObjectFile, ...], tuple[Diagnostic, ...], dict[str, Stamp]]


def _list(tree: PatchableTree, arch: str, configs: tuple[DotConfig, ...]) -> _Listing:
    diagnostics = Diagnostics()
    found = KbuildModel(tree, arch, ConfigSet.of(configs), diagnostics).objects()
    bare = tuple(replace(item, flags=()) for item in found)
    return bare, tuple(diagnostics), tree.stamps


def _check(
    tree: PatchableTree,
    arch: str,
    toolchain: Path | None,
    configs: tuple[DotConfig, ...],
    loader: Loader,
) -> _Remarks:
    # Imported in the child only: the parent has no use for the Kconfig front end.
    from analyzer.kconfig.check import check_configs
    from analyzer.kconfig.toolchain import load_toolchain

    diagnostics = Diagnostics()
    profile = None if toolchain is None else load_toolchain(toolchain)
    report = check_configs(tree, arch, profile, configs, diagnostics, loader)
    report.report(ConfigSet.of(configs), diagnostics)
    return tuple(diagnostics), tree.stamps
