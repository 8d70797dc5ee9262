"""The results of a sweep: a file of JSON objects, one a line, that a later run continues."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from analyzer.errors import BadInput
from analyzer.sweep.apart import Outcome, Status
from analyzer.sweep.plan import Task

SCHEMA = "kimpact/sweep/1"


class ResultFile:
    """Results as they come. What an earlier run has left unfinished is taken away on opening:
    a line that was not written to its end, and tasks that failed, which are tried again."""

    def __init__(self, path: Path) -> None:
        """Raises :class:`BadInput` for a file that holds something else or cannot be used."""
        self._path = path
        self.finished: set[str] = set()
        """Keys of the tasks that need not be asked again."""
        try:
            if path.exists():
                self._take_up()
            self._stream = path.open("ab")
        except OSError as error:
            raise BadInput(f"cannot be used: {error.strerror}", str(path)) from None

    def _take_up(self) -> None:
        with self._path.open("rb") as stream:
            dropped = {
                number for number, line in enumerate(stream, 1) if not self._keep(line, number)
            }
        if not dropped:
            return
        beside = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        try:
            with self._path.open("rb") as stream, beside.open("wb") as kept:
                for number, line in enumerate(stream, 1):
                    if number not in dropped:
                        kept.write(line)
            beside.replace(self._path)
        finally:
            beside.unlink(missing_ok=True)

    def _keep(self, line: bytes, number: int) -> bool:
        if not line.endswith(b"\n"):
            return False
        try:
            entry = json.loads(line)
            if not isinstance(entry, Mapping) or entry["schema"] != SCHEMA:
                raise ValueError
            if entry["status"] == Status.FAILED.value:
                return False
            self.finished.add(str(entry["task"]))
        except (ValueError, KeyError):
            message = "no results of a sweep: name another file"
            raise BadInput(message, str(self._path), number) from None
        return True

    def add(self, task: Task, outcome: Outcome) -> None:
        """Write one result, at once."""
        entry = {
            "schema": SCHEMA,
            "task": task.key,
            "kernel": task.kernel,
            "patch": task.patch,
            "function": task.function,
            "status": outcome.status.value,
            "seconds": outcome.seconds,
            "error": outcome.error,
            "document": outcome.document,
        }
        self._stream.write(json.dumps(entry).encode() + b"\n")
        self._stream.flush()

    def close(self) -> None:
        self._stream.close()
