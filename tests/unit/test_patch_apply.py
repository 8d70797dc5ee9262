"""Patches applied in memory: contents, places, remarks, and what is refused."""

from __future__ import annotations

import pytest
from patch_case import FakeTree, applied_to, remarks, tree_of

from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput
from analyzer.patch.lines import Block
from analyzer.patch.model import ChangeKind

LINES = "".join(f"line {n}\n" for n in range(1, 21))
TREE = {"f": LINES, "mm/x.c": "a\nb\nc\n"}


def change(path: str, body: str) -> str:
    return f"--- a/{path}\n+++ b/{path}\n{body}"


def middle(at: int = 9, before: str = "line 9", after: str = "line 11") -> str:
    return f"@@ -{at},3 +{at},3 @@\n {before}\n-line 10\n+ten\n {after}\n"


def result(text: str, path: str = "f", tree: FakeTree | None = None) -> tuple[str, list[str]]:
    """The contents of ``path`` afterwards, and the remarks."""
    diagnostics = Diagnostics()
    applied = applied_to(tree or tree_of(TREE), text, diagnostics=diagnostics)
    return (applied[-1].tree.read(path) or b"").decode(), remarks(diagnostics)


def refusal(*texts: str, tree: FakeTree | None = None) -> str:
    diagnostics = Diagnostics()
    with pytest.raises(BadInput) as caught:
        applied_to(tree or tree_of(TREE), *texts, diagnostics=diagnostics)
    assert not len(diagnostics)
    return str(caught.value)


def test_a_hunk_at_its_place_needs_no_remark() -> None:
    data, said = result(change("f", middle()))
    assert data == LINES.replace("line 10", "ten")
    assert said == []


def test_a_hunk_some_lines_off_is_remarked_on() -> None:
    data, said = result(change("f", middle(2)))
    assert data == LINES.replace("line 10", "ten")
    assert said == ["f:9: patch-offset: hunk 1 (p1:3) applies 7 lines further down, at line 9"]
    _, said = result(change("f", middle(10)))
    assert said == ["f:9: patch-offset: hunk 1 (p1:3) applies 1 line further up, at line 9"]


def test_a_hunk_without_some_context_is_a_warning() -> None:
    data, said = result(change("f", middle(before="other")))
    assert data == LINES.replace("line 10", "ten")
    assert said == ["f:9: patch-fuzz: hunk 1 (p1:3) applies only without 1 line of its context"]


def test_more_than_two_lines_of_context_must_not_differ() -> None:
    body = "@@ -7,4 +7,5 @@\n x\n y\n z\n line 10\n+ten\n line 11\n line 12\n line 13\n"
    body = body.replace("-7,4 +7,5", "-7,7 +7,8")
    assert refusal(change("f", body)) == (
        'p1:3: hunk 1 does not apply to f:7: line 7 is "line 7", not "x"'
    )


def test_an_addition_whose_context_is_all_given_up_stays_where_it_is_said_to_be() -> None:
    """GNU patch does the same; there is more context before than behind."""
    body = "@@ -7,3 +7,4 @@\n x\n y\n+ten\n z\n"
    data, said = result(change("f", body))
    assert data == LINES.replace("line 8\n", "line 8\nten\n")
    assert said == ["f:7: patch-fuzz: hunk 1 (p1:3) applies only without 2 lines of its context"]


def test_an_addition_behind_the_end_whose_context_is_all_given_up_is_put_before_it() -> None:
    data, said = result(change("f", "@@ -50,3 +50,4 @@\n x\n y\n+ten\n z\n"))
    assert data == LINES + "ten\n"
    assert [each.split(": ")[1] for each in said] == ["patch-offset", "patch-fuzz"]


def test_an_addition_within_what_a_hunk_before_settled_is_refused() -> None:
    body = "@@ -1,2 +1,1 @@\n line 1\n-line 2\n@@ -1,0 +2,1 @@\n+x\n"
    assert refusal(change("f", body)) == (
        "p1:6: hunk 2 does not apply to f:2: it overlaps with the hunk before"
    )
    at_the_end = body.replace("-1,0", "-2,0")
    assert result(change("f", at_the_end))[0] == LINES.replace("line 2\n", "x\n")


def test_of_two_places_equally_near_the_later_one_is_taken() -> None:
    tree = tree_of({"f": "x\na\nx\nb\nx\nc\nx\n"})
    data, _ = result(change("f", "@@ -4 +4 @@\n-x\n+y\n"), tree=tree)
    assert data == "x\na\nx\nb\ny\nc\nx\n"


