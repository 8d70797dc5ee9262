"""git as the reference: its series applied here, its revisions read without a checkout."""

from __future__ import annotations

import os
import pickle
import shutil
from pathlib import Path

import pytest

from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput
from analyzer.patch.apply import apply_patch, apply_series
from analyzer.patch.commits import range_series
from analyzer.patch.inputs import PatchInput
from analyzer.patch.model import ChangeKind
from analyzer.patch.series import read_series
from analyzer.tree.git import GitRepository
from analyzer.tree.history import commits, diff_between
from analyzer.tree.revision import RevisionTree
from analyzer.tree.source_tree import DirectoryTree, SourceTree
from patch_tools import files_below, git, write_files

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

LONG = b"".join(b"line %d\n" % number for number in range(40))
STEPS: tuple[dict[str, bytes | None], ...] = (
    {
        "mm/x.c": LONG,
        "mm/with space.c": LONG,
        'f\xe4 "quoted" b/x.c': b"a\nb\n",
        "tab\there.c": b"a\n",
        "crlf.c": b"a\r\nb\r\nc\r\n",
        "end.c": b"no newline",
        "empty.c": b"",
        "logo.bin": bytes(range(256)),
        "a/b/c.c": LONG,
        "From here": b"From A Mon Sep 17 00:00:00 2001\n",
    },
    {
        "mm/x.c": LONG.replace(b"line 7\n", b"seven\n"),
        "crlf.c": b"a\r\nB\r\nc\r\n",
        "end.c": b"no newline\nyet",
        "logo.bin": bytes(range(255, -1, -1)),
        "tab\there.c": b"b\n",
        'f\xe4 "quoted" b/x.c': b"a\nc\n",
    },
    {
        "mm/with space.c": None,
        "mm/moved b/with space.c": LONG.replace(b"line 9\n", b""),
        "empty.c": None,
        "new.c": b"-- \n--- a/x\n+++ b/x\n@@ -1 +1 @@\n",
        "From here": b"From A Mon Sep 17 00:00:00 2001\nSubject: x\n\nFrom B\n",
    },
    {"new.c": b"--- a/x\n@@ -1 +1 @@\n\n", "a/b/c.c": None, "a": b"now a file\n"},
)


def make_history(folder: Path) -> None:
    """A commit for each of the steps, with tags ``s0``, ``s1``, ..."""
    folder.mkdir()
    git(folder, "init", "--quiet")
    git(folder, "config", "core.autocrlf", "false")
    for number, step in enumerate(STEPS):
        for path, data in step.items():
            if data is None:
                git(folder, "rm", "--quiet", "--", path)
        write_files(folder, {path: data for path, data in step.items() if data is not None})
        if number == 0:
            (folder / "link.c").symlink_to("mm/x.c")
            (folder / "inner").symlink_to("mm")
            (folder / "mm" / "up").symlink_to("../a")
            (folder / "outer").symlink_to("../..")
            (folder / "gone").symlink_to("nowhere")
            (folder / "absolute").symlink_to("/etc")
            (folder / "loop").symlink_to("loop")
        if number == 1:
            (folder / "mm/x.c").chmod(0o755)
        git(folder, "add", "--all")
        text = f"step {number}\n\nWhy.\n\n  f\n    g [X]\nFrom here on.\n"
        git(folder, "commit", "--quiet", "-m", text)
        git(folder, "tag", f"s{number}")


def paths_of(tree: SourceTree, folder: str = "", depth: int = 5) -> list[str]:
    """All paths that a tree lists."""
    found: list[str] = []
    for name in tree.listdir(folder):
        path = f"{folder}/{name}" if folder else name
        found.append(path)
        if name.endswith("/") and depth:
            found += paths_of(tree, path[:-1], depth - 1)
    return found


