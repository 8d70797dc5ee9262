"""The answer of ``kimpact paths`` as plain facts, for every renderer alike.

The fields mirror the JSON contract ``kimpact/paths/1`` (``docs/schema/``).
Masks are ints here; files are relative to the tree, lines and columns from 1.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from analyzer.configset.configset import Mask
from analyzer.diagnostics import Diagnostic
from analyzer.location import Location


class NodeKind(enum.Enum):
    FUNCTION = "function"
    MACRO = "macro"


class EdgeKind(enum.Enum):
    CALL = "call"
    MACRO = "macro"
    INDIRECT = "indirect"
    CALLBACK = "callback"


class Certainty(enum.Enum):
    """``EXACT``: one target is left; ``CANDIDATE``: one of several; ``UNKNOWN``: none known."""

    EXACT = "exact"
    CANDIDATE = "candidate"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Guard:
    """A C condition under which a call site is reached; ``label`` is it in words."""

    text: str
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Conditional:
    """A preprocessor conditional that governs a line; ``text`` as written, negated with ``!``."""

    text: str
    location: Location


@dataclass(frozen=True, slots=True)
class Place:
    """Configurations and the platforms on which they are meant; none: on all."""

    mask: Mask
    platforms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An effect of a node, and the one place of it that is told here."""

    effect: str
    place: Place


@dataclass(frozen=True, slots=True)
class Node:
    """A function or macro on a path. ``id`` is ``n0``, ``n1``... in order of discovery.

    ``location`` is None for a function that is only declared in what was searched.
    ``absent`` says why a function has no body to follow ("not built: CONFIG_X=n",
    "defined in assembly"), else it is None. ``occurrences`` say where each of ``effects``
    happens.
    """

    id: str
    name: str
    kind: NodeKind
    location: Location | None
    mask: Mask
    effects: tuple[str, ...] = ()
    absent: str | None = None
    occurrences: tuple[Occurrence, ...] = ()


@dataclass(frozen=True, slots=True)
class Edge:
    """One way from ``source`` to ``target`` (node ids); ``name`` as written at the call.

    ``target`` is None for an unknown target. ``location`` is the call site. ``carries``:
    where the object is carried over it towards its release, or a wait before that is.
    """

    source: str
    target: str | None
    name: str
    kind: EdgeKind
    certainty: Certainty
    location: Location
    mask: Mask
    platforms: tuple[str, ...] = ()
    slot: str | None = None
    context: str | None = None
    guards: tuple[Guard, ...] = ()
    conditionals: tuple[Conditional, ...] = ()
    carries: Mask = 0


@dataclass(frozen=True, slots=True)
class PathClass:
    """The configurations whose paths are identical; ``edges`` index ``PathsResult.edges``.

    ``when`` is a Kconfig-style expression over the symbols that set the class apart.
    """

    mask: Mask
    platforms: tuple[str, ...]
    when: str
    effects: tuple[str, ...]
    edges: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ConfigGroup:
    """Configurations whose paths are identical on each platform; ``when`` as in a class."""

    mask: Mask
    when: str


@dataclass(frozen=True, slots=True)
class ConfigInfo:
    name: str
    file: str


@dataclass(frozen=True, slots=True)
class Kernel:
    version: str
    arch: str


@dataclass(frozen=True, slots=True)
class Support:
    """``mask``: the configurations that ``platform`` is configured in; 0 for none."""

    platform: str
    mask: Mask


class LimitReason(enum.Enum):
    """Why a node was not followed, or not with all its calls."""

    DEPTH = "depth"
    """It is as deep as was asked for."""
    OBJECT = "object"
    """It is in an object further away than those that are followed."""
    CAP = "cap"
    """The cap on work was reached."""
    PRIMITIVE = "primitive"
    """What it does is known, and its insides are left alone."""
    FOLDED = "folded"
    """Some of its calls lead to nothing of interest and are only counted."""


@dataclass(frozen=True, slots=True)
class Limit:
    """Where the search stopped: ``node`` was not followed in the configurations of ``mask``.

    ``hidden`` counts the calls that are known and not shown, None if nobody looked. ``places``
    tell platforms apart, where ``mask`` does not.
    """

    node: str
    reason: LimitReason
    mask: Mask
    hidden: int | None = None
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class PathsResult:
    """Everything a renderer needs; ``target`` is the name given with ``--to``, if any.

    ``symbols`` are ``(name, ((mask, value), …))`` of the CONFIG symbols mentioned in
    conditionals, guards and what sets classes apart, so that a renderer can show their values.

    ``platforms`` are those that are told apart, none if nothing on the paths depends on them.
    ``support`` says where each of them can be, and which platforms the tree knows that are
    not configured: an edge or class that names a platform means it in those configurations
    of its mask that have it. ``groups`` are the classes put together over the platforms.
    """

    kernel: Kernel
    configs: tuple[ConfigInfo, ...]
    roots: tuple[str, ...]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    classes: tuple[PathClass, ...]
    limits: tuple[Limit, ...]
    diagnostics: tuple[Diagnostic, ...]
    symbols: tuple[tuple[str, tuple[tuple[Mask, str], ...]], ...] = ()
    platforms: tuple[str, ...] = ()
    support: tuple[Support, ...] = ()
    groups: tuple[ConfigGroup, ...] = ()
    target: str | None = None
