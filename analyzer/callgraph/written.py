"""The words of a part of a function, as the text that the function stands in writes it."""

from __future__ import annotations

from collections.abc import Iterator

from analyzer.configset.configset import Mask
from analyzer.csource.provenance import Provenance
from analyzer.csource.scope import Bound
from analyzer.csource.spelling import spell
from analyzer.preprocessor.macro import Macro
from analyzer.preprocessor.token import MacroOrigin, Origin

_HOLE = "__hole"


class Writer:
    """Puts tokens of a bound in words.

    A macro use is written as it stands in the source text. What a macro brings is expanded,
    but for macros without parameters, which are spelled by their names. ``mask`` is narrowed
    to the configurations in which all words asked for are those of the lowest one.
    """

    __slots__ = ("_bound", "mask")

    def __init__(self, bound: Bound, mask: Mask) -> None:
        self._bound = bound
        self.mask = mask

    def words(self, low: int, high: int) -> str:
        """The tokens from ``low`` up to ``high``."""
        origins = _provenance(self._bound).origins
        tokens = list(self._tokens(self._bound, low, high))
        macros = [_outermost(origin) for _, origin in tokens]
        before = _outermost(origins[low - 1]) if low else None
        behind = _outermost(origins[high]) if high < len(origins) else None
        words: list[str] = []
        at = 0
        while at < len(tokens):
            macro = macros[at]
            end = at + 1
            if macro is not None and macro.parameters is None:
                while end < len(tokens) and macros[end] is macro:
                    end += 1
                whole = (at or before is not macro) and (end < len(tokens) or behind is not macro)
                if whole:
                    words.append(macro.name)
                    at = end
                    continue
            words.append(tokens[at][0])
            at += 1
        return spell(words)

    def _tokens(self, bound: Bound, low: int, high: int) -> Iterator[tuple[str, Origin]]:
        """The tokens with their origins; a use that a macro has written replaced by what it
        expands to in the lowest configuration."""
        provenance = _provenance(bound)
        for at in range(low, high):
            inner = self._filling(bound, provenance, bound.texts[at])
            if inner is None:
                yield bound.raw[at], provenance.origins[at]
            else:
                yield from self._tokens(inner, 0, len(inner.texts))

    def _filling(self, bound: Bound, provenance: Provenance, text: str) -> Bound | None:
        number = text.removeprefix(_HOLE)
        if number == text or not number.isdecimal() or int(number) >= len(bound.holes):
            return None
        if isinstance(provenance.uses[int(number)][0][2], int):
            return None
        for share, inner in bound.holes[int(number)]:
            if share & self.mask & -self.mask:
                self.mask &= share
                return inner
        return None


def _provenance(bound: Bound) -> Provenance:
    assert isinstance(bound.origin, Provenance)
    return bound.origin


def _outermost(origin: Origin) -> Macro | None:
    """The macro whose use brought a token."""
    macro = None
    while isinstance(origin, MacroOrigin):
        macro = origin.macro
        if origin.outer is None:
            break
        origin = origin.outer
    return macro
