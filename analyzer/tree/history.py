"""The commits of a range ``A..B`` and what each of them changes, as diffs."""

from __future__ import annotations

from dataclasses import dataclass

from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput
from analyzer.tree.git import GitRepository
from analyzer.tree.objects import ObjectReader

MAX_COMMITS = 1_000
"""Commits in one range; more are refused."""

_DIFF = (
    *("diff-tree", "-p", "-r", "-M", "--full-index", "--no-ext-diff", "--no-textconv"),
    *("--text", "--no-color", "--no-commit-id", "--no-indent-heuristic", "--unified=3"),
    *("--inter-hunk-context=0", "--src-prefix=a/", "--dst-prefix=b/", "--diff-algorithm=myers"),
    *("--no-relative", "--submodule=short"),
)
"""``--text``: the tree's ``.gitattributes`` could declare any source file to be binary."""


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit. ``parent`` is None for the first of a history.

    ``author`` is ``Name <address>``; ``lines`` are the message without its subject.
    """

    name: str
    parent: str | None
    author: str
    subject: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CommitRange:
    """``before..after``, both commits by full name; oldest commit first."""

    before: str
    after: str
    commits: tuple[Commit, ...]


def commits(repository: GitRepository, wanted: str, diagnostics: Diagnostics) -> CommitRange:
    """The commits that ``A..B`` names: those that B has and A has not, parents first.

    A missing side is ``HEAD``, as for git. Merges are left out with a remark: what they
    bring in is in the range itself. Raises :class:`BadInput` for what is no range, for
    unknown revisions, for an empty range, and for more than :data:`MAX_COMMITS` commits.
    """
    old, dots, new = wanted.partition("..")
    if not dots or new.startswith(".") or (not old and not new):
        raise BadInput(f"not a range A..B of revisions: {wanted!a}")
    before = _commit(repository, old or "HEAD", wanted)
    after = _commit(repository, new or "HEAD", wanted)
    listed = repository.run(
        *("rev-list", "--reverse", "--topo-order", "--parents", f"--max-count={MAX_COMMITS + 1}"),
        *(after, f"^{before}", "--"),
    )
    rows = [line.split() for line in listed.decode("ascii").splitlines()]
    if not rows:
        raise BadInput(f"no commits are in the range {wanted!a}", repository.folder)
    if len(rows) > MAX_COMMITS:
        message = f"more than {MAX_COMMITS:,} commits are in the range {wanted!a}"
        raise BadInput(message, repository.folder)
    found: list[Commit] = []
    with ObjectReader(repository) as objects:
        for name, *parents in rows:
            commit = _parsed(name, parents, objects.read(name, "commit"))
            if len(parents) > 1:
                text = f"the merge {name[:12]} ({commit.subject}) is left out of the patches"
                diagnostics.note("merge-skipped", text)
            else:
                found.append(commit)
    return CommitRange(before, after, tuple(found))


def diff_of(repository: GitRepository, commit: Commit) -> bytes:
    """What ``commit`` changes, as a diff with git's headers; all files as text."""
    if commit.parent is None:
        return repository.run(*_DIFF, "--root", commit.name, "--")
    return diff_between(repository, commit.parent, commit.name)


def diff_between(repository: GitRepository, before: str, after: str) -> bytes:
    """What leads from one commit, by full name, to another."""
    return repository.run(*_DIFF, before, after, "--")


def _commit(repository: GitRepository, revision: str, wanted: str) -> str:
    name = repository.object_of(revision, "commit")
    if name is None:
        raise BadInput(
            f"no such revision: {revision!a}, of the range {wanted!a}", repository.folder
        )
    return name


def _parsed(name: str, parents: list[str], raw: bytes) -> Commit:
    """The fields of a commit object."""
    head, _, body = raw.partition(b"\n\n")
    author = charset = ""
    for line in head.split(b"\n"):
        if line.startswith(b"author "):
            author = line[len(b"author ") :].rpartition(b">")[0].decode("utf-8", "replace") + ">"
        elif line.startswith(b"encoding "):
            charset = line[len(b"encoding ") :].decode("ascii", "replace")
    try:
        text = body.decode(charset or "utf-8")
    except (LookupError, UnicodeDecodeError):
        text = body.decode("utf-8", "backslashreplace")
    lines = text.rstrip("\n").split("\n")
    blank = next((n for n, line in enumerate(lines) if not line.strip()), len(lines))
    subject = " ".join(line.strip() for line in lines[:blank])
    rest = lines[blank + 1 :]
    return Commit(name, parents[0] if parents else None, author, subject, tuple(rest))
