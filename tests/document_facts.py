"""What a document of ``kimpact`` says of one configuration, as plain texts to compare.

A document about N configurations, restricted to one of them, must say what a run over that one
alone says. Left out are what refers to the others: numbers of nodes and configurations, the
words for sets of configurations, diagnostics and counts of what is not shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Document = Mapping[str, Any]


def platforms_of(document: Document, bit: int) -> list[str]:
    """The platforms that a ``kimpact/paths/1`` document tells apart and configuration ``bit``
    has; none where nothing depends on the platform."""
    return [one["platform"] for one in document["support"] if _holds(one, bit)]


def path_facts(document: Document, bit: int, platforms: Sequence[str]) -> set[str]:
    """Nodes, edges and classes of a ``kimpact/paths/1`` document in configuration ``bit``, on
    each of ``platforms``: those of another document, if this one tells none apart."""
    nodes = {node["id"]: node for node in document["nodes"] if _holds(node, bit)}
    found = {f"root {_node(nodes[root])}" for root in document["roots"] if root in nodes}
    found |= {f"node {_node(node)}" for node in nodes.values()}
    for name in platforms or [""]:
        told = {
            number: _edge(edge, nodes)
            for number, edge in enumerate(document["edges"])
            if _holds(edge, bit) and (not edge["platforms"] or name in edge["platforms"])
        }
        found |= {f"on {name}: {text}" for text in told.values()}
        for one in document["classes"]:
            if _holds(one, bit) and (not one["platforms"] or name in one["platforms"]):
                found.add(f"class on {name}: effects {sorted(one['effects'])}")
                found |= {f"class on {name}: {told.get(edge)}" for edge in one["edges"]}
    return found


def slot_facts(document: Document, bit: int) -> set[str]:
    """What a ``kimpact/slots/1`` document says that slots hold in configuration ``bit``."""
    return {
        f"{slot['slot']} on {entry['platform']}: {entry['function']} {entry['file']}:"
        f"{entry['line']} if {[guard['text'] for guard in entry['guards']]}"
        for slot in document["slots"]
        for entry in slot["entries"]
        if _holds(entry, bit)
    }


def graph_facts(document: Document, bit: int) -> set[str]:
    """Functions and edges of a ``kimpact/callgraph/1`` document in configuration ``bit``."""
    found: set[str] = set()
    for unit in document["units"]:
        if not _holds(unit, bit):
            continue
        name = unit.get("object", unit["file"])
        found.add(f"{name}")
        for function in unit["functions"]:
            if _holds(function, bit):
                found.add(
                    f"{name} {function['name']} {function['file']}:{function['line']}"
                    f" {function['static']} {function['inline']}"
                )
        for edge in unit["edges"]:
            if _holds(edge, bit):
                found.add(f"{name} {edge['caller']} -> {edge['callee']}")
        for call in unit["indirect_calls"]:
            if _holds(call, bit):
                found.add(f"{name} {call['caller']} -> * {call['line']}")
    return found


def _holds(one: Document, bit: int) -> bool:
    return bool(int(one["mask"], 16) >> bit & 1)


def _node(node: Document | None) -> str:
    """A node; None is one that the document does not have in this configuration."""
    return (
        "ABSENT" if node is None else f"{node['kind']} {node['name']} {node['file']}:{node['line']}"
    )


def _edge(edge: Document, nodes: Mapping[str, Document]) -> str:
    target = "nothing" if edge["to"] is None else _node(nodes.get(edge["to"]))
    guards = [(guard["text"], guard["label"]) for guard in edge["guards"]]
    conditionals = [f"{one['text']} {one['file']}:{one['line']}" for one in edge["conditionals"]]
    return (
        f"{_node(nodes.get(edge['from']))} -> {edge['name']} {target} {edge['kind']}"
        f" {edge['certainty']} {edge['file']}:{edge['line']} {edge['slot']} {edge['context']}"
        f" when {guards} #if {conditionals}"
    )
