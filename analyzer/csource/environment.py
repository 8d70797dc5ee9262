"""Names while a function is evaluated: locals by scope, over the unit's file scope.

Locals live on one stack per name. Every declaration has a serial number; a type that is
resolved late (``typeof(x)``) sees only what was declared before it, by way of a horizon.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

from analyzer.configset.configset import Mask
from analyzer.csource.scope import Bound, Found, FoundEnumerator, FoundTag, Scope
from analyzer.csource.syntax import (
    Attribute,
    Declaration,
    EnumBody,
    Expr,
    FunctionDefinition,
    FunctionType,
    Qualified,
    Tagged,
    TypedefName,
    TypeSyntax,
)

EVERYWHERE: Mask = -1
"""The mask of all configurations, however many: ``x & EVERYWHERE == x``."""


@dataclass(slots=True, eq=False)
class Local:
    """A name declared inside the function: object, function, typedef or enumerator.

    ``mask``: the configurations whose code has the declaration (not: where it is
    reached). ``value``: initialiser. ``enum``: the body that declares an enumerator.
    ``automatic``: its address is a stack address.
    """

    name: str
    mask: Mask
    type: TypeSyntax | None
    bound: Bound
    serial: int
    value: Expr | None = None
    attributes: tuple[Attribute, ...] = ()
    storage: tuple[str, ...] = ()
    enum: EnumBody | None = None
    parameter: bool = False
    memo: dict[str, object] = field(default_factory=dict)
    """What typing and folding found out about it, by their own keys."""

    @property
    def is_typedef(self) -> bool:
        return "typedef" in self.storage

    @property
    def is_function(self) -> bool:
        return not self.parameter and isinstance(unqualified(self.type), FunctionType)


@dataclass(frozen=True, slots=True)
class LocalTag:
    """A structure, union or enum body declared inside the function."""

    found: FoundTag
    serial: int


@dataclass(frozen=True, slots=True)
class GlobalName:
    """What a file-scope name is, and where (masks); the masks of kinds are disjoint.

    ``defined``: a variable that this unit defines and does not declare weak, so that its
    address is never null.
    """

    function: Mask
    typedef: Mask
    variable: Mask
    noreturn: Mask
    pure: Mask
    defined: Mask
    found: tuple[Found, ...]


class Environment:
    """The scopes that are open at the point of evaluation."""

    __slots__ = ("_frames", "_globals", "_locals", "_serial", "_tags", "horizon", "scope")

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.horizon = sys.maxsize
        self._serial = 0
        self._locals: dict[str, list[Local]] = {}
        self._tags: dict[tuple[str, str], list[LocalTag]] = {}
        self._frames: list[list[list[Local] | list[LocalTag]]] = []
        self._globals: dict[str, GlobalName] = {}

    def clear(self) -> None:
        """Forget all locals: the next function starts."""
        self._locals.clear()
        self._tags.clear()
        self._frames.clear()
        self.horizon = sys.maxsize

    def enter(self) -> None:
        """Open a scope."""
        self._frames.append([])

    def leave(self) -> None:
        """Close the innermost scope."""
        for stack in reversed(self._frames.pop()):
            stack.pop()

    def next_serial(self) -> int:
        self._serial += 1
        return self._serial

    def declare(self, local: Local) -> None:
        stack = self._locals.get(local.name)
        if stack is None:
            stack = self._locals[local.name] = []
        stack.append(local)
        self._frames[-1].append(stack)

    def declare_tag(self, kind: str, name: str, found: FoundTag) -> None:
        stack = self._tags.setdefault((kind, name), [])
        stack.append(LocalTag(found, self.next_serial()))
        self._frames[-1].append(stack)

    def locals_of(self, name: str, mask: Mask) -> tuple[list[tuple[Mask, Local]], Mask]:
        """The locals that ``name`` is, innermost first, with their shares of ``mask``.

        Returns also the rest of ``mask``, where the name is not a local.
        """
        stack = self._locals.get(name)
        if not stack:
            return [], mask
        result: list[tuple[Mask, Local]] = []
        horizon = self.horizon
        for local in reversed(stack):
            share = mask & local.mask
            if share and local.serial < horizon:
                result.append((share, local))
                mask &= ~share
                if not mask:
                    break
        return result, mask

    def tags_of(self, kind: str, name: str) -> tuple[FoundTag, ...]:
        """Bodies of ``kind name`` declared inside the function, innermost first."""
        stack = self._tags.get((kind, name))
        if not stack:
            return ()
        return tuple(tag.found for tag in reversed(stack) if tag.serial < self.horizon)

    def global_name(self, name: str) -> GlobalName:
        """What ``name`` is at file scope; all masks 0 if it is nothing."""
        known = self._globals.get(name)
        if known is None:
            known = self._globals[name] = self._look_up(name)
        return known

    def _look_up(self, name: str) -> GlobalName:
        function = typedef = variable = noreturn = pure = defined = weak = 0
        found = tuple(self.scope.ordinary(name))
        for item in found:
            statement = item.statement
            attributes = statement.attributes
            if isinstance(statement, FunctionDefinition):
                function |= item.mask
            else:
                declarator = statement.declarators[item.index]
                attributes = attributes + declarator.attributes
                if "typedef" in statement.storage:
                    typedef |= item.mask
                elif self._is_function(declarator.type):
                    function |= item.mask
                else:
                    variable |= item.mask
                    if "extern" not in statement.storage or declarator.value is not None:
                        defined |= item.mask
            for attribute in attributes:
                if attribute.name == "noreturn":
                    noreturn |= item.mask
                elif attribute.name == "weak":
                    weak |= item.mask
                elif attribute.name in {"pure", "const"}:
                    pure |= item.mask
            if "_Noreturn" in statement.storage:
                noreturn |= item.mask
        variable &= ~function
        defined &= variable & ~weak
        return GlobalName(function, typedef, variable, noreturn, pure, defined, found)

    def _is_function(self, type: TypeSyntax) -> bool:
        """Whether a declared type is a function type, directly or through typedefs."""
        type_or_none: TypeSyntax | None = unqualified(type)
        for _ in range(_TYPEDEF_DEPTH):
            if not isinstance(type_or_none, TypedefName):
                break
            type_or_none = self._typedef_target(type_or_none.name)
        return isinstance(type_or_none, FunctionType)

    def _typedef_target(self, name: str) -> TypeSyntax | None:
        for item in self.scope.ordinary(name):
            statement = item.statement
            if isinstance(statement, Declaration) and "typedef" in statement.storage:
                return unqualified(statement.declarators[item.index].type)
        return None

    def tag(self, kind: str, name: str) -> tuple[FoundTag, ...]:
        """Bodies of ``kind name`` at file scope."""
        return tuple(self.scope.tag(kind, name))

    def enumerators(self, name: str) -> tuple[FoundEnumerator, ...]:
        """Enums at file scope that declare ``name``."""
        return tuple(self.scope.enumerator(name))


_TYPEDEF_DEPTH = 8
"""Function typedefs are not nested deeper than this in practice; deeper is a variable."""


def unqualified(type: TypeSyntax | None) -> TypeSyntax | None:
    """A written type without its outer qualifiers."""
    while isinstance(type, Qualified):
        type = type.type
    return type


def inline_tag(type: TypeSyntax) -> Tagged | None:
    """The tagged body that a declaration's specifier defines, if it does."""
    plain = unqualified(type)
    return plain if isinstance(plain, Tagged) and plain.body is not None else None
