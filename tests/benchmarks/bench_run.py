"""``make benchmark``: the figures of ``docs/performance.md``, as its table.

    python bench_run.py [--kernel 6.12] [--only start|paths|explain|preprocess|callgraph|sweep]
                        [--runs 5] [--configs 100] [--jobs 2] [--patches 8]

with ``tests/`` and ``tests/differential/`` on the Python path. Exit status 1 when a limit is
missed. Nothing else should run on the machine meanwhile.
"""

from __future__ import annotations

import argparse
import lzma
import os
import platform
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench_commands import (
    Figure,
    Kimpact,
    callgraph_figures,
    explain_figures,
    paths_figures,
    start_figures,
)
from bench_compiler import compile_units
from bench_configs import randconfigs
from bench_measure import CommandFailed
from bench_preprocess import preprocess_figures
from bench_sweep import fitting_patches, miniature_set, patch_set, sweep_figures
from kernels.patches import HOW_TO_GET_THEM, patches_folder
from kernels.trees import HOW_TO_GET_ONE, KernelTree, cache_folder, find_trees, kernels_folder

PARTS = ("start", "paths", "explain", "preprocess", "callgraph", "sweep")


def table(figures: Sequence[Figure]) -> Iterator[str]:
    """The figures as a Markdown table; seconds are medians, memory the highest seen."""
    yield "| what | wall (min to max) | processor | memory | limit | kept |"
    yield "| --- | ---: | ---: | ---: | ---: | :---: |"
    for figure in figures:
        cost = figure.summary
        limits: list[str] = []
        if figure.limit_seconds is not None:
            limits.append(f"{figure.limit_seconds:.2g} s")
        if figure.limit_megabytes is not None:
            limits.append(f"{figure.limit_megabytes:.0f} MB")
        name = figure.name + (f" ({figure.remark})" if figure.remark else "")
        yield (
            f"| {name} | {cost.wall:.2f} s ({cost.wall_min:.2f} to {cost.wall_max:.2f}) |"
            f" {cost.processor:.2f} s | {cost.memory:.0f} MB | {', '.join(limits) or '-'} |"
            f" {'yes' if figure.kept else 'no'} |"
        )


def measured(tree: KernelTree, options: argparse.Namespace, scratch: Path) -> list[Figure]:
    """All figures that were asked for, on one kernel."""
    config = tree.config("none_amd64") or tree.config("")
    if config is None:
        raise CommandFailed(f"no distribution configuration next to {tree.path}")
    kimpact = Kimpact(scratch)
    figures: list[Figure] = []
    if "start" in options.only:
        figures += start_figures(kimpact, options.runs)
    if "paths" in options.only:
        figures += paths_figures(kimpact, tree.path, config, options.runs)
    if "explain" in options.only:
        figures += explain_figures(kimpact, tree.path, config, options.runs)
    if "preprocess" in options.only:
        figures += preprocess_figures(tree.path, config, options.runs, scratch)
    if "callgraph" in options.only:
        with lzma.open(config, "rt", encoding="utf-8") as packed:
            text = packed.read()
        built = compile_units(tree.path, scratch / "objects", text, options.jobs)
        folder = cache_folder() / "benchmarks" / f"randconfig-{tree.version}"
        others = randconfigs(tree.path, folder, options.configs - 1)
        configs = [built.dotconfig, *others]
        figures += callgraph_figures(kimpact, tree.path, built, configs, min(options.runs, 3))
    if "sweep" in options.only:
        figures += sweep_figures(kimpact, miniature_set(scratch), min(options.runs, 3), scratch)
        patches = fitting_patches(
            tree.path, patches_folder(), tree.version, options.patches, scratch
        )
        if patches:
            tasks = patch_set(tree.path, config, patches)
            figures += sweep_figures(kimpact, tasks, 1, scratch)
        else:
            print(HOW_TO_GET_THEM, file=sys.stderr)
    return figures


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point of the command; see the module's docstring."""
    parser = argparse.ArgumentParser(description="Measure kimpact on a real kernel.")
    parser.add_argument("--kernel", default="6.12", help="version of the kernel tree")
    parser.add_argument("--only", action="append", choices=PARTS)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--configs", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--patches", type=int, default=8, help="of a distribution, to sweep")
    options = parser.parse_args(arguments)
    options.only = options.only or list(PARTS)
    trees = [tree for tree in find_trees(kernels_folder()) if tree.version == options.kernel]
    if not trees:
        print(HOW_TO_GET_ONE, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="kimpact-benchmark-") as scratch:
        try:
            figures = measured(trees[0], options, Path(scratch))
        except CommandFailed as error:
            print(f"benchmark: {error}", file=sys.stderr)
            return 1
    print(f"Linux {trees[0].version}, Python {platform.python_version()}, {os.cpu_count()} cores")
    print("\n".join(table(figures)))
    return 0 if all(figure.kept for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
