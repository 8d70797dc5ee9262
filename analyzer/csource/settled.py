"""Conditional expressions that one around them has decided already.

GCC folds ``A ? (A ? x : y) : z`` to ``A ? x : z``, and ``A ? x : (A ? y : z)`` likewise
(``match.pd``, "A ? B : (A ? X : C) -> A ? B : C"), where nothing in the outer one has side
effects; a call of a ``const`` or ``pure`` function has none. Casts, unary
operators and operations with a constant are moved into the inner one before
(``fold_binary_op_with_conditional_arg``), so that it need not stand next to the outer one:
``rounddown_pow_of_two()`` shifts ``1UL`` by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class _Test:
    """A condition by its tokens: no parentheses around it, no ``!`` before it.

    ``within`` is the bound whose holes the tokens speak of, None if they name none.
    """

    words: tuple[str, ...]
    negated: bool
    within: int | None


class SettledConditions:
    """Part of the evaluation of functions; asked once for each undecided conditional."""

    __slots__ = ("_folder",)

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def below(self, outer: c.Conditional, bound: Bound, mask: Mask) -> dict[int, bool]:
        """The conditionals in the operands of ``outer`` that take the same condition again,
        by ``id()``: True where only ``then`` is left of them, False where only the other."""
        if outer.then is None:
            return {}
        if not any(map(_may_reach, (outer.then, outer.otherwise))):
            return {}
        test = _test(outer, bound)
        found: dict[int, bool] = {}
        self._search(outer.then, bound, mask, test, not test.negated, found)
        self._search(outer.otherwise, bound, mask, test, test.negated, found)
        if found and self._folder.calls.has_effects(outer, bound, mask):
            return {}
        return found

    def _search(
        self,
        expr: c.Expr,
        bound: Bound,
        mask: Mask,
        test: _Test,
        truth: bool,
        found: dict[int, bool],
    ) -> None:
        for share, inner, place in unfolded(expr, bound, mask):
            reached = self._conditional(inner, place, share)
            if reached is None or reached.then is None:
                continue
            again = _test(reached, place)
            if (again.words, again.within) != (test.words, test.within):
                continue
            first = truth != again.negated
            found[id(reached)] = first
            taken = reached.then if first else reached.otherwise
            self._search(taken, place, share, test, truth, found)

    def _conditional(self, expr: c.Expr, bound: Bound, mask: Mask) -> c.Conditional | None:
        """The conditional that ``expr`` is but for what GCC moves into it."""
        while not isinstance(expr, c.Conditional):
            if isinstance(expr, c.Cast) or (isinstance(expr, c.Unary) and expr.operator in _UNARY):
                expr = expr.operand
            elif isinstance(expr, c.Binary) and expr.operator not in _BRANCHING:
                divided = expr.operator in _DIVIDING
                if not divided and self._is_constant(expr.left, bound, mask):
                    expr = expr.right
                elif self._is_constant(expr.right, bound, mask):
                    expr = expr.left
                else:
                    return None
            elif isinstance(expr, c.StatementExpression) and len(expr.body) == 1:
                only = expr.body[0]
                if not isinstance(only, c.Expression):
                    return None
                expr = only.expr
            else:
                return None
        return expr

    def _is_constant(self, expr: c.Expr, bound: Bound, mask: Mask) -> bool:
        values = self._folder.constant(expr, bound, mask)
        return all(value is not None for _, value in values)


def _may_reach(expr: c.Expr) -> bool:
    return isinstance(expr, _BEARING)


def _test(conditional: c.Conditional, bound: Bound) -> _Test:
    low, high = conditional.span
    words = _bare(bound.texts[low:high])
    negated = False
    while isinstance(conditional.condition, c.Unary) and words[:1] == ("!",) and _one(words[1:]):
        words = _bare(words[1:])
        negated = not negated
    speaks_of = any(word.startswith(_HOLE) for word in words)
    return _Test(words, negated, id(bound) if speaks_of else None)


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
