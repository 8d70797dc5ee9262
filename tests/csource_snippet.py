"""C snippets evaluated in tests: a small file scope without a preprocessor.

A macro use is written as an identifier and its expansions, one per group of
configurations, are handed in beside the text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analyzer.configset.configset import Mask
from analyzer.csource.parse import CParser
from analyzer.csource.sanitizers import read_sanitizers
from analyzer.csource.scope import Bound, Found, FoundEnumerator, FoundTag
from analyzer.csource.sites import CallSite, FunctionFacts, SiteKind
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
from analyzer.csource.types import X86_64, Abi
from analyzer.csource.walk import Evaluator

Expansions = Mapping[str, Sequence[tuple[Mask, str]]]
"""Of each name that stands for a macro use: disjoint masks and what it expands to."""

_TOKEN = re.compile(
    r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|\.?\d(?:[eEpP][+-]|[\w.])*|[A-Za-z_]\w*|\.\.\.'
    r"|<<=|>>=|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|\S"
)
_TYPEDEF = re.compile(r"typedef\b[^;{]*?(?:\{[^}]*\}[^;]*?)?(\w+)\s*(?:\)\s*\([^;]*\))?;")


@dataclass(frozen=True, slots=True)
class Snippet:
    """An evaluated text: the facts of its functions by name."""

    bound: Bound
    facts: Mapping[str, FunctionFacts]

    def sites(self, function: str = "f") -> tuple[CallSite, ...]:
        return self.facts[function].sites

    def called(self, function: str = "f") -> dict[str, Mask]:
        """The functions called by name or as a cleanup, and where; no builtins."""
        result: dict[str, Mask] = {}
        for site in self.sites(function):
            if site.kind in {SiteKind.CALL, SiteKind.CLEANUP} and "__builtin_" not in site.name:
                result[site.name] = result.get(site.name, 0) | site.mask
        return result


class SnippetScope:
    """File scope of a snippet: everything it declares, visible everywhere."""

    def __init__(self, bound: Bound, mask: Mask) -> None:
        self._ordinary: dict[str, list[Found]] = {}
        self._tags: dict[tuple[str, str], list[FoundTag]] = {}
        self._enumerators: dict[str, list[FoundEnumerator]] = {}
        self._mask = mask
        for statement in bound.piece.body:
            if isinstance(statement, Declaration):
                self._take_type(statement.specifier, bound)
                for index, declarator in enumerate(statement.declarators):
                    found = Found(mask, statement, index, bound)
                    self._ordinary.setdefault(declarator.name, []).append(found)
            elif isinstance(statement, FunctionDefinition):
                found = Found(mask, statement, 0, bound)
                self._ordinary.setdefault(statement.name, []).append(found)

    def _take_type(self, type_: TypeSyntax, bound: Bound) -> None:
        match type_:
            case Qualified(inner):
                self._take_type(inner, bound)
            case Pointer(inner):
                self._take_type(inner, bound)
            case Array(inner):
                self._take_type(inner, bound)
            case FunctionType(inner):
                self._take_type(inner, bound)
            case Tagged(kind, tag, body) if body is not None:
                if tag is not None:
                    found = FoundTag(self._mask, type_, bound)
                    self._tags.setdefault((kind, tag), []).append(found)
                if isinstance(body, EnumBody):
                    for name, _ in body.enumerators:
                        one = FoundEnumerator(self._mask, body, bound)
                        self._enumerators.setdefault(name, []).append(one)
                if isinstance(body, StructBody):
                    for member in body.members:
                        self._take_type(member.type, bound)
            case _:
                pass

    def ordinary(self, name: str) -> Sequence[Found]:
        return self._ordinary.get(name, ())

    def tag(self, kind: str, name: str) -> Sequence[FoundTag]:
        return self._tags.get((kind, name), ())

    def enumerator(self, name: str) -> Sequence[FoundEnumerator]:
        return self._enumerators.get(name, ())


def evaluate(
    text: str,
    expansions: Expansions | None = None,
    mask: Mask = 1,
    abi: Abi = X86_64,
    flags: Sequence[tuple[Mask, str]] = (),
) -> Snippet:
    """Parse ``text`` as a file and evaluate all its functions where ``mask``."""
    bound, scope, _ = bound_of(text, expansions, mask, abi)
    evaluator = Evaluator(scope, abi, read_sanitizers(flags))
    facts = {
        statement.name: evaluator.function(statement, bound, mask)
        for statement in bound.piece.body
        if isinstance(statement, FunctionDefinition)
    }
    return Snippet(bound, facts)


def bound_of(
    text: str, expansions: Expansions | None = None, mask: Mask = 1, abi: Abi = X86_64
) -> tuple[Bound, SnippetScope, Abi]:
    """Parse ``text`` as a file with its macro uses filled in, and its file scope."""
    texts = _TOKEN.findall(text)
    typedefs = set(_TYPEDEF.findall(text))
    uses = [index for index, token in enumerate(texts) if token in (expansions or {})]
    holes = {index: number for number, index in enumerate(uses)}
    parser = CParser()
    piece = parser.parse_file_scope(texts, holes, typedefs)
    assert piece.losses == (), [" ".join(texts[low:high]) for low, high in piece.losses]
    filled = tuple(
        tuple((share, _expansion(parser, one, typedefs)) for share, one in expansions[texts[use]])
        for use in uses
        if expansions is not None
    )
    bound = Bound(piece, tuple(texts), tuple(texts), filled)
    return bound, SnippetScope(bound, mask), abi


def _expansion(parser: CParser, text: str, typedefs: set[str]) -> Bound:
    texts = _TOKEN.findall(text)
    piece: Piece = parser.parse_statements(texts, {}, typedefs)
    return Bound(piece, tuple(texts), tuple(texts), ())
