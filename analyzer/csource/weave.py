"""Source text with its macro uses replaced: by their tokens, or by holes.

A use whose expansions are complete phrases of C becomes a hole, so that each of them is
parsed on its own and the text around them once for all configurations. A use that
changes the shape of the text (a ``for`` header, an attribute, half a statement) is
replaced by its tokens; if these differ between configurations, the text is split.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass

from analyzer.configset.configset import Mask
from analyzer.csource.expansion import Expansion, ExpansionStore, Shape
from analyzer.csource.parse import CParser
from analyzer.preprocessor.expand import NAMED_BY_PLACE
from analyzer.preprocessor.table import MacroTable
from analyzer.preprocessor.token import (
    IDENTIFIER_START,
    ArgumentOrigin,
    Origin,
    Token,
    is_identifier,
    spell,
)

HOLE = "__hole"
"""Prefix of the identifier that stands for a hole in the text that is parsed."""

_BEFORE = frozenset(
    """( , ; { } = ) : ? [ return else do case ! ~ + - * / % & | ^ < > == != <= >= << >> && ||
    += -= *= /= %= &= |= ^= <<= >>=""".split()
)
_AFTER = frozenset(
    """) , ; } : ? ] + - * / % & | ^ < > == != <= >= << >> && || = += -= *= /= %= &= |= ^= <<=
    >>=""".split()
)
_POSTFIX = frozenset(("[", ".", "->", "++", "--"))
_GOES_ON = _POSTFIX | {",", "=", ")", "]", "?", ":"}
"""What continues a declaration or an expression that ends in a brace."""

_ASM = frozenset(("asm", "__asm__", "__asm"))
_ASM_WORDS = frozenset(
    """volatile __volatile__ __volatile inline __inline__ __inline goto""".split()
)
_STATEMENT_BEFORE = frozenset(("", ";", "{", "}", ":", "else", "do", ")"))
_SAFE_BEFORE = frozenset(("(", ",", ";", "{", "}", "=", "return", "[", "?", ":", "case"))
_SAFE_AFTER = frozenset((")", ",", ";", "}", "]", ":"))


@dataclass(frozen=True, slots=True, eq=False)
class WovenHole:
    """A hole: the use as written (``tokens``) and what it expands to, per group."""

    tokens: tuple[Token, ...]
    alternatives: tuple[tuple[Mask, Expansion], ...]


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

    __slots__ = ("_parser", "_store", "_table", "_typedefs")

    def __init__(
        self,
        table: MacroTable,
        store: ExpansionStore,
        parser: CParser,
        typedefs: Container[str],
    ) -> None:
        self._table = table
        self._store = store
        self._parser = parser
        self._typedefs = typedefs

    def weave(self, tokens: Sequence[Token], times: Sequence[int], mask: Mask) -> list[Woven]:
        """``tokens`` (each looked up at its time) in the configurations of ``mask``.

        One result for all of them, or several where an expansion had to split the text.
        """
        done: list[Woven] = []
        work = [mask]
        while work:
            part = work.pop()
            run = _Run(self._table, self._store, self._parser, self._typedefs, tokens, times, part)
            split = run.weave()
            if split is None:
                done.append(run.result())
            else:
                work.extend(split)
        done.sort(key=lambda woven: woven.mask & -woven.mask)
        return done


class _Run:
    """One attempt to weave a text for one mask."""

    __slots__ = (
        "_asm",
        "_asm_depth",
        "_braces",
        "_filling",
        "_function",
        "_holes",
        "_line",
        "_lines",
        "_mask",
        "_origins",
        "_parser",
        "_raw",
        "_store",
        "_table",
        "_texts",
        "_times",
        "_tokens",
        "_typedefs",
    )

    def __init__(
        self,
        table: MacroTable,
        store: ExpansionStore,
        parser: CParser,
        typedefs: Container[str],
        tokens: Sequence[Token],
        times: Sequence[int],
        mask: Mask,
    ) -> None:
        self._table = table
        self._store = store
        self._parser = parser
        self._typedefs = typedefs
        self._tokens = tokens
        self._times = times
        self._mask = mask
        self._texts: list[str] = []
        self._raw: list[str] = []
        self._origins: list[Origin] = []
        self._lines: list[int] = []
        self._line = 1
        self._holes: dict[int, int] = {}
        self._filling: list[WovenHole] = []
        self._braces = 0
        self._function = False
        self._asm = False
        self._asm_depth = 0

    def result(self) -> Woven:
        return Woven(
            self._mask,
            tuple(self._texts),
            tuple(self._raw),
            tuple(self._origins),
            tuple(self._lines),
            self._holes,
            tuple(self._filling),
        )

    def weave(self) -> list[Mask] | None:
        """Weave; or the masks into which the text must be split first."""
        tokens = self._tokens
        count = len(tokens)
        position = 0
        table = self._table
        while position < count:
            token = tokens[position]
            text = token[0]
            if text[0] not in IDENTIFIER_START or not any(
                where & self._mask for where, _ in table.at(text, self._times[position])
            ):
                self._emit(f'"{text}"' if text in NAMED_BY_PLACE else text, text, token[2])
                position += 1
                continue
            end = self._extent(position)
            if end == position:
                self._emit(text, text, token[2])
                position += 1
                continue
            use = tokens[position:end]
            following = tokens[end][0] if end < count else ""
            alternatives = self._store.alternatives(use, table, self._times[position], self._mask)
            while following == "(" and self._goes_on(alternatives, self._times[position]):
                further = self._closing(end)
                if further == end:
                    break
                end = further
                use = tokens[position:end]
                following = tokens[end][0] if end < count else ""
                alternatives = self._store.alternatives(
                    use, table, self._times[position], self._mask
                )
            if not self._place(use, alternatives, following):
                return [mask for mask, _ in alternatives]
            position = end
        return None

    def _emit(self, text: str, raw: str, origin: Origin) -> None:
        if text == "{":
            if self._braces == 0:
                before = self._texts[-1] if self._texts else ""
                self._function = before == ")" or (
                    before != "=" and is_identifier(before) and ")" in self._texts
                )
            self._braces += 1
        elif text == "}":
            self._braces -= 1
        if self._asm:
            self._follow_asm(text)
        elif text in _ASM:
            self._asm, self._asm_depth = True, 0
        self._texts.append(text)
        self._raw.append(raw)
        self._origins.append(origin)
        if isinstance(origin, int):
            self._line = origin
        self._lines.append(self._line)

    def _follow_asm(self, text: str) -> None:
        """Notice where the parenthesis of an ``asm`` closes: in it, tokens are no C phrases."""
        if text == "(":
            self._asm_depth += 1
        elif text == ")":
            self._asm_depth -= 1
            self._asm = self._asm_depth > 0
        elif not self._asm_depth:
            self._asm = text in _ASM_WORDS

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

    def _goes_on(self, alternatives: Sequence[tuple[Mask, Expansion]], time: int) -> bool:
        """Whether an expansion ends in the name of a macro that takes what follows."""
        for mask, expansion in alternatives:
            if not expansion.texts or expansion.closed:
                continue
            for where, macro in self._table.at(expansion.texts[-1], time):
                if where & mask and macro.parameters is not None:
                    return True
        return False

    def _place(
        self,
        use: Sequence[Token],
        alternatives: Sequence[tuple[Mask, Expansion]],
        following: str,
    ) -> bool:
        """Put a use into the text; False if it must be split first."""
        single = alternatives[0][1] if len(alternatives) == 1 else None
        if single is not None and (
            single.small
            or not self._braces
            or self._asm
            or not self._fits(single, following)
            or single.texts == tuple(token[0] for token in use)
        ):
            self._splice(single, use)
            return True
        if single is None and not (
            self._braces
            and not self._asm
            and all(self._fits(expansion, following) for _, expansion in alternatives)
        ):
            return len({expansion.texts for _, expansion in alternatives}) == 1 and (
                self._splice(alternatives[0][1], use)
            )
        self._holes[len(self._texts)] = len(self._filling)
        self._filling.append(WovenHole(tuple(use), tuple(alternatives)))
        name = f"{HOLE}{len(self._filling) - 1}"
        self._emit(name, spell(list(use)), use[0][2])
        if following not in (";", ")") and any(
            expansion.shape(self._parser, self._typedefs) is Shape.STATEMENTS
            for _, expansion in alternatives
        ):
            self._emit(";", "", use[-1][2])
        return True

    def _splice(self, expansion: Expansion, use: Sequence[Token]) -> bool:
        written = use[0][2]
        if isinstance(written, int):
            self._line = written
        for text, origin in zip(expansion.texts, expansion.origins, strict=True):
            if isinstance(origin, ArgumentOrigin):
                self._emit(text, text, use[origin.position][2])
            else:
                self._emit(text, text, origin)
        return True

    def _fits(self, expansion: Expansion, following: str) -> bool:
        """Whether a hole can stand for ``expansion`` between its neighbours."""
        before = self._texts[-1] if self._texts else ""
        if before not in _BEFORE:
            return False
        shape = expansion.shape(self._parser, self._typedefs)
        if shape is Shape.STATEMENTS:
            if not self._function or before not in _STATEMENT_BEFORE:
                return False
            if following == "else":
                return not expansion.ends_as_header(self._parser, self._typedefs)
            complete = expansion.texts[-1] in (";", "}")
            return following == ";" or (complete and following not in _GOES_ON)
        if shape is Shape.EMPTY:
            return self._function and before in _STATEMENT_BEFORE and following == ";"
        if shape is Shape.OPEN:
            return False
        if shape is Shape.LOOSE:
            return before in _SAFE_BEFORE and following in _SAFE_AFTER
        if following in _POSTFIX:
            return shape is Shape.PRIMARY
        return following in _AFTER
