"""What a clause stands for: the statement of a Kconfig file, or the fact, that it states."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Rule(enum.IntEnum):
    """The kinds of statements; ``subject`` and ``place`` of a :class:`Statement` depend on it."""

    SELECT = 0
    """Subject: the symbol selected; place: the index in its ``selects``."""
    DEFAULT = 1
    """Subject: a symbol without a user's value; place: the index in its ``defaults``."""
    IMPLY = 2
    """Subject: a symbol without a user's value, where something implies it or a default applies."""
    LIMIT = 3
    """Subject: a symbol, which is on only where it is set, selected, implied or on by default."""
    NO_DEFAULT = 4
    """Subject: an int, hex or string symbol without a user's value and without a default."""
    USER_TEXT = 5
    """Subject: an int, hex or string symbol that a user can give only texts of its type."""
    RANGE = 6
    """Subject: a number kept within a range; place: the index in its ``ranges``, or their number
    where none applies."""
    MODULES = 7
    """Subject: a tristate, of which ``m`` becomes ``y`` where there are no modules."""
    CHOICE_TAKES = 8
    """Subject: a choice (index), which takes a member where one is visible."""
    CHOICE_ONE = 9
    """Subject: a choice, which takes one member only."""
    CHOICE_MODE = 10
    """Subject: a choice of before Linux 6.11 and its own value."""
    UNDEFINED = 11
    """Subject: a symbol that no Kconfig file defines: it is ``n``."""
    RECORDED = 12
    """Subject: a symbol whose value the base configuration records of its toolchain."""
    PROBE = 13
    """Subject: a probe (index), as answered."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One of them; ``subject`` and ``place`` are explained at the members of :class:`Rule`."""

    rule: Rule
    subject: int
    place: int = 0
