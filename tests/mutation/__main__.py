"""Draw mutants, run the tests on each, say which survived; the package's docstring says how."""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import TestOutcome, WorkItem

from mutation.annotations import Place, annotated

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT = 300
"""Seconds after which the tests of a mutant are ended: it counts as noticed."""
PACKAGES: Mapping[str, Sequence[str]] = {
    "configset": (
        *("configs", "configurations", "describe", "shortest", "architecture", "kconfig_resolve"),
        *("guard_words", "policy", "../property/test_masks", "../property/test_widening"),
    ),
    "preprocessor": (
        *("preprocessor_conditions", "preprocessor_directives", "preprocessor_macros"),
        *("preprocessor_masked", "preprocessor_rows", "outline", "unit", "packing", "file_text"),
        *("deferred_constants", "generated_constants", "slot_writers", "conditionals"),
    ),
    "patch": (
        *("patch_apply", "patch_bad_input", "patch_diff", "patch_joined", "patch_lines"),
        *("patch_mail", "difference", "../differential/test_patch_random"),
        "../differential/test_patch_git",
    ),
}
"""The unit tests of each package."""


def main() -> int:
    """0 when all was run, whatever survived."""
    parser = argparse.ArgumentParser(prog="mutation", description=__doc__)
    parser.add_argument("--sample", type=int, default=40, help="mutants a package (default: 40)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("package", nargs="*", help=f"of {', '.join(PACKAGES)} (default: all)")
    options = parser.parse_args()
    for package in options.package or PACKAGES:
        if package not in PACKAGES:
            parser.error(f"no package {package!r}")
        with tempfile.TemporaryDirectory(prefix="kimpact-mutation-") as folder:
            _report(package, _run(package, Path(folder), options.sample, options.seed))
    return 0


def _run(package: str, folder: Path, sample: int, seed: int) -> list[tuple[str, TestOutcome, str]]:
    """Of each mutant drawn, what it is, how the tests ended, and the change."""
    for part in ("analyzer", "tests", "fixtures", "docs"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    settings, session = folder / "mutation.toml", folder / "session.sqlite"
    settings.write_text(_settings(package))
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}

    def cosmic_ray(*arguments: str) -> None:
        command = [sys.executable, "-m", "cosmic_ray.cli", *arguments]
        subprocess.run(command, cwd=folder, env=environment, check=True)

    cosmic_ray("init", settings.name, session.name)
    cosmic_ray("baseline", settings.name)
    with use_db(str(session), WorkDB.Mode.open) as database:
        unevaluated = _Unevaluated(folder)
        items = [each for each in database.work_items if not unevaluated.has(each)]
        items.sort(key=lambda each: str(each.mutations))
        print(f"{package}: {len(items)} mutants, of which {sample} are drawn (seed {seed})")
        drawn = random.Random(seed).sample(items, min(sample, len(items)))
        database.clear()
        database.add_work_items(drawn)
    cosmic_ray("exec", settings.name, session.name)
    with use_db(str(session), WorkDB.Mode.open) as database:
        return [
            (_name(item), result.test_outcome, result.diff or "")
            for item, result in database.completed_work_items
        ]


def _settings(package: str) -> str:
    tests = " ".join(
        f"tests/unit/{name}.py" if "/" in name else f"tests/unit/test_{name}.py"
        for name in PACKAGES[package]
    )
    command = f"{sys.executable} -m pytest -x -q -n0 {tests}"
    return f"""\
[cosmic-ray]
module-path = "analyzer/{package}"
timeout = {TIMEOUT}.0
excluded-modules = []
test-command = "{command}"
[cosmic-ray.distributor]
name = "local"
"""


class _Unevaluated:
    """The annotations of modules, each read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._spans: dict[Path, list[tuple[Place, Place]]] = {}

    def has(self, item: WorkItem) -> bool:
        """Whether a mutant changes an annotation only."""
        return any(
            begin <= each.start_pos < end
            for each in item.mutations
            for begin, end in self._of(each.module_path)
        )

    def _of(self, path: Path) -> list[tuple[Place, Place]]:
        if path not in self._spans:
            self._spans[path] = annotated((self._folder / path).read_text(encoding="utf-8"))
        return self._spans[path]


def _name(item: WorkItem) -> str:
    return ", ".join(
        f"{each.module_path}:{each.start_pos[0]} {each.operator_name}" for each in item.mutations
    )


def _report(package: str, results: Sequence[tuple[str, TestOutcome, str]]) -> None:
    survived = [each for each in results if each[1] is TestOutcome.SURVIVED]
    for name, _, diff in survived:
        print(f"survived: {name}\n{diff}")
    killed = len(results) - len(survived)
    print(f"{package}: {killed} of {len(results)} mutants were noticed")


if __name__ == "__main__":
    sys.exit(main())
