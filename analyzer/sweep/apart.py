"""Having a task answered by another process: what happens to that one costs this task only."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import Any

from analyzer.sweep.plan import Task

TASK = (sys.executable, "-P", "-m", "analyzer.sweep.task")
"""-P: the working directory may be an untrusted tree; no module is taken from there."""


class Status(Enum):
    """How a task has ended."""

    DONE = "done"
    REFUSED = "refused"
    """The input cannot be used, the patch does not apply; asked again, it would be again."""
    FAILED = "failed"
    """The process ended without an answer; asked again, there may be one."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """``document`` where it is done, ``error`` (one line) otherwise; ``seconds`` it took."""

    status: Status
    seconds: float
    document: dict[str, Any] | None = None
    error: str | None = None


class Running:
    """The processes at work, so that all of them can be ended from another thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._groups: set[int] = set()
        self.stopped = False

    def begin(self, group: int) -> None:
        with self._lock:
            self._groups.add(group)
            if self.stopped:
                _kill(group)

    def end(self, group: int) -> None:
        """Wait for a process, and end those that it has started: they would keep its output open.

        It is left to be waited for once more, so that until then its number is its own.
        """
        os.waitid(os.P_PID, group, os.WEXITED | os.WNOWAIT)
        with self._lock:
            self._groups.discard(group)
            _kill(group)

    def stop(self) -> None:
        """End all of them, and those that begin after this."""
        with self._lock:
            self.stopped = True
            for group in self._groups:
                _kill(group)


def run_apart(task: Task, command: Sequence[str] = TASK, running: Running | None = None) -> Outcome:
    """Have ``task`` answered; a process that is lost is an outcome, too."""
    running = running or Running()
    started = time.monotonic()
    request = pickle.dumps(task.request)
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    running.begin(process.pid)
    watch = threading.Thread(target=running.end, args=(process.pid,), daemon=True)
    watch.start()
    with suppress(BrokenPipeError):
        process.stdin.write(b"%d\n" % len(request) + request)
        process.stdin.flush()
    said = process.stdout.read()
    watch.join()
    status = process.wait()
    process.stdout.close()
    with suppress(BrokenPipeError):
        process.stdin.close()
    seconds = round(time.monotonic() - started, 3)
    if status != 0 or not said.endswith(b"\n"):
        return Outcome(Status.FAILED, seconds, error=f"its process ended with status {status}")
    message = json.loads(said)
    if "error" in message:
        return Outcome(Status.REFUSED, seconds, error=message["error"])
    return Outcome(Status.DONE, seconds, message["document"])


def _kill(group: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
