"""Completions, tried in the shells themselves."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from analyzer.cli.main import main

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"

BASH = """\
source "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
function=$(complete -p kimpact | sed 's/.*-F \\([^ ]*\\).*/\\1/')
$function kimpact "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def script(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The completions of a shell, as a file."""
    shell: str = request.param
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    path = tmp_path / f"kimpact.{shell}"
    with path.open("w") as stream:
        process = [sys.executable, "-c", "from analyzer.cli.main import entry_point as e; e()"]
        subprocess.run([*process, "completions", shell], stdout=stream, check=True)
    return path


def said(command: list[str]) -> list[str]:
    run = subprocess.run(command, capture_output=True, text=True, check=True, cwd=FIXTURES)
    assert run.stderr == ""
    return run.stdout.split("\n")[:-1]


WORDS = [
    (["kimpact", "pa"], "paths"),
    (["kimpact", "paths", "f", "--for"], "--format"),
    (["kimpact", "paths", "f", "--format", ""], "json"),
    (["kimpact", "completions", ""], "fish"),
]


@pytest.mark.parametrize("script", ["bash"], indirect=True)
@pytest.mark.parametrize(
    ("words", "completed"), [*WORDS, (["kimpact", "paths", "f", "--kernel", "mini"], "minikernel")]
)
def test_bash(script: Path, words: list[str], completed: str) -> None:
    assert completed in said(["bash", "-c", BASH, "bash", str(script), *words])


@pytest.mark.parametrize("script", ["fish"], indirect=True)
@pytest.mark.parametrize(("words", "completed"), WORDS)
def test_fish(script: Path, words: list[str], completed: str) -> None:
    code = f"source {script}; complete -C '{' '.join(words)}'"
    assert completed in [line.split("\t")[0] for line in said(["fish", "--no-config", "-c", code])]


@pytest.mark.parametrize("script", ["zsh"], indirect=True)
def test_zsh(script: Path) -> None:
    """zsh completes in its line editor only: that it finds and reads the file is tested."""
    (script.parent / "_kimpact").write_text(script.read_text())
    code = f"fpath=({script.parent} $fpath); autoload -U compinit; compinit -D; "
    shown = said(["zsh", "-f", "-c", f"{code} echo $_comps[kimpact]; autoload +X _kimpact"])
    assert shown == ["_kimpact"]
    subprocess.run(["zsh", "-n", str(script)], check=True)


def test_without_shtab_the_command_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert main(["completions", "bash"]) == 2
    assert "pip install 'kimpact[completions]'" in capsys.readouterr().err
