"""Raw declarations as one inclusion of a file reads them, and what macros make of them.

A **place** is a declaration of a file in one reading of it. A **maker** is a place where a
macro use at file scope may declare a name that is not spelled there.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.configset.configset import Mask
from analyzer.preprocessor.macro import Macro
from analyzer.preprocessor.outline import RawDeclaration
from analyzer.preprocessor.skeleton import Skeleton
from analyzer.preprocessor.walk import Inclusion, Visit

WORD = re.compile(r"[A-Za-z_]\w*")
_COMMON = frozenset(
    "struct union enum int long unsigned char short void const static extern inline".split()
)
"""Words of a use that cannot be part of a name it makes."""

_TAG_BODY = re.compile(r"\b(?:struct|union|enum)\b[^;{]*(?:\{|\Z)")


@dataclass(frozen=True, slots=True)
class Place:
    """A raw declaration as read by one inclusion."""

    inclusion: Inclusion
    raw: RawDeclaration


class Makers:
    """File-scope macro uses by the words that a name made by them must contain."""

    __slots__ = ("_longest", "_pasted", "_spelled")

    def __init__(self) -> None:
        self._longest = 0
        self._pasted: dict[str, list[Place]] = {}
        self._spelled: dict[str, list[Place]] = {}

    def add(self, place: Place, head: str, bodies: Sequence[frozenset[str]]) -> None:
        """``head`` is the use as written, ``bodies`` the words of the macros it uses."""
        for word in set(WORD.findall(head)).difference(place.raw.uses, _COMMON):
            self._pasted.setdefault(word, []).append(place)
            self._longest = max(self._longest, len(word))
        for word in frozenset[str]().union(*bodies):
            self._spelled.setdefault(word, []).append(place)

    def of(self, name: str) -> list[Place]:
        """The uses that may make ``name``: part of it is a word of the use, or all of it
        stands in the macro."""
        found: dict[Place, None] = dict.fromkeys(self._spelled.get(name, ()))
        for start in range(len(name) - 1):
            for end in range(start + 2, min(start + self._longest, len(name)) + 1):
                for place in self._pasted.get(name[start:end], ()):
                    found[place] = None
        return list(found)


def visits_of(inclusion: Inclusion, raw: RawDeclaration) -> Sequence[Visit]:
    """The readings of the text that a declaration consists of, in file order."""
    visits = inclusion.visits
    start = bisect_left(visits, (raw.first,))
    return visits[start : bisect_left(visits, (raw.last + 1,), start)]


def raw_text(inclusion: Inclusion, raw: RawDeclaration) -> str:
    """The text of a declaration as far as it stands in its first item."""
    text = inclusion.skeleton.items[raw.first].value
    if not isinstance(text, str):
        return ""
    return text[raw.start : raw.end if raw.first == raw.last else len(text)]


def whole_text(skeleton: Skeleton, raw: RawDeclaration) -> str:
    """The text of a declaration with all branches of the conditionals in it."""
    parts: list[str] = []
    for index in range(raw.first, raw.last + 1):
        value = skeleton.items[index].value
        if isinstance(value, str):
            start = raw.start if index == raw.first else 0
            parts.append(value[start : raw.end if index == raw.last else None])
    return "\n".join(parts)


def variants(masks: Sequence[Mask]) -> list[tuple[Mask, tuple[int, ...]]]:
    """The different selections of active parts: where each holds, and its parts in order."""
    every = 0
    for mask in masks:
        every |= mask
    if not every:
        return []
    groups: list[tuple[Mask, tuple[int, ...]]] = [(every, ())]
    for index, mask in enumerate(masks):
        split: list[tuple[Mask, tuple[int, ...]]] = []
        for where, chosen in groups:
            if where & mask:
                split.append((where & mask, (*chosen, index)))
            if where & ~mask:
                split.append((where & ~mask, chosen))
        groups = split
    return [(mask, chosen) for mask, chosen in groups if chosen]


def may_declare(macro: Macro) -> bool:
    """Whether a use of the macro at file scope could declare something."""
    return bool(macro.body) and not macro.body.startswith(("__attribute__", "__attribute", '"'))


def makes_tag(macro: Macro) -> bool:
    """Whether a use of the macro at file scope could begin a struct, union or enum body."""
    return _TAG_BODY.search(macro.body) is not None


def makes_typedef(macro: Macro) -> bool:
    return "typedef" in macro.body
