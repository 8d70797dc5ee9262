"""Conditional expressions that one around them has decided already.

GCC folds ``A ? (A ? x : y) : z`` to ``A ? x : z``, and ``A ? x : (A ? y : z)`` likewise
(``match.pd``, "A ? B : (A ? X : C) -> A ? B : C"), where nothing in the outer one has side
effects; a call of a ``const`` or ``pure`` function has none. Casts, unary
operators and operations with a constant are moved into the inner one before
(``fold_binary_op_with_conditional_arg``), so that it need not stand next to the outer one:
``rounddown_pow_of_two()`` shifts ``1UL`` by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from analyzer.configset.configset import Mask
from analyzer.csource import syntax as c
from analyzer.csource.constant import Folder
from analyzer.csource.fold_builtin import unfolded
from analyzer.csource.scope import Bound

_UNARY = frozenset("+-~!")
_BRANCHING = frozenset(("&&", "||", ","))
_DIVIDING = frozenset(("/", "%"))
_HOLE = "__hole"


_BEARING = (c.Conditional, c.Cast, c.Unary, c.Binary, c.StatementExpression, c.Hole)
"""What can be or hold the conditional looked for."""


Settled: TypeAlias = dict[int, tuple[Mask, Mask]]
"""Of conditionals by ``id()``: where only ``then`` is left of them, where only the other."""


@dataclass(frozen=True, slots=True)
class _Test:
    """A condition by its tokens, macro uses replaced: no parentheses around it, no ``!``
    before it."""

    words: tuple[str, ...]
    negated: bool


class SettledConditions:
    """Part of the evaluation of functions; asked once for each undecided conditional."""

    __slots__ = ("_folder",)

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def below(self, outer: c.Conditional, bound: Bound, mask: Mask) -> Settled:
        """The conditionals in the operands of ``outer`` that take the same condition again."""
        found: Settled = {}
        if outer.then is None or not any(map(_may_reach, (outer.then, outer.otherwise))):
            return found
        for share, test in _tests(outer, bound, mask):
            self._search(outer.then, bound, share, test, not test.negated, found)
            self._search(outer.otherwise, bound, share, test, test.negated, found)
        if found:
            pure = ~self._folder.calls.effects(outer, bound, mask)
            found = {key: (then & pure, other & pure) for key, (then, other) in found.items()}
        return found

    def _search(
        self, expr: c.Expr, bound: Bound, mask: Mask, test: _Test, truth: bool, found: Settled
    ) -> None:
        for share, reached, place in self._conditionals(expr, bound, mask):
            if reached.then is None:
                continue
            for where, again in _tests(reached, place, share):
                if again.words != test.words:
                    continue
                then, other = found.get(id(reached), (0, 0))
                if truth != again.negated:
                    found[id(reached)] = then | where, other
                    self._search(reached.then, place, where, test, truth, found)
                else:
                    found[id(reached)] = then, other | where
                    self._search(reached.otherwise, place, where, test, truth, found)

    def _conditionals(
        self, expr: c.Expr, bound: Bound, mask: Mask
    ) -> Iterator[tuple[Mask, c.Conditional, Bound]]:
        """The conditionals that ``expr`` is but for what GCC moves into them."""
        if not mask:
            return
        if isinstance(expr, c.Conditional):
            yield mask, expr, bound
        elif isinstance(expr, c.Hole):
            for share, inner, place in unfolded(expr, bound, mask):
                if not isinstance(inner, c.Hole):
                    yield from self._conditionals(inner, place, share)
        elif isinstance(expr, c.Cast) or (isinstance(expr, c.Unary) and expr.operator in _UNARY):
            yield from self._conditionals(expr.operand, bound, mask)
        elif isinstance(expr, c.Binary) and expr.operator not in _BRANCHING:
            mask &= ~self._folder.saved.of(expr, bound, mask)
            if expr.operator not in _DIVIDING:
                constant = self._constant(expr.left, bound, mask)
                yield from self._conditionals(expr.right, bound, constant)
                mask &= ~constant
            if mask:
                constant = self._constant(expr.right, bound, mask)
                yield from self._conditionals(expr.left, bound, constant)
        elif isinstance(expr, c.StatementExpression) and len(expr.body) == 1:
            only = expr.body[0]
            if isinstance(only, c.Expression):
                yield from self._conditionals(only.expr, bound, mask)

    def _constant(self, expr: c.Expr, bound: Bound, mask: Mask) -> Mask:
        """Where ``expr`` is a constant."""
        found = 0
        for share, value in self._folder.constant(expr, bound, mask):
            found |= share if value is not None else 0
        return found & mask


def _may_reach(expr: c.Expr) -> bool:
    return isinstance(expr, _BEARING)


def _tests(conditional: c.Conditional, bound: Bound, mask: Mask) -> Iterator[tuple[Mask, _Test]]:
    """What a conditional asks, per group of configurations."""
    low, high = conditional.span
    while mask:
        written, share = _written(bound, low, high, mask)
        mask &= ~share
        words = _bare(written)
        negated = False
        while words[:1] == ("!",) and _one(words[1:]):
            words = _bare(words[1:])
            negated = not negated
        yield share, _Test(words, negated)


def _written(bound: Bound, low: int, high: int, mask: Mask) -> tuple[list[str], Mask]:
    """The tokens from ``low`` to ``high`` with holes filled as in the lowest configuration of
    ``mask``, and the part of ``mask`` that has the same."""
    words: list[str] = []
    for text in bound.texts[low:high]:
        filling = _filling(text, bound, mask & -mask) if text.startswith(_HOLE) else None
        if filling is None:
            words.append(text)
        else:
            share, inner = filling
            part, mask = _written(inner, 0, len(inner.texts), mask & share)
            words += part
    return words, mask


def _filling(text: str, bound: Bound, bit: Mask) -> tuple[Mask, Bound] | None:
    number = text.removeprefix(_HOLE)
    if not number.isdecimal() or int(number) >= len(bound.holes):
        return None
    return next((one for one in bound.holes[int(number)] if one[0] & bit), None)


def _bare(words: Sequence[str]) -> tuple[str, ...]:
    """Without the parentheses around all of it."""
    words = tuple(words)
    while words[:1] == ("(",) and _closing(words, 0) == len(words) - 1:
        words = words[1:-1]
    return words


def _one(words: Sequence[str]) -> bool:
    """Whether a ``!`` before the words negates all of them: a name, a call, parentheses."""
    opening = 0 if words[:1] == ("(",) else 1
    if len(words) <= 1 or words[opening] != "(":
        return len(words) == 1
    return _closing(words, opening) == len(words) - 1


def _closing(words: Sequence[str], opening: int) -> int:
    depth = 0
    for position in range(opening, len(words)):
        if words[position] == "(":
            depth += 1
        elif words[position] == ")":
            depth -= 1
            if not depth:
                return position
    return -1
