"""Measuring one command: wall time, processor time and memory.

Memory is the *proportional* set size of the command and everything it starts, summed at
one moment and sampled throughout (``/proc/PID/smaps_rollup``, see proc(5)): pages that
worker processes share count once. ``peak_rss`` is the kernel's own high-water mark of the
largest single process (``VmHWM`` in ``/proc/PID/status``), as last seen before it ended.
getrusage(2) would not do: its mark includes the process that started the command.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SAMPLE_SECONDS = 0.05


class CommandFailed(Exception):
    """The measured command did not end with status 0."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took: seconds, and megabytes (10**6 bytes)."""

    wall: float
    processor: float
    peak_rss: float
    peak_total: float


@dataclass(frozen=True, slots=True)
class Summary:
    """Several runs of the same: the medians, and the spread of the wall time."""

    runs: int
    wall: float
    wall_min: float
    wall_max: float
    processor: float
    memory: float
    """The highest of all runs, the larger of both ways to see it."""


def summarise(costs: Sequence[Cost]) -> Summary:
    """Medians over ``costs``, of which there must be one at least."""
    walls = [cost.wall for cost in costs]
    return Summary(
        runs=len(costs),
        wall=statistics.median(walls),
        wall_min=min(walls),
        wall_max=max(walls),
        processor=statistics.median(cost.processor for cost in costs),
        memory=max(max(cost.peak_rss, cost.peak_total) for cost in costs),
    )


def run(command: Sequence[str], environment: Mapping[str, str], output: Path) -> Cost:
    """Run ``command`` once, its standard output into ``output``.

    Raises :class:`CommandFailed` with the end of what it said.
    """
    errors = output.with_name(output.name + ".stderr")
    with output.open("wb") as out, errors.open("wb") as err:
        started = time.monotonic()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env={**os.environ, **environment},
            start_new_session=True,
        )
        watch = _Watch(process.pid)
        watch.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        watch.stop()
    if process.returncode != 0:
        said = errors.read_text(errors="replace").strip()[-1000:]
        raise CommandFailed(f"{' '.join(command[:4])} …: status {process.returncode}: {said}")
    return Cost(
        wall=wall,
        processor=usage.ru_utime + usage.ru_stime,
        peak_rss=watch.largest / 1e6,
        peak_total=watch.peak / 1e6,
    )


class _Watch(threading.Thread):
    """Samples the memory of a process, and of all that it has started, until stopped."""

    def __init__(self, leader: int) -> None:
        """``leader`` has begun a session of its own."""
        super().__init__(daemon=True)
        self.peak = 0
        self.largest = 0
        self._leader = leader
        self._done = threading.Event()

    def run(self) -> None:
        while not self._done.wait(SAMPLE_SECONDS):
            members = _members(self._leader)
            total = sum(_bytes(pid, "smaps_rollup", "Pss:") for pid in members)
            self.peak = max(self.peak, total)
            marks = [_bytes(pid, "status", "VmHWM:") for pid in members]
            self.largest = max(self.largest, *marks, 0)

    def stop(self) -> None:
        self._done.set()
        self.join()


def _members(leader: int) -> list[int]:
    """The processes of its session, and their descendants in whatever session."""
    members: list[int] = []
    children: dict[int, list[int]] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdecimal():
            try:
                fields = Path(entry.path, "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it ended meanwhile
                continue
            pid = int(entry.name)
            if int(fields[3]) == leader:
                members.append(pid)
            else:
                children.setdefault(int(fields[1]), []).append(pid)
    for pid in members:  # grows meanwhile
        members += children.get(pid, ())
    return members


def _bytes(pid: int, file: str, field: str) -> int:
    """A field given in kB in one of a process's files; 0 if the process ended meanwhile."""
    try:
        text = Path(f"/proc/{pid}/{file}").read_text()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith(field))
