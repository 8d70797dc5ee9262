"""Which branches are constant: the evaluation against GCC, statement by statement.

``folding_probes.txt`` has statements; each becomes a function, all are compiled with the
kernel's options that matter, and the calls in GCC's first call graph ("Initial Symbol
table" of ``-fdump-ipa-cgraph``, before any inlining) are compared with those found here; again
with each of the sanitizers that change what is folded.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from csource_snippet import evaluate

PROBES = Path(__file__).with_name("folding_probes.txt")
OPTIONS = (
    "-O2",
    "-w",
    "-std=gnu11",
    "-fno-pie",
    "-fno-common",
    "-fno-strict-aliasing",
    "-fno-strict-overflow",
    "-fno-delete-null-pointer-checks",
)
PARAMETERS = "int n, unsigned u, u8 b, ul l, char *p, struct s *o"

_SYMBOL = re.compile(r"^(\w+)/\d+ \(")
_CALLS = re.compile(r"^\s+Calls: (.*)")
_CALLEE = re.compile(r"(\w+)/\d+")
_MADE = ("__builtin_", "__ubsan_handle_")


@dataclass(frozen=True, slots=True)
class Probes:
    """``same``: both sides agree; ``more``: GCC folds more, some of it depending on which
    symbols it has met before."""

    prelude: str
    same: tuple[str, ...]
    more: tuple[str, ...]

    @property
    def source(self) -> str:
        functions = (
            f"void f{number}({PARAMETERS}) {{ {body} }}"
            for number, body in enumerate((*self.same, *self.more))
        )
        return "\n".join((self.prelude, *functions))


def read_probes(text: str) -> Probes:
    """Sections in brackets; blank lines and lines that start with ``#`` mean nothing."""
    sections: dict[str, list[str]] = {"prelude": [], "same": [], "more": []}
    current: list[str] = []
    for line in text.splitlines():
        if line.startswith("["):
            current = sections[line.strip("[]")]
        elif line and not line.startswith("#"):
            current.append(line)
    return Probes("\n".join(sections["prelude"]), tuple(sections["same"]), tuple(sections["more"]))


def gcc_calls(source: str, folder: Path, *options: str) -> Mapping[str, set[str]]:
    """Each function's direct callees in GCC's call graph as first built; neither builtins nor
    what a sanitizer puts in."""
    compiler = shutil.which("gcc")
    if compiler is None:
        pytest.skip("there is no gcc to compare with")
    version = subprocess.run([compiler, "--version"], capture_output=True, text=True, check=True)
    if "clang" in version.stdout:
        pytest.skip("gcc is clang here, which has no call graph dump")
    file = folder / "probe.c"
    file.write_text(source)
    command = [compiler, *OPTIONS, *options, "-c", file.name, "-o", "probe.o", "-fdump-ipa-cgraph"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    (dump,) = folder.glob("*.cgraph")
    text = dump.read_text().split("Initial Symbol table", 1)[1]
    text = text.split("Optimized Symbol table", 1)[0]
    calls: dict[str, set[str]] = {}
    current = ""
    for line in text.splitlines():
        symbol = _SYMBOL.match(line)
        if symbol is not None:
            current = symbol.group(1)
        called = _CALLS.match(line)
        if called is not None:
            names = _CALLEE.findall(called.group(1))
            calls[current] = {name for name in names if not name.startswith(_MADE)}
    return calls


@pytest.mark.oracle
@pytest.mark.parametrize(
    "sanitizer", ["", "shift", "integer-divide-by-zero", "signed-integer-overflow"]
)
def test_folding_agrees_with_gcc(tmp_path: Path, sanitizer: str) -> None:
    probes = read_probes(PROBES.read_text())
    assert len(probes.same) > 300
    options = [f"-fsanitize={sanitizer}"] if sanitizer else []
    expected = gcc_calls(probes.source, tmp_path, *options)
    snippet = evaluate(probes.source, flags=[(1, option) for option in options])
    wrong: list[str] = []
    for number, body in enumerate((*probes.same, *probes.more)):
        ours = set(snippet.called(f"f{number}"))
        theirs = expected.get(f"f{number}", set())
        if number < len(probes.same) and ours != theirs:
            wrong.append(f"{body}: {sorted(ours)}, GCC {sorted(theirs)}")
        if number >= len(probes.same) and not theirs <= ours:
            wrong.append(f"{body}: {sorted(theirs - ours)} missing")
    assert wrong == []
