"""Where the tokens of a bound piece come from: lines, macros, and the uses in its holes."""

from __future__ import annotations

from collections.abc import Sequence

from analyzer.preprocessor.token import (
    ArgumentOrigin,
    MacroOrigin,
    Origin,
    PartOrigin,
    Token,
    UseOrigin,
)


class Provenance:
    """Where the tokens of a bound piece come from.

    ``file`` is where the declaration stands. ``origins`` run parallel to the texts, and so
    do ``lines`` (1-based, of the token or of the use that brought it; none in an expansion).
    ``uses`` are, for each hole, the tokens of the macro use.
    """

    __slots__ = ("_context", "_origins", "file", "lines", "uses")

    def __init__(
        self,
        file: str,
        origins: Sequence[Origin],
        lines: tuple[int, ...],
        uses: tuple[tuple[Token, ...], ...] = (),
        context: Sequence[Origin] | None = None,
    ) -> None:
        """``context``: of an expansion inside another one, where the tokens of its use come
        from; its ``origins`` are then made those of a token of the outer expansion."""
        self.file = file
        self.lines = lines
        self.uses = uses
        self._origins = tuple(origins)
        self._context = context

    @property
    def origins(self) -> tuple[Origin, ...]:
        """Where each token comes from."""
        if self._context is not None:
            self._origins = Rebase(self._context).all(self._origins)
            self._context = None
        return self._origins


class Rebase:
    """Turns origins that are relative to a macro use into those of the text around the use.

    ``context`` are the origins of the tokens of the use, its name first. The results are
    what expanding the use together with the text around it would have given.
    """

    __slots__ = ("_context", "_known")

    def __init__(self, context: Sequence[Origin]) -> None:
        self._context = context
        self._known: dict[int, Origin] = {}

    def all(self, origins: Sequence[Origin]) -> tuple[Origin, ...]:
        return tuple(map(self.one, origins))

    def one(self, origin: Origin) -> Origin:
        if isinstance(origin, int):
            return origin
        key = id(origin)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._find(origin)
        return known

    def _find(self, origin: Origin) -> Origin:
        if isinstance(origin, ArgumentOrigin):
            return self._context[origin.position]
        if isinstance(origin, MacroOrigin):
            outer = self._context[0] if origin.outer is None else self.one(origin.outer)
            if isinstance(outer, UseOrigin):
                outer = outer.parts[0]
            return MacroOrigin(origin.macro, None if isinstance(outer, (int, UseOrigin)) else outer)
        if isinstance(origin, UseOrigin):
            return UseOrigin(tuple(map(self.one, origin.parts)))
        if isinstance(origin, PartOrigin):
            return part(self.one(origin.whole), origin.number)
        return origin


def part(whole: Origin, index: int) -> Origin:
    """The origin of the ``index``-th token of the use that a token of origin ``whole``
    stands for."""
    if isinstance(whole, UseOrigin):
        return whole.parts[index]
    assert isinstance(whole, (ArgumentOrigin, PartOrigin))
    return PartOrigin(whole, index)
