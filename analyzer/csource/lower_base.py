"""What all parts of the lowering share: the way from a tree-sitter node to tokens.

The lowering is one class in layers, for its parts call each other: types hold expressions,
expressions hold types and statements. :class:`Lowering` declares what the layers offer.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from analyzer.csource.dialect import Aside
from analyzer.csource.syntax import (
    Attribute,
    Expr,
    Span,
    Statement,
    TypeSyntax,
    UnknownExpr,
    UnknownType,
)

if TYPE_CHECKING:
    from tree_sitter import Node


@dataclass(frozen=True, slots=True)
class Source:
    """The tokens of a piece and where each stands in the text given to tree-sitter.

    ``out[i]`` is how token *i* was written and ``starts[i]`` the byte offset of that;
    ``index`` is the inverse of ``starts``, with the end of the text for the number of tokens.
    """

    texts: Sequence[str]
    out: Sequence[str]
    holes: Mapping[int, int]
    starts: Sequence[int]
    index: Mapping[int, int]
    aside: Aside


class Lowering(ABC):
    """Turns nodes into syntax; one object per piece."""

    __slots__ = (
        "_attribute_places",
        "_claimed",
        "aside",
        "holes",
        "index",
        "source",
        "texts",
        "unread",
    )

    def __init__(self, source: Source) -> None:
        self.source: Final = source
        self.texts: Final = source.texts
        self.holes: Final = source.holes
        self.index: Final = source.index
        self.aside: Final = source.aside
        self._attribute_places: Final = [entry.at for entry in source.aside.attributes]
        self._claimed: Final[set[int]] = set()
        self.unread: Final[list[Span]] = []
        """Spans that gave an unknown expression or type, or a lost statement."""

    # --- positions ---

    def at(self, node: Node) -> int:
        """The index of the token that ``node`` starts with."""
        start = node.start_byte
        index = self.index.get(start)
        if index is None:
            return bisect_right(self.source.starts, start) - 1
        return index

    def end(self, node: Node) -> int:
        """One past the index of the last token of ``node``."""
        end = node.end_byte
        index = self.index.get(end + 1)
        if index is None:
            return bisect_left(self.source.starts, end)
        return index

    def span(self, node: Node) -> Span:
        return (self.at(node), self.end(node))

    # --- what could not be read ---

    def unknown(self, node: Node) -> UnknownExpr:
        """Stands for an expression that could not be read; keeps the calls inside."""
        span = self.span(node)
        self.unread.append(span)
        return UnknownExpr(self.found_inside(node), span)

    def unknown_type(self, node: Node) -> UnknownType:
        """Stands for a type that could not be read."""
        span = self.span(node)
        self.unread.append(span)
        return UnknownType(" ".join(self.texts[span[0] : span[1]]))

    def found_inside(self, node: Node) -> tuple[Expr, ...]:
        """The calls below a node that could not be read, outermost ones."""
        found: list[Expr] = []
        for child in node.children:
            if child.type == "call_expression" and not child.has_error:
                found.append(self.expression(child))
            else:
                found.extend(self.found_inside(child))
        return tuple(found)

    # --- attributes ---

    def claim(self, start: int, end: int) -> tuple[Attribute, ...]:
        """The attributes between two token indices that nothing inside has claimed yet."""
        places = self._attribute_places
        if not places:
            return ()
        first = bisect_left(places, start)
        last = bisect_left(places, end)
        if first == last:
            return ()
        found: tuple[Attribute, ...] = ()
        for number in range(first, last):
            if number not in self._claimed:
                self._claimed.add(number)
                found += self.aside.attributes[number].items
        return found

    def leading(self, start: int) -> int:
        """Where the attributes begin that stand right before token ``start``; or ``start``."""
        number = bisect_left(self._attribute_places, start) - 1
        if number >= 0 and number not in self._claimed:
            entry = self.aside.attributes[number]
            if entry.end == start:
                return entry.at
        return start

    def claim_before(self, start: int) -> tuple[Attribute, ...]:
        """The attributes that stand right before a token, as at the start of a declaration."""
        number = bisect_left(self._attribute_places, start) - 1
        if number < 0 or number in self._claimed:
            return ()
        entry = self.aside.attributes[number]
        if any(self.source.out[entry.end : start]):
            return ()
        self._claimed.add(number)
        return entry.items

    # --- layers ---

    @abstractmethod
    def expression(self, node: Node) -> Expr:
        """The expression that ``node`` stands for."""

    @abstractmethod
    def described(self, node: Node) -> TypeSyntax:
        """The type of a ``type_descriptor``, as in a cast."""

    @abstractmethod
    def body(self, node: Node) -> tuple[Statement, ...]:
        """The statements of a ``compound_statement``."""
