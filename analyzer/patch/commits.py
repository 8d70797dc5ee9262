"""The commits of a git range as a series of patches."""

from __future__ import annotations

import hashlib

from analyzer.location import Location
from analyzer.patch.diff import read_diff
from analyzer.patch.model import Message, Patch, Series
from analyzer.patch.text import PatchText, lines_of
from analyzer.tree.git import GitRepository
from analyzer.tree.history import Commit, CommitRange, diff_of


def range_series(repository: GitRepository, found: CommitRange) -> Series:
    """The commits of ``found`` as patches, oldest first.

    Raises :class:`BadInput` for a commit that is too large to be read as a patch.
    """
    patches = tuple([commit_patch(repository, commit) for commit in found.commits])
    named = " ".join([found.before, *(commit.name for commit in found.commits)])
    return Series(patches, None, hashlib.sha256(named.encode()).hexdigest())


def commit_patch(repository: GitRepository, commit: Commit) -> Patch:
    """One commit as a patch; its files are empty if it changes none."""
    name = f"commit {commit.name[:12]}"
    files = read_diff(PatchText(name, 1, lines_of(diff_of(repository, commit))), strip=1)
    message = Message(commit.subject, commit.author, commit.lines, Location(name, 1))
    return Patch(name, message, None, files)
