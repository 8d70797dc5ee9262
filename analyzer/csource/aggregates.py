"""What braced initialisers denote: their leaves, by the paths that they set."""

from __future__ import annotations

from collections.abc import Callable

from analyzer.configset.configset import Mask
from analyzer.csource import syntax as c
from analyzer.csource.constant import Folder
from analyzer.csource.operand import Aggregate, Element, Field, Literal, Operand, Step
from analyzer.csource.scope import Bound
from analyzer.csource.types import ArrayOf, Record, unqualified


class Aggregates:
    """Puts initialisers together; ``value`` tells what an item denotes."""

    __slots__ = ("_folder", "_value")

    def __init__(self, folder: Folder, value: Callable[[c.Expr, Bound, Mask], Operand]) -> None:
        self._folder = folder
        self._value = value

    def of(
        self, value: c.Initializer, record: Record | None, bound: Bound, mask: Mask
    ) -> Aggregate:
        """The leaves of an initialiser for an object of type ``record`` (None: an array, or
        unknown). Items without designator follow the one before (C17 6.7.9p17)."""
        items: list[tuple[tuple[Step, ...], Operand]] = []
        members = [] if record is None else _members(record, mask)
        position = 0
        for designators, item in value.items:
            steps: list[Step] = []
            holder = record
            for designator in designators:
                step, holder = self._designated(designator, holder, bound, mask)
                steps.append(step)
            if not designators:
                if position < len(members):
                    steps.append(Field(members[position], None if record is None else record.tag))
                    holder = self._member_record(record, members[position], mask)
                else:
                    steps.append(Element(Literal(position)))
                    holder = None
                position += 1
            elif isinstance(designators[0], str) and designators[0] in members:
                position = members.index(designators[0]) + 1
            elif isinstance(steps[0], Element) and isinstance(steps[0].index, Literal):
                position = steps[0].index.value + 1
            items += self._leaves(tuple(steps), item, holder, bound, mask)
        return Aggregate(tuple(items))

    def _leaves(
        self,
        steps: tuple[Step, ...],
        item: c.Expr,
        record: Record | None,
        bound: Bound,
        mask: Mask,
    ) -> list[tuple[tuple[Step, ...], Operand]]:
        if isinstance(item, c.Initializer):
            inner: Operand = self.of(item, record, bound, mask)
        else:
            inner = self._value(item, bound, mask)
        if isinstance(inner, Aggregate):
            return [(steps + path, leaf) for path, leaf in inner.items]
        return [(steps, inner)]

    def _designated(
        self, designator: str | c.Expr, holder: Record | None, bound: Bound, mask: Mask
    ) -> tuple[Step, Record | None]:
        if isinstance(designator, str):
            tag = None if holder is None else holder.tag
            return Field(designator, tag), self._member_record(holder, designator, mask)
        return Element(self._value(designator, bound, mask)), holder

    def _member_record(self, holder: Record | None, name: str, mask: Mask) -> Record | None:
        if holder is None:
            return None
        for _, type_ in self._folder.typer.member(holder, name, mask):
            plain = unqualified(type_)
            while isinstance(plain, ArrayOf):
                plain = unqualified(plain.element)
            if isinstance(plain, Record):
                return plain
        return None

    def record(self, syntax: c.TypeSyntax, bound: Bound, mask: Mask) -> Record | None:
        """The structure that a written type is, if it is one."""
        for _, type_ in self._folder.typer.lower(syntax, bound, mask):
            plain = unqualified(type_)
            if isinstance(plain, Record):
                return plain
        return None


def _members(record: Record, mask: Mask) -> list[str]:
    """The member names of a structure in order, those of anonymous ones left out."""
    for where, body, _ in record.bodies:
        if where & mask:
            return [member.name for member in body.members if member.name is not None]
    return []
