"""One tool call, answered in a process of its own: ``python -P -m analyzer.mcp.task``.

Standard input holds one line with the length of the pickled request, the request, and then the
text that the request reads itself (a patch). Standard output gets one JSON object a line:
``{"stage": TEXT}`` while the analysis goes on, and at the end ``{"document": …, "text": …}``
or ``{"error": TEXT}``. What it reads comes from the server that has started it.
"""

from __future__ import annotations

import gc
import json
import os
import pickle
import sys
import time
import traceback
from typing import BinaryIO

from analyzer.answering import answer
from analyzer.errors import BadInput, CoverLetterOnly
from analyzer.report.visible import one_line

INTERVAL = 0.25
"""Seconds between two messages on progress."""


class LineProgress:
    """Tells the server where the analysis is, a few times a second at most."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._stage = ""
        self._told = 0.0

    def stage(self, name: str) -> None:
        self._stage = one_line(name)
        self._tell(self._stage)

    def advance(self, done: int, total: int | None = None) -> None:
        if time.monotonic() - self._told >= INTERVAL:
            self._tell(f"{self._stage} {done}" + ("" if total is None else f"/{total}"))

    def _tell(self, text: str) -> None:
        self._told = time.monotonic()
        _say(self._stream, {"stage": text})


def serve_one(source: BinaryIO, target: BinaryIO) -> None:
    """Read a request from ``source`` and write its answer, or one line on why there is none."""
    request = pickle.loads(source.read(int(source.readline())))
    try:
        found = answer(request, LineProgress(target))
    except CoverLetterOnly as error:
        _say(target, {"error": f"{error}: there is no patch to look at"})
    except BadInput as error:
        _say(target, {"error": one_line(str(error))})
    except Exception as error:  # noqa: BLE001 (the last line of defence, and it reports)
        if os.environ.get("KIMPACT_DEBUG") == "1":
            traceback.print_exc()
        _say(target, {"error": f"internal error: {type(error).__name__}: {one_line(str(error))}"})
    else:
        _say(target, {"document": found.document, "text": found.text})


def _say(stream: BinaryIO, message: dict[str, object]) -> None:
    stream.write(json.dumps(message).encode() + b"\n")
    stream.flush()


if __name__ == "__main__":
    # As in the command itself: what an analysis makes lives to its end.
    gc.disable()
    serve_one(sys.stdin.buffer, sys.stdout.buffer)
