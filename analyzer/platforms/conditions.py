"""Conditions as guards of a boot walk: in words, split into their conjuncts.

A condition that is a call of a predicate (a function that does nothing but return an
expression) stands for that expression: ``pv_supported()`` reads as what it tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass

from analyzer.callgraph.analysis import site_location
from analyzer.callgraph.written import Writer
from analyzer.csource import syntax as c
from analyzer.csource.environment import EVERYWHERE
from analyzer.csource.operand import (
    Derived,
    FunctionName,
    Opaque,
    Operand,
    Result,
    Storage,
    Variable,
)
from analyzer.csource.provenance import Provenance
from analyzer.csource.scope import Bound
from analyzer.csource.sites import GuardFact
from analyzer.location import Location


@dataclass(frozen=True, slots=True)
class Conjunct:
    """One of several conditions that hold together; ``operand`` is not negated."""

    text: str
    operand: Operand
    negated: bool
    location: Location | None


def of_guard(guard: GuardFact) -> tuple[Conjunct, ...]:
    """The conditions that a guard makes hold together, outer negations taken into
    ``negated``: those of ``a && b``, and of ``!(a || b)``."""
    operand = guard.operand if guard.operand is not None else Opaque()
    if guard.switch or guard.operator is not None:
        text = guard.spelled(Writer(guard.bound, guard.mask).words)
        place = _place(guard.bound, guard.span[0])
        return (_plainly(text, operand, guard.negated, place),)
    return tuple(_parts(operand, guard.bound, guard.span, guard.negated))


def _parts(operand: Operand, bound: Bound, span: c.Span, negated: bool) -> Iterator[Conjunct]:
    low, high = _inside(bound, span)
    if isinstance(operand, Derived):
        if operand.operator == "!" and bound.texts[low] == "!":
            yield from _parts(operand.operands[0], bound, (low + 1, high), not negated)
            return
        if operand.operator == ("||" if negated else "&&"):
            middle = _split(bound, (low, high), operand.operator)
            if middle < high:
                left, right = operand.operands
                yield from _parts(left, bound, (low, middle), negated)
                yield from _parts(right, bound, (middle + 1, high), negated)
                return
    text = _unwrapped(Writer(bound, EVERYWHERE).words(low, high))
    yield _plainly(text, operand, negated, _place(bound, span[0]))


def _plainly(text: str, operand: Operand, negated: bool, place: Location | None) -> Conjunct:
    while isinstance(operand, Derived) and operand.operator == "!" and text.startswith("!"):
        operand, negated = operand.operands[0], not negated
        text = _unwrapped(text[1:].strip())
    return Conjunct(text, operand, negated, place)


def _inside(bound: Bound, span: c.Span) -> c.Span:
    """A span without the parentheses around the whole of it."""
    low, high = span
    while high - low > 2 and bound.texts[low] == "(" and bound.texts[high - 1] == ")":
        depth = 0
        for position in range(low, high - 1):
            depth += (bound.texts[position] == "(") - (bound.texts[position] == ")")
            if depth == 0:
                return low, high
        low, high = low + 1, high - 1
    return low, high


def of_return(expr: c.Expr, operand: Operand, bound: Bound) -> tuple[Conjunct, ...]:
    """The conjuncts of a returned expression; empty if its text cannot be told."""
    span = _span(_plain(expr))
    return () if span is None else tuple(_parts(operand, bound, span, False))


def _plain(expr: c.Expr) -> c.Expr:
    while isinstance(expr, c.Cast):
        expr = expr.operand
    return expr


def _span(expr: c.Expr) -> c.Span | None:
    return expr.span if isinstance(expr, c.Binary | c.Call) else None


def _split(bound: Bound, span: c.Span, operator: str) -> int:
    depth = 0
    for position in range(span[1] - 1, span[0] - 1, -1):
        text = bound.texts[position]
        if text in {")", "]", "}"}:
            depth += 1
        elif text in {"(", "[", "{"}:
            depth -= 1
        elif depth == 0 and text == operator:
            return position
    return span[1]


def _unwrapped(text: str) -> str:
    """Without parentheses around the whole."""
    while text.startswith("(") and text.endswith(")"):
        depth = 0
        for position, char in enumerate(text):
            depth += (char == "(") - (char == ")")
            if depth == 0 and position < len(text) - 1:
                return text
        text = text[1:-1].strip()
    return text


def _place(bound: Bound, at: int) -> Location | None:
    provenance = bound.origin
    if not isinstance(provenance, Provenance) or not provenance.lines:
        return None
    return site_location(((bound, at),))


def depends_on(operand: Operand) -> tuple[tuple[str, ...], tuple[int, ...], bool]:
    """The file-scope variables and the actions that an operand is made of, and whether it
    uses what only the activation knows (parameters and locals)."""
    names: dict[str, None] = {}
    actions: dict[int, None] = {}
    local = False
    for node in _nodes(operand):
        if isinstance(node, Variable):
            if node.storage in (Storage.FILE, Storage.STATIC):
                names.setdefault(node.name)
            else:
                local = True
        elif isinstance(node, Result):
            actions.setdefault(node.action)
        elif isinstance(node, FunctionName):
            names.setdefault(node.name)
    return tuple(names), tuple(actions), local


def _nodes(node: object) -> Iterator[object]:
    yield node
    if isinstance(node, tuple):
        for part in node:
            yield from _nodes(part)
    elif is_dataclass(node) and not isinstance(node, type):
        for one in fields(node):
            yield from _nodes(getattr(node, one.name))