def test_a_refused_hunk_names_both_places() -> None:
    text = change("f", middle() + "@@ -15,2 +15,2 @@\n line 15\n-other\n+x\n")
    assert refusal(text) == (
        'p1:8: hunk 2 does not apply to f:15: line 16 is "line 16", not "other"'
    )
    text = change("f", "@@ -20,2 +20,2 @@\n line 20\n-line 21\n+x\n")
    assert refusal(text) == "p1:3: hunk 1 does not apply to f:20: the file has only 20 lines"
    text = change("f", "@@ -10 +10 @@\n-line 10\r\n+x\r\n")
    assert refusal(text).endswith("ends otherwise than the patch expects (CR LF, or no newline)")


def test_nothing_is_applied_if_one_file_fails() -> None:
    tree = tree_of(TREE)
    refusal(change("f", middle()) + change("mm/x.c", "@@ -1 +1 @@\n-z\n+y\n"), tree=tree)
    assert tree.read("f") == LINES.encode()


def test_files_come_and_go() -> None:
    text = (
        "diff --git a/new/y.c b/new/y.c\nnew file mode 100644\n--- /dev/null\n+++ b/new/y.c\n"
        "@@ -0,0 +1,2 @@\n+a\n+b\n"
        "diff --git a/mm/x.c b/mm/x.c\ndeleted file mode 100644\n--- a/mm/x.c\n+++ /dev/null\n"
        "@@ -1,3 +0,0 @@\n-a\n-b\n-c\n"
    )
    (applied,) = applied_to(tree_of(TREE), text)
    assert applied.tree.read("new/y.c") == b"a\nb\n"
    assert applied.tree.read("mm/x.c") is None
    assert applied.tree.listdir("") == ("f", "new/")
    assert [(each.kind, each.lines.added, each.lines.removed) for each in applied.files] == [
        (ChangeKind.ADDED, (1, 2), ()),
        (ChangeKind.DELETED, (), (1, 2, 3)),
    ]


def test_renames_and_copies_start_from_the_tree_before() -> None:
    text = (
        "diff --git a/f b/g\nsimilarity index 90%\nrename from f\nrename to g\n"
        f"--- a/f\n+++ b/g\n{middle()}"
        "diff --git a/f b/h\nsimilarity index 100%\ncopy from f\ncopy to h\n"
    )
    (applied,) = applied_to(tree_of(TREE), text)
    assert applied.tree.read("f") is None
    assert applied.tree.read("g") == LINES.replace("line 10", "ten").encode()
    assert applied.tree.read("h") == LINES.encode()
    assert applied.files[0].lines.added == (10,)
    assert applied.files[1].lines.added == ()


def test_files_can_change_places() -> None:
    text = (
        "diff --git a/f b/mm/x.c\nsimilarity index 100%\nrename from f\nrename to mm/x.c\n"
        "diff --git a/mm/x.c b/f\nsimilarity index 100%\nrename from mm/x.c\nrename to f\n"
    )
    (applied,) = applied_to(tree_of(TREE), text)
    assert applied.tree.read("f") == b"a\nb\nc\n"
    assert applied.tree.read("mm/x.c") == LINES.encode()


def test_two_changes_of_a_file_add_up() -> None:
    text = change("f", middle()) + change("f", "@@ -1 +1,2 @@\n+zero\n line 1\n")
    (applied,) = applied_to(tree_of(TREE), text)
    (found,) = applied.files
    assert found.lines.added == (1, 11)
    assert found.lines.removed == (10,)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (change("g", "@@ -1 +1 @@\n-a\n+b\n"), "p1:1: g is not in the tree"),
        (change("mm", "@@ -1 +1 @@\n-a\n+b\n"), "p1:1: mm is a directory"),
        ("--- /dev/null\n+++ b/f\n@@ -0,0 +1 @@\n+a\n", "p1:1: f is in the tree already"),
        ("--- /dev/null\n+++ b/mm\n@@ -0,0 +1 @@\n+a\n", "p1:1: mm is a directory"),
        ("--- /dev/null\n+++ b/f/g\n@@ -0,0 +1 @@\n+a\n", "p1:1: f is a file, no directory"),
        (
            "--- a/mm/x.c\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n",
            "p1:1: mm/x.c is deleted, but not all of it: 1 line left",
        ),
        (
            "diff --git a/mm/x.c b/mm/x.c\ndeleted file mode 100644\n",
            "p1:1: mm/x.c is deleted, but not all of it: 3 lines left",
        ),
        (
            "diff --git a/f b/mm/x.c\nrename from f\nrename to mm/x.c\n",
            "p1:1: mm/x.c is in the tree already",
        ),
    ],
)
def test_files_that_are_not_as_the_patch_expects(text: str, said: str) -> None:
    assert refusal(text) == said


