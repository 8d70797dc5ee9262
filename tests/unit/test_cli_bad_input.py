"""Input that cannot be used: one line with the place, exit status 2, no traceback."""

from __future__ import annotations

import lzma
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from analyzer.cli.exit_status import ExitStatus
from analyzer.cli.main import main

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
PLAIN = FIXTURES / "configs" / "plain.config"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the miniature kernel to spoil."""
    return Path(shutil.copytree(FIXTURES / "minikernel", tmp_path / "linux"))


def resolve(kernel: Path, config: Path, output: Path) -> ExitStatus:
    arguments = ["resolve", "--kernel", str(kernel), "--config", str(config), "-o", str(output)]
    return main(arguments)


def missing(path: Path) -> None:
    """There is nothing."""


def directory(path: Path) -> None:
    path.mkdir()


def binary(path: Path) -> None:
    path.write_bytes(b"\x7fELF\0\0\0")


def truncated(path: Path) -> None:
    path.write_bytes(lzma.compress(PLAIN.read_bytes())[:-40])


def of_arm64_by_header(path: Path) -> None:
    path.write_text("#\n#\n# Linux/arm64 6.12.0 Kernel Configuration\n#\nCONFIG_SMP=y\n")


def no_config(path: Path) -> None:
    path.write_text("int main(void)\n{\n}\n")


def unreadable_bytes(path: Path) -> None:
    path.write_bytes(b"\xff\xfe" * 300)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (missing, "bad.config: no such configuration file"),
        (directory, "bad.config: a configuration file is needed, this is a directory"),
        (binary, "bad.config: binary data, no kernel .config"),
        (truncated, "bad.config: the compressed file is damaged or truncated"),
        (of_arm64_by_header, "bad.config: a configuration of architecture arm64, not x86"),
        (no_config, "bad.config:1: not a kernel .config"),
        (unreadable_bytes, "bad.config:1: not a kernel .config"),
    ],
)
def test_a_configuration_that_is_none(
    spoil: Callable[[Path], None],
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    config = tmp_path / "bad.config"
    spoil(config)
    assert resolve(FIXTURES / "minikernel", config, tmp_path / "out") == ExitStatus.BAD_INPUT
    one_line_about(message, capsys)
    assert not (tmp_path / "out").exists()


def test_a_tree_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert resolve(tmp_path / "none", PLAIN, tmp_path / "out") == ExitStatus.BAD_INPUT
    one_line_about("none: no such directory", capsys)
    (tmp_path / "empty").mkdir()
    assert resolve(tmp_path / "empty", PLAIN, tmp_path / "out") == ExitStatus.BAD_INPUT
    one_line_about("empty: not a kernel source tree", capsys)
    assert resolve(PLAIN, PLAIN, tmp_path / "out") == ExitStatus.BAD_INPUT
    one_line_about("plain.config: not a directory", capsys)


def test_a_kconfig_syntax_error(
    tree: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (tree / "mm" / "Kconfig").open("a") as stream:
        stream.write("config BROKEN\n\tdepends upon luck\n")
    line = (tree / "mm" / "Kconfig").read_text().count("\n")
    assert resolve(tree, PLAIN, tmp_path / "out") == ExitStatus.BAD_INPUT
    one_line_about(f"mm/Kconfig:{line}: ", capsys)


def test_an_output_that_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    target = tmp_path / "file" / "below.config"
    assert resolve(FIXTURES / "minikernel", PLAIN, target) == ExitStatus.BAD_INPUT
    one_line_about("cannot be written", capsys)


def one_line_about(message: str, capsys: pytest.CaptureFixture[str]) -> None:
    shown = capsys.readouterr()
    assert shown.out == ""
    assert re.fullmatch(r"kimpact: error: [^\n]+\n", shown.err)
    assert message in shown.err
