"""Compiler profiles: predefined macros and the answers to ``__has_attribute`` and its kind.

A profile is data (``knowledge/compilers/*.json``), recorded from a compiler with the
options that Kbuild gives it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from analyzer.configset.configset import Mask
from analyzer.errors import BadInput
from analyzer.preprocessor.macro import Macro, parse_define
from analyzer.preprocessor.table import Entry

SCHEMA = "kimpact/compiler/1"
BUILTIN_FILE = "<built-in>"


@dataclass(frozen=True, slots=True, eq=False)
class CompilerProfile:
    """``macros`` are the predefined ones; ``queries`` maps an operator such as
    ``__has_attribute`` to the operands for which it yields a true value."""

    compiler: str
    arch: str
    macros: tuple[Macro, ...]
    queries: Mapping[str, frozenset[str]]
    operators: frozenset[str]

    def answers(self, operator: str, operand: str) -> bool:
        """Whether ``operator(operand)`` is true."""
        return operand in self.queries.get(operator, frozenset())

    def entries(self, mask: Mask) -> dict[str, Entry]:
        """The predefined macros as the start of a macro table."""
        return {macro.name: (0, ((mask, macro),)) for macro in self.macros}


def load_profile(path: Path) -> CompilerProfile:
    """Read a profile; raises :class:`BadInput` if it is none."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(f"no compiler profile: {error}", str(path)) from None
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise BadInput(f"no compiler profile: schema is not {SCHEMA}", str(path))
    try:
        return CompilerProfile(
            compiler=data["compiler"],
            arch=data["arch"],
            macros=tuple(parse_define(line, BUILTIN_FILE, 0) for line in data["macros"]),
            queries={name: frozenset(values) for name, values in data["queries"].items()},
            operators=frozenset(data["operators"]),
        )
    except KeyError as missing:
        raise BadInput(f"no compiler profile: {missing} is missing", str(path)) from None


def bundled_profile(arch: str) -> CompilerProfile:
    """The GCC 12 profile for ``x86_64`` or ``i386``."""
    folder = Path(__file__).parent.parent / "knowledge" / "compilers"
    return load_profile(folder / f"gcc-12-{arch}.json")
