"""What expansions have in common that differ only inside one pair of parentheses."""

from __future__ import annotations

from collections.abc import Sequence

from analyzer.csource.expansion import Alternatives
from analyzer.preprocessor.token import is_identifier

_KEYWORDS = frozenset(
    """if else while for do switch return sizeof typeof __typeof__ static const struct union enum
    __attribute__ __aligned__ aligned __section__ section""".split()
)
"""Words that it makes no difference for who spells them."""


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
