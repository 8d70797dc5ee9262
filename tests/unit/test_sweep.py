"""``kimpact sweep``: results as they come, resumed runs, lost processes, and a Dask cluster."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from distributed import LocalCluster
from pyarrow import parquet

from analyzer.cli.main import main
from analyzer.errors import BadInput
from analyzer.requests import Inputs
from analyzer.sweep.apart import Outcome, Running, Status, run_apart
from analyzer.sweep.cluster import run_on
from analyzer.sweep.local import TRIES, run_local
from analyzer.sweep.plan import Plan, Task, tasks
from analyzer.sweep.results import ResultFile
from analyzer.sweep.table import write_table

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "fixtures"
TREE = FIXTURES / "minikernel"
CONFIG = FIXTURES / "configs" / "paravirt.config"
PATCH = FIXTURES / "patches" / "0001-free-by-rcu.patch"
FUNCTIONS = ("page_release", "table_free_now", "native_release_table", "table_free_later")


@pytest.fixture
def plan() -> Plan:
    return Plan((TREE,), (), FUNCTIONS, Inputs(TREE, (CONFIG,), cache=False))


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def command(output: Path, *more: str) -> list[str]:
    words = ["--kernel", str(TREE), "--config", str(CONFIG), "--no-cache", "-o", str(output)]
    return ["sweep", *words, "--function", *FUNCTIONS, *more]


def test_tasks_are_known_by_what_they_ask(plan: Plan, tmp_path: Path) -> None:
    first = tasks(plan)
    assert [task.function for task in first] == list(FUNCTIONS)
    assert tasks(plan) == first
    config = tmp_path / "paravirt.config"
    config.write_text(CONFIG.read_text() + "# another\n")
    changed = tasks(replace(plan, inputs=Inputs(TREE, (config,), cache=False)))
    assert not {task.key for task in first} & {task.key for task in changed}
    reviews = tasks(replace(plan, patches=(PATCH,)))
    assert [(task.patch, task.function) for task in reviews] == [(str(PATCH), None)]
    with pytest.raises(BadInput, match="nothing to ask"):
        tasks(replace(plan, functions=()))
    with pytest.raises(BadInput, match="cannot be read"):
        tasks(replace(plan, patches=(tmp_path / "none.patch",)))


def test_patches_on_trees(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What does not apply is a result; asked again, nothing is."""
    bad = tmp_path / "bad.patch"
    bad.write_text(PATCH.read_text().replace("table_free_one", "never_there"))
    output = tmp_path / "results.jsonl"
    words = ["sweep", str(PATCH), str(bad), "--kernel", str(TREE), "--config", str(CONFIG)]
    words += ["--knowledge", str(FIXTURES / "knowledge.toml"), "--only-given", "--no-cache"]
    assert main([*words, "-o", str(output)]) == 0
    assert capsys.readouterr().out == "2 tasks: 0 known, 1 done, 1 refused, 0 failed\n"
    found = {Path(str(entry["patch"])).name: entry for entry in lines(output)}
    assert found["bad.patch"]["status"] == "refused"
    assert "bad.patch" in str(found["bad.patch"]["error"])
    schema = json.loads((ROOT / "docs" / "schema" / "review-1.json").read_text())
    jsonschema.validate(found[PATCH.name]["document"], schema)
    line = json.loads((ROOT / "docs" / "schema" / "sweep-1.json").read_text())
    for entry in found.values():
        jsonschema.validate(entry, line)
    before = output.read_bytes()
    assert main([*words, "-o", str(output)]) == 0
    assert capsys.readouterr().out == "2 tasks: 2 known, 0 done, 0 refused, 0 failed\n"
    assert output.read_bytes() == before


