"""Random small kernels: the miniature kernel with more sources and symbols in it.

Functions call each other, the miniature kernel's, macros and an ops table, under conditionals;
headers define things differently; makefiles build the sources under symbols; a set-up function
fills the table. Everything is drawn from one seed.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from random import Random

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
SYMBOLS = ("GEN_A", "GEN_B", "GEN_C", "GEN_D")
FUNCTIONS = tuple(f"gen{number}" for number in range(8))
OF_THE_KERNEL = (
    ("SMP", "yn"),
    ("PARAVIRT", "yyn"),
    ("MOONBASE_GUEST", "yyn"),
    ("MMU_GATHER_TABLE_FREE", "yn"),
    ("MMU_GATHER_RCU_TABLE_FREE", "yn"),
    ("PT_RECLAIM", "yn"),
    ("DEBUG_VM", "yn"),
    ("TABLE_STATS", "ymn"),
)
"""Symbols of the miniature kernel with the values that are drawn."""

ROOTS = ("lib/gen_one.c:gen0", "lib/gen_one.c:gen1", "mm/memory.c:free_pgd_range")
"""Functions that every kernel has a source for."""


def random_config(random: Random) -> str:
    """The text of a configuration; it need not be one that the Kconfig files allow."""
    wide = random.random() < 0.8
    values = {"MODULES": "y", "NR_CPUS": "64", "MMU": "y", "X86": "y"}
    values |= dict.fromkeys(("64BIT", "X86_64") if wide else ("X86_32",), "y")
    values |= {name: random.choice(choices) for name, choices in OF_THE_KERNEL}
    values |= {name: random.choice("ymn") for name in SYMBOLS}
    lines = [
        f"# CONFIG_{name} is not set" if value == "n" else f"CONFIG_{name}={value}"
        for name, value in values.items()
    ]
    return "\n".join(lines) + "\n"


def write_configs(folder: Path, random: Random, count: int) -> list[Path]:
    """``count`` random configurations in ``folder``, ``c0.config`` and so on."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"c{number}.config" for number in range(count)]
    for path in paths:
        path.write_text(random_config(random))
    return paths


def write_kernel(folder: Path, random: Random) -> Path:
    """A random kernel in ``folder``, which must not exist."""
    shutil.copytree(FIXTURES / "minikernel", folder)
    (folder / "include" / "linux" / "gen.h").write_text(_header(random))
    for name, functions in (("gen_one", FUNCTIONS[:5]), ("gen_two", FUNCTIONS[5:])):
        (folder / "lib" / f"{name}.c").write_text(_source(random, functions))
    makefile = folder / "lib" / "Makefile"
    two = random.choice((f"obj-$(CONFIG_{random.choice(SYMBOLS)})", "obj-y"))
    added = f"obj-y += gen_one.o\n{two} += gen_two.o\n"
    makefile.write_text(makefile.read_text() + added)
    return folder


def _condition(random: Random, depth: int = 1) -> str:
    symbol = random.choice((*SYMBOLS, "SMP", "PARAVIRT", "DEBUG_VM", "TABLE_STATS"))
    texts = [
        f"defined(CONFIG_{symbol})",
        f"!defined(CONFIG_{symbol})",
        f"IS_ENABLED(CONFIG_{symbol})",
        f"defined(CONFIG_{symbol}_MODULE)",
        "GEN_LEVEL > 1",
        "defined(gen_hook)",
    ]
    if depth:
        left, right = _condition(random, 0), _condition(random, 0)
        texts += [f"{left} && {right}", f"{left} || ({right})"]
    return random.choice(texts)


def _cut(random: Random, one: str, other: str = "") -> str:
    """``one``, perhaps under a conditional with ``other`` where it does not hold."""
    if random.random() < 0.4:
        return one
    middle = f"#else\n{other}\n" if other or random.random() < 0.3 else ""
    return f"#if {_condition(random)}\n{one}\n{middle}#endif"


def _header(random: Random) -> str:
    inline = "static inline void gen_inline(long x) { %s }"
    macros = [
        _cut(random, "#define GEN_LEVEL 1", "#define GEN_LEVEL 2"),
        _cut(random, "#define gen_hook(x) gen3(x)"),
        _cut(random, "#define gen_step(x) do { gen4(x); } while (0)", "#define gen_step(x) (x)"),
        _cut(random, inline % "gen2(x);", inline % _statement(random, ("gen5", "gen6"))),
        _cut(random, "#define GEN_DISPATCH(x) gen_ops.run(x)", "#define GEN_DISPATCH(x) gen7(x)"),
    ]
    names = "\n".join(f"void {name}(long x);" for name in FUNCTIONS)
    return "\n".join(
        [
            "#ifndef GEN_H\n#define GEN_H",
            "#include <linux/types.h>\n#include <linux/kconfig.h>\n#include <linux/rcupdate.h>",
            names,
            "struct gen_table { void (*run)(long x); void (*stop)(long x); };",
            "extern struct gen_table gen_ops;",
            *macros,
            "#ifndef GEN_LEVEL\n#define GEN_LEVEL 3\n#endif",
            "#ifndef gen_step\n#define gen_step(x) ((void)(x))\n#endif",
            "#ifndef GEN_DISPATCH\n#define GEN_DISPATCH(x) do { } while (0)\n#endif",
            "#endif\n",
        ]
    )


def _statement(random: Random, functions: Sequence[str]) -> str:
    name = random.choice(functions)
    symbol = random.choice(SYMBOLS)
    return random.choice(
        (
            f"{name}(x);",
            f"if (x > 3) {name}(x - 1);",
            f"if (IS_ENABLED(CONFIG_{symbol})) {name}(x);",
            f"while (x--) {name}(x);",
            f"switch (x) {{ case 1: {name}(1); break; default: gen_step(x); }}",
            "gen_step(x);",
            "GEN_DISPATCH(x);",
            "gen_inline(x);",
            "gen_ops.stop(x);",
            f"if (x && GEN_LEVEL > 1) {name}(GEN_LEVEL);",
        )
    )


def _function(random: Random, name: str) -> str:
    statements = [
        _cut(random, f"\t{_statement(random, FUNCTIONS)}") for _ in range(random.randint(1, 5))
    ]
    return "\n".join([f"void {name}(long x)\n{{", *statements, "}"])


def _source(random: Random, functions: Sequence[str]) -> str:
    parts = ["#include <linux/gen.h>"]
    for name in functions:
        body = _function(random, name)
        parts.append(_cut(random, body, _function(random, name)) if name != "gen0" else body)
    if functions[0] == FUNCTIONS[0]:
        run, stop = random.choice(FUNCTIONS), random.choice(FUNCTIONS)
        stored = _cut(random, f"\t.run = {run},", f"\t.run = {stop},")
        parts.append(f"struct gen_table gen_ops = {{\n{stored}\n\t.stop = {stop},\n}};")
    return "\n".join([*parts, ""])
