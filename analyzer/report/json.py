"""The JSON contracts of ``paths``, ``callers``, ``slots`` and ``callgraph`` (``docs/schema/``).

``json_parts`` says how masks and places are written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from analyzer.callers.result import CallersResult, EntryPoint
from analyzer.callgraph.model import UnitGraph
from analyzer.configset.configset import Mask
from analyzer.diagnostics import Diagnostic
from analyzer.paths.result import ConfigInfo, Edge, Limit, Node, PathClass, PathsResult, Place
from analyzer.report.json_parts import (
    Value,
    config_values,
    diagnostic_values,
    document_text,
    hexadecimal,
    kernel_values,
    place_values,
)
from analyzer.slots.result import PlatformInfo, SlotEntry, SlotsResult

PATHS_SCHEMA = "kimpact/paths/1"
CALLERS_SCHEMA = "kimpact/callers/1"
SLOTS_SCHEMA = "kimpact/slots/1"
CALLGRAPH_SCHEMA = "kimpact/callgraph/1"


def paths_json(result: PathsResult) -> str:
    """The text of a ``kimpact/paths/1`` document, with a final line end."""
    return document_text(paths_values(result))


def paths_values(result: PathsResult) -> dict[str, Value]:
    """A ``kimpact/paths/1`` document."""
    return {
        "schema": PATHS_SCHEMA,
        "kernel": kernel_values(result.kernel),
        "configs": config_values(result.configs),
        "platforms": list(result.platforms),
        "support": [
            {"platform": each.platform, "mask": hexadecimal(each.mask)} for each in result.support
        ],
        "to": result.target,
        "symbols": _symbols(result.symbols),
        "roots": list(result.roots),
        "nodes": [
            {**_node(node), "absent": node.absent, "occurrences": _occurrences(node)}
            for node in result.nodes
        ],
        "edges": [{**_edge(edge), "carries": hexadecimal(edge.carries)} for edge in result.edges],
        "classes": [_class(each) for each in result.classes],
        "groups": [{"mask": hexadecimal(one.mask), "when": one.when} for one in result.groups],
        "limits": [_limit(limit) for limit in result.limits],
        "diagnostics": diagnostic_values(result.diagnostics),
    }


def callers_json(result: CallersResult) -> str:
    """The text of a ``kimpact/callers/1`` document, with a final line end."""
    return document_text(callers_values(result))


def callers_values(result: CallersResult) -> dict[str, Value]:
    """A ``kimpact/callers/1`` document."""
    return {
        "schema": CALLERS_SCHEMA,
        "kernel": kernel_values(result.kernel),
        "configs": config_values(result.configs),
        "symbols": _symbols(result.symbols),
        "roots": list(result.roots),
        "nodes": [{**_node(node), "absent": node.absent} for node in result.nodes],
        "edges": [_edge(edge) for edge in result.edges],
        "entries": [_entry(entry) for entry in result.entries],
        "classes": [_class(each) for each in result.classes],
        "limits": [
            {
                "node": limit.node,
                "reason": limit.reason.value,
                "mask": hexadecimal(limit.mask),
                "hidden": limit.hidden,
            }
            for limit in result.limits
        ],
        "diagnostics": diagnostic_values(result.diagnostics),
    }


def slots_json(result: SlotsResult) -> str:
    """The text of a ``kimpact/slots/1`` document, with a final line end."""
    return document_text(slots_values(result))


def slots_values(result: SlotsResult) -> dict[str, Value]:
    """A ``kimpact/slots/1`` document."""
    return {
        "schema": SLOTS_SCHEMA,
        "kernel": kernel_values(result.kernel),
        "configs": config_values(result.configs),
        "platforms": [_platform(platform) for platform in result.platforms],
        "slots": [
            {
                "slot": slot.name,
                "mask": hexadecimal(slot.mask),
                "entries": [_slot_entry(entry) for entry in slot.entries],
            }
            for slot in result.slots
        ],
        "tables": [{"name": table.name, "files": list(table.files)} for table in result.tables],
        "diagnostics": diagnostic_values(result.diagnostics),
    }


def callgraph_json(
    configs: Sequence[ConfigInfo],
    units: Iterable[UnitGraph],
    diagnostics: Iterable[Diagnostic],
) -> str:
    """The text of a ``kimpact/callgraph/1`` document, with a final line end."""
    return document_text(
        {
            "schema": CALLGRAPH_SCHEMA,
            "configs": config_values(configs),
            "units": [_unit(unit) for unit in units],
            "diagnostics": diagnostic_values(diagnostics),
        }
    )


def _symbols(symbols: Iterable[tuple[str, Iterable[tuple[Mask, str]]]]) -> list[Value]:
    return [
        {
            "name": name,
            "values": [{"value": text, "mask": hexadecimal(mask)} for mask, text in values],
        }
        for name, values in symbols
    ]


def _node(node: Node) -> dict[str, Value]:
    return {
        "id": node.id,
        "name": node.name,
        "kind": node.kind.value,
        **place_values(node.location),
        "mask": hexadecimal(node.mask),
        "effects": list(node.effects),
    }


def _edge(edge: Edge) -> dict[str, Value]:
    return {
        "from": edge.source,
        "to": edge.target,
        "name": edge.name,
        "kind": edge.kind.value,
        "certainty": edge.certainty.value,
        **place_values(edge.location),
        "mask": hexadecimal(edge.mask),
        "platforms": list(edge.platforms),
        "slot": edge.slot,
        "context": edge.context,
        "guards": [{"text": guard.text, "label": guard.label} for guard in edge.guards],
        "conditionals": [
            {"text": conditional.text, **place_values(conditional.location)}
            for conditional in edge.conditionals
        ],
    }


def _entry(entry: EntryPoint) -> Value:
    return {
        "node": entry.node,
        "kind": entry.kind.value,
        "name": entry.name,
        "detail": entry.detail,
        "argument": entry.argument,
        **place_values(entry.location),
        "mask": hexadecimal(entry.mask),
    }


def _platform(platform: PlatformInfo) -> Value:
    return {
        "name": platform.name,
        "mask": hexadecimal(platform.mask),
        "entry": platform.entry,
        **place_values(platform.location),
        "unset": list(platform.unset),
    }


def _slot_entry(entry: SlotEntry) -> Value:
    return {
        "platform": entry.platform,
        "value": entry.kind.value,
        "function": entry.function,
        **place_values(entry.location),
        "mask": hexadecimal(entry.mask),
        "guards": [{"text": guard.text, "label": guard.label} for guard in entry.guards],
        "stored": place_values(entry.stored),
        "later": entry.later,
    }


def _class(each: PathClass) -> Value:
    return {
        "mask": hexadecimal(each.mask),
        "platforms": list(each.platforms),
        "when": each.when,
        "effects": list(each.effects),
        "edges": list(each.edges),
    }


def _limit(limit: Limit) -> Value:
    return {
        "node": limit.node,
        "reason": limit.reason.value,
        "mask": hexadecimal(limit.mask),
        "hidden": limit.hidden,
        "places": [_place(place) for place in limit.places],
    }


def _occurrences(node: Node) -> list[Value]:
    return [{"effect": one.effect, **_place(one.place)} for one in node.occurrences]


def _place(place: Place) -> dict[str, Value]:
    return {"mask": hexadecimal(place.mask), "platforms": list(place.platforms)}


def _unit(unit: UnitGraph) -> Value:
    return {
        "file": unit.file,
        "mask": hexadecimal(unit.mask),
        "functions": [
            {
                "name": function.name,
                **place_values(function.location),
                "static": function.static,
                "inline": function.inline,
                "mask": hexadecimal(function.mask),
            }
            for function in unit.functions
        ],
        "edges": [
            {"caller": edge.caller, "callee": edge.callee, "mask": hexadecimal(edge.mask)}
            for edge in unit.edges
        ],
        "indirect_calls": [
            {"caller": call.caller, "line": call.line, "mask": hexadecimal(call.mask)}
            for call in unit.indirect_calls
        ],
    }
