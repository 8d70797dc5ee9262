"""What a second process finds out while the analysis runs: does the tree agree with the
configurations? Loading the Kconfig files takes as long as the analysis itself.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from types import TracebackType

from analyzer.configset.configset import ConfigSet
from analyzer.configset.dotconfig import DotConfig
from analyzer.diagnostics import Diagnostic, Diagnostics
from analyzer.tree.source_tree import DirectoryTree, Stamp


class ConfigCheck:
    """Compares configurations with what the tree would make of them, in a process of its
    own that begins at once. To be used as a context manager."""

    __slots__ = ("_future", "_pool")

    def __init__(
        self,
        tree: DirectoryTree,
        arch: str,
        toolchain: Path | None,
        configs: Sequence[DotConfig],
    ) -> None:
        context = multiprocessing.get_context("fork")
        self._pool = ProcessPoolExecutor(1, context)
        self._future: Future[_Outcome] = self._pool.submit(
            _check, tree, arch, toolchain, tuple(configs)
        )

    def __enter__(self) -> ConfigCheck:
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
        self._pool.shutdown(wait=kind is None, cancel_futures=True)

    def finish(self, diagnostics: Diagnostics) -> dict[str, Stamp]:
        """Wait, report what was found, and say which files it came from.

        Raises :class:`BadInput` for a Kconfig file that cannot be read.
        """
        remarks, stamps = self._future.result()
        for remark in remarks:
            diagnostics.add(remark)
        return stamps


_Outcome = tuple[tuple[Diagnostic, ...], dict[str, Stamp]]


def _check(
    tree: DirectoryTree, arch: str, toolchain: Path | None, configs: tuple[DotConfig, ...]
) -> _Outcome:
    # Imported in the child only: the parent has no use for the Kconfig front end.
    from analyzer.kconfig.check import check_configs
    from analyzer.kconfig.toolchain import load_toolchain

    diagnostics = Diagnostics()
    profile = None if toolchain is None else load_toolchain(toolchain)
    report = check_configs(tree, arch, profile, configs, diagnostics)
    report.report(ConfigSet.of(configs), diagnostics)
    return tuple(diagnostics), tree.stamps
