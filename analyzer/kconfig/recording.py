"""Recording a toolchain profile: the one place that runs what a tree asks for.

Everywhere else a tree's shell probes are answered from a profile. Here they are run, each
by ``/bin/sh`` in an empty scratch folder, with the environment that the top ``Makefile``
exports for the Kconfig files, and what they print is kept (``kimpact/toolchain/1``). Only
``kimpact toolchain record --run-tree-scripts`` comes here.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput
from analyzer.kconfig.load import kconfig_environment
from analyzer.kconfig.probes import Probes
from analyzer.kconfig.reader import KconfigReader
from analyzer.kconfig.toolchain import SCHEMA, Toolchain
from analyzer.location import Location
from analyzer.tree.source_tree import SourceTree

MAX_OUTPUT = 4095
"""How many bytes of an answer count (``do_shell()`` in ``scripts/kconfig/preprocess.c``)."""

MAX_SECONDS = 120.0
"""How long one command may take."""

TREE = "$(srctree)"

_GNU = {"CC": "gcc", "LD": "ld", "AR": "ar", "NM": "nm", "OBJCOPY": "objcopy"}
_LLVM = {
    "CC": "clang",
    "LD": "ld.lld",
    "AR": "llvm-ar",
    "NM": "llvm-nm",
    "OBJCOPY": "llvm-objcopy",
}
_COMMON = {"RUSTC": "rustc", "BINDGEN": "bindgen", "PAHOLE": "pahole", "PYTHON3": "python3"}
TOOLS = (*_GNU, *_COMMON)
"""The variables of the top ``Makefile`` that name what a tree probes."""

_USABLE_PATH = re.compile(r"[\w./+@%,=~-]+")
_PAHOLE_SCRIPT = "scripts/pahole-version.sh"
_CLANG_MAKEFILE = "scripts/Makefile.clang"


@dataclass(frozen=True, slots=True)
class Recording:
    """A profile made from a tree and the tools of this machine.

    ``environment`` maps :data:`TOOLS` and what follows from them to their values;
    ``answers`` each expanded command, the tree written ``$(srctree)``, to what it printed.
    """

    name: str
    environment: Mapping[str, str]
    answers: Mapping[str, str]

    def text(self) -> str:
        """The profile as JSON, sorted, one answer a line."""
        lines = [f"  {_json(list(pair))}" for pair in sorted(self.answers.items())]
        environment = [f"   {_json(k)}: {_json(v)}" for k, v in sorted(self.environment.items())]
        return "".join(
            (
                f'{{"schema": {_json(SCHEMA)},\n "name": {_json(self.name)},\n',
                ' "environment": {\n' + ",\n".join(environment) + "\n },\n",
                ' "answers": [\n' + ",\n".join(lines) + "\n ]}\n",
            )
        )


def _json(value: object) -> str:
    return json.dumps(value)


def tools(named: Mapping[str, str], *, llvm: bool) -> dict[str, str]:
    """The tools to ask: GNU's or, as with ``LLVM=1``, LLVM's, replaced where ``named``.

    :class:`BadInput` for a variable that is none of :data:`TOOLS` or a command without words.
    """
    for variable, command in named.items():
        if variable not in TOOLS:
            raise BadInput(f"{variable} names no tool; known are {', '.join(TOOLS)}")
        if not command.strip():
            raise BadInput(f"an empty command for {variable}")
    return {**(_LLVM if llvm else _GNU), **_COMMON, **named}


def record(
    tree: SourceTree, root: Path, arch: str, chosen: Mapping[str, str], diagnostics: Diagnostics
) -> Recording:
    """Run everything that the Kconfig files of ``tree``, which lies in ``root``, ask.

    ``chosen`` is a result of :func:`tools`. Raises :class:`BadInput` for a tree that cannot
    be read or whose path a shell would not take as one word, where the tree finds a tool
    missing or unfit (``error-if``), and for a command that does not end in time.
    """
    path = os.path.realpath(root)
    if _USABLE_PATH.fullmatch(path) is None:
        raise BadInput("a path with characters that scripts do not take as one word", path)
    with tempfile.TemporaryDirectory(prefix="kimpact-") as scratch:
        shell = _Shell(path, scratch)
        environment = _environment(tree, shell, chosen)
        toolchain = Toolchain(environment["CC_VERSION_TEXT"] or chosen["CC"], {}, environment)
        exported = kconfig_environment(tree, arch, toolchain)
        exported["CLANG_FLAGS"] = _clang_flags(tree, shell, exported)
        probes = _RunningProbes(toolchain, diagnostics, shell, exported)
        KconfigReader(tree, exported, probes)
    return Recording(toolchain.name, environment, probes.recorded)


class _Shell:
    """Runs commands as ``popen()`` does; ``root`` is what ``$(srctree)`` stands for."""

    def __init__(self, root: str, scratch: str) -> None:
        self._root = root
        self._named = re.compile(re.escape(root) + r"(?![\w.-])")
        self._scratch = scratch

    def output(self, command: str, exported: Mapping[str, str]) -> str:
        """What ``command`` prints; its errors go nowhere and its exit status is not looked at."""
        environment = {
            **os.environ,
            **{name: self._placed(value) for name, value in exported.items()},
            "LC_ALL": "C",
        }
        process = subprocess.Popen(
            ["/bin/sh", "-c", self._placed(command)],
            cwd=self._scratch,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            raw, _ = process.communicate(timeout=MAX_SECONDS)
        except subprocess.TimeoutExpired:
            raise BadInput(f"no end after {MAX_SECONDS:.0f} s: {command[:200]}") from None
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        text = raw[:MAX_OUTPUT].decode("utf-8", "surrogateescape")
        return self._named.sub(lambda _: TREE, text)

    def _placed(self, text: str) -> str:
        return text.replace(TREE, self._root)


class _RunningProbes(Probes):
    """Answers every probe by running it, once, and keeps the answer in ``recorded``."""

    def __init__(
        self,
        toolchain: Toolchain,
        diagnostics: Diagnostics,
        shell: _Shell,
        exported: Mapping[str, str],
    ) -> None:
        super().__init__(toolchain, diagnostics)
        self._shell = shell
        self._exported = exported
        self.recorded: dict[str, str] = {}

    def answer(self, command: str, symbol: str | None, location: Location) -> str:
        known = self.recorded.get(command)
        if known is None:
            try:
                known = self._shell.output(command, self._exported)
            except BadInput as error:
                asked = "" if symbol is None else f", asked for CONFIG_{symbol}"
                raise BadInput(error.message + asked, location.file, location.line) from None
            self.recorded[command] = known
        return known


def _environment(tree: SourceTree, shell: _Shell, chosen: Mapping[str, str]) -> dict[str, str]:
    """What the top ``Makefile`` works out about the tools before Kconfig starts."""
    found = dict(chosen)
    versions = {
        "CC_VERSION_TEXT": f"{chosen['CC']} --version | head -n 1",
        "RUSTC_VERSION_TEXT": f"{chosen['RUSTC']} --version",
    }
    for variable, command in versions.items():
        found[variable] = _as_make_reads(shell.output(command, chosen)).replace("#", "")
    if tree.is_file(_PAHOLE_SCRIPT):
        command = f"{TREE}/{_PAHOLE_SCRIPT} {chosen['PAHOLE']}"
        found["PAHOLE_VERSION"] = _as_make_reads(shell.output(command, chosen))
    return found


def _clang_flags(tree: SourceTree, shell: _Shell, exported: Mapping[str, str]) -> str:
    """``CLANG_FLAGS`` as ``scripts/Makefile.clang`` sets it; empty for another compiler."""
    if "clang" not in exported["CC_VERSION_TEXT"] or not tree.is_file(_CLANG_MAKEFILE):
        return ""
    asked = f"'include {TREE}/{_CLANG_MAKEFILE}' '$(info $(CLANG_FLAGS))' 'all:;@:'"
    return _as_make_reads(shell.output(f"printf '%s\\n' {asked} | make -s -f -", exported))


def _as_make_reads(output: str) -> str:
    """Output as GNU make's ``$(shell)`` gives it: newlines are spaces, the last ones gone."""
    return output.rstrip("\n").replace("\n", " ")
