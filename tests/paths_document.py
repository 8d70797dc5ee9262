"""From an answer of ``kimpact paths --format json`` back to facts, for tests that need both."""

from __future__ import annotations

from typing import Any

from analyzer.diagnostics import Diagnostic, Severity
from analyzer.location import Location
from analyzer.paths.result import (
    Certainty,
    Conditional,
    ConfigGroup,
    ConfigInfo,
    Edge,
    EdgeKind,
    Guard,
    Kernel,
    Limit,
    LimitReason,
    Node,
    NodeKind,
    PathClass,
    PathsResult,
    Support,
)


def paths_result(document: dict[str, Any]) -> PathsResult:
    """The facts of a document; places of diagnostics and values of symbols are left out."""
    return PathsResult(
        kernel=Kernel(document["kernel"]["version"], document["kernel"]["arch"]),
        configs=tuple(ConfigInfo(each["name"], each["file"]) for each in document["configs"]),
        roots=tuple(document["roots"]),
        nodes=tuple(map(_node, document["nodes"])),
        edges=tuple(map(_edge, document["edges"])),
        classes=tuple(map(_class, document["classes"])),
        limits=tuple(
            Limit(each["node"], LimitReason(each["reason"]), int(each["mask"], 16), each["hidden"])
            for each in document["limits"]
        ),
        diagnostics=tuple(
            Diagnostic(Severity(each["severity"]), each["code"], each["message"])
            for each in document["diagnostics"]
        ),
        platforms=tuple(document["platforms"]),
        support=tuple(
            Support(each["platform"], int(each["mask"], 16)) for each in document["support"]
        ),
        groups=(ConfigGroup((1 << len(document["configs"])) - 1, "always"),),
    )


def _node(each: dict[str, Any]) -> Node:
    place = None if each["file"] is None else Location(each["file"], each["line"])
    return Node(
        each["id"],
        each["name"],
        NodeKind(each["kind"]),
        place,
        int(each["mask"], 16),
        tuple(each["effects"]),
        each.get("absent"),
    )


def _edge(each: dict[str, Any]) -> Edge:
    return Edge(
        source=each["from"],
        target=each["to"],
        name=each["name"],
        kind=EdgeKind(each["kind"]),
        certainty=Certainty(each["certainty"]),
        location=Location(each["file"], each["line"]),
        mask=int(each["mask"], 16),
        platforms=tuple(each["platforms"]),
        slot=each["slot"],
        context=each["context"],
        guards=tuple(Guard(guard["text"], guard["label"]) for guard in each["guards"]),
        conditionals=tuple(
            Conditional(one["text"], Location(one["file"], one["line"]))
            for one in each["conditionals"]
        ),
    )


def _class(each: dict[str, Any]) -> PathClass:
    return PathClass(
        int(each["mask"], 16),
        tuple(each["platforms"]),
        each["when"],
        tuple(each["effects"]),
        tuple(each["edges"]),
    )
