"""The constants of ``kernel/bounds.c`` and its like, evaluated from the source.

The functions of such a file hold one asm statement per constant, whose template is the
marker ``->name %0 text`` and whose operand is the value (``include/linux/kbuild.h``). The
compiler would print the value as a signed number of the operand's width.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from analyzer.configset.configset import Mask
from analyzer.csource import syntax as c
from analyzer.csource.arithmetic import Constant as Folded
from analyzer.csource.constant import Folder
from analyzer.csource.depth import TooDeep, with_whole_stack
from analyzer.csource.environment import Environment
from analyzer.csource.provenance import Provenance
from analyzer.csource.scope import Bound
from analyzer.csource.types import Abi, Integer
from analyzer.csource.typing import Typer
from analyzer.csource.unit import TranslationUnit
from analyzer.generated.offsets import Constant
from analyzer.preprocessor.outline import make_outline
from analyzer.preprocessor.skeleton import make_skeleton
from analyzer.tree.source_tree import SourceTree

_MARKER = re.compile(r"->([^ #]+) %0 ")
_SOURCE = ".c"


@dataclass(frozen=True, slots=True)
class OpenedUnit:
    """A preprocessed source file as it is compiled for ``abi`` where ``mask`` holds."""

    unit: TranslationUnit
    abi: Abi
    mask: Mask


class EvaluatedConstants:
    """An :data:`~analyzer.generated.offsets.OffsetSource` over the engine's own units.

    ``open_unit`` preprocesses a source of ``tree``, once per ABI; their masks are disjoint.
    """

    __slots__ = ("_open", "_tree")

    def __init__(self, tree: SourceTree, open_unit: Callable[[str], Sequence[OpenedUnit]]) -> None:
        self._tree = tree
        self._open = open_unit

    def __call__(self, source: str) -> tuple[Constant, ...]:
        """The constants that ``source`` defines, file by file in source order."""
        values: dict[str, dict[int | None, Mask]] = {}
        places: dict[str, tuple[str, int]] = {}
        for opened in self._open(source):
            for marker in _Reader(opened, self._functions(opened.unit)).markers():
                merged = values.setdefault(marker.name, {})
                places.setdefault(marker.name, (marker.file, marker.line))
                for mask, value in marker.values:
                    merged[value] = merged.get(value, 0) | mask
        return tuple(
            Constant(name, tuple((mask, value) for value, mask in merged.items()), *places[name])
            for name, merged in values.items()
        )

    def _functions(self, unit: TranslationUnit) -> Iterator[str]:
        """The names that the unit's source, or a source that it includes, declares."""
        for file in unit.files:
            if file.endswith(_SOURCE) and (data := self._tree.read(file)) is not None:
                for declaration in make_outline(make_skeleton(data, file)).declarations:
                    yield from declaration.names


@dataclass(frozen=True, slots=True)
class _Marker:
    name: str
    values: tuple[tuple[Mask, int | None], ...]
    file: str
    line: int


class _Reader:
    """Finds the markers in the functions of one unit and folds their operands."""

    __slots__ = ("_abi", "_environment", "_folder", "_functions", "_mask", "_unit")

    def __init__(self, opened: OpenedUnit, functions: Iterable[str]) -> None:
        self._functions = tuple(dict.fromkeys(functions))
        self._unit = opened.unit
        self._mask = opened.mask
        self._abi = opened.abi
        self._begin()

    def _begin(self) -> None:
        self._environment = Environment(self._unit)
        self._environment.enter()
        self._folder = Folder(Typer(self._environment, self._abi))

    def markers(self) -> Iterator[_Marker]:
        """In the order of the source."""
        for name in self._functions:
            for found in self._unit.ordinary(name):
                definition = found.statement
                where = found.mask & self._mask
                if isinstance(definition, c.FunctionDefinition) and where:
                    self._environment.enter()
                    yield from self._in(definition.body, found.bound, where, None)
                    self._environment.leave()

    def _in(
        self,
        body: Sequence[c.Statement],
        bound: Bound,
        mask: Mask,
        at: tuple[str, int] | None,
    ) -> Iterator[_Marker]:
        """``at`` is where the macro use stands that ``body`` is the expansion of."""
        for statement in body:
            if isinstance(statement, c.Asm):
                yield from self._asm(statement, bound, mask, at or _place(bound, statement.at))
            elif isinstance(statement, c.Block):
                yield from self._in(statement.body, bound, mask, at)
            elif isinstance(statement, c.Expression) and isinstance(statement.expr, c.Hole):
                place = at or _place(bound, statement.expr.at)
                for share, inner in bound.holes[statement.expr.number]:
                    if share & mask:
                        yield from self._in(inner.piece.body, inner, share & mask, place)

    def _asm(
        self, statement: c.Asm, bound: Bound, mask: Mask, place: tuple[str, int]
    ) -> Iterator[_Marker]:
        hit = _MARKER.search(statement.template)
        if hit is None or not statement.inputs:
            return
        operand = statement.inputs[0][1]
        try:
            values = with_whole_stack(
                lambda: self._folder.constant(operand, bound, mask), self._begin
            )
        except TooDeep:
            values = [(mask, None)]
        printed = tuple((share & mask, _printed(value)) for share, value in values)
        yield _Marker(hit[1], printed, *place)


def _printed(value: Folded | None) -> int | None:
    if value is None:
        return None
    number = value.value
    if isinstance(value.type, Integer) and number >> (8 * value.type.size - 1) == 1:
        return number - (1 << 8 * value.type.size)
    return number


def _place(bound: Bound, token: int) -> tuple[str, int]:
    """File and 1-based line of a token, or else of what follows the macro that brought it."""
    origin = bound.origin
    if not isinstance(origin, Provenance):
        return "", 1
    written = (each for each in origin.origins[token:] if isinstance(each, int))
    return origin.file, next(written, 1)
