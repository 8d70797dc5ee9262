"""Names while a function is evaluated: locals by scope, over the unit's file scope.

Locals live on one stack per name. Every declaration has a serial number; a type that is
resolved late (``typeof(x)``) sees only what was declared before it, by way of a horizon.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from analyzer.configset.configset import Mask
from analyzer.csource.scope import Bound, Found, FoundEnumerator, FoundTag, Scope
from analyzer.csource.syntax import (
    Attribute,
    EnumBody,
    Expr,
    FunctionDefinition,
    FunctionType,
    Name,
    Qualified,
    Tagged,
    TypedefName,
    TypeOf,
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
    is_function: bool = False
    """Set when it is declared: its type is a function type."""

    @property
    def is_typedef(self) -> bool:
        return "typedef" in self.storage


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


FunctionTypes = Callable[[TypeSyntax, Bound, Mask], Mask]
"""Where a type is that of a function; asked about what syntax does not tell."""

_NOTHING = GlobalName(0, 0, 0, 0, 0, 0, ())


def _in_no_configuration(syntax: TypeSyntax, bound: Bound, mask: Mask) -> Mask:
    del syntax, bound, mask
    return 0


class Environment:
    """The scopes that are open at the point of evaluation.

    ``version`` changes whenever a name may come to mean something else.
    """

    __slots__ = (
        "_frames",
        "_functions",
        "_globals",
        "_locals",
        "_serial",
        "_tags",
        "function_types",
        "horizon",
        "scope",
        "version",
    )

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.horizon = sys.maxsize
        self.version = 0
        self._serial = 0
        self._locals: dict[str, list[Local]] = {}
        self._tags: dict[tuple[str, str], list[LocalTag]] = {}
        self._frames: list[list[list[Local] | list[LocalTag]]] = []
        self._globals: dict[str, GlobalName] = {}
        self._functions: dict[str, bool] = {}
        self.function_types: FunctionTypes = _in_no_configuration
        """Set by who can evaluate types."""

    def clear(self) -> None:
        """Forget all locals: the next function starts."""
        self.version += 1
        self._locals.clear()
        self._tags.clear()
        self._frames.clear()
        self.horizon = sys.maxsize

    def enter(self) -> None:
        """Open a scope."""
        self._frames.append([])

    def leave(self) -> None:
        """Close the innermost scope."""
        self.version += 1
        for stack in reversed(self._frames.pop()):
            stack.pop()

    def next_serial(self) -> int:
        self._serial += 1
        return self._serial

    def declare(self, local: Local) -> None:
        self.version += 1
        if not local.parameter and local.type is not None and not local.is_typedef:
            local.is_function = self._is_function(local.type)
        stack = self._locals.get(local.name)
        if stack is None:
            stack = self._locals[local.name] = []
        stack.append(local)
        self._frames[-1].append(stack)

    def declare_tag(self, kind: str, name: str, found: FoundTag) -> None:
        self.version += 1
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
                elif by_type := self._evaluates_to_function(declarator.type, name, item):
                    function |= by_type
                    variable |= item.mask & ~by_type
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

    def _is_function(self, type: TypeSyntax, depth: int = 0) -> bool:
        """Whether a declared type is a function type: written so, by typedef or ``typeof``."""
        plain = unqualified(type)
        if isinstance(plain, FunctionType):
            return True
        if depth == _NAME_DEPTH:
            return False
        if isinstance(plain, TypedefName):
            return self._names_function(plain.name, depth)
        if isinstance(plain, TypeOf):
            operand = plain.operand
            if isinstance(operand, Name):
                return self._names_function(operand.name, depth)
            if isinstance(operand, FunctionType | TypedefName | TypeOf):
                return self._is_function(operand, depth + 1)
        return False

    def _evaluates_to_function(self, type: TypeSyntax, name: str, item: Found) -> Mask:
        """Where ``typeof`` of an expression, the declared type of ``name``, is a function type."""
        plain = unqualified(type)
        if not isinstance(plain, TypeOf) or isinstance(plain.operand, Name):
            return 0
        self._globals[name] = _NOTHING  # the expression may name what it declares
        horizon, self.horizon = self.horizon, 0
        found = self.function_types(plain, item.bound, item.mask)
        self.horizon = horizon
        return found

    def _names_function(self, name: str, depth: int) -> bool:
        """Whether a typedef or function of that name has a function type."""
        stack = self._locals.get(name)
        if stack:
            local = stack[-1]
            return local.is_function or (
                local.is_typedef
                and local.type is not None
                and self._is_function(local.type, depth + 1)
            )
        known = self._functions.get(name)
        if known is None:
            known = self._functions[name] = any(
                isinstance(item.statement, FunctionDefinition)
                or self._is_function(item.statement.declarators[item.index].type, depth + 1)
                for item in self.scope.ordinary(name)
            )
        return known

    def tag(self, kind: str, name: str) -> tuple[FoundTag, ...]:
        """Bodies of ``kind name`` at file scope."""
        return tuple(self.scope.tag(kind, name))

    def enumerators(self, name: str) -> tuple[FoundEnumerator, ...]:
        """Enums at file scope that declare ``name``."""
        return tuple(self.scope.enumerator(name))


_NAME_DEPTH = 8
"""How many names are followed to a function type; one that needs more is a variable."""


def unqualified(type: TypeSyntax | None) -> TypeSyntax | None:
    """A written type without its outer qualifiers."""
    while isinstance(type, Qualified):
        type = type.type
    return type


def inline_tag(type: TypeSyntax) -> Tagged | None:
    """The tagged body that a declaration's specifier defines, if it does."""
    plain = unqualified(type)
    return plain if isinstance(plain, Tagged) and plain.body is not None else None
