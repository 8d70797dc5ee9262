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

from analyzer.configset.configset import Mask
from analyzer.csource.attempt import Again, Attempt
from analyzer.csource.divided import divided
from analyzer.csource.expansion import (
    Alternatives,
    Answer,
    Expansion,
    ExpansionStore,
    Key,
    Need,
    Span,
)
from analyzer.preprocessor.expand import Expander, TakenApart, left_number
from analyzer.preprocessor.table import MacroTable, SharedGroup
from analyzer.preprocessor.token import LEFT, ArgumentOrigin, Token


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
        attempt = Attempt(self, self._store, time, use)
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
            except Again:
                pass
            else:
                return attempt.expansion(out), attempt.group.mask & mask

    def _check_called(self, out: Sequence[Token], attempt: Attempt, time: int) -> None:
        """Raises :class:`TakenApart` for a use left in ``out`` that would take the
        parentheses behind it as arguments."""
        if attempt.may_have_left:
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
