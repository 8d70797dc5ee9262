"""The C syntax that the analysis works on, as small immutable tuples.

It is what tree-sitter's tree is lowered to: GNU C after macro expansion, with one
addition, the :class:`Hole`, a macro use whose expansions (one per group of
configurations) are bound when a function is evaluated, not when it is parsed. That
makes a parsed piece independent of configurations and units, hence memoisable by its text.

Positions are indices into the token list that the piece was parsed from (``at``: the
token that names the node; ``span``: first token and one past the last).
NamedTuples and not dataclasses: a unit has some hundred thousand nodes.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

Span: TypeAlias = tuple[int, int]

# --- types as written -------------------------------------------------------------


class Named(NamedTuple):
    """A builtin type by its sorted keywords (``long unsigned``), or ``void``, ``_Bool``."""

    name: str


class TypedefName(NamedTuple):
    """A typedef name."""

    name: str


class Tagged(NamedTuple):
    """``struct``/``union``/``enum`` with a tag or, when ``tag`` is None, an inline body."""

    kind: str
    tag: str | None
    body: StructBody | EnumBody | None


class Member(NamedTuple):
    """A member; ``name`` None for an anonymous struct or union; ``bits`` for a bit-field."""

    name: str | None
    type: TypeSyntax
    bits: Expr | None
    attributes: tuple[Attribute, ...] = ()
    """``packed`` and ``aligned`` decide the layout."""


class StructBody(NamedTuple):
    members: tuple[Member, ...]
    attributes: tuple[Attribute, ...]


class EnumBody(NamedTuple):
    """Enumerators in order; a missing value continues from the one before (C17 6.7.2.2)."""

    enumerators: tuple[tuple[str, Expr | None], ...]
    attributes: tuple[Attribute, ...] = ()


class Pointer(NamedTuple):
    target: TypeSyntax
    const: bool = False


class Array(NamedTuple):
    element: TypeSyntax
    length: Expr | None


class FunctionType(NamedTuple):
    result: TypeSyntax
    parameters: tuple[Parameter, ...]
    variadic: bool


class Parameter(NamedTuple):
    name: str | None
    type: TypeSyntax


class TypeOf(NamedTuple):
    """``typeof(expr)`` (``operand`` an expression) or ``typeof(type)``."""

    operand: Expr | TypeSyntax


class AutoType(NamedTuple):
    """``__auto_type``: the type of the initialiser."""


class Qualified(NamedTuple):
    """``const`` and/or ``volatile`` on a type; other qualifiers are dropped."""

    type: TypeSyntax
    const: bool
    volatile: bool


class UnknownType(NamedTuple):
    """A type that could not be read; its text says what."""

    text: str


class Attribute(NamedTuple):
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


class Name(NamedTuple):
    name: str
    at: int


class Number(NamedTuple):
    """An integer constant: ``value`` and its suffix letters in lower case (``ul``).

    ``decimal`` False for octal, hexadecimal and binary: such a constant may be unsigned
    without a suffix (C17 6.4.4.1).
    """

    value: int
    suffix: str
    decimal: bool = True


class Floating(NamedTuple):
    text: str


class Text(NamedTuple):
    """A string literal (adjacent ones joined); ``size`` in bytes with the final NUL."""

    text: str
    size: int


class Call(NamedTuple):
    function: Expr
    arguments: tuple[Expr, ...]
    at: int
    span: Span


class TypeArgument(NamedTuple):
    """A type standing where an expression is expected (``__builtin_types_compatible_p``)."""

    type: TypeSyntax


class Unary(NamedTuple):
    """``operator``: ``! ~ - + * & ++x --x x++ x-- __real__ __imag__ &&``."""

    operator: str
    operand: Expr


class Binary(NamedTuple):
    """All binary operators including ``&& || ,``."""

    operator: str
    left: Expr
    right: Expr
    span: Span


class Assign(NamedTuple):
    """``operator`` is ``=``, ``+=``..."""

    operator: str
    target: Expr
    value: Expr


class Conditional(NamedTuple):
    """``c ? a : b``; ``then`` None for the GNU form ``c ?: b``."""

    condition: Expr
    then: Expr | None
    otherwise: Expr
    span: Span
    """Of the condition."""


class Cast(NamedTuple):
    type: TypeSyntax
    operand: Expr


class Index(NamedTuple):
    array: Expr
    subscript: Expr


class MemberOf(NamedTuple):
    """``object.member`` or, with ``arrow``, ``object->member``."""

    object: Expr
    member: str
    arrow: bool
    at: int


class StatementExpression(NamedTuple):
    body: tuple[Statement, ...]


class SizeOf(NamedTuple):
    """``sizeof`` and ``_Alignof`` (``operator``) of an expression or a type."""

    operator: str
    operand: Expr | TypeSyntax


class OffsetOf(NamedTuple):
    """``__builtin_offsetof(type, designator)``; names and index expressions in order."""

    type: TypeSyntax
    designator: tuple[str | Expr, ...]


class CompoundLiteral(NamedTuple):
    type: TypeSyntax
    value: Initializer


class Initializer(NamedTuple):
    """``{ … }``: each item with its designator path (member names and index expressions)."""

    items: tuple[tuple[tuple[str | Expr, ...], Expr], ...]


class Generic(NamedTuple):
    """``_Generic(control, type: expr, default: expr)``; type None is ``default``."""

    control: Expr | TypeSyntax
    choices: tuple[tuple[TypeSyntax | None, Expr], ...]


class VaArg(NamedTuple):
    list: Expr
    type: TypeSyntax


class Hole(NamedTuple):
    """The ``number``-th macro use of the piece (``Piece.holes`` gives its token)."""

    number: int
    at: int


class LabelAddress(NamedTuple):
    label: str


class UnknownExpr(NamedTuple):
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


class Expression(NamedTuple):
    expr: Expr


class Declarator(NamedTuple):
    """One declared name with its complete type and, if any, its initialiser."""

    name: str
    type: TypeSyntax
    value: Expr | None
    attributes: tuple[Attribute, ...]
    at: int


class Declaration(NamedTuple):
    """``storage``: sorted words of typedef extern static inline register __thread.

    ``specifier`` is the base type (so that ``struct x { … };`` alone defines its tag);
    ``asm_name`` and attributes of all declarators are on the declarators.
    """

    storage: tuple[str, ...]
    specifier: TypeSyntax
    attributes: tuple[Attribute, ...]
    declarators: tuple[Declarator, ...]
    at: int


class FunctionDefinition(NamedTuple):
    name: str
    type: FunctionType
    storage: tuple[str, ...]
    attributes: tuple[Attribute, ...]
    body: tuple[Statement, ...]
    at: int


class If(NamedTuple):
    condition: Expr
    then: Statement
    otherwise: Statement | None
    span: Span
    """Of the condition, without its parentheses."""


class While(NamedTuple):
    condition: Expr
    body: Statement
    span: Span


class DoWhile(NamedTuple):
    body: Statement
    condition: Expr
    span: Span


class For(NamedTuple):
    init: Statement | None
    condition: Expr | None
    step: Expr | None
    body: Statement
    span: Span


class Switch(NamedTuple):
    value: Expr
    body: Statement
    span: Span


class Case(NamedTuple):
    """``case low ... high:``; ``low`` None is ``default:``; what follows is ``body``."""

    low: Expr | None
    high: Expr | None
    body: tuple[Statement, ...]
    span: Span


class Label(NamedTuple):
    name: str


class Goto(NamedTuple):
    """``label`` None for a computed goto."""

    label: str | None
    target: Expr | None


class Return(NamedTuple):
    value: Expr | None


class Break(NamedTuple):
    pass


class Continue(NamedTuple):
    pass


class Block(NamedTuple):
    body: tuple[Statement, ...]


class Asm(NamedTuple):
    """An asm statement: joined template, then (constraint, expression) lists, goto labels.

    A symbolic operand name stays in front of its constraint: ``[ptr]m``.
    """

    template: str
    outputs: tuple[tuple[str, Expr], ...]
    inputs: tuple[tuple[str, Expr], ...]
    labels: tuple[str, ...]
    at: int


class StaticAssert(NamedTuple):
    condition: Expr


class Lost(NamedTuple):
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


class Piece(NamedTuple):
    """A parsed token sequence: function definitions and declarations at file scope, or
    the statements of a macro expansion.

    ``losses`` are spans of tokens that could not be read (tree-sitter ERROR nodes).
    """

    body: tuple[Statement, ...]
    losses: tuple[Span, ...]
