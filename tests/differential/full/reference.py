"""One real build of a kernel in one configuration, and what is kept of it.

The directories of the comparison are built by the kernel's own makefiles with GCC's dumps
(``edges_build.py``). Three files stay, named by all that they depend on: GCC's call edges
(``edges_record.py``), the objects that were compiled with their options, and the active lines
of every file that a unit read (``gcc_lines.py``). The build itself is removed.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edges_build import RECIPES, Build, Builder, Recipe, all_targets
from edges_dumps import object_of
from edges_record import FORMAT, collect, completed, gcc_version, write
from edges_truth import Truth, read_truth
from full.gcc_lines import LINES_FORMAT, Active, lines_of_units, read_lines
from kbuild_reference import Command, command_of
from kernels.locking import exclusive
from kernels.trees import KernelTree

MAX_FAILED = 0.05
"""Share of the objects that a random configuration may fail to compile on this machine."""


class HalfBuilt(Exception):
    """More objects than :data:`MAX_FAILED` did not compile."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What is kept of a build; ``failed`` are the objects that did not compile."""

    kernel: KernelTree
    recipe: Recipe
    dotconfig: str
    targets: tuple[str, ...]
    failed: tuple[str, ...]
    objects: Mapping[str, Command]
    _edges: Path
    _lines: Path

    def edges(self) -> Truth:
        """GCC's call edges."""
        return read_truth(self._edges)

    def lines(self) -> Mapping[str, Active]:
        """What is active in each object's files."""
        return read_lines(_load(self._lines))


def reference_of(kernel: KernelTree, name: str, folder: Path, jobs: int) -> Reference:
    """The build of ``kernel`` with configuration ``name``, made in ``folder`` if it is new."""
    recipe = RECIPES[name]
    stem = f"{kernel.version}-{name}-{_key(kernel, recipe)}"
    edges, objects, lines = (
        folder / f"full-{kind}-{stem}.json.xz" for kind in ("edges", "objects", "lines")
    )
    with exclusive(folder / f"lock-full-{kernel.version}-{name}"):
        if not objects.exists():
            with tempfile.TemporaryDirectory(dir=folder, prefix=".build-") as work:
                _record(kernel, recipe, (edges, objects, lines), Path(work) / "work", jobs)
    content = _load(objects)
    return Reference(
        kernel=kernel,
        recipe=recipe,
        dotconfig=content["dotconfig"],
        targets=tuple(content["targets"]),
        failed=tuple(content["failed"]),
        objects={
            path: Command(source, tuple(options))
            for path, (source, options) in content["objects"].items()
        },
        _edges=edges,
        _lines=lines,
    )


def _key(kernel: KernelTree, recipe: Recipe) -> str:
    makefile = (kernel.path / "Makefile").read_bytes()
    parts = [FORMAT, LINES_FORMAT, gcc_version(), repr(recipe)]
    if recipe.base.startswith("distribution:"):
        parts += [path.name for path in kernel.configs]
    return hashlib.sha256(makefile + "\0".join(parts).encode()).hexdigest()[:12]


def _record(
    kernel: KernelTree, recipe: Recipe, files: tuple[Path, Path, Path], work: Path, jobs: int
) -> None:
    """The file of objects is written last: it says that the others are complete."""
    edges, objects, lines = files
    builder = Builder(kernel.path, work, jobs)
    dotconfig = builder.configure(kernel, recipe)
    targets = all_targets(dotconfig)
    build = builder.build(dotconfig, targets, front_end_only=True)
    found = _objects(build, targets)
    if len(build.failed) > MAX_FAILED * len(found):
        raise HalfBuilt(f"{kernel.version} {recipe.name}: {' '.join(build.failed)}")
    write(edges, kernel, recipe, build, collect(build, jobs))
    _save(lines, lines_of_units(build, completed(build), jobs))
    _save(
        objects,
        {
            "dotconfig": dotconfig,
            "targets": targets,
            "failed": build.failed,
            "objects": {path: [one.source, one.options] for path, one in found.items()},
        },
    )


def _objects(build: Build, targets: tuple[str, ...]) -> dict[str, Command]:
    """What make compiled below ``targets``, failed objects included."""
    found: dict[str, Command] = {}
    for folder in sorted(build.dumps.iterdir()):
        path = object_of(folder)
        if path.startswith(targets):
            arguments = (folder / "argv").read_text(errors="replace").split("\0")[:-1]
            found[path] = command_of(arguments, str(build.tree))
    return found


def _save(path: Path, content: Mapping[str, Any]) -> None:
    partial = path.with_name(f".{path.name}.new")
    with lzma.open(partial, "wt", preset=3, encoding="utf-8") as stream:
        json.dump(content, stream, separators=(",", ":"))
    partial.rename(path)


def _load(path: Path) -> dict[str, Any]:
    with lzma.open(path, "rt", encoding="utf-8") as stream:
        content: dict[str, Any] = json.load(stream)
    return content
