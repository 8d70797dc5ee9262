"""What stands around a word in C text that is neither expanded nor parsed.

Read backwards from the word: the calls that it is an argument of, the member that it is
assigned to, the designators of the initialiser that it stands in. Texts are *blanked*:
without comments, and with the contents of string and character literals replaced by
spaces, so that brackets can be counted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from analyzer.preprocessor.token import LITERAL

_LITERAL = re.compile(LITERAL)
_NAME_BEFORE = re.compile(r"([A-Za-z_]\w*)\s*\Z")
_DESIGNATORS = re.compile(r"\s*((?:\.\s*[A-Za-z_]\w*\s*|\[[^\]]*\]\s*)+)=(?!=)")
_ASSIGNED = re.compile(
    r"([A-Za-z_]\w*(?:\s*(?:\.|->)\s*[A-Za-z_]\w*|\s*\[[^\]]*\]|\s*\)(?=\s*(?:\.|->)))*)\s*=(?!=)"
)
_SUBSCRIPT = re.compile(r"\[[^\]]*\]")
_NAME = re.compile(r"[A-Za-z_]\w*")
_NO_CALLS = frozenset(
    """if while for switch return sizeof typeof __typeof__ asm __asm__ volatile __volatile__
    __asm goto""".split()
)
_MAX_LOOK = 20_000
"""Characters that are looked back at most."""


@dataclass(frozen=True, slots=True)
class Argument:
    """A word stands in argument ``index`` (from 0) of a call or macro use of ``callee``."""

    callee: str
    index: int


@dataclass(frozen=True, slots=True)
class Surroundings:
    """``arguments`` innermost first; ``member`` is the path that the word is stored to, the
    variable first if one is named, and empty if the word is not stored."""

    arguments: tuple[Argument, ...]
    member: tuple[str, ...]


def blanked(text: str) -> str:
    """``text`` with literals emptied and spliced lines joined by spaces, as long as before."""
    if "\\\n" in text:
        text = text.replace("\\\n", " \n")
    return _LITERAL.sub(lambda found: found[0][0] + " " * (len(found[0]) - 2) + found[0][0], text)


def surroundings(text: str, position: int, start: int = 0) -> Surroundings:
    """What stands around offset ``position`` of blanked ``text``, not before ``start``."""
    arguments: list[Argument] = []
    path: tuple[str, ...] = ()
    start = max(start, position - _MAX_LOOK)
    end = position
    first_comma = -1
    index = depth = 0
    at = position
    while at > start:
        at -= 1
        char = text[at]
        if char in ")]" or (char == "}" and _continues(text, at + 1)):
            depth += 1
        elif depth:
            depth -= char in "([{"
        elif char == ",":
            first_comma = at if first_comma < 0 else first_comma
            index += 1
        elif char in "([":
            named = _NAME_BEFORE.search(text, max(start, at - 80), at) if char == "(" else None
            if named is not None and named[1] not in _NO_CALLS:
                arguments.append(Argument(named[1], index))
            first_comma, index = -1, 0
        elif char == "{":
            found = _DESIGNATORS.match(text, max(at, first_comma) + 1, end)
            if found is not None:
                path = (*_NAME.findall(_SUBSCRIPT.sub("", found[1])), *path)
            elif not _is_initialiser(text, at, start):
                at += 1
                break
            end, first_comma, index = at, -1, 0
        elif char in ";}":
            at += 1
            break
    stored = list(_ASSIGNED.finditer(text, at, end))
    if stored:
        left = _SUBSCRIPT.sub("", stored[-1][1])
        names = _NAME.findall(left)
        if len(names) > 1 or path:
            path = (*names, *path)
    return Surroundings(tuple(arguments), path)


def _continues(text: str, after: int) -> bool:
    """Whether what follows a closing brace makes it one of an initialiser."""
    return text[after : after + 40].lstrip()[:1] in (",", ")", ".", "]")


def _is_initialiser(text: str, brace: int, start: int) -> bool:
    """Whether an opening brace begins a value and not a block."""
    before = text[max(start, brace - 200) : brace].rstrip()
    return not before or before.endswith(("=", ",", "{"))
