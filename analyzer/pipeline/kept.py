"""Answers of earlier runs: used if nothing that they came from has changed, else made anew."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from analyzer.configset.configurations import Configurations, read_all
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

    What can be read only once (a pipe) has no name under which an answer could be kept.
    Raises :class:`BadInput` for a tree or configuration that cannot be read.
    """
    from analyzer.cache import ResultCache

    tree = DirectoryTree(inputs.kernel)
    cache = ResultCache.of_user(inputs.trouble) if inputs.cache and _lasting(inputs) else None
    key = "" if cache is None else _key(inputs, asked)
    configs = read_all(inputs.configs)
    if cache is None:
        return derive(tree, configs)[0]
    if (kept := cache.get(key, kind)) is not None:
        return kept
    result, stamps = derive(tree, configs)
    if _key(inputs, asked) == key:  # no input was rewritten meanwhile
        cache.put(key, result, stamps)
    return result


def _lasting(inputs: Inputs) -> bool:
    """Whether all that is given as files gives the same bytes when it is read again."""
    profile = () if inputs.toolchain is None else (inputs.toolchain,)
    return all(map(is_plain, (*inputs.configs, *inputs.knowledge, *profile)))


def is_plain(path: Path) -> bool:
    """Whether a file gives the same bytes when it is read again; a pipe does not."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False


def _key(inputs: Inputs, asked: Iterable[str]) -> str:
    """The name of the answer: what is asked, and every input with its contents."""
    from analyzer.cache import key_of

    toolchain = b"" if inputs.toolchain is None else _bytes_of(inputs.toolchain)
    objtree = "" if inputs.objtree is None else os.path.realpath(inputs.objtree)
    parts: list[str | bytes] = [os.path.realpath(inputs.kernel), objtree, inputs.arch]
    parts += [str(inputs.resolve), toolchain, *map(_bytes_of, inputs.knowledge), "", *asked, ""]
    for path in inputs.configs:
        parts += [str(path), _bytes_of(path)]
    return key_of(*parts)


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", str(path)) from None
