"""The command line as a contract: exit status, one line on stderr, what goes to stdout."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from report_case import case

from analyzer import __version__, pipeline, requests
from analyzer.callers.result import CallersResult
from analyzer.cli import demo
from analyzer.cli.exit_status import ExitStatus
from analyzer.cli.main import main
from analyzer.contrast.result import ConfigsResult
from analyzer.diagnostics import Diagnostic, Severity
from analyzer.errors import BadInput
from analyzer.explain.result import ExplainResult
from analyzer.paths.result import ConfigInfo, Kernel, PathsResult
from analyzer.progress import Progress
from analyzer.slots.result import SlotsResult, Table

PATHS = ["paths", "f", "--kernel", "linux", "--config", "a.config"]


class Engine:
    """Stands in for the analysis: remembers the requests, answers or fails as told."""

    def __init__(self) -> None:
        self.paths: list[requests.PathsRequest] = []
        self.callers: list[requests.CallersRequest] = []
        self.slots: list[requests.SlotsRequest] = []
        self.callgraphs: list[requests.CallgraphRequest] = []
        self.explained: list[requests.ExplainRequest] = []
        self.compared: list[requests.ConfigsRequest] = []
        self.resolved: list[requests.ResolveRequest] = []
        self.failure: BaseException | None = None

    def run_paths(self, request: requests.PathsRequest, progress: Progress) -> PathsResult:
        self.paths.append(request)
        progress.stage("pretending")
        if self.failure is not None:
            raise self.failure
        return case()

    def run_callers(self, request: requests.CallersRequest, _: Progress) -> CallersResult:
        self.callers.append(request)
        kernel, configs = Kernel("6.12", "x86"), (ConfigInfo("a", "a.config"),)
        return CallersResult(kernel, configs, (), (), (), (), (), (), ())

    def run_slots(self, request: requests.SlotsRequest, _: Progress) -> SlotsResult:
        self.slots.append(request)
        configs = (ConfigInfo("a", "a.config"),)
        return SlotsResult(Kernel("6.12.0", "x86"), configs, (), (), (Table("ops", ("a.c",)),), ())

    def run_explain(self, request: requests.ExplainRequest, _: Progress) -> ExplainResult:
        self.explained.append(request)
        return ExplainResult(Kernel("6.12.0", "x86"), (ConfigInfo("a", "a.config"),), (), ())

    def run_configs(self, request: requests.ConfigsRequest, _: Progress) -> ConfigsResult:
        self.compared.append(request)
        return ConfigsResult((ConfigInfo("a", "a.config"),), (), (), None, None, False, ())

    def run_callgraph(
        self, request: requests.CallgraphRequest, _: Progress
    ) -> requests.CallgraphResult:
        self.callgraphs.append(request)
        return requests.CallgraphResult((ConfigInfo("a", "a.config"),), (), ())

    def run_resolve(self, request: requests.ResolveRequest, _: Progress) -> requests.ResolveResult:
        self.resolved.append(request)
        remark = Diagnostic(Severity.NOTE, "answered-by-profile", "3 probes")
        return requests.ResolveResult((Path("out/a.config"),), (remark,))


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    engine = Engine()
    monkeypatch.delenv("KIMPACT_DEBUG", raising=False)
    for name in (name for name in vars(Engine) if name.startswith("run_")):
        monkeypatch.setattr(pipeline, name, getattr(engine, name), raising=False)
    return engine


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == ExitStatus.DONE
    assert capsys.readouterr().out == f"kimpact {__version__}\n"


@pytest.mark.parametrize(
    "command",
    [
        *([], ["paths"], ["callers"], ["slots"], ["explain"], ["configs"], ["callgraph"]),
        *(["resolve"], ["toolchain"], ["demo"], ["matrix"], ["check"]),
        *(["sweep"], ["mcp"], ["doctor"], ["completions"]),
    ],
)
def test_help(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command, "--help"]) == ExitStatus.DONE
    shown = capsys.readouterr()
    assert shown.out.startswith("usage: " + " ".join(["kimpact", *command]))
    assert shown.err == ""
    assert max(map(len, shown.out.splitlines())) <= 90


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "required: COMMAND"),
        (["bogus"], "invalid choice: 'bogus'"),
        (["paths"], "required: FUNCTION"),
        (
            ["paths", "f", "--kernel", "x"],
            "configuration is needed: --config FILE",
        ),
        ([*PATHS, "--depth", "0"], "'0' is not a number from 1"),
        ([*PATHS, "--depth", "x"], "'x' is not a number from 1"),
        ([*PATHS, "--jobs", "-1"], "'-1' is not a number from 1"),
        ([*PATHS, "--format", "xml"], "invalid choice: 'xml'"),
        ([*PATHS, "--dept", "3"], "unrecognized arguments: --dept"),
        (
            ["callgraph", "mm/memory.c", "--kernel", "x"],
            "configuration is needed: --config FILE",
        ),
        (["explain", "--kernel", "x", "--config", "y"], "required: SYMBOL"),
        (["explain", "A", "--kernel", "x", "--config", "y", "--depth", "0"], "'0' is not a number"),
        (["configs"], "required: DIR|FILE"),
        (["configs", "a", "--format", "tree"], "invalid choice: 'tree'"),
        (["resolve", "--kernel", "x", "--config", "y"], "required: -o/--output"),
        ([*PATHS, "--\x1b[31m"], "unrecognized arguments: --\\x1b[31m"),
    ],
)
def test_usage_errors_are_one_line(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == ExitStatus.BAD_INPUT
    shown = capsys.readouterr()
    assert shown.out == ""
    assert re.fullmatch(r"kimpact: error: [^\n]+ \(see 'kimpact[a-z ]* --help'\)\n", shown.err)
    assert message in shown.err


def test_paths_options_reach_the_request(engine: Engine) -> None:
    arguments = [
        *("paths", "f", "mm/a.c:g", "--kernel", "linux", "--config", "a.config", "b.config"),
        *("--config", "c.config", "--to", "h", "--depth", "3", "--all", "--arch", "x86"),
        *("--objtree", "out", "--resolve", "--toolchain", "t.json", "--jobs", "2", "--no-cache"),
    ]
    assert main(arguments) == ExitStatus.DONE
    assert engine.paths == [
        requests.PathsRequest(
            requests.Inputs(
                Path("linux"),
                (Path("a.config"), Path("b.config"), Path("c.config")),
                "x86",
                Path("out"),
                True,
                Path("t.json"),
                2,
                False,
            ),
            ("f", "mm/a.c:g"),
            "h",
            3,
            True,
        )
    ]


def test_platforms_reach_the_request_once_each(engine: Engine) -> None:
    chosen = ["--platform", "kvm", "xen-pv", "--platform", "kvm"]
    assert main([*PATHS, *chosen]) == ExitStatus.DONE
    assert engine.paths[0].platforms == ("kvm", "xen-pv")


def test_paths_as_tree_and_as_json(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(PATHS) == ExitStatus.DONE
    shown = capsys.readouterr()
    assert "└── free_tlb" in shown.out
    assert shown.err == ""
    assert main([*PATHS, "--ascii"]) == ExitStatus.DONE
    assert capsys.readouterr().out.isascii()
    assert main([*PATHS, "--format", "json"]) == ExitStatus.DONE
    assert json.loads(capsys.readouterr().out)["schema"] == "kimpact/paths/1"
    assert len(engine.paths) == 3


def test_slots(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    common = ["slots", "ops", "key", "--kernel", "k", "--config", "c"]
    wanted = ["--platform", "kvm", "native", "--platform", "hyperv"]
    assert main([*common, *wanted, "--format", "json"]) == ExitStatus.DONE
    inputs = requests.Inputs(Path("k"), (Path("c"),))
    platforms = ("kvm", "native", "hyperv")
    assert engine.slots == [requests.SlotsRequest(inputs, ("ops", "key"), platforms)]
    assert json.loads(capsys.readouterr().out)["schema"] == "kimpact/slots/1"
    assert main(["slots", "--kernel", "k", "--config", "c"]) == ExitStatus.DONE
    assert engine.slots[1] == requests.SlotsRequest(inputs, ())
    assert "ops  a.c" in capsys.readouterr().out


def test_callers(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    common = ["callers", "f", "mm/a.c:g", "--kernel", "k", "--config", "c"]
    inputs = requests.Inputs(Path("k"), (Path("c"),))
    assert main([*common, "--depth", "3", "--all", "--format", "json"]) == ExitStatus.DONE
    assert engine.callers == [requests.CallersRequest(inputs, ("f", "mm/a.c:g"), 3, True)]
    assert json.loads(capsys.readouterr().out)["schema"] == "kimpact/callers/1"
    assert main(common) == ExitStatus.DONE
    assert engine.callers[1] == requests.CallersRequest(inputs, ("f", "mm/a.c:g"))
    assert capsys.readouterr().out.startswith("callers of ")


def test_callgraph(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [
        "callgraph",
        "mm/a.c",
        "mm/",
        "--kernel",
        "k",
        "--config",
        "c",
        "--contract-macros",
    ]
    assert main(arguments) == ExitStatus.DONE
    assert engine.callgraphs == [
        requests.CallgraphRequest(requests.Inputs(Path("k"), (Path("c"),)), ("mm/a.c", "mm/"), True)
    ]
    assert json.loads(capsys.readouterr().out)["schema"] == "kimpact/callgraph/1"


def test_resolve_says_what_it_wrote(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["resolve", "--kernel", "k", "--config", "c", "-o", "out"]) == ExitStatus.DONE
    shown = capsys.readouterr()
    assert shown.out == "out/a.config\n"
    assert shown.err == "note: 3 probes [answered-by-profile]\n"
    assert engine.resolved[0].output == Path("out")


def test_the_demo_asks_about_the_miniature_kernel(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo"]) == ExitStatus.DONE
    (request,) = engine.paths
    assert (request.inputs.kernel / "Kconfig").is_file()
    assert [path.stem for path in request.inputs.configs] == [
        "paravirt",
        "paravirt-reclaim",
        "plain",
        "reclaim",
    ]
    assert request.functions == (demo.question(demo.fixtures()).function,)
    assert capsys.readouterr().out.startswith("$ kimpact paths ")


@pytest.mark.parametrize(
    ("failure", "status", "line"),
    [
        (
            BadInput("unbalanced #endif", "mm/a.c", 7),
            ExitStatus.BAD_INPUT,
            "kimpact: error: mm/a.c:7: unbalanced #endif\n",
        ),
        (
            BadInput("no such \x1b[2J\nconfiguration ä"),
            ExitStatus.BAD_INPUT,
            "kimpact: error: no such \\x1b[2J configuration \\xe4\n",
        ),
        (KeyboardInterrupt(), ExitStatus.INTERRUPTED, "kimpact: interrupted\n"),
        (
            ZeroDivisionError("oh"),
            ExitStatus.INTERNAL_ERROR,
            "kimpact: internal error: ZeroDivisionError: oh (a bug in kimpact: please report it "
            "to the project with this line; KIMPACT_DEBUG=1 shows the traceback)\n",
        ),
        (
            RecursionError("too deep"),  # what input can nest has limits of its own
            ExitStatus.INTERNAL_ERROR,
            "kimpact: internal error: RecursionError: too deep (a bug in kimpact: please report it "
            "to the project with this line; KIMPACT_DEBUG=1 shows the traceback)\n",
        ),
    ],
)
def test_each_failure_is_one_line_and_its_status(
    failure: BaseException,
    status: ExitStatus,
    line: str,
    engine: Engine,
    capsys: pytest.CaptureFixture[str],
) -> None:
    engine.failure = failure
    assert main(PATHS) == status
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == line


def test_a_traceback_on_demand(
    engine: Engine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIMPACT_DEBUG", "1")
    engine.failure = ZeroDivisionError("oh")
    assert main(PATHS) == ExitStatus.INTERNAL_ERROR
    assert "Traceback" in capsys.readouterr().err


def test_exit_status_numbers_are_the_contract() -> None:
    assert {status.name: int(status) for status in ExitStatus} == {
        "DONE": 0,
        "FINDING": 1,
        "BAD_INPUT": 2,
        "INTERNAL_ERROR": 101,
        "INTERRUPTED": 130,
    }


def run_python(code: str, **environment: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **environment},
    )


def test_a_closed_pipe_ends_quietly() -> None:
    code = (
        "import sys\n"
        "from analyzer import pipeline\n"
        "from analyzer.cli import main, commands\n"
        "def endless(options, stdout, stderr):\n"
        "    while True: stdout.write('x' * 80 + '\\n')\n"
        "commands.run = endless\n"
        "sys.argv = ['kimpact', 'demo']\n"
        "main.entry_point()\n"
    )
    process = run_python(code)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(20) == ExitStatus.DONE


def test_version_loads_no_part_of_the_analysis() -> None:
    code = (
        "import sys\n"
        "from analyzer.cli.main import main\n"
        "main(['--version'])\n"
        "print(*[m for m in ('rich', 'tree_sitter', 'kconfiglib', 'analyzer.pipeline', 'json')"
        " if m in sys.modules], file=sys.stderr)\n"
    )
    process = run_python(code)
    out, err = process.communicate(timeout=20)
    assert out == f"kimpact {__version__}\n".encode()
    assert err.strip() == b""


def test_explain(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    inputs = ["--kernel", "k", "--config", "c", "--arch", "arm64", "--toolchain", "t.json"]
    options = ["--depth", "5", "--all", "--resolve", "--no-cache", "--format", "json"]
    assert main(["explain", "A", "CONFIG_B", *inputs, *options]) == ExitStatus.DONE
    expected = requests.Inputs(
        *(Path("k"), (Path("c"),), "arm64"),
        resolve=True,
        toolchain=Path("t.json"),
        cache=False,
    )
    assert engine.explained == [requests.ExplainRequest(expected, ("A", "CONFIG_B"), 5, True)]
    assert json.loads(capsys.readouterr().out)["schema"] == "kimpact/explain/1"
    assert main(["explain", "A", "--kernel", "k", "--config", "c", "--ascii"]) == ExitStatus.DONE
    assert engine.explained[1].depth == 3
    assert capsys.readouterr().out.isascii()


def test_configs(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--symbols", "A,B", "C", "--for", "f", "--kernel", "k", "--arch", "arm64"]
    assert main(["configs", "d", "e.config", *options, "--format", "json"]) == ExitStatus.DONE
    assert engine.compared == [
        requests.ConfigsRequest(
            (Path("d"), Path("e.config")), ("A", "B", "C"), "f", Path("k"), "arm64"
        )
    ]
    assert json.loads(capsys.readouterr().out)["schema"] == "kimpact/configs/1"
    assert main(["configs", "d"]) == ExitStatus.DONE
    assert capsys.readouterr().out == "1 configuration: no symbol differs\n"


def test_the_tree_is_the_current_directory_and_its_own_configuration_counts(
    engine: Engine,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / ".config").write_text("CONFIG_X86=y\n")
    assert main(["paths", "f", "--kernel", str(tree)]) == 0
    assert engine.paths[0].inputs.configs == (tree / ".config",)
    note = f"note: no configuration is named: {tree / '.config'} is taken [own-config]\n"
    assert capsys.readouterr().err == note
    monkeypatch.chdir(tree)
    assert main(["paths", "f"]) == 0
    inputs = engine.paths[1].inputs
    assert (inputs.kernel, inputs.configs) == (Path(), (Path(".config"),))
    (tree / ".config").unlink()
    (tmp_path / "outside").write_text("CONFIG_X86=y\n")
    (tree / ".config").symlink_to(tmp_path / "outside")
    assert main(["paths", "f"]) == 2


def test_a_patch_behind_the_configurations(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", "--kernel", "k", "--config", "c", "a.patch"]) == 2
    assert "a.patch was taken for a configuration: patches stand first" in capsys.readouterr().err


def test_a_folder_of_configurations(
    engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Sorted by name, after the files named; what is no configuration is passed over."""
    for name in ("b.config", "a.config"):
        (tmp_path / name).write_text("CONFIG_X86=y\n")
    (tmp_path / "notes.txt").write_text("CONFIG_ symbols of interest\n")
    arguments = ["paths", "f", "--kernel", "k", "--config", "c", "--config-dir", str(tmp_path)]
    assert main(arguments) == 0
    configs = engine.paths[0].inputs.configs
    assert configs == (Path("c"), tmp_path / "a.config", tmp_path / "b.config")
    assert "notes.txt: passed over: no configuration" in capsys.readouterr().err


def test_a_folder_without_configurations(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("nothing\n")
    assert main(["paths", "f", "--kernel", "k", "--config-dir", str(tmp_path)]) == 2
    assert "no configuration in this folder" in capsys.readouterr().err
