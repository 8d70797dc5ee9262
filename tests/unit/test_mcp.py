"""The tool server, asked by the SDK's own client over stdio, on the miniature kernel."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import jsonschema
import pytest
from mcp import Client, MCPError, StdioServerParameters
from mcp.types import CallToolResult, TextContent, Tool
from test_review import GATHER, ONE_BY_RCU, diff

from analyzer.cli.main import main
from analyzer.errors import BadInput
from analyzer.mcp.calls import Calls
from analyzer.mcp.schemas import schema_of
from analyzer.mcp.served import Served, resolved
from analyzer.mcp.server import make_server
from analyzer.requests import Inputs

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "fixtures"
TREE = FIXTURES / "minikernel"
CONFIGS = FIXTURES / "configs"
FREE = "mm/memory.c:free_pte_range"

POLICY = """\
[[rule]]
name = "tables are freed by RCU"
function = "mm/mmu_gather.c:tlb_remove_table"
never = ["ipi-then-free"]
"""

CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "paths": ("paths", {"functions": [FREE], "to": "tlb_remove_table"}),
    "one config": ("paths", {"functions": [FREE], "configs": ["plain.config"]}),
    "callers": ("callers", {"functions": ["tlb_remove_table"], "depth": 2}),
    "slots": ("slots", {"slots": ["pv_ops"], "platforms": ["native"]}),
    "explain": ("explain", {"symbols": ["CONFIG_PARAVIRT"]}),
    "matrix": ("matrix", {"functions": [FREE], "vary": ["PARAVIRT"], "config": "plain.config"}),
    "review": ("review", {"patch": diff({GATHER: ONE_BY_RCU}), "configs": ["paravirt.config"]}),
    "check": ("check", {}),
    "configs": ("configs", {"symbols": ["PARAVIRT"]}),
    "no function": ("paths", {"functions": ["not_there"]}),
    "no argument": ("paths", {}),
    "unknown argument": ("paths", {"functions": [FREE], "colour": "red"}),
    "outside": ("paths", {"functions": [FREE], "configs": ["/etc/passwd"]}),
    "above": ("paths", {"functions": [FREE], "configs": ["../../pyproject.toml"]}),
    "no kernel": ("paths", {"functions": [FREE], "kernel": "other"}),
    "no patch": ("review", {}),
    "empty patch": ("review", {"patch": ""}),
}


@dataclass(slots=True)
class Session:
    """What a client saw of one server."""

    tools: dict[str, Tool] = field(default_factory=dict)
    answers: dict[str, CallToolResult] = field(default_factory=dict)
    progress: dict[str, list[tuple[float, str]]] = field(default_factory=dict)
    unknown_tool: str = ""
    instructions: str = ""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    folder = tmp_path_factory.mktemp("mcp")
    policy = folder / "rules.toml"
    policy.write_text(POLICY)
    return anyio.run(_session, folder, policy)


async def _session(folder: Path, policy: Path) -> Session:
    start = "from analyzer.cli.main import entry_point; entry_point()"
    arguments = ["--kernel", str(TREE), "--config-dir", str(CONFIGS), "--policy", str(policy)]
    known = ["--knowledge", str(FIXTURES / "knowledge.toml")]
    server = StdioServerParameters(
        command=sys.executable,
        args=["-c", start, "mcp", *arguments, *known, "--no-cache"],
        cwd=folder,
    )
    seen = Session()

    async with Client(server) as client:
        seen.tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        seen.instructions = client.instructions or ""
        for name, (tool, asked) in CALLS.items():
            steps = seen.progress[name] = []

            async def told(
                number: float,
                _: float | None,
                message: str | None,
                steps: list[tuple[float, str]] = steps,
            ) -> None:
                steps.append((number, message or ""))

            seen.answers[name] = await client.call_tool(tool, asked, progress_callback=told)
        try:
            await client.call_tool("rm", {})
        except MCPError as error:
            seen.unknown_tool = str(error)
    return seen


def test_a_client_of_the_older_protocol() -> None:
    """One that begins with a handshake, as most do."""

    async def run() -> CallToolResult:
        server = make_server(served(), Calls())
        async with Client(server, mode="legacy") as client:
            assert "paths" in {tool.name for tool in (await client.list_tools()).tools}
            return await client.call_tool("explain", {"symbols": ["MMU"]})

    found = anyio.run(run)
    jsonschema.validate(found.structured_content, schema_of("explain"))


def text_of(result: CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


def test_every_tool_is_described(session: Session) -> None:
    assert list(session.tools) == [
        *("paths", "callers", "slots", "explain", "matrix", "review", "check", "configs")
    ]
    for name, tool in session.tools.items():
        assert tool.output_schema == schema_of(name)
        jsonschema.Draft202012Validator.check_schema(tool.input_schema)
        assert tool.input_schema["additionalProperties"] is False
        described = tool.input_schema["properties"].values()
        assert all("description" in one for one in described), name
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint
    assert "minikernel" in session.instructions
    assert "plain.config" in session.instructions


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("paths", ["paths", FREE, "--to", "tlb_remove_table"]),
        ("callers", ["callers", "tlb_remove_table", "--depth", "2"]),
        ("slots", ["slots", "pv_ops", "--platform", "native"]),
        ("explain", ["explain", "PARAVIRT"]),
    ],
)
def test_a_tool_answers_what_the_command_answers(
    name: str, arguments: list[str], session: Session
) -> None:
    shared = ["--kernel", str(TREE), "--config-dir", str(CONFIGS), "--no-cache"]
    if name != "explain":
        shared += ["--knowledge", str(FIXTURES / "knowledge.toml")]
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert main([*arguments, *shared, "--format", "json"]) == 0
    result = session.answers[name]
    assert not result.is_error
    assert result.structured_content == json.loads(out.getvalue())


@pytest.mark.parametrize("name", ["one config", "matrix", "review", "check", "configs"])
def test_answers_follow_their_schema(name: str, session: Session) -> None:
    result = session.answers[name]
    assert not result.is_error, text_of(result)
    jsonschema.validate(result.structured_content, schema_of(CALLS[name][0]))


def test_the_text_is_the_report(session: Session) -> None:
    assert "└── " in text_of(session.answers["paths"])
    assert "table_free_one" in text_of(session.answers["review"])
    assert "tables are freed by RCU" in text_of(session.answers["check"])
    (config,) = session.answers["one config"].structured_content["configs"]
    assert config["name"] == "plain"
    assert [one["name"] for one in session.answers["paths"].structured_content["configs"]] == [
        *("paravirt-reclaim", "paravirt", "plain", "reclaim")
    ]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("no function", "not_there"),
        ("no argument", "functions: Field required"),
        ("unknown argument", "colour: Extra inputs are not permitted"),
        ("outside", "/etc/passwd: no configuration of this server"),
        ("above", "../../pyproject.toml: no configuration of this server"),
        ("no kernel", "this server has no kernel called other (it has: minikernel)"),
        ("no patch", "give a 'patch' or a 'range'"),
        ("empty patch", "empty, not a patch"),
    ],
)
def test_a_declared_error_is_one_line(name: str, line: str, session: Session) -> None:
    result = session.answers[name]
    assert result.is_error
    assert line in text_of(result)
    assert "\n" not in text_of(result)
    assert "Traceback" not in text_of(result)


def test_an_unknown_tool_is_an_error_of_the_protocol(session: Session) -> None:
    assert session.unknown_tool == "no such tool: rm"


def test_progress_is_told_and_grows(session: Session) -> None:
    steps = session.progress["paths"]
    assert any("makefiles" in message for _, message in steps)
    assert [number for number, _ in steps] == list(range(1, len(steps) + 1))


SLOW = """\
import json, os, subprocess, sys, time
sys.stdin.buffer.read()
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(json.dumps({"stage": f"{os.getpid()} {child.pid}"}), flush=True)
time.sleep(600)
"""


def served(tree: Path = TREE, **other: Any) -> Served:
    fields: Mapping[str, Any] = {
        "kernels": (resolved(tree, folder=True),),
        "configs": (resolved(CONFIGS / "plain.config"),),
        "config_dirs": (),
        "policies": (),
        "inputs": Inputs(tree, (), cache=False),
        **other,
    }
    return Served(**fields)


def running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_the_server_answers_during_an_analysis_and_a_cancelled_one_ends() -> None:
    """The process of the call, and one that it has started, are gone."""

    async def run() -> list[int]:
        pids: list[int] = []
        begun = anyio.Event()

        async def told(_: float, __: float | None, message: str | None) -> None:
            pids.extend(map(int, (message or "").split()))
            begun.set()

        server = make_server(served(), Calls([sys.executable, "-c", SLOW]))
        async with Client(server) as client, anyio.create_task_group() as group:

            async def call() -> None:
                await client.call_tool("paths", {"functions": ["f"]}, progress_callback=told)

            group.start_soon(call)
            await begun.wait()
            assert all(map(running, pids))
            assert (await client.list_tools()).tools
            group.cancel_scope.cancel()
        for pid in pids:
            while running(pid):
                await anyio.sleep(0.01)
        return pids

    async def limited() -> list[int]:
        with anyio.fail_after(60):
            return await run()

    assert len(anyio.run(limited)) == 2


def test_a_process_that_ends_without_an_answer_is_an_error() -> None:
    """Also if one that it has started holds its output open."""
    code = "import subprocess, sys; subprocess.Popen(['sleep', '600']); sys.exit(3)"

    async def run() -> CallToolResult:
        server = make_server(served(), Calls([sys.executable, "-c", code]))
        async with Client(server) as client:
            return await client.call_tool("paths", {"functions": ["f"]})

    result = anyio.run(run)
    assert result.is_error
    assert text_of(result) == "the process of an analysis ended with status 3"


def test_nothing_is_imported_from_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which may be the tree under review."""
    (tmp_path / "rich.py").write_text("raise SystemExit('imported')\n")
    (tmp_path / "pickle.py").write_text("raise SystemExit('imported')\n")
    monkeypatch.chdir(tmp_path)

    async def run() -> CallToolResult:
        async with Client(make_server(served(), Calls())) as client:
            return await client.call_tool("explain", {"symbols": ["MMU"]})

    assert "MMU=y" in text_of(anyio.run(run))


