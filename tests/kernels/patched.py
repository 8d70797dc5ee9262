"""Copies of a kernel tree with changes: patches applied, names replaced.

A copy shares all files with the original by hard links until one is changed; a changed file
is written anew, so that the original is never touched.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

SEED = "KIMPACT_SEED"
"""Names the folder with the base and the patch that the project began with."""
_TEXTUAL = (".c", ".h", ".S", ".lds", ".rst", ".txt", "Kconfig", "Makefile", "Kbuild")
_TOUCHED = re.compile(r"^(?:\+\+\+|---) [^/\s]+/(\S+)", re.M)


def seed_folder() -> Path | None:
    """Where the seed case lies: as named, or in ``shared`` beside the checkout."""
    named = os.environ.get(SEED)
    beside = Path(__file__).resolve().parents[3] / "shared" / "cases" / "seed"
    folder = Path(named).expanduser() if named else beside
    return folder if folder.is_dir() else None


def linked_copy(tree: Path, copy: Path) -> Path:
    """A copy of ``tree`` at ``copy``, made afresh."""
    shutil.rmtree(copy, ignore_errors=True)
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(tree, copy, symlinks=True, copy_function=_link)
    return copy


def _link(source: str, target: str) -> str:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)
    return target


def apply(copy: Path, patch: Path, fuzz: int = 0, *, if_it_fits: bool = False) -> None:
    """Apply a patch to a linked copy; raises if a hunk does not fit with that much fuzz, but
    passes over such a patch if ``if_it_fits``."""
    for name in _TOUCHED.findall(patch.read_text(encoding="utf-8", errors="replace")):
        own(copy / name)
    command = ["patch", "-p1", f"--fuzz={fuzz}", "--force", "--silent", "--no-backup-if-mismatch"]
    tries = ([*command, "--dry-run"], command) if if_it_fits else (command,)
    for each in tries:
        done = subprocess.run([*each, "-i", str(patch)], cwd=copy, check=not if_it_fits)
        if done.returncode:
            return


def own(path: Path) -> None:
    """Give a file of a linked copy contents of its own."""
    if path.exists():
        data = path.read_bytes()
        path.unlink()
        path.write_bytes(data)


def rename(copy: Path, names: Mapping[str, str]) -> None:
    """Replace whole words in all texts of a linked copy."""
    pattern = re.compile(rb"(?<![\w$])(?:%s)(?![\w$])" % b"|".join(_escaped(names)))
    table = {old.encode(): new.encode() for old, new in names.items()}
    for path in _texts(copy):
        data = path.read_bytes()
        changed = pattern.sub(lambda found: table[found[0]], data)
        if changed != data:
            path.unlink()
            path.write_bytes(changed)


def _escaped(names: Iterable[str]) -> list[bytes]:
    return [re.escape(name.encode()) for name in sorted(names, key=len, reverse=True)]


def _texts(copy: Path) -> Iterable[Path]:
    for folder, folders, files in os.walk(copy):
        if Path(folder) == copy:
            folders[:] = [name for name in folders if name not in {"Documentation", "tools"}]
        for name in files:
            path = Path(folder, name)
            if name.endswith(_TEXTUAL) and not path.is_symlink():
                yield path
