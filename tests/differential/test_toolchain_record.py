"""A profile recorded on this machine resolves ``defconfig`` as the tree's own make does."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from analyzer.cli.main import main
from kernels.trees import KernelTree

pytestmark = pytest.mark.oracle

DEFCONFIG = "arch/x86/configs/x86_64_defconfig"


@pytest.mark.usefixtures("oracle_folder")
def test_defconfig_is_that_of_make(kernel: KernelTree, tmp_path: Path) -> None:
    build = tmp_path / "build"
    make = ["make", "-s", "-C", str(kernel.path), f"O={build}", "ARCH=x86", "defconfig"]
    made = subprocess.run(make, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr[-2000:]
    profile = tmp_path / "here.json"
    tree = ["--kernel", str(kernel.path)]
    assert main(["toolchain", "record", *tree, "--run-tree-scripts", "-o", str(profile)]) == 0
    out = tmp_path / "defconfig"
    config = str(kernel.path / DEFCONFIG)
    resolve = ["resolve", *tree, "--toolchain", str(profile), "--config", config, "-o", str(out)]
    assert main(resolve) == 0
    assert out.read_text() == (build / ".config").read_text()
