"""What evaluating a function yields: call sites with the configurations and guards they have.

A **call site** is one place where control goes, or may later go, to another function. A
**guard** is a C condition decided at run time under which a site is reached; conditions
that are constants in a configuration are no guards there, they are in the site's mask.

All masks are over the run's ConfigSet. Token positions are indices into the ``texts`` of
the :class:`~analyzer.csource.scope.Bound` they stand next to.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from analyzer.configset.configset import Mask
from analyzer.csource.alternatives import FeatureTest
from analyzer.csource.operand import Operand
from analyzer.csource.scope import Bound
from analyzer.csource.spelling import spell
from analyzer.csource.syntax import Span

Place: TypeAlias = tuple[tuple[Bound, int], ...]
"""Outermost to innermost: a token of the function's bound, then, when that token is a macro
use, a token of its expansion, and so on. The origins of all tokens but the outermost are
those that they have in the expansion of the outermost use."""


class SiteKind(enum.Enum):
    """How control gets to the callee."""

    CALL = "call"
    """By the function's name."""
    INDIRECT = "indirect"
    """Through a pointer: a variable, parameter, member or element."""
    ASM = "asm"
    """An asm statement whose template calls or jumps."""
    CLEANUP = "cleanup"
    """Run by the ``cleanup`` attribute of a local variable when its scope is left."""
    ADDRESS = "address"
    """No call: the function is named as a value."""


class GuardWay(enum.Enum):
    """How a condition governs a site."""

    BRANCH = "branch"
    """The site is in the branch."""
    LOOP = "loop"
    """The site is in the body of a loop that goes on while the condition holds."""
    PASSED = "passed"
    """The site comes after the branch, which leaves the function or the block otherwise."""
    SURVIVED = "survived"
    """The site comes after the branch, which does not come back otherwise (``panic()``)."""


@dataclass(frozen=True, slots=True)
class GuardFact:
    """A condition and the branch of it that leads to a site.

    ``mask``: the configurations in which the condition really is decided at run time.
    ``operator``: ``&&`` or ``||`` when only the left operand of the expression in ``span``
    is the condition. ``cases``: for a ``switch``, the spans of the ``case`` labels that
    lead here, ``span`` being the controlling expression; none together with ``switch``
    is ``default``. ``way``: how the condition governs the site. ``operand``: what the
    condition denotes, where values were asked for. ``either``: the site comes after an
    ``if`` of which some ways leave; all guards of one of these lists have held, whose first
    is the condition in ``span`` or its negation.
    """

    bound: Bound
    span: Span
    negated: bool
    mask: Mask
    operator: str | None = None
    switch: bool = False
    cases: tuple[Span, ...] = ()
    way: GuardWay = GuardWay.BRANCH
    operand: Operand | None = None
    either: tuple[tuple[GuardFact, ...], ...] = ()

    @property
    def at(self) -> int:
        """The token that makes a branch of the condition: the operator, or what follows the
        condition (a closing parenthesis, ``?``)."""
        if self.operator is not None:
            return _operator_position(self.bound.texts, self.span, self.operator)
        return min(self.span[1], len(self.bound.texts) - 1)

    @property
    def text(self) -> str:
        """The condition as written, without the negation (``x == A`` for a case)."""
        return self.spelled(lambda low, high: spell(self.bound.raw[low:high]))

    def spelled(self, words: Callable[[int, int], str]) -> str:
        """The same, ``words`` giving the text of a span of the bound's tokens."""
        if self.either:
            return " || ".join(
                " && ".join(self._positive(guard, words) for guard in part) for part in self.either
            )
        low, high = self.span
        if self.operator is not None:
            high = _operator_position(self.bound.texts, self.span, self.operator)
        text = words(low, high)
        if not self.switch:
            return text
        if not self.cases:
            return f"{text}: default"
        return " || ".join(f"{text} == {words(first, end)}" for first, end in self.cases)

    def _positive(self, guard: GuardFact, words: Callable[[int, int], str]) -> str:
        text = guard.spelled(words) if guard.bound is self.bound else guard.text
        if not guard.negated:
            return text
        return f"!{text}" if text.isidentifier() else f"!({text})"


@dataclass(frozen=True, slots=True)
class Passed:
    """A function handed over as argument ``index`` (from 0)."""

    index: int
    name: str


@dataclass(frozen=True, slots=True)
class Target:
    """What an indirect call or an asm operand goes through.

    ``path`` is the expression in words (``ops.part.flush``, ``ops->fault``, ``table[]``),
    ``root`` the variable that it starts from when that is at file scope, ``tag`` and
    ``member`` the last structure's tag (or typedef name) and member when its type is known.
    """

    path: str
    root: str | None = None
    tag: str | None = None
    member: str | None = None


@dataclass(frozen=True, slots=True)
class CallSite:
    """One site; ``mask`` is where it is reached.

    ``name``: the callee as in the expanded text, empty when there is none. ``arguments``:
    how many. ``guards``: outermost first. ``target``: for INDIRECT and for ASM operands.
    ``when``: the CPU features with which the code runs that calls, for ASM.
    """

    kind: SiteKind
    name: str
    mask: Mask
    where: Place
    guards: tuple[GuardFact, ...] = ()
    target: Target | None = None
    arguments: int = 0
    passes: tuple[Passed, ...] = ()
    when: tuple[FeatureTest, ...] = ()


@dataclass(frozen=True, slots=True)
class FunctionFacts:
    """One function evaluated.

    ``sites`` in source order. ``returns``: where control can leave by returning.
    ``lost``: token spans that could not be read, each with the bound they are in and
    where they matter. ``undecided``: how many conditions were taken both ways because
    a type or a name could not be resolved (not because they depend on run time).
    """

    name: str
    sites: tuple[CallSite, ...]
    returns: Mask
    lost: tuple[tuple[Mask, Bound, Span], ...] = ()
    undecided: int = field(default=0)


def _operator_position(texts: tuple[str, ...], span: Span, operator: str) -> int:
    """The last ``operator`` of the span outside all brackets: the node's own.

    ``&&`` and ``||`` associate to the left (C17 6.5.13, 6.5.14), so that the right operand
    has no such operator outside brackets.
    """
    depth = 0
    for position in range(span[1] - 1, span[0] - 1, -1):
        text = texts[position]
        if text in {")", "]", "}"}:
            depth += 1
        elif text in {"(", "[", "{"}:
            depth -= 1
        elif depth == 0 and text == operator:
            return position
    return span[1]
