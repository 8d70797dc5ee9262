"""The answer of ``kimpact slots`` as plain facts, for every renderer alike.

The fields mirror the JSON contract ``kimpact/slots/1`` (``docs/schema/``). Masks are ints
here; files are relative to the tree, lines from 1.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from analyzer.configset.configset import Mask
from analyzer.diagnostics import Diagnostic
from analyzer.location import Location
from analyzer.paths.result import ConfigInfo, Guard, Kernel


class ValueKind(enum.Enum):
    """What a slot holds: a function, no function, or something that could not be told."""

    FUNCTION = "function"
    NULL = "null"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PlatformInfo:
    """``mask``: the configurations that support it, 0 for none. ``entry``: the first C
    function of its boot; ``location`` is where that is called from, or where a platform that
    is not supported is announced, with the unset symbols that keep it out."""

    name: str
    mask: Mask
    entry: str | None
    location: Location | None
    unset: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SlotEntry:
    """One value that a slot can hold on ``platform`` where ``mask``, under all of ``guards``.

    ``function`` and ``location`` (its definition) are None unless ``kind`` is FUNCTION.
    ``stored`` is where the value is stored. ``later``: not by the boot but at run time;
    such an entry stands once, with no platform.
    """

    platform: str | None
    kind: ValueKind
    function: str | None
    location: Location | None
    mask: Mask
    guards: tuple[Guard, ...]
    stored: Location | None
    later: bool = False


@dataclass(frozen=True, slots=True)
class SlotValues:
    """A slot (``table.member``, or the key of a static call) with what it can hold."""

    name: str
    mask: Mask
    entries: tuple[SlotEntry, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table that is worth asking for, with the files in which platforms write to it."""

    name: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SlotsResult:
    """Everything a renderer needs. Without a question ``slots`` is empty and ``tables``
    lists what could be asked for."""

    kernel: Kernel
    configs: tuple[ConfigInfo, ...]
    platforms: tuple[PlatformInfo, ...]
    slots: tuple[SlotValues, ...]
    tables: tuple[Table, ...]
    diagnostics: tuple[Diagnostic, ...]
