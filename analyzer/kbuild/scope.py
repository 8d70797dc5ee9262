"""Make variables over all configurations, and where a name is looked up.

A :class:`Variable` is an ordered list of pieces ``(mask, text)``, each either expanded
already or a template that is expanded at every use. A :class:`Scope` is one make
process: its own variables first, then an enclosing scope of the same process
(target-specific values), then what the calling make exported.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from analyzer.configset.configset import Mask
from analyzer.kbuild.expressions import Template
from analyzer.kbuild.values import Value


@dataclass(slots=True, frozen=True)
class Piece:
    """A part of a variable's value in ``mask``.

    ``value`` is expanded text, or None when ``template`` is still to be expanded.
    ``symbols`` are the CONFIG symbols on the makefile lines that put it there.
    """

    mask: Mask
    value: Value | None
    template: Template = ""
    symbols: tuple[str, ...] = ()


@dataclass(slots=True)
class Variable:
    """``simple``: where ``+=`` expands at once; ``defined``: where it was ever set."""

    pieces: list[Piece] = field(default_factory=list)
    simple: Mask = 0
    defined: Mask = 0
    exported: bool = False
    flat: Value | None = None

    def copy(self) -> Variable:
        return Variable(list(self.pieces), self.simple, self.defined, self.exported, self.flat)

    def clear(self, mask: Mask, everywhere: Mask) -> None:
        """Forget the value in ``mask``."""
        self.flat = None
        if mask == everywhere:
            self.pieces = []
            return
        self.pieces = [
            Piece(piece.mask & ~mask, piece.value, piece.template, piece.symbols)
            for piece in self.pieces
            if piece.mask & ~mask
        ]


Environment = Callable[[str], Variable | None]
"""How a make process asks for a variable that its caller exported."""


@dataclass(slots=True)
class Scope:
    """Name look-up of one make process, or of one target or function call within it."""

    variables: dict[str, Variable] = field(default_factory=dict)
    outer: Scope | None = None
    environment: Environment | None = None
    locked: frozenset[str] = frozenset()
    exports_all: bool = False

    def find(self, name: str) -> Variable | None:
        """The variable that ``$(name)`` refers to, if there is one."""
        scope: Scope | None = self
        process: Scope | None = None
        while scope is not None:
            variable = scope.variables.get(name)
            if variable is not None:
                return variable
            if scope.environment is not None:
                process = scope
            scope = scope.outer
        if process is None or process.environment is None:
            return None
        variable = process.environment(name)
        if variable is not None:
            process.variables[name] = variable
        return variable

    def own(self, name: str) -> Variable:
        """The variable to change in this scope; starts as a copy of the one in sight."""
        variable = self.variables.get(name)
        if variable is None:
            seen = self.find(name)
            variable = self.variables.get(name)
            if variable is None:
                variable = Variable() if seen is None else seen.copy()
                self.variables[name] = variable
        return variable

    def set_text(self, name: str, value: Value, everywhere: Mask) -> None:
        """Set ``name`` to ``value`` in all configurations, already expanded."""
        piece = Piece(everywhere, value)
        self.variables[name] = Variable([piece], everywhere, everywhere, False, value)


class LocalScope(Scope):
    """Parameters of a call or loop; look-ups fall through to ``base``, writes go there."""

    __slots__ = ("base",)

    def __init__(self, local: Scope, base: Scope) -> None:
        real = base.base if isinstance(base, LocalScope) else base
        super().__init__(local.variables, base, None, real.locked)
        self.base: Scope = real