@pytest.mark.parametrize("options", [(), ("--binary",), ("--no-renames",), ("--full-index", "-U1")])
@pytest.mark.parametrize("one", [True, False])
def test_a_formatted_series_makes_the_revisions(
    tmp_path: Path, options: tuple[str, ...], one: bool
) -> None:
    make_history(tmp_path / "git")
    named = ["format-patch", "--cover-letter", *options, "s0..s3"]
    if one:
        given = [PatchInput("series", git(tmp_path / "git", *named, "--stdout"))]
    else:
        out = tmp_path / "out"
        git(tmp_path / "git", *named, "-o", str(out))
        given = [PatchInput(path.name, path.read_bytes()) for path in sorted(out.iterdir())][1:]
    diagnostics = Diagnostics()
    series = read_series(given, diagnostics)
    assert [each.message.subject for each in series.patches] == ["step 1", "step 2", "step 3"]
    assert series.patches[0].message.lines == ("Why.", "", "  f", "    g [X]", "From here on.")
    assert (series.cover is not None) == one
    git(tmp_path / "git", "checkout", "--quiet", "s0")
    base = DirectoryTree(tmp_path / "git")
    applied = apply_series(base, series, diagnostics)
    binary = "logo.bin is a binary file: its contents are passed over"
    assert [each.message for each in diagnostics] == [binary]
    for number, each in enumerate(applied, start=1):
        git(tmp_path / "git", "checkout", "--quiet", f"s{number}")
        wanted = files_below(tmp_path / "git")
        for path in each.tree.changed:
            assert each.tree.read(path) == wanted.get(path) or path == "logo.bin", path
    kinds = {change.path: change.kind for change in applied[1].files}
    moved = ChangeKind.ADDED if "--no-renames" in options else ChangeKind.RENAMED
    assert kinds["mm/moved b/with space.c"] is moved


@pytest.mark.parametrize("number", range(len(STEPS)))
def test_a_revision_is_its_checkout(tmp_path: Path, number: int) -> None:
    folder = tmp_path / "git"
    make_history(folder)
    git(folder, "checkout", "--quiet", f"s{number}")
    checkout = DirectoryTree(folder)
    git(folder, "worktree", "add", "--quiet", str(tmp_path / "other"), "s3")
    revision = RevisionTree.at(tmp_path / "other", f"s{number}")
    mine = paths_of(revision)
    # What lies outside is a directory on disk, and only a name to git.
    beyond = ("absolute", "outer", ".git")
    listed = [path for path in paths_of(checkout) if not path.startswith(beyond)]
    assert listed == [path for path in mine if not path.startswith(beyond)]
    for path in [*mine, "mm/none.c", "inner/x.c", "inner/up/b/c.c", "../git/mm/x.c", "mm//x.c", ""]:
        name = path.rstrip("/")
        assert revision.is_file(name) == checkout.is_file(name), path
        assert revision.read(name) == checkout.read(name), path
        if name and checkout.is_file(name):
            assert revision.canonical(name) == checkout.canonical(name), path
    assert revision.canonical("outer/x") is None
    assert revision.stamps == {}
    again = pickle.loads(pickle.dumps(revision))
    assert again.read("mm/x.c") == revision.read("mm/x.c")
    again.close()
    revision.close()


def test_a_range_is_a_series_of_its_commits(tmp_path: Path) -> None:
    folder = tmp_path / "git"
    make_history(folder)
    repository = GitRepository(folder)
    found = commits(repository, "s0..s3", Diagnostics())
    assert [each.subject for each in found.commits] == ["step 1", "step 2", "step 3"]
    assert found.commits[0].author == "A U Thor <author@example.org>"
    series = range_series(repository, found)
    assert series.patches[1].message.lines[2] == "  f"
    for commit, patch in zip(found.commits, series.patches, strict=True):
        assert commit.parent is not None
        before, after = (
            RevisionTree(repository, commit.parent),
            RevisionTree(repository, commit.name),
        )
        applied = apply_patch(before, patch, Diagnostics())
        for path in applied.tree.changed:
            assert applied.tree.read(path) == after.read(path), path
        before.close()
        after.close()
    assert b"seven" in diff_between(repository, found.before, found.after)
    assert len(commits(repository, "s2..", Diagnostics()).commits) == 1


