"""Which arguments of a function can be the object that it is asked to release.

Pointers and structures come first, then what pointers point to where that is a pointer or
a structure around one value (``pmd_t``), then numbers, which may be addresses.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from analyzer.csource.syntax import (
    Array,
    Declaration,
    FunctionType,
    Parameter,
    Pointer,
    Qualified,
    StructBody,
    Tagged,
    TypedefName,
    TypeSyntax,
)
from analyzer.csource.unit import TranslationUnit
from analyzer.effects.code import Body
from analyzer.effects.model import Entry, Held, Leads, Named, Seed


class Rank(enum.IntEnum):
    """How likely an argument is the object; what comes first is tried first."""

    POINTER = 0
    POINTEE = 1
    NUMBER = 2


@dataclass(frozen=True, slots=True)
class Chosen:
    """The object of a root: ``name`` for people; ``entry`` and ``seed`` for the flow."""

    name: str
    entry: Entry
    seed: Seed | None = None
    rank: Rank = Rank.POINTER


def candidates(body: Body) -> list[Chosen]:
    """What can be the object of ``body``, likeliest first."""
    found = list(_candidates(body))
    return sorted(found, key=lambda chosen: chosen.rank)


def _candidates(body: Body) -> Iterator[Chosen]:
    unit = body.analysis.opened.unit
    for index, parameter in enumerate(body.definition.syntax.type.parameters):
        name = parameter.name or f"argument {index}"
        syntax = _plain(parameter.type, unit)
        if isinstance(syntax, FunctionType) or (
            isinstance(syntax, Pointer) and isinstance(_plain(syntax.target, unit), FunctionType)
        ):
            continue
        number = not isinstance(syntax, Pointer | Array | Tagged)
        yield Chosen(name, ((index, Held()),), None, Rank.NUMBER if number else Rank.POINTER)
        if _leads_on(syntax, unit):
            yield Chosen(f"*{name}", ((index, Leads()),), None, Rank.POINTEE)


def named(body: Body, text: str) -> list[Chosen]:
    """What a user means by ``text``: a parameter (by name, or its position from 0), what it
    points to (``*name``), or a local variable; nothing if there is no such thing."""
    parameters = body.definition.syntax.type.parameters
    deep = text.startswith("*")
    plain = text.removeprefix("*")
    index = _index(parameters, plain)
    if index is not None:
        name = parameters[index].name or f"argument {index}"
        if deep:
            return [Chosen(f"*{name}", ((index, Leads()),))]
        return [Chosen(name, ((index, Held()),))]
    locals_ = any(variable.name == plain for variable in body.locals())
    return [Chosen(plain, (), Named(plain))] if locals_ and not deep else []


def _index(parameters: tuple[Parameter, ...], text: str) -> int | None:
    for index, parameter in enumerate(parameters):
        if parameter.name == text:
            return index
    if text.isdecimal() and int(text) < len(parameters):
        return int(text)
    return None


def _plain(syntax: TypeSyntax, unit: TranslationUnit) -> TypeSyntax:
    """A type without qualifiers and typedef names."""
    for _ in range(16):
        if isinstance(syntax, Qualified):
            syntax = syntax.type
        elif isinstance(syntax, TypedefName):
            known = [
                found.statement.declarators[found.index].type
                for found in unit.ordinary(syntax.name)
                if isinstance(found.statement, Declaration)
            ]
            if not known:
                break
            syntax = known[0]
        else:
            break
    return syntax


def _leads_on(syntax: TypeSyntax, unit: TranslationUnit) -> bool:
    if isinstance(syntax, Array):
        target = _plain(syntax.element, unit)
    elif isinstance(syntax, Pointer):
        target = _plain(syntax.target, unit)
    else:
        return False
    if isinstance(target, Pointer):
        return True
    if not isinstance(target, Tagged):
        return False
    bodies = [target.body]
    if target.tag is not None:
        bodies += [found.type.body for found in unit.tag(target.kind, target.tag)]
    return any(isinstance(each, StructBody) and len(each.members) == 1 for each in bodies)
