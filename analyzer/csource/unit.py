"""One translation unit as the C language sees it: names at file scope, looked up lazily.

Implements :class:`analyzer.csource.scope.Scope` over the walk of the preprocessor: a
declaration is expanded and parsed when its name is first asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from analyzer.configset.configset import Mask
from analyzer.csource.binding import Binder
from analyzer.csource.declared import enums_in, tagged_in
from analyzer.csource.macro_made import MacroMade
from analyzer.csource.naming import names_in
from analyzer.csource.places import (
    Place,
    raw_text,
    visits_of,
    whole_text,
)
from analyzer.csource.scope import Bound, Found, FoundEnumerator, FoundTag
from analyzer.csource.source_cache import SourceCache
from analyzer.csource.syntax import (
    Asm,
    Declaration,
    FunctionDefinition,
)
from analyzer.csource.use import OPAQUE
from analyzer.preprocessor.outline import Outline, RawDeclaration
from analyzer.preprocessor.skeleton import Skeleton
from analyzer.preprocessor.table import MacroTable
from analyzer.preprocessor.token import Token
from analyzer.preprocessor.walk import Inclusion

_SOURCES = (".c", ".S")
_ASM_WORD = 16
"""Characters of a declaration in which the keyword ``asm`` stands if it is one."""


class TranslationUnit:
    """File scope of one unit, for all configurations in ``mask``."""

    __slots__ = (
        "_assembly",
        "_binder",
        "_cache",
        "_enumerators",
        "_inclusions",
        "_made",
        "_ordinary",
        "_outlined",
        "_positions",
        "_tags",
        "_typedefs",
        "mask",
        "source",
        "table",
    )

    def __init__(
        self,
        source: str,
        mask: Mask,
        table: MacroTable,
        inclusions: Sequence[Inclusion],
        cache: SourceCache,
    ) -> None:
        self.source = source
        self.mask = mask
        self.table = table
        self._cache = cache
        self._inclusions = tuple(inclusions)
        self._outlined: tuple[tuple[Inclusion, Outline], ...] | None = None
        self._assembly: tuple[Place, ...] | None = None
        self._positions: dict[Skeleton, list[int]] = {}
        self._typedefs: set[str] = {"__builtin_va_list", OPAQUE}
        self._binder = Binder(table, cache, self._typedefs, mask)
        self._ordinary: dict[str, tuple[Found, ...]] = {}
        self._tags: dict[tuple[str, str], tuple[FoundTag, ...]] = {}
        self._enumerators: dict[str, tuple[FoundEnumerator, ...]] = {}
        self._made = MacroMade(table, cache, self._binder, lambda: self._outlines)

    # --- the scope ------------------------------------------------------------

    def ordinary(self, name: str) -> Sequence[Found]:
        """Declarations of ``name`` in source order (see :class:`Scope`)."""
        known = self._ordinary.get(name)
        if known is None:
            known = self._ordinary[name] = tuple(self._find_ordinary(name))
        return known

    def tag(self, kind: str, name: str) -> Sequence[FoundTag]:
        """Bodies of a struct, union or enum."""
        key = (kind, name)
        known = self._tags.get(key)
        if known is None:
            known = self._tags[key] = tuple(self._find_tag(kind, name))
        return known

    def enumerator(self, name: str) -> Sequence[FoundEnumerator]:
        """Enums that declare ``name``."""
        known = self._enumerators.get(name)
        if known is None:
            known = self._enumerators[name] = tuple(self._find_enumerator(name))
        return known

    def definitions(self) -> Iterator[tuple[str, Mask]]:
        """The functions that the unit itself brings into the link image, in source order,
        each with the configurations in which that is so.

        These are what its ``.c`` files may define, what file-scope macros of any file make
        unless it is inline, and the functions that initialisers of either refer to.
        Names can repeat, and some of them turn out to be no functions.
        """
        for inclusion, outline in self._outlines:
            if inclusion.skeleton.file.endswith(_SOURCES):
                for raw in outline.declarations:
                    for name in raw.names:
                        yield name, inclusion.mask & self.mask
                    if not raw.is_typedef and "=" in raw_text(inclusion, raw):
                        yield from self._initialised(Place(inclusion, raw))
        made = self._made.names()
        for name, places in made.items():
            brought = 0
            for place in places:
                brought |= self._brings(place, name)
            if brought:
                yield name, brought
        for place in dict.fromkeys(p for places in made.values() for p in places):
            yield from self._initialised(place)

    def assembly(self, name: str) -> Iterator[tuple[Bound, Asm]]:
        """The asm statements at file scope of the unit's own sources that may define
        ``name``: spelled there, or pasted by a macro from words of its use."""
        places = [place for place in self._asm if name in raw_text(place.inclusion, place.raw)]
        places += [
            place
            for place in self._made.makers().of(name)
            if place.inclusion.skeleton.file.endswith(_SOURCES)
        ]
        for place in places:
            for bound, _ in self._binder.of(place):
                for statement in bound.piece.body:
                    if isinstance(statement, Asm):
                        yield bound, statement

    @property
    def _asm(self) -> tuple[Place, ...]:
        """What looks like an asm statement at file scope of the unit's own sources."""
        if self._assembly is None:
            self._assembly = tuple(
                Place(inclusion, raw)
                for inclusion, outline in self._outlines
                if inclusion.skeleton.file.endswith(_SOURCES)
                for raw in outline.declarations
                if "asm" in raw_text(inclusion, raw)[:_ASM_WORD]
            )
        return self._assembly

    def read(
        self, tokens: Sequence[Token], time: int, mask: Mask, file: str
    ) -> Iterator[tuple[Bound, Mask]]:
        """``tokens`` as if they stood at file scope of ``file`` when the macro table had come
        to ``time``: parsed variants with their masks."""
        if self._outlines:
            yield from self._binder.read(tokens, time, mask & self.mask, file)

    def expansions(
        self, use: Sequence[Token], time: int, mask: Mask
    ) -> list[tuple[Mask, tuple[str, ...]]]:
        """The token texts that a macro use expands to at ``time``, per group of
        configurations."""
        return self._binder.spelled(use, time, mask & self.mask)

    def writers(self, member: str) -> Iterator[str]:
        """Names of the unit's own declarations whose text has ``.member =`` or the like."""
        yield from self.spelling(re.compile(rf"(?:\.|->)\s*{re.escape(member)}\s*=[^=]"))

    def spelling(self, pattern: re.Pattern[str]) -> Iterator[str]:
        """Names of the unit's own declarations whose text has a match of ``pattern``."""
        for inclusion, outline in self._outlines:
            if inclusion.skeleton.file.endswith(_SOURCES):
                for raw in outline.declarations:
                    text = "".join(
                        str(inclusion.skeleton.items[visit.item].value)[
                            raw.start if visit.item == raw.first else 0 : raw.end
                            if visit.item == raw.last
                            else None
                        ]
                        for visit in visits_of(inclusion, raw)
                    )
                    if pattern.search(text):
                        yield from raw.names

    def mentioning(self, word: str) -> Iterator[str]:
        """Names of the functions, of any file, in whose text ``word`` stands as a word of its
        own; in source order, macros that they use not looked into."""
        pattern = re.compile(rf"\b{re.escape(word)}\b")
        seen: set[str] = set()
        for inclusion, outline in self._outlines:
            if word.encode() not in self._cache.spelled(inclusion.skeleton):
                continue
            for raw in outline.declarations:
                text = whole_text(inclusion.skeleton, raw)
                if word in text and text.rstrip().endswith("}") and pattern.search(text):
                    for name in raw.names:
                        if name not in seen:
                            seen.add(name)
                            yield name

    def made_at(self, file: str, line: int) -> Iterator[str]:
        """Names of functions that the file-scope macro use around a line defines."""
        for place, _ in self._made.uses():
            skeleton = place.inclusion.skeleton
            if skeleton.file == file and _covers(skeleton, place.raw, line):
                for bound, _ in self._binder.of(place):
                    for statement in bound.piece.body:
                        if isinstance(statement, FunctionDefinition):
                            yield statement.name

    def active(self, file: str, line: int) -> Mask:
        """The configurations in which the text on a line of ``file`` is compiled."""
        mask = 0
        for inclusion in self._inclusions:
            if inclusion.skeleton.file == file:
                items = inclusion.skeleton.items
                for visit in inclusion.visits:
                    item = items[visit.item]
                    last = item.line + str(item.value).count("\n")
                    if item.line <= line <= last:
                        mask |= visit.mask
        return mask & self.mask

    def _brings(self, place: Place, name: str) -> Mask:
        """Where ``place`` defines function ``name`` and not just for inlining."""
        brought = 0
        for bound, mask in self._binder.of(place):
            for statement in bound.piece.body:
                if (
                    isinstance(statement, FunctionDefinition)
                    and statement.name == name
                    and "inline" not in statement.storage
                ):
                    brought |= mask
        return brought

    def _initialised(self, place: Place) -> Iterator[tuple[str, Mask]]:
        """The names in the initialisers of the objects that ``place`` declares."""
        for bound, mask in self._binder.of(place):
            for statement in bound.piece.body:
                if isinstance(statement, Declaration):
                    for declarator in statement.declarators:
                        if declarator.value is not None:
                            for name in names_in(declarator.value):
                                yield name, mask

    @property
    def files(self) -> tuple[str, ...]:
        """The files read, in order of first inclusion."""
        return tuple(dict.fromkeys(i.skeleton.file for i in self._inclusions))

    @property
    def inclusions(self) -> Sequence[Inclusion]:
        """The readings of files, in the order in which they began."""
        return self._inclusions

    @property
    def _outlines(self) -> tuple[tuple[Inclusion, Outline], ...]:
        """The declarations of every file, and with them the typedef names of the unit."""
        if self._outlined is None:
            cache = self._cache
            self._outlined = tuple((i, cache.outline(i.skeleton)) for i in self._inclusions)
            for _, outline in self._outlined:
                self._typedefs |= outline.typedefs
            self._typedefs |= self._made.typedefs()
        return self._outlined

    # --- looking up -----------------------------------------------------------

    def _outlines_of(
        self, files: Callable[[str], Sequence[Skeleton]], name: str
    ) -> list[tuple[Inclusion, Outline]]:
        """The unit's inclusions, in order, of the ``files`` that have ``name``."""
        outlines = self._outlines
        if not self._positions:
            for position, (inclusion, _) in enumerate(outlines):
                self._positions.setdefault(inclusion.skeleton, []).append(position)
        found = [at for skeleton in files(name) for at in self._positions.get(skeleton, ())]
        return [outlines[at] for at in sorted(found)]

    def _find_ordinary(self, name: str) -> Iterator[Found]:
        places = [
            Place(inclusion, outline.declarations[number])
            for inclusion, outline in self._outlines_of(self._cache.declaring, name)
            for number in outline.names[name]
        ]
        places += self._made.making(name)
        for place in places:
            for bound, mask in self._binder.of(place):
                for statement in bound.piece.body:
                    if isinstance(statement, FunctionDefinition):
                        if statement.name == name:
                            yield Found(mask, statement, 0, bound)
                    elif isinstance(statement, Declaration):
                        for index, declarator in enumerate(statement.declarators):
                            if declarator.name == name:
                                yield Found(mask, statement, index, bound)

    def _find_tag(self, kind: str, name: str) -> Iterator[FoundTag]:
        left = self.mask
        for inclusion, outline in self._outlines_of(self._cache.tagging, name):
            for number in outline.tags[name]:
                for found in self._tags_at(Place(inclusion, outline.declarations[number]), name):
                    if found.type.kind == kind:
                        left &= ~found.mask
                        yield found
        if left:
            for place in self._made.tags().get(name, ()):
                yield from (
                    found for found in self._tags_at(place, name) if found.type.kind == kind
                )

    def _tags_at(self, place: Place, name: str) -> Iterator[FoundTag]:
        for bound, mask in self._binder.of(place):
            for tagged in tagged_in(bound.piece):
                if tagged.tag == name:
                    yield FoundTag(mask, tagged, bound)

    def _find_enumerator(self, name: str) -> Iterator[FoundEnumerator]:
        places = [
            Place(inclusion, outline.declarations[number])
            for inclusion, outline in self._outlines_of(self._cache.enumerating, name)
            for number in outline.enumerators[name]
        ]
        places += self._made.enumerators().get(name, ())
        for place in places:
            for bound, mask in self._binder.of(place):
                for body in enums_in(bound.piece):
                    if any(enumerator == name for enumerator, _ in body.enumerators):
                        yield FoundEnumerator(mask, body, bound)


def _covers(skeleton: Skeleton, raw: RawDeclaration, line: int) -> bool:
    """Whether ``line`` is one of a declaration's lines."""
    end = skeleton.items[raw.last]
    return raw.line <= line <= end.line + str(end.value).count("\n", 0, raw.end)
