"""Patches of one sweep that share what is found in the tree before them: here and on a cluster."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from distributed import LocalCluster

from analyzer.cli.main import main

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
TREE = FIXTURES / "minikernel"
GATHER = "mm/mmu_gather.c"
ROOT = f"{GATHER}:tlb_remove_table"
WAIT = "\ton_each_cpu(table_wait_nothing, NULL, 1);\n"
COUNT = 3


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "kimpact" / "results"


@pytest.fixture(scope="module")
def patches(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Each waits once more than the one before it."""
    folder = tmp_path_factory.mktemp("patches")
    before = (TREE / GATHER).read_text()
    made: list[Path] = []
    for number in range(COUNT):
        after = before.replace(WAIT, WAIT * (number + 2))
        lines = (text.splitlines(keepends=True) for text in (before, after))
        made.append(folder / f"{number}.patch")
        made[-1].write_text("".join(difflib.unified_diff(*lines, f"a/{GATHER}", f"b/{GATHER}")))
    return made


@pytest.fixture(scope="module")
def fresh(patches: list[Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What is found without a cache."""
    return swept(tmp_path_factory.mktemp("fresh"), patches, "--no-cache", "--jobs", "1")


@pytest.fixture
def cluster(cache: Path) -> Iterator[LocalCluster]:
    """After the cache: the workers are to have the same."""
    del cache
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as running:
        yield running


def swept(folder: Path, patches: Sequence[Path], *more: str) -> dict[str, Any]:
    """The documents by patch."""
    output = folder / f"{len(list(folder.iterdir()))}.jsonl"
    words = ["sweep", *map(str, patches), "--kernel", str(TREE), "--function", ROOT]
    words += ["--config", str(FIXTURES / "configs" / "paravirt.config")]
    words += ["--knowledge", str(FIXTURES / "knowledge.toml"), "-o", str(output)]
    assert main([*words, *more]) == 0
    entries = [json.loads(line) for line in output.read_text().splitlines()]
    assert [entry["status"] for entry in entries] == ["done"] * len(patches)
    return {entry["patch"]: entry["document"] for entry in entries}


def kept(cache: Path) -> set[tuple[str, int]]:
    """What is kept; an entry that is written anew is another one."""
    return {(each.name, each.stat().st_ino) for each in cache.iterdir()}


def test_the_tree_before_is_looked_at_once(
    cache: Path, patches: list[Path], fresh: dict[str, Any], tmp_path: Path
) -> None:
    found = swept(tmp_path, patches[:1], "--jobs", "1")
    known = kept(cache)
    found |= swept(tmp_path, patches[1:], "--jobs", "2")
    assert found == fresh
    assert known <= kept(cache)
    assert len(kept(cache) - known) == COUNT - 1, "the reviews themselves, nothing else"


def test_workers_that_begin_together_find_the_same(
    cache: Path, patches: list[Path], fresh: dict[str, Any], tmp_path: Path
) -> None:
    assert swept(tmp_path, patches, "--jobs", str(COUNT)) == fresh
    assert len(kept(cache)) > COUNT


def test_workers_of_a_cluster_share_as_well(
    cache: Path,
    cluster: LocalCluster,
    patches: list[Path],
    fresh: dict[str, Any],
    tmp_path: Path,
) -> None:
    at = ("--scheduler", cluster.scheduler_address)
    found = swept(tmp_path, patches[:1], *at)
    known = kept(cache)
    found |= swept(tmp_path, patches[1:], *at)
    assert found == fresh
    assert known <= kept(cache)
    assert len(kept(cache) - known) == COUNT - 1