def test_paths_through_symlinks_are_refused() -> None:
    tree = tree_of(TREE, {"inner": "mm", "outer": None, "link.c": "f"})
    for path in ("inner/x.c", "outer/x.c", "link.c"):
        text = change(path, "@@ -1 +1 @@\n-a\n+b\n")
        why = "out of the tree: not read" if path == "outer/x.c" else "through a symlink"
        assert refusal(text, tree=tree) == f"p1:1: {path} leads {why}"
        text = f"--- /dev/null\n+++ b/{path}\n@@ -0,0 +1 @@\n+b\n"
        why = "out of the tree: not read" if path == "outer/x.c" else "through a symlink"
        assert refusal(text, tree=tree) == f"p1:1: {path} leads {why}"


def test_what_is_not_text_is_named() -> None:
    text = (
        "diff --git a/logo b/logo\nnew file mode 100644\nindex 0..1\n"
        "GIT binary patch\nliteral 1\nIcmZPo000310RR91\n\n"
        "diff --git a/mm/x.c b/mm/x.c\nindex 1..2 100644\n"
        "Binary files a/mm/x.c and b/mm/x.c differ\n"
        "diff --git a/link b/link\nnew file mode 120000\n--- /dev/null\n+++ b/link\n"
        "@@ -0,0 +1 @@\n+f\n\\ No newline at end of file\n"
    )
    diagnostics = Diagnostics()
    (applied,) = applied_to(tree_of(TREE), text, diagnostics=diagnostics)
    assert remarks(diagnostics) == [
        "p1:1: patch-binary-skipped: logo is a binary file: its contents are passed over",
        "p1:8: patch-binary-skipped: mm/x.c is a binary file: its contents are passed over",
        "p1:11: patch-symlink-skipped: link is a symlink: its contents are passed over",
    ]
    assert [each.skipped for each in applied.files] == [True, True, True]
    assert applied.tree.read("logo") == b""
    assert applied.tree.read("mm/x.c") == b"a\nb\nc\n"


def test_a_binary_file_can_go() -> None:
    text = (
        "diff --git a/mm/x.c b/mm/x.c\ndeleted file mode 100644\nindex 1..0\n"
        "Binary files a/mm/x.c and /dev/null differ\n"
    )
    (applied,) = applied_to(tree_of(TREE), text)
    assert not applied.tree.is_file("mm/x.c")


def test_permissions_change_nothing_in_the_contents() -> None:
    text = "diff --git a/f b/f\nold mode 100644\nnew mode 100755\n"
    (applied,) = applied_to(tree_of(TREE), text)
    assert applied.tree.read("f") == LINES.encode()
    assert applied.files[0].lines.added == ()


def test_carriage_returns_of_the_mail_are_not_those_of_the_file() -> None:
    text = change("f", "@@ -10 +10 @@\n-line 10\n+ten\n").replace("\n", "\r\n")
    data, said = result(text)
    assert data == LINES.replace("line 10", "ten")
    assert said == ["p1:1: patch-crlf: the lines of the patch for f end in CR LF: CR is taken off"]
    data, said = result(text, tree=tree_of({"f": LINES.replace("\n", "\r\n")}))
    assert data == LINES.replace("line 10", "ten").replace("\n", "\r\n")
    assert said == []


def test_a_file_without_a_final_newline() -> None:
    tree = tree_of({"f": "a\nb"})
    body = "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n"
    assert result(change("f", body), tree=tree)[0] == "a\nc\n"
    none = "\\ No newline at end of file\n"
    body = f"@@ -1,2 +1,3 @@\n a\n-b\n{none}+b\n+c\n{none}"
    assert result(change("f", body), tree=tree)[0] == "a\nb\nc"


def test_a_series_applies_patch_after_patch() -> None:
    second = change("f", "@@ -10 +10 @@\n-ten\n+TEN\n")
    first, last = applied_to(tree_of(TREE), change("f", middle()), second)
    assert first.tree.read("f") == LINES.replace("line 10", "ten").encode()
    assert last.tree.read("f") == LINES.replace("line 10", "TEN").encode()
    assert last.tree.base is first.tree.base
    refused = refusal(second, change("f", middle()))
    assert refused.startswith("p1:3: hunk 1 does not apply to f:10: ")


def test_what_is_read_from_below_is_stamped() -> None:
    tree = tree_of(TREE)
    (applied,) = applied_to(tree, change("f", middle()))
    assert set(tree.stamps) == {"f"}
    applied.tree.read("mm/x.c")
    assert applied.tree.stamps is tree.stamps
    assert set(tree.stamps) == {"f", "mm/x.c"}


def test_lines_that_change_next_to_each_other_are_one_block() -> None:
    body = "@@ -1,3 +1,3 @@\n-a\n+A\n-b\n+B\n c\n"
    (applied,) = applied_to(tree_of(TREE), change("mm/x.c", body))
    assert applied.files[0].lines.blocks == (Block(1, 2, 1, 2),)
