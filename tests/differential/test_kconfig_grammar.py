"""Random small Kconfig trees: the values are those of the kernel's ``conf``.

The trees use every construct and quirk of the language: choices with refused members,
``transitional``, ``depends on A if B``, ranges between symbols, several entries of one
symbol, ``visible if``, literal ``m``. A reference that refuses a tree (a dependency loop,
a construct that its kernel does not know) is counted; too many would make the test empty.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput
from analyzer.kconfig.load import load
from analyzer.kconfig.toolchain import Toolchain
from analyzer.tree.source_tree import DirectoryTree
from kconfig_cases import resolved
from kconfig_reference import Case, ReferenceConf, build_reference
from kernels.trees import KernelTree

pytestmark = pytest.mark.oracle

NO_TOOLCHAIN = Toolchain("none", {}, {})
TREES = 60
CONFIGS = 4
RESOLVER = tuple(f"scripts/kconfig/{name}" for name in ("expr.h", "symbol.c", "confdata.c"))


def test_random_trees(kernel: KernelTree, oracle_folder: Path, tmp_path: Path) -> None:
    folder = oracle_folder / "kconfig" / kernel.version
    built = build_reference(kernel.path, folder, NO_TOOLCHAIN)
    known = (kernel.path / "scripts/kconfig/lexer.l").read_text()
    modern = "transitional" in known
    refused = 0
    for seed in range(TREES):
        writer = Writer(random.Random(seed), modern=modern)
        tree = tmp_path / f"tree{seed}"
        place(kernel.path, tree, writer.kconfig())
        reference = ReferenceConf(tree, built.program, built.shim, built.answers, NO_TOOLCHAIN)
        texts = [writer.config() for _ in range(CONFIGS)]
        cases = [Case(f"c{i}", "olddefconfig", text) for i, text in enumerate(texts)]
        try:
            expected = [reference.run(case, tree / case.name) for case in cases]
        except AssertionError:
            with pytest.raises(BadInput):
                load(DirectoryTree(tree), "x86", NO_TOOLCHAIN, Diagnostics())
            refused += 1
            continue
        model = load(DirectoryTree(tree), "x86", NO_TOOLCHAIN, Diagnostics())
        for case, got, want in zip(cases, resolved(model, texts), expected, strict=True):
            assert got == want, f"seed {seed}, {case.name}:\n{case.text}"
    assert refused < TREES // 3


def place(kernel: Path, tree: Path, kconfig: str) -> None:
    """A tree of nothing but a Kconfig file and what says which resolver it has."""
    for name in ("arch/x86/Kconfig", "scripts/kconfig/expr.h", "Makefile", "Kconfig"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
    (tree / "arch/x86/Kconfig").write_text("")
    (tree / "Makefile").write_text("VERSION = 6\nPATCHLEVEL = 1\n")
    (tree / "Kconfig").write_text(kconfig)
    for name in RESOLVER:
        (tree / name).write_bytes((kernel / name).read_bytes())


class Writer:
    """Writes one Kconfig file over symbols S0..S19, each referring to earlier ones only."""

    COUNT = 20

    def __init__(self, draw: random.Random, *, modern: bool) -> None:
        self._draw = draw
        self._modern = modern
        self._types = {
            number: draw.choice(("bool", "bool", "tristate", "tristate", "int", "hex", "string"))
            for number in range(self.COUNT)
        }

    def kconfig(self) -> str:
        out = ['mainmenu "random"', "config MODULES", '\tbool "m"', "\tmodules", ""]
        if self._draw.random() < 0.6:
            out[3:3] = ["\tdefault y"]
        number = 0
        open_blocks: list[str] = []
        while number < self.COUNT:
            roll = self._draw.random()
            if roll < 0.1 and len(open_blocks) < 3 and number:
                out += [f"if {self.condition(number)}"]
                open_blocks.append("endif")
            elif roll < 0.2 and len(open_blocks) < 3 and number:
                out += [f'menu "menu {number}"']
                if self._draw.random() < 0.5:
                    out += [f"\tdepends on {self.condition(number)}"]
                if self._draw.random() < 0.4:
                    out += [f"\tvisible if {self.condition(number)}"]
                open_blocks.append("endmenu")
            elif roll < 0.3 and open_blocks:
                out.append(open_blocks.pop())
            elif roll < 0.35:
                out += [f'comment "remark {number}"']
            elif roll < 0.45 and number + 3 < self.COUNT:
                out += self.choice(number)
                number += 3
            else:
                out += self.symbol(number, free=not open_blocks)
                number += 1
        out += reversed(open_blocks)
        for number in range(1, self.COUNT):
            if self._draw.random() < 0.1 and self._plain(number):
                out += [f"config S{number}", *self.properties(number)]
        return "\n".join(out) + "\n"

    def choice(self, number: int) -> list[str]:
        out = ["choice", f'\tprompt "choice {number}"']
        if number and self._draw.random() < 0.5:
            out.append(f"\tdepends on {self.condition(number)}")
        for _ in range(self._draw.randrange(3)):
            out.append(f"\tdefault S{number + self._draw.randrange(3)}{self.suffix(number)}")
        for member in range(number, number + 3):
            self._types[member] = "choice"
            out += [f"config S{member}", f'\tbool "member {member}"']
            if number and self._draw.random() < 0.4:
                out.append(f"\tdepends on {self.condition(number)}")
        return [*out, "endchoice"]

    def symbol(self, number: int, *, free: bool) -> list[str]:
        kind = self._types[number]
        if free and self._modern and self._draw.random() < 0.08:
            self._types[number] = "trans " + kind
            return [f"config S{number}", f"\t{kind}", "\ttransitional"]
        out = [f"config S{number}", f"\t{kind}"]
        if self._draw.random() < 0.75:
            out[-1] += f' "prompt {number}"{self.suffix(number)}'
        return [*out, *self.properties(number)]

    def properties(self, number: int) -> list[str]:
        kind = self._types[number]
        out: list[str] = []
        if number and self._draw.random() < 0.5:
            guard = self.suffix(number) if self._modern else ""
            out.append(f"\tdepends on {self.condition(number)}{guard}")
        for _ in range(self._draw.randrange(3)):
            out.append(f"\tdefault {self.value(kind, number)}{self.suffix(number)}")
        if kind in ("int", "hex") and self._draw.random() < 0.5:
            low, high = sorted(self._draw.sample(range(60), 2))
            if kind == "hex":
                out.append(f"\trange {low:#x} {high:#x}{self.suffix(number)}")
            else:
                out.append(f"\trange {low} {high}{self.suffix(number)}")
        if kind in ("bool", "tristate") and number + 1 < self.COUNT:
            later = [
                n for n in range(number + 1, self.COUNT) if self._types[n] in ("bool", "tristate")
            ]
            for word in ("select", "imply"):
                if later and self._draw.random() < 0.2:
                    out.append(f"\t{word} S{self._draw.choice(later)}{self.suffix(number)}")
        return out

    def _plain(self, number: int) -> bool:
        """Whether a second entry may add properties to it."""
        return self._types[number] in ("bool", "tristate", "int", "hex", "string")

    def suffix(self, number: int) -> str:
        return f" if {self.condition(number)}" if number and self._draw.random() < 0.4 else ""

    def condition(self, number: int, depth: int = 0) -> str:
        roll = self._draw.random()
        other = f"S{self._draw.randrange(number)}" if number else "y"
        if depth > 2 or roll < 0.45:
            return other
        if roll < 0.6:
            inner = self.condition(number, depth + 1)
            return f"!{inner}" if inner[0] == "S" and " " not in inner else f"!({inner})"
        if roll < 0.8:
            joiner = self._draw.choice((" && ", " || "))
            parts = [self.condition(number, depth + 1) for _ in range(2)]
            return "(" + joiner.join(parts) + ")"
        if roll < 0.85:
            return self._draw.choice(("m", "y", "UNDEFINED", "MODULES"))
        sign = self._draw.choice(("=", "!=", "<", "<=", ">", ">="))
        against = self._draw.choice(("y", "m", "n", "12", "0x1f", '"text"', '"20"', "007", other))
        if sign == "!=" and against == "y":
            against = "n"
        return f"{other} {sign} {against}"

    def value(self, kind: str, number: int) -> str:
        if kind in ("bool", "tristate"):
            return self._draw.choice(("y", "n", "m", self.condition(number)))
        if kind == "int":
            return str(self._draw.randrange(80))
        return hex(self._draw.randrange(80)) if kind == "hex" else '"some text"'

    def config(self) -> str:
        out: list[str] = []
        for number in self._draw.sample(range(self.COUNT), self._draw.randrange(self.COUNT)):
            kind = self._types[number].removeprefix("trans ")
            if kind in ("bool", "tristate", "choice"):
                value = self._draw.choice("ynm" if kind == "tristate" else "yyn")
            elif kind == "string":
                value = self._draw.choice(('"text"', '"a\\"b"', '"20"', "bare", '""'))
            else:
                value = self._draw.choice(("12", "70", "0x1f", "-4", "010"))
            line = f"CONFIG_S{number}={value}"
            out.append(f"# CONFIG_S{number} is not set" if value == "n" else line)
        if self._draw.random() < 0.5:
            out.append(self._draw.choice(("CONFIG_MODULES=y", "# CONFIG_MODULES is not set")))
        return "\n".join(out) + "\n"
