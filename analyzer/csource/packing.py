"""``#pragma pack``: the most that a member of a structure may be aligned to.

The pragma is not seen by the parser. It is handed on as an attribute ``__pack__(N)``, which
no compiler knows, on every structure and union body that is declared under it
(:mod:`analyzer.csource.layout` reads it). A pragma is taken to reach to the end of the file
that it stands in, and not into the files that this includes. Source: GCC manual,
"Structure-Layout Pragmas".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from analyzer.configset.configset import Mask
from analyzer.csource.weave import Part
from analyzer.numerals import whole
from analyzer.preprocessor.token import SPACE, Origin, Token
from analyzer.preprocessor.walk import Inclusion

ATTRIBUTE = "pack"
DEFAULT = 0
"""No limit but the types' own alignments."""

_PRAGMA = re.compile(r"pack\s*\(\s*(?:(push|pop)\s*,?\s*)?(?:[A-Za-z_]\w*\s*,?\s*)?(\d*)\s*\)")
_RECORD = frozenset(("struct", "union"))
_ENDS_HEAD = frozenset((";", ")", "=", ",", "*", "}"))

_State = tuple[int, tuple[int, ...]]
"""The limit in bytes in force, and those put aside by ``push``, last one last."""


def limits(inclusion: Inclusion, item: int, mask: Mask) -> list[tuple[Mask, int]]:
    """The limit in bytes at ``item`` of a file, per part of ``mask``."""
    states: list[tuple[Mask, _State]] = [(mask, (DEFAULT, ()))]
    for number, active, text in inclusion.packs:
        if number > item:
            break
        found = _PRAGMA.fullmatch(text.strip())
        if found is None:
            continue
        changed: list[tuple[Mask, _State]] = []
        for where, state in states:
            if where & active:
                changed.append((where & active, _after(state, found[1], found[2])))
            if where & ~active:
                changed.append((where & ~active, state))
        states = changed
    merged: dict[int, Mask] = {}
    for where, (limit, _) in states:
        merged[limit] = merged.get(limit, 0) | where
    return [(where, limit) for limit, where in merged.items() if where]


def _after(state: _State, action: str | None, number: str) -> _State:
    limit, aside = state
    if action == "pop":
        limit, aside = (aside[-1], aside[:-1]) if aside else (limit, aside)
        return (whole(number) if number else limit, aside)
    if action == "push":
        return (whole(number) if number else limit, (*aside, limit))
    return (whole(number) if number else DEFAULT, aside)


def with_limit(parts: Iterable[Part], limit: int) -> list[Part]:
    """The parts of a declaration with the attribute behind every record body."""
    done: list[Part] = []
    open_bodies: list[bool] = []
    head = False
    depth = 0
    for tokens, time in parts:
        out: list[Token] = []
        for token in tokens:
            text = token[0]
            out.append(token)
            if text in _RECORD:
                head, depth = True, 0
            elif text == "{":
                open_bodies.append(head)
                head = False
            elif text == "}" and open_bodies and open_bodies.pop():
                out += _attribute(limit, token[2])
            elif head:
                depth += (text == "(") - (text == ")")
                head = depth >= 0 and (depth > 0 or text == ")" or text not in _ENDS_HEAD)
        done.append((tuple(out), time))
    return done


def _attribute(limit: int, origin: Origin) -> Iterator[Token]:
    words = ("__attribute__", "(", "(", f"__{ATTRIBUTE}__", "(", str(limit), ")", ")", ")")
    return ((word, SPACE, origin) for word in words)
