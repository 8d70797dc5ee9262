"""One drawing and the paths that it is held against: what both say, in the same masks.

Masks are wide: over the configurations and the platforms that the paths tell apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from analyzer.configset.configset import ConfigSet, Mask
from analyzer.impact.claims.drawing import Drawing, DrawnCall, Label
from analyzer.impact.claims.graph import PathGraph, axis_of, union
from analyzer.impact.claims.labels import Meaning, Reference, Where, meanings
from analyzer.impact.claims.wording import Wording
from analyzer.impact.result import Claim, ClaimKind, Standing
from analyzer.paths.result import PathsResult

Exists = Callable[[str], bool]
"""Tells whether a name is that of a function or macro of the tree."""

Routes = Callable[[str, str], PathsResult | None]
"""All routes from one function to another (``kimpact paths … --to``)."""

MAX_ROUTES = 16
"""How many names of one drawing routes are asked for."""


class Case:
    """``result`` are the paths of the drawing's root in the tree that it speaks of."""

    def __init__(
        self,
        drawing: Drawing,
        result: PathsResult,
        configs: ConfigSet,
        exists: Exists,
        routes: Routes | None = None,
        platforms: Sequence[str] = (),
    ) -> None:
        self.drawing = drawing
        self.calls = drawing.calls
        self.exists = exists
        self.axis = axis_of(result)
        self.graph = PathGraph(result, self.axis)
        self._routes = routes
        self._to: dict[str, PathGraph] = {}
        self.drawn = frozenset(call.name for call in drawing.calls)
        self._configs = configs
        known = (*result.platforms, *(each.platform for each in result.support), *platforms)
        names = tuple(dict.fromkeys(known))
        self._meanings = {label: meanings(label.text, names) for label in _labels(drawing)}
        spoken = [
            test.symbol
            for each in self._meanings.values()
            for meaning in each
            if isinstance(meaning, Where)
            for test in meaning.tests
        ]
        symbols = dict.fromkeys((*spoken, *(name for name, _ in result.symbols)))
        self.words = Wording(configs, self.axis, tuple(symbols))
        self.premise = self._premise()

    def graph_of(self, caller: str, name: str) -> PathGraph:
        """The paths in which to look for an edge: those of the root, or the routes to ``name``
        where these leave either out."""
        if (caller in self.graph and name in self.graph) or self._routes is None:
            return self.graph
        if name not in self._to:
            result = None
            if len(self._to) < MAX_ROUTES and self.exists(name):
                result = self._routes(self.calls[0].name, name)
            graph = self.graph if result is None else PathGraph(result, self.axis)
            self._to[name] = graph
        return self._to[name]

    def meanings(self, label: Label) -> tuple[Meaning, ...]:
        """What a label of the drawing means, part by part."""
        return self._meanings[label]

    def wheres(self, call: DrawnCall) -> Iterator[tuple[Label, Where]]:
        """The conditions and platforms in the labels and headings of a call."""
        for label in (*call.headings, *call.labels):
            for meaning in self._meanings[label]:
                if isinstance(meaning, Where):
                    yield label, meaning

    def refers(self, call: DrawnCall) -> bool:
        """Whether what is below a call is drawn elsewhere."""
        return any(
            isinstance(meaning, Reference)
            for label in call.labels
            for meaning in self._meanings[label]
        )

    def where(self, label: Label) -> Mask:
        """Where a label's conditions hold, any of them; everywhere if it has none."""
        told = [each for each in self._meanings[label] if isinstance(each, Where)]
        return union(map(self.mask, told)) if told else self.axis.there

    def mask(self, where: Where) -> Mask:
        """Where a condition holds."""
        mask = self._configs.all
        for test in where.tests:
            mask &= test.where(self._configs)
        wide = self.axis.spread(mask)
        if where.platforms is None or self.axis.names == ("",):
            return wide
        return wide & self.axis.on(where.platforms) if where.platforms else 0

    def reached(self, name: str) -> Mask:
        """Where ``name`` is reached, as far as the drawing speaks of that."""
        return self.premise & self.graph.reached(name)

    def claim(
        self,
        text: str,
        line: int,
        standing: Standing,
        why: str | None,
        mask: Mask,
        kind: ClaimKind,
    ) -> Claim:
        """A claim with the configurations and platforms in which it holds."""
        on = tuple(
            name
            for number, name in enumerate(self.axis.names)
            if name and self.axis.widening.on(mask, number)
        )
        merged = self.axis.widening.merged(mask)
        return Claim(text, line, standing, why or None, merged, on, kind)

    def _premise(self) -> Mask:
        scope = self.axis.there
        told = [self.drawing.premise] if self.drawing.premise is not None else []
        for label in (*told, *self.calls[0].labels):
            scope &= self.where(label)
        return scope


def _labels(drawing: Drawing) -> Iterable[Label]:
    if drawing.premise is not None:
        yield drawing.premise
    for call in drawing.calls:
        yield from call.headings
        yield from call.labels
