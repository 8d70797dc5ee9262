"""Random edits: what ``diff -u`` makes of them applies as GNU patch applies it."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput
from analyzer.patch.apply import apply_series
from analyzer.patch.inputs import PatchInput
from analyzer.patch.series import read_series
from analyzer.tree.source_tree import DirectoryTree
from patch_tools import diff_unified, gnu_patch, write_files

pytestmark = pytest.mark.skipif(
    shutil.which("patch") is None or shutil.which("diff") is None,
    reason="GNU patch and diff are not installed",
)

LINE = st.sampled_from([b"a", b"b", b"c", b"", b"-", b"-- x", b"++ y", b"+", b" d", b"e\r"])
LINES = st.lists(LINE, max_size=30)
EDIT = st.tuples(st.integers(0, 30), st.integers(0, 3), st.lists(LINE, max_size=3))
EDITS = st.lists(EDIT, max_size=4)


def edited(lines: list[bytes], edits: list[tuple[int, int, list[bytes]]]) -> list[bytes]:
    """``lines`` with each edit made: at a place, so many lines replaced by others."""
    result = list(lines)
    for place, count, new in edits:
        at = min(place, len(result))
        result[at : at + count] = new
    return result


def contents(lines: list[bytes], newline: bool) -> bytes:
    """Lines as a file, the last of them with or without its newline."""
    data = b"\n".join(lines)
    return data + b"\n" if newline and lines else data


def ours(folder: Path, patch: bytes) -> dict[str, bytes | None] | None:
    """The file after the patch, or None if it is refused."""
    try:
        series = read_series([PatchInput("p", patch)], Diagnostics())
        applied = apply_series(DirectoryTree(folder), series, Diagnostics())
    except BadInput:
        return None
    return {"f": applied[-1].tree.read("f")}


@settings(max_examples=150, deadline=None)
@given(LINES, EDITS, st.booleans(), st.booleans(), st.integers(0, 3))
def test_the_difference_of_two_files_makes_one_the_other(
    lines: list[bytes],
    edits: list[tuple[int, int, list[bytes]]],
    ended: bool,
    ends: bool,
    context: int,
) -> None:
    old, new = contents(lines, ended), contents(edited(lines, edits), ends)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        patch = diff_unified(folder, old, new, context)
        if not patch:
            return
        write_files(folder / "tree", {"f": old})
        assert ours(folder / "tree", patch) == {"f": new}


@settings(max_examples=150, deadline=None)
@given(LINES, EDITS, EDITS, st.booleans(), st.booleans(), st.integers(1, 4))
def test_another_file_takes_or_refuses_the_difference_as_gnu_patch_has_it(
    lines: list[bytes],
    edits: list[tuple[int, int, list[bytes]]],
    others: list[tuple[int, int, list[bytes]]],
    ended: bool,
    ends: bool,
    context: int,
) -> None:
    # Without any context GNU patch puts lines for which the file is too short at its end;
    # we refuse them.
    old, new = contents(lines, ended), contents(edited(lines, edits), ends)
    target = contents(edited(lines, others), ended)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        patch = diff_unified(folder, old, new, context)
        if not patch:
            return
        tree = folder / "tree"
        write_files(tree, {"f": target})
        got = ours(tree, patch)
        assert (tree / "f").read_bytes() == target
        if not gnu_patch(tree, patch):
            assert got is None
        else:
            assert got == {"f": (tree / "f").read_bytes()}
