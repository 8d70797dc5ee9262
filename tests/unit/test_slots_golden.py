"""``kimpact slots`` on the miniature kernel, from end to end: the exact text.

``python test_slots_golden.py`` writes the expected texts anew; read the difference before
committing it.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from analyzer.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden"
CONFIGS = sorted((ROOT / "fixtures" / "configs").glob("*.config"))
CASES = {
    "slots.txt": ["pv_ops"],
    "slots-one-platform.txt": ["pv_ops.mmu.release_table", "--platform", "moonbase", "--ascii"],
    "slots-tables.txt": [],
}


def slots(arguments: list[str]) -> str:
    inputs = ["--kernel", str(ROOT / "fixtures" / "minikernel"), "--config", *map(str, CONFIGS)]
    before, sys.stdout = sys.stdout, io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    try:
        status = main(["slots", *arguments, *inputs, "--no-cache"])
        sys.stdout.seek(0)
        lines = sys.stdout.read().splitlines()
    finally:
        sys.stdout = before
    assert int(status) == 0
    return "".join(f"{line.rstrip()}\n" for line in lines)


@pytest.mark.parametrize("name", CASES)
def test_slots_are_what_was_reviewed(name: str) -> None:
    assert slots(CASES[name]) == (GOLDEN / name).read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "hint"),
    [("pv_op", "; did you mean pv_ops?\n"), ("zzz", "(without SLOT the tables")],
)
def test_an_unknown_table(name: str, hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    inputs = ["--kernel", str(ROOT / "fixtures" / "minikernel"), "--config", str(CONFIGS[0])]
    assert main(["slots", name, *inputs, "--no-cache"]) == 2
    said = capsys.readouterr().err
    assert f"no table, slot or static call of that name: {name}" in said
    assert hint in said


if __name__ == "__main__":
    for name, case in CASES.items():
        (GOLDEN / name).write_text(slots(case), "utf-8")
