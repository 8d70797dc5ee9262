"""Where kept answers lie, how much room they may take, and what to say where that fails."""

from __future__ import annotations

import mmap
import os
import re
from pathlib import Path

from analyzer.errors import BadInput

SIZE_VARIABLE = "KIMPACT_CACHE_SIZE"
DEFAULT_SIZE = 256 << 20
"""Bytes on disk that entries may take together, unless ``KIMPACT_CACHE_SIZE`` says another."""

_SIZE = re.compile(r"([0-9]{1,15})([KMG]?)", re.ASCII)
_UNITS = {"": 0, "K": 10, "M": 20, "G": 30}
_ROOM = 1024
"""Bytes for what went wrong."""


def user_folder() -> Path | None:
    """``kimpact/results`` below ``$XDG_CACHE_HOME`` or ``~/.cache``; None without a home.

    A relative ``XDG_CACHE_HOME`` counts as unset, as the XDG Base Directory Specification
    wants it: nothing is put into the folder that happens to be the current one.
    """
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):
        base = os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base) / "kimpact" / "results" if os.path.isabs(base) else None


def size_limit() -> int:
    """The bytes that entries may take, 0 for no cache.

    ``KIMPACT_CACHE_SIZE`` is a number of bytes, or one with K, M or G (powers of 1024). Raises
    :class:`BadInput` for any other text.
    """
    text = os.environ.get(SIZE_VARIABLE, "").strip()
    if not text:
        return DEFAULT_SIZE
    hit = _SIZE.fullmatch(text.upper())
    if hit is None:
        raise BadInput(f"{SIZE_VARIABLE}={text} is no size: bytes, or a number with K, M or G")
    return int(hit[1]) << _UNITS[hit[2]]


class CacheTrouble:
    """Why nothing could be kept: the first reason of a run, whichever process has met it.

    A process that is forked after this was made shares it.
    """

    __slots__ = ("_shared",)

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, _ROOM)

    def note(self, reason: str) -> None:
        """Remember ``reason`` unless there is one already."""
        if not self.reason:
            data = reason.encode("utf-8", "replace")[: _ROOM - 1]
            self._shared[: len(data)] = data

    @property
    def reason(self) -> str:
        """The first reason; empty if there is none."""
        return self._shared[:].rstrip(b"\0").decode("utf-8", "replace")
