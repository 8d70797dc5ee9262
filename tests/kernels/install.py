"""``make kernels``: fetch distribution kernels and unpack them into the cache folder.

    python -m kernels [VERSION…]        with tests/ on the Python path

A VERSION is ``6.12`` or a major number such as ``7``, which stands for its newest release.
The running release's archive is asked first, then later suites of the same distribution.
Kernels that are already there are left alone; a tree appears under its name only when it
is complete.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from kernels.apt import (
    AptFailed,
    Archive,
    Entry,
    available,
    distribution_entries,
    entries_of_suite,
    machine_entries,
    release_codename,
)
from kernels.trees import find_trees, is_kernel_tree, kernels_folder

DEFAULT_WANTED = ("6.12", "7")
LATER_SUITES = ("stable", "testing", "unstable", "devel")
"""Tried in this order after the running release; an archive lacks some of them."""

LEFT_OUT = ("*/Documentation/*/*", "*/tools/testing/selftests")
"""Not unpacked; ``Documentation/Kconfig`` and its Makefile are part of a build."""

_SOURCE_PACKAGE = re.compile(r"^linux-source-(\d+)\.(\d+)(?:\.0)?$")

Say = Callable[[str], None]


def wanted_package(names: Sequence[str], version: str) -> str | None:
    """The newest package among ``names`` that ``version`` (``6.12`` or ``7``) asks for."""
    best: tuple[tuple[int, int], str] | None = None
    for name in names:
        hit = _SOURCE_PACKAGE.match(name)
        if hit is None:
            continue
        number = (int(hit[1]), int(hit[2]))
        fits = version in (str(number[0]), f"{number[0]}.{number[1]}")
        if fits and (best is None or number > best[0]):
            best = (number, name)
    return best[1] if best else None


def present(folder: Path, version: str) -> str | None:
    """The version of the tree in ``folder`` that satisfies ``version``, newest first."""
    for tree in reversed(find_trees(folder)):
        if version in (str(tree.major), tree.version):
            return tree.version
    return None


def unpack_source(package: Path, folder: Path, version: str) -> None:
    """Put the tree inside a ``linux-source`` package at ``folder/linux-source-version``."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".unpack-") as scratch:
        root = Path(scratch)
        subprocess.run(["dpkg-deb", "-x", str(package), str(root / "deb")], check=True)
        packed = sorted((root / "deb/usr/src").rglob("linux-source-*.tar.*"))
        if not packed:
            raise AptFailed(f"{package.name} holds no linux-source tarball")
        tree = root / "tree"
        tree.mkdir()
        exclude = [f"--exclude={pattern}" for pattern in LEFT_OUT]
        tar = ["tar", "-x", "-f", str(packed[0]), "--strip-components=1", "--wildcards"]
        subprocess.run([*tar, *exclude, "-C", str(tree)], check=True)
        if not is_kernel_tree(tree):
            raise AptFailed(f"{packed[0].name} holds no kernel tree")
        _publish(tree, folder / f"linux-source-{version}")


def unpack_configs(package: Path, folder: Path, version: str) -> int:
    """Put a ``linux-config`` package's files into ``folder/linux-config-version``."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".unpack-") as scratch:
        root = Path(scratch)
        subprocess.run(["dpkg-deb", "-x", str(package), str(root / "deb")], check=True)
        flat = root / "configs"
        flat.mkdir()
        for path in sorted((root / "deb/usr/src").rglob("config.*")):
            shutil.copyfile(path, flat / path.name)
        count = len(list(flat.iterdir()))
        if count:
            _publish(flat, folder / f"linux-config-{version}")
        return count


def _publish(ready: Path, place: Path) -> None:
    """Give a complete folder its name, unless somebody else was faster."""
    if not place.exists():
        ready.rename(place)


def archives(scratch: Path, say: Say) -> Iterator[tuple[str, Archive]]:
    """The running release's archive, then those of later suites, each when asked for."""
    codename = release_codename()
    entries = machine_entries()
    steps: list[tuple[str, tuple[Entry, ...]]] = [
        (codename or "this release", distribution_entries(entries, codename))
    ]
    steps += [(suite, entries_of_suite(entries, suite, codename)) for suite in LATER_SUITES]
    for suite, chosen in steps:
        if not chosen:
            continue
        archive = Archive(scratch / suite.replace(" ", "-"), chosen)
        try:
            archive.update()
        except AptFailed as error:
            say(f"  suite {suite}: {error}")
            continue
        yield suite, archive


def fetch(archive: Archive, package: str, folder: Path, scratch: Path, say: Say) -> None:
    """Download and unpack one kernel, and its configurations where packaged."""
    hit = _SOURCE_PACKAGE.match(package)
    if hit is None:
        raise AptFailed(f"{package} is no linux-source package")
    version = f"{hit[1]}.{hit[2]}"
    downloads = scratch / f"debs-{version}"
    downloads.mkdir(exist_ok=True)
    configs = package.replace("linux-source-", "linux-config-")
    if configs in archive.names(configs):
        count = unpack_configs(archive.download(configs, downloads), folder, version)
        say(f"  {configs}: {count} configurations")
    else:
        say(f"  {configs}: not packaged, tests use the tree's own configurations")
    say(f"  {package}: downloading and unpacking (about 150 MB, 2 GB unpacked)")
    unpack_source(archive.download(package, downloads), folder, version)
    shutil.rmtree(downloads)


def install(wanted: Sequence[str], folder: Path, say: Say) -> tuple[str, ...]:
    """Bring the ``wanted`` versions into ``folder``; returns those that no suite carries."""
    lacking: list[str] = []
    for version in wanted:
        here = present(folder, version)
        if here is None:
            lacking.append(version)
        else:
            say(f"kernel {here}: already in {folder}")
    if not lacking:
        return ()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="kimpact-apt-") as temporary:
        scratch = Path(temporary)
        for suite, archive in archives(scratch, say):
            names = archive.names("linux-source-")
            for version in list(lacking):
                package = wanted_package(names, version)
                if package is None:
                    continue
                say(f"kernel {version}: {package} of {suite}")
                fetch(archive, package, folder, scratch, say)
                lacking.remove(version)
            if not lacking:
                break
    return tuple(lacking)


def main(arguments: Sequence[str]) -> int:
    """Entry point; 0 also where there is no apt, since tests then skip and say so."""
    folder = kernels_folder()
    wanted = tuple(arguments) or DEFAULT_WANTED
    if is_kernel_tree(folder):
        print(f"KIMPACT_KERNELS names a kernel tree, nothing to fetch: {folder}")
        return 0
    if not available():
        missing = [version for version in wanted if present(folder, version) is None]
        if missing:
            print(f"no apt here: put kernels {' and '.join(missing)} into {folder} by hand")
            print("(as linux-source-X.Y), or set KIMPACT_KERNELS; their tests are skipped")
        return 0
    try:
        lacking = install(wanted, folder, print)
    except (AptFailed, subprocess.CalledProcessError, OSError) as error:
        print(f"make kernels: {error}", file=sys.stderr)
        return 1
    for version in lacking:
        print(f"make kernels: no suite carries linux-source-{version}", file=sys.stderr)
    return 1 if lacking else 0
