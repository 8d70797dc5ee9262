"""Answers as graphs: what ``--format dot``, ``mermaid`` and ``svg`` draw.

A graph shows all configurations and platforms at once; where a call is taken in some of them
only, its label says so. Texts are harmless (:mod:`analyzer.report.visible`); every format
escapes what it gives a meaning to.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from analyzer.configset.configset import Mask
from analyzer.paths.result import (
    Certainty,
    ConfigInfo,
    Edge,
    EdgeKind,
    Guard,
    NodeKind,
    PathsResult,
)
from analyzer.report.classes import members
from analyzer.report.platforms import listed
from analyzer.report.tree import guards_text
from analyzer.report.unfold import merged
from analyzer.report.visible import one_line, visible
from analyzer.slots.result import SlotEntry, SlotsResult, ValueKind

MAX_LABEL = 60
"""Characters of a line of a label; longer conditions are cut, with ``…``."""

MAX_LINES = 12
"""Lines of an edge's label; the rest is counted."""


class Shape(enum.Enum):
    """What a node is drawn as."""

    FUNCTION = "function"
    MACRO = "macro"
    ROOT = "root"
    SLOT = "slot"
    UNKNOWN = "unknown"


class Stroke(enum.Enum):
    """What an edge is drawn as."""

    SURE = "sure"
    CANDIDATE = "candidate"
    CALLBACK = "callback"


@dataclass(frozen=True, slots=True)
class Vertex:
    """A node: ``lines`` are its label, ``effects`` what happens to the object in it."""

    id: str
    shape: Shape
    lines: tuple[str, ...]
    effects: str = ""


