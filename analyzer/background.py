"""What other processes find out while the analysis runs.

Does the tree agree with the configurations? Which objects does the whole tree build?
Either takes as long as a good part of the analysis itself, and neither is needed at once.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from analyzer.configset.configset import ConfigSet
from analyzer.configset.dotconfig import DotConfig
from analyzer.diagnostics import Diagnostic, Diagnostics
from analyzer.kbuild.model import KbuildModel
from analyzer.kbuild.objects import ObjectFile
from analyzer.tree.source_tree import DirectoryTree, Stamp
from analyzer.worker import Pending, Worker

LATER = 10
"""How nice the comparison is: it has time until the analysis is done."""


@dataclass(frozen=True, slots=True)
class _Given:
    tree: DirectoryTree
    arch: str
    toolchain: Path | None
    configs: tuple[DotConfig, ...]


class Background:
    """The processes, at work from the beginning; to be used as a context manager.

    One lists the objects (:meth:`objects`), the other one compares the configurations with
    what the tree would make of them (:meth:`finish`).
    """

    __slots__ = ("_check", "_diagnostics", "_listing", "_tree", "_workers")

    def __init__(
        self,
        tree: DirectoryTree,
        arch: str,
        toolchain: Path | None,
        configs: Sequence[DotConfig],
        diagnostics: Diagnostics,
    ) -> None:
        given = _Given(tree, arch, toolchain, tuple(configs))
        self._tree = tree
        self._diagnostics = diagnostics
        lister, checker = self._workers = (Worker(lambda: given), Worker(lambda: given))
        self._listing: Pending[_Listing] = lister.ask(_list)
        self._check: Pending[_Remarks] = checker.ask(_check)

    def __enter__(self) -> Background:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for worker in self._workers:
            worker.stop()

    def objects(self) -> tuple[ObjectFile, ...]:
        """All objects of the tree that some configuration builds, without their options.

        Raises :class:`BadInput` for a makefile that cannot be read.
        """
        objects, remarks, stamps = self._listing.result()
        self._take(remarks, stamps)
        return objects

    def finish(self) -> None:
        """Wait for the comparison and take its remarks.

        Raises :class:`BadInput` for a Kconfig file that cannot be read.
        """
        self._take(*self._check.result())

    def _take(self, remarks: Iterable[Diagnostic], stamps: dict[str, Stamp]) -> None:
        for remark in remarks:
            self._diagnostics.add(remark)
        self._tree.stamps.update(stamps)


_Remarks = tuple[tuple[Diagnostic, ...], dict[str, Stamp]]
_Listing = tuple[tuple[ObjectFile, ...], tuple[Diagnostic, ...], dict[str, Stamp]]


def _list(given: _Given) -> _Listing:
    diagnostics = Diagnostics()
    configs = ConfigSet.of(given.configs)
    found = KbuildModel(given.tree, given.arch, configs, diagnostics).objects()
    bare = tuple(replace(item, flags=()) for item in found)
    return bare, tuple(diagnostics), given.tree.stamps


def _check(given: _Given) -> _Remarks:
    # Imported in the child only: the parent has no use for the Kconfig front end.
    from analyzer.kconfig.check import check_configs
    from analyzer.kconfig.toolchain import load_toolchain

    os.nice(LATER)
    diagnostics = Diagnostics()
    profile = None if given.toolchain is None else load_toolchain(given.toolchain)
    report = check_configs(given.tree, given.arch, profile, given.configs, diagnostics)
    report.report(ConfigSet.of(given.configs), diagnostics)
    return tuple(diagnostics), given.tree.stamps
