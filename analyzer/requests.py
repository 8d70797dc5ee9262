"""What is asked of the program, one class for each command, and the smaller answers.

The larger answers are with the parts that make them (``paths/result.py`` and the like).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from analyzer.callgraph.model import UnitGraph
from analyzer.diagnostics import Diagnostic
from analyzer.paths.result import ConfigInfo

if TYPE_CHECKING:
    from analyzer.cache.places import CacheTrouble


@dataclass(frozen=True, slots=True)
class Inputs:
    """What every analysis needs: a tree, configurations, an architecture.

    ``objtree`` is an out-of-tree build folder whose generated headers are preferred;
    ``resolve`` completes fragments first; ``toolchain`` holds recorded probe answers.
    ``knowledge`` are files on top of the bundled knowledge of kernel functions, later ones
    over earlier ones. ``jobs`` is the number of processes, None for one per processor;
    ``cache`` says whether results of earlier runs may be used and kept; ``trouble`` is told
    why nothing can be kept.
    """

    kernel: Path
    configs: tuple[Path, ...]
    arch: str = "x86"
    objtree: Path | None = None
    resolve: bool = False
    toolchain: Path | None = None
    jobs: int | None = None
    cache: bool = True
    knowledge: tuple[Path, ...] = ()
    trouble: CacheTrouble | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class PathsRequest:
    """``functions`` are ``name`` or ``file:name``; ``depth`` counts edges from a root;
    ``object`` names what is released, None for the argument that is. ``platforms``: the ones
    to look at, none for all."""

    inputs: Inputs
    functions: tuple[str, ...]
    to: str | None = None
    depth: int | None = None
    show_all: bool = False
    object: str | None = None
    platforms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CallersRequest:
    """``functions`` are ``name`` or ``file:name``; ``depth`` counts edges from a root back;
    ``show_all`` lifts the limits of the default answer."""

    inputs: Inputs
    functions: tuple[str, ...]
    depth: int | None = None
    show_all: bool = False


@dataclass(frozen=True, slots=True)
class SlotsRequest:
    """``slots`` are tables, parts of tables, slots or static calls, none for a list of what
    can be asked for; ``platforms`` restricts the answer, none for all."""

    inputs: Inputs
    slots: tuple[str, ...]
    platforms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MatrixRequest:
    """``functions`` are ``name`` or ``file:name``; ``inputs`` have one configuration, the
    base. ``vary`` are symbols without ``CONFIG_``, none for those that make a difference;
    ``write_configs`` is a folder for the configurations that show what is possible.
    ``object`` and ``platforms`` are as in :class:`PathsRequest`."""

    inputs: Inputs
    functions: tuple[str, ...]
    vary: tuple[str, ...] = ()
    write_configs: Path | None = None
    object: str | None = None
    platforms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExplainRequest:
    """``symbols`` with or without ``CONFIG_``; ``depth`` counts the steps of the chain behind
    a value; ``show_all`` lists what does not apply too. With ``inputs.resolve`` the
    configurations are fragments: what they leave out is not reported as changed. ``want`` is
    a value that all of them are wished to have."""

    inputs: Inputs
    symbols: tuple[str, ...]
    depth: int
    show_all: bool = False
    want: str | None = None


@dataclass(frozen=True, slots=True)
class ConfigsRequest:
    """``configs`` are files and folders of them; ``symbols`` restricts the comparison, none for
    all that differ. ``kernel`` says more about the symbols; ``function``, which needs it,
    restricts them to those in the conditions of its paths."""

    configs: tuple[Path, ...]
    symbols: tuple[str, ...] = ()
    function: str | None = None
    kernel: Path | None = None
    arch: str = "x86"
    cache: bool = True
    trouble: CacheTrouble | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class CallgraphRequest:
    """``files`` are sources or objects relative to the tree, or directories ending in ``/``."""

    inputs: Inputs
    files: tuple[str, ...]
    contract_macros: bool = False


@dataclass(frozen=True, slots=True)
class CallgraphResult:
    """The answer of ``kimpact callgraph``, units in the order asked for."""

    configs: tuple[ConfigInfo, ...]
    units: tuple[UnitGraph, ...]
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class ResolveRequest:
    """``output`` is a folder, or a file if there is one configuration."""

    inputs: Inputs
    output: Path


@dataclass(frozen=True, slots=True)
class ResolveResult:
    """The files ``kimpact resolve`` wrote, in the order of the configurations."""

    written: tuple[Path, ...]
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class RecordRequest:
    """``tools`` maps ``CC``, ``LD`` and the like to commands; ``llvm`` chooses the others."""

    kernel: Path
    arch: str
    tools: Mapping[str, str]
    llvm: bool = False


@dataclass(frozen=True, slots=True)
class RecordResult:
    """``text`` is a toolchain profile as JSON."""

    text: str
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """What lies on a tree: ``patches`` are files, ``-`` for standard input; with ``range``
    (``A..B``) the commits of the repository that the tree is, from its begin on."""

    patches: tuple[Path, ...] = ()
    range: str | None = None


@dataclass(frozen=True, slots=True)
class ReviewRequest:
    """``roots`` are the functions from which to look, none for those that the patch changes.
    ``only_given``: no configurations beside those of ``inputs``. ``object`` and ``platforms``
    are as in :class:`PathsRequest`. ``policy`` is a file of rules, None for none."""

    inputs: Inputs
    changes: Changes
    roots: tuple[str, ...] = ()
    only_given: bool = False
    object: str | None = None
    platforms: tuple[str, ...] = ()
    policy: Path | None = None


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """``policy`` is a file of rules; without ``changes`` the tree itself is checked."""

    inputs: Inputs
    policy: Path
    changes: Changes
    platforms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DoctorRequest:
    """``kernel`` and ``configs`` are looked at where they are named."""

    kernel: Path | None = None
    configs: tuple[Path, ...] = ()
    arch: str = "x86"
