"""A model as text and back, so that it can be kept: reading it takes a third of loading.

The text is JSON. What many entries share (places, inherited conditions) stands in tables and
is named by its index, and one object is made for each. A model that is read back equals the
one that was written.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Hashable, Sequence
from typing import Any, Generic, TypeVar

from analyzer.errors import InternalError
from analyzer.kconfig.model import (
    Choice,
    Default,
    Definition,
    Depends,
    Entry,
    EntryKind,
    KconfigModel,
    Origin,
    Probe,
    Prompt,
    Range,
    Resolver,
    Reverse,
    Symbol,
    SymbolType,
)
from analyzer.location import Location

_LINE_BITS = 24

H = TypeVar("H", bound=Hashable)


def pack(model: KconfigModel) -> str:
    """``model`` as the text that :func:`unpack` takes."""
    return _Packer().pack(model)


def unpack(text: str) -> KconfigModel:
    """The model that :func:`pack` made ``text`` of.

    Raises ``ValueError``, ``TypeError``, ``LookupError`` or :class:`InternalError` for any
    other text.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _unpacked(json.loads(text))
    finally:
        if collecting:
            gc.enable()


class _Table(Generic[H]):
    """Things by the index at which they were first seen."""

    __slots__ = ("index",)

    def __init__(self) -> None:
        self.index: dict[H, int] = {}

    def of(self, item: H) -> int:
        return self.index.setdefault(item, len(self.index))


class _Packer:
    def __init__(self) -> None:
        self._files: _Table[str] = _Table()
        self._places: _Table[Location] = _Table()
        self._conditions: _Table[Depends] = _Table()

    def pack(self, model: KconfigModel) -> str:
        symbols = [self._symbol(symbol) for symbol in model.symbols]
        choices = [self._choice(choice) for choice in model.choices]
        kinds = list(EntryKind)
        conditions = [
            [each.expression, self._place(each.location), each.origin.value]
            for each in self._conditions.index
        ]
        resolver = model.resolver
        document = {
            "about": [model.arch, model.version, model.title, model.toolchain, model.modules],
            "resolver": [
                resolver.choices_have_modes,
                resolver.empty_numbers,
                resolver.drops_numbers,
            ],
            "nodes": model.nodes,
            "order": model.order,
            "symbol_nodes": model.symbol_nodes,
            "symbols": symbols,
            "choices": choices,
            "conditions": conditions,
            "probes": [[probe.command, probe.value] for probe in model.probes],
            "entries": [
                [kinds.index(each.kind), each.symbol, each.title, each.visible]
                for each in model.entries
            ],
            "places": [self._number(place) for place in self._places.index],
            "place_files": list(self._files.index),
            "files": model.files,
        }
        return json.dumps(document, separators=(",", ":"))

    def _number(self, place: Location) -> int:
        if place.column or place.line >> _LINE_BITS:
            raise InternalError(f"a place that cannot be packed: {place!r}")
        return self._files.of(place.file) << _LINE_BITS | place.line

    def _place(self, place: Location) -> int:
        return self._places.of(place)

    def _depends(self, depends: tuple[Depends, ...]) -> list[int]:
        return [self._conditions.of(each) for each in depends]

    def _defaults(self, defaults: tuple[Default, ...]) -> list[Any]:
        place = self._place
        return [
            [d.value, d.condition, d.own_condition, place(d.location), d.probed] for d in defaults
        ]

    def _reverse(self, reverse: tuple[Reverse, ...]) -> list[Any]:
        return [
            [each.source, each.strength, each.own_condition, self._place(each.location)]
            for each in reverse
        ]

    def _symbol(self, symbol: Symbol) -> list[Any]:
        place = self._place
        definitions = [
            [place(each.location), each.full_depends, self._depends(each.depends)]
            for each in symbol.definitions
        ]
        prompts = [
            [p.text, p.condition, p.own_condition, self._depends(p.visible_if), place(p.location)]
            for p in symbol.prompts
        ]
        ranges = [
            [each.low, each.high, each.condition, each.own_condition, place(each.location)]
            for each in symbol.ranges
        ]
        return [
            *(symbol.name, symbol.type.value, symbol.constant, symbol.transitional),
            *(symbol.choice, definitions, prompts, self._defaults(symbol.defaults), ranges),
            *(self._reverse(symbol.selects), self._reverse(symbol.implies)),
            *(symbol.direct, symbol.selected, symbol.implied),
        ]

    def _choice(self, choice: Choice) -> list[Any]:
        return [
            *(self._place(choice.location), choice.title, choice.members),
            *(self._defaults(choice.defaults), choice.prompt, choice.has_mode),
            *(choice.tristate, choice.optional),
        ]


