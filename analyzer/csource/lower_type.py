"""Lower specifiers, declarators and struct, union and enum bodies (C17 6.7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from analyzer.csource.lower_expression import ExpressionLowering
from analyzer.csource.syntax import (
    Array,
    AutoType,
    EnumBody,
    Expr,
    FunctionType,
    Member,
    Named,
    Parameter,
    Pointer,
    Qualified,
    StructBody,
    Tagged,
    TypedefName,
    TypeOf,
    TypeSyntax,
)

if TYPE_CHECKING:
    from tree_sitter import Node

_STORAGE: Final = {
    "typedef": "typedef",
    "extern": "extern",
    "static": "static",
    "register": "register",
    "inline": "inline",
    "__inline": "inline",
    "__inline__": "inline",
    "__thread": "__thread",
    "_Thread_local": "__thread",
}
_KEYWORDS: Final = {
    "__signed": "signed",
    "__signed__": "signed",
}
_BUILTIN_WORDS: Final = (
    "void char short int long signed unsigned float double _Bool __int128 __int128_t "
    "__uint128_t __float128 _Float128 __builtin_va_list"
)
_BUILTIN: Final = frozenset(_BUILTIN_WORDS.split())
_STATEMENT_WORDS: Final = frozenset(
    {"else", "if", "while", "do", "for", "switch", "case", "default", "return", "goto"}
)
_CONST: Final = frozenset({"const", "__const", "__const__"})
_VOLATILE: Final = frozenset({"volatile", "__volatile", "__volatile__"})
_ASSERT: Final = frozenset({"_Static_assert", "static_assert"})
_SPECIFIERS: Final = frozenset(
    {
        "primitive_type",
        "sized_type_specifier",
        "struct_specifier",
        "union_specifier",
        "enum_specifier",
        "type_identifier",
    }
)


class Specifiers(NamedTuple):
    """The specifiers of a declaration; ``rest`` is the index of the first child behind."""

    storage: tuple[str, ...]
    type: TypeSyntax
    rest: int


class Declared(NamedTuple):
    """A declarator applied to its base type; ``name`` None if it is abstract."""

    name: str | None
    type: TypeSyntax
    at: int


class TypeLowering(ExpressionLowering):
    """Types."""

    __slots__ = ()

    def specifiers(self, children: Sequence[Node]) -> Specifiers:
        """Read the leading specifiers among a declaration's children."""
        texts = self.texts
        storage: list[str] = []
        const = volatile = False
        base: TypeSyntax | None = None
        operand: Expr | TypeSyntax | None = None
        position = 0
        for child in children:
            kind = child.type
            if kind in _SPECIFIERS:
                if base is not None:
                    break
                base = self._base(child, operand)
            elif kind == "type_qualifier":
                inner = child.children
                if inner and inner[0].type == "alignas_qualifier":
                    operand = self.operand(inner[0].children[2])
                else:
                    word = texts[self.at(child)]
                    const = const or word in _CONST
                    volatile = volatile or word in _VOLATILE
            elif kind in ("storage_class_specifier", "typedef"):
                word = _STORAGE.get(texts[self.at(child)], "")
                if word and word not in storage:
                    storage.append(word)
            else:
                break
            position += 1
        if base is None:
            base = Named("int")  # C89 implicit int: `static x;`, `auto x`
        if const or volatile:
            base = Qualified(base, const, volatile)
        return Specifiers(tuple(sorted(storage)), base, position)

    def _base(self, node: Node, operand: Expr | TypeSyntax | None) -> TypeSyntax:
        kind = node.type
        at = self.at(node)
        text = self.texts[at]
        if kind == "primitive_type":
            if text == ")":
                if operand is None:
                    return self.unknown_type(node)
                return TypeOf(operand)
            if text == "__auto_type":
                return AutoType()
            return Named(text) if text in _BUILTIN else TypedefName(text)
        if kind == "sized_type_specifier":
            words: list[str] = []
            for index in range(at, self.end(node)):
                word = _KEYWORDS.get(self.texts[index], self.texts[index])
                if word in _BUILTIN:
                    words.append(word)
            base: TypeSyntax = Named(" ".join(sorted(words)))
            inside = [self.texts[self.at(child)] for child in node.children]
            const = not _CONST.isdisjoint(inside)
            volatile = not _VOLATILE.isdisjoint(inside)
            return Qualified(base, const, volatile) if const or volatile else base
        if kind == "type_identifier":
            if at in self.holes or text in _STATEMENT_WORDS or not text.isidentifier():
                return self.unknown_type(node)
            return TypedefName(text)
        return self._tagged(node, text, at)

    def _tagged(self, node: Node, keyword: str, at: int) -> Tagged:
        tag: str | None = None
        body: StructBody | EnumBody | None = None
        for child in node.children:
            kind = child.type
            if kind == "type_identifier":
                tag = self.texts[self.at(child)]
            elif kind == "field_declaration_list":
                before = self.claim(at, self.at(child))
                members = self._members(child)
                end = self.end(child)
                self.claim(at, end)
                body = StructBody(members, before + self.claim(end, end + 1))
            elif kind == "enumerator_list":
                body = self._enumerators(child)
                end = self.end(child)
                body = replace(body, attributes=self.claim(at, end + 1))
        return Tagged(keyword, tag, body)

    def _members(self, node: Node) -> tuple[Member, ...]:
        members: list[Member] = []
        for field in node.children:
            if field.type != "field_declaration":
                continue
            children = field.children
            if self.texts[self.at(field)] in _ASSERT:
                continue
            specifiers = self.specifiers(children)
            base = specifiers.type
            begin = self.at(children[specifiers.rest])
            start = self.at(field)
            shared = self.claim_before(start) + self.claim(start, begin)
            if children[specifiers.rest].type == ";":
                if isinstance(_unqualified(base), Tagged):
                    members.append(Member(None, base, None, shared))
                continue
            for child in children[specifiers.rest :]:
                if child.type == "bitfield_clause":
                    members[-1] = replace(members[-1], bits=self.expression(child.children[1]))
                elif child.is_named:
                    declared = self.declarator(child, base)
                    name = None if declared.name in (":", ",") else declared.name
                    members.append(Member(name, declared.type, None, shared))
                else:  # `,` or `;`
                    end = self.at(child)
                    own = self.claim(begin, end)
                    begin = end
                    if own:
                        members[-1] = replace(members[-1], attributes=shared + own)
        return tuple(members)

    def _enumerators(self, node: Node) -> EnumBody:
        found: list[tuple[str, Expr | None]] = []
        for child in node.children:
            if child.type == "enumerator":
                parts = child.children
                value = self.expression(parts[2]) if len(parts) == 3 else None
                found.append((self.texts[self.at(parts[0])], value))
        return EnumBody(tuple(found))

    def declarator(self, node: Node, base: TypeSyntax) -> Declared:
        """Apply a declarator, from the outermost derivation inwards (C17 6.7.6)."""
        kind = node.type
        if kind in _NAMES:
            at = self.at(node)
            return Declared(self.texts[at], base, at)
        children = node.children
        if kind in ("pointer_declarator", "abstract_pointer_declarator"):
            const = False
            inner: Node | None = None
            for child in children[1:]:
                if child.type == "type_qualifier":
                    const = const or self.texts[self.at(child)] in _CONST
                else:
                    inner = child
            pointer = Pointer(base, const)
            if inner is None:
                return Declared(None, pointer, self.at(node))
            return self.declarator(inner, pointer)
        if kind in ("function_declarator", "abstract_function_declarator"):
            function = self._function(children[-1], base)
            if len(children) == 1:
                return Declared(None, function, self.at(node))
            return self.declarator(children[0], function)
        if kind in ("array_declarator", "abstract_array_declarator"):
            inner = None if children[0].type == "[" else children[0]
            length: Expr | None = None
            for child in children[0 if inner is None else 1 :]:
                if child.is_named and child.type not in ("type_qualifier",):
                    length = self.expression(child)
            array = Array(base, length)
            if inner is None:
                return Declared(None, array, self.at(node))
            return self.declarator(inner, array)
        if kind in ("parenthesized_declarator", "abstract_parenthesized_declarator"):
            return self.declarator(children[1], base)
        return Declared(None, self.unknown_type(node), self.at(node))

    def _function(self, node: Node, result: TypeSyntax) -> FunctionType:
        parameters: list[Parameter] = []
        variadic = False
        for child in node.children:
            kind = child.type
            if kind == "parameter_declaration":
                children = child.children
                specifiers = self.specifiers(children)
                if specifiers.rest < len(children):
                    declared = self.declarator(children[specifiers.rest], specifiers.type)
                    parameters.append(Parameter(declared.name, declared.type))
                else:
                    parameters.append(Parameter(None, specifiers.type))
            elif kind == "variadic_parameter":
                variadic = True
        self.claim(*self.span(node))
        if len(parameters) == 1 and parameters[0] == _VOID:
            parameters.clear()
        return FunctionType(result, tuple(parameters), variadic)

    def described(self, node: Node) -> TypeSyntax:
        children = node.children
        specifiers = self.specifiers(children)
        if specifiers.rest == len(children):
            return specifiers.type
        return self.declarator(children[specifiers.rest], specifiers.type).type


_NAMES: Final = frozenset({"identifier", "field_identifier", "type_identifier", "primitive_type"})
_VOID: Final = Parameter(None, Named("void"))


def _unqualified(type_: TypeSyntax) -> TypeSyntax:
    return type_.type if isinstance(type_, Qualified) else type_
