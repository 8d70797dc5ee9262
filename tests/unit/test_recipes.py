"""The recipes of docs/recipes.md, run as they are written, on the miniature kernel in git."""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

import b4
import pytest
import yaml
from b4.review import checks
from sarif_kit.validate import validation_errors

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "fixtures"
RECIPES = ROOT / "docs" / "recipes"
PATCH = FIXTURES / "patches" / "0001-free-by-rcu.patch"
FALSE = "A change that not_there_at_all() needs"


class Repository:
    """A clone of a bare repository with the miniature kernel, and the command at hand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "work"
        tools = folder / "bin"
        tools.mkdir()
        # What a CI machine would install is there already.
        (tools / "pip").write_text("#!/bin/sh\nexit 0\n")
        (tools / "pip").chmod(0o755)
        self.environment = {
            "PATH": f"{tools}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(folder),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            **{
                f"GIT_{who}_{what}": value
                for who in ("AUTHOR", "COMMITTER")
                for what, value in (("NAME", "A Developer"), ("EMAIL", "dev@example.org"))
            },
        }
        self.sh(f"git init -q --bare -b main {folder / 'there'}", folder)
        self.sh(f"git clone -q {folder / 'there'} {self.folder} 2>/dev/null", folder)
        self.sh("git checkout -q -b main")
        shutil.copytree(FIXTURES / "minikernel", self.folder, dirs_exist_ok=True)
        configs = self.folder / "ci" / "configs"
        configs.mkdir(parents=True)
        shutil.copy(FIXTURES / "configs" / "paravirt-reclaim.config", configs)
        self.sh("git add -A && git commit -qm base && git push -q origin main")

    def sh(self, script: str, folder: Path | None = None, **more: str) -> str:
        """What a script prints; raises CalledProcessError if it fails."""
        run = subprocess.run(
            ["bash", "-e", "-c", script],
            cwd=folder or self.folder,
            env=self.environment | more,
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode:
            raise subprocess.CalledProcessError(run.returncode, script, run.stdout, run.stderr)
        return run.stdout

    def commit(self, message: str = "") -> str:
        """Commit the patch of the fixtures, under its own message or another one."""
        self.sh(f"git reset -q --hard origin/main && git am -q {PATCH}")
        if message:
            self.sh(f"git commit -q --amend -m '{message}'")
        return self.sh("git rev-parse HEAD").strip()


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return Repository(tmp_path_factory.mktemp("recipes"))


def commands() -> list[str]:
    """The command lines of the page."""
    text = (ROOT / "docs" / "recipes.md").read_text("utf-8")
    return re.findall(r"(?m)^\$ (.+)$", text)


@pytest.mark.parametrize("key", ["b4.review-perpatch-check-cmd", "b4.prep-perpatch-check-cmd"])
def test_b4(key: str, repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """b4's own code runs the command that its settings name."""
    (line,) = [line for line in commands() if key in line]
    repository.sh(line.replace("--config-dir configs", "--config-dir ci/configs"))
    command = repository.sh(f"git config {key}").strip()
    for name, value in repository.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(repository.folder)
    repository.sh("git reset -q --hard origin/main")
    message = EmailMessage()
    message["Subject"] = "[PATCH] mini: free single tables"
    message["From"] = "A Developer <dev@example.org>"
    message["Message-Id"] = "<1@example.org>"
    message.set_content(f"{FALSE}.\n\n---\n{PATCH.read_text().partition('---')[2]}")
    b4.setup_config(argparse.Namespace(config={}))
    if "review" in key:
        read = checks.run_perpatch_checks([("1", message)], [command], str(repository.folder))
        (entry,) = read["1"]
        assert (entry["tool"], entry["status"]) == ("kimpact", "fail")
        assert "not_there_at_all" in entry["details"]
    else:
        found = b4.LoreMessage.run_local_check(command.split(), "1", message, nocache=True)
        assert any("not_there_at_all" in text for _, text in found)
        assert "fail" in [status for status, _ in found]


def test_the_hook(repository: Repository) -> None:
    lines = [line for line in commands() if "pre-push" in line or "git config kimpact" in line]
    for line in lines:
        line = line.replace("docs/recipes/", f"{RECIPES}/")
        repository.sh(line.replace("/path/to/configs", "ci/configs").replace("/master", "/main"))
    repository.commit(FALSE)
    with pytest.raises(subprocess.CalledProcessError) as refused:
        repository.sh("git push -q origin HEAD:refs/heads/topic")
    assert "not_there_at_all" in refused.value.stderr
    assert repository.sh("git ls-remote origin refs/heads/topic") == ""
    head = repository.commit()
    repository.sh("git push -q origin HEAD:refs/heads/topic")
    assert head in repository.sh("git ls-remote origin refs/heads/topic")
    repository.sh("git push -q origin :refs/heads/topic")
    (repository.folder / ".git" / "hooks" / "pre-push").unlink()