def _unpacked(document: dict[str, Any]) -> KconfigModel:
    arch, version, title, toolchain, modules = document["about"]
    files: Sequence[str] = document["place_files"]
    mask = (1 << _LINE_BITS) - 1
    places = [Location(files[n >> _LINE_BITS], n & mask) for n in document["places"]]
    origins = {each.value: each for each in Origin}
    conditions = [
        Depends(node, places[place], origins[origin])
        for node, place, origin in document["conditions"]
    ]
    symbols = _symbols(document["symbols"], places, conditions)
    kinds = tuple(EntryKind)
    return KconfigModel(
        arch=arch,
        version=version,
        title=title,
        toolchain=toolchain,
        resolver=Resolver(*document["resolver"]),
        nodes=tuple(map(tuple, document["nodes"])),
        order=tuple(document["order"]),
        symbols=symbols,
        symbol_nodes=tuple(document["symbol_nodes"]),
        choices=tuple(
            Choice(places[place], title, tuple(members), _defaults(defaults, places), *rest)
            for place, title, members, defaults, *rest in document["choices"]
        ),
        probes=tuple(Probe(command, value) for command, value in document["probes"]),
        entries=tuple(
            Entry(kinds[kind], symbol, title, visible)
            for kind, symbol, title, visible in document["entries"]
        ),
        by_name={each.name: i for i, each in enumerate(symbols) if not each.constant},
        modules=modules,
        files=tuple(document["files"]),
    )


def _symbols(
    rows: list[list[Any]], places: Sequence[Location], conditions: Sequence[Depends]
) -> tuple[Symbol, ...]:
    types = {each.value: each for each in SymbolType}
    made: list[Symbol] = []
    for row in rows:
        name, kind, constant, transitional, choice, definitions, prompts, *rest = row
        defaults, ranges, selects, implies, direct, selected, implied = rest
        made.append(
            Symbol(
                name,
                types[kind],
                constant,
                transitional,
                choice,
                tuple(
                    [
                        Definition(places[place], full, tuple([conditions[i] for i in depends]))
                        for place, full, depends in definitions
                    ]
                ),
                tuple(
                    [
                        Prompt(text, full, own, tuple([conditions[i] for i in seen]), places[place])
                        for text, full, own, seen, place in prompts
                    ]
                ),
                _defaults(defaults, places),
                tuple(
                    [
                        Range(low, high, full, own, places[place])
                        for low, high, full, own, place in ranges
                    ]
                ),
                _reverse(selects, places),
                _reverse(implies, places),
                direct,
                selected,
                implied,
            )
        )
    return tuple(made)


def _defaults(rows: list[list[Any]], places: Sequence[Location]) -> tuple[Default, ...]:
    return tuple(
        [
            Default(value, full, own, places[place], probed)
            for value, full, own, place, probed in rows
        ]
    )


def _reverse(rows: list[list[Any]], places: Sequence[Location]) -> tuple[Reverse, ...]:
    return tuple(
        [Reverse(source, strength, own, places[place]) for source, strength, own, place in rows]
    )
