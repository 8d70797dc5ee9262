"""The declarations of a unit expanded and parsed, with what their holes expand to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyzer.configset.configset import Mask
from analyzer.csource.packing import DEFAULT, limits, with_limit
from analyzer.csource.phrase import Phrase, WovenHole
from analyzer.csource.places import Place, variants, visits_of
from analyzer.csource.provenance import Provenance, Rebase
from analyzer.csource.scope import Bound
from analyzer.csource.source_cache import SourceCache
from analyzer.csource.syntax import Hole
from analyzer.csource.unfold import only_expression
from analyzer.csource.weave import Part, Weaver, Woven
from analyzer.preprocessor.table import MacroTable
from analyzer.preprocessor.token import ArgumentOrigin, Origin, Token

_PLAIN = [(-1, DEFAULT)]
"""Everywhere: no ``#pragma pack``."""


class Binder:
    """Expands and parses the text of one unit."""

    __slots__ = ("_bound", "_cache", "_filled", "_mask", "_typedefs", "_weaver")

    def __init__(
        self, table: MacroTable, cache: SourceCache, typedefs: set[str], mask: Mask
    ) -> None:
        """``typedefs``: the unit's typedef names as far as they are known, ``mask``: its
        configurations."""
        self._cache = cache
        self._typedefs = typedefs
        self._mask = mask
        self._weaver = Weaver(table, cache.expansions, cache.phrases, typedefs, mask)
        self._bound: dict[tuple[int, int, int], tuple[tuple[Bound, Mask], ...]] = {}
        self._filled: dict[Phrase, Bound] = {}

    def of(self, place: Place) -> Iterator[tuple[Bound, Mask]]:
        """The parsed variants of a declaration, with masks."""
        key = (id(place.inclusion), place.raw.first, place.raw.start)
        known = self._bound.get(key)
        if known is None:
            known = self._bound[key] = tuple(self._expand(place))
        return iter(known)

    def read(
        self, tokens: Sequence[Token], time: int, mask: Mask, file: str
    ) -> Iterator[tuple[Bound, Mask]]:
        """``tokens`` as if they stood at file scope of ``file`` at ``time``."""
        for woven in self._weaver.weave([(tuple(tokens), time)], mask):
            yield self._parse(woven, file), woven.mask

    def spelled(
        self, use: Sequence[Token], time: int, mask: Mask
    ) -> list[tuple[Mask, tuple[str, ...]]]:
        """The token texts that a macro use expands to, per group of configurations."""
        return self._weaver.spelled(use, time, mask)

    def _expand(self, place: Place) -> Iterator[tuple[Bound, Mask]]:
        inclusion, raw = place.inclusion, place.raw
        skeleton = inclusion.skeleton
        visits = visits_of(inclusion, raw)
        for mask, chosen in variants([visit.mask & self._mask for visit in visits]):
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
        key = woven.texts, frozenset(self._typedefs.intersection(woven.texts))
        piece = self._cache.pieces.get(key)
        if piece is None:
            piece = self._cache.parser.parse_file_scope(woven.texts, woven.holes, self._typedefs)
            self._cache.pieces[key] = piece
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
