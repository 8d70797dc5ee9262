"""Graphs: what they say, and that hostile names stay text in every format."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from report_case import case, slot_case
from review_case import HOSTILE

from analyzer.errors import BadInput
from analyzer.paths.result import ConfigInfo, Guard, Kernel, PathsResult
from analyzer.report.dot import dot_text
from analyzer.report.graph import Drawing, paths_drawing, slots_drawing
from analyzer.report.mermaid import mermaid_text
from analyzer.report.svg import svg_text
from analyzer.slots.result import PlatformInfo, SlotEntry, SlotsResult, SlotValues, ValueKind

needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="apt-get install graphviz")

NODE = r'  [nuvs]\d+(\(|\[|\(\[|\[\[|>)"[^"<>|`]*(?:<br/>[^"<>|`]*)*"(\)|\]|\]\)|\]\])'
ARROW = r'  [nuvs]\d+ (-->|-\.->|==>)(\|"[^"|`]*"\|)? [nuvs]\d+'
STYLE = r"  (classDef effect [a-z#0-9:,-]+|class n\d+(,n\d+)* effect)"


def hostile() -> PathsResult:
    result = case()
    return replace(
        result,
        nodes=tuple(replace(node, name=node.name + HOSTILE) for node in result.nodes),
        edges=tuple(
            replace(edge, name=edge.name + HOSTILE, guards=(Guard('x == "\\N" ' + HOSTILE, None),))
            for edge in result.edges
        ),
        target=HOSTILE,
    )


def slots() -> SlotsResult:
    entries = (
        SlotEntry("native", ValueKind.FUNCTION, "plain", None, 0b11, (), None),
        SlotEntry("kvm", ValueKind.FUNCTION, "plain", None, 0b11, (), None),
        SlotEntry("kvm", ValueKind.FUNCTION, "flush", None, 0b01, (Guard("has(F)"),), None),
        SlotEntry(None, ValueKind.NULL, None, None, 0b11, (), None, later=True),
    )
    return SlotsResult(
        Kernel("6.12.0-mini", "x86"),
        (ConfigInfo("a", "a.config"), ConfigInfo("b", "b.config")),
        (PlatformInfo("native", 0b11, None, None, ()), PlatformInfo("kvm", 0b11, None, None, ())),
        (SlotValues("ops.free", 0b11, entries),),
        (),
        (),
    )


def label(drawing: Drawing, source: str, target: str) -> tuple[str, ...]:
    ids = {one.lines[0]: one.id for one in drawing.vertices}
    (arrow,) = (
        arrow
        for arrow in drawing.arrows
        if (arrow.source, arrow.target) == (ids[source], ids[target])
    )
    return arrow.lines


def test_edges_say_how_when_and_where() -> None:
    drawing = paths_drawing(slot_case())
    assert label(drawing, "root", "table") == (
        "through ops.free",
        "on kvm",
        "when kvm_has(FLUSH) and cpus > 1",
        "#if CONFIG_SMP",
        "in c0, c1",
        "on hyperv",
        "when hv.hints & FLUSH",
        "on xen-pv",
        "in c0",
    )
    # What every way to a function says is not said of its calls again.
    assert label(drawing, "plain", "shared") == ()


def test_an_unknown_target_is_a_node_of_its_own() -> None:
    unknown = [one for one in paths_drawing(case()).vertices if "unknown target" in one.lines]
    assert [one.lines[0] for one in unknown] == ["hook"]


def test_slots_lead_to_what_they_hold() -> None:
    drawing = slots_drawing(slots())
    assert label(drawing, "ops.free", "plain") == ("native, kvm",)
    assert label(drawing, "ops.free", "flush") == ("kvm", "when has(F)", "in a")
    assert label(drawing, "ops.free", "NULL") == ("stored at run time",)


@needs_dot
@pytest.mark.parametrize(
    "drawing",
    [
        paths_drawing(case()),
        paths_drawing(slot_case()),
        paths_drawing(hostile()),
        slots_drawing(slots()),
    ],
    ids=["paths", "platforms", "hostile", "slots"],
)
def test_graphviz_reads_it(drawing: Drawing) -> None:
    text = dot_text(drawing)
    drawn = subprocess.run(["dot", "-Tsvg"], input=text.encode(), capture_output=True, check=True)
    assert drawn.stderr == b""
    svg = drawn.stdout.decode()
    assert svg.count('class="node"') == len(drawing.vertices)
    assert svg.count('class="edge"') == len(drawing.arrows)
    assert "<script" not in svg
    assert svg_text(drawing) == svg


@pytest.mark.parametrize("result", [case(), slot_case(), hostile()])
def test_mermaid_labels_are_quoted_text(result: PathsResult) -> None:
    first, *lines = mermaid_text(paths_drawing(result)).splitlines()
    assert first == "flowchart TD"
    for line in lines:
        assert re.fullmatch(f"{NODE}|{ARROW}|{STYLE}", line), line


def test_mermaid_spells_out_what_has_a_meaning() -> None:
    text = mermaid_text(paths_drawing(hostile()))
    assert "<script" not in text
    assert "`" not in text
    assert "#60;script#62;" in text


def test_without_graphviz_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "graphviz", None)
    with pytest.raises(BadInput, match=r"kimpact\[graph\]"):
        svg_text(paths_drawing(case()))


def test_without_the_program_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BadInput, match="package graphviz"):
        svg_text(paths_drawing(case()))
