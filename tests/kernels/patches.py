"""Patches that nobody here wrote: those that a distribution carries for its kernels.

They lie in the folder that ``KIMPACT_PATCHES`` names, or in ``patches`` beside the kernel
trees: any number of ``*.patch``, in folders of their own. A folder with ``series`` is one
of quilt's, which says in which order its patches apply.

``make patches`` (``python -m kernels.patches``) fetches those of the distribution's ``linux``
source packages, as far as the archive still has them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
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
        for version in archive.source_versions("linux"):
            place = folder / version
            if not place.exists():
                _fetch_one(archive, version, scratch, place)
    return len(all_patches(folder))


def _fetch_one(archive: Archive, version: str, scratch: Path, place: Path) -> None:
    downloads = scratch / version
    downloads.mkdir()
    try:
        packed = archive.download_packaging("linux", version, downloads)
    except AptFailed as error:
        print(f"  linux {version}: {error}")
        return
    place.mkdir(parents=True)
    tar = ["tar", "-x", "-f", str(packed), "--strip-components=2", "-C", str(place)]
    subprocess.run([*tar, "debian/patches"], check=True)
    print(f"  linux {version}: {len(all_patches(place))} patches")


def main() -> int:
    """Entry point; 0 also where there is no apt, since tests then skip and say so."""
    folder = patches_folder()
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