@dataclass(frozen=True, slots=True)
class Arrow:
    """An edge with its label."""

    source: str
    target: str
    stroke: Stroke
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A graph; ``across``: it reads from left to right."""

    title: str
    vertices: tuple[Vertex, ...]
    arrows: tuple[Arrow, ...]
    across: bool = False


def paths_drawing(result: PathsResult) -> Drawing:
    """The graph of all paths. Calls from one function to another are one edge."""
    names = {node.id: node.name for node in result.nodes}
    vertices = [
        Vertex(
            node.id,
            Shape.ROOT if node.id in result.roots else _SHAPES[node.kind],
            (
                visible(node.name),
                *([] if node.location is None else [visible(str(node.location))]),
                *([] if node.absent is None else [_cut(one_line(node.absent))]),
            ),
            visible(", ".join(node.effects)),
        )
        for node in result.nodes
    ]
    together: dict[tuple[str, str | None, str], list[Edge]] = {}
    for edge in merged(result.edges):
        together.setdefault((edge.source, edge.target, edge.name), []).append(edge)
    arrows: list[Arrow] = []
    said = _Said(result)
    for (source, target, name), edges in together.items():
        if target is None:
            target = f"u{len(vertices)}"
            vertices.append(Vertex(target, Shape.UNKNOWN, (one_line(name), "unknown target")))
        lines = dict.fromkeys(line for edge in edges for line in _call_lines(edge, result, said))
        arrows.append(Arrow(source, target, _stroke(edges), _few(lines)))
    roots = ", ".join(visible(names[root]) for root in result.roots)
    title = roots if result.target is None else f"{roots} to {visible(result.target)}"
    return Drawing(title, tuple(vertices), tuple(arrows))


def slots_drawing(result: SlotsResult) -> Drawing:
    """The graph of what slots hold: an edge from a slot to each value, with its platforms."""
    vertices: list[Vertex] = []
    arrows: list[Arrow] = []
    values: dict[tuple[object, ...], str] = {}
    for number, slot in enumerate(result.slots):
        vertices.append(Vertex(f"s{number}", Shape.SLOT, (visible(slot.name),)))
        held: dict[tuple[str, tuple[Guard, ...], Mask, bool], list[SlotEntry]] = {}
        for entry in slot.entries:
            key = (entry.kind, entry.function, entry.location)
            if key not in values:
                values[key] = f"v{len(values)}"
                vertices.append(_value(values[key], entry))
            manner = (values[key], entry.guards, entry.mask, entry.later)
            held.setdefault(manner, []).append(entry)
        for (value, guards, mask, later), entries in held.items():
            on = listed(dict.fromkeys(each.platform for each in entries if each.platform))
            lines = (
                "stored at run time" if later else on,
                *([_cut(f"when {guards_text(guards)}")] if guards else []),
                *([] if mask == slot.mask else [_configs(result.configs, mask)]),
            )
            stroke = Stroke.CANDIDATE if guards or later else Stroke.SURE
            arrows.append(Arrow(f"s{number}", value, stroke, lines))
    return Drawing("dispatch slots", tuple(vertices), tuple(arrows), across=True)


_SHAPES = {NodeKind.FUNCTION: Shape.FUNCTION, NodeKind.MACRO: Shape.MACRO}
_HELD = {ValueKind.NULL: "NULL", ValueKind.UNKNOWN: "unknown"}


def _value(identity: str, entry: SlotEntry) -> Vertex:
    name = visible(entry.function or _HELD.get(entry.kind, ""))
    place = [] if entry.location is None else [visible(str(entry.location))]
    shape = Shape.FUNCTION if entry.kind is ValueKind.FUNCTION else Shape.UNKNOWN
    return Vertex(identity, shape, (name, *place))


def _stroke(edges: Iterable[Edge]) -> Stroke:
    listed_edges = list(edges)
    if any(edge.kind is EdgeKind.CALLBACK for edge in listed_edges):
        return Stroke.CALLBACK
    sure = any(edge.certainty is Certainty.EXACT for edge in listed_edges)
    return Stroke.SURE if sure else Stroke.CANDIDATE


class _Said:
    """What the way to a function says already, and need not be said of its calls again."""

    def __init__(self, result: PathsResult) -> None:
        self.masks = {node.id: node.mask for node in result.nodes}
        self._conditions: dict[str, set[str]] = {}
        self._platforms: dict[str, set[str]] = {}
        for edge in result.edges:
            if edge.target is None or edge.target == edge.source:
                continue
            texts = {conditional.text for conditional in edge.conditionals}
            self._conditions.setdefault(edge.target, set(texts)).intersection_update(texts)
            on = edge.platforms or result.platforms
            self._platforms.setdefault(edge.target, set()).update(on)
        self._everywhere = set(result.platforms)

    def condition(self, node: str, text: str) -> bool:
        """Whether every call of ``node`` stands under a conditional too."""
        return text in self._conditions.get(node, ())

    def platforms(self, node: str) -> set[str]:
        """The platforms on which ``node`` is called."""
        return self._platforms.get(node, self._everywhere)


def _call_lines(edge: Edge, result: PathsResult, said: _Said) -> Iterator[str]:
    """How and when a call is made."""
    if edge.kind is EdgeKind.CALLBACK:
        yield "callback" + (f" in {one_line(edge.context)} context" if edge.context else "")
    if edge.slot is not None:
        yield _cut(f"through {one_line(edge.slot)}")
    if edge.platforms and set(edge.platforms) != said.platforms(edge.source):
        yield f"on {listed(edge.platforms)}"
    if edge.guards:
        yield _cut(f"when {guards_text(edge.guards)}")
    for conditional in edge.conditionals:
        if not said.condition(edge.source, conditional.text):
            yield _cut(f"#if {one_line(conditional.text)}")
    if edge.mask != said.masks[edge.source]:
        yield _configs(result.configs, edge.mask)


def _configs(configs: tuple[ConfigInfo, ...], mask: Mask) -> str:
    return _cut(f"in {members(configs, mask)}")


def _few(texts: Iterable[str]) -> tuple[str, ...]:
    lines = list(texts)
    more = len(lines) - MAX_LINES
    return (*lines[:MAX_LINES], f"and {more} more") if more > 0 else tuple(lines)


def _cut(text: str) -> str:
    return text if len(text) <= MAX_LABEL else f"{text[: MAX_LABEL - 1]}…"
