"""Real patches on real kernels: applied here as GNU patch applies them, or refused by both.

The distribution's kernels have its patches applied. A series is taken off first, as far as
``patch -R`` can, on copies of the files that it touches.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput
from analyzer.patch.apply import AppliedPatch, apply_series
from analyzer.patch.inputs import read_input
from analyzer.patch.model import Series
from analyzer.patch.series import read_series
from analyzer.tree.source_tree import DirectoryTree
from kernels.patched import SEED, seed_folder
from kernels.patches import HOW_TO_GET_THEM, all_patches, patches_folder, quilt_series
from kernels.trees import KernelTree
from patch_tools import files_below, git, gnu_patch, write_files

pytestmark = pytest.mark.skipif(shutil.which("patch") is None, reason="GNU patch is missing")


def series_in(*paths: Path) -> Series:
    return read_series([read_input(path) for path in paths], Diagnostics())


def copy_touched(kernel: Path, folder: Path, series: Series) -> None:
    """The kernel's files that ``series`` names, those that are not there yet."""
    for patch in series.patches:
        for change in patch.files:
            for path in (change.old_path, change.new_path):
                if path and (kernel / path).is_file() and not (folder / path).exists():
                    write_files(folder, {path: (kernel / path).read_bytes()})


def require_same(folder: Path, applied: AppliedPatch, before: dict[str, bytes]) -> None:
    """The files in ``folder`` are those of the tree after the patch, and lines keep their text."""
    after = files_below(folder)
    for path in {*before, *after, *applied.tree.changed}:
        assert after.get(path) == applied.tree.read(path), path
    for change in applied.files:
        if change.old_path and change.new_path and not change.skipped:
            old = before[change.old_path].split(b"\n")
            new = after[change.new_path].split(b"\n")
            for line in range(1, change.lines.old_lines + 1):
                there = change.lines.to_new(line)
                assert there is None or old[line - 1] == new[there - 1]


@pytest.fixture
def seed(kernel: KernelTree) -> tuple[Path, ...]:
    """The base and the published patch that the project began with."""
    folder = seed_folder()
    if folder is None or kernel.version != "6.12":
        pytest.skip(f"needs 6.12 and the seed case ({SEED}=DIR)")
    return (*folder.glob("0001-*"), *folder.glob("0002-*"))


def test_the_seed_applies_as_gnu_patch_and_git_have_it(
    kernel: KernelTree, seed: tuple[Path, ...], tmp_path: Path
) -> None:
    series = series_in(*seed)
    diagnostics = Diagnostics()
    applied = apply_series(DirectoryTree(kernel.path), series, diagnostics)
    assert not len(diagnostics)
    for tool in ("patch", "git"):
        folder = tmp_path / tool
        folder.mkdir()
        copy_touched(kernel.path, folder, series)
        for path, each in zip(seed, applied, strict=True):
            before = files_below(folder)
            if tool == "patch":
                assert gnu_patch(folder, path.read_bytes())
            else:
                git(folder, "apply", str(path))
            require_same(folder, each, before)
    message = series.patches[1].message
    assert message.subject == "x86: mm: free page table pages by RCU instead of semi RCU"
    assert "          tlb_remove_table [!CONFIG_PARAVIRT, Xen PV, Hyper-V, KVM]" in message.lines


@pytest.fixture
def patches() -> Path:
    folder = patches_folder()
    if not all_patches(folder):
        pytest.skip(HOW_TO_GET_THEM)
    return folder


def test_every_patch_is_taken_or_refused_as_gnu_patch_has_it(
    kernel: KernelTree, patches: Path, tmp_path: Path
) -> None:
    taken = 0
    for number, path in enumerate(all_patches(patches)):
        series = series_in(path)
        folder = tmp_path / str(number)
        folder.mkdir()
        copy_touched(kernel.path, folder, series)
        before = files_below(folder)
        try:
            applied = apply_series(DirectoryTree(folder), series, Diagnostics())
        except BadInput:
            applied = ()
        assert gnu_patch(folder, path.read_bytes()) == bool(applied), path
        if applied:
            taken += 1
            require_same(folder, applied[-1], before)
        shutil.rmtree(folder)
    assert taken


def test_a_series_that_was_taken_off_goes_on_again(
    kernel: KernelTree, patches: Path, tmp_path: Path
) -> None:
    most = 0
    for number, series in enumerate(quilt_series(patches)):
        folder = tmp_path / str(number)
        folder.mkdir()
        off: list[Path] = []
        for path in reversed(series):
            copy_touched(kernel.path, folder, series_in(path))
            if taken_off(folder, path):
                off.insert(0, path)
        applied = apply_series(DirectoryTree(folder), series_in(*off), Diagnostics()) if off else ()
        for path, each in zip(off, applied, strict=True):
            before = files_below(folder)
            assert gnu_patch(folder, path.read_bytes()), path
            require_same(folder, each, before)
        most = max(most, len(off))
    assert most > 10


def taken_off(folder: Path, path: Path) -> bool:
    """Undo a patch with ``patch -R`` if all of it goes."""
    command = ["patch", "-R", "-p1", "--force", "--silent", "--no-backup-if-mismatch"]
    for more in (["--dry-run"], []):
        done = subprocess.run(
            [*command, *more, "-i", str(path)], cwd=folder, capture_output=True, check=False
        )
        if done.returncode != 0:
            return False
    return True
