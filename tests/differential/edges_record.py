"""Record GCC's call edges of a kernel in one configuration (``edges-2``).

    python edges_record.py --kernel DIR --config defconfig --out FILE.json.xz
                           [--work DIR] [--jobs 2] [--keep] [OBJECT|FOLDER/ …]

with ``tests/`` on the Python path. Without targets: everything that the full comparison
covers. Names of configurations are those of ``edges_build.py``. The file is compact JSON
in xz: string tables ``names``, ``files`` and ``funcs`` ([name, file, line, flags]), then
``bodies`` ([function, reached, calls, indirect calls, addresses taken, before folding]),
``calls`` being callee, count, callee, count …; ``tus`` gives per object its source, the
index of its options, its bodies, aliases and tables. ``edges_truth.py`` reads it.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import json
import lzma
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Hashable, Iterable, Sequence
from pathlib import Path
from typing import Any

from edges_build import RECIPES, Build, Builder, BuildFailed, Recipe, all_targets
from edges_dumps import DumpedFunction, DumpedUnit, dumped_units, object_of, read_unit
from edges_truth import MACRO, STATIC
from kernels.trees import KernelTree, find_trees

FORMAT = "edges-2"

Targets = Callable[[str], Sequence[str]]
"""Objects to build, chosen by a resolved ``.config``."""


class Table:
    """Numbers for values, in the order of their first use."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self._numbers: dict[Hashable, int] = {}

    def number(self, value: Hashable) -> int:
        """The number of ``value``, a new one if it has none."""
        known = self._numbers.setdefault(value, len(self.items))
        if known == len(self.items):
            self.items.append(value)
        return known


class Sources:
    """The text of the files that GCC names, to tell macro-made functions apart."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self._roots = [f"{root}/" for root in roots]
        self._lines: dict[str, list[str]] = {}

    def relative(self, path: str) -> str:
        """``path`` relative to the tree or the build folder."""
        for root in self._roots:
            path = path.removeprefix(root)
        return os.path.normpath(path) if path else ""

    def relative_option(self, option: str) -> str:
        """A compiler option with the tree's path taken out."""
        for root in self._roots:
            option = option.replace(root, "")
        return option

    def macro_made(self, file: str, line: int, name: str) -> bool:
        """Whether ``name`` does not stand on the line where GCC places its definition."""
        if file not in self._lines:
            paths = [Path(root) / file for root in self._roots]
            path = next((path for path in paths if path.is_file()), None)
            text = path.read_text(errors="replace") if path else ""
            self._lines[file] = text.splitlines()
        lines = self._lines[file]
        if not 0 < line <= len(lines):
            return False
        return re.search(rf"\b{re.escape(name)}\b", lines[line - 1]) is None


