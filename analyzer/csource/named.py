"""Values that names have: enumerators, ``const`` variables, addresses that are never null."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analyzer.configset.configset import Mask
from analyzer.csource import syntax as c
from analyzer.csource.arithmetic import Constant, convert
from analyzer.csource.environment import EVERYWHERE, Local
from analyzer.csource.partition import Shares, covering, merged
from analyzer.csource.scope import Bound
from analyzer.csource.types import (
    INT,
    ArrayOf,
    Integer,
    PointerTo,
    Qualified,
    Type,
    unqualified,
)
from analyzer.csource.unfold import only_expression

if TYPE_CHECKING:
    from analyzer.csource.constant import Folder

_NOTHING: tuple[tuple[Mask, Constant | None], ...] = ((EVERYWHERE, None),)


class NamedValues:
    """Part of the :class:`Folder` that it is made for; memoises what is at file scope."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._environment = folder.typer.environment
        self._values: dict[str, Shares[Constant | None]] = {}
        self._enums: dict[tuple[int, int], dict[str, Shares[int | None]]] = {}
        self._kept: list[tuple[c.EnumBody, Bound]] = []
        """Keeps the bodies alive whose identities are keys of ``_enums``."""

    def value(self, name: str, mask: Mask) -> Shares[Constant | None]:
        """The value of ``name``; None where it has none that is known."""
        found, rest = self._environment.locals_of(name, mask)
        if not found:
            return covering(self._global(name), mask, None)
        result: Shares[Constant | None] = []
        for share, local in found:
            result += covering(self._local(local), share, None)
        if rest:
            result += covering(self._global(name), rest, None)
        return result

    # --- enumerators ------------------------------------------------------------------

    def enumerators(
        self, body: c.EnumBody, bound: Bound, serial: int
    ) -> dict[str, Shares[int | None]]:
        """All enumerators of one enum (6.7.2.2), everywhere; names as of ``serial``."""
        key = (id(body), id(bound))
        known = self._enums.get(key)
        if known is not None:
            return known
        values: dict[str, Shares[int | None]] = {}
        self._enums[key] = values
        self._kept.append((body, bound))
        environment = self._environment
        horizon, environment.horizon = environment.horizon, serial
        following: Shares[int | None] = [(EVERYWHERE, 0)]
        for name, expr in body.enumerators:
            if expr is not None:
                value = self._within_enum(expr, bound, values)
                following = merged(value)
            values[name] = following
            following = [
                (share, None if value is None else value + 1) for share, value in following
            ]
        environment.horizon = horizon
        return values

    def _within_enum(
        self, expr: c.Expr, bound: Bound, before: dict[str, Shares[int | None]]
    ) -> Shares[int | None]:
        """An enumerator's expression; those declared before it in the enum are known."""
        if isinstance(expr, c.Name) and expr.name in before:
            return before[expr.name]
        if before:
            self._environment.enter()
            body_names = _names_in(expr, bound)
            for name in body_names & before.keys():
                local = Local(name, EVERYWHERE, None, bound, -1)
                local.memo["value"] = [
                    (share, None if value is None else _enumerator(value))
                    for share, value in before[name]
                ]
                self._environment.declare(local)
            result = self._folder.integers(expr, bound, EVERYWHERE)
            self._environment.leave()
            return result
        return self._folder.integers(expr, bound, EVERYWHERE)

    def enum_range(self, body: c.EnumBody, bound: Bound, mask: Mask) -> list[tuple[Mask, int, int]]:
        """The smallest and the greatest enumerator, per group of configurations."""
        ranges: list[tuple[Mask, int, int]] = [(mask, 0, 0)]
        for values in self.enumerators(body, bound, self._environment.horizon).values():
            split: list[tuple[Mask, int, int]] = []
            for share, low, high in ranges:
                for part, value in covering(values, share, None):
                    if value is None:
                        split.append((part, low, high))
                    else:
                        split.append((part, min(low, value), max(high, value)))
            ranges = split
            if len(ranges) > 1:
                ranges = [
                    (share, *pair) for share, pair in merged([(m, (a, b)) for m, a, b in ranges])
                ]
        return ranges

    # --- variables --------------------------------------------------------------------

    def _global(self, name: str) -> Shares[Constant | None]:
        known = self._values.get(name)
        if known is not None:
            return known
        self._values[name] = [(EVERYWHERE, None)]
        environment = self._environment
        result: Shares[Constant | None] = []
        declared = environment.global_name(name)
        if declared.found:
            if declared.variable:
                result = self._const_variable(name)
        else:
            horizon, environment.horizon = environment.horizon, 0
            for found in environment.enumerators(name):
                values = self.enumerators(found.body, found.bound, 0)
                for share, value in covering(values.get(name, []), found.mask, None):
                    result.append((share, None if value is None else _enumerator(value)))
            environment.horizon = horizon
        self._values[name] = covering(result, EVERYWHERE, None)
        return self._values[name]

    def _const_variable(self, name: str) -> Shares[Constant | None]:
        """A file-scope ``const`` variable with a constant initialiser."""
        result: Shares[Constant | None] = []
        environment = self._environment
        horizon, environment.horizon = environment.horizon, 0
        for item in environment.global_name(name).found:
            statement = item.statement
            if isinstance(statement, c.Declaration) and "typedef" not in statement.storage:
                declarator = statement.declarators[item.index]
                if declarator.value is not None and _maybe_const(declarator.type):
                    types = self._folder.typer.lower(declarator.type, item.bound, item.mask)
                    result += self._initial(types, declarator.value, item.bound)
        environment.horizon = horizon
        return result

    def _local(self, local: Local) -> Shares[Constant | None]:
        known = local.memo.get("value")
        if known is not None:
            return known  # type: ignore[return-value]
        nothing: Shares[Constant | None] = [(local.mask, None)]
        local.memo["value"] = nothing
        result = nothing
        environment = self._environment
        if local.enum is not None:
            values = self.enumerators(local.enum, local.bound, local.serial)
            result = [
                (share, None if value is None else _enumerator(value))
                for share, value in covering(values[local.name], local.mask, None)
            ]
        elif local.value is not None and local.type is not None and _maybe_const(local.type):
            types = self._folder.typer.local(local)
            horizon, environment.horizon = environment.horizon, local.serial
            result = self._initial(types, local.value, local.bound)
            environment.horizon = horizon
        local.memo["value"] = result
        return result

    def _initial(self, types: Shares[Type], value: c.Expr, bound: Bound) -> Shares[Constant | None]:
        """The initialiser's value as the variable holds it, if it is a ``const`` scalar."""
        result: Shares[Constant | None] = []
        builtins = self._folder.typer.builtins
        for share, type in types:
            if not isinstance(type, Qualified) or not type.const or type.volatile:
                result.append((share, None))
                continue
            for part, constant in self._folder.constant(value, bound, share):
                if constant is not None:
                    converted = convert(constant, type, builtins)
                    constant = converted and converted._replace(literal=False)
                result.append((part, constant))
        return result

    # --- addresses --------------------------------------------------------------------

    def never_null(self, expr: c.Expr, bound: Bound, mask: Mask) -> Mask:
        """Where ``expr`` is an address that cannot be null, or has a bit set for sure.

        Addresses of local objects and of what this unit defines, members and elements
        included. The kernel is compiled with ``-fno-delete-null-pointer-checks``, so that
        GCC leaves other symbols open (and functions, depending on their order).
        """
        if isinstance(expr, c.Text):
            return mask
        if isinstance(expr, c.Unary) and expr.operator == "&":
            return self._inside_object(expr.operand, bound, mask)
        if isinstance(expr, c.Name | c.MemberOf | c.Index):
            return self._array(expr, bound, mask)
        if isinstance(expr, c.Binary) and expr.operator == "|":
            return self._has_bits(expr, bound, mask)
        if isinstance(expr, c.Hole):
            result = 0
            for share, alternative in bound.holes[expr.number]:
                inner = only_expression(alternative)
                if share & mask and inner is not None:
                    result |= self.never_null(inner, alternative, share & mask)
            return result
        return 0

    def _has_bits(self, expr: c.Binary, bound: Bound, mask: Mask) -> Mask:
        """Where an operand of ``|`` is a constant other than 0."""
        result = 0
        for operand in (expr.left, expr.right):
            for share, value in self._folder.constant(operand, bound, mask):
                if value is not None and value.value:
                    result |= share
        return result

    def _array(self, expr: c.Expr, bound: Bound, mask: Mask) -> Mask:
        """Where ``expr`` is an array in a known object."""
        known = self._inside_object(expr, bound, mask)
        result = 0
        if known:
            for share, type in self._folder.expressions.of(expr, bound, known):
                if isinstance(unqualified(type), ArrayOf):
                    result |= share
        return result

    def _inside_object(self, expr: c.Expr, bound: Bound, mask: Mask) -> Mask:
        """Where ``expr`` is (part of) an object that a declaration in sight defines."""
        if isinstance(expr, c.MemberOf):
            return 0 if expr.arrow else self._inside_object(expr.object, bound, mask)
        if isinstance(expr, c.Index):
            return self._array(expr.array, bound, mask)
        if not isinstance(expr, c.Name):
            return 0
        found, rest = self._environment.locals_of(expr.name, mask)
        result = rest & self._environment.global_name(expr.name).defined if rest else 0
        for share, local in found:
            if not local.is_function and local.enum is None and "extern" not in local.storage:
                result |= share
        return result

    def function_held(self, expr: c.Name, mask: Mask) -> Shares[str]:
        """The functions that a ``const`` pointer variable of this name holds for sure."""
        found, rest = self._environment.locals_of(expr.name, mask)
        result: Shares[str] = []
        for share, local in found:
            if local.value is not None and local.type is not None and not local.parameter:
                result += self._held(local.type, local.value, local.bound, share)
        if rest:
            known = self._environment.global_name(expr.name)
            for item in known.found:
                statement = item.statement
                if rest & item.mask and isinstance(statement, c.Declaration):
                    declarator = statement.declarators[item.index]
                    if declarator.value is not None:
                        result += self._held(
                            declarator.type, declarator.value, item.bound, rest & item.mask
                        )
        return result

    def _held(self, written: c.TypeSyntax, value: c.Expr, bound: Bound, mask: Mask) -> Shares[str]:
        if not _maybe_const(written):
            return []
        while isinstance(value, c.Cast) or (isinstance(value, c.Unary) and value.operator == "&"):
            value = value.operand
        if not isinstance(value, c.Name):
            return []
        function = self._environment.global_name(value.name).function
        result: Shares[str] = []
        for share, type in self._folder.typer.lower(written, bound, mask & function):
            const = isinstance(type, Qualified) and type.const and not type.volatile
            if const and isinstance(unqualified(type), PointerTo):
                result.append((share, value.name))
        return result


