"""``kimpact slots`` for people and as JSON."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import jsonschema

from analyzer.diagnostics import Diagnostic, Severity
from analyzer.location import Location
from analyzer.paths.result import ConfigInfo, Guard, Kernel
from analyzer.report.json import slots_json
from analyzer.report.slots import print_slots
from analyzer.slots.result import (
    PlatformInfo,
    SlotEntry,
    SlotsResult,
    SlotValues,
    Table,
    ValueKind,
)

SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "schema" / "slots-1.json"
KERNEL = Kernel("6.12.0", "x86")
NATIVE = PlatformInfo("native", 0x3, "start_kernel", Location("head.S", 9), ())
MOON = PlatformInfo("moon", 0x1, "start_kernel", Location("head.S", 9), ())
MARS = PlatformInfo("mars", 0, None, Location("mars.c", 3), ("MARS_GUEST",))
HINT = Guard("hints & FLUSH", "hypervisor feature")


def entry(platform: str | None, name: str | None, *guards: Guard, mask: int = 0x3) -> SlotEntry:
    kind = ValueKind.NULL if name is None else ValueKind.FUNCTION
    place = None if name is None else Location(f"{name}.c", 7)
    stored = Location("setup.c", 20)
    return SlotEntry(platform, kind, name, place, mask, guards, stored, platform is None)


def result(*entries: SlotEntry, configs: int = 2) -> SlotsResult:
    return SlotsResult(
        KERNEL,
        tuple(ConfigInfo(f"c{number}", f"c{number}.config") for number in range(configs)),
        (NATIVE, MOON, MARS),
        (SlotValues("ops.open", 0x3, entries),) if entries else (),
        () if entries else (Table("ops", ("moon.c", "mars.c")),),
        (Diagnostic(Severity.NOTE, "scope", "looked in vmlinux"),),
    )


def printed(answer: SlotsResult, *, ascii_only: bool = False) -> list[str]:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    print_slots(answer, stream, ascii_only=ascii_only)
    stream.seek(0)
    return [line.rstrip() for line in stream.read().splitlines()]


def words(lines: list[str]) -> list[list[str]]:
    """The cells of the rows."""
    return [[cell.strip() for cell in line.split("   ") if cell.strip()] for line in lines]


def test_platforms_with_the_same_values_share_lines() -> None:
    lines = printed(result(entry("native", "plain"), entry("moon", "plain"), configs=1))
    assert ["ops.open", "native, moon", "plain  plain.c:7"] in words(lines)


def test_what_may_replace_a_value_follows_with_its_condition() -> None:
    lines = words(printed(result(entry("moon", "fast", HINT), entry("moon", "plain"), configs=1)))
    first = lines.index(["ops.open", "moon", "plain  plain.c:7"])
    assert lines[first + 1] == ["fast  fast.c:7", "hints & FLUSH (hypervisor feature)"]


def test_configurations_are_named_where_they_differ() -> None:
    lines = words(printed(result(entry("native", "plain", mask=0x1), entry("native", None))))
    assert ["ops.open", "native", "plain  plain.c:7", "c0"] in lines
    assert ["NULL"] in lines


def test_what_is_stored_at_run_time_stands_apart() -> None:
    lines = words(printed(result(entry("native", "plain"), entry(None, "other"), configs=1)))
    assert ["(later)", "other  other.c:7", "stored at run time, setup.c:20"] in lines


def test_platforms_that_are_not_supported_are_said() -> None:
    lines = printed(result(entry("native", "plain")))
    assert "not configured: mars (CONFIG_MARS_GUEST=n)" in lines
    assert "moon: supported in c0" in lines


def test_without_a_question_the_tables_are_listed() -> None:
    lines = printed(result())
    assert "  ops  moon.c, mars.c" in lines


def test_plain_ascii() -> None:
    text = "\n".join(printed(result(entry("native", "plain")), ascii_only=True))
    assert text.isascii()


def document(answer: SlotsResult) -> Any:
    found = json.loads(slots_json(answer))
    jsonschema.validate(found, json.loads(SCHEMA.read_text()))
    return found


def test_json_follows_the_schema() -> None:
    found = document(result(entry("moon", "fast", HINT), entry(None, "other"), entry("moon", None)))
    assert found["slots"][0]["slot"] == "ops.open"
    first, later, null = found["slots"][0]["entries"]
    assert first == {
        "platform": "moon",
        "value": "function",
        "function": "fast",
        "file": "fast.c",
        "line": 7,
        "mask": "0x3",
        "guards": [{"text": "hints & FLUSH", "label": "hypervisor feature"}],
        "stored": {"file": "setup.c", "line": 20},
        "later": False,
    }
    assert (later["platform"], later["later"]) == (None, True)
    assert (null["value"], null["function"], null["file"]) == ("null", None, None)
    assert found["platforms"][2] == {
        "name": "mars",
        "mask": "0x0",
        "entry": None,
        "file": "mars.c",
        "line": 3,
        "unset": ["MARS_GUEST"],
    }
    assert document(result())["tables"] == [{"name": "ops", "files": ["moon.c", "mars.c"]}]
