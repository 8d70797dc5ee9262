"""``#if`` arithmetic over all configurations at once: every operand is a set of values.

Where an expression adds up macros that differ independently of each other, there are as
many groups of configurations as there are combinations of definitions, but only a few
different sums. Here each sub-expression is evaluated to ``(mask, value)`` shares, and
shares of one value are put together before the next operator.

Only for expressions whose macros are values of their own (a number, another such macro,
anything in parentheses): what a macro contributes must not regroup with the operators
beside it (C17 6.10.3 replaces text, not values). A macro with more to it than operators
is expanded by itself, once per group of configurations that see the same definitions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from analyzer.configset.configset import Mask
from analyzer.preprocessor.arithmetic import (
    PRECEDENCE,
    ArithmeticFault,
    Query,
    Value,
    apply,
    evaluate,
)
from analyzer.preprocessor.expand import Expander
from analyzer.preprocessor.macro import Item, ItemKind
from analyzer.preprocessor.table import Group, MacroTable
from analyzer.preprocessor.token import Token, is_identifier

Shares: TypeAlias = list[tuple[Mask, Value | None]]
"""Disjoint masks with the value that holds there; None: what C does not allow."""

_ZERO = Value(0)
_ONE = Value(1)


class NotByValue(Exception):
    """The expression cannot be evaluated this way; nothing is said about its value."""


def where_true(
    tokens: Sequence[Token], mask: Mask, table: MacroTable, query: Query
) -> tuple[Mask, Mask]:
    """The part of ``mask`` in which ``tokens``, not yet expanded, are not 0, and the part in
    which they are no expression that C allows.

    Raises :class:`NotByValue` where that cannot be told from values alone.
    """
    shares = _Parser(tokens, table, query, frozenset()).all(mask)
    return _true(shares), _faulty(shares)


class _Parser:
    __slots__ = ("_active", "_position", "_query", "_table", "_tokens")

    def __init__(
        self,
        tokens: Sequence[Token],
        table: MacroTable,
        query: Query,
        active: frozenset[str],
    ) -> None:
        self._tokens = tokens
        self._table = table
        self._query = query
        self._active = active
        self._position = 0

    def all(self, mask: Mask) -> Shares:
        shares = self._binary(1, mask)
        if self._position < len(self._tokens):
            raise NotByValue
        return shares

    def _peek(self) -> str:
        return self._tokens[self._position][0] if self._position < len(self._tokens) else ""

    def _binary(self, lowest: int, mask: Mask) -> Shares:
        left = self._unary(mask)
        while True:
            operator = self._peek()
            precedence = PRECEDENCE.get(operator, 0)
            if precedence < lowest:
                return left
            self._position += 1
            if operator in ("&&", "||"):
                sure, faulty = _true(left), _faulty(left)
                if operator == "&&":
                    right = self._binary(precedence + 1, sure)
                    sure = _true(right)
                else:
                    right = self._binary(precedence + 1, mask & ~sure & ~faulty)
                    sure |= _true(right)
                left = _truth(mask, sure, faulty | _faulty(right))
            else:
                left = _combine(operator, left, self._binary(precedence + 1, mask))

    def _unary(self, mask: Mask) -> Shares:
        text = self._peek()
        self._position += 1
        if text == "!":
            operand = self._unary(mask)
            return _truth(mask, mask & ~_true(operand), _faulty(operand))
        if text in ("-", "~"):
            operator = "-" if text == "-" else "^"
            base = _ZERO if text == "-" else Value(-1)
            return _combine(operator, [(mask, base)], self._unary(mask))
        if text == "+":
            return self._unary(mask)
        if text == "(":
            shares = self._binary(1, mask)
            if self._peek() != ")":
                raise NotByValue
            self._position += 1
            return shares
        if is_identifier(text):
            return self._identifier(text, mask)
        if text[:1].isdigit() or text.endswith("'"):
            return [(mask, _value([(text, 0, 0)], self._query))] if mask else []
        raise NotByValue

    def _identifier(self, name: str, mask: Mask) -> Shares:
        if name == "defined" or name.startswith("__has_") or self._peek() == "(":
            raise NotByValue
        if name in self._active:
            return [(mask, _ZERO)] if mask else []
        merged: dict[Value | None, Mask] = {}
        for where, macro in self._table.now(name):
            part = where & mask
            if not part:
                continue
            mask &= ~part
            if macro.parameters is not None or not _stands_alone(macro.tokens):
                raise NotByValue
            inner = _Parser(macro.tokens, self._table, self._query, self._active | {name})
            try:
                shares = inner.all(part)
            except NotByValue:
                shares = self._by_groups(name, part)
            for share, value in shares:
                merged[value] = merged.get(value, 0) | share
        if mask:
            rest = _ONE if name == "true" else _ZERO
            merged[rest] = merged.get(rest, 0) | mask
        return [(share, value) for value, share in merged.items()]

    def _by_groups(self, name: str, mask: Mask) -> Shares:
        """The value of a macro whose body is more than operators and numbers."""
        shares: Shares = []
        while mask:
            group = Group(self._table, self._table.time, mask)
            if _is_no_expression([(name, 0, 0)], group, set()):
                shares.append((group.mask, None))
                mask &= ~group.mask
                continue
            group = Group(self._table, self._table.time, mask)
            expanded = Expander(group.lookup).expand([(name, 0, 0)])
            if not _stands_alone(expanded) or any(map(_asks, expanded)):
                raise NotByValue
            shares.append((group.mask, _value(expanded, self._query)))
            mask &= ~group.mask
        return shares


def _asks(token: Token) -> bool:
    """Whether the answer depends on more than the values of macros."""
    return token[0] == "defined" or token[0].startswith("__has_include")


def _is_no_expression(tokens: Sequence[Token], group: Group, visited: set[str]) -> bool:
    """Whether a call of what is no macro stands among ``tokens`` once they are expanded.

    It is looked for in the replacement lists before anything is expanded, so that only the
    definitions on the way to it narrow ``group``. False: there may still be one.
    """
    position = 0
    while position < len(tokens):
        name = tokens[position][0]
        position += 1
        if not is_identifier(name):
            continue
        called = position < len(tokens) and tokens[position][0] == "("
        macro = group.lookup(name)
        if macro is None:
            if called and name != "defined" and not name.startswith("__has_"):
                return True
            continue
        if called:
            position = _behind(tokens, position)
        if (macro.parameters is None or called) and name not in visited:
            visited.add(name)
            kept = [_kept(item) for item in macro.items]
            if _is_no_expression(kept, group, visited):
                return True
    return False


def _kept(item: Item) -> Token:
    """An item of a replacement list that stays as it is; a number in place of any other."""
    whole = item.kind is ItemKind.TOKEN and not item.pasted and not item.pastes
    return item.token if whole else ("0", 0, 0)


def _behind(tokens: Sequence[Token], position: int) -> int:
    """The index behind the parenthesis that closes the one at ``position``."""
    depth = 0
    for index in range(position, len(tokens)):
        depth += (tokens[index][0] == "(") - (tokens[index][0] == ")")
        if depth == 0:
            return index + 1
    return len(tokens)


def _value(tokens: Sequence[Token], query: Query) -> Value | None:
    try:
        return evaluate(tokens, query)
    except ArithmeticFault:
        return None


def _stands_alone(tokens: Sequence[Token]) -> bool:
    """Whether operators beside the tokens cannot regroup with those among them."""
    if len(tokens) == 1:
        return True
    depth = 0
    for index, (text, _, _) in enumerate(tokens):
        depth += (text == "(") - (text == ")")
        if depth <= 0:
            return depth == 0 and index == len(tokens) - 1 and index > 0
    return False


def _true(shares: Shares) -> Mask:
    result = 0
    for mask, value in shares:
        if value is not None and value.number:
            result |= mask
    return result


def _faulty(shares: Shares) -> Mask:
    result = 0
    for mask, value in shares:
        if value is None:
            result |= mask
    return result


def _truth(mask: Mask, true: Mask, faulty: Mask) -> Shares:
    """1 in ``true`` and 0 in the rest of ``mask``, but for what is ``faulty``."""
    true &= ~faulty
    shares: Shares = [(true, _ONE), (mask & ~true & ~faulty, _ZERO), (faulty, None)]
    return [(share, value) for share, value in shares if share]


def _combine(operator: str, left: Shares, right: Shares) -> Shares:
    merged: dict[Value | None, Mask] = {}
    for share, one in left:
        for other_share, other in right:
            both = share & other_share
            if both:
                value = None if one is None or other is None else _applied(operator, one, other)
                merged[value] = merged.get(value, 0) | both
    return [(share, value) for value, share in merged.items()]


def _applied(operator: str, one: Value, other: Value) -> Value | None:
    try:
        return apply(operator, one, other, True)
    except ArithmeticFault:
        return None
