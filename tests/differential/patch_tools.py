"""The tools that people apply patches with, run on copies of files: GNU patch and git apply.

Both are given a folder to work in and environment of their own, so that nothing of the
machine's settings counts.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

GIT_ENVIRONMENT = {
    "PATH": os.environ.get("PATH", os.defpath),
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CEILING_DIRECTORIES": "/",
    "GIT_AUTHOR_NAME": "A U Thor",
    "GIT_AUTHOR_EMAIL": "author@example.org",
    "GIT_COMMITTER_NAME": "C O Mitter",
    "GIT_COMMITTER_EMAIL": "committer@example.org",
    "GIT_AUTHOR_DATE": "1700000000 +0000",
    "GIT_COMMITTER_DATE": "1700000000 +0000",
}


def git(folder: Path, *arguments: str, data: bytes | None = None) -> bytes:
    """What ``git`` prints, run in ``folder``; raises if it fails."""
    return subprocess.run(
        ["git", "-c", "init.defaultBranch=main", *arguments],
        cwd=folder,
        env=GIT_ENVIRONMENT,
        input=data,
        capture_output=True,
        check=True,
    ).stdout


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Put ``files`` below ``folder``."""
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def files_below(folder: Path) -> dict[str, bytes]:
    """All regular files below ``folder``, but for git's own."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink() and ".git" not in path.parts
    }


def gnu_patch(folder: Path, patch: bytes, level: int = 1) -> bool:
    """Apply with ``patch -p1 --fuzz=2``; whether all of it applied."""
    done = subprocess.run(
        ["patch", f"-p{level}", "--fuzz=2", "--force", "--no-backup-if-mismatch", "-r", "-"],
        cwd=folder,
        env={"PATH": GIT_ENVIRONMENT["PATH"], "LC_ALL": "C.UTF-8"},
        input=patch,
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def git_apply(folder: Path, patch: bytes) -> bool:
    """Apply with ``git apply``; whether it did."""
    done = subprocess.run(
        ["git", "apply", "--whitespace=nowarn", "-"],
        cwd=folder,
        env={**GIT_ENVIRONMENT, "GIT_CEILING_DIRECTORIES": str(folder.parent)},
        input=patch,
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def diff_unified(folder: Path, old: bytes, new: bytes, context: int = 3) -> bytes:
    """``diff -U`` between two contents, as files ``a/f`` and ``b/f``; empty if they are equal."""
    write_files(folder, {"a/f": old, "b/f": new})
    done = subprocess.run(
        ["diff", f"-U{context}", "a/f", "b/f"], cwd=folder, capture_output=True, check=False
    )
    return done.stdout
