"""Nothing of a tree is run, imported or written to: Python's audit events are the witness.

Every process of an analysis reports what it opens for writing, runs or imports below the
tree, and every program that it starts, through an audit hook (PEP 578).
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hostile_case import ASKED, Hostile

WITNESS = """\
import os, sys
tree, log = os.path.realpath(sys.argv[1]), os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND)
RUN = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "pty.spawn",
       "ctypes.dlopen", "socket.connect")
CHANGE = ("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.chmod", "os.chown", "os.link",
          "os.symlink", "os.truncate", "os.utime", "shutil.rmtree", "os.setxattr")

here = os.getcwd()

def below(value, *more):
    if isinstance(value, bytes):
        value = os.fsdecode(value)
    path = os.path.realpath(value) if isinstance(value, str) else ""
    return any(path == root or path.startswith(root + os.sep) for root in (tree, *more))

def hook(event, arguments):
    seen = event in RUN
    if event in CHANGE:
        seen = any(below(each) for each in arguments)
    elif event == "open":
        path, mode, flags = arguments
        writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
        seen = bool(writes) and below(path)
    elif event in ("import", "exec", "compile"):
        names = [arguments[1]] if event != "exec" else [arguments[0].co_filename]
        names = [each for each in names if isinstance(each, str) and each[:1] != "<"]
        seen = any(below(each, here) for each in names)
    if seen:
        os.write(log, f"{event} {arguments!r}\\n".encode("utf-8", "backslashreplace"))

sys.argv[:3] = ["kimpact"]
from analyzer.cli.main import entry_point
sys.addaudithook(hook)
entry_point()
"""


@pytest.fixture
def hostile(tmp_path: Path) -> Hostile:
    made = Hostile(tmp_path)
    run = f"touch {tmp_path}/pwned"
    made.append("Kconfig", f"config A\n\tdef_bool $(shell,{run} && echo y)\n")
    made.append("mm/Makefile", f"X := $(shell {run})\nY := $(file >{tmp_path}/pwned,x)\n")
    made.append("mm/Makefile", f"$(obj)/made.c:\n\t{run}\nobj-y += made.o\n")
    (tmp_path / "here").mkdir()
    for name in ("analyzer", "kconfiglib", "tree_sitter", "unidiff", "site", "sitecustomize"):
        module = made.write(f"{name}.py", f"import os\nos.system({run!r})\n")
        (tmp_path / "here" / module.name).write_bytes(module.read_bytes())
    made.write("scripts/cc-version.sh", f"#!/bin/sh\n{run}\n").chmod(0o755)
    made.write(".gitattributes", "* filter=evil\n")
    made.write("pyproject.toml", "[tool]\n")
    return made


def witnessed(hostile: Hostile, *arguments: str) -> list[str]:
    log = hostile.folder / "log"
    log.touch()
    done = subprocess.run(
        [sys.executable, "-c", WITNESS, str(hostile.tree), str(log), *arguments],
        cwd=hostile.folder / "here",
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "XDG_CACHE_HOME": str(hostile.folder / "xdg"),
            "PYTHONSAFEPATH": "1",
        },
    )
    assert done.returncode == 0, done.stderr
    return log.read_text().splitlines()


PATCH = """\
--- a/mm/release.c
+++ b/mm/release.c
@@ -3,3 +3,4 @@
 void page_release(void *page)
 {
+	page = 0;
 }
"""


@pytest.mark.parametrize("command", ["paths", "callers", "explain", "callgraph", "review"])
def test_an_analysis_runs_and_writes_nothing(command: str, hostile: Hostile) -> None:
    patch = hostile.folder / "a.patch"
    patch.write_text(PATCH)
    asked = {
        "paths": [ASKED],
        "callers": ["page_release"],
        "explain": ["A"],
        "callgraph": ["mm/memory.c", "mm/release.c", "--jobs", "2"],
        "review": [str(patch)],
    }[command]
    assert witnessed(hostile, command, *asked, *hostile.given()) == []
    assert not (hostile.folder / "pwned").exists()


def test_the_witness_sees_what_is_done(hostile: Hostile) -> None:
    """It would tell: a recording is the one thing that runs commands of a tree."""
    seen = witnessed(
        hostile,
        *("toolchain", "record", "--kernel", str(hostile.tree), "--run-tree-scripts"),
        *("--cc", "true", "-o", str(hostile.tree / "made.json")),
    )
    assert (hostile.folder / "pwned").exists()
    assert any(line.startswith("subprocess.Popen") for line in seen)
    assert any(line.startswith("open") and "made.json" in line for line in seen)
