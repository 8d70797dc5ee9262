"""The JSON documents against their schemas, and a reader's way through them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from report_case import case, slot_case

from analyzer.callgraph.model import GraphEdge, GraphFunction, IndirectCall, UnitGraph
from analyzer.diagnostics import Diagnostic, Severity
from analyzer.location import Location
from analyzer.paths.result import ConfigInfo
from analyzer.report.json import callgraph_json, paths_json

SCHEMAS = Path(__file__).resolve().parents[2] / "docs" / "schema"


def schema(name: str) -> Any:
    text = json.loads((SCHEMAS / f"{name}.json").read_text())
    jsonschema.Draft202012Validator.check_schema(text)
    return text


@pytest.mark.parametrize("to", [None, "remove_table", "gone"])
def test_paths_follow_the_schema(to: str | None) -> None:
    jsonschema.validate(json.loads(paths_json(case(to))), schema("paths-1"))


def test_the_schema_refuses_what_is_not_in_the_contract() -> None:
    document = json.loads(paths_json(case()))
    document["edges"][0]["mask"] = "5"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema("paths-1"))


def test_paths_as_a_reader_sees_them() -> None:
    document = json.loads(paths_json(case("remove_table")))
    assert document["schema"] == "kimpact/paths/1"
    assert document["kernel"] == {"version": "6.12.0-mini", "arch": "x86"}
    names = {node["id"]: node["name"] for node in document["nodes"]}
    assert [names[root] for root in document["roots"]] == ["free_range"]
    assert [(names[e["from"]], names[e["to"]], e["mask"]) for e in document["edges"]] == [
        ("free_range", "free_tlb", "0x7"),
        ("free_range", "free_tlb", "0x7"),
        ("free_tlb", "release", "0x3"),
        ("free_tlb", "release", "0x4"),
        ("release", "native_release", "0x3"),
        ("native_release", "remove_table", "0x7"),
        ("release", "native_release", "0x4"),
    ]
    assert document["edges"][4] == {
        "from": "n2",
        "to": "n3",
        "name": "native_release",
        "kind": "indirect",
        "certainty": "candidate",
        "file": "asm/pv.h",
        "line": 16,
        "mask": "0x3",
        "platforms": [],
        "slot": "ops.release",
        "context": None,
        "guards": [],
        "conditionals": [{"text": "defined(CONFIG_PARAVIRT)", "file": "asm/pv.h", "line": 13}],
        "carries": "0x0",
    }
    assert document["platforms"] == []
    assert document["support"] == []
    assert [(c["mask"], c["when"], c["edges"]) for c in document["classes"]] == [
        ("0x3", "PARAVIRT", [0, 1, 2, 4, 5]),
        ("0x4", "!PARAVIRT && PT_RECLAIM", [0, 1, 3, 5, 6]),
        ("0x8", "!PARAVIRT && !PT_RECLAIM", []),
    ]
    assert [d["code"] for d in document["diagnostics"]] == ["parse-loss", "unknown-targets"]


def test_platforms_and_where_they_are_configured() -> None:
    document = json.loads(paths_json(slot_case()))
    jsonschema.validate(document, schema("paths-1"))
    assert document["platforms"] == ["native", "xen-pv", "hyperv", "kvm"]
    assert document["support"] == [
        {"platform": "native", "mask": "0x7"},
        {"platform": "xen-pv", "mask": "0x1"},
        {"platform": "hyperv", "mask": "0x3"},
        {"platform": "kvm", "mask": "0x3"},
        {"platform": "vmware", "mask": "0x0"},
    ]
    edges = [(e["name"], e["mask"], e["platforms"], e["certainty"]) for e in document["edges"]]
    assert edges[1:4] == [
        ("plain", "0x3", ["native"], "exact"),
        ("plain", "0x3", ["hyperv", "kvm"], "candidate"),
        ("table", "0x3", ["kvm"], "candidate"),
    ]


def test_the_same_question_gives_the_same_bytes() -> None:
    assert paths_json(case()) == paths_json(case())
    assert paths_json(case()).isascii()


def test_callgraph_follows_the_schema() -> None:
    unit = UnitGraph(
        "mm/a.o",
        "mm/a.c",
        0b11,
        (GraphFunction("f", Location("mm/a.c", 3), True, False, 0b11),),
        (GraphEdge("f", "g", 0b01),),
        (IndirectCall("f", 5, 0b10),),
    )
    text = callgraph_json(
        [ConfigInfo("c0", "c0.config"), ConfigInfo("c1", "c1.config")],
        [unit],
        [Diagnostic(Severity.WARNING, "parse-loss", "lost", Location("mm/a.c", 9))],
    )
    document = json.loads(text)
    jsonschema.validate(document, schema("callgraph-1"))
    assert document["units"] == [
        {
            "file": "mm/a.c",
            "mask": "0x3",
            "functions": [
                {
                    "name": "f",
                    "file": "mm/a.c",
                    "line": 3,
                    "static": True,
                    "inline": False,
                    "mask": "0x3",
                }
            ],
            "edges": [{"caller": "f", "callee": "g", "mask": "0x1"}],
            "indirect_calls": [{"caller": "f", "line": 5, "mask": "0x2"}],
        }
    ]
