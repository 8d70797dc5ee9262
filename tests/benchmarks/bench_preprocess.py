"""Preprocessing one source for one configuration, and for very many at once.

    python bench_preprocess.py TREE CONFIG COUNT

prints the seconds that preprocessing ``mm/memory.o`` takes in a fresh process: directives,
includes, conditions and the macro table, for COUNT configurations. With COUNT 1 it is
CONFIG itself, else CONFIG with its symbols at random values (``bench_configs.py``).
Reading CONFIG and the makefiles is not part of it.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from analyzer.callgraph.opening import Opener
from analyzer.configset.configset import ConfigSet
from analyzer.configset.dotconfig import read_dotconfig
from analyzer.diagnostics import Diagnostics
from analyzer.generated.headers import GeneratedHeaders
from analyzer.kbuild.model import KbuildModel
from analyzer.tree.source_tree import DirectoryTree
from bench_commands import Figure
from bench_configs import random_set
from bench_measure import CommandFailed, Cost, run, summarise

OBJECT = "mm/memory.o"
MANY = 10_000
ONE_LIMIT = 0.6
"""Seconds for one configuration."""
MANY_FACTOR = 4.0
"""How many times the time for one configuration 10,000 may take."""


def preprocess_seconds(tree: Path, config: Path, count: int) -> float:
    """The wall time of preprocessing :data:`OBJECT` once, in this process."""
    base = read_dotconfig(config)
    configs = ConfigSet.of([base]) if count == 1 else random_set(base, count)
    source = DirectoryTree(tree)
    diagnostics = Diagnostics()
    item = KbuildModel(source, "x86", configs, diagnostics).object(OBJECT)
    if item is None:
        raise CommandFailed(f"{OBJECT} is built in none of the configurations")
    item = replace(item, flags=tuple(item.flags))
    opener = Opener(source, configs, GeneratedHeaders(source, "x86", configs, diagnostics))
    started = time.monotonic()
    opener.open(item, item.built)
    return time.monotonic() - started


def preprocess_figures(tree: Path, config: Path, runs: int, scratch: Path) -> list[Figure]:
    """One configuration against :data:`MANY`; each run in a process of its own."""
    figures: list[Figure] = []
    limit = ONE_LIMIT
    for count in (1, MANY):
        output = scratch / "output"
        command = [sys.executable, __file__, str(tree), str(config), str(count)]
        costs: list[Cost] = []
        for _ in range(runs + 1):
            cost = run(command, {}, output)
            costs.append(replace(cost, wall=float(output.read_text())))
        summary = summarise(costs[1:])
        many = f"{count:,} configurations" if count > 1 else "1 configuration"
        figures.append(Figure(f"preprocess {OBJECT.replace('.o', '.c')}, {many}", summary, limit))
        limit = MANY_FACTOR * summary.wall
    return figures


def main(arguments: Sequence[str]) -> int:
    """Entry point of the measured process."""
    gc.set_threshold(2_000_000, 20, 100)  # as the command does
    tree, config, count = arguments
    print(preprocess_seconds(Path(tree), Path(config), int(count)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
