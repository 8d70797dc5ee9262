"""What is read from unified diffs: files, kinds, hunks, names."""

from __future__ import annotations

import pytest
from patch_case import file_of, files_of

from analyzer.errors import BadInput
from analyzer.location import Location
from analyzer.patch.model import ChangeKind, LineKind

HUNK = "@@ -1 +1 @@\n-a\n+b\n"


def git_diff(names: str, header: str = "", body: str = HUNK) -> str:
    old, new = names.split(" ")
    return f"diff --git {names}\n{header}--- {old}\n+++ {new}\n{body}"


def test_a_hunk_has_its_lines_and_its_place_in_the_patch() -> None:
    text = git_diff("a/mm/x.c b/mm/x.c", "index 1..2 100644\n", "@@ -3,2 +3,3 @@ f()\n x\n+y\n z\n")
    found = file_of("Some words.\n\n" + text)
    assert (found.old_path, found.new_path, found.kind) == ("mm/x.c", "mm/x.c", ChangeKind.MODIFIED)
    assert found.location == Location("p1", 3)
    (hunk,) = found.hunks
    assert (hunk.old_start, hunk.old_length, hunk.new_start, hunk.new_length) == (3, 2, 3, 3)
    assert [(line.kind, line.text) for line in hunk.lines] == [
        (LineKind.CONTEXT, b"x\n"),
        (LineKind.ADDED, b"y\n"),
        (LineKind.CONTEXT, b"z\n"),
    ]
    assert hunk.location == Location("p1", 7)


@pytest.mark.parametrize(
    ("header", "kind", "old", "new"),
    [
        ("new file mode 100644\n", ChangeKind.ADDED, None, "f"),
        ("deleted file mode 100644\n", ChangeKind.DELETED, "f", None),
        ("old mode 100644\nnew mode 100755\n", ChangeKind.MODE, "f", "f"),
        ("similarity index 100%\nrename from f\nrename to g h\n", ChangeKind.RENAMED, "f", "g h"),
        ("similarity index 100%\ncopy from f\ncopy to g\n", ChangeKind.COPIED, "f", "g"),
    ],
)
def test_a_header_without_hunks_is_a_change_of_its_own(
    header: str, kind: ChangeKind, old: str | None, new: str | None
) -> None:
    found = file_of(f"diff --git a/f b/f\n{header}")
    assert (found.kind, found.old_path, found.new_path) == (kind, old, new)
    assert not found.hunks
    assert not found.binary


def test_a_rename_may_have_hunks() -> None:
    header = "similarity index 90%\nrename from mm/x.c\nrename to mm/y.c\nindex 1..2 100644\n"
    found = file_of(git_diff("a/mm/x.c b/mm/y.c", header))
    assert (found.kind, found.old_path, found.new_path) == (ChangeKind.RENAMED, "mm/x.c", "mm/y.c")
    assert len(found.hunks) == 1


def test_modes_are_those_of_the_header_and_the_index_line() -> None:
    found = file_of(git_diff("a/f b/f", "old mode 100644\nnew mode 100755\nindex 1..2\n"))
    assert (found.kind, found.old_mode, found.new_mode) == (ChangeKind.MODIFIED, "100644", "100755")
    assert file_of(git_diff("a/f b/f", "index 1..2 120000\n")).new_mode == "120000"


@pytest.mark.parametrize(
    "body",
    [
        "GIT binary patch\nliteral 3\nKcmZQzWMT#Y01f~L\n\nliteral 3\nKcmZQ%W@P{X00970\n\n",
        "Binary files a/logo.png and b/logo.png differ\n",
    ],
)
def test_binary_contents_are_no_hunks(body: str) -> None:
    first, second = files_of(
        f"diff --git a/logo.png b/logo.png\nindex 1..2 100644\n{body}" + git_diff("a/f b/f")
    )
    assert first.binary
    assert (first.kind, first.path, first.hunks) == (ChangeKind.MODIFIED, "logo.png", ())
    assert (second.path, second.binary) == ("f", False)


def test_diff_says_without_git_that_files_are_binary() -> None:
    _, first, second = files_of(
        "diff -urN old/x.png new/x.png\nBinary files old/x.png and new/x.png differ\n"
        "Binary files /dev/null and new/a and b differ\n--- old/f\n+++ new/f\n" + HUNK
    )
    assert (first.path, first.kind, first.binary) == ("x.png", ChangeKind.MODIFIED, True)
    assert (second.kind, second.binary) == (ChangeKind.ADDED, True)


def test_a_line_that_looks_like_a_header_is_what_its_hunk_counts() -> None:
    body = "@@ -1,3 +1,3 @@\n--- a/x\n-@@ -1 +1 @@\n+++ b/x\n+diff --git a/y b/y\n \n"
    (hunk,) = file_of(git_diff("a/f b/f", "", body)).hunks
    assert [line.text for line in hunk.lines] == [
        b"-- a/x\n",
        b"@@ -1 +1 @@\n",
        b"++ b/x\n",
        b"diff --git a/y b/y\n",
        b"\n",
    ]


def test_blank_context_may_have_lost_its_space() -> None:
    (hunk,) = file_of(git_diff("a/f b/f", "", "@@ -1,3 +1,4 @@\n a\n\n+x\n b\n")).hunks
    assert [line.text for line in hunk.lines if line.kind is LineKind.CONTEXT] == [
        b"a\n",
        b"\n",
        b"b\n",
    ]


