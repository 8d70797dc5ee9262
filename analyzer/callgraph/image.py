"""Where a link image's functions are defined: the scope in which external names resolve.

A name is looked for as bytes in the sources of the image's objects, nearest directories
first, and taken for defined where a declaration of it has a body. What was searched is
known, so that "defined nowhere" can say how far it looked.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from analyzer.callgraph.assembly import label_line
from analyzer.callgraph.conditionals import conditionals_at
from analyzer.callgraph.filewords import FileWords
from analyzer.callgraph.session import Session
from analyzer.kbuild.objects import ObjectFile
from analyzer.location import Location
from analyzer.preprocessor.macro import Macro
from analyzer.preprocessor.outline import Outline, RawDeclaration
from analyzer.preprocessor.skeleton import Skeleton

VMLINUX = "vmlinux"
MAX_INCLUDERS = 12
"""Units tried for one that includes a header asked about."""
_NOT_PLAIN = re.compile(r"\b(?:static|\w*inline\w*|\w*weak\w*|[A-Z][A-Z0-9_]+\s*\()")
_ASM_USE = re.compile(rb"^\w*ASM\w*\(", re.MULTILINE)
"""File-scope uses of a macro whose name says that it makes assembly."""
_WORD_BYTE = re.compile(rb"\w")
_COMMA = re.compile(rb"\s*,")
_OPENED = re.compile(rb"\w+\(\s*")
_BREAK = re.compile(rb"[;{}]")
_NEAR = ("mm", "arch/x86/mm", "kernel", "lib")


class ImageSearch:
    """Finds the objects of one image whose source mentions a name."""

    __slots__ = ("_files", "_objects", "_session", "image")

    def __init__(self, session: Session, image: str) -> None:
        self._session = session
        self.image = image
        self._objects: list[ObjectFile] | None = None
        self._files = FileWords(session.tree)

    def defining(self, name: str, near: str) -> Iterator[ObjectFile]:
        """Objects whose source seems to define function ``name``, those in the directory
        of object ``near`` and in the core directories first."""
        word = name.encode()
        seen: set[str] = set()
        for items in self._batches(near):
            self._files.divide(item.source for item in items)
            files = self._files.spelling(word)
            for item in items:
                if item.path in seen:
                    continue
                seen.add(item.path)
                if item.source not in files:
                    continue
                data = self.data(item.source)
                if item.source.endswith(".S"):
                    if label_line(data, name) is not None:
                        yield item
                elif self.defines(item.source, name):
                    yield self.whole(item)

    def including(self, header: str, name: str) -> Iterator[ObjectFile]:
        """Objects of the core directories that mention ``name``, a function of ``header``
        (empty: of any), or else any: candidates for a unit that sees the definition."""
        word = name.encode()
        items = [item for batch in self._near_batches(header) for item in batch]
        items = [item for item in items if item.source.endswith(".c")]
        items.sort(key=lambda item: word not in self.data(item.source))
        return iter(items[:MAX_INCLUDERS])

    def mentioning(self, pattern: re.Pattern[bytes], word: bytes) -> list[ObjectFile]:
        """Objects whose source matches ``pattern``; ``word`` is a whole word of every match."""
        return [
            self.whole(item)
            for item in self._spelling((word,))
            if pattern.search(self.data(item.source))
        ]

    def spelling(self, words: Collection[bytes]) -> list[ObjectFile]:
        """Objects in whose source all of ``words`` stand."""
        return [self.whole(item) for item in self._spelling(words)]

    def defines(self, path: str, name: str) -> bool:
        """Whether a declaration of ``name`` with a body, or asm or a macro use with a body at
        file scope naming it, is in a file."""
        skeleton = self._session.skeleton(path)
        if skeleton is None:
            return False
        outline = self._session.outline(skeleton)
        if any(True for _ in _bodies(skeleton, outline, name)):
            return True
        data = self.data(path)
        word = name.encode()
        places = list(_places_of(data, word))
        if any(_makes_asm(data, at, word) for at in places) and _ASM_USE.search(data):
            return True
        if any(_begins_body(data, at, word) for at in places):
            return True
        renamed = rb"^[ \t]*#[ \t]*define[ \t]+(\w+)[ \t]+%s[ \t]*$" % word
        return any(
            True
            for other in dict.fromkeys(re.findall(renamed, data, re.M))
            for _ in _bodies(skeleton, outline, other.decode("latin-1"))
        )

    def plain_definition(self, path: str, name: str) -> Location | None:
        """Where a source defines function ``name`` in every configuration that builds it.

        None if that cannot be read off the text alone: the definition stands under a
        conditional, is there twice, is ``static``, inline or weak, or the file makes a macro
        of the name.
        """
        skeleton = self._session.skeleton(path)
        if skeleton is None:
            return None
        return _plain_definition(skeleton, self._session.outline(skeleton), name)

    def names(self) -> Iterator[str]:
        """Function names defined in the core directories, to offer near misses."""
        for items in self._near_batches("mm/x.o"):
            for item in items:
                skeleton = self._session.skeleton(item.source)
                if item.source.endswith(".c") and skeleton is not None:
                    yield from self._session.outline(skeleton).names

    def objects(self) -> Sequence[ObjectFile]:
        """The objects of the image, in the order of the listing; options may be missing."""
        if self._objects is None:
            items = self._session.listing()
            self._objects = [item for item in items if self._belongs(item)]
        return self._objects

    def whole(self, item: ObjectFile) -> ObjectFile:
        """The object with its options, which the listing may lack."""
        return self._session.kbuild.object(item.path) or item

    @property
    def files(self) -> FileWords:
        """The files of the image as far as they have been read."""
        return self._files

    def data(self, path: str) -> bytes:
        """The bytes of a source, empty where the tree has no such file."""
        return self._files.data(path)

    def _batches(self, near: str) -> Iterator[Sequence[ObjectFile]]:
        yield from self._near_batches(near)
        yield self.objects()

    def _near_batches(self, near: str) -> Iterator[Sequence[ObjectFile]]:
        own = near.rpartition("/")[0]
        for directory in dict.fromkeys((own, *_NEAR)):
            if directory:
                items = self._session.kbuild.objects_in_directory(directory)
                yield [item for item in items if self._belongs(item)]

    def _spelling(self, words: Collection[bytes]) -> Iterator[ObjectFile]:
        objects = self.objects()
        self._files.divide(item.source for item in objects)
        files = [self._files.spelling(word) for word in words]
        return (item for item in objects if all(item.source in each for each in files))

    @staticmethod
    def is_core(item: ObjectFile) -> bool:
        """Whether an object is of a directory that is looked into first."""
        return item.path.rpartition("/")[0] in _NEAR

    def _belongs(self, item: ObjectFile) -> bool:
        return bool(item.built) and any(image.text == self.image for image in item.images)


def _places_of(data: bytes, word: bytes) -> Iterator[int]:
    """Where ``word`` stands by itself in a text."""
    at = data.find(word)
    while at >= 0:
        end = at + len(word)
        inside = at > 0 and _WORD_BYTE.match(data, at - 1)
        if not inside and not _WORD_BYTE.match(data, end):
            yield at
        at = data.find(word, end)


def _makes_asm(data: bytes, at: int, word: bytes) -> bool:
    """Whether ``word`` at an offset is the first of several arguments of a use at the beginning
    of a line."""
    if not _COMMA.match(data, at + len(word)):
        return False
    before = data[data.rfind(b"\n", 0, data.rfind(b"(", 0, at) + 1) + 1 : at]
    return _OPENED.fullmatch(before) is not None


def _begins_body(data: bytes, at: int, word: bytes) -> bool:
    """Whether ``word`` at an offset is an argument of a use of a macro in capitals at the
    beginning of a line that a body follows."""
    behind = _BREAK.search(data, at)
    if behind is None or behind[0] != b"{":
        return False
    start = max(data.rfind(sign, 0, at) for sign in (b";", b"{", b"}")) + 1
    use = re.compile(rb"^[A-Z]\w*\([^;{}]*\b%s\b[^;{}]*\)\s*\{" % word, re.MULTILINE)
    return use.search(data, start, behind.end()) is not None


def _plain_definition(skeleton: Skeleton, outline: Outline, name: str) -> Location | None:
    found = list(_bodies(skeleton, outline, name))
    if len(found) != 1 or found[0].first != found[0].last:
        return None
    raw = found[0]
    text = skeleton.items[raw.first].value
    assert isinstance(text, str)
    head = text[raw.start : raw.end].partition("{")[0]
    word = re.search(rf"\b{re.escape(name)}\s*\(", head)
    if word is None or _NOT_PLAIN.search(head):
        return None
    if any(isinstance(item.value, Macro) and item.value.name == name for item in skeleton.items):
        return None
    line = skeleton.items[raw.first].line + text.count("\n", 0, raw.start + word.start())
    if conditionals_at(skeleton, line):
        return None
    return Location(skeleton.file, line)


def _bodies(skeleton: Skeleton, outline: Outline, name: str) -> Iterator[RawDeclaration]:
    for number in outline.names.get(name, ()):
        raw = outline.declarations[number]
        if name in raw.uses and _ends_with_body(skeleton, raw.last, raw.end):
            yield raw


def _ends_with_body(skeleton: Skeleton, item: int, end: int) -> bool:
    text = skeleton.items[item].value
    return isinstance(text, str) and text[:end].rstrip().endswith("}")
