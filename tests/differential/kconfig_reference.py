"""The kernel's own resolver as a reference: ``scripts/kconfig/conf``, with recorded answers.

``conf`` is built from a tree's sources into a folder that is kept between runs. It is
started as the kernel's Makefile starts it, except that its shell commands are answered from
a toolchain profile (``kconfig_answers.c``), the same that kimpact is given.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from analyzer.kconfig.load import kconfig_environment
from analyzer.kconfig.toolchain import Toolchain
from analyzer.tree.source_tree import DirectoryTree
from kernels.locking import exclusive

SOURCES = ("conf.c", "confdata.c", "expr.c", "menu.c", "preprocess.c", "symbol.c", "util.c")
SHIM = Path(__file__).with_name("kconfig_answers.c")


@dataclass(frozen=True)
class Case:
    """One run of ``conf``: its mode, the ``.config`` handed in, ``KCONFIG_`` variables."""

    name: str
    mode: str
    text: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    arch: str = "x86"


@dataclass(frozen=True)
class ReferenceConf:
    """A built ``conf`` for one tree and toolchain profile."""

    tree: Path
    program: Path
    shim: Path
    answers: Path
    toolchain: Toolchain

    def run(self, case: Case, folder: Path) -> str:
        """The ``.config`` that ``conf`` writes, working in the empty ``folder``."""
        (folder / "include" / "config").mkdir(parents=True)
        (folder / "include" / "config" / "auto.conf").touch()  # else conf writes one file a symbol
        config = folder / ".config"
        if case.text is not None:
            config.write_bytes(case.text.encode("utf-8", "surrogateescape"))
        exported = kconfig_environment(DirectoryTree(self.tree), case.arch, self.toolchain)
        environment = {
            **exported,
            **case.variables,
            "srctree": str(self.tree),
            "KCONFIG_CONFIG": str(config),
            "KCONFIG_ANSWERS": str(self.answers),
            "LD_PRELOAD": str(self.shim),
            "PATH": os.environ["PATH"],
            "LC_ALL": "C",
        }
        command = [str(self.program), "-s", f"--{case.mode}", "Kconfig"]
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{case.name}: {done.stderr[-2000:]}"
        text = config.read_bytes().decode("utf-8", "surrogateescape")
        shutil.rmtree(folder)
        return text


def build_reference(tree: Path, folder: Path, toolchain: Toolchain) -> ReferenceConf:
    """Build ``conf`` and the shim in ``folder`` unless they are there, and write the answers."""
    program, shim = folder / "conf", folder / "answers.so"
    answers = folder / f"answers.{toolchain.name}"
    with exclusive(folder):
        _build(tree / "scripts" / "kconfig", program, shim)
        pairs = (
            f"{command}\0{output}\0".replace("$(srctree)", str(tree))
            for command, output in toolchain.answers.items()
        )
        complete = answers.with_suffix(".new")
        complete.write_text("".join(pairs), encoding="utf-8")
        complete.rename(answers)
    return ReferenceConf(tree, program, shim, answers, toolchain)


def _build(source: Path, program: Path, shim: Path) -> None:
    folder = program.parent
    if not shim.is_file():
        call(["gcc", "-shared", "-fPIC", "-O1", "-o", str(shim), str(SHIM)], folder)
    if not program.is_file():
        call(["bison", "-o", "parser.tab.c", "--defines=parser.tab.h", "-t", "-l",
              str(source / "parser.y")], folder)  # fmt: skip
        call(["flex", "-o", "lexer.lex.c", "-L", str(source / "lexer.l")], folder)
        files = [str(source / name) for name in SOURCES]
        include = [f"-I{folder}", f"-I{source}", f"-I{source.parent / 'include'}"]
        call(["gcc", "-O2", "-w", *include, "-o", "conf.new", *files, "parser.tab.c",
              "lexer.lex.c"], folder)  # fmt: skip
        (folder / "conf.new").rename(program)


def call(command: Sequence[str], folder: Path) -> None:
    """Run a step of the build; it must succeed."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