class Document:
    """The truth file in the making."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self.names, self.files, self.funcs = Table(), Table(), Table()
        self.bodies, self.options = Table(), Table()
        self.units: dict[str, Any] = {}
        self.edges = 0

    def add(self, unit: DumpedUnit) -> None:
        """Add one object."""
        name = self.names.number
        self.units[unit.object] = {
            "src": self._sources.relative(unit.source),
            "args": self.options.number(tuple(map(self._sources.relative_option, unit.options))),
            "bodies": [self._body(function) for function in unit.functions],
            "alias": [[name(alias), name(target)] for alias, target in unit.aliases],
            "tables": [[name(var), [name(held) for held in all_]] for var, all_ in unit.tables],
        }

    def _body(self, function: DumpedFunction) -> int:
        name = self.names.number
        file = self._sources.relative(function.file)
        made = bool(file) and self._sources.macro_made(file, function.line, function.name)
        flags = (STATIC if function.static else 0) | (MACRO if made else 0)
        key = (name(function.name), self.files.number(file), function.line, flags)
        self.edges += len(function.calls)
        calls = tuple(part for callee, count in function.calls for part in (name(callee), count))
        return self.bodies.number(
            (
                self.funcs.number(key),
                int(function.reached),
                calls,
                function.indirect_calls,
                tuple(map(name, function.address_taken)),
                tuple(map(name, function.before_folding)),
            )
        )


def gcc_version() -> str:
    """The first line of ``gcc --version``."""
    said = subprocess.run(["gcc", "--version"], capture_output=True, text=True, check=True)
    return said.stdout.splitlines()[0]


def completed(build: Build) -> list[Path]:
    """The dump folders of the objects that were compiled without an error."""
    return [
        folder
        for folder in dumped_units(build.dumps)
        if object_of(folder) not in build.failed and (build.objects / object_of(folder)).exists()
    ]


def collect(build: Build, jobs: int) -> Document:
    """Read all dumps of a build."""
    document = Document(Sources([build.tree, build.objects]))
    with concurrent.futures.ProcessPoolExecutor(jobs) as pool:
        for unit in pool.map(read_unit, completed(build)):
            document.add(unit)
    return document


def write(path: Path, kernel: KernelTree, recipe: Recipe, build: Build, document: Document) -> None:
    """Write the truth file, complete or not at all."""
    content = {
        "format": FORMAT,
        "kernel": kernel.version,
        "name": recipe.name,
        "gcc": gcc_version(),
        "targets": build.targets,
        "failed": build.failed,
        "count": {"units": len(document.units), "edges": document.edges},
        "seconds": {
            "prepare": round(build.prepare_seconds, 1),
            "compile": round(build.compile_seconds, 1),
        },
        "dotconfig": build.dotconfig,
        "names": document.names.items,
        "files": document.files.items,
        "funcs": document.funcs.items,
        "bodies": document.bodies.items,
        "args": document.options.items,
        "tus": document.units,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    with lzma.open(partial, "wt", preset=6, encoding="utf-8", errors="surrogateescape") as stream:
        json.dump(content, stream, separators=(",", ":"))
    partial.rename(path)


def record(
    kernel: KernelTree,
    recipe: Recipe,
    targets: Iterable[str] | Targets,
    out: Path,
    work: Path,
    *,
    jobs: int = 2,
    front_end_only: bool = False,
) -> Builder:
    """Build ``targets`` (all, if none are given; a function is handed the ``.config``) and
    write the truth file ``out``.

    Raises :class:`BuildFailed` when the kernel cannot be configured or prepared, or when
    an object does not compile: half a truth is none.
    """
    builder = Builder(kernel.path, work, jobs)
    dotconfig = builder.configure(kernel, recipe)
    chosen = tuple(targets(dotconfig) if callable(targets) else targets)
    build = builder.build(
        dotconfig, chosen or all_targets(dotconfig), front_end_only=front_end_only
    )
    if build.failed:
        raise BuildFailed(f"these objects do not compile: {' '.join(build.failed)}")
    write(out, kernel, recipe, build, collect(build, jobs))
    return builder


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point of the command; see the module's docstring."""
    parser = argparse.ArgumentParser(description="Record GCC's call edges of a kernel.")
    parser.add_argument("--kernel", type=Path, required=True, help="a kernel source tree")
    parser.add_argument("--config", choices=sorted(RECIPES), required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--work", type=Path, help="build here (emptied first)")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", action="store_true", help="keep the build and GCC's dumps")
    parser.add_argument("targets", nargs="*", metavar="OBJECT|FOLDER/")
    options = parser.parse_args(arguments)
    started = time.monotonic()
    work: Path = options.work or Path(tempfile.mkdtemp(prefix="kimpact-oracle-"))
    try:
        (kernel,) = find_trees(options.kernel)
        builder = record(
            kernel, RECIPES[options.config], options.targets, options.out, work, jobs=options.jobs
        )
    except (BuildFailed, ValueError) as error:
        print(f"edges_record: {error}", file=sys.stderr)
        return 1
    if not options.keep:
        builder.remove()
    print(f"{options.out}: {time.monotonic() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
