"""What a user's ``name`` or ``file:name`` means in a kernel: functions, and macros as such.

A name alone is looked for in this order, each only if the one before has nothing: functions
that the image's sources define; functions of headers; macros; functions that a macro at file
scope makes of words written there (``SYSCALL_DEFINE2(munmap, …)``). Which units to open is
decided by looking at bytes; what is defined there, by reading the unit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Protocol

from analyzer.callgraph.analysis import Definition, UnitAnalysis
from analyzer.callgraph.image import VMLINUX, ImageSearch
from analyzer.callgraph.outedges import Links, OutEdges, merge_edge
from analyzer.callgraph.program import FunctionRef, OutEdge, OutKind, RefKind
from analyzer.callgraph.session import Session
from analyzer.callgraph.texts import ImageTexts
from analyzer.configset.configset import Mask
from analyzer.kbuild.objects import ObjectFile
from analyzer.location import Location
from analyzer.preprocessor.macro import Macro

MAX_READERS = 8
"""Units opened, at most, for one that reads a header with the name asked about."""
MAX_LIKELY = 3
"""Core units opened, at most, before headers are looked into."""
MAX_PLACES = 16
"""Files with the name that are followed to a unit, at most."""

_SOURCE = ".c"
_COMPILED = (_SOURCE, ".o")
_NEAR = "mm/x.o"
_USE = rb"^[A-Za-z_]\w*\((?:[^;{}\n]*[(,\s])?(%s)\b"
"""A macro use at the start of a line, one of its arguments being one of some words."""
_MIN_WORD = 3
_MAX_MADE = 128
"""Characters of a name that is looked for as one that a macro makes, at most."""


class Finder(Links, Protocol):
    """What looking for a name asks of the program."""

    def definitions_in(
        self, item: ObjectFile, name: str, file: str | None
    ) -> Iterator[FunctionRef]:
        """The definitions of ``name`` in a unit, in ``file`` only if that is given and no
        object."""


class Lookup:
    """Finds definitions by name in one kernel."""

    __slots__ = ("_image", "_program", "_session", "_texts")

    def __init__(
        self, session: Session, program: Finder, image: ImageSearch, texts: ImageTexts
    ) -> None:
        self._session = session
        self._program = program
        self._image = image
        self._texts = texts

    def anywhere(self, name: str) -> Sequence[FunctionRef]:
        """All definitions of ``name``."""
        found = self._in_sources(name) or self._in_core(name) or self._in_headers(name)
        return tuple(found or self._macros(name) or self._made(name))

    def in_file(self, name: str, file: str) -> Sequence[FunctionRef]:
        """All definitions of ``name`` in ``file``.

        One in a source that no configuration builds is absent, and says why. Raises
        :class:`BadInput` for a file that is not in the tree.
        """
        if not file.endswith(_COMPILED):
            return self._in_header(name, file)
        items = self._session.sources(file)
        if not items:
            return self._as_part(name, file) or self._not_built(name, file)
        self._remark_partial(file, items)
        refs: list[FunctionRef] = []
        for item in items:
            refs += self._program.definitions_in(item, name, file)
        for item in items if not refs else ():
            refs += self._macro_refs(item, name, None if file.endswith(".o") else file, 0)
        return refs

    def _as_part(self, name: str, file: str) -> list[FunctionRef]:
        """As the first unit that includes a source compiled only as a part of others sees it."""
        return self._seen_by(self._opened(self._readers(file, name)), name, file, macros=True)

    def scope(self) -> str:
        """Where :meth:`anywhere` looks, in words."""
        files = len(self._texts.files)
        return (
            f"the sources of {VMLINUX} with the headers that they include, {files} files, and "
            "what macros at file scope make of words there"
        )

    # --- a name alone -----------------------------------------------------------

    def _in_sources(self, name: str) -> list[FunctionRef]:
        refs: dict[Location | None, FunctionRef] = {}
        for item in self._image.defining(name, _NEAR):
            if item.source.endswith(_SOURCE):
                for ref in self._program.definitions_in(item, name, None):
                    refs.setdefault(ref.location, ref)
        return list(refs.values())

    def _in_core(self, name: str) -> list[FunctionRef]:
        """As a core unit sees it, one with the name in its source if there is any: most headers
        are read there, and none need be looked into."""
        likely = islice(self._image.including("", name), MAX_LIKELY)
        return self._seen_by(likely, name, None, macros=True)

    def _in_headers(self, name: str) -> list[FunctionRef]:
        word = re.compile(rb"\b%s\b" % name.encode())
        found = self._included(self._texts.containing(name.encode(), word))
        return self._in_first(
            [file for file in found if self._image.defines(file, name)],
            name,
            macros=True,
        )

    def _macros(self, name: str) -> list[FunctionRef]:
        define = re.compile(rb"^[ \t]*#[ \t]*define[ \t]+%s\b" % name.encode(), re.MULTILINE)
        files = self._texts.containing(name.encode(), define)
        refs = self._in_first(self._included(files), name, macros=True)
        if not refs:
            for file in files:
                for item in self._compiled(file):
                    refs += self._macro_refs(item, name, file, 0)
        return refs

    def _made(self, name: str) -> list[FunctionRef]:
        """Units in which a macro use at file scope has a word of ``name``, longest first."""
        if len(name) > _MAX_MADE:
            return []
        words = {
            name[start:end]
            for start in range(len(name))
            for end in range(start + _MIN_WORD, len(name) + 1)
            if end - start < len(name) and not name[start].isdigit()
        }
        ordered = sorted(words, key=lambda word: (-len(word), word))
        use = re.compile(_USE % "|".join(ordered).encode(), re.MULTILINE)
        places: list[tuple[int, str]] = []
        for file in self._texts.files:
            if found := use.findall(self._image.data(file)):
                places.append((-max(map(len, found)), file))
        for _, file in sorted(places)[:MAX_PLACES]:
            refs = self._in_first(self._included([file]), name, macros=False)
            for item in self._compiled(file):
                refs += self._program.definitions_in(item, name, None)
            if refs:
                return refs
        return []

    def _included(self, files: Iterable[str]) -> list[str]:
        """Those of ``files`` that are compiled only as a part of others."""
        return [f for f in files if not f.endswith(".S") and not self._texts.objects_of(f)]

    def _compiled(self, file: str) -> Sequence[ObjectFile]:
        """The units that a C source is compiled as."""
        return self._texts.objects_of(file) if file.endswith(_SOURCE) else ()

    # --- a header -----------------------------------------------------------------

    def _in_header(self, name: str, file: str) -> list[FunctionRef]:
        """As the first unit that reads the header sees it."""
        readers: dict[str, ObjectFile] = {}
        for item in self._image.including(file, name):
            readers.setdefault(item.path, item)
        refs = self._seen_by(readers.values(), name, file, macros=True)
        if refs:
            return refs
        further = (item for item in self._readers(file, name) if item.path not in readers)
        return self._seen_by(self._opened(further), name, file, macros=True)

    def _in_first(self, headers: Sequence[str], name: str, *, macros: bool) -> list[FunctionRef]:
        """What the first unit that reads one of ``headers`` makes of ``name`` in it."""
        for header in headers[:MAX_PLACES]:
            items = self._opened(self._readers(header, name))
            refs = self._seen_by(items, name, None, macros=macros)
            if refs:
                return refs
        return []

    def _readers(self, header: str, name: str) -> list[ObjectFile]:
        """The C objects that may read ``header``: those whose source has ``name`` in it, then
        those of the core directories, then by how many files are between."""
        word = name.encode()
        found = [item for item in self._texts.reading(header) if item.source.endswith(_SOURCE)]
        found.sort(
            key=lambda item: (
                word not in self._image.data(item.source),
                not self._image.is_core(item),
            )
        )
        return found

    def _opened(self, items: Iterable[ObjectFile]) -> Iterator[ObjectFile]:
        for number, item in enumerate(items):
            if number == MAX_READERS:
                return
            yield self._image.whole(item)

    def _seen_by(
        self, items: Iterable[ObjectFile], name: str, file: str | None, *, macros: bool
    ) -> list[FunctionRef]:
        for item in items:
            refs = list(self._program.definitions_in(item, name, file))
            if macros:
                taken = 0
                for ref in refs:
                    taken |= ref.mask
                refs += self._macro_refs(item, name, file, taken)
            if refs:
                return refs
        return []

    # --- a macro --------------------------------------------------------------------

    def _macro_refs(
        self, item: ObjectFile, name: str, file: str | None, taken: Mask
    ) -> list[FunctionRef]:
        """``name`` as a macro of a unit, used with arguments of which nothing is known, but
        not where ``taken`` holds: there it is a function."""
        analysis = self._session.analysis(item)
        refs: list[FunctionRef] = []
        for macro, definition in analysis.macro_uses(name):
            where = definition.mask & ~taken
            if where and (file is None or macro.file == file):
                refs.append(self._macro_ref(analysis, item, macro, definition, where))
        return refs

    def _macro_ref(
        self,
        analysis: UnitAnalysis,
        item: ObjectFile,
        macro: Macro,
        definition: Definition,
        mask: Mask,
    ) -> FunctionRef:
        place = Location(macro.file, max(macro.line, 1))
        owner = f"{item.path}:{macro.name}"
        ref = FunctionRef(macro.name, item.path, RefKind.MACRO, place, mask, owner=owner)
        edges: dict[OutEdge, None] = {}
        for edge in OutEdges(self._program, analysis, item, macro.name, definition).all():
            target = edge.target
            if edge.kind is OutKind.MACRO and target is not None and target.name == macro.name:
                continue  # the macro itself: its edges are kept already
            merge_edge(edges, edge)
        self._program.macro_ref(ref, tuple(edges))
        return ref

    # --- a source -------------------------------------------------------------------

    def _not_built(self, name: str, file: str) -> tuple[FunctionRef, ...]:
        skeleton = self._session.skeleton(file)
        if skeleton is None:
            return ()
        outline = self._session.outline(skeleton)
        absent = "not built" + _unset(self._session.unset_for(file))
        every = self._session.configs.all
        return tuple(
            FunctionRef(name, "", RefKind.FUNCTION, location, every, absent=absent)
            for number in outline.names.get(name, ())[:1]
            for location in (Location(file, outline.declarations[number].line),)
        )

    def _remark_partial(self, file: str, items: Iterable[ObjectFile]) -> None:
        """Say in which configurations a source asked about is not built."""
        missing = self._session.configs.all
        for item in items:
            missing &= ~item.built
        if missing:
            names = list(self._session.configs.members(missing))
            who = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if names[3:] else "")
            why = _unset(self._session.unset_for(file))
            self._session.diagnostics.note("not-built", f"{file} is not built in {who}{why}")


def _unset(symbols: Sequence[str]) -> str:
    return f": {', '.join(f'CONFIG_{name}=n' for name in symbols)}" if symbols else ""
