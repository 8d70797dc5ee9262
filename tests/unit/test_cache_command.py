"""What a user sees of the cache: the same answers, ``kimpact cache``, one line of trouble."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jsonschema
import pytest

from analyzer.cache.keys import key_of
from analyzer.cache.store import EntryStore
from analyzer.cli.exit_status import ExitStatus
from analyzer.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = ROOT / "docs" / "schema" / "cache-1.json"
CONFIGS = ROOT / "fixtures" / "configs"
KIMPACT = [sys.executable, "-c", "from analyzer.cli.main import entry_point; entry_point()"]
INPUTS = ["--kernel", str(ROOT / "fixtures" / "minikernel"), "--config"]
PATHS = ["paths", "table_free_one", *INPUTS, str(CONFIGS / "reclaim.config"), "--format", "json"]
EXPLAIN = ["explain", "PT_RECLAIM", *INPUTS, str(CONFIGS / "reclaim.config")]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    return tmp_path / "xdg" / "kimpact" / "results"


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == ExitStatus.DONE
    out, err = capsys.readouterr()
    assert not err
    return out


def test_a_kept_answer_is_the_fresh_one_byte_for_byte(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fresh = shown(capsys, *PATHS, "--no-cache")
    assert not folder.exists()
    first = shown(capsys, *PATHS)
    entries = {path: path.read_bytes() for path in folder.iterdir()}
    again = shown(capsys, *PATHS)
    assert fresh == first == again
    assert {path: path.read_bytes() for path in folder.iterdir()} == entries
    for damaged in entries:
        damaged.write_bytes(entries[damaged][:-10])
    assert shown(capsys, *PATHS) == fresh
    assert {path: path.read_bytes() for path in folder.iterdir()} == entries


def test_info_and_clear(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, "cache", "info") == (
        f"folder      {folder}\nentries     0\nsize        0 bytes (limit: 256.0 MiB)\n"
    )
    EntryStore(folder, 1 << 20).put(key_of("a"), os.urandom(3000))
    (folder / "notes").write_text("mine")
    (folder / f".{'0' * 32}.new").write_bytes(b"half")
    assert shown(capsys, "cache", "info") == (
        f"folder      {folder}\nentries     1\nsize        4.0 KiB (limit: 256.0 MiB)\n"
        "unfinished  1, being written or left by killed runs\n"
        "other       1, not kimpact's and left alone\n"
    )
    assert shown(capsys, "cache", "clear") == (
        f"removed 1 entry (4.0 KiB) from {folder}\nleft alone: 1 that are not kimpact's\n"
    )
    assert [path.name for path in folder.iterdir()] == ["notes"]
    assert shown(capsys, "cache", "clear").startswith("removed 0 entries (0 bytes)")


def test_json_follows_the_schema(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    EntryStore(folder, 1 << 20).put(key_of("a"), b"x")
    for action in ("info", "clear"):
        document = json.loads(shown(capsys, "cache", action, "--format", "json"))
        jsonschema.validate(document, schema)
        assert document == {
            "schema": "kimpact/cache/1",
            "folder": str(folder),
            "limit": 256 << 20,
            "cleared": action == "clear",
            "entries": 1,
            "bytes": document["bytes"],
            "unfinished": 0,
            "foreign": 0,
        }


@pytest.mark.usefixtures("folder")
def test_a_size_that_is_none_is_bad_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KIMPACT_CACHE_SIZE", "plenty")
    for command in (["cache", "info"], EXPLAIN):
        assert main(command) == ExitStatus.BAD_INPUT
        message = "KIMPACT_CACHE_SIZE=plenty is no size: bytes, or a number with K, M or G"
        assert capsys.readouterr() == ("", f"kimpact: error: {message}\n")


def test_no_room_is_no_cache(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KIMPACT_CACHE_SIZE", "0")
    shown(capsys, *EXPLAIN)
    assert not folder.exists()
    assert "(limit: 0, so nothing is kept)" in shown(capsys, "cache", "info")


def test_a_folder_that_cannot_be_read_is_bad_input(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.parent.mkdir(parents=True)
    folder.write_text("in the way")
    for action in ("info", "clear"):
        assert main(["cache", action]) == ExitStatus.BAD_INPUT
        message = f"{folder}: cannot be used: Not a directory"
        assert capsys.readouterr() == ("", f"kimpact: error: {message}\n")
    assert folder.read_text() == "in the way"


@pytest.mark.parametrize("command", [PATHS, EXPLAIN], ids=["paths", "explain"])
def test_a_folder_that_cannot_be_written_costs_one_line(
    folder: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    fresh = shown(capsys, *command, "--no-cache")
    folder.parent.parent.mkdir()
    folder.parent.write_text("in the way")
    assert main(command) == ExitStatus.DONE
    out, err = capsys.readouterr()
    assert out == fresh
    assert err == f"kimpact: note: nothing is kept for the next run: {folder}: Not a directory\n"


def test_a_full_disk_costs_one_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fresh = shown(capsys, *PATHS, "--no-cache")
    done = subprocess.run(
        [*KIMPACT, *PATHS],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)),
    )
    assert done.returncode == 0
    assert done.stdout == fresh
    assert done.stderr == (
        f"kimpact: note: nothing is kept for the next run: {folder}: File too large\n"
    )
    assert not list(folder.iterdir())


def test_a_pipe_names_no_answer(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What comes through ``<(...)`` has the same name each time."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    answers: list[str] = []
    for name in ("plain", "paravirt-reclaim"):
        text = (CONFIGS / f"{name}.config").read_bytes()
        with ThreadPoolExecutor(1) as pool:
            pool.submit(pipe.write_bytes, text)
            command = ["paths", "free_pte_range", *INPUTS, str(pipe), "--format", "json"]
            answers.append(shown(capsys, *command))
        assert len(list(folder.iterdir())) == 1  # the Kconfig files alone
    assert answers[0] != answers[1]


def test_twenty_runs_at_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fresh = shown(capsys, *EXPLAIN, "--no-cache")
    running = [
        subprocess.Popen(
            [*KIMPACT, *EXPLAIN],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(20)
    ]
    assert [one.communicate() for one in running] == [(fresh, "")] * 20
    assert [one.returncode for one in running] == [0] * 20
    found = EntryStore(folder, 0).contents()
    assert (found.entries, found.unfinished, found.foreign) == (1, 0, 0)
