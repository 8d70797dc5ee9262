"""One translation unit as the C language sees it: names at file scope, looked up lazily.

Implements :class:`analyzer.csource.scope.Scope` over the walk of the preprocessor: a
declaration is expanded and parsed when its name is first asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from analyzer.configset.configset import Mask
from analyzer.csource.declared import declared_names, enums_in, tagged_in
from analyzer.csource.naming import names_in
from analyzer.csource.packing import DEFAULT, limits, with_limit
from analyzer.csource.phrase import Phrase, WovenHole
from analyzer.csource.places import (
    WORD,
    Makers,
    Place,
    makes_tag,
    makes_typedef,
    may_declare,
    raw_text,
    variants,
    whole_text,
)
from analyzer.csource.provenance import Provenance, Rebase
from analyzer.csource.scope import Bound, Found, FoundEnumerator, FoundTag
from analyzer.csource.source_cache import SourceCache
from analyzer.csource.syntax import (
    Asm,
    Declaration,
    FunctionDefinition,
    Hole,
)
from analyzer.csource.unfold import only_expression
from analyzer.csource.use import OPAQUE
from analyzer.csource.weave import Part, Weaver, Woven
from analyzer.preprocessor.macro import Macro
from analyzer.preprocessor.outline import Outline, RawDeclaration
from analyzer.preprocessor.skeleton import Skeleton
from analyzer.preprocessor.table import MacroTable
from analyzer.preprocessor.token import ArgumentOrigin, Origin, Token
from analyzer.preprocessor.walk import Inclusion

_SOURCES = (".c", ".S")
_PLAIN = [(-1, DEFAULT)]
"""Everywhere: no ``#pragma pack``."""
_ASM_WORD = 16
"""Characters of a declaration in which the keyword ``asm`` stands if it is one."""


