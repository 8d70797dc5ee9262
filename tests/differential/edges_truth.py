"""GCC's call edges of a set of objects, as ``edges_record.py`` wrote them (``edges-2``).

A truth file is compact JSON in xz: string tables, then one *body* per function as one or
more units see it. This module turns it into plain facts per unit:

*reached*: GCC kept the function in the unit's call graph. A static function (most header
inlines are) that nothing in the unit needs is defined but not reached; GCC then has no
edges for it.

*calls*: the callees after preprocessing and GCC's folding of constants, before inlining.

*indirect*: how many calls through a pointer are among them, not told apart by line.

*before folding*: callees that stand in the body but that folding removed (``if (0) f();``).
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STATIC, MACRO = 1, 4
"""Bits of a function's flags; ``MACRO``: its name is not on the line GCC gives for it."""


@dataclass(frozen=True, slots=True)
class Body:
    """One function in one unit; ``file`` relative to the tree, ``line`` as GCC gives it."""

    name: str
    file: str
    line: int
    static: bool
    macro_made: bool
    reached: bool
    calls: frozenset[str]
    indirect: int
    before_folding: frozenset[str]
    address_taken: frozenset[str]


@dataclass(frozen=True, slots=True)
class UnitTruth:
    """One object: its functions by name, and its aliases (alias to target)."""

    object: str
    source: str
    bodies: Mapping[str, Body]
    aliases: Mapping[str, str]

    def edges(self) -> Iterator[tuple[str, str]]:
        """All (caller, callee) pairs of the functions that GCC reached."""
        for body in self.bodies.values():
            if body.reached:
                for callee in body.calls:
                    yield body.name, callee


@dataclass(frozen=True, slots=True)
class Truth:
    """A whole truth file; ``dotconfig`` is the resolved configuration it was built with."""

    kernel: str
    name: str
    gcc: str
    dotconfig: str
    compile_seconds: float
    units: Mapping[str, UnitTruth]


def read_truth(path: Path) -> Truth:
    """Read a truth file; raises ``ValueError`` if it is none."""
    with lzma.open(path, "rt", encoding="utf-8", errors="surrogateescape") as stream:
        document: dict[str, Any] = json.load(stream)
    if document.get("format") not in ("edges-1", "edges-2"):
        raise ValueError(f"{path}: no file of GCC's call edges")
    names: list[str] = document["names"]
    bodies = [_body(row, document, names) for row in document["bodies"]]
    units: dict[str, UnitTruth] = {}
    for path_of_object, entry in document["tus"].items():
        mine = (bodies[index] for index in entry["bodies"])
        units[path_of_object] = UnitTruth(
            object=path_of_object,
            source=entry["src"],
            bodies={body.name: body for body in mine},
            aliases={names[alias]: names[target] for alias, target in entry["alias"]},
        )
    return Truth(
        kernel=document["kernel"],
        name=document["name"],
        gcc=document["gcc"],
        dotconfig=document["dotconfig"],
        compile_seconds=float(document["seconds"]["compile"]),
        units=units,
    )


def _body(row: Sequence[Any], document: Mapping[str, Any], names: Sequence[str]) -> Body:
    function, reached, calls, indirect, references, before = row[:6]
    name, file, line, flags = document["funcs"][function]
    return Body(
        name=names[name],
        file=document["files"][file],
        line=line,
        static=bool(flags & STATIC),
        macro_made=bool(flags & MACRO),
        reached=bool(reached),
        calls=frozenset(names[callee] for callee in calls[::2]),
        indirect=indirect,
        before_folding=frozenset(names[callee] for callee in before),
        address_taken=frozenset(names[target] for target in references),
    )
