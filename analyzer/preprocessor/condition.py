"""``#if`` conditions as masks: where, of the configurations asked about, they hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from analyzer.configset.configset import Mask
from analyzer.diagnostics import Diagnostics
from analyzer.location import Location
from analyzer.preprocessor.arithmetic import ArithmeticFault, evaluate
from analyzer.preprocessor.directive import Test, TestOp
from analyzer.preprocessor.expand import Expander
from analyzer.preprocessor.macro import Macro
from analyzer.preprocessor.masked import NotByValue, where_true
from analyzer.preprocessor.rows import Evaluation, WalkMemo
from analyzer.preprocessor.table import Group, MacroTable
from analyzer.preprocessor.token import Token, is_identifier, scan

Query = Callable[[str, Sequence[Token]], int]
"""Answers ``__has_attribute``, ``__has_builtin`` … as 0 or 1."""

At: TypeAlias = tuple[str, int]
"""A file and a line; a :class:`Location` is made of it for a remark only."""

Headers = Callable[[Sequence[Token], str], Mask]
"""Where a header name, used in a file, leads to a file (``__has_include``)."""

HAS_INCLUDE = "__has_include"

_NONE: frozenset[str] = frozenset()
MANY_GROUPS = 8
"""Groups of configurations that a condition is evaluated for one by one, before all others
are tried at once by value."""

_LOW = frozenset(("||", "&&", "?", ":", ","))
_BINARY = _LOW | frozenset("| ^ & == != < > <= >= << >> + - * / %".split())


class _Unsplittable(Exception):
    """A leaf expands to an operator that binds less than the one it stands beside."""


class ConditionEvaluator:
    """Evaluates the conditions of one translation unit against its macro table."""

    __slots__ = ("_diagnostics", "_headers", "_memo", "_query", "_table")

    def __init__(
        self,
        table: MacroTable,
        query: Query,
        headers: Headers,
        memo: WalkMemo,
        diagnostics: Diagnostics,
    ) -> None:
        self._table = table
        self._query = query
        self._headers = headers
        self._memo = memo
        self._diagnostics = diagnostics

    def where(self, test: Test, mask: Mask, at: At) -> Mask:
        """The part of ``mask`` in which ``test``, which stands ``at`` a place, holds now.

        A condition that C does not allow counts as false, with a diagnostic. An operand
        behind a decided ``&&`` or ``||`` is not expanded: if its macro brought a bare
        ``&&`` or ``||`` of its own, that would not be seen.
        """
        try:
            return self._where(test, mask, at, _NONE)
        except _Unsplittable:
            return self._arithmetic(test, _all_tokens(test), mask, at, _NONE)

    def _where(self, test: Test, mask: Mask, at: At, apart: frozenset[str]) -> Mask:
        """``apart`` are the operators that would regroup with what stands beside ``test``
        if a macro in it expanded to them."""
        op = test.op
        if op is TestOp.DEFINED:
            result = 0
            for where, _ in self._table.now(test.name):
                result |= where
            if not result and test.name.startswith("__has_"):
                return mask
            return result & mask
        if op is TestOp.NOT:
            negated = test.parts[0]
            inner = _NONE
            if negated.op is not TestOp.DEFINED and not test.text[1:].lstrip().startswith("("):
                inner = _BINARY
            return mask & ~self._where(negated, mask, at, inner)
        if op is TestOp.AND:
            for part in test.parts:
                if not mask:
                    return 0
                mask = self._where(part, mask, at, _LOW)
            return mask
        if op is TestOp.OR:
            result = 0
            for part in test.parts:
                if not mask & ~result:
                    break
                result |= self._where(part, mask & ~result, at, _LOW)
            return result
        return self._arithmetic(test, test.tokens, mask, at, apart)

    def _arithmetic(
        self,
        test: Test,
        tokens: Sequence[Token],
        mask: Mask,
        at: At,
        apart: frozenset[str],
    ) -> Mask:
        result = 0
        known = self._memo.evaluations(test)
        groups = 0
        while mask:
            groups += 1
            if groups == MANY_GROUPS:
                try:
                    true, faulty = where_true(tokens, mask, self._table, self._query)
                except NotByValue:
                    pass
                else:
                    result |= true
                    group = Group(self._table, self._table.time, faulty)
                    if not faulty or not self._evaluate(tokens, group, at, apart)[0]:
                        return result
                    mask = faulty
            group = Group(self._table, self._table.time, mask)
            truth = _recall(known, group)
            if truth is None:
                group = Group(self._table, self._table.time, mask)
                truth, lasting = self._evaluate(tokens, group, at, apart)
                if lasting:
                    known.append((group.seen, truth))
            if truth:
                result |= group.mask
            mask &= ~group.mask
        return result

    def _evaluate(
        self, tokens: Sequence[Token], group: Group, at: At, apart: frozenset[str]
    ) -> tuple[bool, bool]:
        """Whether the condition holds in ``group``, which it narrows, and whether that, and
        nothing to remark, follows from the macros looked up alone."""
        lasting = True

        def ask(name: str, operands: Sequence[Token]) -> int:
            nonlocal lasting
            if not name.startswith(HAS_INCLUDE):
                return self._query(name, operands)
            lasting = False
            where = self._headers(operands, at[0])
            found = group.mask & -group.mask & where
            group.mask &= where if found else ~where
            return int(found != 0)

        try:
            resolved = _resolve_defined(tokens, group)
            expanded = Expander(group.lookup).expand(resolved)
            if any(token[0] == "defined" for token in expanded):
                expanded = Expander(_Resolved(group).lookup).expand(resolved)
            if apart and _has_operator(expanded, apart):
                raise _Unsplittable
            expanded = _resolve_defined(expanded, group)
            return evaluate(expanded, ask).number != 0, lasting
        except ArithmeticFault as fault:
            self._diagnostics.warning(
                "bad-condition", f"condition read as false: {fault}", Location(*at)
            )
            return False, False


def _recall(known: Iterable[Evaluation], group: Group) -> bool | None:
    for seen, truth in known:
        probe = group.mask
        for name, answer in seen.items():
            if group.lookup(name) is not answer:
                break
        else:
            return truth
        if group.mask != probe:
            group.mask = probe
            group.seen.clear()
    return None


def _has_operator(tokens: Sequence[Token], operators: frozenset[str]) -> bool:
    depth = 0
    for text, _, _ in tokens:
        if text == "(":
            depth += 1
        elif text == ")":
            depth -= 1
        elif depth == 0 and text in operators:
            return True
    return False


class _Resolved:
    """Macros as a condition sees them: a ``defined`` in a replacement list is evaluated
    there, as GCC does (C17 6.10.1 leaves it undefined), before its operand can be expanded.
    """

    __slots__ = ("_group", "_known")

    def __init__(self, group: Group) -> None:
        self._group = group
        self._known: dict[str, Macro] = {}

    def lookup(self, name: str) -> Macro | None:
        """What ``name`` means, without ``defined``."""
        macro = self._group.lookup(name)
        if macro is None or "defined" not in macro.body:
            return macro
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = self._without(macro)
        return known

    def _without(self, macro: Macro) -> Macro:
        kept: list[str] = []
        tokens = macro.tokens
        position = 0
        while position < len(tokens):
            operand = _asked(tokens, position) if tokens[position][0] == "defined" else None
            name = "" if operand is None else tokens[operand][0]
            if operand is None or name in (macro.parameters or ()):
                kept.append(tokens[position][0])
                position += 1
                continue
            kept.append(str(_defined(name, self._group)))
            position = operand + (2 if tokens[operand - 1][0] == "(" else 1)
        body = " ".join(kept)
        return Macro(macro.name, macro.parameters, macro.variadic, body, macro.file, macro.line)


def _asked(tokens: Sequence[Token], position: int) -> int | None:
    """Where the name stands that a ``defined`` at ``position`` asks for; None if none does."""
    following = [token[0] for token in tokens[position + 1 : position + 4]]
    if following[:1] == ["("]:
        closed = len(following) == 3 and following[2] == ")" and is_identifier(following[1])
        return position + 2 if closed else None
    return position + 1 if following and is_identifier(following[0]) else None


def _means_defined(tokens: Sequence[Token], position: int, group: Group) -> bool:
    """Whether a macro is another name of ``defined``, with something to ask for behind it."""
    if not is_identifier(tokens[position][0]) or _asked(tokens, position) is None:
        return False
    macro = group.lookup(tokens[position][0])
    return macro is not None and macro.parameters is None and macro.body == "defined"


def _defined(name: str, group: Group) -> int:
    return int(group.lookup(name) is not None or name.startswith("__has_"))


def _resolve_defined(tokens: Sequence[Token], group: Group) -> list[Token]:
    """``defined X`` and ``defined(X)`` replaced by 1 or 0."""
    out: list[Token] = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        position += 1
        if token[0] != "defined" and not _means_defined(tokens, position - 1, group):
            out.append(token)
            continue
        parenthesised = position < len(tokens) and tokens[position][0] == "("
        name_at = position + parenthesised
        if name_at >= len(tokens) or not is_identifier(tokens[name_at][0]):
            raise ArithmeticFault("operator 'defined' requires an identifier")
        name = tokens[name_at][0]
        out.append((str(_defined(name, group)), token[1], token[2]))
        position = name_at + 1 + parenthesised
    return out


def _all_tokens(test: Test) -> Sequence[Token]:
    return scan(test.text)
