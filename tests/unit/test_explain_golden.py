"""``kimpact explain`` and ``configs`` on the miniature kernel, end to end: the exact text.

``python test_explain_golden.py`` writes the expected texts anew; read the difference before
committing it.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from analyzer.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden"
KERNEL = ["--kernel", str(ROOT / "fixtures" / "minikernel")]
CONFIGS = sorted((ROOT / "fixtures" / "configs").glob("*.config"))
ALL = ["--config", *map(str, CONFIGS)]
ONE = ["--config", str(ROOT / "fixtures" / "configs" / "reclaim.config")]
CASES = {
    "explain.txt": ["explain", "MMU_GATHER_TABLE_FREE", "MOONBASE_GUEST", *KERNEL, *ALL],
    "explain-one.txt": [
        *("explain", "PT_RECLAIM", "NR_CPUS", "PARAVIRT", "MMU_GATHER_TABLE_FREE"),
        *("--all", "--ascii", *KERNEL, *ONE),
    ],
    "configs.txt": ["configs", str(ROOT / "fixtures" / "configs")],
    "configs-for.txt": [
        *("configs", str(ROOT / "fixtures" / "configs"), *KERNEL),
        *("--for", "free_pte_range", "--ascii"),
    ],
}


def shown(arguments: list[str]) -> str:
    before, sys.stdout = sys.stdout, io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    try:
        status = main([*arguments, "--no-cache"])
        sys.stdout.seek(0)
        text = sys.stdout.read()
    finally:
        sys.stdout = before
    assert int(status) == 0
    return text


@pytest.mark.parametrize("name", CASES)
def test_the_text_is_what_was_reviewed(name: str) -> None:
    assert shown(CASES[name]) == (GOLDEN / name).read_text("utf-8")


def command(arguments: list[str], seed: str) -> bytes:
    program = [sys.executable, "-c", "from analyzer.cli.main import entry_point; entry_point()"]
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    done = subprocess.run(
        [*program, *arguments, "--no-cache"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize("name", ["explain.txt", "configs-for.txt"])
def test_output_does_not_depend_on_the_hash_seed(name: str) -> None:
    arguments = [*CASES[name], "--format", "json"]
    assert command(arguments, "1") == command(arguments, "2")


if __name__ == "__main__":
    for name, case in CASES.items():
        (GOLDEN / name).write_text(shown(case), "utf-8")
