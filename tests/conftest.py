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

from kernels.trees import HOW_TO_GET_ONE, KernelTree, cache_folder, wanted_trees

ORACLE_TOOLS = ("gcc", "make", "flex", "bison", "bc")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test with a ``kernel`` argument on every kernel tree there is."""
    if "kernel" not in metafunc.fixturenames:
        return
    trees = wanted_trees()
    if trees:
        marks = [pytest.param(tree, id=tree.version, marks=pytest.mark.kernel) for tree in trees]
    else:
        skip = pytest.mark.skip(reason=HOW_TO_GET_ONE)
        marks = [pytest.param(None, id="none", marks=(pytest.mark.kernel, skip))]
    metafunc.parametrize("kernel", marks, scope="session")


@pytest.hookimpl(tryfirst=True)  # before xdist looks at the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a module on one kernel in one process, for the fixtures they share.

    Those marked ``spread`` share none and take long; each goes to whatever process is free.
    """
    for item in items:
        if item.get_closest_marker("spread") is None:
            callspec = getattr(item, "callspec", None)
            kernel = callspec.params.get("kernel") if callspec is not None else None
            version = kernel.version if isinstance(kernel, KernelTree) else ""
            item.add_marker(pytest.mark.xdist_group(f"{item.path.name} {version}".strip()))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Refuse to run where the groups made above are ignored: it would take twice as long."""
    if getattr(session.config.option, "loadgroup", False):
        for item in session.items:
            if item.get_closest_marker("xdist_group") and "@" not in item.nodeid:
                raise pytest.UsageError(
                    f"pytest {pytest.__version__} and this pytest-xdist do not keep tests in "
                    "groups; see pyproject.toml for the versions that do"
                )


@pytest.fixture(autouse=True)
def _no_terminal_width(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is printed does not depend on the terminal the tests are started from."""
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture(scope="session")
def kernel_trees() -> tuple[KernelTree, ...]:
    """All kernel trees, oldest version first; skips where there is none."""
    trees = wanted_trees()
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