def test_merges_are_named_and_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "git"
    make_history(folder)
    git(folder, "checkout", "--quiet", "-b", "side", "s0")
    write_files(folder, {"side.c": b"x\n"})
    git(folder, "add", "side.c")
    git(folder, "commit", "--quiet", "-m", "on the side")
    git(folder, "checkout", "--quiet", "main")
    git(folder, "merge", "--quiet", "--no-ff", "-m", "merge it", "side")
    diagnostics = Diagnostics()
    found = commits(GitRepository(folder), "s0..main", diagnostics)
    assert sorted(each.subject for each in found.commits) == [
        "on the side",
        "step 1",
        "step 2",
        "step 3",
    ]
    assert [each.code for each in diagnostics] == ["merge-skipped"]


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("s0", "not a range A..B of revisions: 's0'"),
        ("..", "not a range A..B of revisions: '..'"),
        ("s0...s1", "not a range A..B of revisions: 's0...s1'"),
        ("s0..none", "no such revision: 'none', of the range 's0..none'"),
        ("--output=x..s1", "no such revision: '--output=x', of the range '--output=x..s1'"),
        ("s3..s0", "no commits are in the range 's3..s0'"),
        ("s0:mm/x.c..s1", "no such revision: 's0:mm/x.c', of the range 's0:mm/x.c..s1'"),
        ("s0\n..s1", "no such revision: 's0\\n', of the range 's0\\n..s1'"),
    ],
)
def test_a_bad_range(tmp_path: Path, wanted: str, said: str) -> None:
    make_history(tmp_path / "git")
    with pytest.raises(BadInput) as caught:
        commits(GitRepository(tmp_path / "git"), wanted, Diagnostics())
    assert caught.value.message == said


def test_what_is_no_repository(tmp_path: Path) -> None:
    make_history(tmp_path / "git")
    with pytest.raises(BadInput, match="no such directory"):
        GitRepository(tmp_path / "none")
    with pytest.raises(BadInput, match="not the top directory of its git repository"):
        GitRepository(tmp_path / "git" / "mm")
    (tmp_path / "plain").mkdir()
    with pytest.raises(BadInput, match="not a git repository"):
        GitRepository(tmp_path / "plain")
    with pytest.raises(BadInput, match="no such revision: 'none'"):
        RevisionTree.at(tmp_path / "git", "none")


def test_nothing_of_a_repository_is_run_or_written(tmp_path: Path) -> None:
    folder = tmp_path / "git"
    make_history(folder)
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\necho ran >> {tmp_path}/ran\ncat\n")
    trap.chmod(0o755)
    for name in os.listdir(folder / ".git" / "hooks"):
        (folder / ".git" / "hooks" / name).unlink()
    for name in (
        "post-checkout",
        "reference-transaction",
        "post-index-change",
        "fsmonitor-watchman",
    ):
        (folder / ".git" / "hooks" / name).symlink_to(trap)
    for key in (
        *("core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.askPass"),
        *("diff.external", "diff.trap.command", "diff.trap.textconv", "filter.trap.clean"),
        *("filter.trap.smudge", "filter.trap.process", "gpg.program", "core.alternateRefsCommand"),
        *("pager.diff-tree", "pager.rev-list", "alias.diff-tree", "uploadpack.packObjectsHook"),
    ):
        git(folder, "config", key, f"!{trap}" if key.startswith("alias") else str(trap))
    for key, value in (
        ("extensions.partialClone", "origin"),
        ("remote.origin.url", f"ext::{trap}"),
        ("remote.origin.promisor", "true"),
        ("protocol.ext.allow", "always"),
        ("protocol.allow", "always"),
        ("diff.noprefix", "true"),
        ("diff.orderFile", "/nonexistent"),
    ):
        git(folder, "config", key, value)
    (folder / ".gitattributes").write_text("* diff=trap filter=trap -text\n*.c -diff\n")
    state = {str(path): path.lstat().st_mtime_ns for path in sorted(folder.rglob("*"))}
    repository = GitRepository(folder)
    series = range_series(repository, commits(repository, "s0..s3", Diagnostics()))
    assert any(change.hunks for patch in series.patches for change in patch.files)
    assert not any(change.binary for patch in series.patches for change in patch.files)
    tree = RevisionTree(repository, "s1")
    assert tree.read("mm/x.c") == STEPS[1]["mm/x.c"]
    tree.close()
    # An object that is missing would be fetched from the remote of a partial clone.
    missing = git(folder, "rev-parse", "s0:a/b/c.c").decode().strip()
    (folder / ".git" / "objects" / missing[:2] / missing[2:]).unlink()
    state.pop(str(folder / ".git" / "objects" / missing[:2] / missing[2:]))
    tree = RevisionTree(repository, "s0")
    with pytest.raises(BadInput, match="git has no blob"):
        tree.read("a/b/c.c")
    tree.close()
    assert not (tmp_path / "ran").exists()
    after = {str(path): path.lstat().st_mtime_ns for path in sorted(folder.rglob("*"))}
    objects = str(folder / ".git" / "objects" / missing[:2])
    assert {**after, objects: 0} == {**state, objects: 0}
