"""What a parsed piece declares at file scope: names, and bodies of tagged types."""

from __future__ import annotations

from collections.abc import Iterator

from analyzer.csource.syntax import (
    Array,
    Declaration,
    EnumBody,
    FunctionDefinition,
    FunctionType,
    Piece,
    Pointer,
    Qualified,
    StructBody,
    Tagged,
    TypeSyntax,
)


def declared_names(piece: Piece) -> Iterator[str]:
    for statement in piece.body:
        if isinstance(statement, FunctionDefinition):
            yield statement.name
        elif isinstance(statement, Declaration):
            for declarator in statement.declarators:
                yield declarator.name


def tagged_in(piece: Piece) -> Iterator[Tagged]:
    """All struct, union and enum bodies that a piece spells out, inner ones included."""
    for statement in piece.body:
        if isinstance(statement, FunctionDefinition):
            yield from _tagged(statement.type)
        elif isinstance(statement, Declaration):
            yield from _tagged(statement.specifier)


def enums_in(piece: Piece) -> Iterator[EnumBody]:
    for tagged in tagged_in(piece):
        if isinstance(tagged.body, EnumBody):
            yield tagged.body


def _tagged(syntax: TypeSyntax) -> Iterator[Tagged]:
    if isinstance(syntax, Tagged):
        if syntax.body is not None:
            yield syntax
        if isinstance(syntax.body, StructBody):
            for member in syntax.body.members:
                yield from _tagged(member.type)
    elif isinstance(syntax, Pointer):
        yield from _tagged(syntax.target)
    elif isinstance(syntax, Array):
        yield from _tagged(syntax.element)
    elif isinstance(syntax, FunctionType):
        yield from _tagged(syntax.result)
    elif isinstance(syntax, Qualified):
        yield from _tagged(syntax.type)
