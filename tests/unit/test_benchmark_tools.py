"""The measuring tools of the benchmarks: costs of a command, and random configurations."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from analyzer.configset.dotconfig import parse_dotconfig
from bench_commands import Figure
from bench_configs import random_set
from bench_measure import CommandFailed, Cost, run, summarise
from bench_run import table
from bench_sweep import fitting_patches

HUNGRY = "import time; kept = b'x' * 60_000_000; print(len(kept)); time.sleep(0.3)"


def test_wall_time_and_memory_of_a_command(tmp_path: Path) -> None:
    cost = run([sys.executable, "-c", HUNGRY], {}, tmp_path / "out")
    assert (tmp_path / "out").read_text() == "60000000\n"
    assert 0.3 <= cost.wall < 30
    assert 60 < cost.peak_rss < 200
    assert 60 < cost.peak_total < 200


def test_memory_of_several_processes_adds_up(tmp_path: Path) -> None:
    twice = "import os; child = os.fork()\n" + HUNGRY + "\nif child: os.waitpid(child, 0)\n"
    cost = run([sys.executable, "-c", twice], {}, tmp_path / "out")
    assert cost.peak_total > 110
    assert cost.peak_rss < cost.peak_total


def test_processes_in_sessions_of_their_own_count(tmp_path: Path) -> None:
    words = [sys.executable, "-c", HUNGRY]
    start = f"import subprocess; subprocess.run({words!r}, start_new_session=True, check=True)"
    cost = run([sys.executable, "-c", start], {}, tmp_path / "out")
    assert 60 < cost.peak_rss < 200


def test_a_failing_command_is_no_measurement(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match=r"status 3: why"):
        run(
            [sys.executable, "-c", "import sys; print('why', file=sys.stderr); sys.exit(3)"],
            {},
            tmp_path / "out",
        )


def test_limits_and_the_table() -> None:
    summary = summarise(
        [Cost(1.0, 2.0, 10.0, 30.0), Cost(3.0, 2.0, 20.0, 10.0), Cost(1.5, 2, 1, 1)]
    )
    assert (summary.wall, summary.wall_min, summary.wall_max, summary.memory) == (1.5, 1, 3, 30)
    good, slow = Figure("a", summary, 1.5, 30.0), Figure("b", summary, 1.4)
    large = Figure("c", summary, None, 29.0)
    assert [figure.kept for figure in (good, slow, large)] == [True, False, False]
    assert list(table([good]))[2] == (
        "| a | 1.50 s (1.00 to 3.00) | 2.00 s | 30 MB | 1.5 s, 30 MB | yes |"
    )


def test_random_configurations_keep_what_the_headers_need() -> None:
    text = "CONFIG_64BIT=y\nCONFIG_A=y\nCONFIG_B=m\nCONFIG_N=64\n# CONFIG_C is not set\n"
    configs = random_set(parse_dotconfig(text, "x", "x"), 4000)
    assert len(configs) == 4000
    assert configs.column("64BIT").y == configs.all
    assert configs.column("N").where("64") == configs.all
    for mask in (configs.column("A").y, configs.column("C").y):
        assert 1800 < mask.bit_count() < 2200
    assert 800 < configs.column("B").m.bit_count() < 1200
    assert configs.column("B").y & configs.column("B").m == 0
    again = random_set(parse_dotconfig(text, "x", "x"), 4000)
    assert again.column("A") == configs.column("A")


def test_patches_that_fit_a_tree(tmp_path: Path) -> None:
    """Those that are there already are turned round; other releases' are not looked at."""
    tree, folder, scratch = (tmp_path / name for name in ("tree", "patches", "scratch"))
    for path in (tree / "mm", folder / "6.12.9-1", folder / "6.1.9-1", scratch):
        path.mkdir(parents=True)
    (tree / "mm" / "a.c").write_text("int a;\n")

    def put(name: str, file: str, old: str, new: str) -> None:
        text = f"--- a/{file}\n+++ b/{file}\n@@ -1 +1 @@\n-int {old};\n+int {new};\n"
        (folder / name).write_text(text)

    put("6.12.9-1/1-fits.patch", "mm/a.c", "a", "b")
    put("6.12.9-1/2-there.patch", "mm/a.c", "c", "a")
    put("6.12.9-1/3-fits-not.patch", "mm/a.c", "c", "d")
    put("6.12.9-1/4-not-ours.patch", "arch/arm/a.c", "a", "b")
    put("6.1.9-1/0-other-release.patch", "mm/a.c", "a", "c")
    found = fitting_patches(tree, folder, "6.12", 9, scratch)
    assert found == (folder / "6.12.9-1" / "1-fits.patch", scratch / "2-there.patch")
    assert "+int c;\n-int a;\n" in found[1].read_text()
    assert fitting_patches(tree, folder, "6.12", 1, scratch) == found[:1]
    assert (tree / "mm" / "a.c").read_text() == "int a;\n"
