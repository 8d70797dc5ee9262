"""Wiring: a request goes in, the parts are put together, plain facts come out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Inputs:
    """What every analysis needs: a tree, configurations, an architecture.

    ``objtree`` is an out-of-tree build folder whose generated headers are preferred;
    ``resolve`` completes fragments first; ``toolchain`` holds recorded probe answers.
    """

    kernel: Path
    configs: tuple[Path, ...]
    arch: str = "x86"
    objtree: Path | None = None
    resolve: bool = False
    toolchain: Path | None = None


@dataclass(frozen=True, slots=True)
class PathsRequest:
    """``functions`` are ``name`` or ``file:name``; ``depth`` counts edges from a root."""

    inputs: Inputs
    functions: tuple[str, ...]
    to: str | None = None
    depth: int | None = None
    show_all: bool = False


@dataclass(frozen=True, slots=True)
class CallgraphRequest:
    """``files`` are sources or objects relative to the tree, or directories ending in ``/``."""

    inputs: Inputs
    files: tuple[str, ...]
    contract_macros: bool = False
