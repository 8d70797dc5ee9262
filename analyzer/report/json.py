"""The JSON contracts of ``paths``, ``callers``, ``slots`` and ``callgraph`` (``docs/schema/``).

Masks are lower-case hex strings; bit *i* is configuration *i* of ``configs``. Files are
relative to the tree, lines count from 1. Text is ASCII, keys come in a fixed order.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from analyzer.callers.result import CallersResult, EntryPoint
from analyzer.callgraph.model import UnitGraph
from analyzer.configset.configset import Mask
from analyzer.diagnostics import Diagnostic
from analyzer.location import Location
from analyzer.paths.result import ConfigInfo, Edge, Limit, Node, PathClass, PathsResult
from analyzer.slots.result import PlatformInfo, SlotEntry, SlotsResult

PATHS_SCHEMA = "kimpact/paths/1"
CALLERS_SCHEMA = "kimpact/callers/1"
SLOTS_SCHEMA = "kimpact/slots/1"
CALLGRAPH_SCHEMA = "kimpact/callgraph/1"

Value = None | bool | int | str | Sequence["Value"] | dict[str, "Value"]
"""What JSON can say."""


def paths_json(result: PathsResult) -> str:
    """The text of a ``kimpact/paths/1`` document, with a final line end."""
    return _text(
        {
            "schema": PATHS_SCHEMA,
            "kernel": {"version": result.kernel.version, "arch": result.kernel.arch},
            "configs": _configs(result.configs),
            "platforms": list(result.platforms),
            "support": [
                {"platform": each.platform, "mask": _hex(each.mask)} for each in result.support
            ],
            "roots": list(result.roots),
            "nodes": [_node(node) for node in result.nodes],
            "edges": [{**_edge(edge), "carries": _hex(edge.carries)} for edge in result.edges],
            "classes": [_class(each) for each in result.classes],
            "limits": [_limit(limit) for limit in result.limits],
            "diagnostics": _diagnostics(result.diagnostics),
        }
    )


def callers_json(result: CallersResult) -> str:
    """The text of a ``kimpact/callers/1`` document, with a final line end."""
    return _text(
        {
            "schema": CALLERS_SCHEMA,
            "kernel": {"version": result.kernel.version, "arch": result.kernel.arch},
            "configs": _configs(result.configs),
            "roots": list(result.roots),
            "nodes": [_node(node) for node in result.nodes],
            "edges": [_edge(edge) for edge in result.edges],
            "entries": [_entry(entry) for entry in result.entries],
            "classes": [_class(each) for each in result.classes],
            "limits": [
                {
                    "node": limit.node,
                    "reason": limit.reason.value,
                    "mask": _hex(limit.mask),
                    "hidden": limit.hidden,
                }
                for limit in result.limits
            ],
            "diagnostics": _diagnostics(result.diagnostics),
        }
    )


def slots_json(result: SlotsResult) -> str:
    """The text of a ``kimpact/slots/1`` document, with a final line end."""
    return _text(
        {
            "schema": SLOTS_SCHEMA,
            "kernel": {"version": result.kernel.version, "arch": result.kernel.arch},
            "configs": _configs(result.configs),
            "platforms": [_platform(platform) for platform in result.platforms],
            "slots": [
                {
                    "slot": slot.name,
                    "mask": _hex(slot.mask),
                    "entries": [_slot_entry(entry) for entry in slot.entries],
                }
                for slot in result.slots
            ],
            "tables": [{"name": table.name, "files": list(table.files)} for table in result.tables],
            "diagnostics": _diagnostics(result.diagnostics),
        }
    )


def callgraph_json(
    configs: Sequence[ConfigInfo],
    units: Iterable[UnitGraph],
    diagnostics: Iterable[Diagnostic],
) -> str:
    """The text of a ``kimpact/callgraph/1`` document, with a final line end."""
    return _text(
        {
            "schema": CALLGRAPH_SCHEMA,
            "configs": _configs(configs),
            "units": [_unit(unit) for unit in units],
            "diagnostics": _diagnostics(diagnostics),
        }
    )


def _text(document: Value) -> str:
    return json.dumps(document, indent=1, ensure_ascii=True) + "\n"


def _hex(mask: Mask) -> str:
    return f"{mask:#x}"


def _configs(configs: Sequence[ConfigInfo]) -> list[Value]:
    return [{"name": config.name, "file": config.file} for config in configs]


def _place(location: Location | None) -> dict[str, Value]:
    if location is None:
        return {"file": None, "line": None}
    return {"file": location.file, "line": location.line}


def _node(node: Node) -> Value:
    return {
        "id": node.id,
        "name": node.name,
        "kind": node.kind.value,
        **_place(node.location),
        "mask": _hex(node.mask),
        "effects": list(node.effects),
    }


def _edge(edge: Edge) -> dict[str, Value]:
    return {
        "from": edge.source,
        "to": edge.target,
        "name": edge.name,
        "kind": edge.kind.value,
        "certainty": edge.certainty.value,
        **_place(edge.location),
        "mask": _hex(edge.mask),
        "platforms": list(edge.platforms),
        "slot": edge.slot,
        "context": edge.context,
        "guards": [{"text": guard.text, "label": guard.label} for guard in edge.guards],
        "conditionals": [
            {"text": conditional.text, **_place(conditional.location)}
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
        **_place(entry.location),
        "mask": _hex(entry.mask),
    }


def _platform(platform: PlatformInfo) -> Value:
    return {
        "name": platform.name,
        "mask": _hex(platform.mask),
        "entry": platform.entry,
        **_place(platform.location),
        "unset": list(platform.unset),
    }


def _slot_entry(entry: SlotEntry) -> Value:
    return {
        "platform": entry.platform,
        "value": entry.kind.value,
        "function": entry.function,
        **_place(entry.location),
        "mask": _hex(entry.mask),
        "guards": [{"text": guard.text, "label": guard.label} for guard in entry.guards],
        "stored": _place(entry.stored),
        "later": entry.later,
    }


def _class(each: PathClass) -> Value:
    return {
        "mask": _hex(each.mask),
        "platforms": list(each.platforms),
        "when": each.when,
        "effects": list(each.effects),
        "edges": list(each.edges),
    }


def _limit(limit: Limit) -> Value:
    return {
        "node": limit.node,
        "reason": limit.reason.value,
        "mask": _hex(limit.mask),
        "hidden": limit.hidden,
    }


def _unit(unit: UnitGraph) -> Value:
    return {
        "file": unit.file,
        "mask": _hex(unit.mask),
        "functions": [
            {
                "name": function.name,
                **_place(function.location),
                "static": function.static,
                "inline": function.inline,
                "mask": _hex(function.mask),
            }
            for function in unit.functions
        ],
        "edges": [
            {"caller": edge.caller, "callee": edge.callee, "mask": _hex(edge.mask)}
            for edge in unit.edges
        ],
        "indirect_calls": [
            {"caller": call.caller, "line": call.line, "mask": _hex(call.mask)}
            for call in unit.indirect_calls
        ],
    }


def _diagnostics(diagnostics: Iterable[Diagnostic]) -> list[Value]:
    return [
        {
            "severity": diagnostic.severity.value,
            "code": diagnostic.code,
            "message": diagnostic.message,
            **_place(diagnostic.location),
        }
        for diagnostic in diagnostics
    ]
