"""Macro uses expanded once, and found again wherever they mean the same.

A use is memoised by its text together with the definitions that its expansion looked
up, so that a header's inline functions cost once, not once a unit or configuration.

Macros inside an expansion that differ between the configurations do not multiply it: their
uses are **left** in it, as tokens that stand for them, and are expanded by themselves. This
gives what full expansion gives as long as nothing looks into such a token: it is not spelled
or pasted (C17 6.10.3.2, 6.10.3.3), is one argument where it is part of one (6.10.3), takes no
parentheses that follow it (6.10.3.4), and names no macro that is just being expanded.
Where that does not hold, the use is expanded where it stands, and the configurations are
told apart by what it means.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from analyzer.configset.configset import Mask
from analyzer.preprocessor.expand import Expander, TakenApart, left_number
from analyzer.preprocessor.macro import Macro
from analyzer.preprocessor.table import FOREVER, SEVERAL, MacroTable, SharedGroup
from analyzer.preprocessor.token import (
    LEFT,
    NO_EXPAND,
    ArgumentOrigin,
    MacroOrigin,
    Origin,
    Token,
    is_identifier,
)

_SMALL = 12
_KEYWORDS = frozenset(
    """if else while for do switch return sizeof typeof __typeof__ static const struct union enum
    __attribute__ __aligned__ aligned __section__ section""".split()
)
"""Words that it makes no difference for who spells them."""
_CALL_BEFORE = frozenset(("(", "asm", "__asm__", "{", ";"))

Key: TypeAlias = tuple[str, ...]
"""The texts of a use."""


class Need(NamedTuple):
    """What must hold of the expansions of a use for it to be left where it is.

    ``disabled``: macros that they must not use. ``argument``: they must be exactly one
    argument of a macro. ``called``: parentheses follow.
    """

    disabled: frozenset[str] = frozenset()
    argument: bool = False
    called: bool = False


class Expansion:
    """One expanded macro use; compared by identity.

    ``origins`` of tokens that came from an argument are positions in the use. ``closed``:
    the last token was met while its own macro was being expanded (C17 6.10.3.4), so that
    it takes no arguments from the text that follows the use. ``left`` maps indices of
    tokens that stand for a use to its number, ``needs`` says what they rely on.
    ``seen`` are the definitions looked up, those of ``settled`` names because the
    configurations disagree on them; ``spared`` names are no object-like macros.
    """

    __slots__ = (
        "_slices",
        "closed",
        "left",
        "needs",
        "origins",
        "seen",
        "settled",
        "small",
        "spared",
        "texts",
    )

    def __init__(self, tokens: Sequence[Token], attempt: _Attempt) -> None:
        self.texts: Key = tuple([token[0] for token in tokens])
        self.origins: tuple[Origin, ...] = tuple([token[2] for token in tokens])
        self.closed = bool(tokens) and bool(tokens[-1][1] & NO_EXPAND)
        self.left: dict[int, int] = {}
        if attempt.created or attempt.inherits:
            self.left = {
                index: left_number(token[0])
                for index, token in enumerate(tokens)
                if token[1] & LEFT
            }
        self.needs = attempt.needs
        self.seen = attempt.group.seen
        self.settled = frozenset(attempt.group.settled)
        self.spared = frozenset(attempt.spared)
        self.small = len(tokens) <= _SMALL and not _has_call(self.texts)
        self._slices: dict[tuple[int, int], Expansion] = {}

    def slice(self, start: int, end: int) -> Expansion:
        """Part of it, as if it were an expansion."""
        key = (start, end)
        known = self._slices.get(key)
        if known is None:
            known = self._slices[key] = object.__new__(Expansion)
            known.texts = self.texts[start:end]
            known.origins = self.origins[start:end]
            known.closed = self.closed or end < len(self.texts)
            known.left = {
                index - start: number for index, number in self.left.items() if start <= index < end
            }
            known.needs = self.needs
            known.seen, known.settled, known.spared = self.seen, self.settled, self.spared
            known.small = end - start <= _SMALL and not _has_call(known.texts)
            known._slices = {}
        return known


Alternatives: TypeAlias = tuple[tuple[Mask, Expansion], ...]
"""Disjoint masks with what holds there."""


@dataclass(slots=True)
class Span:
    """From when until before when an answer holds (times of the macro table)."""

    since: int = 0
    until: int = FOREVER

    def narrow(self, since: int, until: int) -> None:
        self.since = max(self.since, since)
        self.until = min(self.until, until)


class Answer(NamedTuple):
    """What a use expands to, and from when until before when."""

    alternatives: Alternatives
    since: int
    until: int


class ExpansionStore:
    """All expansions of a run, by the text of the use."""

    __slots__ = ("known", "numbers", "uses")

    def __init__(self) -> None:
        self.known: dict[Key, list[Expansion]] = {}
        self.numbers: dict[Key, int] = {}
        self.uses: list[tuple[Token, ...]] = []
        """The left uses by number."""

    def number(self, use: Sequence[Token]) -> int:
        """The number of a left use."""
        key = tuple([token[0] for token in use])
        known = self.numbers.get(key)
        if known is None:
            known = self.numbers[key] = len(self.uses)
            self.uses.append(tuple(use))
        return known

    def written(self, use: Sequence[Token]) -> Iterator[Token]:
        """The tokens of a use, those in it that stand for another use spelled out."""
        for token in use:
            if token[1] & LEFT:
                yield from self.written(self.uses[left_number(token[0])])
            else:
                yield token


class Expansions:
    """The expansions of one translation unit's macro uses."""

    __slots__ = ("_answers", "_everywhere", "_inside", "_opens", "_store", "_table")

    def __init__(
        self,
        store: ExpansionStore,
        table: MacroTable,
        everywhere: Mask,
        opens: Callable[[Expansion, int, Mask], bool],
    ) -> None:
        """``everywhere``: the unit's configurations. ``opens`` says of an expansion (and time
        and mask) that it is no phrase of C by itself, so that there is no use in leaving it."""
        self._store = store
        self._table = table
        self._everywhere = everywhere
        self._opens = opens
        self._answers: dict[tuple[Key, Mask], list[Answer]] = {}
        self._inside: list[tuple[int, frozenset[str]]] = []

    def of(self, use: Sequence[Token], time: int, mask: Mask) -> Answer:
        """What ``use`` expands to at ``time``, per group of the configurations in ``mask``.

        Raises :class:`TakenApart` for a use in
        which a token stands for another one that cannot be left.
        """
        key = tuple([token[0] for token in use])
        answers = self._answers.setdefault((key, mask), [])
        for answer in answers:
            if answer.since <= time < answer.until:
                return answer
        answer = self._find(key, use, time, mask)
        answers.append(answer)
        return answer

    def of_left(self, number: int, time: int, mask: Mask) -> Answer:
        """The same for a use that an expansion has left."""
        return self.of(self._store.uses[number], time, mask)

    def spelled(self, use: Sequence[Token], time: int, mask: Mask) -> list[tuple[Mask, Key]]:
        """What ``use`` expands to with nothing left, told apart for ``mask``."""
        found: list[tuple[Mask, Key]] = []
        for where, expansion in self.of(use, time, self._everywhere | mask).alternatives:
            rest = where & mask
            while rest:
                texts, share = self._spell(expansion, time, rest)
                found.append((share, texts))
                rest &= ~share
        return found

    def _spell(self, expansion: Expansion, time: int, mask: Mask) -> tuple[Key, Mask]:
        """The texts of an expansion in the lowest configuration of ``mask``, what is left in
        it spelled out, and the part of ``mask`` that has the same."""
        texts: list[str] = []
        for index, text in enumerate(expansion.texts):
            number = expansion.left.get(index)
            if number is None:
                texts.append(text)
                continue
            for where, inner in self.of_left(number, time, mask).alternatives:
                if where & mask & -mask:
                    spelled, mask = self._spell(inner, time, where & mask)
                    texts += spelled
                    break
        return tuple(texts), mask

    def _find(self, key: Key, use: Sequence[Token], time: int, mask: Mask) -> Answer:
        known = self._store.known.setdefault(key, [])
        found: list[tuple[Mask, Expansion]] = []
        span = Span()
        while mask:
            for candidate in known:
                where = self._holds(candidate, time, mask)
                if where:
                    break
            else:
                candidate, where = self._expand(use, time, mask)
                known.append(candidate)
            self._narrow(span, candidate, time, where)
            found.append((where, candidate))
            mask &= ~where
        return Answer(tuple(found), span.since, span.until)

    def _narrow(self, span: Span, expansion: Expansion, time: int, mask: Mask) -> None:
        """Narrow ``span`` to when ``expansion`` is sure to hold again in ``mask``."""
        table = self._table
        for name in expansion.seen:
            span.narrow(*table.span(name, time))
        for name in expansion.spared:
            span.narrow(*table.span(name, time))
        for number, need in expansion.needs.items():
            answer = self.of_left(number, time, mask)
            span.narrow(answer.since, answer.until)
            if need.called:
                for name in self.last_names(answer.alternatives, time):
                    span.narrow(*table.span(name, time))

    # --- expanding ------------------------------------------------------------

    def _expand(self, use: Sequence[Token], time: int, mask: Mask) -> tuple[Expansion, Mask]:
        """The expansion in the lowest configuration of ``mask``, and where else it holds.

        It is made for as many configurations as possible, also outside ``mask``, so that it
        is found again for another one.
        """
        tokens: list[Token] = [
            (text, flags, ArgumentOrigin(position)) for position, (text, flags, _) in enumerate(use)
        ]
        attempt = _Attempt(self, self._store, time, use)
        while True:
            attempt.begin(SharedGroup(self._table, time, self._everywhere | mask, mask & -mask))
            expander = Expander(attempt.lookup, attempt)
            try:
                out = expander.expand(tokens)
                self._check_called(out, attempt, time)
            except TakenApart as taken:
                if taken.number not in attempt.created:
                    raise
                attempt.take_apart(taken)
            except _Again:
                pass
            else:
                return Expansion(out, attempt), attempt.group.mask & mask

    def _check_called(self, out: Sequence[Token], attempt: _Attempt, time: int) -> None:
        """Raises :class:`TakenApart` for a use left in ``out`` that would take the
        parentheses behind it as arguments."""
        if attempt.created or attempt.inherits:
            for token, following in itertools.pairwise(out):
                if token[1] & LEFT and following[0] == "(":
                    number = left_number(token[0])
                    answer = self.of_left(number, time, attempt.group.mask)
                    if self.goes_on(answer.alternatives, time):
                        raise TakenApart(number)
                    need = attempt.needs.get(number, Need())
                    attempt.needs[number] = need._replace(called=True)

    def last_names(self, alternatives: Alternatives, time: int) -> Iterator[str]:
        """The tokens in which expansions end, unless they take no arguments for sure."""
        for mask, expansion in alternatives:
            if expansion.texts and not expansion.closed:
                number = expansion.left.get(len(expansion.texts) - 1)
                if number is None:
                    yield expansion.texts[-1]
                else:
                    yield from self.last_names(self.of_left(number, time, mask)[0], time)

    def goes_on(self, alternatives: Alternatives, time: int) -> bool:
        """Whether an expansion ends in the name of a macro that takes what follows."""
        for mask, expansion in alternatives:
            if not expansion.texts or expansion.closed:
                continue
            number = expansion.left.get(len(expansion.texts) - 1)
            if number is not None:
                if self.goes_on(self.of_left(number, time, mask).alternatives, time):
                    return True
                continue
            for where, macro in self._table.at(expansion.texts[-1], time):
                if where & mask and macro.parameters is not None:
                    return True
        return False

    # --- finding again --------------------------------------------------------

    def _holds(self, candidate: Expansion, time: int, mask: Mask) -> Mask:
        """The part of ``mask`` in which ``candidate`` is the expansion; 0 unless it has the
        lowest configuration and all that no settled name tells from it."""
        table = self._table
        bit = mask & -mask
        for name, answer in candidate.seen.items():
            part = mask
            if answer is None:
                for where, _ in table.at(name, time):
                    part &= ~where
            else:
                for where, macro in table.at(name, time):
                    if macro is answer:
                        part &= where
                        break
                else:
                    return 0
            if part != mask:
                if not part & bit or name not in candidate.settled:
                    return 0
                mask = part
        for name in candidate.spared:
            for where, macro in table.at(name, time):
                if where & mask and macro.parameters is None:
                    return 0
        for number, need in candidate.needs.items():
            if not self._meets(number, need, time, mask):
                return 0
        return mask

    def _meets(self, number: int, need: Need, time: int, mask: Mask) -> bool:
        alternatives = self.of_left(number, time, mask).alternatives
        if need.called and self.goes_on(alternatives, time):
            return False
        if need.argument and not self.one_argument(alternatives, time):
            return False
        return not (need.disabled and self.uses_any(need.disabled, number, time, mask))

    def one_argument(self, alternatives: Alternatives, time: int) -> bool:
        """Whether every expansion is one argument of a macro: no comma outside parentheses,
        and not nothing."""
        for mask, expansion in alternatives:
            depth = 0
            for index, text in enumerate(expansion.texts):
                if text in ("(", "[", "{"):
                    depth += text == "("
                elif text == ")":
                    depth -= 1
                elif depth == 0 and (
                    text == ","
                    or (
                        index in expansion.left
                        and not self.one_argument(
                            self.of_left(expansion.left[index], time, mask).alternatives, time
                        )
                    )
                ):
                    return False
            if depth or not expansion.texts:
                return False
        return True

    def uses_any(self, names: Collection[str], number: int, time: int, mask: Mask) -> bool:
        """Whether expanding a left use meets one of the macros ``names``."""
        if self._store.uses[number][0][0] in names:
            return True
        for where, expansion in self.of_left(number, time, mask).alternatives:
            if any(expansion.seen.get(name) is not None for name in names):
                return True
            if any(self.uses_any(names, inner, time, where) for inner in expansion.needs):
                return True
        return False

    @contextmanager
    def inside(self, number: int, disabled: Collection[str]) -> Iterator[None]:
        """Look into a left use, which stands where macros ``disabled`` are being expanded."""
        self._inside.append((number, frozenset(disabled)))
        try:
            yield
        finally:
            self._inside.pop()

    def would_recur(self, number: int, name: str) -> bool:
        """Whether a use, of macro ``name``, must not be left because it is being looked into,
        or the macro is being expanded around: two that use each other would otherwise be
        left in each other without end."""
        return any(number == outer or name in names for outer, names in self._inside)

    def phrases_only(self, alternatives: Alternatives, time: int) -> bool:
        """Whether every expansion could stand by itself, or what differs between them."""
        if not any(self._opens(expansion, time, mask) for mask, expansion in alternatives):
            return True
        found = divided(alternatives)
        return found is not None and not any(
            self._opens(expansion, time, mask) for mask, expansion in found[1]
        )


