"""One task, answered in a process of its own: ``python -P -m analyzer.sweep.task``.

Standard input holds one line with the length of the pickled request, and the request, and stays
open: when it ends before the answer, whoever has asked is gone, and so is this process. Standard
output gets one JSON object, ``{"document": …}`` or ``{"error": TEXT}``.
"""

from __future__ import annotations

import gc
import json
import os
import pickle
import signal
import sys
import threading
from typing import BinaryIO

from analyzer.answering import answer
from analyzer.errors import BadInput
from analyzer.progress import Silent
from analyzer.report.visible import one_line


def serve_one(source: BinaryIO, target: BinaryIO) -> None:
    """Read a request, and answer it."""
    request = pickle.loads(source.read(int(source.readline())))
    threading.Thread(target=_end_with, args=(source.fileno(),), daemon=True).start()
    message: dict[str, object]
    try:
        message = {"document": answer(request, Silent()).document}
    except BadInput as error:
        message = {"error": one_line(str(error))}
    target.write(json.dumps(message).encode() + b"\n")
    target.flush()


def _end_with(source: int) -> None:
    """End this process and all that it has started when nothing can come any more."""
    while os.read(source, 1 << 10):
        continue
    os.killpg(os.getpgid(0), signal.SIGKILL)


if __name__ == "__main__":
    # As in the command itself: what an analysis makes lives to its end.
    gc.disable()
    serve_one(sys.stdin.buffer, sys.stdout.buffer)
    # Not through the interpreter's end: the thread still reads.
    os._exit(0)
