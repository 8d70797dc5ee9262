"""``kimpact callers`` from end to end on the miniature kernel: exact text, a valid document.

``python test_report_callers.py`` writes the expected text anew; read the difference before
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
GOLDEN = ROOT / "tests" / "golden" / "callers.txt"
ASKED = ("tlb_remove_page", "setup_checks", "say_hello")
_START = "from analyzer.cli.main import entry_point; entry_point()"


def callers(*options: str, **environment: str) -> str:
    """What the command writes for the demo's four configurations."""
    clean = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR", "LC_ALL")}
    configs = sorted(str(path) for path in (ROOT / "fixtures" / "configs").glob("*.config"))
    command = ["callers", *ASKED, "--kernel", "fixtures/minikernel", "--config", *configs]
    run = subprocess.run(
        [sys.executable, "-c", _START, *command, "--no-cache", *options],
        capture_output=True,
        check=True,
        cwd=ROOT,
        env={**clean, "PYTHONIOENCODING": "utf-8", **environment},
    )
    assert run.stderr == b""
    return "\n".join(line.rstrip() for line in run.stdout.decode("utf-8").split("\n"))


def test_the_tree_is_what_was_reviewed() -> None:
    assert callers() == GOLDEN.read_text("utf-8")


def test_plain_ascii() -> None:
    assert callers("--ascii").isascii()


@pytest.fixture(scope="module")
def document() -> str:
    return callers("--format", "json", PYTHONHASHSEED="1")


def test_the_document_is_valid(document: str) -> None:
    schema = json.loads((ROOT / "docs" / "schema" / "callers-1.json").read_text())
    jsonschema.validate(json.loads(document), schema)


def test_the_document_does_not_depend_on_the_hash_seed(document: str) -> None:
    assert document == callers("--format", "json", PYTHONHASHSEED="2")


def test_edges_and_entries_refer_to_nodes(document: str) -> None:
    content = json.loads(document)
    ids = {node["id"] for node in content["nodes"]}
    assert set(content["roots"]) <= ids
    assert {end for edge in content["edges"] for end in (edge["from"], edge["to"])} <= ids
    assert {entry["node"] for entry in content["entries"]} <= ids
    assert all(index < len(content["edges"]) for c in content["classes"] for index in c["edges"])
    assert {entry["kind"] for entry in content["entries"]} >= {
        "system-call",
        "initcall",
        "assembly",
        "stored",
        "no-caller",
    }


if __name__ == "__main__":
    GOLDEN.write_text(callers(), "utf-8")
