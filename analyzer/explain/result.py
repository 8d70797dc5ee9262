"""The answer of ``kimpact explain`` as plain facts.

Expressions come twice: ``text`` as written in the Kconfig file, ``valued`` with the value
behind each symbol (``A [=y] && B [=n]``).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from analyzer.configset.configset import Mask
from analyzer.diagnostics import Diagnostic
from analyzer.kconfig.model import Origin, SymbolType
from analyzer.location import Location
from analyzer.paths.result import ConfigInfo, Kernel


class StatementKind(enum.Enum):
    """What a statement says; CHOICE is that the symbol is a member of one."""

    PROMPT = "prompt"
    VISIBLE_IF = "visible if"
    DEPENDS = "depends on"
    SELECT = "select"
    IMPLY = "imply"
    DEFAULT = "default"
    RANGE = "range"
    CHOICE = "choice"
    CHOICE_DEFAULT = "choice default"


class State(enum.Enum):
    """What becomes of a statement in this configuration."""

    IN_FORCE = "in force"
    """Its condition holds and it has its effect."""
    UNUSED = "unused"
    """Its condition holds, but something before it decides."""
    FAILS = "fails"
    """Its condition does not hold."""


@dataclass(frozen=True, slots=True)
class Operand:
    """A symbol in a condition and its value as it stands after ``=``."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Link:
    """One step back in the chain: a symbol that a statement rests on, and why it is so.

    ``again`` marks one that stands above already, ``hidden`` counts links left out below.
    """

    name: str
    type: SymbolType
    value: str
    text: str
    location: Location | None
    again: bool
    hidden: int
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement that bears on a symbol.

    ``value`` is what its condition amounts to, with all that it inherits. ``origin`` says
    where a condition was written, None for what is no condition. ``source`` is the symbol
    that selects or implies, or of a choice the member that is taken. ``blocked`` is what
    keeps a condition off that ``text`` does not show, in words. ``links`` are what the
    statement rests on, if it decides or is a dependency that fails; ``hidden`` more are left
    out.
    """

    kind: StatementKind
    state: State
    decides: bool
    text: str
    valued: str
    value: str
    operands: tuple[Operand, ...]
    location: Location
    origin: Origin | None = None
    source: Operand | None = None
    blocked: str = ""
    links: tuple[Link, ...] = ()
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class Explanation:
    """One symbol in the configurations of ``mask``, which see all of this alike.

    ``text`` reads on after ``CONFIG_X=value:``, ``location`` is the deciding statement.
    ``recorded`` is the value in the configuration, None without a line; ``changed`` says
    that the tree gives another. ``unmet``: selected although its dependencies do not hold.
    ``idle`` counts by kind the statements that were left out because they do not apply.
    ``links`` are what the reason rests on where no statement that is listed decides.
    """

    name: str
    type: SymbolType
    value: str
    mask: Mask
    text: str
    location: Location | None
    recorded: str | None
    changed: bool
    unmet: bool
    statements: tuple[Statement, ...]
    idle: tuple[tuple[StatementKind, int], ...]
    links: tuple[Link, ...]
    hidden: int


class WishKind(enum.Enum):
    """What comes of wishing a value for a symbol."""

    GIVEN = "given"
    """The configuration gives it already."""
    GRANTED = "granted"
    DENIED = "denied"
    """It is proved that no configuration has it."""
    OPEN = "undecided"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a proof; ``follows`` are values that are known with it and those before."""

    text: str
    follows: tuple[str, ...]
    location: Location | None


@dataclass(frozen=True, slots=True)
class Wish:
    """How ``name`` gets ``value`` in configuration number ``config``.

    ``fragment`` are the lines that, merged into the configuration and completed, give it.
    ``reasons`` say why it is denied, as an argument, or undecided; ``probes`` who answered the
    shell probes that a proof may rest on.
    """

    name: str
    value: str
    config: int
    kind: WishKind
    fragment: tuple[str, ...]
    reasons: tuple[Step, ...]
    probes: str | None


@dataclass(frozen=True, slots=True)
class ExplainResult:
    """``explanations`` in the order asked for, those of most configurations first; ``wishes``
    by configuration, then in that order."""

    kernel: Kernel
    configs: tuple[ConfigInfo, ...]
    explanations: tuple[Explanation, ...]
    diagnostics: tuple[Diagnostic, ...]
    wishes: tuple[Wish, ...] = ()
