"""Finding the real kernel trees that the tests run on.

They lie outside the checkout: in the folder named by ``KIMPACT_KERNELS``, or else in
``${XDG_CACHE_HOME:-~/.cache}/kimpact/kernels``, as ``linux-source-X.Y`` with the
distribution's configurations in ``linux-config-X.Y`` next to it. ``KIMPACT_KERNELS`` may
also be a kernel tree itself. ``KIMPACT_VERSIONS="6.12 7"`` picks those versions of what is
there (a major number alone: all of that series). The trees are only ever read.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

HOW_TO_GET_ONE = "no kernel tree: run `make kernels` or set KIMPACT_KERNELS=DIR"

_SOURCE_FOLDER = re.compile(r"^linux-source-(\d+)\.(\d+)$")
_VERSION = re.compile(r"^(VERSION|PATCHLEVEL|SUBLEVEL) = (\d+)$", re.M)


@dataclass(frozen=True, slots=True)
class KernelTree:
    """One unpacked kernel; ``configs`` are the distribution's, as ``.xz``, by file name."""

    major: int
    minor: int
    path: Path
    configs: tuple[Path, ...]

    @property
    def version(self) -> str:
        """``6.12``, the name by which tests call the tree."""
        return f"{self.major}.{self.minor}"

    def config(self, part: str) -> Path | None:
        """The shortest-named distribution configuration whose name contains ``part``."""
        hits = [path for path in self.configs if part in path.name]
        return min(hits, key=lambda path: (len(path.name), path.name), default=None)


def cache_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """kimpact's cache folder of this user, whether it exists or not."""
    base = environment.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "kimpact"


def kernels_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where kernel trees are looked for, whether it exists or not."""
    named = environment.get("KIMPACT_KERNELS")
    return Path(named).expanduser() if named else cache_folder(environment) / "kernels"


def wanted_trees(environment: Mapping[str, str] = os.environ) -> tuple[KernelTree, ...]:
    """The kernel trees that tests run on, oldest version first."""
    trees = find_trees(kernels_folder(environment))
    wanted = environment.get("KIMPACT_VERSIONS", "").split()
    return tuple(
        tree for tree in trees if not wanted or {tree.version, str(tree.major)} & {*wanted}
    )


def is_kernel_tree(path: Path) -> bool:
    """Whether ``path`` is the top of a kernel source tree."""
    return all((path / name).is_file() for name in ("Kbuild", "Kconfig", "Makefile"))


def find_trees(folder: Path) -> tuple[KernelTree, ...]:
    """The kernel trees in ``folder`` (or ``folder`` itself), oldest version first."""
    if is_kernel_tree(folder):
        major, minor = tree_version(folder)
        return (KernelTree(major, minor, folder, _configs(folder.parent, major, minor)),)
    if not folder.is_dir():
        return ()
    found: list[KernelTree] = []
    for path in folder.iterdir():
        named = _SOURCE_FOLDER.match(path.name)
        if named and is_kernel_tree(path):
            major, minor = int(named[1]), int(named[2])
            found.append(KernelTree(major, minor, path, _configs(folder, major, minor)))
    return tuple(sorted(found, key=lambda tree: (tree.major, tree.minor)))


def tree_version(path: Path) -> tuple[int, int]:
    """Major and minor version that the top Makefile of the tree at ``path`` states."""
    stated = dict(_VERSION.findall((path / "Makefile").read_text(encoding="utf-8")))
    return int(stated.get("VERSION", 0)), int(stated.get("PATCHLEVEL", 0))


def _configs(folder: Path, major: int, minor: int) -> tuple[Path, ...]:
    return tuple(sorted((folder / f"linux-config-{major}.{minor}").glob("config.*")))
