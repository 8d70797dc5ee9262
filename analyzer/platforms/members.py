"""The slots of a table: the pointers to functions in an object at file scope, by its type."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from analyzer.callgraph.analysis import UnitAnalysis
from analyzer.configset.configset import Mask
from analyzer.csource.syntax import Declaration
from analyzer.csource.types import FunctionOf, PointerTo, Record, Type, Void, unqualified
from analyzer.csource.typing import Typer
from analyzer.platforms.values import Path

MAX_NESTING = 8
"""Structures inside structures that are looked into."""


@dataclass(frozen=True, slots=True)
class Slot:
    """``path`` is the slot by its members; ``leaf`` is where its pointer is kept, which is
    inside it where a structure wraps nothing but an untyped pointer."""

    path: Path
    leaf: Path
    mask: Mask


def slots_in(analysis: UnitAnalysis, name: str) -> Iterator[Slot]:
    """The slots of object ``name`` of a unit, in the order of their declarations; the object
    itself (an empty path) if it is a pointer to a function."""
    seen: dict[tuple[Path, Path], Mask] = {}
    for found in analysis.opened.unit.ordinary(name):
        statement = found.statement
        if not isinstance(statement, Declaration):
            continue
        declarator = statement.declarators[found.index]
        for part, _, evaluator in analysis.opened.evaluators:
            if not part & found.mask:
                continue
            evaluator.environment.clear()
            typer = evaluator.folder.typer
            for mask, type_ in typer.lower(declarator.type, found.bound, part & found.mask):
                for path, leaf, share in _slots(typer, type_, (), mask, 0):
                    seen[path, leaf] = seen.get((path, leaf), 0) | share
    for (path, leaf), mask in seen.items():
        yield Slot(path, leaf, mask)


def _slots(
    typer: Typer, type_: Type, path: Path, mask: Mask, depth: int
) -> Iterator[tuple[Path, Path, Mask]]:
    plain = unqualified(type_)
    if isinstance(plain, PointerTo) and isinstance(unqualified(plain.target), FunctionOf):
        yield path, path, mask
    elif isinstance(plain, Record) and depth < MAX_NESTING:
        names: dict[str, Mask] = {}
        for where, body, _ in plain.bodies:
            for member in body.members:
                if member.name is not None and where & mask:
                    names[member.name] = names.get(member.name, 0) | (where & mask)
        for name, where in names.items():
            for share, inner in typer.member(plain, name, where):
                if len(names) == 1 and path and _untyped(inner):
                    yield path, (*path, name), share
                else:
                    yield from _slots(typer, inner, (*path, name), share, depth + 1)


def _untyped(type_: Type) -> bool:
    plain = unqualified(type_)
    return isinstance(plain, PointerTo) and isinstance(unqualified(plain.target), Void)
