"""Effects of the miniature kernel's table free, through the command: exact text, and errors.

``python test_effects_minikernel.py`` writes the expected text anew; read the difference
before committing it.
"""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from analyzer.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden" / "minikernel-effects.txt"
CONFIGS = sorted((ROOT / "fixtures" / "configs").glob("*.config"))


def answer(*more: str) -> tuple[int, str, str]:
    arguments = ["paths", "free_pte_range", "--kernel", str(ROOT / "fixtures" / "minikernel")]
    for config in CONFIGS:
        arguments += ["--config", str(config)]
    arguments += ["--knowledge", str(ROOT / "fixtures" / "knowledge.toml"), "--no-cache"]
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = int(main([*arguments, *more, "--format", "json"]))
    return status, out.getvalue(), err.getvalue()


def document(*more: str) -> dict[str, Any]:
    status, out, err = answer(*more)
    assert status == 0, err
    found: dict[str, Any] = json.loads(out)
    return found


def text(found: dict[str, Any]) -> str:
    """Classes with their platforms, nodes with effects, and remarks on objects."""
    lines = [
        f"{each['when']} on {', '.join(each['platforms'])}: {', '.join(each['effects'])}"
        for each in found["classes"]
    ]
    lines.append("")
    for node in found["nodes"]:
        if node["effects"]:
            lines.append(f"{node['name']} ({node['mask']}): {', '.join(node['effects'])}")
    lines.append("")
    lines += [d["message"] for d in found["diagnostics"] if "object" in d["code"]]
    return "\n".join(lines) + "\n"


def test_the_effects_are_what_was_reviewed() -> None:
    assert text(document()) == GOLDEN.read_text("utf-8")


def test_the_table_can_be_named_and_gives_the_same() -> None:
    unnamed, named = document(), document("--object", "table")
    assert text(named).splitlines() == text(unnamed).splitlines()[:-1]


def test_an_object_that_is_not_there_is_bad_input() -> None:
    status, out, err = answer("--object", "nonesuch")
    assert (status, out) == (2, "")
    assert "free_pte_range() has no parameter or local variable 'nonesuch'" in err
    assert "tlb, pmd, address" in err


def test_on_routes_effects_are_told_of_a_named_object_only() -> None:
    plain = document("--to", "page_release")
    assert all(each["effects"] == [] for each in plain["classes"])
    named = document("--to", "page_release", "--object", "table")
    assert any(each["effects"] for each in named["classes"])


@pytest.mark.parametrize("argument", ["address", "2"])
def test_an_argument_that_nothing_happens_to_has_no_effects(argument: str) -> None:
    found = document("--object", argument)
    assert all(each["effects"] in ([], ["unknown"]) for each in found["classes"])


if __name__ == "__main__":
    GOLDEN.write_text(text(document()), "utf-8")
