"""What macro uses at file scope make: names, tags, enumerators that no text spells."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

from analyzer.csource.binding import Binder
from analyzer.csource.declared import declared_names, enums_in, tagged_in
from analyzer.csource.places import (
    WORD,
    Makers,
    Place,
    makes_tag,
    makes_typedef,
    may_declare,
    raw_text,
)
from analyzer.csource.source_cache import SourceCache
from analyzer.csource.syntax import Declaration
from analyzer.preprocessor.macro import Macro
from analyzer.preprocessor.outline import Outline
from analyzer.preprocessor.table import MacroTable
from analyzer.preprocessor.walk import Inclusion

Outlines = tuple[tuple[Inclusion, Outline], ...]


class MacroMade:
    """The declarations that the macro uses of one unit make."""

    __slots__ = (
        "_binder",
        "_cache",
        "_enumerators",
        "_makers",
        "_names",
        "_outlines",
        "_table",
        "_tags",
        "_uses",
    )

    def __init__(
        self,
        table: MacroTable,
        cache: SourceCache,
        binder: Binder,
        outlines: Callable[[], Outlines],
    ) -> None:
        """``outlines``: the declarations of every file that the unit reads."""
        self._table = table
        self._cache = cache
        self._binder = binder
        self._outlines = outlines
        self._names: dict[str, list[Place]] | None = None
        self._makers: Makers | None = None
        self._tags: dict[str, list[Place]] | None = None
        self._enumerators: dict[str, list[Place]] | None = None
        self._uses: tuple[tuple[Place, tuple[Macro, ...]], ...] | None = None

    def enumerators(self) -> dict[str, list[Place]]:
        """Enumerators that a macro use in an enum's body makes: ``enum { EACH(NAME) };``."""
        if self._enumerators is None:
            made: dict[str, dict[Place, None]] = {}
            for inclusion, outline in self._outlines():
                for number in self._enums_with_macros(outline):
                    place = Place(inclusion, outline.declarations[number])
                    for bound, _ in self._binder.of(place):
                        for body in enums_in(bound.piece):
                            for name, _ in body.enumerators:
                                if name not in place.raw.enumerators:
                                    made.setdefault(name, {})[place] = None
            self._enumerators = {name: list(places) for name, places in made.items()}
        return self._enumerators

    def _enums_with_macros(self, outline: Outline) -> dict[int, None]:
        """The declarations in which what stands for an enumerator is a macro."""
        return dict.fromkeys(
            number
            for name, numbers in outline.enumerators.items()
            if any(macro.body != name for macro in self._table.ever(name))
            for number in numbers
        )

    def names(self) -> dict[str, list[Place]]:
        """Names that only appear once file-scope macro uses are expanded."""
        if self._names is None:
            self._names = {}
            for place in self._macro_places(may_declare):
                for bound, _ in self._binder.of(place):
                    for name in declared_names(bound.piece):
                        if name not in place.raw.names:
                            places = self._names.setdefault(name, [])
                            if place not in places:
                                places.append(place)
        return self._names

    def making(self, name: str) -> list[Place]:
        """Where file-scope macro uses may declare ``name`` without spelling it out.

        A name that a macro makes is pasted from words of the use, or stands in the
        macro's replacement list.
        """
        if self._names is not None:
            return self._names.get(name, [])
        return [place for place in self.makers().of(name) if name not in place.raw.names]

    def makers(self) -> Makers:
        """The macro uses at file scope by the names that they may make."""
        if self._makers is None:
            self._makers = Makers()
            for place in self._macro_places(may_declare):
                head = raw_text(place.inclusion, place.raw).partition("{")[0]
                macros = [m for use in place.raw.uses for m in self._table.ever(use)]
                macros += [
                    other
                    for macro in macros
                    if macro.parameters is None
                    for other in self._table.ever(macro.body)
                ]
                self._makers.add(place, head, [self._cache.words(macro) for macro in macros])
        return self._makers

    def tags(self) -> dict[str, list[Place]]:
        """Tags whose body a file-scope macro use declares: ``declare_struct(x) { … };``."""
        if self._tags is None:
            self._tags = {}
            for place in self._macro_places(makes_tag):
                for bound, _ in self._binder.of(place):
                    for tagged in tagged_in(bound.piece):
                        tag = tagged.tag
                        if tag and tagged.body is not None and tag not in place.raw.tags:
                            places = self._tags.setdefault(tag, [])
                            if place not in places:
                                places.append(place)
        return self._tags

    def typedefs(self) -> set[str]:
        """Typedef names that file-scope macro uses declare."""
        return {
            declarator.name
            for place in self._macro_places(makes_typedef)
            for bound, _ in self._binder.of(place)
            for statement in bound.piece.body
            if isinstance(statement, Declaration) and "typedef" in statement.storage
            for declarator in statement.declarators
        }

    def _macro_places(self, wanted: Callable[[Macro], bool]) -> Iterator[Place]:
        """Declarations that use a macro with parentheses at file scope for which ``wanted``."""
        return (place for place, macros in self.uses() if any(map(wanted, macros)))

    def uses(self) -> tuple[tuple[Place, tuple[Macro, ...]], ...]:
        """The declarations that use macros with parentheses, and the macros."""
        if self._uses is None:
            self._uses = tuple(self._find_uses())
        return self._uses

    def _find_uses(self) -> Iterator[tuple[Place, tuple[Macro, ...]]]:
        for inclusion, outline in self._outlines():
            used = [outline.uses[name] for name in self._table.among(outline.uses)]
            if not used:
                continue
            times = {visit.item: visit.time for visit in inclusion.visits}
            for number in sorted(set(chain.from_iterable(used))):
                raw = outline.declarations[number]
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
        for _, macro in self._table.at(name, time):
            if macro.parameters is not None:
                yield macro
            elif macro.body != name and WORD.fullmatch(macro.body):
                yield macro
                for _, other in self._table.at(macro.body, time):
                    if other.parameters is not None:
                        yield other
