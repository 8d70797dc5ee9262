"""A run over N configurations says of each what a run over it alone says, and says it always.

Paths, platforms, slots and call graphs of random small kernels (``small_kernels.py``) and of the
miniature kernel; the order of the configurations, the hash seed, the locale and the working
directory do not matter, nor whether an answer was kept. ``make differential PARTS=invariant``
takes more kernels, and real ones.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest

from document_facts import graph_facts, slot_facts
from invariant import (
    Document,
    callgraph_of,
    kernel_differs,
    order_differs,
    others_differ,
    paths_differ,
    paths_of,
    slots_of,
)
from small_kernels import FIXTURES, ROOTS, write_configs, write_kernel

MINIKERNEL = FIXTURES / "minikernel"


@pytest.mark.parametrize("seed", [2])
def test_random_kernels(seed: int, tmp_path: Path) -> None:
    random = Random(seed)
    kernel = write_kernel(tmp_path / "linux", random)
    configs = write_configs(tmp_path / "configs", random, 4)
    assert list(kernel_differs(kernel, configs, ROOTS[:1])) == []


def test_the_miniature_kernel(tmp_path: Path) -> None:
    given = sorted((FIXTURES / "configs").iterdir())
    configs = [*given, *write_configs(tmp_path, Random(1), 4)]
    ask = paths_of(MINIKERNEL, "mm/memory.c:free_pgd_range")
    assert paths_differ(ask, configs) == []
    assert order_differs(ask, configs) == []
    assert others_differ(slots_of(MINIKERNEL, "pv_ops"), slot_facts, configs) == []
    folders = ("mm/", "arch/x86/")
    assert others_differ(callgraph_of(MINIKERNEL, *folders), graph_facts, configs) == []


def test_the_comparison_sees_a_difference(tmp_path: Path) -> None:
    """A question that is answered with the last of several configurations is caught."""
    configs = write_configs(tmp_path, Random(3), 4)
    ask = paths_of(MINIKERNEL, "mm/memory.c:free_pgd_range")

    def wrong(given: Sequence[Path]) -> Document:
        document = ask(given[-1:])
        if len(given) == 1:
            return document
        for part in ("nodes", "edges", "classes", "support"):
            for one in document[part]:
                one["mask"] = "0xf"
        return document

    assert paths_differ(wrong, configs)


@pytest.mark.parametrize(
    "asked",
    [
        ("paths", "mm/memory.c:free_pgd_range", "--format", "json"),
        ("slots", "pv_ops", "--format", "json"),
        ("callgraph", "mm/", "--format", "json"),
    ],
    ids=lambda asked: asked[0],
)
def test_surroundings_do_not_matter(asked: tuple[str, ...], tmp_path: Path) -> None:
    tree = shutil.copytree(MINIKERNEL, tmp_path / "linux")
    configs = sorted((FIXTURES / "configs").iterdir())
    there = ["--kernel", str(tree), "--config", *map(str, configs)]
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    surroundings = [
        {"PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "UTC"},
        {"PYTHONHASHSEED": "4711", "LC_ALL": "C.UTF-8", "TZ": "Asia/Tokyo", "PYTHONUTF8": "0"},
    ]
    said = {
        subprocess.run(
            [str(Path(sys.executable).parent / "kimpact"), *asked, *there, *more],
            cwd=folder,
            env={**os.environ, **variables, "XDG_CACHE_HOME": str(tmp_path / "cache")},
            capture_output=True,
            check=True,
        ).stdout
        for folder, variables in zip((tmp_path, elsewhere), surroundings, strict=True)
        for more in (["--no-cache", "--jobs", "1"], [])
    }
    assert len(said) == 1
