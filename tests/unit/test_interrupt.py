"""Ctrl-C at any moment: exit status 130, one line, no process and no file left behind.

The moments are processor time that the process has used, so that a busy machine makes no
difference to what is interrupted.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from analyzer.cache.store import EntryStore

ROOT = Path(__file__).resolve().parents[2]
CONFIGS = [str(path) for path in sorted((ROOT / "fixtures" / "configs").iterdir())]
INPUTS = ["--kernel", str(ROOT / "fixtures" / "minikernel"), "--config", *CONFIGS]
PATCH = """\
From: A Developer <a@example.org>
Subject: [PATCH] mini: free twice

--- a/mm/mmu_gather.c
+++ b/mm/mmu_gather.c
@@ -1,1 +1,2 @@
{line}
+/* twice */
"""
COMMANDS = {
    "demo": ["demo"],
    "paths": ["paths", "table_free_one", *INPUTS],
    "review": ["review", "PATCH", *INPUTS],
    "callgraph": ["callgraph", "mm/", "--jobs", "2", *INPUTS],
}
MOMENTS = (0.0, 0.05, 0.15, 0.3, 0.5)
"""Seconds of processor time of the process itself."""
AT_WORK = 3
"""At the first of these moments every command is still at work."""
STARTED = """\
import os, sys
from analyzer.cli import main as module
real, said = module.main, int(sys.argv.pop(1))
module.main = lambda arguments: (os.write(said, b"."), real(arguments))[1]
module.entry_point()
"""
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended; ``reached``: it was still there when its moment came."""

    reached: bool
    status: int
    errors: str


class Place:
    """A folder for temporary files and a cache, and what runs there."""

    def __init__(self, folder: Path) -> None:
        self.temporary = folder / "tmp"
        self.temporary.mkdir()
        self.patch = folder / "a.patch"
        first = (ROOT / "fixtures/minikernel/mm/mmu_gather.c").read_text().splitlines()[0]
        self.patch.write_text(PATCH.format(line=f" {first}"))
        self.environment = {
            **os.environ,
            "TMPDIR": str(self.temporary),
            "XDG_CACHE_HOME": str(folder / "xdg"),
        }
        self.results = folder / "xdg" / "kimpact" / "results"

    def run(
        self, command: Sequence[str], moment: float, number: signal.Signals, *, group: bool
    ) -> Ended:
        """Run ``command`` and send it a signal at ``moment``, to its ``group`` or it alone."""
        given = [str(self.patch) if word == "PATCH" else word for word in command]
        reading, writing = os.pipe()
        process = subprocess.Popen(
            [sys.executable, "-c", STARTED, str(writing), *given],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment,
            pass_fds=(writing,),
            start_new_session=True,
            # Whoever runs the tests in the background has them ignore it, and with them this.
            preexec_fn=_mind_signals,  # noqa: PLW1509 (no threads here)
        )
        os.close(writing)
        try:
            assert os.read(reading, 1) == b"."
            begun = used(process.pid)
            while process.poll() is None and used(process.pid) < begun + moment:
                time.sleep(0.005)
            reached = process.poll() is None
            if reached:
                (os.killpg if group else os.kill)(process.pid, number)
            errors = process.communicate(timeout=120)[1]
        finally:
            os.close(reading)
            process.kill()
        assert not session(process.pid)
        return Ended(reached, process.returncode, errors)

    def assert_clean(self) -> None:
        """Nothing temporary is left, and whatever is in the cache is whole."""
        assert not list(self.temporary.iterdir())
        store = EntryStore(self.results, 1 << 20)
        found = store.contents()
        assert found.unfinished == found.foreign == 0
        if found.entries:
            assert all(store.get(path.name) is not None for path in self.results.iterdir())


def stat_of(process: int) -> list[str]:
    """The fields of ``/proc/PID/stat`` from the state on; empty once it is gone."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def used(process: int) -> float:
    fields = stat_of(process)
    return (int(fields[11]) + int(fields[12])) / TICKS if fields else 1e9


def _mind_signals() -> None:
    """Those that a shell, or nohup, has what it starts in the background ignore."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def session(leader: int) -> list[int]:
    """The processes of a session that have not ended."""
    numbers = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    fields = {number: stat_of(number) for number in numbers}
    return [n for n, each in fields.items() if each and int(each[3]) == leader and each[0] != "Z"]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.mark.parametrize("name", COMMANDS)
def test_ctrl_c_leaves_nothing_behind(name: str, place: Place) -> None:
    interrupted = (130, "kimpact: interrupted\n")
    for turn, moment in enumerate(MOMENTS):
        ended = place.run(COMMANDS[name], moment, signal.SIGINT, group=turn % 2 == 0)
        place.assert_clean()
        if turn < AT_WORK:
            assert (ended.status, ended.errors) == interrupted
        else:
            # The answer may be out already: while Python ends, it ignores the signal or dies of it.
            done = ((0, ""), (-signal.SIGINT, ""))
            assert (ended.status, ended.errors) in (interrupted, *done)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_who_is_ended_takes_its_processes_along(number: signal.Signals, place: Place) -> None:
    ended = place.run(COMMANDS["paths"], 0.3, number, group=False)
    place.assert_clean()
    assert ended.reached
    assert (ended.status, ended.errors) == (-number, "")
