"""The kernel's own ``scripts/kconfig/tests`` with kimpact's front end in the place of ``conf``.

Each test of the suite is a function that is handed ``conf``, an object that runs the resolver
on a small Kconfig file and compares what it says with files next to it. :class:`Front` is such
an object; it notes every check instead of stopping at the first that fails.

kimpact asks no questions, so ``oldaskconfig`` and ``oldconfig`` are answered with the return
key throughout (the first question with the key that a test hands over), and what ``conf``
prints to its user is no check that can be made: these are *not applicable*, and counted. Errors
are compared by their places and by the symbols and files they name: the wording is kimpact's.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import ModuleType

from analyzer.configset.configurations import Configurations
from analyzer.configset.dotconfig import parse_dotconfig
from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput
from analyzer.kconfig.evaluate import evaluate
from analyzer.kconfig.load import load
from analyzer.kconfig.model import KconfigModel, SymbolType
from analyzer.kconfig.modes import Mode, with_mode
from analyzer.kconfig.render import dotconfig_text
from analyzer.kconfig.resolve import ProbePolicy, resolve
from analyzer.kconfig.toolchain import Toolchain
from analyzer.kconfig.uservalues import user_values

_WORD = re.compile(
    r"symbol (\w+) (?:is|de)|inclusion of ([\w.]+)|(Kconfig[\w.]*(?::\d+)?)|CONFIG_(\w+):"
)


class _Shell(Mapping[str, str]):
    """Answers a tree's commands by running them; these trees are the kernel's own tests."""

    def __getitem__(self, command: str) -> str:
        done = subprocess.run(
            ["/bin/sh", "-c", command], capture_output=True, text=True, check=False
        )
        return done.stdout

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


@dataclass(frozen=True, slots=True)
class SuiteTree:
    """The folder of one test as a kernel tree, the makefile and resolver those of ``kernel``."""

    folder: Path
    kernel: Path

    @property
    def label(self) -> str:
        return self.folder.name

    def read(self, path: str) -> bytes | None:
        if path == "arch/x86/Kconfig":
            return b""
        outside = path == "Makefile" or path.startswith("scripts/")
        place = (self.kernel if outside else self.folder) / path
        return place.read_bytes() if place.is_file() else None

    def is_file(self, path: str) -> bool:
        return self.read(path) is not None

    def listdir(self, path: str) -> tuple[str, ...]:
        del path
        return ()


class NotOffered(Exception):
    """A test runs something that kimpact has no counterpart of; the text says what."""


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison of a test; ``holds`` is None where it cannot be made."""

    test: str
    what: str
    holds: bool | None
    seen: str = ""


