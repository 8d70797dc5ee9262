"""Guards in words, next to their C text.

The branch taken when an allocation failed is the no-memory slow path, what is reached
otherwise the fast path. What a condition asks by a macro or function of the knowledge files
(CPU features, static keys, how likely it is) is said in that one's words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from analyzer.callgraph.allocations import Allocations, Outcome
from analyzer.callgraph.analysis import macro_chain
from analyzer.callgraph.program import OutGuard
from analyzer.callgraph.written import Writer
from analyzer.configset.configset import Mask
from analyzer.csource.action import FunctionActions, ReturnAction
from analyzer.csource.sites import GuardFact, GuardWay
from analyzer.preprocessor.macro import Macro
from analyzer.primitives.knowledge import Knowledge
from analyzer.primitives.model import Predicate, PredicateKind

SLOW_PATH = "no-memory slow path"
FAST_PATH = "fast path"

_TOKEN = re.compile(r"\w+|&&|\|\||->|[=!<>]=|<<|>>|\S")
_EXPECT = "__builtin_expect"
"""What ``likely()`` and ``unlikely()`` are where only their expansion is seen (GCC manual,
"Other Builtins"): the second argument is the value that is expected."""
_SPOKEN = frozenset(
    (
        PredicateKind.CPU_FEATURE,
        PredicateKind.HYPERVISOR,
        PredicateKind.STATIC_BRANCH,
        PredicateKind.HINT,
    )
)

_Key = tuple[int, tuple[int, int], str | None]


@dataclass(frozen=True, slots=True)
class WordedGuard:
    """A guard in words, and the macros whose text the branch is, outermost first; none where
    the function itself has it."""

    guard: OutGuard
    writers: tuple[Macro, ...]


class GuardWords:
    """Labels the guards of one function after the other."""

    __slots__ = ("_allocations", "_knowledge", "_spoken")

    def __init__(self, allocations: Allocations, knowledge: Knowledge) -> None:
        self._allocations = allocations
        self._knowledge = knowledge
        self._spoken: dict[tuple[str, bool], str | None] = {}

    def plain(
        self, guards: Sequence[GuardFact], mask: Mask
    ) -> Iterator[tuple[Mask, tuple[WordedGuard, ...]]]:
        """The guards, in ``mask``, of a site in a function in which no memory is allocated; one
        for each share of the configurations that has the same words."""
        return self._shares([(guard, 0, 0) for guard in guards], mask)

    def of_actions(
        self, actions: FunctionActions
    ) -> Iterator[tuple[tuple[Mask, tuple[WordedGuard, ...]], ...]]:
        """The guards of each action, outermost first; where words differ between its
        configurations, for each share of them."""
        outcomes: dict[_Key, Outcome] = {}
        passed: dict[tuple[_Key, ...], tuple[GuardFact, Mask]] = {}
        for index, action in enumerate(actions.actions):
            keys = tuple(_key(guard) for guard in action.guards)
            for guard, key in zip(action.guards, keys, strict=True):
                if key not in outcomes:
                    outcomes[key] = self._outcome(guard, actions, index)
            told: list[tuple[GuardFact, Mask, Mask]] = []
            for place, (guard, key) in enumerate(zip(action.guards, keys, strict=True), 1):
                if guard.either and keys[:place] in passed:
                    after, where = passed[keys[:place]]
                    told.append((replace(after, negated=True), 0, where))
                else:
                    told.append((guard, *_memory(guard, outcomes[key])))
            for prefix, (guard, where) in passed.items():
                if keys[: len(prefix) - 1] == prefix[:-1] and prefix[-1] not in keys:
                    after = replace(guard, negated=True)
                    if all(_key(one) != _key(after) for one, _, _ in told):
                        told.insert(len(prefix) - 1, (after, 0, where))
            self._note_exit(action.guards, keys, isinstance(action, ReturnAction), outcomes, passed)
            yield tuple(self._shares(told, action.mask))

    def _shares(
        self, told: Sequence[tuple[GuardFact, Mask, Mask]], mask: Mask
    ) -> Iterator[tuple[Mask, tuple[WordedGuard, ...]]]:
        """``told``: guards, where each is on the slow path, where on the fast one."""
        parts: list[tuple[Mask, tuple[WordedGuard, ...]]] = [(mask, ())]
        for guard, slow, fast in told:
            writers = _writers(guard)
            split: list[tuple[Mask, tuple[WordedGuard, ...]]] = []
            for part, before in parts:
                for label, where in (
                    (SLOW_PATH, part & slow),
                    (FAST_PATH, part & fast & ~slow),
                    (None, part & ~slow & ~fast),
                ):
                    for share, text in _written(guard, where):
                        shown = label or self._words(guard, text)
                        out = OutGuard(_negated(text, guard.negated), shown)
                        split.append((share, (*before, WordedGuard(out, writers))))
            parts = split
        yield from parts

    def _note_exit(
        self,
        guards: tuple[GuardFact, ...],
        keys: tuple[_Key, ...],
        returns: bool,
        outcomes: dict[_Key, Outcome],
        passed: dict[tuple[_Key, ...], tuple[GuardFact, Mask]],
    ) -> None:
        """``if (!p) { p = alloc(); if (!p) { …; return; } } rest``: in the rest ``p`` is not
        null either, whichever way it is reached."""
        if len(guards) < 2:
            return
        outer, inner = guards[-2:]
        failed = outcomes[keys[-1]]
        leaves = (returns and not inner.negated) or (inner.negated and inner.way is GuardWay.PASSED)
        if not leaves or not failed.failed_if_true or failed.tested is None:
            return
        if outer.negated or outer.operand is None or outer.way is not GuardWay.BRANCH:
            return
        if self._allocations.tests_null(outer.operand) == failed.tested:
            passed[keys[:-1]] = inner, failed.failed_if_true

    def _outcome(self, guard: GuardFact, actions: FunctionActions, index: int) -> Outcome:
        if guard.operand is None or guard.switch:
            return Outcome()
        return self._allocations.outcome(guard.operand, guard.mask, actions, index)

    # --- words of predicates ----------------------------------------------------------

    def _words(self, guard: GuardFact, text: str) -> str | None:
        if guard.switch:
            return None
        asked = (text, guard.negated)
        if asked not in self._spoken:
            words = self._implied(_TOKEN.findall(asked[0]), not guard.negated)
            self._spoken[asked] = ", ".join(dict.fromkeys(words)) or None
        return self._spoken[asked]

    def _implied(self, tokens: Sequence[str], holds: bool) -> Iterator[str]:
        """The words of the predicates that are decided where the condition has this truth."""
        for operator, decided in (("||", False), ("&&", True)):
            parts = _split(tokens, operator)
            if len(parts) > 1:
                if holds is decided:
                    for part in parts:
                        yield from self._implied(part, holds)
                return
        if tokens[:1] == ["!"]:
            yield from self._implied(tokens[1:], not holds)
        elif tokens[:1] == ["("] and _closing(tokens, 0) == len(tokens) - 1:
            yield from self._implied(tokens[1:-1], holds)
        else:
            yield from self._asked(tokens, holds)

    def _asked(self, tokens: Sequence[str], holds: bool) -> Iterator[str]:
        if len(tokens) < 3 or tokens[1] != "(" or _closing(tokens, 1) != len(tokens) - 1:
            return
        arguments = _split(tokens[2:-1], ",")
        if tokens[0] == _EXPECT and len(arguments) == 2:
            yield from self._implied(arguments[0], holds)
            yield "likely" if (arguments[1] != ["0"]) is holds else "unlikely"
            return
        predicate = self._knowledge.predicate(tokens[0])
        if predicate is None or predicate.kind not in _SPOKEN:
            return
        if predicate.argument >= len(arguments):
            return
        argument = arguments[predicate.argument]
        if predicate.kind is PredicateKind.HINT:
            yield from self._implied(argument, holds)
        yield _spoken(predicate, argument, holds)


def _writers(guard: GuardFact) -> tuple[Macro, ...]:
    return macro_chain(((guard.bound, guard.at),))


def _written(guard: GuardFact, mask: Mask) -> list[tuple[Mask, str]]:
    """The condition as written, for each share of ``mask`` that has the same words."""
    found: dict[str, Mask] = {}
    while mask:
        writer = Writer(guard.bound, mask)
        text = guard.spelled(writer.words)
        found[text] = found.get(text, 0) | writer.mask
        mask &= ~writer.mask
    return [(share, text) for text, share in found.items()]


def _negated(text: str, negated: bool) -> str:
    """A condition negated, if the branch not taken leads here."""
    if not negated:
        return text
    if text[:1] == "!":
        inner = _TOKEN.findall(text[1:])
        if inner and inner[0] == "(" and _closing(inner, 0) == len(inner) - 1:
            return text[2:-1]
        if _is_primary(inner):
            return text[1:]
    return f"!{text}" if text.isidentifier() else f"!({text})"


def _is_primary(tokens: Sequence[str]) -> bool:
    """Whether the tokens are a name with calls, subscripts and members after it
    (C17 6.5.2), so that ``!`` before them is about all of them."""
    if not tokens or not tokens[0].isidentifier():
        return False
    position = 1
    while position < len(tokens):
        if tokens[position] in {"(", "["}:
            position = _closing(tokens, position) + 1
            if not position:
                return False
        elif tokens[position] in {"->", "."}:
            position += 2
        else:
            return False
    return position == len(tokens)


def _memory(guard: GuardFact, outcome: Outcome) -> tuple[Mask, Mask]:
    """Where an allocation failed, and where it did not, on the branch that was taken."""
    if guard.negated:
        return outcome.failed_if_false, outcome.worked_if_false
    return outcome.failed_if_true, outcome.worked_if_true


def _key(guard: GuardFact) -> _Key:
    return (id(guard.bound), guard.span, guard.operator)


def _spoken(predicate: Predicate, argument: Sequence[str], holds: bool) -> str:
    text = "".join(argument).lstrip("&")
    return (predicate.word if holds else predicate.otherwise).replace("{}", text)


def _split(tokens: Sequence[str], separator: str) -> list[list[str]]:
    """The parts between separators outside all brackets."""
    parts: list[list[str]] = [[]]
    depth = 0
    for token in tokens:
        if token in {"(", "[", "{"}:
            depth += 1
        elif token in {")", "]", "}"}:
            depth -= 1
        if token == separator and depth == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _closing(tokens: Sequence[str], opening: int) -> int:
    """The position of the bracket that closes the one at ``opening``; -1 if none does."""
    depth = 0
    for position in range(opening, len(tokens)):
        if tokens[position] in {"(", "["}:
            depth += 1
        elif tokens[position] in {")", "]"}:
            depth -= 1
            if depth == 0:
                return position
    return -1