def test_what_follows_the_last_hunk_is_not_part_of_it() -> None:
    (found,) = files_of(git_diff("a/f b/f") + "-- \n2.39.5\n\nunsubscribe from this list\n")
    assert len(found.hunks[0].lines) == 2
    (found,) = files_of(git_diff("a/f b/f") + "\n\n--\nwords\n")
    assert len(found.hunks[0].lines) == 2


@pytest.mark.parametrize("word", ["No newline at end of file", "Kein Zeilenumbruch am Dateiende."])
def test_a_file_may_end_without_a_newline_on_either_side(word: str) -> None:
    body = f"@@ -1 +1 @@\n-a\n\\ {word}\n+b\n"
    (hunk,) = file_of(git_diff("a/f b/f", "", body)).hunks
    assert [line.text for line in hunk.lines] == [b"a", b"b\n"]
    body = f"@@ -1 +1 @@\n-a\n+b\n\\ {word}\n"
    (hunk,) = file_of(git_diff("a/f b/f", "", body)).hunks
    assert [line.text for line in hunk.lines] == [b"a\n", b"b"]


def test_carriage_returns_are_kept_unless_the_headers_have_them_too() -> None:
    text = "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\r\n+b\r\n"
    assert file_of(text).hunks[0].lines[0].text == b"a\r\n"
    assert not file_of(text).carriage_returns
    found = file_of("--- a/f\r\n+++ b/f\r\n@@ -1 +1 @@\r\n-a\r\n+b\r\n")
    assert (found.path, found.hunks[0].lines[0].text) == ("f", b"a\n")
    assert found.carriage_returns


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("a/mm/x.c", "b/mm/x.c", "mm/x.c"),
        ("linux-6.12.orig/mm/x.c", "linux-6.12/mm/x.c", "mm/x.c"),
        ("mm/x.c", "mm/x.c", "mm/x.c"),
        ("mm/x.c.orig", "mm/x.c", "mm/x.c"),
        ("i/mm/x.c", "w/mm/x.c", "mm/x.c"),
        ("./mm/x.c", "./mm/x.c", "mm/x.c"),
        ("a//mm/x.c", "b//mm/x.c", "mm/x.c"),
        ("a/mm/x y.c\t2024-01-01 10:00:00.000000000 +0100", "b/mm/x y.c\t2024", "mm/x y.c"),
        ('"a/f\\303\\244\\t\\"\\\\.c"', '"b/f\\303\\244\\t\\"\\\\.c"', 'fä\t"\\.c'),
        ('"a/f\\377.c"', '"b/f\\377.c"', "f\udcff.c"),
    ],
)
def test_names_lose_their_prefix_and_quotes(old: str, new: str, path: str) -> None:
    found = file_of(f"--- {old}\n+++ {new}\n{HUNK}")
    assert (found.old_path, found.new_path) == (path, path)


def test_the_number_of_components_to_drop_can_be_given() -> None:
    text = f"--- x/y/mm/f.c\n+++ x/y/mm/f.c\n{HUNK}"
    assert file_of(text).path == "x/y/mm/f.c"
    assert file_of(text, strip=2).path == "mm/f.c"
    with pytest.raises(BadInput, match=r"no file name is left of .* without 4 components"):
        file_of(text, strip=4)


def test_names_of_git_may_have_spaces_and_no_prefix() -> None:
    assert file_of("diff --git a/x b/y b/x b/y\nold mode 100644\nnew mode 100755\n").path == "x b/y"
    assert file_of("diff --git mm/x.c mm/x.c\nnew file mode 100644\n").path == "mm/x.c"
    assert file_of('diff --git "a/\\303\\244" "b/\\303\\244"\nnew file mode 100644\n').path == "ä"
    header = 'similarity index 100%\nrename from x\nrename to "\\303\\244"\n'
    assert file_of(f'diff --git a/x "b/\\303\\244"\n{header}').new_path == "ä"
    plain = git_diff("mm/x.c mm/x.c", "index 1..2\n")
    assert file_of(plain).path == "mm/x.c"


def test_dates_and_dev_null_tell_added_and_deleted_files() -> None:
    added = "@@ -0,0 +1 @@\n+x\n"
    deleted = "@@ -1 +0,0 @@\n-x\n"
    epoch = "1970-01-01 00:00:00.000000000 +0000"
    for head in ("--- /dev/null\n+++ b/f\n", f"--- a/f\t{epoch}\n+++ b/f\t2024-01-01\n"):
        assert (file_of(head + added).kind, file_of(head + added).old_path) == (
            ChangeKind.ADDED,
            None,
        )
    for head in ("--- a/f\n+++ /dev/null\n", f"--- a/f\t2024-01-01\n+++ b/f\t{epoch}\n"):
        assert (file_of(head + deleted).kind, file_of(head + deleted).new_path) == (
            ChangeKind.DELETED,
            None,
        )


def test_an_added_file_without_prefix_takes_the_level_of_the_others() -> None:
    text = f"--- linux.orig/mm/x.c\n+++ linux/mm/x.c\n{HUNK}"
    _, added = files_of(text + "--- /dev/null\n+++ linux/mm/y.c\n@@ -0,0 +1 @@\n+x\n")
    assert added.path == "mm/y.c"
