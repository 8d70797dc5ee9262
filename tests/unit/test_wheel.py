"""The wheel, installed as users install it: into a fresh environment, and run by pipx."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from analyzer import __version__

ROOT = Path(__file__).resolve().parents[2]
DEMO = (ROOT / "tests" / "golden" / "demo.txt").read_text("utf-8")

pytestmark = pytest.mark.spread


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    said([sys.executable, "-m", "pip", "wheel", "--no-deps", "-w", str(folder), str(ROOT)], folder)
    (path,) = folder.glob("kimpact-*.whl")
    return path


def said(command: list[str], folder: Path, **more: str) -> str:
    """What a command prints that is run in ``folder``, away from the checkout."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PYTHONPATH", "COLUMNS", "NO_COLOR", "VIRTUAL_ENV")
    }
    run = subprocess.run(
        command,
        cwd=folder,
        env=environment | {"PIP_DISABLE_PIP_VERSION_CHECK": "1", **more},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert run.returncode == 0, f"{command}: {run.stdout}\n{run.stderr}"
    return run.stdout


def demo(command: list[str], folder: Path, **more: str) -> None:
    shown = said([*command, "demo"], folder, PYTHONIOENCODING="utf-8", **more)
    assert "\n".join(line.rstrip() for line in shown.split("\n")) == DEMO


def test_the_wheel_has_all_that_is_read_at_run_time(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for name in ("fixtures/minikernel/Makefile", "fixtures/demo.toml", "schema/review-1.json"):
        assert f"analyzer/{name}" in names
    assert any(name.endswith("data/share/man/man1/kimpact.1") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "docs/"))]


def test_a_fresh_environment(wheel: Path, tmp_path: Path) -> None:
    """Without extras the demo runs; with all of them, what needs them too."""
    venv.create(tmp_path / "env", with_pip=True)
    binaries = tmp_path / "env" / "bin"
    python, kimpact = str(binaries / "python"), str(binaries / "kimpact")
    said([python, "-m", "pip", "install", "--quiet", str(wheel)], tmp_path)
    assert said([kimpact, "--version"], tmp_path) == f"kimpact {__version__}\n"
    cache = {"XDG_CACHE_HOME": str(tmp_path)}
    demo([kimpact], tmp_path, **cache)
    assert (tmp_path / "env" / "share" / "man" / "man1" / "kimpact.1").is_file()
    health = json.loads(said([kimpact, "doctor", "--format", "json"], tmp_path, **cache))
    extras = {one["name"]: one for one in health["findings"] if one["area"] == "extras"}
    assert {one["health"] for one in extras.values()} == {"absent"}
    said([python, "-m", "pip", "install", "--quiet", f"{wheel}[all]"], tmp_path)
    health = json.loads(said([kimpact, "doctor", "--format", "json"], tmp_path, **cache))
    assert [
        one for one in health["findings"] if one["area"] == "extras" and one["health"] != "good"
    ] == []
    assert "complete -o bashdefault" in said([kimpact, "completions", "bash"], tmp_path)
    code = (
        "import analyzer.mcp.server as s, analyzer.mcp.schemas as t, analyzer\n"
        f"assert analyzer.__file__.startswith({str(tmp_path)!r}), analyzer.__file__\n"
        "assert t.schema_of('paths')\n"
    )
    said([python, "-P", "-c", code], tmp_path)


def test_pipx_runs_the_wheel(wheel: Path, tmp_path: Path) -> None:
    pipx = [sys.executable, "-m", "pipx", "run", "--spec", str(wheel), "kimpact"]
    demo(pipx, tmp_path, PIPX_HOME=str(tmp_path / "pipx"), PIPX_DEFAULT_PYTHON=sys.executable)
