"""What a changelog says, as plain facts: call trees that it draws, names that it mentions.

Lines are those of the message, from 1. Nothing here is checked yet.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Label:
    """Words in brackets, without these, at a call or above several."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class DrawnCall:
    """One name of a drawing; ``parent`` is the index of its caller, None for the root.

    ``called``: it is written with parentheses, so that it cannot but be meant as a function.
    ``loose``: it stands below others by an arrow that is not indented, so that any of its
    callers above may be meant.

    ``headings`` are bracketed lines between it and its caller, outermost first, under which
    it stands with others.
    """

    name: str
    line: int
    parent: int | None
    labels: tuple[Label, ...] = ()
    headings: tuple[Label, ...] = ()
    called: bool = False
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Drawing:
    """A call tree: the root is ``calls[0]``, and callers stand before what they call.

    ``premise`` is the condition that the sentence before it puts on the whole
    ("CONFIG_X is enabled"), if any. ``before``: that sentence speaks of the tree before the
    patch. ``row``: its names stand in one row, each joined to the next by an arrow.
    """

    calls: tuple[DrawnCall, ...]
    premise: Label | None = None
    before: bool = False
    row: bool = False

    @property
    def vague(self) -> bool:
        """Whether nothing but one arrow says that something is called: it may also say that
        one name replaces the other, or comes after it."""
        return self.row and len(self.calls) == 2


class MentionKind(enum.Enum):
    FUNCTION = "function"
    """Written with parentheses: ``name()``."""
    SYMBOL = "symbol"
    """Written ``CONFIG_NAME``; the name is without ``CONFIG_``."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in the text, where it is mentioned first."""

    name: str
    kind: MentionKind
    line: int


@dataclass(frozen=True, slots=True)
class Changelog:
    """What a message says; ``remarks`` are one line each for what was left unread."""

    drawings: tuple[Drawing, ...]
    mentions: tuple[Mention, ...]
    remarks: tuple[str, ...] = ()
