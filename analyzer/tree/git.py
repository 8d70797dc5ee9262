"""git as a reader of objects: nothing of a repository is run, written or fetched.

The repository is as untrusted as the tree in it. Its ``config``, hooks and attributes can
name programs (``core.fsmonitor``, ``diff.*.command``, ``textconv``, filters, ``core.hooksPath``,
transports of a partial clone). Only commands are used that read objects by name, with
everything of that kind turned off by options and environment, which count before the
repository's settings. Whose repositories are read at all stays git's decision: of the
user's own settings ``safe.directory`` is handed on, and nothing else.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryFile

from analyzer.errors import BadInput

_SETTINGS = (
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
    f"core.attributesFile={os.devnull}",
    "core.untrackedCache=false",
    "core.quotePath=true",
    "core.commitGraph=false",
    "protocol.allow=never",
    "gc.auto=0",
    "maintenance.auto=false",
    "submodule.recurse=false",
    "diff.external=",
    f"diff.orderFile={os.devnull}",
    "diff.renameLimit=1000",
    "diff.suppressBlankEmpty=false",
    "log.showSignature=false",
)
_MAX_TEXT = 64 * 1024 * 1024
"""Bytes of output beyond which a command's answer is refused."""


class GitRepository:
    """The repository of a directory; runs git's reading commands."""

    __slots__ = ("_command", "_environment", "folder")

    def __init__(self, folder: Path) -> None:
        """Raises :class:`BadInput` if ``folder`` is not the top of a repository."""
        program = shutil.which("git")
        if program is None:
            raise BadInput("git is needed to read revisions, and is not installed")
        if not folder.is_dir():
            raise BadInput("no such directory", str(folder))
        self.folder = os.path.realpath(folder)
        self._environment = _environment()
        safe = _safe_directories(program)
        settings = [word for each in (*_SETTINGS, *safe) for word in ("-c", each)]
        self._command = (program, "--no-pager", "-C", self.folder, *settings)
        self._require_top()

    def run(self, *arguments: str) -> bytes:
        """What a command prints; raises :class:`BadInput` with git's reason if it fails."""
        code, out, said = self._run(arguments)
        if code != 0:
            raise BadInput(f"git {arguments[0]} failed: {said}", self.folder)
        return out

    def object_of(self, revision: str, kind: str) -> str | None:
        """The name of the object that ``revision`` is (``kind``: ``commit``, ``tree``)."""
        if not revision or revision.startswith("-") or not revision.isprintable():
            return None
        wanted = f"{revision}^{{{kind}}}"
        code, out, _ = self._run(("rev-parse", "--verify", "--quiet", wanted))
        name = out.decode("ascii", "replace").strip()
        return name if code == 0 and name else None

    def batch(self) -> subprocess.Popen[bytes]:
        """A running ``git cat-file --batch``."""
        return subprocess.Popen(
            (*self._command, "cat-file", "--batch"),
            cwd="/",
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def _run(self, arguments: Sequence[str]) -> tuple[int, bytes, str]:
        with (
            TemporaryFile() as said,
            subprocess.Popen(
                (*self._command, *arguments),
                cwd="/",
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=said,
            ) as process,
        ):
            assert process.stdout is not None
            out = process.stdout.read(_MAX_TEXT + 1)
            if len(out) > _MAX_TEXT:
                process.kill()
                message = f"git {arguments[0]} says more than {_MAX_TEXT // 2**20} MiB"
                raise BadInput(message, self.folder)
            code = process.wait()
            said.seek(0)
            reason = said.read(4096).decode("utf-8", "replace").strip().split("\n")[0]
        return code, out, reason.removeprefix("fatal: ")

    def _require_top(self) -> None:
        code, out, said = self._run(("rev-parse", "--git-dir", "--show-prefix"))
        if code != 0 and "dubious ownership" in said:
            message = "git does not read repositories of other users (see safe.directory)"
            raise BadInput(message, self.folder)
        if code != 0:
            raise BadInput("not a git repository", self.folder)
        prefix = out.split(b"\n")[1:2]
        if prefix and prefix[0]:
            raise BadInput("not the top directory of its git repository", self.folder)


def _environment() -> dict[str, str]:
    """Variables for git: none of the caller's that steer it, and none that run anything."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    return {
        **kept,
        "LC_ALL": "C",
        "HOME": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_EXTERNAL_DIFF": "",
        "GIT_PAGER": "cat",
    }


def _safe_directories(program: str) -> list[str]:
    """The user's ``safe.directory`` settings, which are not the repository's to make."""
    found: list[str] = []
    for scope in ("--system", "--global"):
        done = subprocess.run(
            (program, "config", scope, "--null", "--type=path", "--get-all", "safe.directory"),
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        if done.returncode == 0:
            values = done.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]
            found += [f"safe.directory={value}" for value in values]
    return found
