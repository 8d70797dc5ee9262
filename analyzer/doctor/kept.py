"""The cache folder: where it is, whether it can be written, what lies in it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from analyzer.doctor.result import Finding, Health

_OWN = ("kernels", "oracle")
"""Folders beside the kept answers that are no part of the cache."""
_MEBI = 1 << 20


def cache(environment: Mapping[str, str]) -> Iterator[Finding]:
    """The cache of this user, ``$XDG_CACHE_HOME/kimpact`` or below ``~/.cache``."""
    area = "cache"
    base = environment.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    folder = Path(base) / "kimpact"
    if problem := _problem(folder):
        advice = "answers are not kept: set XDG_CACHE_HOME to a folder that can be written"
        yield Finding(area, "folder", Health.BROKEN, f"{folder}: {problem}", advice)
        return
    yield Finding(area, "folder", Health.GOOD, str(folder))
    number, size = _contents(folder)
    count = "1 entry" if number == 1 else f"{number} entries"
    text = f"{count}, {size / _MEBI:.1f} MiB" if number else "empty"
    yield Finding(area, "contents", Health.GOOD, text)


def _problem(folder: Path) -> str | None:
    """Why ``folder``, or the one in which it would be made, cannot be written."""
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    if not there.is_dir():
        return f"{there} is no folder"
    return None if os.access(there, os.W_OK | os.X_OK) else f"{there} cannot be written"


def _contents(folder: Path) -> tuple[int, int]:
    number = size = 0
    for place, folders, files in os.walk(folder):
        if Path(place) == folder:
            folders[:] = [name for name in folders if name not in _OWN]
        for name in files:
            try:
                size += os.stat(os.path.join(place, name), follow_symlinks=False).st_size
            except FileNotFoundError:
                # Another run has dropped it meanwhile.
                continue
            number += 1
    return number, size
