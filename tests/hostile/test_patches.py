"""Patches of a stranger: nothing outside the tree is read, nothing at all is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from hostile_case import Hostile


@pytest.fixture
def hostile(tmp_path: Path) -> Hostile:
    return Hostile(tmp_path)


def edit(path: str) -> bytes:
    return f"--- a/{path}\n+++ b/{path}\n@@ -1,1 +1,2 @@\n root:SECRET\n+mine\n".encode()


def snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    paths = [path for path in folder.rglob("*") if "xdg" not in path.parts]
    return {str(path): (path.lstat().st_mtime_ns, path.lstat().st_size) for path in paths}


PATHS = {
    "dots": "../secret",
    "dots inside": "mm/../../secret",
    "absolute": "/etc/passwd",
    "a symlink out of the tree": "mm/link",
    "a folder out of the tree": "mm/out/secret",
    "a symlink to itself": "mm/loop",
    "a device": "mm/zero",
}


LINKED_OUT = {"a symlink out of the tree", "a folder out of the tree", "a device"}


@pytest.mark.parametrize("trick", PATHS)
def test_a_path_that_leaves_the_tree_is_refused(trick: str, hostile: Hostile) -> None:
    links = {
        "mm/link": hostile.secret,
        "mm/out": hostile.folder,
        "mm/loop": Path("loop"),
        "mm/zero": Path("/dev/zero"),
    }
    for link, target in links.items():
        (hostile.tree / link).symlink_to(target)
    given = hostile.folder / "a.patch"
    given.write_bytes(edit(PATHS[trick]))
    before = snapshot(hostile.folder)
    line = hostile.refused(["review", str(given), *hostile.given()])
    assert line.startswith("kimpact: error: ")
    assert PATHS[trick].removeprefix("/") in line
    if trick in LINKED_OUT:
        assert line.endswith(f"{PATHS[trick]} leads out of the tree: not read\n")
    assert snapshot(hostile.folder) == before


def test_a_patch_writes_nothing(hostile: Hostile) -> None:
    made = b"--- /dev/null\n+++ b/mm/made.c\n@@ -0,0 +1 @@\n+int made;\n"
    gone = b"--- a/mm/Kconfig\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-config MM\n-\tdef_bool y\n"
    given = hostile.folder / "a.patch"
    given.write_bytes(made)
    before = snapshot(hostile.folder)
    assert hostile.run("review", str(given), *hostile.given()).status == 0
    given.write_bytes(gone)
    after = snapshot(hostile.folder)
    hostile.run("review", str(given), *hostile.given())
    assert snapshot(hostile.folder) == after
    assert {path for path in before if not path.endswith("a.patch")} <= after.keys()


@pytest.mark.parametrize("size", [50 << 20], ids=["50 MB"])
def test_a_giant_patch_is_refused(size: int, hostile: Hostile) -> None:
    head = b"--- a/mm/memory.c\n+++ b/mm/memory.c\n@@ -1,1 +1,1000000 @@\n"
    shown = hostile.run("review", "-", *hostile.given(), stdin=head + b"+x\n" * (size // 3))
    assert (shown.status, shown.out) == (2, "")
    assert "too large for a patch: more than 32 MiB" in shown.err


def test_a_patch_that_claims_a_giant_is_refused(hostile: Hostile) -> None:
    head = b"--- a/mm/memory.c\n+++ b/mm/memory.c\n@@ -1,999999999999999999 +1,%s @@\n" % (
        b"9" * 5000
    )
    shown = hostile.run("review", "-", *hostile.given(), stdin=head + b" x\n")
    assert (shown.status, shown.out) == (2, "")
    assert shown.err.count("\n") == 1