def test_the_hook_without_settings_lets_pass(repository: Repository) -> None:
    repository.sh("git config --unset-all kimpact.configs || true")
    run = subprocess.run(
        [str(RECIPES / "pre-push")],
        cwd=repository.folder,
        env=repository.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "kimpact.configs is not set" in run.stderr


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("github-workflow.yml", "vendor.github-workflows"),
        ("gitlab-ci.yml", "vendor.gitlab-ci"),
    ],
)
def test_ci_files_follow_their_schema(name: str, schema: str) -> None:
    tool = shutil.which("check-jsonschema", path=str(Path(sys.executable).parent))
    assert tool is not None
    run = subprocess.run(
        [tool, "--builtin-schema", schema, str(RECIPES / name)], capture_output=True, check=False
    )
    assert run.returncode == 0, run.stdout.decode()


def sarif(repository: Repository) -> list[dict[str, object]]:
    document = json.loads((repository.folder / "kimpact.sarif").read_text())
    assert validation_errors(document) == []
    results: list[dict[str, object]] = document["runs"][0]["results"]
    return results


def test_the_steps_of_the_github_workflow(repository: Repository, tmp_path: Path) -> None:
    job = yaml.safe_load((RECIPES / "github-workflow.yml").read_text())["jobs"]["review"]
    head = repository.commit(FALSE)
    assert set(job["env"]) == {"RANGE"}
    more = {"RANGE": f"origin/main..{head}", "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
    for step in job["steps"]:
        if "run" in step:
            repository.sh(step["run"], **more)
    assert {one["ruleId"] for one in sarif(repository)} >= {"claim"}
    assert "table_free_one" in (tmp_path / "summary").read_text()
    (upload,) = [step for step in job["steps"] if "upload-sarif" in step.get("uses", "")]
    assert upload["with"]["sarif_file"] == "kimpact.sarif"


@pytest.mark.parametrize("message", ["", FALSE])
def test_the_steps_of_the_gitlab_job(message: str, repository: Repository) -> None:
    job = yaml.safe_load((RECIPES / "gitlab-ci.yml").read_text())["kimpact"]
    head = repository.commit(message)
    base = repository.sh("git rev-parse origin/main").strip()
    more = {"CI_MERGE_REQUEST_DIFF_BASE_SHA": base, "CI_COMMIT_SHA": head}
    script = "\n".join(job["script"])
    if message:
        with pytest.raises(subprocess.CalledProcessError) as failed:
            repository.sh(script, **more)
        assert failed.value.returncode == 1
    else:
        repository.sh(script, **more)
    for path in job["artifacts"]["paths"]:
        assert (repository.folder / path).stat().st_size
    assert any(
        one["ruleId"] == "claim" and one["level"] == "error" for one in sarif(repository)
    ) == bool(message)


class Patchwork(BaseHTTPRequestHandler):
    """The three requests of the REST API that the recipe makes."""

    checks: ClassVar[list[tuple[str, dict[str, str]]]] = []
    mail = b""

    def do_GET(self) -> None:
        here = f"http://127.0.0.1:{self.server.server_address[1]}"
        links = {"mbox": f"{here}/patch/7/mbox/", "checks": f"{here}/api/patches/7/checks/"}
        answers = {"/api/patches/7/": json.dumps(links).encode(), "/patch/7/mbox/": self.mail}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(answers[self.path])

    def do_POST(self) -> None:
        assert self.path == "/api/patches/7/checks/"
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.checks.append((self.headers["Authorization"], json.loads(body)))
        self.send_response(201)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def patchwork() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Patchwork)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    Patchwork.checks = []
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("mail", "state", "text"),
    [
        (
            PATCH.read_bytes().replace(b"With CONFIG", FALSE.encode() + b". With CONFIG"),
            "fail",
            "not_there_at_all",
        ),
        (PATCH.read_bytes(), "warning", "table_free_one"),
        (b"From: a\nSubject: [PATCH] x\n\nno patch\n", "warning", "kimpact: error: "),
    ],
    ids=["false", "changes", "no patch"],
)
def test_patchwork(
    mail: bytes, state: str, text: str, patchwork: str, repository: Repository
) -> None:
    (line,) = [line for line in commands() if "patchwork-check" in line]
    Patchwork.mail = mail
    line = line.replace("docs/recipes/", f"{RECIPES}/").replace("TOKEN=...", "TOKEN=secret")
    line = re.sub(r"https://\S+ 1234 linux configs", f"{patchwork} 7 . ci/configs", line)
    repository.sh("git reset -q --hard origin/main")
    repository.sh(line)
    ((token, check),) = Patchwork.checks
    assert token == "Token secret"
    assert (check["state"], check["context"]) == (state, "kimpact")
    assert text in check["description"]
