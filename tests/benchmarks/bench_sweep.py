"""``kimpact sweep`` with one and with two workers: what a patch costs, and how much faster two are.

Two sets of tasks: the miniature kernel's patch on several copies of that kernel, and patches of a
distribution (``make patches``) on its kernel. Each is run by local processes and by a Dask cluster
on this machine, every run with an empty cache. Processor seconds are those of all processes, with
Dask's own; memory is that of all processes together.
"""

from __future__ import annotations

import json
import re
import shutil
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench_commands import Figure, Kimpact
from bench_measure import Cost, summarise
from kernels.patches import all_patches
from review_patches import reversed_diff

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
COPIES = 4
"""Of the miniature kernel: the fewest tasks that two workers share evenly, twice."""
_FILE = re.compile(r"^(?:---|\+\+\+) [^/\s]+/(\S+)", re.M)
_PART = re.compile(r"(?!tools/|scripts/|Documentation/|samples/|arch/(?!x86/)).*\.[ch]")


@dataclass(frozen=True, slots=True)
class TaskSet:
    """Some tasks: the words that say so to ``kimpact sweep``."""

    name: str
    words: tuple[str, ...]


def miniature_set(scratch: Path) -> TaskSet:
    """The miniature kernel's patch, on copies of that kernel."""
    trees: list[str] = []
    for number in range(COPIES):
        trees.append(str(scratch / f"minikernel-{number}"))
        shutil.copytree(FIXTURES / "minikernel", trees[-1])
    words = [*map(str, sorted((FIXTURES / "patches").glob("*.patch"))), "--kernel", *trees]
    words += ["--config-dir", str(FIXTURES / "configs")]
    words += ["--knowledge", str(FIXTURES / "knowledge.toml")]
    return TaskSet(f"miniature kernel, {COPIES} copies", tuple(words))


def patch_set(tree: Path, config: Path, patches: Sequence[Path]) -> TaskSet:
    """Patches on a kernel in one configuration."""
    words = [*map(str, patches), "--kernel", str(tree), "--config", str(config)]
    return TaskSet(f"{len(patches)} patches on {tree.name}", tuple(words))


def fitting_patches(
    tree: Path, folder: Path, release: str, most: int, scratch: Path
) -> tuple[Path, ...]:
    """The first patches below ``folder`` that change C files which x86 may build, and that apply
    to ``tree``; those that it has already are put into ``scratch`` the other way round.

    Where folders bear versions, only those of ``release`` ("6.12") are looked at.
    """
    found: dict[str, Path] = {}
    for patch in _of_release(folder, release):
        if len(found) == most:
            break
        if patch.name in found:
            continue
        text = patch.read_text(encoding="utf-8", errors="surrogateescape")
        names = set(_FILE.findall(text))
        if not names or not all(_PART.fullmatch(name) for name in names):
            continue
        if _applies(tree, patch):
            found[patch.name] = patch
            continue
        back = scratch / patch.name
        back.write_text(reversed_diff(text), encoding="utf-8", errors="surrogateescape")
        if _applies(tree, back):
            found[patch.name] = back
    return tuple(found.values())


def _of_release(folder: Path, release: str) -> Iterable[Path]:
    every = all_patches(folder)
    here = [path for path in every if _version(path.relative_to(folder)) == release]
    return here or every


def _version(path: Path) -> str:
    found = re.match(r"\d+\.\d+(?=\.)", path.parts[0])
    return "" if found is None else found[0]


def _applies(tree: Path, patch: Path) -> bool:
    command = ["patch", "-p1", "--dry-run", "--force", "--silent", "--fuzz=0", "-i", str(patch)]
    return subprocess.run(command, cwd=tree, check=False, capture_output=True).returncode == 0


def sweep_figures(kimpact: Kimpact, tasks: TaskSet, runs: int, scratch: Path) -> Iterator[Figure]:
    """The set with one and two workers, by local processes and by Dask."""
    for how in ("local", "Dask"):
        alone = 0.0
        for workers in (1, 2):
            costs: list[Cost] = []
            for _ in range(runs):
                kimpact.forget()
                costs.append(_swept(kimpact, tasks, how, workers, scratch))
            summary = summarise(costs)
            alone = alone or summary.wall
            told = _told(scratch / "results.jsonl", summary.processor)
            if workers > 1:
                told += f"; {alone / summary.wall:.2f} times as fast"
            name = f"sweep, {tasks.name}, {how}, {workers} worker{'s' * (workers > 1)}"
            yield Figure(name, summary, None, remark=told)


def _swept(kimpact: Kimpact, tasks: TaskSet, how: str, workers: int, scratch: Path) -> Cost:
    results = scratch / "results.jsonl"
    results.unlink(missing_ok=True)
    words = ["sweep", *tasks.words, "-o", str(results)]
    if how == "local":
        return kimpact.run(*words, "--jobs", str(workers))
    seconds = scratch / "seconds"
    script = str(Path(__file__).with_name("bench_cluster.py"))
    cost = kimpact.run(*words, under=[sys.executable, script, str(workers), str(seconds)])
    return replace(cost, wall=float(seconds.read_text()))


def _told(results: Path, processor: float) -> str:
    entries = [json.loads(line) for line in results.read_text().splitlines()]
    counts = Counter(entry["status"] for entry in entries)
    walls = [entry["seconds"] for entry in entries if entry["status"] == "done"]
    text = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
    if walls:
        text += f"; {processor / len(walls):.1f} s processor a patch"
        text += f", wall {statistics.median(walls):.1f} s ({min(walls):.1f} to {max(walls):.1f})"
    return text
