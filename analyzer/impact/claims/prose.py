"""What a changelog's sentences say of calls: chains, mentions, and on which condition.

A chain is ``a() -> b()``, every name with parentheses, also over the end of a line. Mentions
are ``name()`` and ``CONFIG_NAME``; members (``ops->open()``), wildcards (``foo_*()``) and
addresses (``foo+0x1c/0x40``) are none.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analyzer.impact.claims.drawing import Drawing, DrawnCall, Label, Mention, MentionKind

_CALLED = r"(?<![\w.>}*%:$/-])[A-Za-z_]\w{0,99}\([^()\n]{0,80}\)"
_SPACE = r"[ \t]*\n?[ \t]*"
_CHAIN = re.compile(
    rf"{_CALLED}(?:{_SPACE}(?:-{{1,3}}>|={{1,2}}>|→){_SPACE}[A-Za-z_]\w{{0,99}}\([^()\n]{{0,80}}\))+"
)
_LINK = re.compile(r"([A-Za-z_]\w*)\([^()\n]*\)")
_FUNCTION = re.compile(r"(?<![\w.>}*%:$/-])([A-Za-z_]\w{0,99})\(\)")
_SYMBOL = re.compile(r"(?<!\w)CONFIG_([A-Z0-9]\w{0,99})(?![\w*])")
_SPOKEN = re.compile(
    r"(?:\b(?:if|when|with|where|for|under|given)\s+)"
    r"((?:!|not\s+)?CONFIG_\w+(?:\s*=\s*[ymn]\b|\s+(?:is|being)\s+(?:not\s+)?\w+|"
    r"\s+(?:enabled|disabled|set|unset|on|off)\b)?)"
    r"|\b(without\s+CONFIG_\w+)",
    re.IGNORECASE,
)

MAX_CHAIN = 64
"""Longer chains are left unread."""

MAX_LEAD = 8
"""Lines before a drawing in which its premise is looked for."""


class Prose:
    """The sentences of a message: its lines, those of drawings and the like left empty."""

    __slots__ = ("_starts", "_text")

    def __init__(self, lines: Sequence[str]) -> None:
        self._text = "\n".join(lines)
        self._starts = [0]
        for line in lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def chains(self) -> Iterator[Drawing]:
        """The chains, each as a drawing."""
        for chain in _CHAIN.finditer(self._text):
            calls: list[DrawnCall] = []
            for link in _LINK.finditer(self._text, chain.start(), chain.end()):
                parent = len(calls) - 1 if calls else None
                line = self._line(link.start())
                calls.append(DrawnCall(link[1], line, parent, called=True))
            if len(calls) <= MAX_CHAIN and not any(call.name.isupper() for call in calls):
                yield Drawing(tuple(calls), row=True)

    def mentions(self) -> Iterator[Mention]:
        """The mentions, each name once, in the order of their first."""
        found: dict[tuple[str, MentionKind], int] = {}
        patterns = ((_FUNCTION, MentionKind.FUNCTION), (_SYMBOL, MentionKind.SYMBOL))
        for pattern, kind in patterns:
            for name in pattern.finditer(self._text):
                found.setdefault((name[1], kind), self._line(name.start()))
        order = sorted(found.items(), key=lambda item: item[1])
        return (Mention(name, kind, line) for (name, kind), line in order)

    def _line(self, offset: int) -> int:
        return bisect_right(self._starts, offset)


_BEFORE = re.compile(
    r"\b(?:before|prior to|without)\s+(?:this|the)\s+(?:patch|commit|change|series|fix)\b|"
    r"\b(?:currently|at present|previously|formerly|used to)\b",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"\b(?:after|with)\b.{0,20}\b(?:patch|commit|change|series|fix)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Introduction:
    """What the sentence before a drawing says of it: see :class:`Drawing`."""

    premise: Label | None = None
    before: bool = False


def introduction(lines: Sequence[str], first: int) -> Introduction:
    """The sentence that introduces what begins at index ``first``.

    Only a sentence that ends with a colon introduces something.
    """
    last = first - 1
    if last >= 0 and not lines[last].strip():
        last -= 1
    if last < 0 or not lines[last].rstrip().endswith(":"):
        return Introduction()
    start = last
    while start > 0 and lines[start - 1].strip() and last - start < MAX_LEAD:
        start -= 1
    text = "\n".join(lines[start : last + 1])
    sentence = max(text.rfind(". "), text.rfind(".\n")) + 1
    before = bool(_BEFORE.search(text, sentence)) and not _AFTER.search(text, sentence)
    spoken = _SPOKEN.search(text, sentence)
    if spoken is None:
        return Introduction(before=before)
    words = spoken[1] or spoken[2]
    line = start + 1 + text.count("\n", 0, spoken.start(1) if spoken[1] else spoken.start(2))
    return Introduction(Label(" ".join(words.split()), line), before)
