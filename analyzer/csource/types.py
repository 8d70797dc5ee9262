"""Types as C means them: sizes, signedness, compatibility. Resolved, hence comparable.

Structures and unions are known by their identity; what they contain depends on the
configuration and is asked of :class:`~analyzer.csource.typing.Typer`.
Sections cited are C17's.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TypeAlias

from analyzer.configset.configset import Mask
from analyzer.csource.scope import Bound
from analyzer.csource.syntax import FunctionType, StructBody


@dataclass(frozen=True, slots=True)
class Abi:
    """The machine's sizes in bytes. ``wide_align``: of 8-byte integers inside structures."""

    name: str
    pointer: int
    wide_align: int
    long_double: int
    char_signed: bool


X86_64 = Abi("x86_64", pointer=8, wide_align=8, long_double=16, char_signed=True)
I386 = Abi("i386", pointer=4, wide_align=4, long_double=12, char_signed=True)
"""System V ABI; the kernel's ``-funsigned-char`` is the caller's to set."""


@dataclass(frozen=True, slots=True)
class Void:
    tag: str = "void"


@dataclass(frozen=True, slots=True)
class Unknown:
    """A type that could not be resolved."""

    tag: str = "unknown"


@dataclass(frozen=True, slots=True)
class Integer:
    """``rank`` orders types of equal size (6.3.1.1): int < long < long long."""

    name: str
    size: int
    signed: bool
    rank: int

    @property
    def low(self) -> int:
        return -(1 << (8 * self.size - 1)) if self.signed else 0

    @property
    def high(self) -> int:
        if self.rank == 0:
            return 1
        return (1 << (8 * self.size - (1 if self.signed else 0))) - 1

    def wrap(self, value: int) -> int:
        """Convert a value to this type (6.3.1.2, 6.3.1.3; GCC wraps signed types)."""
        if self.rank == 0:
            return 1 if value else 0
        value &= (1 << (8 * self.size)) - 1
        if self.signed and value >> (8 * self.size - 1):
            value -= 1 << (8 * self.size)
        return value


@dataclass(frozen=True, slots=True)
class Real:
    name: str
    size: int
    align: int


@dataclass(frozen=True, slots=True)
class PointerTo:
    target: Type


@dataclass(frozen=True, slots=True)
class ArrayOf:
    """``length`` None: incomplete; :data:`RUN_TIME`: not a constant."""

    element: Type
    length: int | None


RUN_TIME = -1
"""The length of an array whose length could not be worked out."""


@dataclass(frozen=True, slots=True)
class BitField:
    """A bit-field member, ``width`` bits of ``base``."""

    base: Integer
    width: int


@dataclass(frozen=True, slots=True)
class FunctionOf:
    result: Type
    syntax: FunctionType


@dataclass(frozen=True, slots=True)
class Enumeration:
    """``identity``: its tag, or a number for an untagged one."""

    identity: str
    underlying: Integer


@dataclass(frozen=True, slots=True)
class Qualified:
    type: Type
    const: bool
    volatile: bool


@dataclass(slots=True, eq=False)
class Record:
    """A structure or union; ``bodies`` where it is defined, ``serial`` its place in time.

    ``serial`` is 0 at file scope, otherwise the horizon for names in its body.
    """

    kind: str
    tag: str | None
    bodies: tuple[tuple[Mask, StructBody, Bound], ...]
    serial: int = 0
    members: dict[str, list[tuple[Mask, Type]]] = field(default_factory=dict)
    sizes: list[tuple[Mask, tuple[int, int] | None]] | None = None


Type: TypeAlias = (
    Void
    | Unknown
    | Integer
    | Real
    | PointerTo
    | ArrayOf
    | BitField
    | FunctionOf
    | Enumeration
    | Qualified
    | Record
)

VOID = Void()
UNKNOWN = Unknown()
BOOL = Integer("_Bool", 1, False, 0)
SIGNED_CHAR = Integer("signed char", 1, True, 1)
UNSIGNED_CHAR = Integer("unsigned char", 1, False, 1)
SHORT = Integer("short", 2, True, 2)
UNSIGNED_SHORT = Integer("unsigned short", 2, False, 2)
INT = Integer("int", 4, True, 3)
UNSIGNED_INT = Integer("unsigned int", 4, False, 3)
LONG_LONG = Integer("long long", 8, True, 5)
UNSIGNED_LONG_LONG = Integer("unsigned long long", 8, False, 5)
INT128 = Integer("__int128", 16, True, 6)
UNSIGNED_INT128 = Integer("unsigned __int128", 16, False, 6)


