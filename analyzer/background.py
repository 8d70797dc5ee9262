"""What other processes find out while the analysis runs.

Does the tree agree with the configurations? Which objects does the whole tree build?
Either takes as long as a good part of the analysis itself, and neither is needed at once.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from analyzer.configset.configset import ConfigSet
from analyzer.configset.configurations import Configurations
from analyzer.diagnostics import Diagnostic, Diagnostics
from analyzer.kbuild.model import KbuildModel
from analyzer.kbuild.objects import ObjectFile
from analyzer.tree.overlay import PatchableTree
from analyzer.tree.source_tree import Stamp
from analyzer.worker import Pending, Worker

if TYPE_CHECKING:
    from analyzer.kconfig.resolve import Loader

LATER = 10
"""How nice the comparison is: it has time until the analysis is done."""


@dataclass(frozen=True, slots=True)
class _Given:
    tree: PatchableTree
    arch: str
    configs: Configurations


@dataclass(frozen=True, slots=True)
class _Compared:
    given: _Given
    toolchain: Path | None
    loader: Loader


class Background:
    """The processes, at work from the beginning; to be used as a context manager.

    One lists the objects (:meth:`objects`), another one, if asked, compares the configurations
    with what the tree would make of them (:meth:`compare`, :meth:`compared`).
    """

    __slots__ = ("_checker", "_diagnostics", "_given", "_lister", "_listing", "_remarks", "_tree")

    def __init__(
        self,
        tree: PatchableTree,
        arch: str,
        configs: Configurations,
        diagnostics: Diagnostics,
    ) -> None:
        self._tree = tree
        self._given = given = _Given(tree, arch, configs)
        self._diagnostics = diagnostics
        self._lister: Worker[_Given] = Worker(lambda: given)
        self._listing: Pending[_Listing] = self._lister.ask(_list)
        self._checker: Worker[_Compared] | None = None
        self._remarks: Pending[_Remarks] | None = None

    def __enter__(self) -> Background:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._lister.stop()
        if self._checker is not None:
            self._checker.stop()

    def objects(self) -> tuple[ObjectFile, ...]:
        """All objects of the tree that some configuration builds, without their options.

        Raises :class:`BadInput` for a makefile that cannot be read.
        """
        objects, remarks, stamps = self._listing.result()
        self._take(remarks, stamps)
        return objects

    def compare(self, toolchain: Path | None, loader: Loader) -> None:
        """Begin to compare the configurations with what the tree would make of them.

        ``loader`` loads the tree's Kconfig files in the other process.
        """
        asked = _Compared(self._given, toolchain, loader)
        self._checker = Worker(lambda: asked)
        self._remarks = self._checker.ask(_check)

    def compared(self) -> None:
        """Wait for the comparison, if one was begun, and take its remarks.

        Raises :class:`BadInput` for a Kconfig file that cannot be read.
        """
        if self._remarks is not None:
            self._take(*self._remarks.result())

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


def _check(asked: _Compared) -> _Remarks:
    # Imported in the child only: the parent has no use for the Kconfig front end.
    from analyzer.kconfig.check import check_configs
    from analyzer.kconfig.toolchain import load_toolchain

    os.nice(LATER)
    given = asked.given
    diagnostics = Diagnostics()
    profile = None if asked.toolchain is None else load_toolchain(asked.toolchain)
    report = check_configs(
        given.tree, given.arch, profile, given.configs, diagnostics, asked.loader
    )
    report.report(ConfigSet.of(given.configs), diagnostics)
    return tuple(diagnostics), given.tree.stamps
