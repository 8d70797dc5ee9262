"""The demo from end to end: exact text, a valid document, the same bytes for any hash seed.

``python test_demo.py`` writes the expected texts anew; read the difference before
committing it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden"
CASES = {
    "demo.txt": ([], {"PYTHONIOENCODING": "utf-8"}),
    "demo-ascii-100.txt": (["--ascii"], {"COLUMNS": "100"}),
}
"""Expected text -> options and environment."""

_START = "from analyzer.cli.main import entry_point; entry_point()"


def demo(options: list[str], environment: dict[str, str]) -> str:
    clean = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR", "LC_ALL")}
    run = subprocess.run(
        [sys.executable, "-c", _START, "demo", *options],
        capture_output=True,
        check=True,
        cwd=ROOT,
        env={**clean, **environment},
    )
    assert run.stderr == b""
    lines = run.stdout.decode("utf-8").split("\n")
    return "\n".join(line.rstrip() for line in lines)


@pytest.mark.parametrize("name", CASES)
def test_the_demo_is_what_was_reviewed(name: str) -> None:
    assert demo(*CASES[name]) == (GOLDEN / name).read_text("utf-8")


def test_the_document_is_valid_and_does_not_depend_on_the_hash_seed() -> None:
    first = demo(["--format", "json"], {"PYTHONHASHSEED": "1"})
    assert first == demo(["--format", "json"], {"PYTHONHASHSEED": "2"})
    schema = json.loads((ROOT / "docs" / "schema" / "paths-1.json").read_text())
    document = json.loads(first)
    jsonschema.validate(document, schema)
    classes = document["classes"]
    assert [(each["mask"], each["platforms"], each["when"]) for each in classes] == [
        ("0x3", ["native"], "PARAVIRT"),
        ("0x3", ["moonbase"], "PARAVIRT"),
        ("0x4", ["native"], "!MMU_GATHER_RCU_TABLE_FREE"),
        ("0x8", ["native"], "MMU_GATHER_RCU_TABLE_FREE && !PARAVIRT"),
    ]


if __name__ == "__main__":
    for name, case in CASES.items():
        (GOLDEN / name).write_text(demo(*case), "utf-8")
