"""The default tree below a function of the miniature kernel: exact text.

``python test_default_tree.py`` writes the expected text anew; read the difference before
committing it.
"""

from __future__ import annotations

import io
from pathlib import Path

from analyzer.pipeline import run_paths
from analyzer.progress import Silent
from analyzer.report.tree import print_paths
from analyzer.requests import Inputs, PathsRequest

ROOT = Path(__file__).resolve().parents[2]
EXPECTED = ROOT / "tests" / "golden" / "default-tree-ascii.txt"


def default_tree() -> str:
    configs = tuple(sorted((ROOT / "fixtures" / "configs").glob("*.config")))
    inputs = Inputs(ROOT / "fixtures" / "minikernel", configs, cache=False)
    result = run_paths(PathsRequest(inputs, ("free_pte_range",)), Silent())
    stream = io.StringIO()
    print_paths(result, stream, ascii_only=True)
    return "".join(f"{line.rstrip()}\n" for line in stream.getvalue().splitlines())


def test_the_default_tree_is_what_was_reviewed() -> None:
    assert default_tree() == EXPECTED.read_text("utf-8")


if __name__ == "__main__":
    EXPECTED.write_text(default_tree(), "utf-8")
