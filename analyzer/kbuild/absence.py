"""Why a source is not built: the unset symbols on the makefile lines that name it."""

from __future__ import annotations

from collections.abc import Iterable

from analyzer.configset.configset import Mask
from analyzer.kbuild.directory import entries
from analyzer.kbuild.evaluator import Evaluator
from analyzer.kbuild.frame import tree_path
from analyzer.kbuild.node import DirectoryNode
from analyzer.kbuild.objects import Absence
from analyzer.kbuild.processes import Library, run_directory

_LISTS = ("obj-y", "obj-m", "obj-", "lib-y", "lib-m", "lib-", "subdir-y", "subdir-m", "subdir-")


def why_absent(
    evaluator: Evaluator, library: Library, root: DirectoryNode, source: str, missing: Mask
) -> tuple[Absence, ...]:
    """The symbols of the lines that would build ``source``, where unset within ``missing``.

    Directories that no configuration enters are read too: the line that would enter
    them is what keeps the source out.
    """
    if not missing:
        return ()
    symbols = _governing(evaluator, library, root, source) or {}
    result: list[Absence] = []
    for symbol in symbols:
        unset = missing & ~evaluator.configs.column(symbol).present
        if unset:
            result.append(Absence(symbol, unset))
    return tuple(result)


def is_named(evaluator: Evaluator, library: Library, root: DirectoryNode, source: str) -> bool:
    """Whether a makefile on the way to ``source`` lists its object, in whatever list."""
    return _governing(evaluator, library, root, source) is not None


def entered_directories(evaluator: Evaluator, nodes: Iterable[DirectoryNode]) -> frozenset[str]:
    """The directories that ``nodes`` list in whatever configuration, each with a ``/``."""
    found: set[str] = set()
    for node in nodes:
        found.update(f"{path}/" for path in node.listing.subdirectories)
        for name in _LISTS:
            for word in entries(evaluator, node.process, name):
                if word.endswith("/") or name.startswith("subdir"):
                    found.add(f"{node.target(word).rstrip('/')}/")
    return frozenset(found)


def _governing(
    evaluator: Evaluator, library: Library, root: DirectoryNode, source: str
) -> dict[str, None] | None:
    """The symbols on all lines that lead to ``source``; None if no line names it."""
    symbols: dict[str, None] = {}
    found = False
    directory = source.rpartition("/")[0]
    work = [root]
    seen = {root.path}
    target = source.rpartition(".")[0] + ".o"
    while work:
        node = work.pop()
        named = _symbols_naming(evaluator, node, target)
        if named is not None:
            found = True
            symbols.update(node.symbols)
            symbols.update(named)
        for name in _LISTS:
            for word, entry in entries(evaluator, node.process, name).items():
                if not word.endswith("/") and not name.startswith("subdir"):
                    continue
                path = node.target(word)
                if path in seen or not (directory == path or directory.startswith(path + "/")):
                    continue
                seen.add(path)
                process = run_directory(evaluator, library, path, node.process)
                if process is not None:
                    child = DirectoryNode.of(evaluator, process)
                    child.symbols.update(node.symbols)
                    child.symbols.update(entry.symbols)
                    work.append(child)
    return symbols if found else None


def _symbols_naming(
    evaluator: Evaluator, node: DirectoryNode, target: str
) -> dict[str, None] | None:
    """The symbols on the lines that list ``target``, composites followed upwards."""
    wanted = {target}
    symbols: dict[str, None] = {}
    found = False
    variables = list(node.process.frame.scope.variables)
    again = True
    while again:
        again = False
        for name in variables:
            stem, dash, suffix = name.rpartition("-")
            if not dash or suffix not in ("y", "m", "", "objs"):
                continue
            for word, entry in entries(evaluator, node.process, name).items():
                if not word.endswith(".o") or _path_of(node, word) not in wanted:
                    continue
                found = True
                symbols.update(entry.symbols)
                composite = node.target(stem + ".o")
                if stem not in ("obj", "lib") and composite not in wanted:
                    wanted.add(composite)
                    again = True
    return symbols if found else None


def _path_of(node: DirectoryNode, word: str) -> str:
    """A listed object as a tree path; some lists hold paths from the top already."""
    if word.startswith((node.path + "/", "./")):
        return tree_path(word)
    return node.target(word)
