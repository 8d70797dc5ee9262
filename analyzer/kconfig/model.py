"""What the Kconfig files of a tree say, as facts.

Node numbers refer to ``KconfigModel.nodes`` (see ``expressions``). Conditions called
``full`` include everything inherited: the ``depends on`` of the entry, of the menus, choices
and ``if`` blocks around it. ``scripts/kconfig/menu.c`` (``menu_finalize()``) is the source
of what is inherited by what.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from analyzer.kconfig.expressions import Node
from analyzer.location import Location


class SymbolType(enum.Enum):
    """The type of a symbol; UNKNOWN for constants and names that no entry defines."""

    UNKNOWN = "unknown"
    BOOL = "bool"
    TRISTATE = "tristate"
    INT = "int"
    HEX = "hex"
    STRING = "string"

    @property
    def is_logical(self) -> bool:
        """Whether values are ``n``, ``m`` and ``y``."""
        return self in (SymbolType.BOOL, SymbolType.TRISTATE)


class Origin(enum.Enum):
    """What a condition of an entry was written at: the entry, or a block around it."""

    ENTRY = "entry"
    IF = "if"
    MENU = "menu"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Depends:
    """One ``depends on``, enclosing ``if`` or ``visible if``: its own expression, its place."""

    expression: Node
    location: Location
    origin: Origin


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt: where ``condition`` (full, with ``visible if``) holds, a user can set it.

    ``own_condition`` is what stands after ``if``; ``visible_if`` are those of the menus
    around it, outermost first.
    """

    text: str
    condition: Node
    own_condition: Node
    visible_if: tuple[Depends, ...]
    location: Location


@dataclass(frozen=True, slots=True)
class Default:
    """A default: ``value`` where ``condition`` (full) holds and no earlier one did.

    ``own_condition`` is what stands after ``if``; ``probed`` says that a shell probe or
    the toolchain's environment went into the line.
    """

    value: Node
    condition: Node
    own_condition: Node
    location: Location
    probed: bool


@dataclass(frozen=True, slots=True)
class Reverse:
    """A ``select`` or ``imply`` seen from its target: ``source`` selects it.

    ``strength`` is ``source && condition (full)``.
    """

    source: int
    strength: Node
    own_condition: Node
    location: Location


@dataclass(frozen=True, slots=True)
class Range:
    """A ``range``; ``low`` and ``high`` are indices of symbols.

    ``condition`` is full, ``own_condition`` what stands after ``if``.
    """

    low: int
    high: int
    condition: Node
    own_condition: Node
    location: Location


@dataclass(frozen=True, slots=True)
class Definition:
    """One ``config`` entry of a symbol; ``depends`` outermost first, with what it inherits."""

    location: Location
    full_depends: Node
    depends: tuple[Depends, ...]


@dataclass(frozen=True, slots=True)
class Symbol:
    """A symbol, with the properties of all its entries in file order.

    ``direct``, ``selected`` and ``implied`` are the nodes of ``dir_dep``, ``rev_dep`` and
    ``implied`` in ``symbol.c``. ``choice`` is the index of the choice it is a member of.
    """

    name: str
    type: SymbolType
    constant: bool
    transitional: bool
    choice: int | None
    definitions: tuple[Definition, ...]
    prompts: tuple[Prompt, ...]
    defaults: tuple[Default, ...]
    ranges: tuple[Range, ...]
    selects: tuple[Reverse, ...]
    implies: tuple[Reverse, ...]
    direct: Node
    selected: Node
    implied: Node


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice: ``members`` are symbol indices in file order, ``title`` its prompt's text.

    ``has_mode`` says that it has a value of its own, as before Linux 6.11; only then
    ``prompt``, the full condition of its prompt, ``tristate`` and ``optional`` matter.
    """

    location: Location
    title: str
    members: tuple[int, ...]
    defaults: tuple[Default, ...]
    prompt: Node
    has_mode: bool
    tristate: bool
    optional: bool


@dataclass(frozen=True, slots=True)
class Probe:
    """A shell probe used as an operand: its command and the profile's ``n``, ``m`` or ``y``."""

    command: str
    value: str


class EntryKind(enum.Enum):
    """What a line of the menu is, as far as a written ``.config`` shows it."""

    SYMBOL = "symbol"
    MENU = "menu"
    MENU_END = "menu end"
    COMMENT = "comment"


@dataclass(frozen=True, slots=True)
class Entry:
    """One step through the menu tree: a symbol's index, or a title shown where ``visible``."""

    kind: EntryKind
    symbol: int
    title: str
    visible: Node


@dataclass(frozen=True, slots=True)
class Resolver:
    """How the resolver that a tree brings along differs from today's.

    ``choices_have_modes``: as before Linux 6.11 (``choices``). ``empty_numbers``: an int or
    hex without a value is empty, as before Linux 6.10, and not ``0``. ``drops_numbers``: a
    user's number outside the range is forgotten, as then, and not moved to the bound.
    """

    choices_have_modes: bool = False
    empty_numbers: bool = False
    drops_numbers: bool = False


@dataclass(frozen=True, slots=True)
class KconfigModel:
    """All of it.

    ``order`` is a sequence of node numbers in which every node comes after those it needs.
    ``symbol_nodes[i]`` is the node of ``symbols[i]``; ``by_name`` has the symbols that are
    no constants. ``modules`` is the symbol with the attribute ``modules``, if any.
    ``files`` are the Kconfig files read, in order.
    """

    arch: str
    version: str
    title: str
    toolchain: str
    resolver: Resolver
    nodes: tuple[tuple[int, ...], ...]
    order: tuple[Node, ...]
    symbols: tuple[Symbol, ...]
    symbol_nodes: tuple[Node, ...]
    choices: tuple[Choice, ...]
    probes: tuple[Probe, ...]
    entries: tuple[Entry, ...]
    by_name: Mapping[str, int]
    modules: int | None
    files: tuple[str, ...]

    def symbol(self, name: str) -> Symbol | None:
        """The symbol ``name`` (no ``CONFIG_``), or None if no file mentions it."""
        index = self.by_name.get(name)
        return None if index is None else self.symbols[index]

    def type_of(self, name: str) -> SymbolType:
        """The type of ``name``; UNKNOWN if no entry defines it."""
        symbol = self.symbol(name)
        return SymbolType.UNKNOWN if symbol is None else symbol.type
