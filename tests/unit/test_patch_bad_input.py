"""What is no patch, broken, cut off or leads out of the tree: one clear line."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from patch_case import series_of

from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput
from analyzer.patch.diff import MAX_FILES
from analyzer.patch.inputs import MAX_BYTES, MAX_LINES, read_input, read_stream
from analyzer.patch.mail import MAX_MESSAGES
from analyzer.patch.series import read_series

FROM = "From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\n"
HEAD = FROM + "From: A <a@example.org>\nSubject: [PATCH 1/2] x\n"
HUNK = "@@ -1,2 +1,2 @@\n-a\n+b\n c\n"
DIFF = f"diff --git a/f b/f\nindex 1..2 100644\n--- a/f\n+++ b/f\n{HUNK}"


def refusal(*texts: str | bytes) -> str:
    with pytest.raises(BadInput) as caught:
        series_of(*texts)
    said = str(caught.value)
    assert "\n" not in said
    assert said.isprintable()
    return said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "p1: empty, not a patch"),
        (" \n\n", "p1: empty, not a patch"),
        ("\n<!DOCTYPE html>\n<html>", "p1:1: HTML, not a patch: download the raw file"),
        ("<html lang=en><body>diff --git", "p1:1: HTML, not a patch: download the raw file"),
        (b"\x1f\x8b\x08rest", "p1: compressed, not a patch: unpack it first"),
        ("hello\n", "p1:1: no unified diff in it"),
        (
            "*** a/f\n--- b/f\n***************\n*** 1 ****\n! a\n--- 1 ----\n! b\n",
            "p1:1: no unified diff in it: a context or plain diff: use diff -u",
        ),
        (
            "1c1\n< a\n---\n> b\n",
            "p1:1: no unified diff in it: a context or plain diff: use diff -u",
        ),
        (
            "diff --cc f\nindex 1,2..3\n",
            "p1:1: no unified diff in it: the combined diff of a merge",
        ),
        (HUNK, "p1:1: no unified diff in it: a hunk without the names of files before it"),
    ],
)
def test_what_is_no_patch(text: str | bytes, said: str) -> None:
    assert refusal(text) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (DIFF[:-3], "p1:7: the patch is cut off within a hunk"),
        (DIFF[:-1], "p1:8: the patch is cut off in the middle of a line"),
        (DIFF[: DIFF.index("@@")], "p1:3: the patch is cut off: no hunk follows"),
        (DIFF[: DIFF.index("---")], "p1:1: the patch is cut off: no hunk follows"),
        (DIFF[: DIFF.index("-a")], "p1:5: the patch is cut off within a hunk"),
        (DIFF + "+d\n", "p1:9: broken diff: the hunk is longer than its header says"),
        (DIFF.replace("-a", "*a"), "p1:6: broken diff: Hunk diff line expected"),
        (DIFF + "words\n" + HUNK, "p1:10: broken diff: Unexpected hunk found"),
        (DIFF.replace("-1,2", "-1,1"), "p1:8: broken diff: Hunk is longer than expected"),
        (
            DIFF.replace("-a\n", "-a\n\\ No newline at end of file\n"),
            "p1:9: broken diff: lines follow after the end of the file",
        ),
        (DIFF.replace("+++ b/f", "+++ b/g"), "p1:3: --- and +++ name different files: f, g"),
        (
            "diff --git a/f b/g\nold mode 100644\nnew mode 100755\n",
            "p1:1: a change of names without a rename: f, g",
        ),
        ("--- /dev/null\n+++ /dev/null\n" + HUNK, "p1:1: neither side of the diff is a file"),
        ('--- "a/f\n+++ "b/f\n' + HUNK, 'p1:1: badly quoted name: "a/f'),
    ],
)
def test_a_broken_diff(text: str, said: str) -> None:
    assert refusal(text) == said


@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "a/../../etc/passwd", "../f", "a/..", '"a/..\\057f"', "/f"],
)
def test_a_path_that_leads_out_of_the_tree(name: str) -> None:
    plain = f"--- a/f\n+++ {name}\n{HUNK}"
    assert "leads out of the tree" in refusal("text\n" + plain)
    assert refusal("text\n" + plain).startswith("p1:2: ")
    moved = f"diff --git a/f b/f\nrename from f\nrename to {name}\n"
    assert "leads out of the tree" in refusal(moved)
    header = f"diff --git {name} {name}\nnew file mode 100644\n"
    if not name.startswith('"'):
        assert "leads out of the tree" in refusal(header)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD, "p1:2: the message is cut off: it has no body"),
        (
            HEAD + "\nWhy.\n---\n f | 2 +-\n 1 file changed\n",
            "p1:5: no unified diff in it: the message is cut off, or no patch",
        ),
        (HEAD + "\nWhy.\n---\n" + DIFF[:-3], "p1:13: the patch is cut off within a hunk"),
        (
            HEAD + f"\nWhy.\n---\n{DIFF}-- \n2.39\n\n" + FROM + "From: A <a@example.org>\nSubject",
            "p1:19: message 2 is cut off: it has no body",
        ),
        (
            HEAD + "Content-Type: multipart/mixed; boundary=x\n\n--x\n\n" + DIFF,
            "p1:15: the message is cut off or damaged",
        ),
        (
            HEAD + "Content-Transfer-Encoding: base64\n\nZGlmZ\n",
            "p1:6: the message is cut off or damaged",
        ),
        (
            HEAD + "Content-Type: text/html\n\n<html>\n",
            "p1:6: the message is in HTML, not plain text",
        ),
    ],
)
def test_a_mailbox_that_is_cut_off(text: str, said: str) -> None:
    assert refusal(text) == said


def test_a_series_that_is_not_one() -> None:
    one = HEAD + f"\nWhy.\n---\n{DIFF}"
    other = one.replace("Subject: [PATCH 1/2] x", "Subject: [PATCH v2 1/2] x")
    assert refusal(one, other) == "p2:5: several versions of a series at once: v1, v2"
    assert refusal(one, one + "\n") == "p2:5: two different patches are number 1 of 2"
    log = f"commit {'1' * 40}\n\n{DIFF}\ncommit {'2' * 40}\n\n{DIFF}"
    assert refusal(log) == "p1:12: the output of git log -p, newest first: use git format-patch"
    with pytest.raises(BadInput, match="no patch is given"):
        read_series([], Diagnostics())


def test_caps_are_stated() -> None:
    many = "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n" * (MAX_FILES + 1)
    assert refusal(many) == f"p1:{5 * MAX_FILES + 1}: the patch has more than 20,000 files"
    git = "diff --git a/f b/f\nnew file mode 100644\n" * (MAX_FILES + 1)
    assert refusal(git) == f"p1:{2 * MAX_FILES + 1}: the patch has more than 20,000 files"
    assert (
        refusal(b"\n" * (MAX_LINES + 1)) == "p1: too large for a patch: more than 1,000,000 lines"
    )
    assert refusal(b"x" * (MAX_BYTES + 1)) == "p1: too large for a patch: more than 32 MiB"
    mails = (FROM + "Subject: x\n\nx\n") * (MAX_MESSAGES + 1)
    assert refusal(mails).endswith("the mailbox has more than 2,000 messages")
    assert "name of a file is too long" in refusal(f"--- a/{'x/' * 10000}f\n+++ b/f\n{HUNK}")
    assert refusal(f"From: a\nX: {'x' * 300_000}\n\n{DIFF}") == (
        "p1:1: the head of the message is too long"
    )
    nested = "".join(
        f"--b{n}\nContent-Type: multipart/mixed; boundary=b{n + 1}\n\n" for n in range(2000)
    )
    head = "From: a\nContent-Type: multipart/mixed; boundary=b0\n\n"
    assert refusal(head + nested) == "p1:1: the parts of the message are nested too deeply"


def test_reading_stops_at_the_cap() -> None:
    stream = io.BytesIO(b"x" * (50 * 2**20))
    with pytest.raises(BadInput, match="too large for a patch: more than 32 MiB"):
        read_stream(stream)
    assert stream.tell() == MAX_BYTES + 1


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read: No such file or directory"):
        read_input(tmp_path / "none.patch")
    with pytest.raises(BadInput, match="cannot be read: Is a directory"):
        read_input(tmp_path)


def test_control_characters_do_not_reach_the_terminal() -> None:
    said = refusal('--- a/f\n+++ "b/../\\033[31m"\n' + HUNK)
    assert "\\x1b[31m" in said


@pytest.mark.parametrize("names", ["a/f ", " a/f", "a/f"])
def test_one_name_behind_diff_git_does_only_with_the_names_of_a_diff(names: str) -> None:
    head = f"diff --git {names}\ndeleted file mode 100644\nindex 1..0\n"
    lines = "--- a/f\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n"
    assert [each.old_path for each in series_of(head + lines).patches[0].files] == ["f"]
    assert refusal(head).startswith("p1:1: cannot tell the names apart: diff --git")
