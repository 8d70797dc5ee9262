"""Having a request answered by another process, which a cancelled call takes down with it."""

from __future__ import annotations

import json
import os
import pickle
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from subprocess import PIPE
from typing import Any

import anyio
from anyio.abc import ByteReceiveStream, Process

from analyzer.answering import ToolAnswer
from analyzer.errors import BadInput, InternalError
from analyzer.mcp.questions import Asked

AT_ONCE = 2
"""Analyses at the same time; further calls wait. Each uses up to two processors itself."""

TASK = (sys.executable, "-P", "-m", "analyzer.mcp.task")
"""The process that answers one call. -P: the working directory may be an untrusted tree; no
module is taken from there."""

Tell = Callable[[str], Awaitable[None]]
"""Told the stage that an analysis is in."""


class Calls:
    """The calls of one server."""

    def __init__(self, command: Sequence[str] = TASK) -> None:
        self._command = command
        self._free = anyio.Semaphore(AT_ONCE)

    async def answer(self, asked: Asked, tell: Tell) -> ToolAnswer:
        """The answer of a process started for it.

        Raises :class:`BadInput` with the line that it gives for what cannot be answered.
        """
        async with self._free, _started(self._command) as process:
            async with anyio.create_task_group() as group:
                group.start_soon(_end_with, process)
                found = await _talk(process, asked, tell)
                group.cancel_scope.cancel()
            status = process.returncode
        if isinstance(found, BadInput):
            raise found
        if found is None:
            raise InternalError(f"the process of an analysis ended with status {status}")
        return found


async def _talk(process: Process, asked: Asked, tell: Tell) -> ToolAnswer | BadInput | None:
    """What the process says to the question; None if it ends before it has answered."""
    assert process.stdin is not None
    assert process.stdout is not None
    request = pickle.dumps(asked.request)
    # A process that has failed early reads no patch.
    with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
        await process.stdin.send(b"%d\n" % len(request) + request)
        await process.stdin.send(asked.text.encode("utf-8", "replace"))
        await process.stdin.aclose()
    async for message in _messages(process.stdout):
        if "stage" in message:
            await tell(message["stage"])
        elif "error" in message:
            return BadInput(message["error"])
        else:
            return ToolAnswer(message["document"], message["text"])
    await process.wait()
    return None


async def _end_with(process: Process) -> None:
    """End what a process has started when it ends: it would keep the output open."""
    await process.wait()
    _kill(process)


@asynccontextmanager
async def _started(command: Sequence[str]) -> AsyncIterator[Process]:
    """A process in a session of its own, which is gone with all its children afterwards."""
    process = await anyio.open_process(
        command, stdin=PIPE, stdout=PIPE, stderr=None, start_new_session=True
    )
    try:
        yield process
    finally:
        _kill(process)
        with anyio.CancelScope(shield=True):
            await process.aclose()


def _kill(process: Process) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


async def _messages(stream: ByteReceiveStream) -> AsyncIterator[dict[str, Any]]:
    """The JSON objects of a stream, one a line."""
    pieces: list[bytes] = []
    async for data in stream:
        *ended, rest = data.split(b"\n")
        for line in ended:
            yield json.loads(b"".join([*pieces, line]))
            pieces.clear()
        pieces.append(rest)
