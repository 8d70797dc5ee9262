"""Putting macro uses into a text: as a hole, or as the tokens that they expand to.

A hole can stand only where every one of its expansions is a phrase of C that keeps its
meaning beside its neighbours.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import NamedTuple

from analyzer.configset.configset import Mask
from analyzer.csource.divided import divided
from analyzer.csource.expansion import Alternatives, Expansion, ExpansionStore, Span
from analyzer.csource.expansions import Expansions
from analyzer.csource.phrase import Phrase, PhraseParser, Shape, Variants, WovenHole
from analyzer.csource.provenance import Rebase, part
from analyzer.preprocessor.expand import NAMED_BY_PLACE
from analyzer.preprocessor.table import MacroTable
from analyzer.preprocessor.token import (
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
_ATTRIBUTE = frozenset(("__attribute__", "__attribute"))
_NO_VALUE = frozenset(("__builtin_offsetof", "cleanup", "__cleanup__"))
"""What takes names that are no values as arguments."""
_TAG = frozenset(("struct", "union", "enum"))
_STATEMENT_BEFORE = frozenset(("", ";", "{", "}", ":", "else", "do", ")"))
_SAFE_BEFORE = frozenset(("(", ",", ";", "{", "}", "=", "return", "[", "?", ":", "case"))
_SAFE_AFTER = frozenset((")", ",", ";", "}", "]", ":"))


_VALUES = frozenset((Shape.PRIMARY, Shape.UNARY, Shape.LOOSE))


_WORTH_A_RUN = 4
_SPECIAL = _ASM | {"{", "}"}
"""Tokens that say where in a text the next one stands."""


class Run(NamedTuple):
    """Successive tokens of a source text without macro uses, braces and ``asm``."""

    texts: tuple[str, ...]
    lines: tuple[int, ...]


def runs(tokens: Sequence[Token], named: Container[str]) -> dict[int, Run]:
    """The runs of a text by where they start; ``named`` are all names of macros."""
    found: dict[int, Run] = {}
    start = 0
    for index, token in enumerate((*tokens, ("{", 0, 0))):
        text = token[0]
        if text in _SPECIAL or text in named or text in NAMED_BY_PLACE:
            if index - start >= _WORTH_A_RUN:
                part = tokens[start:index]
                lines = tuple([line for _, _, line in part if isinstance(line, int)])
                found[start] = Run(tuple([each for each, _, _ in part]), lines)
            start = index + 1
    return found


class Phrases:
    """The phrases of one translation unit's macro uses."""

    __slots__ = ("_known", "_parser", "_typedefs", "everywhere", "expansions", "store")

    def __init__(
        self,
        store: ExpansionStore,
        table: MacroTable,
        everywhere: Mask,
        parser: PhraseParser,
        typedefs: set[str],
    ) -> None:
        self.store = store
        self.everywhere = everywhere
        self.expansions = Expansions(store, table, everywhere, self._opens)
        self._parser = parser
        self._typedefs = typedefs
        self._known: dict[Expansion, list[tuple[Mask, int, int, Variants]]] = {}

    def of(self, expansion: Expansion, time: int, mask: Mask, span: Span) -> Variants:
        """The phrase that ``expansion`` is in ``mask``, or several where it must be told
        apart; ``span`` is narrowed to when that holds."""
        if not expansion.left:
            return ((mask, self._parser.plain(expansion, self._typedefs)),)
        known = self._known.setdefault(expansion, [])
        for where, since, until, variants in known:
            if where == mask and since <= time < until:
                span.narrow(since, until)
                return variants
        own = Span()
        variants = self._find(expansion, time, mask, own)
        known.append((mask, own.since, own.until, variants))
        span.narrow(own.since, own.until)
        return variants

    def _find(self, expansion: Expansion, time: int, mask: Mask, span: Span) -> Variants:
        done: list[tuple[Mask, Phrase]] = []
        work = [mask]
        while work:
            where = work.pop()
            placer = Placer(self, where, span)
            placer.begin_block()
            split = placer.put_expansion(expansion, where, None, time, "")
            if split is None:
                done += self._phrases(placer, where)
            else:
                work.extend(split)
        done.sort(key=lambda variant: variant[0] & -variant[0])
        return tuple(done)

    def _phrases(self, placer: Placer, mask: Mask) -> Variants:
        texts = tuple(placer.texts)
        piece, shape = self._parser.parse(texts, placer.holes, self._typedefs)
        raw, origins = tuple(placer.raw), tuple(placer.origins)
        if len(texts) == 1 and placer.holes:
            (hole,) = placer.filling
            return tuple(
                (
                    where,
                    Phrase(
                        texts,
                        raw,
                        origins,
                        placer.holes,
                        (WovenHole(hole.tokens, ((where, inner),)),),
                        piece,
                        inner.shape,
                    ),
                )
                for where, inner in hole.alternatives
            )
        filling = tuple(placer.filling)
        return ((mask, Phrase(texts, raw, origins, placer.holes, filling, piece, shape)),)

    def _opens(self, expansion: Expansion, time: int, mask: Mask) -> bool:
        variants = self.of(expansion, time, mask, Span())
        return any(phrase.shape is Shape.OPEN for _, phrase in variants)


