"""The tasks of a sweep: one for each tree and patch, or tree and function.

All configurations belong to every task: an analysis looks at them at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import analyzer
from analyzer.errors import BadInput
from analyzer.requests import Changes, Inputs, PathsRequest, ReviewRequest


@dataclass(frozen=True, slots=True)
class Task:
    """One question. ``key`` identifies it by what is asked and by the contents of the patch and
    the configurations; ``patch`` and ``function`` are as named, None where there is none."""

    key: str
    kernel: str
    patch: str | None
    function: str | None
    request: PathsRequest | ReviewRequest


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be swept: with ``patches``, each is reviewed on each tree, looking from
    ``functions`` if there are any; else the paths of each function are searched on each tree.
    ``inputs.kernel`` is replaced by each of ``kernels``."""

    kernels: tuple[Path, ...]
    patches: tuple[Path, ...]
    functions: tuple[str, ...]
    inputs: Inputs
    only_given: bool = False
    platforms: tuple[str, ...] = ()


def tasks(plan: Plan) -> tuple[Task, ...]:
    """The tasks, tree by tree.

    Raises :class:`BadInput` for a plan without questions or a file that cannot be read.
    """
    if not plan.patches and not plan.functions:
        raise BadInput("nothing to ask: name patches, functions or both")
    shared = [_bytes(path) for path in plan.inputs.configs]
    shared += [_bytes(path) for path in plan.inputs.knowledge]
    if plan.inputs.toolchain is not None:
        shared.append(_bytes(plan.inputs.toolchain))
    return tuple(dict.fromkeys(_tasks(plan, shared)))


def _tasks(plan: Plan, shared: Sequence[bytes]) -> Iterator[Task]:
    for kernel in plan.kernels:
        inputs = replace(plan.inputs, kernel=kernel)
        options = [str(kernel), inputs.arch, str(inputs.resolve), *plan.platforms, ""]
        if plan.patches:
            for patch in plan.patches:
                request = ReviewRequest(
                    inputs,
                    Changes((patch,)),
                    plan.functions,
                    plan.only_given,
                    None,
                    plan.platforms,
                )
                asked = ["review", *options, str(plan.only_given), *plan.functions]
                key = _key(asked, [_bytes(patch), *shared])
                yield Task(key, str(kernel), str(patch), None, request)
        else:
            for function in plan.functions:
                paths = PathsRequest(inputs, (function,), platforms=plan.platforms)
                key = _key(["paths", *options, function], shared)
                yield Task(key, str(kernel), None, function, paths)


def _key(asked: Sequence[str], contents: Sequence[bytes]) -> str:
    digest = hashlib.sha256()
    for text in (analyzer.__version__, *asked):
        digest.update(text.encode("utf-8", "surrogateescape") + b"\0")
    for data in contents:
        digest.update(hashlib.sha256(data).digest())
    return digest.hexdigest()


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", str(path)) from None
