"""An answer of ``kimpact paths --format json`` as plain sets, restricted to given names.

A restricted edge stands for a route over nodes with other names. It holds on the pairs of
configuration (its number) and platform in which every edge of the route does; its guards are
all guards on the route.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

Where = frozenset[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Link:
    """A route from ``source`` to ``target``, where it holds, under ``guards``."""

    source: str
    target: str
    where: Where
    guards: frozenset[str]
    labels: frozenset[str]
    contexts: frozenset[str]


def links(document: dict[str, Any], names: Collection[str]) -> list[Link]:
    """The routes between nodes called one of ``names``, each as a link."""
    every = {each["id"]: each["name"] for each in document["nodes"]}
    out: dict[str, list[dict[str, Any]]] = {}
    for edge in document["edges"]:
        if edge["to"] is not None:
            out.setdefault(edge["from"], []).append(edge)
    found: list[Link] = []
    for node, name in every.items():
        if name in names:
            found += _routes(document, out, every, names, node, name)
    return found


def _routes(
    document: dict[str, Any],
    out: dict[str, list[dict[str, Any]]],
    every: dict[str, str],
    names: Collection[str],
    start: str,
    name: str,
) -> list[Link]:
    found: list[Link] = []
    count = len(document["configs"])
    platforms = document["platforms"] or [""]
    everywhere = frozenset((n, p) for n in range(count) for p in platforms)
    stack: list[tuple[str, Where, frozenset[str], frozenset[str], frozenset[str], frozenset[str]]]
    none: frozenset[str] = frozenset()
    stack = [(start, everywhere, none, none, none, frozenset({start}))]
    while stack:
        node, where, guards, labels, contexts, seen = stack.pop()
        for edge in out.get(node, ()):
            mask = int(edge["mask"], 16)
            on = edge["platforms"] or platforms
            here = where & {(n, p) for n in range(count) if mask >> n & 1 for p in on}
            if not here or edge["to"] in seen:
                continue
            more = guards | {each["text"] for each in edge["guards"]}
            words = labels | {each["label"] for each in edge["guards"] if each["label"]}
            ways = contexts | ({edge["context"]} if edge["context"] else none)
            if every[edge["to"]] in names:
                found.append(Link(name, every[edge["to"]], here, more, words, ways))
            else:
                stack.append((edge["to"], here, more, words, ways, seen | {edge["to"]}))
    return found


def pairs(found: Collection[Link]) -> dict[tuple[str, str], Where]:
    """Where each pair of names is linked."""
    result: dict[tuple[str, str], Where] = {}
    for link in found:
        key = (link.source, link.target)
        result[key] = result.get(key, frozenset()) | link.where
    return result
