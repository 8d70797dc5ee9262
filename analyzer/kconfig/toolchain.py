"""Toolchain profiles: what a compiler and its tools answered to a tree's shell probes.

A profile (``kimpact/toolchain/1``, JSON) has ``answers``, pairs of the expanded command
(the tree written ``$(srctree)``) and its raw output. Optional are ``name`` and
``environment``, the variables that the kernel's top Makefile exports for Kconfig
(``CC``, ``CC_VERSION_TEXT``, ``LD``, ...). What a profile leaves out of the environment is
read off its commands: ``$(srctree)/scripts/cc-version.sh gcc`` was asked with ``CC=gcc``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from types import MappingProxyType

from analyzer.errors import BadInput

SCHEMA = "kimpact/toolchain/1"
GCC = "gcc-12"
CLANG = "clang-19"
BUNDLED = (GCC, CLANG)
"""The profiles that come with kimpact, recorded from Debian 12's compilers."""

MAX_PROFILE_BYTES = 8 << 20

_VERSION_SCRIPTS = (
    ("CC", re.compile(r"\$\(srctree\)/scripts/cc-version\.sh (\S+)")),
    ("LD", re.compile(r"\$\(srctree\)/scripts/ld-version\.sh (\S+)")),
    ("PAHOLE", re.compile(r"\$\(srctree\)/scripts/pahole-version\.sh (\S+)")),
    ("RUSTC", re.compile(r"\$\(srctree\)/scripts/rustc(?:-llvm)?-version\.sh (\S+)")),
)
_CLANG_FLAGS = re.compile(r"\$\(srctree\)/scripts/as-version\.sh \S*clang\S* +(\S.*)")
_NAMED_TOOLS = (
    ("NM", ("llvm-nm", "nm")),
    ("AR", ("llvm-ar", "ar")),
    ("OBJCOPY", ("llvm-objcopy", "objcopy")),
)
_DEFAULTS = MappingProxyType(
    {
        "CC": "gcc",
        "LD": "ld",
        "NM": "nm",
        "AR": "ar",
        "OBJCOPY": "objcopy",
        "PAHOLE": "pahole",
        "RUSTC": "rustc",
        "BINDGEN": "bindgen",
        "PYTHON3": "python3",
    }
)
_PAHOLE_VERSION = "$(srctree)/scripts/pahole-version.sh "
_VERSION_TEXTS = {"CC_VERSION_TEXT": "cc-version.sh", "RUSTC_VERSION_TEXT": "rustc-version.sh"}


@dataclass(frozen=True, slots=True)
class Toolchain:
    """One profile: ``answers`` by command, ``environment`` complete.

    ``assumed`` names the variables of ``environment`` that the profile itself neither
    gives nor implies; they are those of the bundled profile with the same compiler.
    """

    name: str
    answers: Mapping[str, str]
    environment: Mapping[str, str]
    assumed: tuple[str, ...] = field(default=())

    def clang_flags(self, makefile: str) -> str:
        """``CLANG_FLAGS`` of a tree whose ``scripts/Makefile.clang`` is ``makefile``.

        Kernels differ in the ``-Werror=`` options among them: of those asked for, the
        longest that the makefile has all options of.
        """
        asked = [hit[1] for hit in map(_CLANG_FLAGS.fullmatch, self.answers) if hit]
        fitting = [
            flags
            for flags in asked
            if all(word in makefile for word in flags.split() if word.startswith("-Werror="))
        ]
        return max(fitting, key=len, default="")


def load_toolchain(path: Path) -> Toolchain:
    """Read a profile; :class:`BadInput` if it is missing, no JSON, or of another shape."""
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_PROFILE_BYTES + 1)
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", str(path)) from None
    if len(raw) > MAX_PROFILE_BYTES:
        raise BadInput(f"larger than {MAX_PROFILE_BYTES >> 20} MB, no profile", str(path))
    return parse_toolchain(raw.decode("utf-8", "surrogateescape"), str(path), path.stem)


def bundled_toolchain(name: str = GCC) -> Toolchain:
    """One of :data:`BUNDLED`; :class:`BadInput` if there is none of that name."""
    if name not in BUNDLED:
        raise BadInput(f"no toolchain profile {name!r}; bundled are {', '.join(BUNDLED)}")
    text = (_profiles() / f"{name}.json").read_text("utf-8")
    return parse_toolchain(text, f"{name}.json", name)


def _profiles() -> resources.abc.Traversable:
    return resources.files("analyzer") / "knowledge" / "toolchains"


def parse_toolchain(text: str, file: str, name: str) -> Toolchain:
    """Read the text of a profile; ``name`` is used when it does not name itself."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadInput(f"no JSON: {error.msg}", file, error.lineno) from None
    except RecursionError:
        raise BadInput("nested too deeply for a toolchain profile", file) from None
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise BadInput(f"not a toolchain profile: no 'schema' {SCHEMA!r}", file)
    answers = document.get("answers")
    if not isinstance(answers, list) or not all(map(_is_answer, answers)):
        raise BadInput("'answers' must be a list of [command, output] pairs of texts", file)
    given = document.get("environment", {})
    if not isinstance(given, dict) or not all(isinstance(v, str) for v in given.values()):
        raise BadInput("'environment' must map variable names to texts", file)
    own_name = document.get("name", name)
    if not isinstance(own_name, str):
        raise BadInput("'name' must be a text", file)
    table: dict[str, str] = dict(answers)
    return _completed(own_name, table, given)


def _is_answer(item: object) -> bool:
    return isinstance(item, list) and len(item) == 2 and all(isinstance(t, str) for t in item)


def _completed(name: str, answers: dict[str, str], given: dict[str, str]) -> Toolchain:
    environment = {**_DEFAULTS, **_implied(answers), **given}
    assumed: list[str] = []
    if name not in BUNDLED:
        for other in BUNDLED:
            known = bundled_toolchain(other)
            for variable in _shared(answers, known):
                if variable not in environment:
                    environment[variable] = known.environment[variable]
                    assumed.append(variable)
    return Toolchain(name, answers, environment, tuple(sorted(assumed)))


def _shared(answers: Mapping[str, str], known: Toolchain) -> list[str]:
    """The variables that another profile's environment says about the very same tools."""
    shared: list[str] = []
    for variable in known.environment:
        script = _VERSION_TEXTS.get(variable)
        if script is None:
            shared.append(variable)
            continue
        asked = [c for c in known.answers if c.startswith(f"$(srctree)/scripts/{script} ")]
        if asked and all(answers.get(c) == known.answers[c] for c in asked):
            shared.append(variable)
    same_compiler = "CC_VERSION_TEXT" in shared
    return shared if same_compiler else [v for v in shared if v == "RUSTC_VERSION_TEXT"]


def _implied(answers: Mapping[str, str]) -> dict[str, str]:
    implied: dict[str, str] = {}
    for command, output in answers.items():
        for variable, pattern in _VERSION_SCRIPTS:
            if variable not in implied and (hit := pattern.fullmatch(command.rstrip())):
                implied[variable] = hit[1]
        if command.startswith(_PAHOLE_VERSION):
            implied["PAHOLE_VERSION"] = output.strip()
    words = {word for command in answers for word in re.findall(r"[\w.+-]+", command)}
    for variable, candidates in _NAMED_TOOLS:
        found = next((tool for tool in candidates if tool in words), None)
        if found is not None:
            implied[variable] = found
    return implied
