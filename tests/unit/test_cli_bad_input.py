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


def explain(symbol: str, kernel: Path, *configs: Path) -> ExitStatus:
    arguments = ["explain", symbol, "--kernel", str(kernel), "--config", *map(str, configs)]
    return main([*arguments, "--no-cache"])


def test_a_symbol_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert explain("PARAVIRTS", FIXTURES / "minikernel", PLAIN) == ExitStatus.BAD_INPUT
    one_line_about("unknown symbol 'PARAVIRTS': no Kconfig file of Linux 6.12", capsys)
    assert explain("CONFIG_smp", FIXTURES / "minikernel", PLAIN) == ExitStatus.BAD_INPUT
    one_line_about("did you mean SMP?", capsys)


def test_explain_without_a_tree_or_a_configuration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explain("SMP", tmp_path / "none", PLAIN) == ExitStatus.BAD_INPUT
    one_line_about("none: no such directory", capsys)
    assert explain("SMP", FIXTURES / "minikernel", tmp_path) == ExitStatus.BAD_INPUT
    one_line_about("a configuration file is needed, this is a directory", capsys)
    arm = tmp_path / "arm.config"
    of_arm64_by_header(arm)
    assert explain("SMP", FIXTURES / "minikernel", PLAIN, arm) == ExitStatus.BAD_INPUT
    one_line_about("arm.config: a configuration of architecture arm64, not x86", capsys)


def test_configs_of_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["configs", str(tmp_path)]) == ExitStatus.BAD_INPUT
    one_line_about("no configuration in this folder", capsys)
    assert main(["configs", str(tmp_path / "none")]) == ExitStatus.BAD_INPUT
    one_line_about("none: no such configuration file", capsys)
    assert main(["configs", str(PLAIN), "--for", "free_pte"]) == ExitStatus.BAD_INPUT
    one_line_about("--for needs --kernel", capsys)
    kernel = ["--kernel", str(FIXTURES / "minikernel")]
    unknown = ["configs", str(PLAIN), "--for", "free_nothing", *kernel, "--no-cache"]
    assert main(unknown) == ExitStatus.BAD_INPUT
    one_line_about("unknown function 'free_nothing'", capsys)


def paths(kernel: Path, function: str, config: str = "reclaim") -> ExitStatus:
    chosen = FIXTURES / "configs" / f"{config}.config"
    arguments = ["paths", function, "--kernel", str(kernel), "--config", str(chosen)]
    return main([*arguments, "--no-cache", "--jobs", "1"])


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("free_pte_rang", "unknown function 'free_pte_rang'; did you mean free_pte_range"),
        ("mm/memory.c:nothing_like_it", "unknown function 'nothing_like_it' in mm/memory.c"),
        ("free()", "not a function name: 'free()'"),
    ],
)
def test_a_function_that_is_none(
    function: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert paths(FIXTURES / "minikernel", function) == ExitStatus.BAD_INPUT
    one_line_about(message, capsys)


def test_an_unknown_platform_even_where_no_slot_is_called(
    capsys: pytest.CaptureFixture[str],
) -> None:
    kernel = ["--kernel", str(FIXTURES / "minikernel"), "--config", str(PLAIN)]
    arguments = ["paths", "say_hello", *kernel, "--no-cache", "--platform", "kvn"]
    assert main(arguments) == ExitStatus.BAD_INPUT
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == "kimpact: error: unknown platform 'kvn' (known: native, moonbase)\n"


def test_an_ambiguous_function(capsys: pytest.CaptureFixture[str]) -> None:
    assert paths(FIXTURES / "minikernel", "free_pte") == ExitStatus.BAD_INPUT
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("kimpact: error: 'free_pte' is ambiguous: ")
    assert "arch/x86/mm/ident_map.c:6 (arch/x86/mm/ident_map.o)" in shown.err
    assert "mm/pt_reclaim.c:8 (mm/pt_reclaim.o)" in shown.err
    assert shown.err.endswith("; name one as FILE:free_pte\n")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda text: text + "#ifdef OPEN\n", "mm/memory.c:63: "),
        (lambda text: "#endif\n" + text, "mm/memory.c:1: "),
        (lambda text: '#include "memory.c"\n' + text, "mm/memory.c:1: #include nested"),
    ],
    ids=["unterminated", "endif-without-if", "includes-itself"],
)
def test_a_source_that_cannot_be_read(
    spoil: Callable[[str], str],
    message: str,
    tree: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tree / "mm" / "memory.c"
    file.write_text(spoil(file.read_text()))
    assert paths(tree, "mm/memory.c:free_pte_range") == ExitStatus.BAD_INPUT
    one_line_about(message, capsys)


def one_line_about(message: str, capsys: pytest.CaptureFixture[str]) -> None:
    shown = capsys.readouterr()
    assert shown.out == ""
    assert re.fullmatch(r"kimpact: error: [^\n]+\n", shown.err)
    assert message in shown.err


def test_a_knowledge_file_that_is_malformed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('schema = "kimpact/knowledge/1"\n[[callback]]\nnames = "f"\n')
    arguments = ["paths", "f", "--kernel", str(FIXTURES / "minikernel"), "--config", str(PLAIN)]
    assert main([*arguments, "--knowledge", str(path)]) == ExitStatus.BAD_INPUT
    one_line_about(
        "mine.toml: [[callback]] entry 1, key 'names': expected a list of texts, got 'f'", capsys
    )
    missing_file = str(tmp_path / "none.toml")
    assert main([*arguments, "--knowledge", missing_file]) == ExitStatus.BAD_INPUT
    one_line_about("none.toml: cannot be read: No such file or directory", capsys)
