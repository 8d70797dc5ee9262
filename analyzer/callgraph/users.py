"""The functions right above one, or above a macro: those that call it, through whatever macros,
or read a slot that it is stored in.

The texts say who may (:mod:`analyzer.callgraph.candidates`). Of a function its candidates' edges
decide; a macro may stand for no call at all, so what is compiled with it counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from analyzer.callgraph.candidates import Candidate, textual
from analyzer.callgraph.entries import EntryMacros
from analyzer.callgraph.image import VMLINUX
from analyzer.callgraph.linked import LinkedProgram
from analyzer.callgraph.mentions import Mentions
from analyzer.callgraph.opening import OpenUnit
from analyzer.callgraph.program import FunctionRef, RefKind, identity
from analyzer.callgraph.session import Session
from analyzer.kbuild.objects import ObjectFile
from analyzer.location import Location

MAX_LOOKED = 24
"""Candidates that are looked into for one name."""

MAX_IMAGES = 3
"""Link images that users are looked for in."""

_MAX_MACROS = 12


class Users:
    """Looks for them in the kernel image, and in the modules that a file is a part of."""

    __slots__ = ("_mentions", "_program", "_rules", "_session")

    def __init__(self, session: Session, program: LinkedProgram) -> None:
        self._session = session
        self._program = program
        self._mentions: dict[str, Mentions] = {}
        self._rules = EntryMacros.bundled()

    def of(
        self, name: str, place: Location, *, macro: bool, first: Collection[str] = ()
    ) -> Iterator[str]:
        """The users of what is defined at ``place``, as ``file:name``, near ones first.

        Those in files of ``first`` come before. Looked for as they are taken; at most
        :data:`MAX_LOOKED` candidates are.
        """
        target = self._target(name, place, macro)
        if target is None:
            return
        seen: set[str] = set()
        found = self._candidates(target)
        candidates = sorted(found, key=lambda one: _far(one, place.file, first))
        for candidate in candidates[:MAX_LOOKED]:
            for ref in self._meant(candidate):
                user = f"{candidate.file}:{ref.name}"
                if user in seen:
                    continue
                if self._sees(ref, place.file) if macro else self._leads(ref, target):
                    seen.add(user)
                    yield user

    def candidates(self, name: str, place: Location, *, macro: bool) -> int:
        """How many functions may be users by the texts."""
        target = self._target(name, place, macro)
        if target is None:
            return 0
        return len({(one.file, one.name, one.line) for one in self._candidates(target)})

    def _candidates(self, target: FunctionRef) -> list[Candidate]:
        assert target.location is not None
        found: dict[Candidate, None] = {}
        for image in self._images(target.location.file):
            mentions = self._mentions.get(image)
            if mentions is None:
                mentions = Mentions(self._session, self._program.texts(image))
                self._mentions[image] = mentions
            found.update(dict.fromkeys(textual(mentions, target, self._rules).candidates))
        return list(found)

    def _images(self, file: str) -> list[str]:
        """The images with an object that is compiled from ``file``, or that reads it as far as
        has been seen; the kernel's first, and always for a header."""
        if file.endswith(".h"):
            units = (one.opened for one in self._session.opened())
            reading = (one for one in units if _reads(one, file))
            items = [self._session.kbuild.object(one.path) for one in reading]
            names = [VMLINUX, *(name for item in items if item for name in _images_of(item))]
        else:
            items = list(self._session.kbuild.objects_of_source(file))
            names = [name for item in items if item for name in _images_of(item)]
        ordered = sorted(dict.fromkeys(names), key=lambda name: name != VMLINUX)
        return ordered[:MAX_IMAGES] or [VMLINUX]

    def _target(self, name: str, place: Location, macro: bool) -> FunctionRef | None:
        if macro:
            every, local = self._session.configs.all, not place.file.endswith(".h")
            return FunctionRef(name, "", RefKind.MACRO, place, every, static=local)
        for ref in self._program.find(name, place.file):
            if ref.location is not None and ref.absent is None and ref.mask:
                return ref
        return None

    def _meant(self, candidate: Candidate) -> Iterator[FunctionRef]:
        """The functions that a candidate stands for, as far as they are compiled."""
        names = [candidate.name]
        if candidate.made:
            names = []
            for item in () if candidate.item is None else (candidate.item,):
                whole = self._session.kbuild.object(item.path) or item
                unit = self._session.analysis(whole).opened.unit
                names += unit.made_at(candidate.file, candidate.line)
        for name in dict.fromkeys(names):
            for ref in self._program.find(name, candidate.file):
                if ref.kind is RefKind.FUNCTION and ref.mask and ref.absent is None:
                    yield ref
                    break

    def _sees(self, ref: FunctionRef, file: str) -> bool:
        """Whether the unit of a function reads ``file``: another one has a macro of its own."""
        item = self._session.kbuild.object(ref.unit)
        return item is not None and _reads(self._session.analysis(item).opened, file)

    def _leads(self, ref: FunctionRef, target: FunctionRef) -> bool:
        """Whether a function has an edge to ``target``, over macros alone."""
        waiting = [(ref, 0)]
        seen = {identity(ref)}
        while waiting:
            here, depth = waiting.pop()
            for edge in self._program.edges_of(here):
                there = edge.target
                if there is None:
                    continue
                if (there.name, there.location) == (target.name, target.location):
                    return True
                fresh = there.kind is RefKind.MACRO and identity(there) not in seen
                if fresh and depth < _MAX_MACROS:
                    seen.add(identity(there))
                    waiting.append((there, depth + 1))
        return False


def _images_of(item: ObjectFile) -> list[str]:
    return [image.text for image in item.images if image.mask]


def _reads(unit: OpenUnit, file: str) -> bool:
    return any(one.skeleton.file == file for one in unit.unit.inclusions)


def _far(candidate: Candidate, own: str, first: Collection[str]) -> tuple[int, str, str, int]:
    """How far away a candidate is from the file of the definition."""
    beside = candidate.file.rpartition("/")[0] == own.rpartition("/")[0]
    near = (candidate.file == own, candidate.file in first, beside)
    distance = near.index(True) if any(near) else len(near)
    return distance, candidate.file, candidate.name, candidate.line
