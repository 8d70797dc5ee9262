"""What braced initialisers denote: their leaves, by the paths that they set."""

from __future__ import annotations

from collections.abc import Callable

from analyzer.configset.configset import Mask
from analyzer.csource import syntax as c
from analyzer.csource.constant import Folder
from analyzer.csource.operand import Aggregate, Element, Field, Literal, Operand, Step
from analyzer.csource.scope import Bound
from analyzer.csource.types import ArrayOf, Record, Type, unqualified


class Aggregates:
    """Puts initialisers together; ``value`` tells what an item denotes, ``expanded`` what a
    macro use gives for an object of a type."""

    __slots__ = ("_expanded", "_folder", "_value")

    def __init__(
        self,
        folder: Folder,
        value: Callable[[c.Expr, Bound, Mask], Operand],
        expanded: Callable[[c.Hole, Type | None, Bound, Mask], Operand],
    ) -> None:
        self._folder = folder
        self._value = value
        self._expanded = expanded

    def of(self, value: c.Initializer, type_: Type | None, bound: Bound, mask: Mask) -> Aggregate:
        """The leaves of an initialiser for an object of a structure or array ``type_`` (None:
        unknown). Items without designator follow the one before (C17 6.7.9p17)."""
        items: list[tuple[tuple[Step, ...], Operand]] = []
        members = _members(type_, mask) if isinstance(type_, Record) else []
        position = 0
        for designators, item in value.items:
            steps: list[Step] = []
            holder = type_
            for designator in designators:
                step, holder = self._designated(designator, holder, bound, mask)
                steps.append(step)
            if not designators:
                if position < len(members):
                    step, holder = self._designated(members[position], type_, bound, mask)
                else:
                    step, holder = Element(Literal(position)), _element(type_)
                steps.append(step)
                position += 1
            elif isinstance(designators[0], str) and designators[0] in members:
                position = members.index(designators[0]) + 1
            elif isinstance(steps[0], Element) and isinstance(steps[0].index, Literal):
                position = steps[0].index.value + 1
            items += self._leaves(tuple(steps), item, holder, bound, mask)
        return Aggregate(tuple(items))

    def _leaves(
        self, steps: tuple[Step, ...], item: c.Expr, type_: Type | None, bound: Bound, mask: Mask
    ) -> list[tuple[tuple[Step, ...], Operand]]:
        if isinstance(item, c.Initializer):
            inner: Operand = self.of(item, type_, bound, mask)
        elif isinstance(item, c.Hole):
            inner = self._expanded(item, type_, bound, mask)
        else:
            inner = self._value(item, bound, mask)
        if isinstance(inner, Aggregate):
            return [(steps + path, leaf) for path, leaf in inner.items]
        return [(steps, inner)]

    def _designated(
        self, designator: str | c.Expr, holder: Type | None, bound: Bound, mask: Mask
    ) -> tuple[Step, Type | None]:
        if isinstance(designator, str):
            tag = holder.tag if isinstance(holder, Record) else None
            return Field(designator, tag), self._member_type(holder, designator, mask)
        return Element(self._value(designator, bound, mask)), _element(holder)

    def _member_type(self, holder: Type | None, name: str, mask: Mask) -> Type | None:
        if isinstance(holder, Record):
            for _, type_ in self._folder.typer.member(holder, name, mask):
                return unqualified(type_)
        return None

    def lowered(self, syntax: c.TypeSyntax, bound: Bound, mask: Mask) -> Type | None:
        """What a written type is, without its qualifiers."""
        for _, type_ in self._folder.typer.lower(syntax, bound, mask):
            return unqualified(type_)
        return None


def _element(type_: Type | None) -> Type | None:
    return unqualified(type_.element) if isinstance(type_, ArrayOf) else None


def _members(record: Record, mask: Mask) -> list[str]:
    """The member names of a structure in order, those of anonymous ones left out."""
    for where, body, _ in record.bodies:
        if where & mask:
            return [member.name for member in body.members if member.name is not None]
    return []
