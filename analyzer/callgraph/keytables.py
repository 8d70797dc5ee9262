"""Static calls that are filled through tables: a key by its address, a function from a union.

Where one function fills many static calls, it gets the key by a pointer and the function from
a union of all their types. Which of the union's members a static call belongs to is not said
in C; here it is the one whose name the name of the static call is pasted from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from analyzer.callgraph.analysis import UnitAnalysis
from analyzer.callgraph.handed import stored
from analyzer.callgraph.image import ImageSearch
from analyzer.callgraph.leaves import leaves_of
from analyzer.callgraph.session import Session
from analyzer.callgraph.slots import Store
from analyzer.csource.action import CallAction
from analyzer.csource.operand import Address, Field, FunctionName, Load
from analyzer.kbuild.objects import ObjectFile
from analyzer.primitives.model import StaticCalls

MAX_WRITERS = 48
"""Sources that may store in a member of such a union that are looked into."""

_SOURCE = ".c"


class KeyTables:
    """The unions of one link image from which static calls are filled."""

    __slots__ = ("_image", "_session", "_unions")

    def __init__(self, session: Session, image: ImageSearch) -> None:
        self._session = session
        self._image = image
        self._unions: dict[StaticCalls, tuple[str, ...]] = {}

    def stores(self, member: str, made: StaticCalls) -> Iterator[Store]:
        """What is stored in members called ``member`` of such unions."""
        tags = self._unions.get(made)
        if tags is None:
            tags = self._unions[made] = tuple(dict.fromkeys(self._filled_from(made)))
        if not tags:
            return
        word = member.encode()
        used = re.compile(rb"(?:\(\s*%s\s*,|\.\s*%s\s*=)" % (re.escape(word), re.escape(word)))
        for item in self._sources(used, word)[:MAX_WRITERS]:
            yield from _initial(self._session.analysis(item), item, member, tags)

    def _filled_from(self, made: StaticCalls) -> Iterator[str]:
        """The tags of unions whose members are put into keys that come by a pointer."""
        word = made.update.encode()
        for item in self._sources(re.compile(rb"\b%s\s*\(" % re.escape(word)), word):
            analysis = self._session.analysis(item)
            names = analysis.opened.unit.spelling(re.compile(rf"\b{re.escape(made.update)}\b"))
            for name in dict.fromkeys(names):
                for definition in analysis.definitions(name):
                    actions = definition.actions.actions
                    for index, action in enumerate(actions):
                        if not isinstance(action, CallAction) or action.site.name != made.update:
                            continue
                        if len(action.arguments) <= made.function:
                            continue
                        if isinstance(action.arguments[0], Address):
                            continue
                        value = action.arguments[made.function]
                        for leaf, _, _ in leaves_of(value, action.mask, actions[:index], True):
                            step = leaf.place.path[-1:] if isinstance(leaf, Load) else ()
                            for one in step:
                                if isinstance(one, Field) and _is_union(analysis, one.tag):
                                    assert one.tag is not None
                                    yield one.tag

    def _sources(self, pattern: re.Pattern[bytes], word: bytes) -> Sequence[ObjectFile]:
        found = self._image.mentioning(pattern, word)
        return [item for item in found if item.source.endswith(_SOURCE)]


def _is_union(analysis: UnitAnalysis, tag: str | None) -> bool:
    return tag is not None and any(True for _ in analysis.opened.unit.tag("union", tag))


def _initial(
    analysis: UnitAnalysis, item: ObjectFile, member: str, tags: Sequence[str]
) -> Iterator[Store]:
    """What the initialisers of a unit store in the member."""
    names = analysis.opened.unit.spelling(re.compile(rf"\b{re.escape(member)}\b"))
    for name in dict.fromkeys(names):
        for known in analysis.objects(name):
            for path, value in stored((), known.value):
                step = path[-1] if path else None
                if (
                    isinstance(step, Field)
                    and step.name == member
                    and step.tag in tags
                    and isinstance(value, FunctionName)
                ):
                    yield Store(value.name, item, known.mask, known.location)
