"""The C syntax that the analysis works on, as small immutable facts.

It is what tree-sitter's tree is lowered to: GNU C after macro expansion, with one
addition, the :class:`Hole`, a macro use whose expansions (one per group of
configurations) are bound when a function is evaluated, not when it is parsed. That
makes a parsed piece independent of configurations and units, hence memoisable by its text.

Positions are indices into the token list that the piece was parsed from (``at``: the
token that names the node; ``span``: first token and one past the last).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Span: TypeAlias = tuple[int, int]

# --- types as written -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Named:
    """A builtin type by its sorted keywords (``long unsigned``), or ``void``, ``_Bool``."""

    name: str


@dataclass(frozen=True, slots=True)
class TypedefName:
    """A typedef name."""

    name: str


@dataclass(frozen=True, slots=True)
class Tagged:
    """``struct``/``union``/``enum`` with a tag or, when ``tag`` is None, an inline body."""

    kind: str
    tag: str | None
    body: StructBody | EnumBody | None


@dataclass(frozen=True, slots=True)
class Member:
    """A member; ``name`` None for an anonymous struct or union; ``bits`` for a bit-field."""

    name: str | None
    type: TypeSyntax
    bits: Expr | None
    attributes: tuple[Attribute, ...] = ()
    """``packed`` and ``aligned`` decide the layout."""


@dataclass(frozen=True, slots=True)
class StructBody:
    members: tuple[Member, ...]
    attributes: tuple[Attribute, ...]


@dataclass(frozen=True, slots=True)
class EnumBody:
    """Enumerators in order; a missing value continues from the one before (C17 6.7.2.2)."""

    enumerators: tuple[tuple[str, Expr | None], ...]
    attributes: tuple[Attribute, ...] = ()


@dataclass(frozen=True, slots=True)
class Pointer:
    target: TypeSyntax
    const: bool = False


@dataclass(frozen=True, slots=True)
class Array:
    element: TypeSyntax
    length: Expr | None


@dataclass(frozen=True, slots=True)
class FunctionType:
    result: TypeSyntax
    parameters: tuple[Parameter, ...]
    variadic: bool


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str | None
    type: TypeSyntax


@dataclass(frozen=True, slots=True)
class TypeOf:
    """``typeof(expr)`` (``operand`` an expression) or ``typeof(type)``."""

    operand: Expr | TypeSyntax


@dataclass(frozen=True, slots=True)
class AutoType:
    """``__auto_type``: the type of the initialiser."""


@dataclass(frozen=True, slots=True)
class Qualified:
    """``const`` and/or ``volatile`` on a type; other qualifiers are dropped."""

    type: TypeSyntax
    const: bool
    volatile: bool


@dataclass(frozen=True, slots=True)
class UnknownType:
    """A type that could not be read; its text says what."""

    text: str


@dataclass(frozen=True, slots=True)
class Attribute:
    """``__attribute__((name(arguments)))``; ``name`` without surrounding underscores."""

    name: str
    arguments: tuple[Expr, ...]


TypeSyntax: TypeAlias = (
    Named
    | TypedefName
    | Tagged
    | Pointer
    | Array
    | FunctionType
    | TypeOf
    | AutoType
    | Qualified
    | UnknownType
)

# --- expressions ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Name:
    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Number:
    """An integer constant: ``value`` and its suffix letters in lower case (``ul``).

    ``decimal`` False for octal, hexadecimal and binary: such a constant may be unsigned
    without a suffix (C17 6.4.4.1).
    """

    value: int
    suffix: str
    decimal: bool = True


@dataclass(frozen=True, slots=True)
class Floating:
    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A string literal (adjacent ones joined); ``size`` in bytes with the final NUL."""

    text: str
    size: int


@dataclass(frozen=True, slots=True)
class Call:
    function: Expr
    arguments: tuple[Expr, ...]
    at: int
    span: Span


@dataclass(frozen=True, slots=True)
class TypeArgument:
    """A type standing where an expression is expected (``__builtin_types_compatible_p``)."""

    type: TypeSyntax


@dataclass(frozen=True, slots=True)
class Unary:
    """``operator``: ``! ~ - + * & ++x --x x++ x-- __real__ __imag__ &&``."""

    operator: str
    operand: Expr


@dataclass(frozen=True, slots=True)
class Binary:
    """All binary operators including ``&& || ,``."""

    operator: str
    left: Expr
    right: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class Assign:
    """``operator`` is ``=``, ``+=``..."""

    operator: str
    target: Expr
    value: Expr


@dataclass(frozen=True, slots=True)
class Conditional:
    """``c ? a : b``; ``then`` None for the GNU form ``c ?: b``."""

    condition: Expr
    then: Expr | None
    otherwise: Expr
    span: Span
    """Of the condition."""


@dataclass(frozen=True, slots=True)
class Cast:
    type: TypeSyntax
    operand: Expr


@dataclass(frozen=True, slots=True)
class Index:
    array: Expr
    subscript: Expr


@dataclass(frozen=True, slots=True)
class MemberOf:
    """``object.member`` or, with ``arrow``, ``object->member``."""

    object: Expr
    member: str
    arrow: bool
    at: int


@dataclass(frozen=True, slots=True)
class StatementExpression:
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class SizeOf:
    """``sizeof`` and ``_Alignof`` (``operator``) of an expression or a type."""

    operator: str
    operand: Expr | TypeSyntax


