"""Values of ``__builtin_…`` calls that GCC folds in the front end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from analyzer.configset.configset import Mask
from analyzer.csource import syntax as c
from analyzer.csource.arithmetic import Constant, truth_value
from analyzer.csource.builtins import BIT_COUNTS, BYTE_SWAPS
from analyzer.csource.partition import Shares, covering, pairs
from analyzer.csource.scope import Bound
from analyzer.csource.types import (
    INT,
    UNKNOWN,
    UNSIGNED_INT,
    UNSIGNED_SHORT,
    ArrayOf,
    Integer,
    PointerTo,
    Qualified,
    Record,
    compatible,
    decayed,
    unqualified,
)
from analyzer.csource.unfold import only_expression

if TYPE_CHECKING:
    from analyzer.csource.constant import Folder

Values = Shares[Constant | None]

_EXPECT = frozenset({"__builtin_expect", "__builtin_expect_with_probability"})
_STRINGS = frozenset({"__builtin_strlen", "__builtin_strcmp", "__builtin_strncmp"})


class BuiltinCalls:
    """Part of the :class:`Folder` that it is made for."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._version = -1
        self._known: dict[tuple[int, int, Mask, int], tuple[c.Expr, Mask]] = {}
        self._rules: dict[str, Callable[[c.Call, Bound, Mask], Values]] = {
            "__builtin_constant_p": self._constant_p,
            "__builtin_types_compatible_p": self._types_compatible,
            "__builtin_strlen": self._strlen,
            "__builtin_abs": self._abs,
        }

    def value(self, name: str, call: c.Call, bound: Bound, mask: Mask) -> Values:
        """The value of a builtin call where it is a constant."""
        rule = self._rules.get(name)
        if rule is not None:
            return rule(call, bound, mask)
        if name in _EXPECT and call.arguments:
            return self._folder.constant(call.arguments[0], bound, mask)
        if name in BIT_COUNTS and len(call.arguments) == 1:
            return self._bit_count(name, call, bound, mask)
        if name in BYTE_SWAPS and len(call.arguments) == 1:
            return self._byte_swap(name, call, bound, mask)
        return [(mask, None)]

    def _bit_count(self, name: str, call: c.Call, bound: Bound, mask: Mask) -> Values:
        function, type_name = BIT_COUNTS[name]
        type = self._folder.typer.builtins.named(type_name)
        result: Values = []
        for share, value in self._folder.integers(call.arguments[0], bound, mask):
            counted = None
            if value is not None and isinstance(type, Integer):
                counted = function(type.wrap(value), 8 * type.size)
            result.append((share, None if counted is None else Constant(counted, INT, True)))
        return result

    def _byte_swap(self, name: str, call: c.Call, bound: Bound, mask: Mask) -> Values:
        function, bits = BYTE_SWAPS[name]
        long = self._folder.typer.builtins.named("unsigned long long")
        type = {16: UNSIGNED_SHORT, 32: UNSIGNED_INT}.get(bits, long)
        result: Values = []
        for share, value in self._folder.integers(call.arguments[0], bound, mask):
            swapped = None
            if value is not None and isinstance(type, Integer):
                swapped = function(type.wrap(value), bits)
            result.append((share, None if swapped is None else Constant(swapped, type, True)))
        return result

    def _abs(self, call: c.Call, bound: Bound, mask: Mask) -> Values:
        if len(call.arguments) != 1:
            return [(mask, None)]
        return [
            (share, None if value is None else Constant(abs(value), INT, True))
            for share, value in self._folder.integers(call.arguments[0], bound, mask)
        ]

    def _strlen(self, call: c.Call, bound: Bound, mask: Mask) -> Values:
        result: Values = []
        for share, expr, _ in unfolded(call.arguments[0], bound, mask):
            length = expr.size - 1 if isinstance(expr, c.Text) else None
            type = self._folder.expressions.size_type
            result.append((share, None if length is None else Constant(length, type, True)))
        return covering(result, mask, None)

    def _types_compatible(self, call: c.Call, bound: Bound, mask: Mask) -> Values:
        """Top-level qualifiers do not count (GCC manual); neither do array lengths missing."""
        if len(call.arguments) != 2:
            return [(mask, None)]
        types = self._folder.expressions
        first, second = (types.of(argument, bound, mask) for argument in call.arguments)
        result: Values = []
        for share, (one, other) in pairs(first, second):
            same = compatible(unqualified(one), unqualified(other))
            if same is None:
                self._folder.not_resolved(share)
            result.append((share, None if same is None else truth_value(same, True)))
        return covering(result, mask, None)

    # --- __builtin_constant_p ---------------------------------------------------------

    def is_constant_p(self, expr: c.Expr, bound: Bound, mask: Mask) -> bool:
        """Whether ``expr`` is a ``__builtin_constant_p`` call, which a selection takes for 0."""
        for _, inner, _ in unfolded(expr, bound, mask):
            if not (
                isinstance(inner, c.Call)
                and isinstance(inner.function, c.Name)
                and inner.function.name == "__builtin_constant_p"
            ):
                return False
        return True

    def _constant_p(self, call: c.Call, bound: Bound, mask: Mask) -> Values:
        """1 for constants and string literals; 0 where it can never become one.

        GCC, ``fold_builtin_constant_p``: 0 with side effects, for pointers, structures;
        otherwise it waits for optimisation: not known.
        """
        if len(call.arguments) != 1:
            return [(mask, None)]
        result: Values = []
        for share, expr, place in unfolded(call.arguments[0], bound, mask):
            result += self._constant_p_of(expr, place, share)
        return result

    def _constant_p_of(self, expr: c.Expr, bound: Bound, mask: Mask) -> Values:
        if isinstance(expr, c.Text | c.Floating):
            return [(mask, truth_value(True, True))]
        result: Values = []
        for share, value in self._folder.constant(expr, bound, mask):
            if value is not None and value.literal:
                result.append((share, truth_value(True, True)))
                continue
            effects = self.effects(expr, bound, share)
            if effects:
                result.append((effects, truth_value(False, True)))
            share &= ~effects
            if share and value is not None:
                result.append((share, truth_value(True, True)))
            elif share:
                result += self._by_type(expr, bound, share)
        return result

    def _by_type(self, expr: c.Expr, bound: Bound, mask: Mask) -> Values:
        while isinstance(expr, c.Cast):
            expr = expr.operand
        result: Values = []
        for share, type in self._folder.expressions.of(expr, bound, mask):
            plain = decayed(type)
            never = isinstance(plain, PointerTo | Record | ArrayOf)
            if plain is UNKNOWN:
                self._folder.not_resolved(share)
            result.append((share, truth_value(False, True) if never else None))
        return covering(result, mask, None)

    def effects(self, expr: c.Expr, bound: Bound, mask: Mask) -> Mask:
        """Where evaluating has side effects (TREE_SIDE_EFFECTS): stores, calls, volatile,
        operands of a shift that a sanitizer keeps."""
        if not mask or isinstance(expr, c.Number | c.Text | c.SizeOf | c.TypeArgument):
            return 0
        environment = self._folder.typer.environment
        if self._version != environment.version:
            self._version = environment.version
            self._known.clear()
        key = (id(expr), id(bound), mask, environment.horizon)
        known = self._known.get(key)
        if known is None:
            answer = self._find_effects(expr, bound, mask)
            if self._version == environment.version:
                self._known[key] = (expr, answer)
            return answer
        return known[1]

    def _find_effects(self, expr: c.Expr, bound: Bound, mask: Mask) -> Mask:
        if isinstance(expr, c.Name):
            return self._volatile(expr, bound, mask)
        if isinstance(expr, c.Call):
            return self._effects_of_call(expr, bound, mask)
        if isinstance(expr, c.Assign | c.VaArg | c.UnknownExpr):
            return mask
        if isinstance(expr, c.Unary):
            if expr.operator in {"++x", "--x", "x++", "x--", "++", "--"}:
                return mask
            if expr.operator == "&":
                return self._effects_of_place(expr.operand, bound, mask)
            volatile = self._volatile(expr, bound, mask) if expr.operator == "*" else 0
            return volatile | self.effects(expr.operand, bound, mask & ~volatile)
        if isinstance(expr, c.Hole):
            found = 0
            for share, inner, place in unfolded(expr, bound, mask):
                if not isinstance(inner, c.Hole):
                    found |= self.effects(inner, place, share)
            return found
        if isinstance(expr, c.StatementExpression):
            body = expr.body
            if len(body) == 1 and isinstance(body[0], c.Expression):
                return self.effects(body[0].expr, bound, mask)
            return mask
        if isinstance(expr, c.Conditional) or (
            isinstance(expr, c.Binary) and expr.operator in {"&&", "||"}
        ):
            return self._effects_of_choice(expr, bound, mask)
        found = 0
        if isinstance(expr, c.MemberOf | c.Index):
            found = self._volatile(expr, bound, mask)
        elif isinstance(expr, c.Binary):
            found = self._folder.saved.of(expr, bound, mask)
        return found | self._effects_of_any(_operands(expr), bound, mask & ~found)

    def _effects_of_choice(self, expr: c.Conditional | c.Binary, bound: Bound, mask: Mask) -> Mask:
        """The operands that a condition leaves to be evaluated."""
        if isinstance(expr, c.Conditional):
            first, then, otherwise = expr.condition, expr.then, expr.otherwise
        elif expr.operator == "&&":
            first, then, otherwise = expr.left, expr.right, None
        else:
            first, then, otherwise = expr.left, None, expr.right
        found = self.effects(first, bound, mask)
        true, false = self._folder.truth(first, bound, mask & ~found)
        if then is not None:
            found |= self.effects(then, bound, true)
        if otherwise is not None:
            found |= self.effects(otherwise, bound, false)
        return found

    def _effects_of_any(self, parts: Sequence[c.Expr], bound: Bound, mask: Mask) -> Mask:
        found = 0
        for part in parts:
            found |= self.effects(part, bound, mask & ~found)
        return found

    def _effects_of_place(self, expr: c.Expr, bound: Bound, mask: Mask) -> Mask:
        """Where working out an object's address has side effects; it is not read."""
        if isinstance(expr, c.Name):
            return 0
        if isinstance(expr, c.MemberOf) and not expr.arrow:
            return self._effects_of_place(expr.object, bound, mask)
        if isinstance(expr, c.Unary) and expr.operator == "*":
            return self.effects(expr.operand, bound, mask)
        if isinstance(expr, c.Index | c.MemberOf):
            return self._effects_of_any(_operands(expr), bound, mask)
        if isinstance(expr, c.Hole):
            found = 0
            for share, inner, place in unfolded(expr, bound, mask):
                if not isinstance(inner, c.Hole):
                    found |= self._effects_of_place(inner, place, share)
            return found
        return self.effects(expr, bound, mask)

    def _volatile(self, expr: c.Expr, bound: Bound, mask: Mask) -> Mask:
        found = 0
        for share, type in self._folder.expressions.of(expr, bound, mask):
            if isinstance(type, Qualified) and type.volatile:
                found |= share & mask
        return found

    def _effects_of_call(self, call: c.Call, bound: Bound, mask: Mask) -> Mask:
        function = call.function
        if not isinstance(function, c.Name):
            return mask
        if function.name.startswith("__builtin_"):
            unknown = 0
            for share, constant in self._folder.constant(call, bound, mask):
                unknown |= share if constant is None else 0
            return self._effects_of_any(call.arguments, bound, unknown & mask)
        pure = self._folder.typer.environment.global_name(function.name).pure & mask
        return (mask & ~pure) | self._effects_of_any(call.arguments, bound, pure)


def unfolded(expr: c.Expr, bound: Bound, mask: Mask) -> list[tuple[Mask, c.Expr, Bound]]:
    """``expr`` with a hole replaced by its expansions; a hole stays where it has none."""
    if not isinstance(expr, c.Hole):
        return [(mask, expr, bound)]
    result: list[tuple[Mask, c.Expr, Bound]] = []
    for share, alternative in bound.holes[expr.number]:
        part = share & mask
        inner = only_expression(alternative)
        if part and inner is not None:
            result.append((part, inner, alternative))
            mask &= ~part
    if mask:
        result.append((mask, expr, bound))
    return result


def _operands(expr: c.Expr) -> list[c.Expr]:
    """The operands that are evaluated with ``expr``."""
    if isinstance(expr, c.Binary):
        return [expr.left, expr.right]
    if isinstance(expr, c.Conditional):
        then = [] if expr.then is None else [expr.then]
        return [expr.condition, *then, expr.otherwise]
    if isinstance(expr, c.Cast):
        return [expr.operand]
    if isinstance(expr, c.Index):
        return [expr.array, expr.subscript]
    if isinstance(expr, c.MemberOf):
        return [expr.object]
    return []
