"""The texts of a link image: its sources, and all files that these include.

Includes are followed by their names alone, whatever conditionals stand around them, so
that the files found are never fewer than those that a configuration reads. Generated
files are not among them.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Sequence

from analyzer.callgraph.image import ImageSearch
from analyzer.callgraph.session import Session
from analyzer.kbuild.objects import ObjectFile

_INCLUDE = re.compile(rb'#[ \t]*include(?:_next)?[ \t]*([<"])([^>"\n]+)')
_GENERIC = ("include/asm-generic", "include/uapi/asm-generic")
"""What ``generic-y`` gives under ``asm/`` (``Documentation/kbuild/makefiles.rst``)."""
_TEXTUAL = (".c", ".h", ".S")
_EXTERN = re.compile(rb"extern\b([^;{}()=]*[\w\]\s])(?:\(\s*\*\s*(\w+)[^;{}]*|__\w+\s*\([^;{}]*)?;")
"""An object declared in a header: its declarators, or the name of a pointer to a function."""
_DECLARATOR = re.compile(rb"(\w+)\s*(?:\[[^\]]*\]\s*)*(?:__\w+\s*)*$")


def is_source(file: str) -> bool:
    """Whether a file is a C source."""
    return file.endswith(".c")


def is_header(file: str) -> bool:
    """Whether a file is a header."""
    return file.endswith(".h")


class ImageTexts:
    """Every text of one image by file, in a fixed order; all are read at the first question."""

    __slots__ = (
        "_directories",
        "_externs",
        "_files",
        "_hits",
        "_image",
        "_includers",
        "_includes",
        "_items",
        "_search",
        "_session",
        "_whole",
    )

    def __init__(self, session: Session, image: ImageSearch) -> None:
        self._session = session
        self._image = image
        arch = f"arch/{session.arch}/include"
        self._search = ("include", arch, f"{arch}/uapi", "include/uapi")
        self._directories: dict[tuple[str, str], str | None] = {}
        self._items: dict[str, list[ObjectFile]] = {}
        self._includers: dict[str, list[str]] = {}
        self._includes: dict[str, tuple[str, ...]] = {}
        self._files: tuple[str, ...] = ()
        self._whole: dict[str, tuple[ObjectFile, ...]] = {}
        self._externs: frozenset[str] | None = None
        self._hits: dict[bytes, list[str]] = {}

    @property
    def files(self) -> Sequence[str]:
        """All files by path."""
        return self._all()

    def containing(
        self,
        word: bytes,
        pattern: re.Pattern[bytes],
        sources: Sequence[str] | None = None,
        wanted: Callable[[str], bool] | None = None,
    ) -> list[str]:
        """The files whose text has a match of ``pattern``; ``word`` is a whole word of every
        match. With ``sources``, only these and what they include are looked at, with
        ``wanted`` only the files of which it says so."""
        self._all()
        if sources is not None:
            there = self._image.files.spelling(word)
            files = sorted(file for file in self._read_by(sources) if file in there)
        else:
            files = self._spelling(word)
        data = self._image.data
        return [file for file in filter(wanted, files) if pattern.search(data(file))]

    def _spelling(self, word: bytes) -> list[str]:
        """The files in which ``word`` stands."""
        known = self._hits.get(word)
        if known is None:
            self._all()
            spelling = self._image.files.spelling(word)
            known = self._hits[word] = sorted(file for file in spelling if file in self._includes)
        return known

    def text(self, file: str) -> bytes:
        """The bytes of a file of the image, empty for any other."""
        self._all()
        return self._image.data(file) if file in self._includes else b""

    def externs(self) -> frozenset[str]:
        """The objects that headers declare ``extern``."""
        if self._externs is None:
            names: set[bytes] = set()
            for file in self._spelling(b"extern"):
                if is_header(file):
                    for declarators, pointer in _EXTERN.findall(self._image.data(file)):
                        names.update(filter(None, (pointer,)))
                        for each in declarators.split(b","):
                            found = _DECLARATOR.search(each.strip())
                            if found is not None and not pointer:
                                names.add(found[1])
            self._externs = frozenset(name.decode("latin-1") for name in names)
        return self._externs

    def objects_of(self, file: str) -> Sequence[ObjectFile]:
        """The objects of the image that are compiled from ``file``; none for a header."""
        self._all()
        known = self._whole.get(file)
        if known is None:
            items = self._items.get(file, ())
            known = self._whole[file] = tuple(self._image.whole(item) for item in items)
        return known

    def reading(self, file: str) -> Sequence[ObjectFile]:
        """The objects whose source includes ``file``, over any number of headers, nearest
        first: what may see a header's functions. Options may be missing."""
        self._all()
        seen = {file: None}
        found: dict[str, ObjectFile] = {}
        waiting = [file]
        while waiting:
            following: list[str] = []
            for one in waiting:
                found.update((item.path, item) for item in self._items.get(one, ()))
                following += [name for name in self._includers.get(one, ()) if name not in seen]
                seen.update(dict.fromkeys(following))
            waiting = following
        return list(found.values())

    def _read_by(self, sources: Sequence[str]) -> set[str]:
        """The files that sources of the image consist of."""
        found: set[str] = set()
        waiting = [source for source in sources if source in self._includes]
        while waiting:
            file = waiting.pop()
            if file not in found:
                found.add(file)
                waiting += self._includes.get(file, ())
        return found

    def _all(self) -> Sequence[str]:
        if not self._files:
            for item in self._image.objects():
                if item.source.endswith(_TEXTUAL):
                    self._items.setdefault(item.source, []).append(item)
            waiting = list(self._items)
            while waiting:
                file = waiting.pop()
                if file in self._includes:
                    continue
                data = self._image.data(file)
                self._includes[file] = tuple(dict.fromkeys(self._included(file, data)))
                for included in self._includes[file]:
                    self._includers.setdefault(included, []).append(file)
                    waiting.append(included)
            self._files = tuple(sorted(self._includes))
            self._image.files.divide(self._files)
        return self._files

    def _included(self, file: str, data: bytes) -> Iterator[str]:
        own = posixpath.dirname(file)
        unknown: list[str] = []
        for quote, raw in _INCLUDE.findall(data):
            name = raw.decode("latin-1")
            places = (own, *self._search) if quote == b'"' else self._search
            found = next(filter(None, (self._lookup(place, name) for place in places)), None)
            if found is None and name.startswith("asm/"):
                generic = (self._lookup(place, name.removeprefix("asm/")) for place in _GENERIC)
                found = next(filter(None, generic), None)
            if found is not None:
                yield found
            elif file in self._items:
                unknown.append(name)
        if unknown:
            yield from self._by_options(file, unknown)

    def _by_options(self, file: str, names: Sequence[str]) -> Iterator[str]:
        """Includes that only the ``-I`` options of a source's own command line find."""
        directories = dict.fromkeys(
            flag.text.removeprefix("-I").strip()
            for item in self._items[file]
            for flag in self._image.whole(item).flags
            if flag.text.startswith("-I")
        )
        for name in names:
            found = next(filter(None, (self._lookup(place, name) for place in directories)), None)
            if found is not None:
                yield found

    def _lookup(self, directory: str, name: str) -> str | None:
        key = (directory, name)
        if key not in self._directories:
            path = posixpath.normpath(posixpath.join(directory, name))
            there = not path.startswith(("/", "..")) and self._session.tree.is_file(path)
            self._directories[key] = path if there else None
        return self._directories[key]
