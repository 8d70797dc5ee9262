"""What the kernel's own makefiles would compile, from a dry run of ``make``.

``make -n`` prints the whole command of every object without running it. A makefile of
ours includes the tree's top Makefile and starts the directories of interest, so that
neither ``make prepare`` nor a linked kernel is needed; only the configuration is real.
"""

from __future__ import annotations

import os
import posixpath
import re
import shlex
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kernels.trees import KernelTree

DIRECTORIES = ("mm", "arch/x86", "kernel", "lib", "drivers/firmware/efi")
BOOT_IMAGE = "arch/x86/boot/bzImage"

_MADE_BEFORE = (
    "vmlinux",
    "vmlinux.unstripped",
    "arch/x86/boot/startup/lib.a",
    "arch/x86/tools/vdso2c",
    "drivers/firmware/efi/libstub/lib.a",
)
"""Files from elsewhere in a build that rules here need; they are only there, empty."""

_COMPILED = re.compile(r"\b[\w.-]*gcc (-Wp,-MMD\S* -nostdinc .*?) -c -o (\S+\.o) (\S+)")
_PATHS = re.compile(r"(-I|-include |-isystem |-iquote )(.+)")
_PAIRED = ("-include", "-isystem", "-iquote", "-I", "-D", "-U")
_COMPARED = re.compile(
    r"-(D|U|I|O|std=|ansi|f(?!macro-prefix-map|diagnostics)|m|nostdinc|pg$|isystem|iquote)"
)


@dataclass(frozen=True, slots=True)
class Command:
    """How make compiles one object: its source and the options that kimpact also keeps."""

    source: str
    options: tuple[str, ...]


def configure(kernel: KernelTree, folder: Path, name: str) -> Path:
    """Make the configuration ``name`` in ``folder`` and give its ``.config``.

    ``name`` is a target of the tree (``defconfig``), or part of the file name of one of
    the distribution's configurations, which ``olddefconfig`` then completes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    distributed = kernel.config(name)
    if distributed is None:
        _make(kernel, folder, name)
    else:
        text = subprocess.run(["xz", "-dc", str(distributed)], capture_output=True, check=True)
        (folder / ".config").write_bytes(text.stdout)
        _make(kernel, folder, "olddefconfig")
    _make(kernel, folder, "syncconfig")
    return folder / ".config"


def _make(kernel: KernelTree, folder: Path, target: str) -> None:
    command = ["make", "-s", "-C", str(kernel.path), f"O={folder}", "ARCH=x86", target]
    subprocess.run(command, check=True, capture_output=True, env=_environment())


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return {**kept, "LC_ALL": "C"}


def compiled(kernel: KernelTree, folder: Path) -> dict[str, Command]:
    """The objects that make would compile in :data:`DIRECTORIES`, by path."""
    for name in _MADE_BEFORE:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    lines = [
        f"include {kernel.path}/Makefile",
        "export KBUILD_MODULES := y",
        f"directories := {' '.join(DIRECTORIES)} $(patsubst %/,%,$(ARCH_LIB) $(ARCH_DRIVERS))",
        "reference:",
        "\t$(foreach d,$(sort $(directories)),"
        "$(MAKE) $(build)=$(d) need-builtin=1 need-modorder=1;)",
        f"\t$(MAKE) $(build)=arch/x86/boot {BOOT_IMAGE}",
    ]
    wrapper = folder / "reference.mk"
    wrapper.write_text("\n".join(lines) + "\n", encoding="utf-8")
    command = ["make", "-n", "-k", "-rR", "--no-print-directory", "-f", wrapper.name]
    done = subprocess.run(
        [*command, "ARCH=x86", "V=1", "reference"],
        cwd=folder,
        capture_output=True,
        check=False,
        env=_environment(),
    )
    text = done.stdout.decode("utf-8", "surrogateescape")
    return parse_commands(text.splitlines(), str(kernel.path))


def parse_commands(lines: Iterable[str], tree: str) -> dict[str, Command]:
    """The compiler commands in the output of ``make -n``; paths become tree-relative."""
    result: dict[str, Command] = {}
    for line in lines:
        for hit in _COMPILED.finditer(line):
            text = hit[1].replace("'\\''", "'")
            result.setdefault(
                posixpath.normpath(hit[2]),
                Command(_relative(hit[3], tree), options(shlex.split(text), tree)),
            )
    return result


def command_of(arguments: Sequence[str], tree: str) -> Command:
    """The command whose words are ``arguments``, the source its last one."""
    return Command(_relative(arguments[-1], tree), options(arguments[:-1], tree))


def options(arguments: Iterable[str], tree: str) -> tuple[str, ...]:
    """The options that matter, an option and its argument in one text."""
    result: list[str] = []
    listed = iter(arguments)
    for word in listed:
        if word in _PAIRED:
            separator = "" if word in ("-I", "-D", "-U") else " "
            word = word + separator + next(listed)
        elif not _COMPARED.match(word):
            continue
        if (hit := _PATHS.match(word)) is not None:
            word = hit[1] + _relative(hit[2], tree)
            if word.startswith("-I") and result and result[-1] == word:
                continue
        result.append(word.replace(tree, "."))
    return tuple(result)


def _relative(path: str, tree: str) -> str:
    path = posixpath.normpath(path)
    return "." if path == tree else path.removeprefix(tree + "/")
