"""Answers of earlier runs: used if nothing that they came from has changed, else made anew."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from analyzer.configset.configurations import Configurations, read_all
from analyzer.diagnostics import Diagnostic, Severity
from analyzer.errors import BadInput
from analyzer.pipeline.sessions import Stamps
from analyzer.requests import Inputs
from analyzer.tree.source_tree import DirectoryTree

if TYPE_CHECKING:
    from analyzer.callers.result import CallersResult
    from analyzer.impact.result import ReviewResult
    from analyzer.matrix.result import MatrixResult
    from analyzer.paths.result import PathsResult
    from analyzer.slots.result import SlotsResult

Answer = TypeVar(
    "Answer", bound="PathsResult | CallersResult | SlotsResult | MatrixResult | ReviewResult"
)
"""What can be kept."""


def kept_or(
    inputs: Inputs,
    asked: Sequence[str],
    kind: type[Answer],
    derive: Callable[[DirectoryTree, Configurations], tuple[Answer, Stamps]],
) -> Answer:
    """The answer to what is ``asked``, of an earlier run or of ``derive``, kept for the next.

    Raises :class:`BadInput` for a tree or configuration that cannot be read.
    """
    from analyzer.cache import ResultCache, key_of

    tree = DirectoryTree(inputs.kernel)
    configs = read_all(inputs.configs)
    if not inputs.cache:
        return derive(tree, configs)[0]
    cache = ResultCache.of_user()
    parts = [*_identity(inputs), *asked, "", *map(str, inputs.configs)]
    key = key_of(*parts, *(path.read_bytes() for path in inputs.configs))
    if (kept := cache.get(key, kind)) is not None:
        return kept
    result, stamps = derive(tree, configs)
    problem = cache.put(key, result, stamps)
    if problem is None:
        return result
    remark = Diagnostic(Severity.NOTE, "no-cache", problem)
    return replace(result, diagnostics=(*result.diagnostics, remark))


def _identity(inputs: Inputs) -> list[str | bytes]:
    """What identifies the inputs, apart from the contents of the configurations."""
    toolchain = b"" if inputs.toolchain is None else _bytes_of(inputs.toolchain)
    objtree = "" if inputs.objtree is None else os.path.realpath(inputs.objtree)
    places = [os.path.realpath(inputs.kernel), objtree, inputs.arch]
    known = [_bytes_of(path) for path in inputs.knowledge]
    return [*places, str(inputs.resolve), toolchain, *known, ""]


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", str(path)) from None
