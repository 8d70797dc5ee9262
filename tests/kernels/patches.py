"""Patches that nobody here wrote: those that a distribution carries for its kernels.

They lie in the folder that ``KIMPACT_PATCHES`` names, or in ``patches`` beside the kernel
trees: any number of ``*.patch``, in folders of their own. A folder with ``series`` is one
of quilt's, which says in which order its patches apply.

``make patches`` (``python -m kernels.patches``) fetches those of the distribution's ``linux``
source packages: of each release (6.12) the newest version that the archive still has.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from kernels.apt import (
    AptFailed,
    Archive,
    available,
    entries_of_suite,
    machine_entries,
    release_codename,
)
from kernels.trees import cache_folder

HOW_TO_GET_THEM = "no patches: run `make patches` or set KIMPACT_PATCHES=DIR"
SUITES = ("stable", "unstable")
"""Asked besides the running release."""
FOLDERS = {"debian/patches": "debian", "debian/patches-rt": "rt"}
"""The series of a package, and the folder of its version that each is put into. The second,
for real-time kernels, lies on top of the first."""


def patches_folder() -> Path:
    """Where patches are looked for, whether it exists or not."""
    named = os.environ.get("KIMPACT_PATCHES")
    return Path(named).expanduser() if named else cache_folder() / "patches"


def all_patches(folder: Path) -> tuple[Path, ...]:
    """Every patch below ``folder``, sorted."""
    return tuple(sorted(folder.rglob("*.patch")))


def quilt_series(folder: Path) -> tuple[tuple[Path, ...], ...]:
    """The patches of every ``series`` file below ``folder``, in their order."""
    return tuple(series_of(path) for path in sorted(folder.rglob("series")) if path.is_file())


def series_of(series: Path) -> tuple[Path, ...]:
    """The patches that a ``series`` file names."""
    lines = [line.partition("#")[0].split() for line in series.read_text().splitlines()]
    return tuple(series.parent / words[0] for words in lines if words)


def fetch(folder: Path) -> int:
    """Put the patches of all ``linux`` packages that there are into ``folder``; how many."""
    codename = release_codename()
    machine = machine_entries()
    entries = [
        entry.for_sources()
        for suite in (codename, *SUITES)
        for entry in entries_of_suite(machine, suite, codename)
    ]
    with tempfile.TemporaryDirectory(prefix="kimpact-apt-") as temporary:
        scratch = Path(temporary)
        archive = Archive(scratch / "apt", entries)
        archive.update()
        for versions in newest_first(archive.source_versions("linux")):
            for version in versions:
                if (folder / version).exists() or _fetch_one(archive, version, scratch, folder):
                    break
    return len(all_patches(folder))


def newest_first(versions: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """The versions of a package by release (``6.12``), in each the newest first."""
    found: dict[tuple[int, ...], list[tuple[tuple[int, ...], str]]] = {}
    for version in versions:
        numbers = tuple(int(number) for number in re.findall(r"\d+", version))
        found.setdefault(numbers[:2], []).append((numbers, version))
    return tuple(
        tuple(version for _, version in sorted(found[release], reverse=True))
        for release in sorted(found)
    )


def _fetch_one(archive: Archive, version: str, scratch: Path, folder: Path) -> bool:
    downloads = scratch / version
    downloads.mkdir()
    try:
        packed = archive.download_packaging("linux", version, downloads)
    except AptFailed as error:
        print(f"  linux {version}: {error}")
        return False
    listing = ["tar", "-t", "-f", str(packed)]
    members = subprocess.run(listing, check=True, capture_output=True, text=True).stdout.split("\n")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".unpack-") as unpacked:
        ready = Path(unpacked) / version
        for name, part in FOLDERS.items():
            if f"{name}/series" in members:
                into = ready / part
                into.mkdir(parents=True)
                tar = ["tar", "-x", "-f", str(packed), "--strip-components=2", "-C", str(into)]
                subprocess.run([*tar, name], check=True)
        ready.rename(folder / version)
    print(f"  linux {version}: {len(all_patches(folder / version))} patches")
    return True


def main() -> int:
    """Entry point; 0 also where there is no apt, since tests then skip and say so.

    Where there are patches already, nothing is asked of the archive.
    """
    folder = patches_folder()
    if there := all_patches(folder):
        print(f"{len(there)} patches: already in {folder}")
        return 0
    if not available():
        print(f"no apt here: put patches into {folder} by hand; their tests are skipped")
        return 0
    try:
        count = fetch(folder)
    except (AptFailed, subprocess.CalledProcessError, OSError) as error:
        print(f"make patches: {error}", file=sys.stderr)
        return 1
    print(f"{count} patches in {folder}")
    return 0 if count else 1


if __name__ == "__main__":
    sys.exit(main())
