"""What GCC takes to compile the units that the call-graph benchmark covers."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

FOLDERS = ("mm", "arch/x86/mm")


@dataclass(frozen=True, slots=True)
class Compilation:
    """The C sources that were compiled, the wall time, and the resolved configuration."""

    sources: tuple[str, ...]
    seconds: float
    dotconfig: Path


def compile_units(tree: Path, objects: Path, dotconfig: str, jobs: int) -> Compilation:
    """Compile ``mm/`` and ``arch/x86/mm/`` of ``tree`` in ``objects`` and time it.

    Kconfig and ``make prepare`` come first and do not count. Raises
    ``subprocess.CalledProcessError`` when the build fails.
    """
    objects.mkdir(parents=True)
    (objects / ".config").write_text(dotconfig)
    _make(tree, objects, jobs, "olddefconfig")
    _make(tree, objects, jobs, "prepare")
    started = time.monotonic()
    _make(tree, objects, jobs, *(f"{folder}/" for folder in FOLDERS))
    seconds = time.monotonic() - started
    sources: list[str] = []
    for folder in FOLDERS:
        for path in sorted((objects / folder).rglob("*.o")):
            source = path.relative_to(objects).with_suffix(".c")
            if (tree / source).is_file():
                sources.append(str(source))
    return Compilation(tuple(sources), seconds, objects / ".config")


def _make(tree: Path, objects: Path, jobs: int, *targets: str) -> None:
    command = ["make", "-C", str(tree), f"O={objects}", "ARCH=x86", f"-j{jobs}"]
    subprocess.run(
        [*command, "KCFLAGS=-Wno-error -g0", *targets],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "LANG": "C.UTF-8"},
        check=True,
    )
