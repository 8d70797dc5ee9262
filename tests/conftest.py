"""Fixtures for all tests: real kernel trees, and a folder for reference builds.

A test that asks for ``kernel`` runs once per kernel tree found (``tests/kernels/trees.py``
says where), and is skipped with a hint where there is none. ``oracle_folder`` is kept
between runs: ``KIMPACT_ORACLE=DIR``, or ``oracle`` in kimpact's cache folder.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from kernels.trees import HOW_TO_GET_ONE, KernelTree, cache_folder, find_trees, kernels_folder

ORACLE_TOOLS = ("gcc", "make", "flex", "bison", "bc")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test with a ``kernel`` argument on every kernel tree there is."""
    if "kernel" not in metafunc.fixturenames:
        return
    trees = find_trees(kernels_folder())
    if trees:
        marks = [pytest.param(tree, id=tree.version, marks=pytest.mark.kernel) for tree in trees]
    else:
        skip = pytest.mark.skip(reason=HOW_TO_GET_ONE)
        marks = [pytest.param(None, id="none", marks=(pytest.mark.kernel, skip))]
    metafunc.parametrize("kernel", marks, scope="session")


@pytest.fixture(scope="session")
def kernel_trees() -> tuple[KernelTree, ...]:
    """All kernel trees, oldest version first; skips where there is none."""
    trees = find_trees(kernels_folder())
    if not trees:
        pytest.skip(HOW_TO_GET_ONE)
    return trees


@pytest.fixture(scope="session")
def oracle_folder() -> Path:
    """A folder for reference builds, kept between runs; skips where tools are missing."""
    missing = [tool for tool in ORACLE_TOOLS if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"the reference cannot be built without {', '.join(missing)}")
    named = os.environ.get("KIMPACT_ORACLE")
    folder = Path(named).expanduser() if named else cache_folder() / "oracle"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
