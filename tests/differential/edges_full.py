"""The full comparison of call edges with GCC: every kernel found, four configurations.

    python edges_full.py [--kernel 6.12] [--config defconfig] [--jobs 2] [--out DIR]

with ``tests/`` on the Python path. Prints the table of ``docs/accuracy.md`` and leaves
every disagreement as JSON in ``--out`` (default: ``edges`` in kimpact's cache folder).
Recording GCC's side takes two to four minutes per kernel and configuration on two cores,
once; exit status 1 when a threshold of ``docs/accuracy.md`` is missed anywhere.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from edges_build import RECIPES, BuildFailed
from edges_compare import as_json, summary_lines
from edges_run import KimpactFailed, Run, run, truth_of
from kernels.trees import HOW_TO_GET_ONE, KernelTree, cache_folder, find_trees, kernels_folder

MIN_FOUND = 99.9
"""Per cent of GCC's edges that must be found."""
MAX_EXTRA = 1.0
"""Per cent of extra edges that are tolerated."""

HEADER = (
    "| kernel | configuration | units | edges in GCC | found | extra | builtins found |"
    " indirect calls found | extra | kimpact | GCC |\n"
    "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
)


def row(kernel: KernelTree, result: Run) -> str:
    """One line of the table."""
    score = result.comparison.score
    builtins = result.comparison.builtins
    indirect = result.comparison.indirect
    return (
        f"| {kernel.version} | {result.truth.name} | {len(result.comparison.units)} |"
        f" {score.true} | {score.found_percent:.3f}% | {score.extra_percent:.3f}% |"
        f" {builtins.found_percent:.1f}% | {indirect.found} of {indirect.true} |"
        f" {indirect.extra} | {result.kimpact_seconds:.0f} s |"
        f" {result.truth.compile_seconds:.0f} s |"
    )


def reaches(result: Run) -> bool:
    """Whether both thresholds are kept, and no object and no indirect call is missing."""
    score = result.comparison.score
    indirect = result.comparison.indirect
    return (
        score.found_percent >= MIN_FOUND
        and score.extra_percent <= MAX_EXTRA
        and indirect.found == indirect.true
        and not result.comparison.only_gcc
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point of the command; see the module's docstring."""
    parser = argparse.ArgumentParser(description="Compare call edges with GCC's, in full.")
    parser.add_argument("--kernel", action="append", help="only this version")
    parser.add_argument("--config", action="append", choices=sorted(RECIPES))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, default=cache_folder() / "edges")
    options = parser.parse_args(arguments)
    wanted = options.kernel
    trees = [tree for tree in find_trees(kernels_folder()) if not wanted or tree.version in wanted]
    if not trees:
        print(HOW_TO_GET_ONE, file=sys.stderr)
        return 2
    oracle = cache_folder() / "oracle"
    for folder in (oracle, options.out):
        folder.mkdir(parents=True, exist_ok=True)
    rows: list[str] = []
    good = True
    for tree in trees:
        for name in options.config or RECIPES:
            try:
                truth = truth_of(tree, RECIPES[name], (), oracle, options.jobs)
                result = run(tree, truth)
            except (BuildFailed, KimpactFailed) as error:
                print(f"{tree.version} {name}: {error}", file=sys.stderr)
                good = False
                continue
            content = as_json(result.comparison, truth)
            path = options.out / f"{tree.version}-{name}.json"
            path.write_text(json.dumps(content, indent=1) + "\n")
            print("\n".join(summary_lines(result.comparison, truth, 8)), flush=True)
            rows.append(row(tree, result))
            good = good and reaches(result)
    print(HEADER, *rows, sep="\n")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
