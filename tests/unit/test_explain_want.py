"""``kimpact explain --want`` on the miniature kernel, from end to end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from analyzer.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
TREE = ROOT / "fixtures" / "minikernel"
CONFIGS = ROOT / "fixtures" / "configs"


def explained(
    capsys: pytest.CaptureFixture[str], *arguments: str, configs: tuple[str, ...] = ("plain",)
) -> str:
    files = [str(CONFIGS / f"{name}.config") for name in configs]
    inputs = ["--kernel", str(TREE), "--config", *files, "--no-cache"]
    status = main(["explain", *arguments, *inputs])
    output = capsys.readouterr()
    assert int(status) == 0, output.err
    return output.out


def wish(
    capsys: pytest.CaptureFixture[str], symbol: str, value: str, config: str = "plain"
) -> dict[str, Any]:
    text = explained(capsys, symbol, "--want", value, "--format", "json", configs=(config,))
    document = json.loads(text)
    schema = json.loads((ROOT / "docs" / "schema" / "explain-1.json").read_text("utf-8"))
    jsonschema.validate(document, schema)
    (found,) = document["wishes"]
    assert isinstance(found, dict)
    return found


def test_the_smallest_fragment(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """PARAVIRT alone brings MMU_GATHER_RCU_TABLE_FREE; the fragment does what it says."""
    found = wish(capsys, "MMU_GATHER_RCU_TABLE_FREE", "y")
    assert found["verdict"] == "granted"
    assert len(found["fragment"]) == 1
    merged = tmp_path / "merged.config"
    base = (CONFIGS / "plain.config").read_text()
    merged.write_text(base + "\n".join(found["fragment"]) + "\n")
    done = tmp_path / "done.config"
    arguments = ["resolve", "--kernel", str(TREE), "--config", str(merged), "-o", str(done)]
    assert int(main(arguments)) == 0
    assert "CONFIG_MMU_GATHER_RCU_TABLE_FREE=y" in done.read_text().splitlines()


def test_what_is_so_already(capsys: pytest.CaptureFixture[str]) -> None:
    found = wish(capsys, "PARAVIRT", "n")
    assert (found["verdict"], found["fragment"]) == ("given", [])


def test_what_cannot_be_had_is_proved(capsys: pytest.CaptureFixture[str]) -> None:
    found = wish(capsys, "MMU", "n")
    assert found["verdict"] == "denied"
    assert found["reasons"][0]["file"] == "arch/x86/Kconfig"


def test_a_bool_is_never_m(capsys: pytest.CaptureFixture[str]) -> None:
    found = wish(capsys, "PARAVIRT", "m")
    assert found["verdict"] == "denied"
    assert "never m" in found["reasons"][0]["text"]


def test_the_text_names_lines_and_proofs(capsys: pytest.CaptureFixture[str]) -> None:
    text = explained(capsys, "PARAVIRT", "MMU", "--want", "y", configs=("plain", "paravirt"))
    assert "to get PARAVIRT=y in plain, merge this" in text
    assert "  CONFIG_PARAVIRT=y\n" in text
    assert "to get PARAVIRT=y in paravirt, nothing has to change" in text
    text = explained(capsys, "MMU", "--want", "n")
    assert "to get MMU=n: it cannot be had" in text
    assert "arch/x86/Kconfig:" in text