class Builtins:
    """The arithmetic types of one ABI."""

    __slots__ = ("_by_name", "abi", "char", "long", "unsigned_long")

    def __init__(self, abi: Abi) -> None:
        self.abi = abi
        self.long = Integer("long", abi.pointer, True, 4)
        self.unsigned_long = Integer("unsigned long", abi.pointer, False, 4)
        self.char = Integer("char", 1, abi.char_signed, 1)
        self._by_name: dict[str, Type] = {}

    def named(self, name: str) -> Type:
        """The type written with these keywords, in any order (6.7.2)."""
        known = self._by_name.get(name)
        if known is None:
            known = self._by_name[name] = self._resolve(Counter(name.split()))
        return known

    def _resolve(self, words: Counter[str]) -> Type:
        if words["void"]:
            return VOID
        if words["_Bool"]:
            return BOOL
        unsigned = bool(words["unsigned"])
        if words["double"] or words["float"]:
            return self._real(words)
        if words["char"]:
            if unsigned:
                return UNSIGNED_CHAR
            return SIGNED_CHAR if words["signed"] or words["__signed__"] else self.char
        if words["short"]:
            return UNSIGNED_SHORT if unsigned else SHORT
        if words["__int128"] or words["__int128_t"] or words["__uint128_t"]:
            wide = unsigned or bool(words["__uint128_t"])
            return UNSIGNED_INT128 if wide else INT128
        if words["long"] >= 2:
            return UNSIGNED_LONG_LONG if unsigned else LONG_LONG
        if words["long"]:
            return self.unsigned_long if unsigned else self.long
        if words["int"] or words["signed"] or words["__signed__"] or unsigned:
            return UNSIGNED_INT if unsigned else INT
        return UNKNOWN

    def _real(self, words: Counter[str]) -> Real:
        if words["float"]:
            return Real("float", 4, 4)
        if words["long"]:
            size = self.abi.long_double
            return Real("long double", size, 16 if size == 16 else 4)
        return Real("double", 8, self.abi.wide_align)

    def promote(self, type: Integer) -> Integer:
        """Integer promotion (6.3.1.1)."""
        return INT if type.rank < INT.rank else type

    def common(self, left: Integer, right: Integer) -> Integer:
        """The usual arithmetic conversions of two integer types (6.3.1.8)."""
        left, right = self.promote(left), self.promote(right)
        if left is right or left == right:
            return left
        if left.signed == right.signed:
            return left if left.rank >= right.rank else right
        unsigned, signed = (right, left) if left.signed else (left, right)
        if unsigned.rank >= signed.rank:
            return unsigned
        if signed.size > unsigned.size:
            return signed
        return self.unsigned(signed)

    def unsigned(self, type: Integer) -> Integer:
        """The unsigned type of the same rank."""
        for other in (
            UNSIGNED_CHAR,
            UNSIGNED_SHORT,
            UNSIGNED_INT,
            self.unsigned_long,
            UNSIGNED_LONG_LONG,
            UNSIGNED_INT128,
        ):
            if other.rank == type.rank:
                return other
        return type


def unqualified(type: Type) -> Type:
    """The type without its outer qualifiers."""
    while isinstance(type, Qualified):
        type = type.type
    return type


def decayed(type: Type) -> Type:
    """The type of a value (6.3.2.1): no qualifiers, arrays and functions as pointers."""
    type = unqualified(type)
    if isinstance(type, ArrayOf):
        return PointerTo(type.element)
    if isinstance(type, FunctionOf):
        return PointerTo(type)
    return type


def integer_of(type: Type) -> Integer | None:
    """The integer type that a value of ``type`` has in arithmetic before promotion."""
    type = unqualified(type)
    if isinstance(type, Integer):
        return type
    if isinstance(type, Enumeration):
        return type.underlying
    if isinstance(type, BitField):
        if type.width < 8 * INT.size or (type.width == 8 * INT.size and type.base.signed):
            return INT
        return type.base
    return None


def compatible(left: Type, right: Type) -> bool | None:
    """Whether two types are compatible (6.2.7); None when either is not fully known.

    Outer qualifiers count; strip them first where the rule ignores them.
    """
    if left is right:
        return None if isinstance(left, Unknown) else True
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return None
    if isinstance(left, Qualified) or isinstance(right, Qualified):
        if _qualifiers(left) != _qualifiers(right):
            return False
        return compatible(unqualified(left), unqualified(right))
    if isinstance(left, Enumeration) and isinstance(right, Integer):
        return left.underlying == right
    if isinstance(right, Enumeration) and isinstance(left, Integer):
        return right.underlying == left
    if isinstance(left, PointerTo) and isinstance(right, PointerTo):
        return compatible(left.target, right.target)
    if isinstance(left, ArrayOf) and isinstance(right, ArrayOf):
        if RUN_TIME in (left.length, right.length):
            return None
        if None not in (left.length, right.length) and left.length != right.length:
            return False
        return compatible(left.element, right.element)
    if isinstance(left, FunctionOf) and isinstance(right, FunctionOf):
        if left.syntax == right.syntax:
            return compatible(left.result, right.result)
        return False if compatible(left.result, right.result) is False else None
    return left == right


def _qualifiers(type: Type) -> tuple[bool, bool]:
    const = volatile = False
    while isinstance(type, Qualified):
        const |= type.const
        volatile |= type.volatile
        type = type.type
    return const, volatile
