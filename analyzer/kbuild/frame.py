"""Where evaluation stands in a makefile, and the rules it has read so far."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field

from analyzer.configset.configset import Mask
from analyzer.kbuild.scope import Scope
from analyzer.kbuild.syntax import Assign
from analyzer.kbuild.values import Words
from analyzer.location import Location


@dataclass(slots=True)
class TargetRule:
    """A rule as read: expanded targets and prerequisites, raw recipe lines."""

    mask: Mask
    targets: Words
    pattern: Words
    prerequisites: Words
    recipe: list[tuple[Mask, str]]
    location: Location
    assignment: Assign | None = None
    symbols: tuple[str, ...] = ()


@dataclass(slots=True)
class Frame:
    """Where evaluation stands in one makefile."""

    file: str
    scope: Scope
    rules: list[TargetRule] = field(default_factory=list)
    symbols: tuple[str, ...] = ()


def tree_path(word: str) -> str:
    """A makefile's file name as a path in the tree: ``./mm/../lib`` is ``lib``."""
    path = posixpath.normpath(word)
    return "" if path == "." else path