def _maybe_const(written: c.TypeSyntax) -> bool:
    """Whether a written type can be ``const`` at its top level (typedefs may hide it)."""
    if isinstance(written, c.Pointer):
        return written.const
    if isinstance(written, c.Qualified):
        return written.const or _maybe_const(written.type)
    return isinstance(written, c.TypedefName | c.TypeOf | c.AutoType)


def _enumerator(value: int) -> Constant:
    """An enumerator as a constant: ``int`` where it fits (6.7.2.2; GCC: else wider)."""
    type = INT
    if not INT.low <= value <= INT.high:
        type = Integer("long long", 8, value < 0, 5)
        if value >= 0:
            type = Integer("unsigned long long", 8, False, 5)
    return Constant(value, type, True)


def _names_in(expr: c.Expr, bound: Bound) -> set[str]:
    """The identifiers that an enumerator's expression can contain, expansions included."""
    names: set[str] = set()
    stack: list[tuple[c.Expr, Bound]] = [(expr, bound)]
    while stack:
        item, place = stack.pop()
        if isinstance(item, c.Name):
            names.add(item.name)
        elif isinstance(item, c.Hole):
            for _, alternative in place.holes[item.number]:
                inner = only_expression(alternative)
                if inner is not None:
                    stack.append((inner, alternative))
        elif isinstance(item, c.Binary):
            stack += [(item.left, place), (item.right, place)]
        elif isinstance(item, c.Unary | c.Cast):
            stack.append((item.operand, place))
        elif isinstance(item, c.Conditional):
            arms = [item.condition, item.otherwise]
            if item.then is not None:
                arms.append(item.then)
            stack += [(arm, place) for arm in arms]
        elif isinstance(item, c.Call):
            stack += [(argument, place) for argument in item.arguments]
    return names