class _Again(Exception):
    """The attempt must be made anew: it now knows better what to leave."""


class _Attempt:
    """The attempts to expand a use for a group: which uses inside it are left.

    Left are the uses of macros that the group disagrees on. Where such a use cannot be left
    (it is no phrase of C by itself, or is taken apart), the use around it is left instead,
    if there is one inside the use that is being expanded: ``_around`` are their names.
    ``created`` are the uses left here. The use itself may contain others (``inherits``).
    """

    __slots__ = (
        "_apart",
        "_around",
        "_expansions",
        "_head",
        "_here",
        "_store",
        "_time",
        "created",
        "group",
        "inherits",
        "needs",
        "spared",
    )

    def __init__(
        self,
        expansions: Expansions,
        store: ExpansionStore,
        time: int,
        use: Sequence[Token],
    ) -> None:
        self._store = store
        self._expansions = expansions
        self._time = time
        self._apart: set[int] = set()
        self._around: dict[str, bool] = {}
        """Macros whose uses are to be left; False: tried, and they cannot."""
        self._here = ""
        self.inherits = any(token[1] & LEFT for token in use)
        self._head = use[0][0]
        self.group: SharedGroup
        self.created: dict[int, Origin]
        self.needs: dict[int, Need]
        self.spared: set[str]

    def begin(self, group: SharedGroup) -> None:
        """Start (anew) with ``group``."""
        self.group = group
        group.settle(self._head)
        self.created = {}
        self.needs = {}
        self.spared = set()

    def take_apart(self, taken: TakenApart) -> None:
        """A use that was left cannot be: leave the one around it, or expand it."""
        self._apart.add(taken.number)
        origin = self.created[taken.number]
        by: tuple[str, Origin | None] | None = taken.by
        while by is not None:
            name, user = by
            if _beside(user, origin) and name not in self._around:
                self._around[name] = True  # it is an argument of this one
                return
            by = (user.macro.name, user.outer) if isinstance(user, MacroOrigin) else None
        self._leave_around(origin)

    def _leave_around(self, origin: Origin) -> bool:
        """Have the use left in which a token of this origin is written; False if there is
        none that could be."""
        while isinstance(origin, MacroOrigin):
            if isinstance(origin.outer, ArgumentOrigin) and not origin.outer.position:
                return False  # the replacement list of the use itself
            name = origin.macro.name
            if name not in self._around:
                self._around[name] = True
                return True
            if origin.outer is None:
                return False
            origin = origin.outer
        return False

    # --- what the expander asks -----------------------------------------------

    def lookup(self, name: str) -> Macro | None:
        """What a name means in the group; SEVERAL also for one whose uses are to be left."""
        if self._around.get(name) and name != self._here:
            return SEVERAL
        self._here = ""
        return self.group.lookup(name)

    def kinds(self, name: str) -> tuple[bool, bool]:
        return self.group.kinds(name)

    def spare(self, name: str) -> None:
        self.spared.add(name)

    def expand_here(self, name: Token) -> None:
        text, _, origin = name
        if self.group.lookup(text) is not SEVERAL:
            self._here = text
            return
        if self._leave_around(origin):
            raise _Again
        self.group.settle(text)
        self._here = text

    def leave(self, use: Sequence[Token], disabled: Collection[str]) -> int | None:
        number = self._store.number(use)
        expansions, time, mask = self._expansions, self._time, self.group.mask
        if number in self._apart or expansions.would_recur(number, use[0][0]):
            return None
        try:
            with expansions.inside(number, disabled):
                alternatives = expansions.of_left(number, time, mask).alternatives
        except TakenApart as taken:
            taken.by = (use[0][0], use[0][2])
            raise
        if len(alternatives) == 1 and not alternatives[0][1].left:
            return None
        if (
            disabled and expansions.uses_any(disabled, number, time, mask)
        ) or not expansions.phrases_only(alternatives, time):
            self._apart.add(number)
            return None
        self.created[number] = use[0][2]
        before = self.needs.get(number, Need())
        self.needs[number] = before._replace(disabled=before.disabled | frozenset(disabled))
        return number

    def argument(self, number: int) -> bool:
        answer = self._expansions.of_left(number, self._time, self.group.mask)
        if not self._expansions.one_argument(answer.alternatives, self._time):
            return False
        self.needs[number] = self.needs.get(number, Need())._replace(argument=True)
        return True


