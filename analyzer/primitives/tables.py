"""The tables of a knowledge file, and how the entries of each become facts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import TypeAlias

from analyzer.primitives.model import (
    Allocation,
    BootParameter,
    Boundary,
    Callback,
    Context,
    Conversion,
    Descriptor,
    Failure,
    FeatureNames,
    Form,
    Holder,
    Initcall,
    ParameterKind,
    PlatformName,
    Predicate,
    PredicateKind,
    ReferenceDrop,
    Release,
    Starter,
    StaticCalls,
    Synchronisation,
    Wait,
)
from analyzer.primitives.reading import Entry

Fact: TypeAlias = (
    Allocation
    | BootParameter
    | Boundary
    | Callback
    | Context
    | Conversion
    | Descriptor
    | FeatureNames
    | Holder
    | Initcall
    | PlatformName
    | ReferenceDrop
    | Release
    | Starter
    | StaticCalls
    | Synchronisation
    | Predicate
)


def _contexts(entry: Entry) -> Iterator[Fact]:
    yield Context(
        entry.word("name"), entry.text("text"), entry.flag("here"), entry.flag("grace-period")
    )


def _callbacks(entry: Entry) -> Iterator[Fact]:
    names = entry.names("names")
    function, data = entry.index("function"), entry.optional_index("data")
    context = entry.word("context")
    waits, argument = entry.flag("waits"), entry.optional_index("waits-argument")
    here = entry.flag("also-here")
    if waits and argument is not None:
        raise entry.fail("waits-argument", "cannot be given together with waits = true")
    for name in names:
        yield Callback(name, function, context, data, waits, argument, here)


def _holders(entry: Entry) -> Iterator[Fact]:
    structs, member = entry.names("structs"), entry.identifier("member")
    context = entry.word("context")
    for name in structs:
        yield Holder(name, member, context)


def _starters(entry: Entry) -> Iterator[Fact]:
    names, index, struct = entry.names("names"), entry.index("object"), entry.identifier("struct")
    for name in names:
        yield Starter(name, index, struct)


def _releases(entry: Entry) -> Iterator[Fact]:
    names, index = entry.names("names"), entry.index("object")
    form, memory = entry.choice("form", Form), entry.word("memory")
    after = entry.optional_word("after")
    for name in names:
        yield Release(name, index, form, memory, after)


def _drops(entry: Entry) -> Iterator[Fact]:
    names, index, form = entry.names("names"), entry.index("object"), entry.choice("form", Form)
    release = entry.optional_index("release")
    for name in names:
        yield ReferenceDrop(name, index, form, release)


def _synchronisations(entry: Entry) -> Iterator[Fact]:
    names, effect = entry.names("names"), entry.choice("effect", Wait)
    argument = entry.optional_index("waits-argument")
    for name in names:
        yield Synchronisation(name, effect, argument)


def _conversions(entry: Entry) -> Iterator[Fact]:
    names, index = entry.names("names"), entry.index("object")
    source, result = entry.choice("from", Form), entry.choice("to", Form)
    for name in names:
        yield Conversion(name, index, source, result)


def _allocations(entry: Entry) -> Iterator[Fact]:
    names, memory = entry.names("names"), entry.word("memory")
    failure = entry.choice("failure", Failure)
    suffixes = ("", *entry.texts("suffixes", required=False))
    for name in names:
        for suffix in suffixes:
            yield Allocation(name + suffix, memory, failure)


def _predicates(entry: Entry) -> Iterator[Fact]:
    names, kind = entry.names("names"), entry.choice("kind", PredicateKind)
    argument = entry.index("argument")
    word, otherwise = entry.text("word"), entry.text("otherwise")
    for name in names:
        yield Predicate(name, kind, argument, word, otherwise)


def _parameters(entry: Entry) -> Iterator[Fact]:
    names, parameter = entry.names("macros"), entry.index("parameter")
    kind, target = entry.choice("kind", ParameterKind), entry.optional_index("target")
    early = entry.flag("early")
    if kind is ParameterKind.HANDLER and target is None:
        raise entry.fail("target", "a handler is needed for kind = 'handler'")
    for name in names:
        yield BootParameter(name, parameter, kind, target, early)


def _initcalls(entry: Entry) -> Iterator[Fact]:
    names, level, function = entry.names("macros"), entry.text("level"), entry.index("function")
    for name in names:
        yield Initcall(name, level, function)


def _descriptors(entry: Entry) -> Iterator[Fact]:
    yield Descriptor(
        entry.identifier("struct"), entry.identifier("detect"), entry.identifier("label")
    )


def _platforms(entry: Entry) -> Iterator[Fact]:
    yield PlatformName(entry.text("descriptor"), entry.word("name"))


def _static_calls(entry: Entry) -> Iterator[Fact]:
    yield StaticCalls(
        entry.identifier("key"),
        entry.identifier("trampoline"),
        entry.identifier("member"),
        entry.identifier("update"),
        entry.index("function"),
    )


def _feature_names(entry: Entry) -> Iterator[Fact]:
    yield FeatureNames(entry.identifier("prefix"), entry.text("word"), entry.text("otherwise"))


def _boundaries(entry: Entry) -> Iterator[Fact]:
    family = entry.word("family")
    names = entry.texts("names", required=False)
    files = entry.texts("files", required=False)
    if not names and not files:
        raise entry.fail(None, "neither names nor files are given")
    yield Boundary(family, names, files)


TABLES: Mapping[str, Callable[[Entry], Iterator[Fact]]] = MappingProxyType(
    {
        "context": _contexts,
        "callback": _callbacks,
        "holder": _holders,
        "starter": _starters,
        "release": _releases,
        "reference-drop": _drops,
        "synchronisation": _synchronisations,
        "conversion": _conversions,
        "allocation": _allocations,
        "predicate": _predicates,
        "boot-parameter": _parameters,
        "initcall": _initcalls,
        "platform-descriptor": _descriptors,
        "platform": _platforms,
        "static-call": _static_calls,
        "cpu-feature": _feature_names,
        "boundary": _boundaries,
    }
)
"""Table name -> what its entries say."""


def facts_of(table: str, entry: Entry) -> tuple[Fact, ...]:
    """The facts of one entry; raises :class:`analyzer.errors.BadInput` if it is malformed."""
    facts = tuple(TABLES[table](entry))
    entry.finish()
    return facts
