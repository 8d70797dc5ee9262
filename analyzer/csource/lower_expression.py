"""Lower tree-sitter's expression nodes (C17 6.5 and GNU extensions)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from analyzer.csource.literals import constant, string
from analyzer.csource.lower_base import Lowering
from analyzer.csource.syntax import (
    Assign,
    Binary,
    Call,
    Cast,
    CompoundLiteral,
    Conditional,
    Expr,
    Generic,
    Hole,
    Index,
    Initializer,
    LabelAddress,
    MemberOf,
    Name,
    OffsetOf,
    SizeOf,
    StatementExpression,
    TypeArgument,
    TypeSyntax,
    Unary,
    VaArg,
)

if TYPE_CHECKING:
    from tree_sitter import Node

_ALIGNOF: Final = "_Alignof"


class ExpressionLowering(Lowering):
    """Expressions; children of a node stand at fixed places, as its rule in the grammar says."""

    __slots__ = ()

    def expression(self, node: Node) -> Expr:
        handler = _EXPRESSIONS.get(node.type)
        if handler is None:
            return self.unknown(node)
        return handler(self, node)

    def _leaf(self, node: Node) -> Expr:
        start = node.start_byte
        index = self.index.get(start, -1)
        if index < 0:
            index = self.at(node)
        if index in self.holes:
            return Hole(self.holes[index], index)
        text = self.texts[index]
        last = text[-1]
        if last == '"':
            return self._string(index)
        if text[0] in "0123456789." or last == "'":
            return constant(text)
        return Name(text, index)

    def _string(self, index: int) -> Expr:
        texts = self.texts
        end = index + 1
        while end < len(texts) and texts[end][-1] == '"':
            end += 1
        return string(texts[index:end])

    def _parenthesized(self, node: Node) -> Expr:
        inner = node.children[1]
        if inner.type == "compound_statement":
            return StatementExpression(self.body(inner))
        return self.expression(inner)

    def _call(self, node: Node) -> Expr:
        function, arguments = node.children
        start = self.at(function)
        special = _SPECIAL_CALLS.get(self.texts[start])
        if special is not None and function.type in _LEAVES:
            found = special(self, node)
            if found is not None:
                return found
        callee = self.expression(function)
        expression = self.expression
        values = tuple([expression(child) for child in arguments.children[1:-1:2]])
        at = callee.at if isinstance(callee, Name | MemberOf | Hole) else start
        return Call(callee, values, at, (start, self.end(node)))

    def _field(self, node: Node) -> Expr:
        owner, operator, member = node.children
        at = self.at(member)
        return MemberOf(self.expression(owner), self.texts[at], operator.type == "->", at)

    def _subscript(self, node: Node) -> Expr:
        children = node.children
        return Index(self.expression(children[0]), self.expression(children[2]))

    def _unary(self, node: Node) -> Expr:
        operator, operand = node.children
        text = self.texts[self.at(operator)]
        if text == "&&":
            return LabelAddress(self.texts[self.at(operand)])
        return Unary(_UNARY.get(text, text), self.expression(operand))

    def _update(self, node: Node) -> Expr:
        first, second = node.children
        if first.type in ("++", "--"):
            return Unary(first.type + "x", self.expression(second))
        return Unary("x" + second.type, self.expression(first))

    def _binary(self, node: Node) -> Expr:
        """Long chains such as ``a | b | c …`` lean to the left: go down them in a loop."""
        kind = node.type
        chain: list[tuple[Node, Node, int]] = []
        start = self.at(node)
        while node.type == kind and node.child_count == 3:
            left, operator, right = node.children
            chain.append((operator, right, self.end(node)))
            node = left
        result = self.expression(node)
        for operator, right, end in reversed(chain):
            text = self.texts[self.at(operator)]
            result = Binary(text, result, self.expression(right), (start, end))
        return result

    def _comma(self, node: Node) -> Expr:
        """tree-sitter nests ``a, b, c`` to the right, C to the left (C17 6.5.17)."""
        start = self.at(node)
        left, _, right = node.children
        result = self.expression(left)
        while right.type == "comma_expression" and right.child_count == 3:
            middle, _, right_of = right.children
            span = (start, self.end(middle))
            result = Binary(",", result, self.expression(middle), span)
            right = right_of
        return Binary(",", result, self.expression(right), (start, self.end(node)))

    def _assign(self, node: Node) -> Expr:
        target, operator, value = node.children
        return Assign(operator.type, self.expression(target), self.expression(value))

    def _conditional(self, node: Node) -> Expr:
        children = node.children
        condition = children[0]
        return Conditional(
            self.expression(condition),
            self.expression(children[2]) if len(children) == 5 else None,
            self.expression(children[-1]),
            self.span(condition),
        )

    def _cast(self, node: Node) -> Expr:
        children = node.children
        return Cast(self.described(children[1]), self.expression(children[3]))

    def operand(self, node: Node) -> Expr | TypeSyntax:
        """What ``sizeof`` and ``typeof`` take: a type or an expression."""
        if node.type == "type_descriptor":
            return self.described(node)
        return self.expression(node)

    def _sizeof(self, node: Node) -> Expr:
        children = node.children
        word = self.texts[self.at(node)]
        operator = "sizeof" if word == "sizeof" else _ALIGNOF
        return SizeOf(operator, self.operand(children[2 if len(children) == 4 else 1]))

    def _compound_literal(self, node: Node) -> Expr:
        children = node.children
        return CompoundLiteral(self.described(children[1]), self.initializer(children[3]))

    def initializer(self, node: Node) -> Initializer:
        """``{ … }``; a range designator ``[a ... b]`` is a :class:`Binary` ``...``."""
        items: list[tuple[tuple[str | Expr, ...], Expr]] = []
        for child in node.children:
            if child.type in ("{", "}", ","):
                continue
            items.append(self.item(child))
        return Initializer(tuple(items))

    def item(self, node: Node) -> tuple[tuple[str | Expr, ...], Expr]:
        """One item of an initialiser with its designators."""
        if node.type != "initializer_pair":
            return ((), self.expression(node))
        parts = node.children
        path = tuple([self._designator(part) for part in parts[:-1] if part.is_named])
        return (path, self.expression(parts[-1]))

    def _designator(self, node: Node) -> str | Expr:
        kind = node.type
        if kind == "field_designator":
            return self.texts[self.at(node.children[1])]
        if kind == "field_identifier":
            return self.texts[self.at(node)]
        children = node.children
        if kind == "subscript_range_designator":
            return Binary(
                "...",
                self.expression(children[1]),
                self.expression(children[3]),
                self.span(node),
            )
        return self.expression(children[1])

    # --- calls that stand for something else (see analyzer.csource.dialect); None if one
    # has not the form it must have, and then it is a call like any other ---

    def _types_compatible(self, node: Node) -> Expr | None:
        at = self.at(node)
        types: list[Expr] = []
        for child in node.children[1].children[1:-1:2]:
            written = _type_in(child)
            if written is not None:
                types.append(TypeArgument(self.described(written)))
            elif child.type == "sizeof_expression":
                types.append(self.expression(child.children[1]))
            else:
                return None
        return Call(Name(self.texts[at], at), tuple(types), at, (at, self.end(node)))

    def _offset_of(self, node: Node) -> Expr | None:
        arguments = node.children[1].children[1:-1:2]
        written = _type_in(arguments[0]) if len(arguments) == 2 else None
        if written is None:
            return None
        path: list[str | Expr] = []
        part = arguments[1]
        while part.type not in _LEAVES:
            parts = part.children
            if part.type == "field_expression":
                path.append(self.texts[self.at(parts[2])])
            elif part.type == "subscript_expression":
                path.append(self.expression(parts[2]))
            else:
                return None
            part = parts[0]
        path.append(self.texts[self.at(part)])
        return OffsetOf(self.described(written), tuple(reversed(path)))

    def _va_arg(self, node: Node) -> Expr | None:
        arguments = node.children[1].children[1:-1:2]
        written = _type_in(arguments[1]) if len(arguments) == 2 else None
        if written is None:
            return None
        return VaArg(self.expression(arguments[0]), self.described(written))

    def _generic(self, node: Node) -> Expr | None:
        arguments = node.children[1].children[1:-1:2]
        if len(arguments) % 2 == 0:
            return None
        choices: list[tuple[TypeSyntax | None, Expr]] = []
        for position in range(1, len(arguments), 2):
            written = _type_in(arguments[position])
            if written is None:
                return None
            is_default = self.texts[self.at(written)] == "default"
            kind = None if is_default else self.described(written)
            choices.append((kind, self.expression(arguments[position + 1])))
        return Generic(self.expression(arguments[0]), tuple(choices))


def _type_in(node: Node) -> Node | None:
    """The type in an argument that was written ``sizeof (T)``."""
    children = node.children
    if node.type == "sizeof_expression" and len(children) == 4:
        return children[2]
    return None


_LEAVES: Final = frozenset({"identifier", "number_literal"})
_UNARY: Final = {"__real": "__real__", "__imag": "__imag__"}

_EXPRESSIONS: Final[dict[str, Callable[[ExpressionLowering, Node], Expr]]] = {
    "identifier": ExpressionLowering._leaf,
    "number_literal": ExpressionLowering._leaf,
    "parenthesized_expression": ExpressionLowering._parenthesized,
    "call_expression": ExpressionLowering._call,
    "field_expression": ExpressionLowering._field,
    "subscript_expression": ExpressionLowering._subscript,
    "unary_expression": ExpressionLowering._unary,
    "pointer_expression": ExpressionLowering._unary,
    "update_expression": ExpressionLowering._update,
    "binary_expression": ExpressionLowering._binary,
    "comma_expression": ExpressionLowering._comma,
    "assignment_expression": ExpressionLowering._assign,
    "conditional_expression": ExpressionLowering._conditional,
    "cast_expression": ExpressionLowering._cast,
    "sizeof_expression": ExpressionLowering._sizeof,
    "compound_literal_expression": ExpressionLowering._compound_literal,
    "initializer_list": ExpressionLowering.initializer,
}

_SPECIAL_CALLS: Final[dict[str, Callable[[ExpressionLowering, Node], Expr | None]]] = {
    "__builtin_types_compatible_p": ExpressionLowering._types_compatible,
    "__builtin_offsetof": ExpressionLowering._offset_of,
    "__builtin_va_arg": ExpressionLowering._va_arg,
    "_Generic": ExpressionLowering._generic,
}