@dataclass(frozen=True, slots=True)
class OffsetOf:
    """``__builtin_offsetof(type, designator)``; names and index expressions in order."""

    type: TypeSyntax
    designator: tuple[str | Expr, ...]


@dataclass(frozen=True, slots=True)
class CompoundLiteral:
    type: TypeSyntax
    value: Initializer


@dataclass(frozen=True, slots=True)
class Initializer:
    """``{ … }``: each item with its designator path (member names and index expressions)."""

    items: tuple[tuple[tuple[str | Expr, ...], Expr], ...]


@dataclass(frozen=True, slots=True)
class Generic:
    """``_Generic(control, type: expr, default: expr)``; type None is ``default``."""

    control: Expr | TypeSyntax
    choices: tuple[tuple[TypeSyntax | None, Expr], ...]


@dataclass(frozen=True, slots=True)
class VaArg:
    list: Expr
    type: TypeSyntax


@dataclass(frozen=True, slots=True)
class Hole:
    """The ``number``-th macro use of the piece (``Piece.holes`` gives its token)."""

    number: int
    at: int


@dataclass(frozen=True, slots=True)
class LabelAddress:
    label: str


@dataclass(frozen=True, slots=True)
class UnknownExpr:
    """What could not be read; the parts that could still hold their calls."""

    parts: tuple[Expr, ...]
    span: Span


Expr: TypeAlias = (
    Name
    | Number
    | Floating
    | Text
    | Call
    | TypeArgument
    | Unary
    | Binary
    | Assign
    | Conditional
    | Cast
    | Index
    | MemberOf
    | StatementExpression
    | SizeOf
    | OffsetOf
    | CompoundLiteral
    | Initializer
    | Generic
    | VaArg
    | Hole
    | LabelAddress
    | UnknownExpr
)

# --- statements and declarations --------------------------------------------------


@dataclass(frozen=True, slots=True)
class Expression:
    expr: Expr


@dataclass(frozen=True, slots=True)
class Declarator:
    """One declared name with its complete type and, if any, its initialiser."""

    name: str
    type: TypeSyntax
    value: Expr | None
    attributes: tuple[Attribute, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Declaration:
    """``storage``: sorted words of typedef extern static inline register __thread.

    ``specifier`` is the base type (so that ``struct x { … };`` alone defines its tag);
    ``asm_name`` and attributes of all declarators are on the declarators.
    """

    storage: tuple[str, ...]
    specifier: TypeSyntax
    attributes: tuple[Attribute, ...]
    declarators: tuple[Declarator, ...]
    at: int


@dataclass(frozen=True, slots=True)
class FunctionDefinition:
    name: str
    type: FunctionType
    storage: tuple[str, ...]
    attributes: tuple[Attribute, ...]
    body: tuple[Statement, ...]
    at: int


@dataclass(frozen=True, slots=True)
class If:
    condition: Expr
    then: Statement
    otherwise: Statement | None
    span: Span
    """Of the condition, without its parentheses."""


@dataclass(frozen=True, slots=True)
class While:
    condition: Expr
    body: Statement
    span: Span


@dataclass(frozen=True, slots=True)
class DoWhile:
    body: Statement
    condition: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class For:
    init: Statement | None
    condition: Expr | None
    step: Expr | None
    body: Statement
    span: Span


@dataclass(frozen=True, slots=True)
class Switch:
    value: Expr
    body: Statement
    span: Span


@dataclass(frozen=True, slots=True)
class Case:
    """``case low ... high:``; ``low`` None is ``default:``; what follows is ``body``."""

    low: Expr | None
    high: Expr | None
    body: tuple[Statement, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Label:
    name: str


@dataclass(frozen=True, slots=True)
class Goto:
    """``label`` None for a computed goto."""

    label: str | None
    target: Expr | None


@dataclass(frozen=True, slots=True)
class Return:
    value: Expr | None


@dataclass(frozen=True, slots=True)
class Break:
    pass


@dataclass(frozen=True, slots=True)
class Continue:
    pass


@dataclass(frozen=True, slots=True)
class Block:
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Asm:
    """An asm statement: joined template, then (constraint, expression) lists, goto labels.

    A symbolic operand name stays in front of its constraint: ``[ptr]m``.
    """

    template: str
    outputs: tuple[tuple[str, Expr], ...]
    inputs: tuple[tuple[str, Expr], ...]
    labels: tuple[str, ...]
    at: int


@dataclass(frozen=True, slots=True)
class StaticAssert:
    condition: Expr


@dataclass(frozen=True, slots=True)
class Lost:
    """Statements that tree-sitter could not read; ``parts`` is what was found inside."""

    parts: tuple[Statement, ...]
    span: Span


Statement: TypeAlias = (
    Expression
    | Declaration
    | FunctionDefinition
    | If
    | While
    | DoWhile
    | For
    | Switch
    | Case
    | Label
    | Goto
    | Return
    | Break
    | Continue
    | Block
    | Asm
    | StaticAssert
    | Lost
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A parsed token sequence: function definitions and declarations at file scope, or
    the statements of a macro expansion.

    ``losses`` are spans of tokens that could not be read (tree-sitter ERROR nodes).
    """

    body: tuple[Statement, ...]
    losses: tuple[Span, ...]
