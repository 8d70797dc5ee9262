"""Dispatch slots: which functions the members of ops tables can hold.

A slot is told apart by the structure's tag and the member's name. Its values are found
in the sources of the link image that write ``.member =`` or ``->member =``: static
initialisers and assignments alike. Every value found is a candidate; which of them holds
on a platform is another question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace

from analyzer.callgraph.analysis import UnitAnalysis, site_location
from analyzer.callgraph.filetext import FileText
from analyzer.callgraph.handed import stored
from analyzer.callgraph.image import ImageSearch
from analyzer.callgraph.leaves import leaves_of
from analyzer.callgraph.session import Session
from analyzer.callgraph.slotwriters import may_fill
from analyzer.configset.configset import Mask
from analyzer.csource.action import StoreAction
from analyzer.csource.operand import (
    Field,
    FunctionName,
    Load,
    Operand,
    Step,
    Storage,
    Variable,
)
from analyzer.csource.scope import Bound
from analyzer.csource.sites import Target
from analyzer.csource.syntax import (
    Array,
    Declaration,
    Expr,
    FunctionDefinition,
    FunctionType,
    Hole,
    Initializer,
    Name,
    Qualified,
    StructBody,
    Tagged,
    TypeOf,
    TypeSyntax,
)
from analyzer.csource.unit import TranslationUnit
from analyzer.csource.wording import operand_words
from analyzer.kbuild.objects import ObjectFile
from analyzer.location import Location

MAX_WRITERS = 24
"""Sources that may write a member before the slot counts as too wide to follow."""


@dataclass(frozen=True, slots=True)
class Store:
    """``function`` is stored in a slot by object ``item`` where ``mask`` holds."""

    function: str
    item: ObjectFile
    mask: Mask
    place: Location


_Asked = tuple[str, str | None, tuple[str, ...]]
"""A member, its structure's tag if known, and the words of which a source that writes it must
have one; none: any."""


class SlotIndex:
    """The stores to the members of one link image, found when first asked for."""

    __slots__ = ("_image", "_known", "_session", "_writers")

    def __init__(self, session: Session, image: ImageSearch) -> None:
        self._session = session
        self._image = image
        self._known: dict[_Asked, tuple[tuple[str | None, Store], ...] | None] = {}
        self._writers: dict[str, list[ObjectFile]] = {}

    def stores(self, target: Target, mask: Mask, unit: TranslationUnit) -> Iterator[Store]:
        """What the slot of an indirect call in ``unit`` can hold, in the objects' order.

        Structures whose tag is known on both sides must be the same one. A function
        pointer wrapped in a structure of its own is stored under the wrapper's name.
        """
        member = target.member
        if member is None:
            return
        names = [(member, target.tag)]
        path = target.path.split(".")
        if target.root is not None and len(path) > 2:
            names.append((path[-2], _root_holder(unit, target.root, path[1:-2])))
        wide: list[str] = []
        for name, wanted in names:
            known = self._members(name, wanted, target.root)
            if known is None:
                wide.append(name)
                continue
            stores = [
                store
                for tag, store in known
                if store.mask & mask and (tag is None or wanted in (None, tag))
            ]
            if stores:
                yield from stores
                return
        for name in wide:
            self._session.diagnostics.warning(
                "slot-too-wide",
                f"member {name} is written by more than {MAX_WRITERS} sources that name its "
                "structure: calls through "
                f"{target.path} are left unknown",
            )

    def _members(
        self, member: str, tag: str | None, root: str | None
    ) -> Sequence[tuple[str | None, Store]] | None:
        """The stores to members of one name, but for those in sources that fill other
        structures only; if there are many sources, only those in sources that name the
        structure or the object; None where these are too many as well."""
        writers = self._writers.get(member)
        if writers is None:
            pattern = re.compile(rb"(?:\.|->)\s*%s\s*=[^=]" % re.escape(member.encode()))
            found = self._image.mentioning(pattern, member.encode())
            writers = [item for item in found if item.source.endswith(".c")]
            self._writers[member] = writers
        named = tuple(word for word in (tag, root) if word is not None)
        if len(writers) <= MAX_WRITERS:
            named = ()
        key = (member, tag, named)
        if key not in self._known:
            if named:
                word = re.compile(rb"\b(?:%s)\b" % b"|".join(each.encode() for each in named))
                writers = [item for item in writers if word.search(self._image.data(item.source))]
            self._known[key] = (
                None if len(writers) > MAX_WRITERS else tuple(self._stored(writers, member, tag))
            )
        return self._known[key]

    def _stored(
        self, writers: Sequence[ObjectFile], member: str, tag: str | None
    ) -> Iterator[tuple[str | None, Store]]:
        pairs = (
            pair
            for item in writers
            if tag is None or self._may_fill(item, member, tag)
            for pair in _stores(self._session.analysis(item), item, member)
        )
        linked = ((tag, self._linked(store)) for tag, store in pairs)
        return iter(dict.fromkeys(pair for pair in linked if pair[1].mask))

    def _linked(self, store: Store) -> Store:
        """A store where its object is part of the image."""
        return replace(store, mask=store.mask & store.item.linked_into(self._image.image))

    def _may_fill(self, item: ObjectFile, member: str, tag: str) -> bool:
        skeleton = self._session.skeleton(item.source)
        if skeleton is None:
            return True
        return may_fill(FileText(skeleton, self._session.outline(skeleton)), member, tag)


def _stores(
    analysis: UnitAnalysis, item: ObjectFile, member: str
) -> Iterator[tuple[str | None, Store]]:
    unit = analysis.opened.unit
    for name in unit.writers(member):
        for found in unit.ordinary(name):
            statement = found.statement
            if isinstance(statement, FunctionDefinition):
                yield from _assigned(analysis, item, name, member)
                break
            declarator = statement.declarators[found.index]
            if declarator.value is None:
                continue
            place = site_location(((found.bound, declarator.at),))
            for path, value in _designated(declarator.value):
                if path and path[-1] == member:
                    tag = _holder(unit, declarator.type, path[:-1])
                    for function in _functions(unit, value, found.bound, found.mask):
                        yield tag, Store(function, item, found.mask, place)


def _assigned(
    analysis: UnitAnalysis, item: ObjectFile, name: str, member: str
) -> Iterator[tuple[str | None, Store]]:
    """What function ``name`` stores in a member, or in what the member wraps."""
    for definition in analysis.definitions(name):
        actions = definition.actions.actions
        for index, action in enumerate(actions):
            if not isinstance(action, StoreAction):
                continue
            for path, value in stored(action.place.path, action.value):
                tags = [step.tag for step in _named(path)[-2:] if step.name == member]
                if not tags:
                    continue
                place = site_location(action.where)
                for leaf, mask, _ in leaves_of(value, action.mask, actions[:index], True):
                    if mask and isinstance(leaf, FunctionName):
                        yield tags[-1], Store(leaf.name, item, mask, place)


def _named(path: Sequence[Step]) -> list[Field]:
    return [step for step in path if isinstance(step, Field)]


def _functions(unit: TranslationUnit, value: Expr, bound: Bound, mask: Mask) -> Iterator[str]:
    """The functions that a stored value names."""
    for node, _, _ in _nodes(value, bound, mask):
        if isinstance(node, Name) and any(
            _is_function(unit, found.statement, found.index) for found in unit.ordinary(node.name)
        ):
            yield node.name


def _is_function(
    unit: TranslationUnit, statement: Declaration | FunctionDefinition, index: int
) -> bool:
    if isinstance(statement, FunctionDefinition):
        return True
    syntax = statement.declarators[index].type
    if isinstance(syntax, TypeOf) and isinstance(syntax.operand, Name):
        return any(
            found.statement is not statement and _is_function(unit, found.statement, found.index)
            for found in unit.ordinary(syntax.operand.name)
        )
    return isinstance(syntax, FunctionType)


def _designated(value: Expr) -> Iterator[tuple[tuple[str, ...], Expr]]:
    """The members that an initialiser names, with their paths, nested ones included."""
    if not isinstance(value, Initializer):
        return
    for designators, inner in value.items:
        path = tuple(part for part in designators if isinstance(part, str))
        if isinstance(inner, Initializer):
            for rest, leaf in _designated(inner):
                yield path + rest, leaf
        else:
            yield path, inner


def _holder(unit: TranslationUnit, syntax: TypeSyntax, path: Sequence[str]) -> str | None:
    """The tag of the structure that ``path`` leads to inside an object of a type."""
    current: TypeSyntax | None = syntax
    for member in path:
        current = _member_type(unit, current, member)
    return _tag(current)


def _tag(syntax: TypeSyntax | None) -> str | None:
    while isinstance(syntax, (Qualified, Array)):
        syntax = syntax.type if isinstance(syntax, Qualified) else syntax.element
    return syntax.tag if isinstance(syntax, Tagged) else None


def _member_type(
    unit: TranslationUnit, syntax: TypeSyntax | None, member: str
) -> TypeSyntax | None:
    while isinstance(syntax, (Qualified, Array)):
        syntax = syntax.type if isinstance(syntax, Qualified) else syntax.element
    if not isinstance(syntax, Tagged):
        return None
    bodies = [syntax.body]
    if syntax.tag is not None:
        bodies += [found.type.body for found in unit.tag(syntax.kind, syntax.tag)]
    for body in bodies:
        if isinstance(body, StructBody):
            for one in body.members:
                if one.name == member:
                    return one.type
    return None


def _root_holder(unit: TranslationUnit, root: str, path: Sequence[str]) -> str | None:
    """The tag of the structure that ``root.path`` is, for a variable at file scope."""
    for found in unit.ordinary(root):
        if isinstance(found.statement, Declaration):
            tag = _holder(unit, found.statement.declarators[found.index].type, path)
            if tag is not None:
                return tag
    return None


def _nodes(syntax: object, bound: Bound, mask: Mask) -> Iterator[tuple[object, Bound, Mask]]:
    """All nodes below ``syntax``, through macro uses, with the masks they exist in."""
    if isinstance(syntax, Hole):
        for share, inner in bound.holes[syntax.number]:
            if share & mask:
                for statement in inner.piece.body:
                    yield from _nodes(statement, inner, share & mask)
    elif isinstance(syntax, tuple):
        for part in syntax:
            yield from _nodes(part, bound, mask)
    elif is_dataclass(syntax) and not isinstance(syntax, type):
        yield syntax, bound, mask
        for one in fields(syntax):
            yield from _nodes(getattr(syntax, one.name), bound, mask)


def slot_of(value: Operand) -> Target:
    """What a value that is no function's name was read from."""
    path = operand_words(value)
    if not isinstance(value, Load):
        return Target(path)
    place = value.place
    root = place.root
    name = None
    if isinstance(root, Variable) and root.storage is Storage.FILE:
        name = root.name
    step = place.path[-1] if place.path else None
    if isinstance(step, Field):
        return Target(path, name, step.tag, step.name)
    return Target(path, name)
