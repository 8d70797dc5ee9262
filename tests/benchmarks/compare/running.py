"""Commands run one after the other, niced, their seconds and output added up."""

from __future__ import annotations

import os
import resource
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path


class Failed(Exception):
    """A tool's command did not end with status 0; the message has the end of what it said."""


@dataclass(slots=True)
class Meter:
    """Processor and wall seconds of the commands run with it."""

    processor: float = 0.0
    wall: float = 0.0
    commands: int = 0
    accepted: frozenset[int] = field(default=frozenset({0}))

    def run(self, command: Sequence[str], folder: Path, text: str = "") -> str:
        """Run a command in ``folder`` and give its standard output and error, in this order."""
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        done = subprocess.run(
            ["nice", "-n", "10", *command],
            cwd=folder,
            input=text,
            capture_output=True,
            text=True,
            errors="replace",
            env={**os.environ, "LANG": "C.UTF-8"},
            check=False,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.wall += time.monotonic() - started
        self.processor += after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        self.commands += 1
        if done.returncode not in self.accepted:
            said = (done.stderr or done.stdout).strip()[-400:]
            raise Failed(f"{' '.join(command[:4])}: status {done.returncode}: {said}")
        return done.stdout + done.stderr


def megabytes(folder: Path) -> float:
    """What the files below a folder take, in 10**6 bytes."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