class Placer:
    """A text that is being put together for the configurations of ``mask``.

    ``texts``, ``raw``, ``origins`` and ``lines`` run in parallel: what is parsed, what was
    written, where each token comes from, and the 1-based line on which it, or the macro
    use that brought it, is written. ``holes`` maps token indices to ``filling``.
    """

    __slots__ = (
        "_asm",
        "_asm_depth",
        "_blocks",
        "_function",
        "_phrases",
        "_span",
        "filling",
        "holes",
        "line",
        "lines",
        "mask",
        "origins",
        "raw",
        "texts",
    )

    def __init__(self, phrases: Phrases, mask: Mask, span: Span) -> None:
        """``span`` is narrowed to when what was put together is sure to be the same."""
        self._phrases = phrases
        self.mask = mask
        self._span = span
        self.texts: list[str] = []
        self.raw: list[str] = []
        self.origins: list[Origin] = []
        self.lines: list[int] = []
        self.line = 1
        """Where the use in the source text is written that is being put."""
        self.holes: dict[int, int] = {}
        self.filling: list[WovenHole] = []
        self._blocks: list[bool] = []
        """Of each open brace, whether statements can stand in it."""
        self._function = False
        self._asm = False
        self._asm_depth = 0

    def begin_block(self) -> None:
        """What follows stands inside a function."""
        self._blocks.append(True)
        self._function = True

    def emit(self, text: str, raw: str, origin: Origin) -> None:
        """Put a token."""
        if text == "{":
            texts = self.texts
            before = texts[-1] if texts else ""
            if not self._blocks:
                self._function = before == ")" or (
                    before != "=" and is_identifier(before) and ")" in texts
                )
            self._blocks.append(before not in _TAG and not (len(texts) > 1 and texts[-2] in _TAG))
        elif text == "}" and self._blocks:
            self._blocks.pop()
        if self._asm:
            self._follow_asm(text)
        elif text in _ASM:
            self._asm, self._asm_depth = True, 0
        self.texts.append(text)
        self.raw.append(raw)
        self.origins.append(origin)
        self.lines.append(origin if isinstance(origin, int) else self.line)

    def emit_run(self, run: Run) -> None:
        """Put tokens that are written in the text, and change nothing but its length."""
        if self._asm:
            for text, line in zip(run.texts, run.lines, strict=True):
                self.emit(text, text, line)
            return
        self.texts += run.texts
        self.raw += run.texts
        self.origins += run.lines
        self.lines += run.lines

    def _follow_asm(self, text: str) -> None:
        """Notice where the parenthesis of an ``asm`` closes: in it, tokens are no C phrases."""
        if text == "(":
            self._asm_depth += 1
        elif text == ")":
            self._asm_depth -= 1
            self._asm = self._asm_depth > 0
        elif not self._asm_depth:
            self._asm = text in _ASM_WORDS

    def put_use(
        self, use: Sequence[Token], alternatives: Alternatives, time: int, following: str
    ) -> Sequence[Mask] | None:
        """Put a macro use before a token ``following``; or the masks into which the text
        must be split first.

        ``alternatives`` may be there for more configurations than the text is.
        """
        here = tuple([one for one in alternatives if one[0] & self.mask])
        mask, expansion = here[0]
        same = len(here) == 1 or _same(here)
        if not self._blocks or self._asm or (len(here) == 1 and expansion.small):
            if same:
                return self.put_expansion(expansion, mask, use, time, following)
            return [where & self.mask for where, _ in here]
        variants = self._variants(here, time)
        if self._all_fit(variants, following) and not (
            len(here) == 1 and expansion.texts == tuple([token[0] for token in use])
        ):
            self._put_hole(use, variants, following)
            return None
        if same:
            return self.put_expansion(expansion, mask, use, time, following)
        return self._put_divided(use, here, time, following)

    def _variants(self, alternatives: Alternatives, time: int) -> list[tuple[Mask, Phrase]]:
        variants: list[tuple[Mask, Phrase]] = []
        for mask, expansion in alternatives:
            for where, phrase in self._phrases.of(expansion, time, mask, self._span):
                if where & self.mask:
                    variants.append((where & self.mask, phrase))
        return variants

    def _all_fit(self, variants: Sequence[tuple[Mask, Phrase]], following: str) -> bool:
        return all(self._fits(phrase, following) for _, phrase in variants) and self._takes_values()

    def _put_hole(
        self, use: Sequence[Token], variants: Sequence[tuple[Mask, Phrase]], following: str
    ) -> None:
        self.holes[len(self.texts)] = len(self.filling)
        self.filling.append(WovenHole(tuple(use), tuple(variants)))
        written = spell(list(self._phrases.store.written(use)))
        self.emit(f"{HOLE}{len(self.filling) - 1}", written, use[0][2])
        if following not in ("", ";", ")") and any(
            phrase.shape is Shape.STATEMENTS for _, phrase in variants
        ):
            self.emit(";", "", use[-1][2])

    def _put_divided(
        self, use: Sequence[Token], alternatives: Alternatives, time: int, following: str
    ) -> Sequence[Mask] | None:
        """Put a use whose expansions are no phrases: what they have in common as tokens,
        around a hole for what differs. Else the text must be split."""
        whole = [mask & self.mask for mask, _ in alternatives]
        found = divided(alternatives)
        if found is None:
            return whole
        start, parts = found
        mask, first = alternatives[0]
        variants = self._variants(parts, time)
        if any(phrase.shape not in _VALUES for _, phrase in variants):
            return whole
        split = self.put_expansion(first.slice(0, start), mask, use, time, "")
        if split is not None:
            return split
        if self._asm or not self._takes_values():
            return whole
        self._put_hole(use, variants, ")")
        end = start + len(parts[0][1].texts)
        behind = first.slice(end, len(first.texts))
        return self.put_expansion(behind, mask, use, time, following)

    def put_expansion(
        self,
        expansion: Expansion,
        mask: Mask,
        use: Sequence[Token] | None,
        time: int,
        following: str,
    ) -> Sequence[Mask] | None:
        """Put the tokens of an expansion of ``use``, which holds in ``mask``; without a use,
        origins stay relative to it."""
        if not expansion.left and (use is None or isinstance(use[0][2], int)):
            for text, origin in zip(expansion.texts, expansion.origins, strict=True):
                if use is not None and isinstance(origin, ArgumentOrigin):
                    origin = use[origin.position][2]
                self.emit(text, text, origin)
            return None
        rebase = None if use is None else Rebase([token[2] for token in use])
        texts = expansion.texts
        for index, (text, origin) in enumerate(zip(texts, expansion.origins, strict=True)):
            here = origin if rebase is None else rebase.one(origin)
            number = expansion.left.get(index)
            if number is None:
                self.emit(text, text, here)
                continue
            behind = texts[index + 1] if index + 1 < len(texts) else following
            split = self._put_left(number, mask, here, time, behind)
            if split is not None:
                return split
        return None

    def _put_left(
        self, number: int, mask: Mask, origin: Origin, time: int, following: str
    ) -> Sequence[Mask] | None:
        answer = self._phrases.expansions.of_left(number, time, mask)
        self._span.narrow(answer.since, answer.until)
        use: list[Token] = [
            (text, flags, part(origin, index))
            for index, (text, flags, _) in enumerate(self._phrases.store.uses[number])
        ]
        return self.put_use(use, answer.alternatives, time, following)

    def _fits(self, phrase: Phrase, following: str) -> bool:
        """Whether a hole can stand for ``phrase`` between its neighbours."""
        before = self.texts[-1] if self.texts else ""
        if before and before not in _BEFORE:
            return False
        shape = phrase.shape
        if shape is Shape.STATEMENTS:
            if not (self._function and self._blocks[-1]) or before not in _STATEMENT_BEFORE:
                return False
            if following == "else":
                return not phrase.ends_as_header
            return following in (";", "") or (phrase.complete and following not in _GOES_ON)
        if shape is Shape.EMPTY:
            return self._function and before in _STATEMENT_BEFORE and following == ";"
        if shape is Shape.OPEN:
            return False
        if shape is Shape.LOOSE:
            return before in _SAFE_BEFORE and following in _SAFE_AFTER
        if following in _POSTFIX:
            return shape is Shape.PRIMARY
        return following in _AFTER or not following

    def _takes_values(self) -> bool:
        """Whether what stands here is a value, and not a name in an attribute or ``offsetof``."""
        texts = self.texts
        if not texts or texts[-1] not in ("(", ","):
            return True
        depth = 0
        for index in range(len(texts) - 1, -1, -1):
            text = texts[index]
            if text == ")":
                depth += 1
            elif text == "(":
                if depth == 0:
                    before = texts[index - 1] if index else ""
                    return before not in _NO_VALUE and not (
                        before == "(" and index > 1 and texts[index - 2] in _ATTRIBUTE
                    )
                depth -= 1
        return True


def _same(alternatives: Alternatives) -> bool:
    """Whether all expansions are the same tokens, with nothing in them that differs."""
    first = alternatives[0][1]
    return all(
        expansion.texts == first.texts and not expansion.left for _, expansion in alternatives
    )