def test_links_do_not_lead_out_of_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "configs"
    folder.mkdir()
    (tmp_path / "secret").write_text("CONFIG_A=y\n")
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "good").write_text("CONFIG_A=y\n")
    rules = served(config_dirs=(resolved(folder, folder=True),))
    assert rules.config("good") == folder / "good"
    for name in ("link", "../secret", str(tmp_path / "secret"), "", "a\0b"):
        with pytest.raises(BadInput, match="no configuration of this server"):
            rules.config(name)


def test_a_file_of_a_tree_may_be_a_configuration() -> None:
    rules = served()
    assert rules.config("plain.config") == CONFIGS / "plain.config"
    assert rules.config(str(CONFIGS / "plain.config")) == CONFIGS / "plain.config"
    assert rules.config("Kbuild") == TREE / "Kbuild"
    with pytest.raises(BadInput, match="was given no --policy"):
        rules.policy(None)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "required: --kernel"),
        (["--kernel", "nowhere"], "nowhere: no such directory"),
        (["--kernel", str(CONFIGS)], "not a kernel source tree"),
        (["--kernel", str(TREE), "--config", "nothing"], "nothing: no such file"),
        (["--kernel", str(TREE), "--config", str(CONFIGS)], "not a file"),
    ],
)
def test_bad_command_lines(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["mcp", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_without_the_sdk_the_command_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name == "mcp" or name.startswith("mcp.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(sys.modules, "analyzer.mcp.server")
    monkeypatch.setitem(sys.modules, "mcp", None)
    assert main(["mcp", "--kernel", str(TREE), "--config", str(CONFIGS / "plain.config")]) == 2
    assert "pip install 'kimpact[mcp]'" in capsys.readouterr().err
