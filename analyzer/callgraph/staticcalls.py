"""Static calls: which functions a call that is patched in place can go to.

A static call is a **key** object that holds a function, and a **trampoline** that jumps to
it; how their names are made is in the knowledge files. A key is filled by its definition, by a
store to its member, and by calls that hand its address over together with a function. These
are looked for in the sources where the call's name is the first of several arguments of a macro;
where a macro pastes that name together (a tracepoint's), in the units in which a macro use at
file scope has a piece of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from analyzer.callgraph.analysis import Definition, UnitAnalysis, site_location
from analyzer.callgraph.image import ImageSearch
from analyzer.callgraph.keytables import KeyTables
from analyzer.callgraph.leaves import leaves_of
from analyzer.callgraph.session import Session
from analyzer.callgraph.slots import SlotIndex, Store, slot_of
from analyzer.callgraph.texts import ImageTexts
from analyzer.configset.configset import Mask
from analyzer.csource.action import Action, CallAction, StoreAction
from analyzer.csource.operand import (
    Address,
    Aggregate,
    Field,
    FunctionName,
    Literal,
    Load,
    Operand,
    Place,
    Storage,
    Variable,
)
from analyzer.csource.sites import Place as Where
from analyzer.kbuild.objects import ObjectFile
from analyzer.location import Location
from analyzer.primitives.model import StaticCalls

MAX_WRITERS = 24
"""Sources that may fill a key that are looked into."""
MAX_MAKERS = 24
"""Units in which a key may be made from a piece of its name that are looked into."""
_MIN_PIECE = 3

_SOURCE = ".c"
_SET_UP = re.compile(
    rb"^[ \t]*#[ \t]*define\b(?:[^\n]*\\\n)*[^\n]*\s*^[ \t]*#[ \t]*include", re.MULTILINE
)
"""A macro made for the file that is included next."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What a key can hold: ``stores``; ``null``: where it may hold no function; ``untold``:
    where something may be put into it of which it could not be told what. That includes a
    key with a pasted name: who uses it by other names, or by its address, is not found."""

    stores: tuple[Store, ...]
    null: Mask
    untold: Mask


class StaticCallIndex:
    """The static calls of one link image, looked for when first asked for."""

    __slots__ = ("_image", "_known", "_session", "_slots", "_tables", "_texts")

    def __init__(
        self, session: Session, image: ImageSearch, texts: ImageTexts, slots: SlotIndex
    ) -> None:
        self._session = session
        self._image = image
        self._texts = texts
        self._slots = slots
        self._tables = KeyTables(session, image)
        self._known: dict[str, Filled] = {}

    def filled(self, name: str, made: StaticCalls, near: ObjectFile) -> Filled:
        """What static call ``name`` can go to; ``near`` is an object with such a call."""
        known = self._known.get(name)
        if known is None:
            found = _Found()
            for item, piece in self._units(name, made, near):
                analysis = self._session.analysis(item)
                words = [name, made.name + name]
                if piece is not None:
                    found.pasted = True
                    words.append(piece)
                self._initial(analysis, item, made.name + name, made.member, found)
                for definition in _spelling(analysis, words):
                    self._put_by(analysis, item, definition, made.name + name, found)
                if piece is not None and not found.stores:
                    found.stores.update(dict.fromkeys(self._tables.stores(piece, made)))
            known = self._known[name] = found.filled()
        return known

    def _units(
        self, name: str, made: StaticCalls, near: ObjectFile
    ) -> Iterator[tuple[ObjectFile, str | None]]:
        """The units that may fill the key; the one that makes its name from a piece with it."""
        key = made.name + name
        used = re.compile(rb"\(\s*%s\s*," % re.escape(name.encode()))
        found = self._image.mentioning(used, name.encode())
        there = False
        for item in [item for item in found if item.source.endswith(_SOURCE)][:MAX_WRITERS]:
            there = there or self._defines(item, key)
            yield item, None
        if there:
            return
        here = self._defines(near, key)
        making = (
            (piece, item)
            for piece, pasting in self._pieces(name)
            for item in self._making(piece, pasting)
            if not here or item.path == near.path
        )
        for piece, item in islice(making, MAX_MAKERS):
            if self._defines(item, key):
                yield item, piece
                return

    def _pieces(self, name: str) -> Iterator[tuple[str, Sequence[str]]]:
        """The pieces that a macro may paste ``name`` from, longest first, each with the files
        in which what stands before it (behind it, if nothing does) is pasted to something."""
        parts = name.split("_")
        spans = [
            (first, end)
            for first in range(len(parts))
            for end in range(first + 1, len(parts) + 1)
            if 0 < end - first < len(parts)
        ]
        for first, end in sorted(spans, key=lambda span: (span[1] < len(parts), span[0] - span[1])):
            before, behind = ("_".join(each) for each in (parts[:first], parts[end:]))
            word = (f"{before}_" if first else f"_{behind}").encode()
            pattern = rb"\b%s\s*##" if first else rb"##\s*%s\b"
            files = self._texts.containing(word, re.compile(pattern % re.escape(word)))
            piece = "_".join(parts[first:end])
            if files and len(piece) >= _MIN_PIECE:
                yield piece, files

    def _defines(self, item: ObjectFile, key: str) -> bool:
        return bool(self._session.analysis(item).objects(key))

    def _making(self, piece: str, pasting: Sequence[str]) -> Iterator[ObjectFile]:
        """Units in which a macro use at file scope has ``piece`` as an argument: first those
        with the use in a file that pastes too, then those that make a macro for what they
        include."""
        word = re.escape(piece.encode())
        use = re.compile(rb"^[A-Za-z_]\w*\((?:[^;{}()]*,)?\s*%s\s*[,)]" % word, re.MULTILINE)
        found: dict[str, ObjectFile] = {}
        files = self._texts.containing(piece.encode(), use)
        for file in files:
            for item in self._texts.objects_of(file) or self._texts.reading(file):
                found.setdefault(item.path, item)
        units = [item for item in found.values() if item.source.endswith(_SOURCE)]
        alike = set(files).intersection(pasting)
        units.sort(
            key=lambda item: (
                item.source not in alike,
                not _SET_UP.search(self._image.data(item.source)),
            )
        )
        return (self._image.whole(item) for item in units)

    def _initial(
        self, analysis: UnitAnalysis, item: ObjectFile, key: str, member: str, found: _Found
    ) -> None:
        """What the definition of the key puts into it."""
        for known in analysis.objects(key):
            value: Operand = Literal(0)
            items = known.value.items if isinstance(known.value, Aggregate) else ()
            for path, leaf in items:
                step = path[-1] if path else None
                if isinstance(step, Field) and step.name == member:
                    value = leaf
            self._stored(analysis, item, value, known.mask, known.location, found)

    def _put_by(
        self,
        analysis: UnitAnalysis,
        item: ObjectFile,
        definition: Definition,
        key: str,
        found: _Found,
    ) -> None:
        """What a function puts into the key."""
        actions = definition.actions.actions
        for index, action in enumerate(actions):
            for value, mask, where in _put(action, key):
                place = site_location(where)
                for leaf, share, _ in leaves_of(value, mask, actions[:index], True):
                    if share:
                        self._stored(analysis, item, leaf, share, place, found)

    def _stored(
        self,
        analysis: UnitAnalysis,
        item: ObjectFile,
        value: Operand,
        mask: Mask,
        place: Location,
        found: _Found,
    ) -> None:
        mask &= item.linked_into(self._image.image)
        left = mask
        if isinstance(value, FunctionName):
            if self._session.knowledge.static_call(value.name) is None:
                found.stores.setdefault(Store(value.name, item, mask, place))
        elif isinstance(value, Literal):
            found.null |= mask
        else:
            if isinstance(value, Load):
                for store in self._slots.stores(slot_of(value), mask, analysis.opened.unit):
                    found.stores.setdefault(store)
                    left &= ~store.mask
            found.untold |= left


class _Found:
    """What has been found of one key."""

    __slots__ = ("null", "pasted", "stores", "untold")

    def __init__(self) -> None:
        self.pasted = False
        self.stores: dict[Store, None] = {}
        self.null: Mask = 0
        self.untold: Mask = 0

    def filled(self) -> Filled:
        untold = self.untold | (self.null if self.pasted else 0)
        return Filled(tuple(self.stores), self.null, untold)


def _spelling(analysis: UnitAnalysis, words: Sequence[str]) -> Iterator[Definition]:
    """The functions of a unit in whose text one of ``words`` stands."""
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b")
    for name in dict.fromkeys(analysis.opened.unit.spelling(pattern)):
        yield from analysis.definitions(name)


def _put(action: Action, key: str) -> Iterator[tuple[Operand, Mask, Where]]:
    """The values that an action puts into the key, or hands over together with it."""
    if isinstance(action, StoreAction):
        if _is_in(action.place, key):
            yield action.value, action.mask, action.where
    elif isinstance(action, CallAction):
        of_key = [isinstance(one, Address) and _is_in(one.place, key) for one in action.arguments]
        if any(of_key):
            for one, itself in zip(action.arguments, of_key, strict=True):
                if not itself:
                    yield one, action.mask, action.site.where


def _is_in(place: Place, key: str) -> bool:
    root = place.root
    return isinstance(root, Variable) and root.storage is Storage.FILE and root.name == key
