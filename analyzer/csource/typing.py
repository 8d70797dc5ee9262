"""Types as written to types as meant, and the members of structures.

Everything is answered per configuration, as shares of the mask asked for. What cannot be
resolved is :data:`~analyzer.csource.types.UNKNOWN`, never a guess.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from analyzer.configset.configset import Mask
from analyzer.csource import syntax as c
from analyzer.csource.environment import EVERYWHERE, Environment, Local
from analyzer.csource.initializer import completed
from analyzer.csource.partition import Shares, covering, each, restrict
from analyzer.csource.scope import Bound
from analyzer.csource.types import (
    INT,
    RUN_TIME,
    UNKNOWN,
    UNSIGNED_INT,
    Abi,
    ArrayOf,
    BitField,
    Builtins,
    Enumeration,
    FunctionOf,
    Integer,
    PointerTo,
    Qualified,
    Record,
    Type,
    decayed,
    integer_of,
    unqualified,
)

if TYPE_CHECKING:
    from analyzer.csource.constant import Folder
    from analyzer.csource.expression_type import ExpressionTypes

WRITTEN_TYPES = (
    c.Named,
    c.TypedefName,
    c.Tagged,
    c.Pointer,
    c.Array,
    c.FunctionType,
    c.TypeOf,
    c.AutoType,
    c.Qualified,
    c.UnknownType,
)
"""The classes of :data:`~analyzer.csource.syntax.TypeSyntax`, to tell it from expressions."""


class Typer:
    """Resolves written types against an environment; memoises what is at file scope."""

    def __init__(self, environment: Environment, abi: Abi) -> None:
        self.environment = environment
        environment.function_types = self.function_types
        self.builtins = Builtins(abi)
        self.folder: Folder
        self.expressions: ExpressionTypes
        self._typedefs: dict[str, Shares[Type]] = {}
        self._variables: dict[str, Shares[Type]] = {}
        self._records: dict[tuple[str, str], Record] = {}
        self._bodies: dict[tuple[int, int], Record] = {}
        self._lower: dict[type[Any], Callable[[Any, Bound, Mask], Shares[Type]]] = {
            c.Named: self._named,
            c.TypedefName: self._typedef_name,
            c.Tagged: self._tagged,
            c.Pointer: self._pointer,
            c.Array: self._array,
            c.FunctionType: self._function,
            c.TypeOf: self._type_of,
            c.AutoType: self._unknown,
            c.Qualified: self._qualified,
            c.UnknownType: self._unknown,
        }

    def lower(self, syntax: c.TypeSyntax, bound: Bound, mask: Mask) -> Shares[Type]:
        """Resolve a written type where ``mask``; names are looked up as of the horizon."""
        return self._lower[type(syntax)](syntax, bound, mask)

    # --- the forms of types -----------------------------------------------------------

    def function_types(self, syntax: c.TypeSyntax, bound: Bound, mask: Mask) -> Mask:
        """Where in ``mask`` a type is that of a function."""
        found = 0
        for share, type in self.lower(syntax, bound, mask):
            if isinstance(unqualified(type), FunctionOf):
                found |= share
        return found

    def _named(self, syntax: c.Named, _bound: Bound, mask: Mask) -> Shares[Type]:
        return [(mask, self.builtins.named(syntax.name))]

    def _unknown(self, _syntax: c.TypeSyntax, _bound: Bound, mask: Mask) -> Shares[Type]:
        return [(mask, UNKNOWN)]

    def _typedef_name(self, syntax: c.TypedefName, _bound: Bound, mask: Mask) -> Shares[Type]:
        found, rest = self.environment.locals_of(syntax.name, mask)
        if not found:
            return restrict(self.typedef(syntax.name), mask)
        result: Shares[Type] = []
        for share, local in found:
            result += restrict(self.local(local), share)
        if rest:
            result += restrict(self.typedef(syntax.name), rest)
        return result

    def typedef(self, name: str) -> Shares[Type]:
        """A file-scope typedef, everywhere."""
        known = self._typedefs.get(name)
        if known is None:
            self._typedefs[name] = [(EVERYWHERE, UNKNOWN)]
            known = self._typedefs[name] = self._declared(name, True)
        return known

    def variable(self, name: str) -> Shares[Type]:
        """The type of a file-scope variable or function, everywhere."""
        known = self._variables.get(name)
        if known is None:
            self._variables[name] = [(EVERYWHERE, UNKNOWN)]
            known = self._variables[name] = self._declared(name, False)
        return known

    def _declared(self, name: str, typedef: bool) -> Shares[Type]:
        """The types that the declarations of ``name`` give it; a complete one wins."""
        result: Shares[Type] = []
        incomplete: Shares[Type] = []
        rest = EVERYWHERE
        environment = self.environment
        horizon, environment.horizon = environment.horizon, 0
        for item in environment.global_name(name).found:
            share = item.mask & rest
            statement = item.statement
            if not share:
                continue
            if isinstance(statement, c.FunctionDefinition):
                types = self.lower(statement.type, item.bound, share)
            elif ("typedef" in statement.storage) == typedef:
                declarator = statement.declarators[item.index]
                types = self.lower(declarator.type, item.bound, share)
                if isinstance(declarator.value, c.Initializer | c.Text):
                    types = completed(types, declarator.value, item.bound, self.folder)
            else:
                continue
            for part, type in types:
                plain = unqualified(type)
                if plain is UNKNOWN or (isinstance(plain, ArrayOf) and plain.length is None):
                    incomplete.append((part, type))
                else:
                    result.append((part, type))
                    rest &= ~part
        environment.horizon = horizon
        return covering(result + incomplete, EVERYWHERE, UNKNOWN)

    def local(self, local: Local) -> Shares[Type]:
        """The type of a name declared in the function, over the mask of its declaration."""
        known = local.memo.get("type")
        if known is not None:
            return known  # type: ignore[return-value]
        environment = self.environment
        horizon = environment.horizon
        if horizon > local.serial + 1:
            environment.horizon = local.serial
        local.memo["type"] = [(local.mask, UNKNOWN)]
        if local.type is None:
            shares: Shares[Type] = [(local.mask, INT)]
        elif self._is_auto(local.type):
            shares = self._deduced(local)
        else:
            shares = self.lower(local.type, local.bound, local.mask)
            if isinstance(local.value, c.Initializer | c.Text):
                shares = completed(shares, local.value, local.bound, self.folder)
            if local.parameter:
                shares = each(shares, decayed)
        environment.horizon = horizon
        local.memo["type"] = shares
        return shares

    @staticmethod
    def _is_auto(syntax: c.TypeSyntax) -> bool:
        while isinstance(syntax, c.Qualified):
            syntax = syntax.type
        return isinstance(syntax, c.AutoType)

    def _deduced(self, local: Local) -> Shares[Type]:
        if local.value is None:
            return [(local.mask, UNKNOWN)]
        return self.expressions.value_type(local.value, local.bound, local.mask)

    def _pointer(self, syntax: c.Pointer, bound: Bound, mask: Mask) -> Shares[Type]:
        shares: Shares[Type] = []
        for share, type in self.lower(syntax.target, bound, mask):
            pointer: Type = PointerTo(type)
            shares.append((share, Qualified(pointer, True, False) if syntax.const else pointer))
        return shares

    def _array(self, syntax: c.Array, bound: Bound, mask: Mask) -> Shares[Type]:
        result: Shares[Type] = []
        for share, element in self.lower(syntax.element, bound, mask):
            if syntax.length is None:
                result.append((share, ArrayOf(element, None)))
                continue
            for part, length in self.folder.integers(syntax.length, bound, share):
                result.append((part, ArrayOf(element, RUN_TIME if length is None else length)))
        return result

    def _function(self, syntax: c.FunctionType, bound: Bound, mask: Mask) -> Shares[Type]:
        return [
            (share, FunctionOf(result, syntax))
            for share, result in self.lower(syntax.result, bound, mask)
        ]

    def _type_of(self, syntax: c.TypeOf, bound: Bound, mask: Mask) -> Shares[Type]:
        operand = syntax.operand
        if isinstance(operand, WRITTEN_TYPES):
            return self.lower(operand, bound, mask)
        if isinstance(operand, c.TypeArgument):
            return self.lower(operand.type, bound, mask)
        return self.expressions.of(operand, bound, mask)

    def _qualified(self, syntax: c.Qualified, bound: Bound, mask: Mask) -> Shares[Type]:
        result: Shares[Type] = []
        for share, type in self.lower(syntax.type, bound, mask):
            result.append((share, _qualify(type, syntax.const, syntax.volatile)))
        return result

    # --- tags -------------------------------------------------------------------------

    def _tagged(self, syntax: c.Tagged, bound: Bound, mask: Mask) -> Shares[Type]:
        if syntax.kind == "enum":
            return self._enum(syntax, bound, mask)
        return [(mask, self._record(syntax, bound, mask))]

    def _record(self, syntax: c.Tagged, bound: Bound, mask: Mask) -> Record:
        kind, tag, body = syntax.kind, syntax.tag, syntax.body
        environment = self.environment
        if tag is not None:
            local = environment.tags_of(kind, tag)
            for found in local:
                inner = found.type.body
                if found.mask & mask and isinstance(inner, c.StructBody):
                    return self._own(kind, tag, inner, found.bound, found.mask)
            record = self._records.get((kind, tag))
            if record is None:
                bodies = tuple(
                    (found.mask, found.type.body, found.bound)
                    for found in environment.tag(kind, tag)
                    if isinstance(found.type.body, c.StructBody)
                )
                record = self._records[kind, tag] = Record(kind, tag, bodies)
            if record.bodies or not isinstance(body, c.StructBody):
                return record
        if isinstance(body, c.StructBody):
            return self._own(kind, tag, body, bound, EVERYWHERE)
        return Record(kind, tag, ())

    def _own(
        self, kind: str, tag: str | None, body: c.StructBody, bound: Bound, mask: Mask
    ) -> Record:
        """The record of a body that is found by itself and not by a file-scope tag."""
        key = (id(body), id(bound))
        record = self._bodies.get(key)
        if record is None:
            horizon = self.environment.horizon
            record = self._bodies[key] = Record(kind, tag, ((mask, body, bound),), horizon)
        return record

    def _enum(self, syntax: c.Tagged, bound: Bound, mask: Mask) -> Shares[Type]:
        tag, body = syntax.tag, syntax.body
        if isinstance(body, c.EnumBody):
            return self._enum_of(tag or f"#{id(body)}", body, bound, mask)
        if tag is None:
            return [(mask, UNKNOWN)]
        result: Shares[Type] = []
        local = self.environment.tags_of("enum", tag)
        for found in (*local, *self.environment.tag("enum", tag)):
            share = found.mask & mask
            if share and isinstance(found.type.body, c.EnumBody):
                result += self._enum_of(tag, found.type.body, found.bound, share)
                mask &= ~share
        if mask:
            result.append((mask, Enumeration(tag, UNSIGNED_INT)))
        return result

    def _enum_of(self, identity: str, body: c.EnumBody, bound: Bound, mask: Mask) -> Shares[Type]:
        """GCC's type of an enum: unsigned int, signed or wider where a value needs it."""
        packed = any(attribute.name == "packed" for attribute in body.attributes)
        result: Shares[Type] = []
        for share, low, high in self.folder.enum_range(body, bound, mask):
            underlying = self._fitting(low, high, packed)
            result.append((share, Enumeration(identity, underlying)))
        return result

    def _fitting(self, low: int, high: int, packed: bool) -> Integer:
        signed = "signed" if low < 0 else "unsigned"
        names = (
            ("char", "short", "int", "long", "long long")
            if packed
            else (
                "int",
                "long",
                "long long",
            )
        )
        for name in names:
            type = self.builtins.named(f"{signed} {name}")
            if isinstance(type, Integer) and type.low <= low and high <= type.high:
                return type
        return INT

    # --- members ----------------------------------------------------------------------

    def member(self, record: Record, name: str, mask: Mask) -> Shares[Type]:
        """The type of ``record.name``; anonymous members are looked into (6.7.2.1)."""
        known = record.members.get(name)
        if known is None:
            known = record.members[name] = self._find_member(record, name)
        return covering(known, mask, UNKNOWN)

    def _find_member(self, record: Record, name: str) -> Shares[Type]:
        environment = self.environment
        horizon, environment.horizon = environment.horizon, record.serial
        result: Shares[Type] = []
        for share, body, bound in record.bodies:
            for member in body.members:
                if member.name == name:
                    result += self.member_type(member, bound, share)
                    break
                if member.name is None and member.bits is None:
                    inner = self._in_anonymous(member, bound, share, name)
                    if inner:
                        result += inner
                        break
        environment.horizon = horizon
        return result

    def _in_anonymous(self, member: c.Member, bound: Bound, mask: Mask, name: str) -> Shares[Type]:
        result: Shares[Type] = []
        for share, type in self.lower(member.type, bound, mask):
            plain = unqualified(type)
            if isinstance(plain, Record) and _may_have(plain, name):
                result += [
                    (part, found)
                    for part, found in self.member(plain, name, share)
                    if found is not UNKNOWN
                ]
        return result

    def member_type(self, member: c.Member, bound: Bound, mask: Mask) -> Shares[Type]:
        """The declared type of a member, as a bit-field where it is one."""
        shares = self.lower(member.type, bound, mask)
        if member.bits is None:
            return shares
        result: Shares[Type] = []
        for share, type in shares:
            base = integer_of(type)
            for part, width in self.folder.integers(member.bits, bound, share):
                if base is None or width is None:
                    result.append((part, UNKNOWN))
                else:
                    result.append((part, BitField(base, width)))
        return result


def _may_have(record: Record, name: str) -> bool:
    """A quick look whether a member of that name can be in the record."""
    return any(
        member.name == name or member.name is None
        for _, body, _ in record.bodies
        for member in body.members
    )


def _qualify(type: Type, const: bool, volatile: bool) -> Type:
    """Add qualifiers; those of an array belong to its elements (6.7.3)."""
    if isinstance(type, ArrayOf):
        return ArrayOf(_qualify(type.element, const, volatile), type.length)
    if isinstance(type, Qualified):
        return Qualified(type.type, type.const or const, type.volatile or volatile)
    return Qualified(type, const, volatile)
