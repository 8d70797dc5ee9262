"""Source text with its macro uses replaced: by their tokens, or by holes.

A use whose expansions are complete phrases of C becomes a hole, so that each of them is
parsed on its own and the text around them once for all configurations. A use that
changes the shape of the text (a ``for`` header, an attribute, half a statement) is
replaced by its tokens; if these differ between configurations, the text is split.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from analyzer.configset.configset import Mask
from analyzer.csource.expansion import Alternatives, ExpansionStore, Key, Span
from analyzer.csource.phrase import PhraseParser, WovenHole
from analyzer.csource.placing import Phrases, Placer, Run, runs
from analyzer.preprocessor.expand import NAMED_BY_PLACE
from analyzer.preprocessor.table import MacroTable
from analyzer.preprocessor.token import IDENTIFIER_START, Origin, Token

Part: TypeAlias = tuple[tuple[Token, ...], int]
"""Tokens of a text, and the time at which they are looked up."""


@dataclass(frozen=True, slots=True, eq=False)
class Woven:
    """Text ready for the parser in the configurations of ``mask``.

    ``texts``, ``raw``, ``origins`` and ``lines`` run in parallel: what is parsed, what was
    written, where each token comes from, and the 1-based line on which it, or the macro
    use that brought it, is written. ``holes`` maps token indices to ``filling``.
    """

    mask: Mask
    texts: tuple[str, ...]
    raw: tuple[str, ...]
    origins: tuple[Origin, ...]
    lines: tuple[int, ...]
    holes: dict[int, int]
    filling: tuple[WovenHole, ...]


class Weaver:
    """Weaves the text of one translation unit."""

    __slots__ = ("_phrases", "_runs", "_table")

    def __init__(
        self,
        table: MacroTable,
        store: ExpansionStore,
        parser: PhraseParser,
        typedefs: set[str],
        everywhere: Mask,
    ) -> None:
        """``everywhere``: all configurations that anything will be woven for."""
        self._table = table
        self._phrases = Phrases(store, table, everywhere, parser, typedefs)
        self._runs: dict[int, tuple[tuple[Token, ...], dict[int, Run]]] = {}

    def spelled(self, use: Sequence[Token], time: int, mask: Mask) -> list[tuple[Mask, Key]]:
        """The tokens that a macro use expands to at ``time``, per group of configurations."""
        return self._phrases.expansions.spelled(use, time, mask)

    def weave(self, parts: Sequence[Part], mask: Mask) -> list[Woven]:
        """A text in the configurations of ``mask``: one result for all of them, or several
        where an expansion had to split the text.
        """
        tokens: list[Token] = []
        times: list[int] = []
        found: dict[int, Run] = {}
        for part, time in parts:
            start = len(tokens)
            for offset, run in self._runs_of(part).items():
                found[start + offset] = run
            tokens += part
            times += [time] * len(part)
        done: list[Woven] = []
        work = [mask]
        while work:
            attempt = _Attempt(self._table, self._phrases, tokens, times, found, work.pop())
            split = attempt.weave()
            if split is None:
                done.append(attempt.result())
            else:
                work.extend(split)
        done.sort(key=lambda woven: woven.mask & -woven.mask)
        return done

    def _runs_of(self, part: tuple[Token, ...]) -> dict[int, Run]:
        known = self._runs.get(id(part))
        if known is None:
            known = self._runs[id(part)] = part, runs(part, self._table.names)
        return known[1]


class _Attempt:
    """One attempt to weave a text for one mask."""

    __slots__ = (
        "_everywhere",
        "_expansions",
        "_mask",
        "_placer",
        "_runs",
        "_table",
        "_times",
        "_tokens",
    )

    def __init__(
        self,
        table: MacroTable,
        phrases: Phrases,
        tokens: Sequence[Token],
        times: Sequence[int],
        runs: Mapping[int, Run],
        mask: Mask,
    ) -> None:
        self._table = table
        self._expansions = phrases.expansions
        self._everywhere = phrases.everywhere | mask
        self._tokens = tokens
        self._times = times
        self._runs = runs
        self._mask = mask
        self._placer = Placer(phrases, mask, Span())

    def result(self) -> Woven:
        placer = self._placer
        return Woven(
            self._mask,
            tuple(placer.texts),
            tuple(placer.raw),
            tuple(placer.origins),
            tuple(placer.lines),
            placer.holes,
            tuple(placer.filling),
        )

    def weave(self) -> Sequence[Mask] | None:
        """Weave; or the masks into which the text must be split first."""
        tokens = self._tokens
        count = len(tokens)
        position = 0
        table = self._table
        expansions = self._expansions
        everywhere = self._everywhere
        emit = self._placer.emit
        while position < count:
            run = self._runs.get(position)
            if run is not None:
                self._placer.emit_run(run)
                position += len(run.texts)
                continue
            token = tokens[position]
            text = token[0]
            time = self._times[position]
            if text[0] not in IDENTIFIER_START or not any(
                where & self._mask for where, _ in table.at(text, time)
            ):
                emit(f'"{text}"' if text in NAMED_BY_PLACE else text, text, token[2])
                position += 1
                continue
            end = self._extent(position)
            if end == position:
                emit(text, text, token[2])
                position += 1
                continue
            use = tokens[position:end]
            following = tokens[end][0] if end < count else ""
            alternatives = expansions.of(use, time, everywhere).alternatives
            while following == "(" and expansions.goes_on(self._here(alternatives), time):
                further = self._closing(end)
                if further == end:
                    break
                end = further
                use = tokens[position:end]
                following = tokens[end][0] if end < count else ""
                alternatives = expansions.of(use, time, everywhere).alternatives
            if isinstance(token[2], int):
                self._placer.line = token[2]
            split = self._placer.put_use(use, alternatives, time, following)
            if split is not None:
                return split
            position = end
        return None

    def _here(self, alternatives: Alternatives) -> Alternatives:
        return tuple([one for one in alternatives if one[0] & self._mask])

    def _extent(self, position: int) -> int:
        """One past the last token of the use at ``position``; ``position`` if it is none."""
        tokens = self._tokens
        following = tokens[position + 1][0] if position + 1 < len(tokens) else ""
        object_like = False
        for mask, macro in self._table.at(tokens[position][0], self._times[position]):
            if mask & self._mask and macro.parameters is None:
                object_like = True
        if following != "(":
            return position + 1 if object_like else position
        function_like = any(
            mask & self._mask and macro.parameters is not None
            for mask, macro in self._table.at(tokens[position][0], self._times[position])
        )
        if not function_like:
            return position + 1
        closing = self._closing(position + 1)
        return closing if closing > position + 1 else position

    def _closing(self, opening: int) -> int:
        """One past the parenthesis that closes ``opening``; ``opening`` if none does."""
        depth = 0
        for index in range(opening, len(self._tokens)):
            text = self._tokens[index][0]
            if text == "(":
                depth += 1
            elif text == ")":
                depth -= 1
                if depth == 0:
                    return index + 1
        return opening
