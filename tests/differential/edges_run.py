"""Both sides of a comparison of call edges: GCC's, kept between runs, and kimpact's.

Truth files are kept under a name that holds everything they depend on (kernel, gcc,
configuration, objects), so that a second run only runs kimpact.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edges_build import Recipe
from edges_compare import Comparison, compare, read_graphs
from edges_record import FORMAT, gcc_version, record
from edges_truth import Truth, read_truth
from kernels.locking import exclusive
from kernels.trees import KernelTree

COMMAND_TIMEOUT = 7200.0
"""Seconds after which a run of kimpact counts as hung."""


class KimpactFailed(Exception):
    """kimpact ended with another status than 0; the text is what it said."""


@dataclass(frozen=True, slots=True)
class Run:
    """A comparison with what both sides took, in seconds of wall time."""

    truth: Truth
    comparison: Comparison
    kimpact_seconds: float
    diagnostics: int


def truth_of(
    kernel: KernelTree, recipe: Recipe, targets: Sequence[str], folder: Path, jobs: int = 2
) -> Truth:
    """GCC's edges of ``targets``, recorded into ``folder`` unless they are there already."""
    makefile = (kernel.path / "Makefile").read_bytes()
    parts = [FORMAT, gcc_version(), repr(recipe), *targets]
    if recipe.base.startswith("distribution:"):
        parts += [str(path.name) for path in kernel.configs]
    key = hashlib.sha256(makefile + "\0".join(parts).encode()).hexdigest()[:12]
    path = folder / f"edges-{kernel.version}-{recipe.name}-{key}.json.xz"
    with exclusive(folder / f"lock-{kernel.version}-{recipe.name}"):
        if not path.exists():
            with tempfile.TemporaryDirectory(dir=folder, prefix=".build-") as work:
                record(kernel, recipe, targets, path, Path(work) / "work", jobs=jobs)
    return read_truth(path)


def callgraph(
    kernel: KernelTree, truth: Truth, scratch: Path, jobs: int | None = None
) -> Mapping[str, Any]:
    """What ``kimpact callgraph`` says of the truth's objects in its configuration."""
    dotconfig = scratch / f"{kernel.version}-{truth.name}.config"
    dotconfig.write_text(truth.dotconfig)
    command = [str(Path(sys.executable).parent / "kimpact"), "callgraph", *sorted(truth.units)]
    command += ["--kernel", str(kernel.path), "--config", str(dotconfig)]
    command += [] if jobs is None else ["--jobs", str(jobs)]
    done = subprocess.run(
        [*command, "--contract-macros", "--format", "json"],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=COMMAND_TIMEOUT,
        check=False,
    )
    if done.returncode != 0:
        raise KimpactFailed(f"status {done.returncode}: {done.stderr.strip()[-2000:]}")
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def run(kernel: KernelTree, truth: Truth, jobs: int | None = None) -> Run:
    """Run kimpact on the objects of ``truth``, in ``jobs`` processes, and compare."""
    with tempfile.TemporaryDirectory(prefix="kimpact-edges-") as scratch:
        started = time.monotonic()
        document = callgraph(kernel, truth, Path(scratch), jobs)
        seconds = time.monotonic() - started
    graphs = read_graphs(document, truth)
    return Run(truth, compare(graphs, truth), seconds, len(document.get("diagnostics", ())))
