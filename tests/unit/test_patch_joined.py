"""A series as one change."""

from __future__ import annotations

from patch_case import applied_to, tree_of

from analyzer.patch.joined import joined

TREE = {"f": "1\n2\n3\n4\n", "g": "a\nb\n"}


def change(path: str, body: str) -> str:
    return f"--- a/{path}\n+++ b/{path}\n{body}"


def whole(
    *texts: str,
) -> list[tuple[str | None, str | None, str, tuple[int, ...], tuple[int, ...]]]:
    found = joined([each.files for each in applied_to(tree_of(TREE), *texts)])
    return [
        (each.old_path, each.new_path, each.kind.value, each.lines.added, each.lines.removed)
        for each in found
    ]


ADD = "--- /dev/null\n+++ b/n\n@@ -0,0 +1,2 @@\n+x\n+y\n"
DROP = "--- a/n\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-x\n-y\n"
MOVE = "diff --git a/g b/h\nsimilarity index 100%\nrename from g\nrename to h\n"


def test_lines_of_several_patches_are_told_from_the_first_tree() -> None:
    first = change("f", "@@ -1,2 +1,3 @@\n 1\n+new\n 2\n")
    second = change("f", "@@ -1,3 +1,2 @@\n-1\n new\n 2\n")
    assert whole(first, second) == [("f", "f", "modified", (1,), (1,))]
    third = change("f", "@@ -1,2 +1,2 @@\n-new\n+1\n 2\n")
    assert whole(first, second, third) == [("f", "f", "modified", (1,), (1,))]


def test_what_comes_and_goes_is_left_out() -> None:
    assert whole(ADD, DROP) == []
    assert whole(ADD) == [(None, "n", "added", (1, 2), ())]
    assert whole(ADD, change("n", "@@ -1,2 +1,1 @@\n-x\n y\n")) == [(None, "n", "added", (1,), ())]


def test_what_goes_and_comes_back_is_modified() -> None:
    gone = "--- a/g\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n"
    back = "--- /dev/null\n+++ b/g\n@@ -0,0 +1 @@\n+c\n"
    assert whole(gone) == [("g", None, "deleted", (), (1, 2))]
    assert whole(gone, back) == [("g", "g", "modified", (1,), (1, 2))]


def test_renames_are_followed() -> None:
    edit = change("h", "@@ -1,2 +1,2 @@\n a\n-b\n+c\n")
    assert whole(MOVE, edit) == [("g", "h", "renamed", (2,), (2,))]
    home = "diff --git a/h b/g\nsimilarity index 100%\nrename from h\nrename to g\n"
    assert whole(MOVE, home) == [("g", "g", "modified", (), ())]
    drop = "--- a/h\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n"
    assert whole(MOVE, drop) == [("g", None, "deleted", (), (1, 2))]


def test_files_that_change_places_stay_apart() -> None:
    swap = (
        "diff --git a/f b/g\nsimilarity index 100%\nrename from f\nrename to g\n"
        "diff --git a/g b/f\nsimilarity index 100%\nrename from g\nrename to f\n"
    )
    assert whole(swap) == [("f", "g", "renamed", (), ()), ("g", "f", "renamed", (), ())]
    assert whole(swap, swap) == [("f", "f", "modified", (), ()), ("g", "g", "modified", (), ())]


def test_copies_are_files_of_their_own() -> None:
    edit = change("g", "@@ -1,2 +1,3 @@\n a\n+x\n b\n")
    copy = "diff --git a/g b/h\nsimilarity index 100%\ncopy from g\ncopy to h\n"
    assert whole(edit, copy) == [
        ("g", "g", "modified", (2,), ()),
        ("g", "h", "copied", (2,), ()),
    ]


def test_files_are_in_the_order_of_first_touch() -> None:
    edit = change("h", "@@ -1,2 +1,2 @@\n a\n-b\n+c\n")
    assert [new for _, new, *_ in whole(MOVE, ADD, edit)] == ["h", "n"]
