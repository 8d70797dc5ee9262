"""Every command line of the documentation: run, or listed here with the reason why not.

Those that need only the miniature kernel always run; those on a real kernel if there is Linux
6.12, and if they take a few seconds at most. What is shown below a command is what it prints.
"""

from __future__ import annotations

import lzma
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from analyzer.cli.arguments import parser
from analyzer.cli.reference import manual
from analyzer.tree.source_tree import DirectoryTree
from analyzer.tree.version import kernel_version
from doc_commands import DocCommand, agrees, commands
from kernels.trees import HOW_TO_GET_ONE, KernelTree, wanted_trees

ROOT = Path(__file__).resolve().parents[2]
VERSION = "6.12"
CONFIG = "config.amd64_none_amd64.xz"

TOO_LONG = {
    "kimpact slots pv_ops.mmu.tlb_remove_table": "17 s; test_slots_kernel.py asks the same",
    "kimpact callers tlb_remove_table": "10 s; test_callers_kernel.py asks the same",
    "kimpact matrix mm/mmu_gather.c:tlb_remove_table": "10 s; test_space_kernel.py asks the like",
    "kimpact review ": "35 s; test_review_kernel.py reviews patches",
    "kimpact paths mm/memory.c:free_pte_range": "20 s; test_seed_kernel.py asks the same",
    "kimpact matrix mm/memory.c:free_pte_range": "15 s; test_space_kernel.py asks the like",
    "kimpact callgraph": "a minute; test_edges.py asks the like of some units",
}
"""Beginnings of command lines on a real kernel that take too long for a test, with the reason."""

ELSEWHERE = {
    "apt-get install linux-": "'make kernels' gets the same packages (tests/kernels)",
    "tar xf /usr/src/linux-": "'make kernels' unpacks the same (tests/kernels)",
    "cp /usr/src/linux-": "'make kernels' unpacks the same (tests/kernels)",
    "make ": "test_make_targets_exist",
    "pip install": "test_wheel.py installs into a fresh environment",
    "pipx ": "test_wheel.py runs the wheel by pipx",
    "git config b4.": "test_recipes.py",
    "git config kimpact.": "test_recipes.py",
    "cp docs/recipes/": "test_recipes.py",
    "PATCHWORK_TOKEN=": "test_recipes.py",
    ".venv/bin/python tests/": "needs the files of a full comparison; test_edges_match.py",
}
"""Beginnings of command lines that something else runs."""

SMALL = re.compile(r"fixtures/|^kimpact (?:demo|doctor|completions)\b(?!.*linux)")
COMMANDS = commands()
KIMPACT = [each for each in COMMANDS if each.text.removeprefix(".venv/bin/").startswith("kimpact")]


def begins(command: DocCommand, table: dict[str, str]) -> bool:
    return any(command.text.startswith(start) for start in table)


def real(command: DocCommand) -> bool:
    """Whether it asks about a real kernel (or prepares such a question), and may run."""
    return bool(re.search(r"\blinux", command.text)) and not begins(command, TOO_LONG)


LITTLE = [each for each in COMMANDS if SMALL.search(each.text) and not begins(each, ELSEWHERE)]
ON_KERNEL = [
    each for each in COMMANDS if each not in LITTLE and real(each) and not begins(each, ELSEWHERE)
]


def test_each_command_line_is_run_or_listed() -> None:
    left = [
        f"{each}: {each.text}"
        for each in COMMANDS
        if each not in LITTLE
        and each not in ON_KERNEL
        and not begins(each, ELSEWHERE)
        and not begins(each, TOO_LONG)
    ]
    assert left == []
    assert len(LITTLE) >= 2
    for table in (TOO_LONG, ELSEWHERE):
        unused = [start for start in table if not any(begins(c, {start: ""}) for c in COMMANDS)]
        assert unused == []


def test_make_targets_exist() -> None:
    rules = re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text())
    named = [each.text.split()[1] for each in COMMANDS if each.text.startswith("make ")]
    assert "demo" in named or named
    assert set(named) <= set(rules)


def words(text: str) -> list[str]:
    """The arguments of one ``kimpact``, without redirections."""
    return shlex.split(re.sub(r"\s[<>]\s*\S+", "", text))[1:]


@pytest.mark.parametrize("command", KIMPACT, ids=str)
def test_the_parser_takes_it(command: DocCommand) -> None:
    if "--help" not in command.text:
        parser().parse_args(words(command.text.removeprefix(".venv/bin/")))


EXAMPLES = [example for page in manual().commands for example in page.examples]


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_parser_takes_the_examples_of_the_help(example: str) -> None:
    assert parser().parse_args(words(example)).command == example.split()[1]


def run(command: DocCommand, folder: Path, release: str = "") -> None:
    """Run it in ``folder``; what is shown below it must be what it prints.

    Where the output shown is of another ``release`` of the kernel, it is not compared.
    """
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    ran = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", command.text],
        cwd=folder,
        env=environment | {"PYTHONIOENCODING": "utf-8", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        check=False,
    )
    # diff says with 1 that there are differences.
    assert ran.returncode == command.text.startswith("diff "), ran.stderr.decode()
    printed = ran.stdout.decode()
    other = re.search(rf"Linux (?!{re.escape(release)} )[0-9.]+ x86", "".join(command.output))
    if any(line.strip() for line in command.output) and not (release and other):
        assert agrees(command.output, printed), f"{command} prints:\n{printed}"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small")
    (folder / "fixtures").symlink_to(ROOT / "fixtures")
    (folder / "docs").symlink_to(ROOT / "docs")
    return folder


@pytest.mark.parametrize("command", LITTLE, ids=str)
def test_on_the_miniature_kernel(command: DocCommand, small: Path) -> None:
    run(command, small)


@pytest.fixture(scope="module")
def tree() -> KernelTree:
    for found in wanted_trees():
        if found.version == VERSION:
            return found
    pytest.skip(HOW_TO_GET_ONE)


@pytest.fixture(scope="module")
def desk(tree: KernelTree, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the tutorial makes one."""
    config = tree.config("none_amd64")
    assert config is not None
    folder = tmp_path_factory.mktemp("desk")
    for name in ("linux", f"linux-source-{VERSION}"):
        (folder / name).symlink_to(tree.path)
    (folder / f"linux-config-{VERSION}").symlink_to(config.parent)
    (folder / CONFIG).symlink_to(config)
    text = lzma.decompress(config.read_bytes())
    (folder / ".config").write_bytes(text)
    mine = text.replace(b"CONFIG_PARAVIRT=y\n", b"# CONFIG_PARAVIRT is not set\n")
    mine = re.sub(rb"CONFIG_NET_VENDOR_INTEL=y\n", b"# CONFIG_NET_VENDOR_INTEL is not set\n", mine)
    (folder / "my.config").write_bytes(mine)
    return folder


@pytest.mark.kernel
@pytest.mark.slow
@pytest.mark.parametrize("command", ON_KERNEL, ids=str)
def test_on_a_real_kernel(command: DocCommand, desk: Path, tree: KernelTree) -> None:
    run(command, desk, str(kernel_version(DirectoryTree(tree.path))))