def test_results_as_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Written from the lines, those of an earlier run too; what was there is replaced."""
    bad = tmp_path / "bad.patch"
    bad.write_text(PATCH.read_text().replace("table_free_one", "never_there"))
    output, table = tmp_path / "results.jsonl", tmp_path / "results.parquet"
    words = ["--kernel", str(TREE), "--config", str(CONFIG), "--no-cache", "-o", str(output)]
    assert main(["sweep", "--function", FUNCTIONS[0], *words]) == 0
    table.write_text("an older one")
    assert main(["sweep", str(bad), *words, "--parquet", str(table)]) == 0
    assert capsys.readouterr().out.endswith("1 tasks: 0 known, 0 done, 1 refused, 0 failed\n")
    found = parquet.read_table(table)
    assert {field.name: str(field.type) for field in found.schema} == {
        "task": "string",
        "kernel": "string",
        "patch": "string",
        "function": "string",
        "status": "string",
        "seconds": "double",
        "error": "string",
        "document": "string",
    }
    assert found.schema.metadata[b"schema"] == b"kimpact/sweep/1"
    rows = found.to_pylist()
    assert [(row["status"], row["function"], row["patch"]) for row in rows] == [
        ("done", FUNCTIONS[0], None),
        ("refused", None, str(bad)),
    ]
    for row in rows:
        row["document"] = None if row["document"] is None else json.loads(row["document"])
        row["schema"] = "kimpact/sweep/1"
    assert rows == lines(output)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "bad.patch",
        "results.jsonl",
        "results.parquet",
    ]


def test_row_groups_hold_all_lines(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analyzer.sweep.table.GROUP_BYTES", 1000)
    results = ResultFile(tmp_path / "r.jsonl")
    for task in tasks(plan):
        results.add(task, Outcome(Status.DONE, 1, {"text": "x" * 600}))
    results.close()
    write_table(tmp_path / "r.jsonl", tmp_path / "r.parquet")
    written = parquet.ParquetFile(tmp_path / "r.parquet")
    assert written.num_row_groups == 2
    assert written.read().column("function").to_pylist() == list(FUNCTIONS)
    with pytest.raises(BadInput, match="cannot be written"):
        write_table(tmp_path / "r.jsonl", tmp_path / "none" / "r.parquet")


def test_a_table_that_cannot_be_written_is_refused_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is asked, with one line."""
    output = tmp_path / "r.jsonl"
    for words, said in (
        (command(output, "--parquet", str(tmp_path / "none" / "r.parquet")), "no such folder"),
        (command(output, "--parquet", str(output)), "a file each"),
        (command(tmp_path / "r.parquet"), "add --parquet FILE"),
    ):
        assert main(words) == 2
        assert said in capsys.readouterr().err
    monkeypatch.delitem(sys.modules, "analyzer.sweep.table", raising=False)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert main(command(output, "--parquet", str(tmp_path / "r.parquet"))) == 2
    assert capsys.readouterr().err == (
        "kimpact: error: the package 'pyarrow' is missing:"
        " pip install 'kimpact[parquet]' brings it\n"
    )
    assert not output.exists()


def test_a_killed_run_is_resumed(tmp_path: Path) -> None:
    output = tmp_path / "results.jsonl"
    start = "from analyzer.cli.main import entry_point; entry_point()"
    words = [sys.executable, "-c", start, *command(output, "--jobs", "1")]
    process = subprocess.Popen(words, cwd=tmp_path)
    while not output.exists() or not output.read_bytes().count(b"\n"):
        assert process.poll() is None
        time.sleep(0.02)
    process.kill()
    process.wait()
    with output.open("ab") as stream:
        stream.write(b'{"schema": "kimpact/sweep/1", "task": "half of a li')
    done = output.read_bytes().count(b"\n")
    ended = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ended.stdout.startswith(f"{len(FUNCTIONS)} tasks: {done} known, ")
    assert [entry["status"] for entry in lines(output)] == ["done"] * len(FUNCTIONS)
    assert {entry["function"] for entry in lines(output)} == set(FUNCTIONS)


def test_a_lost_process_costs_its_task_only(plan: Plan, tmp_path: Path) -> None:
    """One that is killed once is asked again; one that always is, has failed."""
    once, always, *_ = FUNCTIONS
    tries: list[str] = []

    def run(task: Task, running: Running) -> Outcome:
        assert task.function is not None
        tries.append(task.function)
        killed = task.function == always or (task.function == once and tries.count(once) == 1)
        code = "import os; os.kill(os.getpid(), 9)" if killed else "print('{\"document\": {}}')"
        return run_apart(task, [sys.executable, "-c", code], running)

    outcomes = {task.function: outcome for task, outcome in run_local(tasks(plan), 2, run)}
    assert {name: outcome.status for name, outcome in outcomes.items()} == {
        name: Status.FAILED if name == always else Status.DONE for name in FUNCTIONS
    }
    assert outcomes[always].error == "its process ended with status -9"
    assert (tries.count(once), tries.count(always)) == (2, TRIES)
    results = ResultFile(tmp_path / "r.jsonl")
    for task in tasks(plan):
        results.add(task, outcomes[task.function])
    results.close()
    again = ResultFile(tmp_path / "r.jsonl")
    again.close()
    assert len(again.finished) == len(FUNCTIONS) - 1
    assert len(lines(tmp_path / "r.jsonl")) == len(FUNCTIONS) - 1


class Watched(dict[str, object]):
    """A document whose life can be watched."""


def test_answers_are_let_go_of(plan: Plan) -> None:
    """What has been handed out is not kept: thousands of answers are gigabytes."""
    seen: list[weakref.ref[Watched]] = []
    go_on = threading.Semaphore(0)

    def run(_: Task, __: Running) -> Outcome:
        assert go_on.acquire(timeout=60)
        document = Watched()
        seen.append(weakref.ref(document))
        return Outcome(Status.DONE, 0.0, document)

    outcomes = run_local(tasks(plan), 1, run)
    for _ in FUNCTIONS:
        go_on.release()
        assert next(outcomes)[1].document is not None
    assert [reference() for reference in seen[:-1]] == [None] * (len(FUNCTIONS) - 1)


