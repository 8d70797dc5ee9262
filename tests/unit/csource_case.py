"""Parsing C snippets in tests, and writing the result as fully bracketed text.

Brackets show how an expression was read, which is what most tests are about.
"""

from __future__ import annotations

from collections.abc import Container

from analyzer.csource.parse import CParser
from analyzer.csource.syntax import (
    Array,
    Assign,
    AutoType,
    Binary,
    Call,
    Cast,
    CompoundLiteral,
    Conditional,
    Expr,
    Expression,
    Floating,
    FunctionType,
    Generic,
    Hole,
    Index,
    Initializer,
    LabelAddress,
    MemberOf,
    Name,
    Named,
    Number,
    OffsetOf,
    Piece,
    Pointer,
    Qualified,
    SizeOf,
    StatementExpression,
    Tagged,
    Text,
    TypeArgument,
    TypedefName,
    TypeOf,
    TypeSyntax,
    Unary,
    UnknownExpr,
    UnknownType,
    VaArg,
)
from c_tokens import tokens

TYPEDEFS = frozenset({"u8", "u32", "gfp_t", "pte_t", "size_t", "bool", "T"})


def declarations(text: str, typedefs: Container[str] = TYPEDEFS) -> Piece:
    """``text`` parsed at file scope."""
    return CParser().parse_file_scope(tokens(text), {}, typedefs)


def statements(text: str, typedefs: Container[str] = TYPEDEFS) -> Piece:
    """``text`` parsed inside a function."""
    return CParser().parse_statements(tokens(text), {}, typedefs)


def read(text: str, typedefs: Container[str] = TYPEDEFS) -> str:
    """``text``, which must be one expression without losses, fully bracketed."""
    piece = statements(text, typedefs)
    assert piece.losses == ()
    assert len(piece.body) == 1
    statement = piece.body[0]
    assert isinstance(statement, Expression)
    return show(statement.expr)


def show(expr: Expr) -> str:
    """An expression as fully bracketed C."""
    match expr:
        case Name(name):
            return name
        case Number(value, suffix):
            return f"{value}{suffix}"
        case Floating(text):
            return text
        case Text(text):
            return f'"{text}"'
        case Call(function, arguments):
            return f"{show(function)}({', '.join(map(show, arguments))})"
        case TypeArgument(type_):
            return show_type(type_)
        case Unary(operator, operand):
            if "x" in operator:
                return f"({operator.replace('x', show(operand))})"
            return f"({operator}{show(operand)})"
        case Binary(operator, left, right):
            return f"({show(left)} {operator} {show(right)})"
        case Assign(operator, target, value):
            return f"({show(target)} {operator} {show(value)})"
        case Conditional(condition, then, otherwise):
            middle = "" if then is None else f" {show(then)} "
            return f"({show(condition)} ?{middle}: {show(otherwise)})"
        case Cast(type_, operand):
            return f"(({show_type(type_)}){show(operand)})"
        case Index(array, subscript):
            return f"{show(array)}[{show(subscript)}]"
        case MemberOf(owner, member, arrow):
            return f"{show(owner)}{'->' if arrow else '.'}{member}"
        case StatementExpression(body):
            return "({" + f" {len(body)} statements " + "})"
        case SizeOf(operator, operand):
            return f"{operator}({show_any(operand)})"
        case OffsetOf(type_, designator):
            return f"offsetof({show_type(type_)}{_path(designator)})"
        case CompoundLiteral(type_, value):
            return f"({show_type(type_)}){show(value)}"
        case Initializer(items):
            return "{" + ", ".join(_item(path, value) for path, value in items) + "}"
        case Generic(control, choices):
            listed = [
                f"{'default' if kind is None else show_type(kind)}: {show(value)}"
                for kind, value in choices
            ]
            return f"_Generic({', '.join([show_any(control), *listed])})"
        case VaArg(pointer, type_):
            return f"va_arg({show(pointer)}, {show_type(type_)})"
        case Hole(number):
            return f"<{number}>"
        case LabelAddress(label):
            return f"&&{label}"
        case UnknownExpr(parts):
            return f"?{list(map(show, parts))}"


def _path(designator: tuple[str | Expr, ...]) -> str:
    return "".join(f".{p}" if isinstance(p, str) else f"[{show(p)}]" for p in designator)


def _item(path: tuple[str | Expr, ...], value: Expr) -> str:
    return f"{_path(path)} = {show(value)}" if path else show(value)


def show_any(operand: Expr | TypeSyntax) -> str:
    """An expression or a type."""
    if isinstance(
        operand,
        Named
        | TypedefName
        | Tagged
        | Pointer
        | Array
        | FunctionType
        | TypeOf
        | AutoType
        | Qualified
        | UnknownType,
    ):
        return show_type(operand)
    return show(operand)


def show_type(type_: TypeSyntax) -> str:
    """A type, read from the name outwards: ``pointer to array [3] of int``."""
    match type_:
        case Named(name) | TypedefName(name):
            return name
        case Tagged(kind, tag, body):
            shown = f"{kind} {tag or ''}".strip()
            return shown if body is None else f"{shown} {{}}"
        case Pointer(target, const):
            return f"{'const ' if const else ''}pointer to {show_type(target)}"
        case Array(element, length):
            size = "" if length is None else show(length)
            return f"array [{size}] of {show_type(element)}"
        case FunctionType(result, parameters, variadic):
            listed = [
                f"{p.name}: {show_type(p.type)}" if p.name else show_type(p.type)
                for p in parameters
            ]
            listed += ["..."] if variadic else []
            return f"function ({', '.join(listed)}) to {show_type(result)}"
        case TypeOf(operand):
            return f"typeof({show_any(operand)})"
        case AutoType():
            return "auto"
        case Qualified(inner, const, volatile):
            words = ["const"] * const + ["volatile"] * volatile
            return f"{' '.join(words)} {show_type(inner)}"
        case UnknownType(text):
            return f"?{text}"
