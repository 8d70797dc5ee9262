"""Sizes, alignments and member offsets (System V ABI of x86-64 and i386).

A structure is laid out member by member for all configurations at once: what is carried
along are the distinct states (next free bit, alignment), each with its mask.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from analyzer.configset.configset import Mask
from analyzer.csource import syntax as c
from analyzer.csource.environment import EVERYWHERE
from analyzer.csource.packing import ATTRIBUTE
from analyzer.csource.partition import Shares, covering, merged
from analyzer.csource.scope import Bound
from analyzer.csource.types import (
    ArrayOf,
    BitField,
    Enumeration,
    FunctionOf,
    Integer,
    PointerTo,
    Qualified,
    Real,
    Record,
    Type,
    Void,
    unqualified,
)
from analyzer.csource.typing import Typer

Measure = tuple[int, int]
"""Size and alignment in bytes."""

BIGGEST_ALIGNMENT = 16
"""What ``aligned`` without a number means on x86 (GCC manual, "Common Type Attributes")."""


class _State(NamedTuple):
    """``bits``: the next free bit (in a union: its size so far); ``align`` in bytes."""

    bits: int
    align: int


class Layout:
    """Measures types with the help of a :class:`Typer`."""

    def __init__(self, typer: Typer) -> None:
        self._typer = typer
        self._abi = typer.builtins.abi

    def measure(self, type: Type, mask: Mask) -> Shares[Measure | None]:
        """Size and alignment of ``type``; None where it is incomplete or not known."""
        if isinstance(type, Qualified):
            type = unqualified(type)
        if isinstance(type, Integer):
            wide = type.size == 8 and self._abi.wide_align
            return [(mask, (type.size, wide or type.size))]
        if isinstance(type, PointerTo):
            return [(mask, (self._abi.pointer, self._abi.pointer))]
        if isinstance(type, Record):
            return covering(self._record(type), mask, None)
        if isinstance(type, ArrayOf):
            return self._array(type, mask)
        if isinstance(type, Enumeration):
            return self.measure(type.underlying, mask)
        if isinstance(type, Real):
            return [(mask, (type.size, type.align))]
        if isinstance(type, Void | FunctionOf):
            return [(mask, (1, 1))]
        return [(mask, None)]

    def size(self, type: Type, mask: Mask) -> Shares[int | None]:
        return [
            (share, None if measure is None else measure[0])
            for share, measure in self.measure(type, mask)
        ]

    def _array(self, type: ArrayOf, mask: Mask) -> Shares[Measure | None]:
        result: Shares[Measure | None] = []
        for share, measure in self.measure(type.element, mask):
            if measure is None or type.length is None or type.length < 0:
                result.append((share, None))
            else:
                result.append((share, (measure[0] * type.length, measure[1])))
        return result

    # --- records ----------------------------------------------------------------------

    def _record(self, record: Record) -> Shares[Measure | None]:
        if record.sizes is None:
            record.sizes = [(EVERYWHERE, None)]
            environment = self._typer.environment
            horizon, environment.horizon = environment.horizon, record.serial
            result: Shares[Measure | None] = []
            for mask, body, bound in record.bodies:
                states, lost = self._through(record.kind, body, bound, mask, len(body.members))
                forced = self._alignment(body.attributes, bound, mask)
                for state, share in states.items():
                    for part, least in covering(forced, share, None):
                        result.append((part, None if least is None else _close(state, least)))
                if lost:
                    result.append((lost, None))
            record.sizes = merged(result)
            environment.horizon = horizon
        return record.sizes

    def _through(
        self, kind: str, body: c.StructBody, bound: Bound, mask: Mask, count: int
    ) -> tuple[dict[_State, Mask], Mask]:
        """Place the first ``count`` members; also where one of them has no known size."""
        packed = _has(body.attributes, "packed")
        limit = _limit(body.attributes)
        states: dict[_State, Mask] = {_State(0, 1): mask}
        for member in body.members[:count]:
            placed: dict[_State, Mask] = {}
            for share, type, measure, least in self._measures(member, bound, mask):
                if measure is None or least is None:
                    mask &= ~share
                    continue
                tight = packed or _has(member.attributes, "packed")
                for state, holds in states.items():
                    part = holds & share
                    if part:
                        _, after = _place(kind, state, member, type, measure, tight, least, limit)
                        placed[after] = placed.get(after, 0) | part
            states = placed
        lost = 0
        covered = 0
        for share in states.values():
            covered |= share
        lost = mask & ~covered
        return states, lost

    def _measures(
        self, member: c.Member, bound: Bound, mask: Mask
    ) -> list[tuple[Mask, Type, Measure | None, int | None]]:
        """A member's types, with size, alignment, and the alignment that it asks for."""
        result: list[tuple[Mask, Type, Measure | None, int | None]] = []
        forced = self._alignment(member.attributes, bound, mask)
        for share, type in self._typer.member_type(member, bound, mask):
            plain = unqualified(type)
            if isinstance(plain, BitField):
                measures = self.measure(plain.base, share)
            elif isinstance(plain, ArrayOf) and plain.length is None:
                measures = [
                    (part, None if measure is None else (0, measure[1]))
                    for part, measure in self.measure(plain.element, share)
                ]
            else:
                measures = self.measure(plain, share)
            for part, measure in measures:
                for inner, least in covering(forced, part, None):
                    result += [
                        (piece, plain, self._realigned(measure, align), least)
                        for piece, align in self._typedef_alignment(member.type, inner)
                    ]
        return result

    @staticmethod
    def _realigned(measure: Measure | None, align: int | None) -> Measure | None:
        return None if measure is None or align is None else (measure[0], align or measure[1])

    def _typedef_alignment(self, syntax: c.TypeSyntax, mask: Mask) -> Shares[int | None]:
        """The alignment that a typedef sets, lower or higher than its type's own; 0 if none.

        ``aligned`` on a typedef replaces the alignment (GCC manual, "Common Type Attributes").
        """
        while isinstance(syntax, c.Qualified | c.Array):
            syntax = syntax.type if isinstance(syntax, c.Qualified) else syntax.element
        if not isinstance(syntax, c.TypedefName):
            return [(mask, 0)]
        result: Shares[int | None] = []
        for item in self._typer.environment.global_name(syntax.name).found:
            statement = item.statement
            share = item.mask & mask
            if share and isinstance(statement, c.Declaration) and "typedef" in statement.storage:
                mask &= ~share
                declarator = statement.declarators[item.index]
                attributes = (*statement.attributes, *declarator.attributes)
                if _has(attributes, "aligned"):
                    result += self._alignment(attributes, item.bound, share)
                else:
                    result += self._typedef_alignment(declarator.type, share)
        if mask:
            result.append((mask, 0))
        return result

    def _alignment(
        self, attributes: Sequence[c.Attribute], bound: Bound, mask: Mask
    ) -> Shares[int | None]:
        """The largest ``aligned``; 1 without any, None where its number is not known."""
        result: Shares[int | None] = [(mask, 1)]
        for attribute in attributes:
            if attribute.name != "aligned":
                continue
            if not attribute.arguments:
                asked: Shares[int | None] = [(mask, BIGGEST_ALIGNMENT)]
            else:
                asked = self._typer.folder.integers(attribute.arguments[0], bound, mask)
            result = [
                (share & part, None if one is None or other is None else max(one, other))
                for share, one in result
                for part, other in asked
                if share & part
            ]
        return result

    # --- offsets ----------------------------------------------------------------------

    def offset(self, record: Record, name: str, mask: Mask) -> Shares[int | None]:
        """The byte offset of a member, anonymous ones looked into; None if not known."""
        environment = self._typer.environment
        horizon, environment.horizon = environment.horizon, record.serial
        result: Shares[int | None] = []
        for share, body, bound in record.bodies:
            part = share & mask
            if part:
                result += self._in_body(record.kind, body, bound, part, name)
        environment.horizon = horizon
        return covering(result, mask, None)

    def _in_body(
        self, kind: str, body: c.StructBody, bound: Bound, mask: Mask, name: str
    ) -> Shares[int | None]:
        result: Shares[int | None] = []
        for index, member in enumerate(body.members):
            if member.name == name:
                for share, start in self._starts(kind, body, bound, mask, index):
                    result.append((share, start))
                return result
            if member.name is not None or member.bits is not None:
                continue
            for share, type in self._typer.member_type(member, bound, mask):
                plain = unqualified(type)
                if not isinstance(plain, Record):
                    continue
                inner = [pair for pair in self.offset(plain, name, share) if pair[1] is not None]
                for part, within in inner:
                    for piece, start in self._starts(kind, body, bound, part, index):
                        total = None if start is None or within is None else start + within
                        result.append((piece, total))
            if result:
                return result
        return result

    def _starts(
        self, kind: str, body: c.StructBody, bound: Bound, mask: Mask, index: int
    ) -> Shares[int | None]:
        """The byte at which member ``index`` starts."""
        member = body.members[index]
        packed = _has(body.attributes, "packed") or _has(member.attributes, "packed")
        limit = _limit(body.attributes)
        states, lost = self._through(kind, body, bound, mask, index)
        result: Shares[int | None] = [(lost, None)] if lost else []
        for share, type, measure, least in self._measures(member, bound, mask & ~lost):
            for state, holds in states.items():
                part = holds & share
                if not part:
                    continue
                if measure is None or least is None:
                    result.append((part, None))
                    continue
                start, _ = _place(kind, state, member, type, measure, packed, least, limit)
                result.append((part, start // 8))
        return merged(result)


def _place(
    kind: str,
    state: _State,
    member: c.Member,
    type: Type,
    measure: Measure,
    packed: bool,
    least: int,
    limit: int,
) -> tuple[int, _State]:
    """Where a member starts (in bits), and the state after it.

    ``limit`` is that of ``#pragma pack`` in bytes, 0 for none.
    """
    size, align = measure
    if packed:
        align = 1
    align = max(align, least)
    if limit:
        align = min(align, limit)
    union = kind == "union"
    offset = 0 if union else state.bits
    if isinstance(type, BitField):
        unit = 8 * size
        if type.width == 0:
            return offset, _State(_up(offset, unit), state.align)
        if limit:
            # GCC, update_alignment_for_field() and place_field(): no rule but the limit.
            align = min(measure[1], limit)
        elif not packed and offset // unit != (offset + type.width - 1) // unit:
            offset = _up(offset, unit)
        elif least > 1:
            offset = _up(offset, 8 * least)
        bits = type.width
        if member.name is None:
            align = 1
    else:
        offset = _up(offset, 8 * align)
        bits = 8 * size
    end = max(state.bits, bits) if union else offset + bits
    return offset, _State(end, max(state.align, align))


def _close(state: _State, least: int) -> Measure:
    """Size and alignment of a whole structure, tail padding included."""
    align = max(state.align, least)
    return _up(state.bits, 8 * align) // 8, align


def _limit(attributes: Sequence[c.Attribute]) -> int:
    """The ``#pragma pack`` that a body is declared under; 0 for none."""
    for attribute in attributes:
        if attribute.name == ATTRIBUTE and attribute.arguments:
            (argument,) = attribute.arguments
            if isinstance(argument, c.Number):
                return argument.value
    return 0


def _up(value: int, step: int) -> int:
    return -(-value // step) * step


def _has(attributes: Sequence[c.Attribute], name: str) -> bool:
    return any(attribute.name == name for attribute in attributes)
