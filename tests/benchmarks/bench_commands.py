"""The benchmarks that run kimpact as a user does, process start included.

Each starts from an empty or a filled cache of its own (``XDG_CACHE_HOME``); the kernel
tree is read once beforehand, so that the page cache is warm.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import bench_measure as measure
from bench_compiler import Compilation
from bench_measure import Cost, Summary, summarise


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: what was run, what it took, and what is asked of it."""

    name: str
    summary: Summary
    limit_seconds: float | None
    limit_megabytes: float | None = None
    remark: str = ""

    @property
    def kept(self) -> bool:
        """Whether the limits are kept."""
        slow = self.limit_seconds is not None and self.summary.wall > self.limit_seconds
        large = self.limit_megabytes is not None and self.summary.memory > self.limit_megabytes
        return not slow and not large


class Kimpact:
    """The command of this environment, with a cache folder of its own."""

    def __init__(self, scratch: Path) -> None:
        self._command = str(Path(sys.executable).parent / "kimpact")
        self._cache = scratch / "cache"
        self._output = scratch / "output"

    def forget(self) -> None:
        """Empty the cache."""
        shutil.rmtree(self._cache, ignore_errors=True)
        self._cache.mkdir(parents=True)

    def run(self, *arguments: str, under: Sequence[str] = ()) -> Cost:
        """Run once, by a command ``under`` which it runs if there is one; raises
        :class:`bench_measure.CommandFailed`."""
        environment = {"XDG_CACHE_HOME": str(self._cache), "NO_COLOR": "1"}
        return measure.run([*under, self._command, *arguments], environment, self._output)

    def cold(self, runs: int, *arguments: str) -> Summary:
        """``runs`` runs, each with an empty cache, after one to warm the page cache."""
        self.forget()
        self.run(*arguments)
        costs: list[Cost] = []
        for _ in range(runs):
            self.forget()
            costs.append(self.run(*arguments))
        return summarise(costs)

    def warm(self, runs: int, *arguments: str) -> Summary:
        """``runs`` runs with the cache that the run before them filled."""
        self.forget()
        self.run(*arguments)
        return summarise([self.run(*arguments) for _ in range(runs)])


def start_figures(kimpact: Kimpact, runs: int) -> list[Figure]:
    """What a command takes that analyses nothing."""
    return [
        Figure("--version", kimpact.warm(runs, "--version"), 0.12),
        Figure("--help", kimpact.warm(runs, "--help"), 0.2),
    ]


def paths_figures(kimpact: Kimpact, tree: Path, config: Path, runs: int) -> list[Figure]:
    """``kimpact paths`` with one distribution configuration, without and with a cache."""
    arguments = ["paths", "mm/memory.c:free_pte_range", "--kernel", str(tree)]
    arguments += ["--config", str(config), "--format", "json"]
    return [
        Figure("paths, empty cache", kimpact.cold(runs, *arguments), 5.0, 600.0),
        Figure("paths, filled cache", kimpact.warm(runs, *arguments), 0.7, 600.0),
    ]


def explain_figures(kimpact: Kimpact, tree: Path, config: Path, runs: int) -> list[Figure]:
    """``kimpact explain`` of a few symbols, without and with a kept model of the Kconfig files."""
    arguments = ["explain", "MMU_GATHER_RCU_TABLE_FREE", "PARAVIRT", "HZ"]
    arguments += ["--kernel", str(tree), "--config", str(config)]
    return [
        Figure("explain, empty cache", kimpact.cold(runs, *arguments), None),
        Figure("explain, filled cache", kimpact.warm(runs, *arguments), 1.5),
    ]


def callgraph_figures(
    kimpact: Kimpact, tree: Path, built: Compilation, configs: Sequence[Path], runs: int
) -> list[Figure]:
    """``kimpact callgraph`` over all units, for the first configuration and for all."""
    units = f"{len(built.sources)} units"
    fixed = ["callgraph", *built.sources, "--kernel", str(tree), "--contract-macros"]
    fixed += ["--format", "json"]
    one = kimpact.cold(runs, *fixed, "--config", str(configs[0]))
    limit = min(60.0, built.seconds)
    figures = [
        Figure(
            f"callgraph, {units}, 1 configuration, empty cache",
            one,
            limit,
            remark=f"GCC compiles them in {built.seconds:.1f} s",
        )
    ]
    if len(configs) > 1:
        every = [part for path in configs for part in ("--config", str(path))]
        many = kimpact.cold(1, *fixed, *every)
        figures.append(
            Figure(
                f"callgraph, {units}, {len(configs)} configurations, empty cache",
                many,
                180.0,
                remark=f"{many.wall / one.wall:.1f} times one configuration",
            )
        )
    return figures