def test_a_cluster_lets_go_of_answers(
    plan: Plan, cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analyzer.sweep.cluster.tried", _empty_answer)
    outcomes = run_on(cluster.scheduler_address, tasks(plan))
    for _ in FUNCTIONS:
        assert next(outcomes)[1].status is Status.DONE
    deadline = time.monotonic() + 60
    while len(cluster.scheduler.tasks) > 1:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    outcomes.close()


def _empty_answer(_: Task) -> Outcome:
    return Outcome(Status.DONE, 0.0, {})


def test_what_is_at_work_ends_with_the_sweep(plan: Plan, tmp_path: Path) -> None:
    """With all that it has started; one that has not begun never does."""
    code = (
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen(['sleep', '600'])\n"
        f"open({str(tmp_path / 'pids')!r}, 'a').write(f'{{os.getpid()}} {{child.pid}} ')\n"
        "time.sleep(600)\n"
    )
    first = FUNCTIONS[0]

    def run(task: Task, running: Running) -> Outcome:
        if task.function == first:
            while not (tmp_path / "pids").exists() or not (tmp_path / "pids").read_text():
                time.sleep(0.02)
            return Outcome(Status.DONE, 0.0, {})
        return run_apart(task, [sys.executable, "-c", code], running)

    outcomes = run_local(tasks(plan), 2, run)
    assert next(outcomes)[0].function == first
    outcomes.close()
    for pid in (tmp_path / "pids").read_text().split():
        while Path(f"/proc/{pid}").exists() and " Z " not in Path(f"/proc/{pid}/stat").read_text():
            time.sleep(0.02)


def test_a_lost_process_whose_children_live_on(plan: Plan) -> None:
    """They hold its output open; nobody waits for them."""
    code = "import subprocess, os; subprocess.Popen(['sleep', '600']); os.kill(os.getpid(), 9)"
    outcome = run_apart(tasks(plan)[0], [sys.executable, "-c", code])
    assert outcome.status is Status.FAILED


def test_other_files_are_not_touched(tmp_path: Path) -> None:
    for text in ("some notes\n", '{"schema": "other"}\n', "[]\n"):
        path = tmp_path / "notes"
        path.write_text(text)
        with pytest.raises(BadInput, match="no results of a sweep"):
            ResultFile(path)
        assert path.read_text() == text


def test_a_process_ends_with_who_has_asked() -> None:
    """A killed worker leaves nothing running."""
    code = (
        "import sys, time, subprocess\n"
        "child = subprocess.Popen([sys.executable, '-P', '-c', '''\n"
        "import sys, os, threading, time\n"
        "from analyzer.sweep.task import _end_with\n"
        "threading.Thread(target=_end_with, args=(0,), daemon=True).start()\n"
        "time.sleep(600)\n"
        "'''], stdin=subprocess.PIPE, start_new_session=True)\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert Path(f"/proc/{pid}").exists()
    parent.kill()
    parent.wait()
    while Path(f"/proc/{pid}").exists() and " Z " not in Path(f"/proc/{pid}/stat").read_text():
        time.sleep(0.02)


@pytest.fixture
def cluster() -> Iterator[LocalCluster]:
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as running:
        yield running


def test_a_cluster_loses_a_worker(cluster: LocalCluster, tmp_path: Path) -> None:
    """A worker is killed when the first result is there; every task is answered once."""
    output = tmp_path / "results.jsonl"
    start = "from analyzer.cli.main import entry_point; entry_point()"
    words = [*command(output), "--scheduler", cluster.scheduler_address]
    process = subprocess.Popen([sys.executable, "-c", start, *words], stdout=subprocess.PIPE)
    while not output.exists() or not output.read_bytes().count(b"\n"):
        assert process.poll() is None
        time.sleep(0.02)
    worker = next(iter(cluster.workers.values()))
    os.kill(worker.pid, signal.SIGKILL)
    out, _ = process.communicate(timeout=300)
    assert process.returncode == 0
    assert (
        out.decode()
        == f"{len(FUNCTIONS)} tasks: 0 known, {len(FUNCTIONS)} done, 0 refused, 0 failed\n"
    )
    assert sorted(str(entry["function"]) for entry in lines(output)) == sorted(FUNCTIONS)


def test_a_scheduler_that_is_not_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analyzer.sweep.cluster.CONNECT_SECONDS", 0.5)
    output = tmp_path / "r.jsonl"
    assert main(command(output, "--scheduler", "tcp://127.0.0.1:9")) == 2
    assert "no scheduler can be reached there" in capsys.readouterr().err
    assert main(command(output, "--scheduler", "no address")) == 2


def test_without_dask_the_command_says_how_to_get_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "analyzer.sweep.cluster", raising=False)
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert main(command(tmp_path / "r.jsonl", "--scheduler", "tcp://127.0.0.1:9")) == 2
    assert "pip install 'kimpact[dask]'" in capsys.readouterr().err
