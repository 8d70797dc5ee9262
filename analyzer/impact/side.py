"""One of the two trees of a review: which units a file takes part in, and what is active there."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analyzer.callgraph.opening import OpenUnit
from analyzer.callgraph.session import Session
from analyzer.configset.configset import Mask
from analyzer.csource.unit import TranslationUnit
from analyzer.diagnostics import Diagnostics
from analyzer.kbuild.objects import ObjectFile
from analyzer.preprocessor.directive import Op
from analyzer.preprocessor.macro import Macro
from analyzer.preprocessor.skeleton import Skeleton
from analyzer.preprocessor.table import MacroTable
from analyzer.preprocessor.walk import Inclusion

_TYPICAL = ("mm", "kernel", "fs", "net/core", "block", "drivers/base")
"""Directories whose largest source is opened for a header that no source includes by name."""

MAX_UNITS = 3
"""Units that are opened for the sake of a header that none of those at hand includes."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a file in a unit; ``active`` is by item of its skeleton: where a text or
    a macro definition takes effect, 0 for everything else. ``unit`` is None if none reads it."""

    skeleton: Skeleton
    active: tuple[Mask, ...]
    unit: TranslationUnit | None = None

    def made(self, line: int) -> Sequence[str]:
        """The functions that a macro use at file scope around a line makes, in order."""
        return () if self.unit is None else tuple(self.unit.made_at(self.skeleton.file, line))


class Side:
    """What a session's tree makes of single files."""

    __slots__ = ("_diagnostics", "_readings", "session")

    def __init__(self, session: Session, diagnostics: Diagnostics) -> None:
        self.session = session
        self._diagnostics = diagnostics
        self._readings: dict[str, tuple[Reading, ...]] = {}

    def readings(self, file: str) -> Sequence[Reading]:
        """How the units that read ``file`` see it; none where it is not compiled at all.

        For a source these are its objects, for a header, and a source that is compiled only as a
        part of others, the units opened so far, or a few that include it.
        """
        known = self._readings.get(file)
        if known is None:
            known = self._readings[file] = tuple(self._read(file))
        return known

    def reading(self, file: str) -> Sequence[str]:
        """The objects whose units have been opened and read ``file``."""
        return [each.opened.path for each in self.session.opened() if _reads(each.opened, file)]

    def active(self, file: str) -> Mask:
        """The configurations in which ``file`` is read by any of these units."""
        result = 0
        for reading in self.readings(file):
            for mask in reading.active:
                result |= mask
        return result

    def _read(self, file: str) -> Iterator[Reading]:
        if self.session.skeleton(file) is None:
            return
        for unit in self._units(file):
            for inclusion in unit.unit.inclusions:
                if inclusion.skeleton.file == file:
                    active = tuple(_active(inclusion, unit.unit.table))
                    yield Reading(inclusion.skeleton, active, unit.unit)

    def _units(self, file: str) -> list[OpenUnit]:
        session = self.session
        source = not file.endswith(".h")
        if source and session.kbuild.lists(file):
            return [session.analysis(item).opened for item in session.sources(file)]
        found = [each.opened for each in session.opened() if _reads(each.opened, file)]
        found = found or list(self._including(file))
        if not found and source:
            return [session.analysis(item).opened for item in session.sources(file)]
        return found or list(self._broadly_including(file))

    def _including(self, file: str) -> Iterator[OpenUnit]:
        """Units whose source names a header, those beside it first."""
        session = self.session
        word = _include_of(file)
        opened = 0
        beside = posixpath.dirname(file)

        def distance(item: ObjectFile) -> tuple[bool, bool]:
            return posixpath.dirname(item.source) != beside, not item.builtin

        for item in sorted(session.listing(), key=distance):
            if not item.source.endswith(".c"):
                continue
            data = session.tree.read(item.source)
            if data is None or not _includes(data, word, item.source, file):
                continue
            (whole,) = session.objects(item.path)
            unit = session.analysis(whole).opened
            if _reads(unit, file):
                yield unit
                opened += 1
            if opened == MAX_UNITS:
                return

    def _broadly_including(self, file: str) -> Iterator[OpenUnit]:
        """Units that read a header through others: large sources read most of them."""
        session = self.session
        for directory in _TYPICAL:
            items = session.kbuild.objects_in_directory(directory)
            sizes = {
                item.path: len(session.tree.read(item.source) or b"")
                for item in items
                if item.builtin and item.source.endswith(".c")
            }
            if not sizes:
                continue
            (largest,) = session.objects(max(sizes, key=lambda path: (sizes[path], path)))
            unit = session.analysis(largest).opened
            if _reads(unit, file):
                yield unit
                return
        self._diagnostics.warning(
            "header-not-read",
            f"no source that was looked at reads {file}: its lines are taken as not compiled",
        )


def _include_of(file: str) -> re.Pattern[bytes]:
    """Directives that may include ``file``, by the last part of its name."""
    name = posixpath.basename(file).encode()
    return re.compile(rb'#\s*include\s*[<"]((?:[\w./-]*/)?%s)[>"]' % re.escape(name))


def _includes(data: bytes, word: re.Pattern[bytes], source: str, file: str) -> bool:
    """Whether ``source`` names ``file``: from where it lies, or from a folder of headers."""
    name = re.sub(r"^(?:arch/\w+/)?include/", "", file)
    home = posixpath.dirname(source)
    for found in word.findall(data):
        written = found.decode()
        if written == name or posixpath.normpath(posixpath.join(home, written)) == file:
            return True
    return False


def _reads(unit: OpenUnit, file: str) -> bool:
    return any(one.skeleton.file == file for one in unit.unit.inclusions)


def _active(inclusion: Inclusion, table: MacroTable) -> Iterator[Mask]:
    visited: dict[int, Mask] = {}
    for visit in inclusion.visits:
        visited[visit.item] = visited.get(visit.item, 0) | visit.mask
    for number, item in enumerate(inclusion.skeleton.items):
        if item.op is Op.DEFINE and isinstance(item.value, Macro):
            made = (mask for mask, macro in table.made(item.value.name) if macro is item.value)
            yield _union(made) & inclusion.mask
        else:
            yield visited.get(number, 0)


def _union(masks: Iterator[Mask]) -> Mask:
    result = 0
    for mask in masks:
        result |= mask
    return result