@dataclass(slots=True)
class Front:
    """kimpact behind the suite's interface; see the module's docstring."""

    folder: Path
    kernel: Path
    test: str = ""
    checks: list[Check] = field(default_factory=list)
    retcode: int = 0
    stdout: str = ""
    stderr: str = ""
    config: str = ""

    # What a test runs. Names and parameters are the suite's.

    def oldaskconfig(self, dot_config: str | None = None, in_keys: str | None = None) -> int:
        return self._complete(dot_config, in_keys)

    def oldconfig(self, dot_config: str | None = None, in_keys: str | None = None) -> int:
        return self._complete(dot_config, in_keys)

    def olddefconfig(self, dot_config: str | None = None) -> int:
        return self._complete(dot_config, None)

    def defconfig(self, defconfig: str) -> int:
        return self._complete(defconfig, None)

    def allyesconfig(self, all_config: str | None = None) -> int:
        return self._make(Mode.ALLYESCONFIG, all_config)

    def allmodconfig(self, all_config: str | None = None) -> int:
        return self._make(Mode.ALLMODCONFIG, all_config)

    def allnoconfig(self, all_config: str | None = None) -> int:
        return self._make(Mode.ALLNOCONFIG, all_config)

    def alldefconfig(self, all_config: str | None = None) -> int:
        return self._make(Mode.ALLDEFCONFIG, all_config)

    def randconfig(self, all_config: str | None = None, seed: int | None = None) -> int:
        """Random values for all symbols, completed; not the values that ``conf`` would draw."""
        del all_config
        random = Random(seed)

        def write(model: KconfigModel) -> str:
            lines = [
                f"CONFIG_{symbol.name}={random.choice('yn')}\n"
                for symbol in model.symbols
                if symbol.type in (SymbolType.BOOL, SymbolType.TRISTATE)
            ]
            random.shuffle(lines)
            return _completed(model, "".join(lines))

        return self._run(write)

    def _run_conf(self, mode: str, dot_config: str | None = None, **options: object) -> int:
        """The runner itself, called for modes or variables that have no method."""
        changed = "KCONFIG_WARN_CHANGED_INPUT" in str(options.get("extra_env", ""))
        if mode.startswith("--olddefconfig"):
            code = self._complete(dot_config, None)
            self.stderr = "" if not changed else self.stderr
            return code
        raise NotOffered(mode)

    # What a test compares

    def config_contains(self, expected: str) -> bool:
        return self._compare(f"config contains {expected}", self._file(expected) in self.config)

    def config_matches(self, expected: str) -> bool:
        return self._file(expected) == self.config

    def stdout_contains(self, expected: str) -> bool:
        return self._note(f"stdout contains {expected}", None)

    def stderr_contains(self, expected: str) -> bool:
        return self._said(expected)

    def stderr_matches(self, expected: str) -> bool:
        return self._said(expected)

    def _said(self, expected: str) -> bool:
        """Whether each line stands there, or each place and name of an error."""
        text = self._file(expected)
        wanted = [line for line in text.splitlines() if line]
        if all(line in self.stderr.splitlines() for line in wanted):
            return self._compare(f"stderr {expected}", True)
        lacking = [line for line in wanted if not self._mentioned(line)]
        return self._compare(f"stderr {expected}", not lacking, "; ".join(lacking))

    def _mentioned(self, line: str) -> bool:
        """Whether what a line names is named in what kimpact says, too."""
        words = [word for found in _WORD.findall(line) for word in found if word]
        return all(word in self.stderr for word in words)

    # How

    def _file(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")

    def _compare(self, what: str, holds: bool, seen: str = "") -> bool:
        self._note(what, holds, seen or f"{self.config} {self.stderr}")
        return True

    def _note(self, what: str, holds: bool | None, seen: str = "") -> bool:
        self.checks.append(Check(self.test, what, holds, "" if holds else seen))
        return True

    def _complete(self, dot_config: str | None, in_keys: str | None) -> int:
        text = "" if dot_config is None else self._file(dot_config)

        def write(model: KconfigModel) -> str:
            key = (in_keys or "").strip()
            first = next((one.name for one in model.symbols if one.definitions), "")
            answer = f"CONFIG_{first}={key}\n" if key else ""
            return _completed(model, text + answer)

        return self._run(write)

    def _make(self, mode: Mode, all_config: str | None) -> int:
        given = "" if all_config is None else self._file(all_config)

        def write(model: KconfigModel) -> str:
            seed = user_values(model, Configurations([parse_dotconfig(given, "", "")]))
            return dotconfig_text(model, evaluate(model, with_mode(model, seed, mode)), 0)

        return self._run(write)

    def _run(self, write: Callable[[KconfigModel], str]) -> int:
        diagnostics = Diagnostics()
        toolchain = Toolchain("shell", _Shell(), {})
        error = ""
        try:
            model = load(SuiteTree(self.folder, self.kernel), "x86", toolchain, diagnostics)
            self.config = write(model)
            self.retcode = 0
        except BadInput as fault:
            error, self.config, self.retcode = f"{fault}\n", "", 1
        said = [f"{one.location}: {one.message}\n" for one in diagnostics]
        self.stderr = "".join(said) + error
        return self.retcode


def _completed(model: KconfigModel, text: str) -> str:
    source = parse_dotconfig(text, "", "config")
    return resolve(model, [source], ProbePolicy.PROFILE).text(0)


def run_suite(kernel: Path) -> list[Check]:
    """All checks of all tests of the suite in a kernel tree."""
    checks: list[Check] = []
    for file in sorted((kernel / "scripts/kconfig/tests").rglob("__init__.py")):
        front = Front(file.parent, kernel)
        module = _module(file)
        for name in sorted(vars(module)):
            if name.startswith("test"):
                front.test = f"{file.parent.relative_to(kernel / 'scripts/kconfig/tests')} {name}"
                _run_test(getattr(module, name), front)
        checks += front.checks
    return checks


def _module(file: Path) -> ModuleType:
    """A test's module; not imported, which would write next to it."""
    module = ModuleType(f"kconfig_test_{file.parent.name}")
    exec(compile(file.read_text(encoding="utf-8"), str(file), "exec"), vars(module))
    return module


def _run_test(test: Callable[[Front], None], front: Front) -> None:
    """Run one test; what it asserts itself (exit status, a configuration) is a check too."""
    try:
        test(front)
    except NotOffered as what:
        front.checks.append(Check(front.test, f"run {what}", None))
    except AssertionError as fault:
        trace = fault.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        line = 0 if trace is None else trace.tb_lineno
        seen = f"status {front.retcode} {front.config} {front.stderr}"
        front.checks.append(Check(front.test, f"assertion in line {line}", False, seen))
    else:
        front.checks.append(Check(front.test, "its own assertions", True))
