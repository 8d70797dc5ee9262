"""Patches that nobody here wrote: those that a distribution carries for its kernels.

They lie in the folder that ``KIMPACT_PATCHES`` names, or in ``patches`` beside the kernel
trees: any number of ``*.patch``, in folders of their own. A folder with ``series`` is one
of quilt's, which says in which order its patches apply.
"""

from __future__ import annotations

import os
from pathlib import Path

from kernels.trees import cache_folder

HOW_TO_GET_THEM = "no patches: unpack debian/patches of linux, and set KIMPACT_PATCHES=DIR"


def patches_folder() -> Path:
    """Where patches are looked for, whether it exists or not."""
    named = os.environ.get("KIMPACT_PATCHES")
    return Path(named).expanduser() if named else cache_folder() / "patches"


def all_patches(folder: Path) -> tuple[Path, ...]:
    """Every patch below ``folder``, sorted."""
    return tuple(sorted(folder.rglob("*.patch")))


def quilt_series(folder: Path) -> tuple[tuple[Path, ...], ...]:
    """The patches of every ``series`` file below ``folder``, in their order."""
    found: list[tuple[Path, ...]] = []
    for series in sorted(folder.rglob("series")):
        if series.is_file():
            lines = [line.partition("#")[0].split() for line in series.read_text().splitlines()]
            found.append(tuple(series.parent / words[0] for words in lines if words))
    return tuple(found)