def divided(alternatives: Alternatives) -> tuple[int, Alternatives] | None:
    """Expansions that differ only inside one pair of parentheses: how many tokens all begin
    with, the opening one included, and the parts that differ, up to the closing one."""
    if len(alternatives) < 2:
        return None
    texts = [expansion.texts for _, expansion in alternatives]
    first = texts[0]
    shortest = min(map(len, texts))
    before = 0
    while before < shortest and _shared(alternatives, before):
        before += 1
    behind = 0
    while behind < shortest - before and _shared(alternatives, -1 - behind):
        behind += 1
    for start in range(before, 0, -1):
        if first[start - 1] != "(":
            continue
        closing = [_closing(one, start - 1) for one in texts]
        rest = {len(one) - end for one, end in zip(texts, closing, strict=True)}
        if len(rest) == 1 and all(closing) and rest.pop() <= behind:
            parts = tuple(
                (mask, expansion.slice(start, end))
                for (mask, expansion), end in zip(alternatives, closing, strict=True)
            )
            return start, parts
    return None


def _shared(alternatives: Alternatives, index: int) -> bool:
    """Whether all expansions have the same token there; of a name, also from the same place."""
    first = alternatives[0][1]
    text = first.texts[index]
    named = is_identifier(text) and text not in _KEYWORDS
    return all(
        expansion.texts[index] == text
        and (not named or expansion.origins[index] == first.origins[index])
        for _, expansion in alternatives
    )


def _closing(texts: Sequence[str], opening: int) -> int:
    """The index of the parenthesis that closes the one at ``opening``; 0 if there is none."""
    depth = 0
    for index in range(opening, len(texts)):
        if texts[index] == "(":
            depth += 1
        elif texts[index] == ")":
            depth -= 1
            if depth == 0:
                return index
    return 0


def _beside(user: Origin | None, used: Origin) -> bool:
    """Whether the name of a macro and what stands in its arguments were written together:
    in the same replacement list, or both in the arguments of the use that is expanded."""
    if isinstance(user, ArgumentOrigin) and isinstance(used, ArgumentOrigin):
        return 0 < user.position < used.position
    return user == used


def _has_call(texts: Sequence[str]) -> bool:
    for index, text in enumerate(texts):
        if text in _CALL_BEFORE:
            if text != "(":
                return True
            before = texts[index - 1] if index else ""
            if before[:1].isalpha() or before[:1] == "_" or before in (")", "]"):
                return True
    return False
