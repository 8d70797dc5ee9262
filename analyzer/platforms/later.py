"""Stores that the boot does not come by: at run time, on suspend, kexec or CPU hotplug.

They are found in the texts: an assignment of a function to the slot, whose place no walk
has passed. Which platform they belong to is not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from analyzer.callgraph.mentions import Mention, MentionKind, Mentions
from analyzer.configset.configset import Mask
from analyzer.location import Location
from analyzer.platforms.values import FunctionValue, Path


class Passed(Protocol):
    """What is asked of the boot."""

    def passed(self, file: str, line: int) -> bool:
        """Whether some platform's boot came by a store on that line."""

    def is_function(self, name: str, unit: str) -> bool:
        """Whether a name is a function's in a unit."""


@dataclass(frozen=True, slots=True)
class LaterStore:
    """A store on ``place`` of one of ``functions``, where ``mask``."""

    place: Location
    functions: tuple[FunctionValue, ...]
    mask: Mask


class LaterStores:
    """Looks for the stores to slots outside of the boot."""

    __slots__ = ("_boot", "_mentions", "_roots")

    def __init__(self, boot: Passed, mentions: Mentions) -> None:
        self._boot = boot
        self._mentions = mentions
        self._roots: dict[str, Sequence[Mention]] = {}

    def of(self, table: str, path: Path) -> Iterator[LaterStore]:
        """The stores to the part of ``table`` at ``path``."""
        if table not in self._roots:
            self._roots[table] = self._mentions.writes_to_root(table)
        for mention in self._roots[table]:
            item = mention.item
            if item is None or mention.kind is not MentionKind.FUNCTION:
                continue
            if mention.member[1:] not in (path, path[:-1]) or not path:
                continue
            if self._boot.passed(mention.file, mention.line):
                continue
            functions = tuple(
                FunctionValue(word, item.path)
                for word in mention.words
                if self._boot.is_function(word, item.path)
            )
            if functions:
                place = Location(mention.file, mention.line)
                yield LaterStore(place, functions, item.built)