class TranslationUnit:
    """File scope of one unit, for all configurations in ``mask``."""

    __slots__ = (
        "_bound",
        "_cache",
        "_enumerators",
        "_filled",
        "_inclusions",
        "_made",
        "_made_enumerators",
        "_made_tags",
        "_makers",
        "_ordinary",
        "_outlined",
        "_positions",
        "_tags",
        "_typedefs",
        "_uses",
        "_weaver",
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
        self._positions: dict[Skeleton, list[int]] = {}
        self._typedefs: set[str] = {"__builtin_va_list", OPAQUE}
        self._weaver = Weaver(table, cache.expansions, cache.phrases, self._typedefs, mask)
        self._bound: dict[tuple[int, int, int], tuple[tuple[Bound, Mask], ...]] = {}
        self._filled: dict[Phrase, Bound] = {}
        self._ordinary: dict[str, tuple[Found, ...]] = {}
        self._tags: dict[tuple[str, str], tuple[FoundTag, ...]] = {}
        self._enumerators: dict[str, tuple[FoundEnumerator, ...]] = {}
        self._made: dict[str, list[Place]] | None = None
        self._makers: Makers | None = None
        self._made_tags: dict[str, list[Place]] | None = None
        self._made_enumerators: dict[str, list[Place]] | None = None
        self._uses: tuple[tuple[Place, tuple[Macro, ...]], ...] | None = None

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
        made = self._macro_made()
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
        places = [
            Place(inclusion, raw)
            for inclusion, outline in self._outlines
            if inclusion.skeleton.file.endswith(_SOURCES)
            for raw in outline.declarations
            if "asm" in raw_text(inclusion, raw)[:_ASM_WORD] and name in raw_text(inclusion, raw)
        ]
        places += [
            place
            for place in self._all_makers().of(name)
            if place.inclusion.skeleton.file.endswith(_SOURCES)
        ]
        for place in places:
            for bound, _ in self._bind(place):
                for statement in bound.piece.body:
                    if isinstance(statement, Asm):
                        yield bound, statement

    def read(
        self, tokens: Sequence[Token], time: int, mask: Mask, file: str
    ) -> Iterator[tuple[Bound, Mask]]:
        """``tokens`` as if they stood at file scope of ``file`` when the macro table had come
        to ``time``: parsed variants with their masks."""
        if self._outlines:
            for woven in self._weaver.weave([(tuple(tokens), time)], mask & self.mask):
                yield self._parse(woven, file), woven.mask

    def expansions(
        self, use: Sequence[Token], time: int, mask: Mask
    ) -> list[tuple[Mask, tuple[str, ...]]]:
        """The token texts that a macro use expands to at ``time``, per group of
        configurations."""
        return self._weaver.spelled(use, time, mask & self.mask)

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
                        for visit in inclusion.visits
                        if raw.first <= visit.item <= raw.last
                    )
                    if pattern.search(text):
                        yield from raw.names

    def mentioning(self, word: str) -> Iterator[str]:
        """Names of the functions, of any file, in whose text ``word`` stands as a word of its
        own; in source order, macros that they use not looked into."""
        pattern = re.compile(rf"\b{re.escape(word)}\b")
        seen: set[str] = set()
        for inclusion, outline in self._outlines:
            items = inclusion.skeleton.items
            if not any(isinstance(item.value, str) and word in item.value for item in items):
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
        for place, _ in self._all_uses():
            skeleton = place.inclusion.skeleton
            if skeleton.file == file and _covers(skeleton, place.raw, line):
                for bound, _ in self._bind(place):
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
        for bound, mask in self._bind(place):
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
        for bound, mask in self._bind(place):
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
            self._typedefs |= self._made_typedefs()
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
        places += self._making(name)
        for place in places:
            for bound, mask in self._bind(place):
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
            for place in self._tags_by_macro().get(name, ()):
                yield from (
                    found for found in self._tags_at(place, name) if found.type.kind == kind
                )

    def _tags_at(self, place: Place, name: str) -> Iterator[FoundTag]:
        for bound, mask in self._bind(place):
            for tagged in tagged_in(bound.piece):
                if tagged.tag == name:
                    yield FoundTag(mask, tagged, bound)

    def _find_enumerator(self, name: str) -> Iterator[FoundEnumerator]:
        places = [
            Place(inclusion, outline.declarations[number])
            for inclusion, outline in self._outlines_of(self._cache.enumerating, name)
            for number in outline.enumerators[name]
        ]
        places += self._enumerators_by_macro().get(name, ())
        for place in places:
            for bound, mask in self._bind(place):
                for body in enums_in(bound.piece):
                    if any(enumerator == name for enumerator, _ in body.enumerators):
                        yield FoundEnumerator(mask, body, bound)

    def _enumerators_by_macro(self) -> dict[str, list[Place]]:
        """Enumerators that a macro use in an enum's body makes: ``enum { EACH(NAME) };``."""
        if self._made_enumerators is None:
            made: dict[str, dict[Place, None]] = {}
            for inclusion, outline in self._outlines:
                for number in self._enums_with_macros(outline):
                    place = Place(inclusion, outline.declarations[number])
                    for bound, _ in self._bind(place):
                        for body in enums_in(bound.piece):
                            for name, _ in body.enumerators:
                                if name not in place.raw.enumerators:
                                    made.setdefault(name, {})[place] = None
            self._made_enumerators = {name: list(places) for name, places in made.items()}
        return self._made_enumerators

    def _enums_with_macros(self, outline: Outline) -> dict[int, None]:
        """The declarations in which what stands for an enumerator is a macro."""
        return dict.fromkeys(
            number
            for name, numbers in outline.enumerators.items()
            if any(macro.body != name for macro in self.table.ever(name))
            for number in numbers
        )

    def _macro_made(self) -> dict[str, list[Place]]:
        """Names that only appear once file-scope macro uses are expanded."""
        if self._made is None:
            self._made = {}
            for place in self._macro_places(may_declare):
                for bound, _ in self._bind(place):
                    for name in declared_names(bound.piece):
                        if name not in place.raw.names:
                            places = self._made.setdefault(name, [])
                            if place not in places:
                                places.append(place)
        return self._made

    def _making(self, name: str) -> list[Place]:
        """Where file-scope macro uses may declare ``name`` without spelling it out.

        A name that a macro makes is pasted from words of the use, or stands in the
        macro's replacement list.
        """
        if self._made is not None:
            return self._made.get(name, [])
        return [place for place in self._all_makers().of(name) if name not in place.raw.names]

    def _all_makers(self) -> Makers:
        if self._makers is None:
            self._makers = Makers()
            for place in self._macro_places(may_declare):
                head = raw_text(place.inclusion, place.raw).partition("{")[0]
                macros = [m for use in place.raw.uses for m in self.table.ever(use)]
                macros += [
                    other
                    for macro in macros
                    if macro.parameters is None
                    for other in self.table.ever(macro.body)
                ]
                self._makers.add(place, head, [self._cache.words(macro) for macro in macros])
        return self._makers

    def _tags_by_macro(self) -> dict[str, list[Place]]:
        """Tags whose body a file-scope macro use declares: ``declare_struct(x) { … };``."""
        if self._made_tags is None:
            self._made_tags = {}
            for place in self._macro_places(makes_tag):
                for bound, _ in self._bind(place):
                    for tagged in tagged_in(bound.piece):
                        tag = tagged.tag
                        if tag and tagged.body is not None and tag not in place.raw.tags:
                            places = self._made_tags.setdefault(tag, [])
                            if place not in places:
                                places.append(place)
        return self._made_tags

    def _made_typedefs(self) -> set[str]:
        """Typedef names that file-scope macro uses declare."""
        return {
            declarator.name
            for place in self._macro_places(makes_typedef)
            for bound, _ in self._bind(place)
            for statement in bound.piece.body
            if isinstance(statement, Declaration) and "typedef" in statement.storage
            for declarator in statement.declarators
        }

    def _macro_places(self, wanted: Callable[[Macro], bool]) -> Iterator[Place]:
        """Declarations that use a macro with parentheses at file scope for which ``wanted``."""
        return (place for place, macros in self._all_uses() if any(map(wanted, macros)))

    def _all_uses(self) -> tuple[tuple[Place, tuple[Macro, ...]], ...]:
        if self._uses is None:
            self._uses = tuple(self._find_uses())
        return self._uses

    def _find_uses(self) -> Iterator[tuple[Place, tuple[Macro, ...]]]:
        for inclusion, outline in self._outlines:
            times = {visit.item: visit.time for visit in inclusion.visits}
            for raw in outline.declarations:
                if not raw.uses:
                    continue
                time = times.get(raw.first, -1)
                if time < 0 and raw.last != raw.first:
                    time = next((t for i, t in times.items() if raw.first < i <= raw.last), -1)
                if time >= 0:
                    macros = [macro for use in raw.uses for macro in self._taking(use, time)]
                    if macros:
                        yield Place(inclusion, raw), tuple(macros)

    def _taking(self, name: str, time: int) -> Iterator[Macro]:
        """The macros that ``name`` before a parenthesis may be: function-like ones, other
        names of them, and other names of functions (``#define NAME OTHER``)."""
        for _, macro in self.table.at(name, time):
            if macro.parameters is not None:
                yield macro
            elif macro.body != name and WORD.fullmatch(macro.body):
                yield macro
                for _, other in self.table.at(macro.body, time):
                    if other.parameters is not None:
                        yield other

    # --- expanding ------------------------------------------------------------

    def _bind(self, place: Place) -> Iterator[tuple[Bound, Mask]]:
        """The parsed variants of a declaration, with masks."""
        key = (id(place.inclusion), place.raw.first, place.raw.start)
        known = self._bound.get(key)
        if known is None:
            known = self._bound[key] = tuple(self._expand(place))
        return iter(known)

    def _expand(self, place: Place) -> Iterator[tuple[Bound, Mask]]:
        inclusion, raw = place.inclusion, place.raw
        skeleton = inclusion.skeleton
        visits = [visit for visit in inclusion.visits if raw.first <= visit.item <= raw.last]
        for mask, chosen in variants([visit.mask & self.mask for visit in visits]):
            parts: list[Part] = []
            for index in chosen:
                visit = visits[index]
                start = raw.start if visit.item == raw.first else 0
                end = raw.end if visit.item == raw.last else -1
                parts.append((self._cache.scan(skeleton, visit.item, start, end), visit.time))
            for share, limit in limits(inclusion, raw.first, mask) if inclusion.packs else _PLAIN:
                shown = with_limit(parts, limit) if limit else parts
                for woven in self._weaver.weave(shown, mask & share):
                    yield self._parse(woven, skeleton.file), woven.mask

    def _parse(self, woven: Woven, file: str) -> Bound:
        piece = self._cache.pieces.get(woven.texts)
        if piece is None:
            piece = self._cache.parser.parse_file_scope(woven.texts, woven.holes, self._typedefs)
            self._cache.pieces[woven.texts] = piece
        holes = tuple(self._alternatives(hole, file, None) for hole in woven.filling)
        uses = tuple(hole.tokens for hole in woven.filling)
        provenance = Provenance(file, woven.origins, woven.lines, uses)
        return Bound(piece, woven.texts, woven.raw, holes, provenance)

    def _alternatives(
        self, hole: WovenHole, file: str, outer: Sequence[Origin] | None
    ) -> tuple[tuple[Mask, Bound], ...]:
        """What a hole expands to. ``outer``: where the tokens of the use come from that the
        hole stands in the expansion of, if that is no use that the source spells."""
        written = [token[2] for token in hole.tokens]
        context: Sequence[Origin] | None = None
        if any(not isinstance(origin, int) for origin in written):
            context = [
                ArgumentOrigin(position) if isinstance(origin, int) else origin
                for position, origin in enumerate(written)
            ]
            if outer is not None:
                context = Rebase(outer).all(context)
        found: dict[Bound, Mask] = {}
        for mask, phrase in hole.alternatives:
            bound = self._fill(phrase, file, context)
            only = only_expression(bound)
            if isinstance(only, Hole):
                within = bound.holes[only.number]
                for share, inner in within:
                    if mask & share:
                        found[inner] = found.get(inner, 0) | (mask & share)
            else:
                found[bound] = found.get(bound, 0) | mask
        return tuple((mask, bound) for bound, mask in found.items())

    def _fill(self, phrase: Phrase, file: str, context: Sequence[Origin] | None) -> Bound:
        known = self._filled.get(phrase) if context is None else None
        if known is None:
            holes = tuple(self._alternatives(hole, file, context) for hole in phrase.filling)
            uses = tuple(hole.tokens for hole in phrase.filling)
            provenance = Provenance(file, phrase.origins, (), uses, context)
            known = Bound(phrase.piece, phrase.texts, phrase.raw, holes, provenance)
            if context is None:
                self._filled[phrase] = known
        return known


def _covers(skeleton: Skeleton, raw: RawDeclaration, line: int) -> bool:
    """Whether ``line`` is one of a declaration's lines."""
    end = skeleton.items[raw.last]
    return raw.line <= line <= end.line + str(end.value).count("\n", 0, raw.end)
