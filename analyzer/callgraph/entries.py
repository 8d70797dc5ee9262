"""Why a chain of callers ends: how a function is entered by other ways than a call.

The macros that make an entry are data (``knowledge/entries.toml``); the rest is what the
texts say about the function: stored somewhere, handed to another function, named by
assembly.
"""

from __future__ import annotations

import enum
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib.resources import files

from analyzer.configset.configset import Mask
from analyzer.location import Location


class EntryKind(enum.Enum):
    """How control gets to a function without a call that is an edge."""

    SYSTEM_CALL = "system-call"
    INTERRUPT = "interrupt"
    INITCALL = "initcall"
    EXITCALL = "exitcall"
    BOOT_PARAMETER = "boot-parameter"
    EXPORTED = "exported"
    """Modules may call it."""
    STATIC_CALL = "static-call"
    BPF = "bpf"
    STORED = "stored"
    """Its address stands in the initialiser of an ops table or another object."""
    ASSIGNED = "assigned"
    """A function stores its address in a member."""
    ARGUMENT = "argument"
    """Its address is handed to a function."""
    ADDRESS = "address"
    """Its address is taken otherwise."""
    ASSEMBLY = "assembly"
    """Assembly calls or names it."""
    MACRO = "macro"
    """Named in the use of a macro at file scope that nothing is known about."""
    UNUSED = "unused"
    """Nothing in the link image mentions it."""
    NO_CALLER = "no-caller"
    """It is mentioned, but called nowhere in these configurations."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One way in: ``name`` is the macro, the member path, the callee or the label;
    ``detail`` the words of a macro's use, or the object or function that it is stored or
    handed over by, empty if none."""

    kind: EntryKind
    name: str
    detail: str
    location: Location
    mask: Mask
    index: int | None = None
    """For ARGUMENT: which argument, from 0."""


@dataclass(frozen=True, slots=True)
class MacroRule:
    """What a use of a macro at file scope says; ``kind`` None if it says nothing."""

    patterns: tuple[str, ...]
    kind: EntryKind | None
    ends: bool


class EntryMacros:
    """The rules of ``knowledge/entries.toml``; the first that matches decides."""

    __slots__ = ("_rules",)

    def __init__(self, rules: Sequence[MacroRule]) -> None:
        self._rules = tuple(rules)

    @classmethod
    def bundled(cls) -> EntryMacros:
        """The rules that come with kimpact."""
        text = files("analyzer").joinpath("knowledge/entries.toml").read_text(encoding="utf-8")
        document = tomllib.loads(text)
        rules = [
            MacroRule(tuple(row["macros"]), EntryKind(row["kind"]), bool(row.get("ends", False)))
            for row in document["entry"]
        ]
        rules += [MacroRule(tuple(row["macros"]), None, False) for row in document["plain"]]
        return cls(rules)

    def rule(self, macro: str) -> MacroRule | None:
        """What is known about a macro; None if nothing is."""
        for rule in self._rules:
            if any(fnmatchcase(macro, pattern) for pattern in rule.patterns):
                return rule
        return None
