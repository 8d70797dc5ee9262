"""GCC's direct calls in the miniature kernel, over all its configurations.

``python fixture_calls.py`` writes the lines of ``tests/golden/minikernel-calls.txt``:
object, caller, callee, and the configurations. The stage of the call graph is that of
:mod:`edges_dumps`: constants folded, nothing inlined, only functions that GCC reached.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from analyzer.configset.dotconfig import read_dotconfig
from edges_dumps import read_unit

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
TREE = FIXTURES / "minikernel"
CONFIGS = sorted((FIXTURES / "configs").glob("*.config"), key=lambda path: path.stem)
GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "minikernel-calls.txt"

Call = tuple[str, str, str]
"""Object, caller, callee."""

OBJECTS = {
    "arch/x86/kernel/moonbase.o": "MOONBASE_GUEST",
    "arch/x86/kernel/paravirt.o": "PARAVIRT",
    "arch/x86/kernel/setup.o": "",
    "arch/x86/mm/ident_map.o": "",
    "arch/x86/mm/pgtable.o": "",
    "arch/x86/mm/tlb.o": "SMP",
    "init/main.o": "",
    "lib/fill.o": "",
    "lib/ring.o": "",
    "mm/debug.o": "DEBUG_VM",
    "mm/memory.o": "",
    "mm/mmu_gather.o": "",
    "mm/pgtable-generic.o": "",
    "mm/pt_reclaim.o": "PT_RECLAIM",
    "mm/queue.o": "",
    "mm/stats_core.o": "TABLE_STATS",
    "mm/stats_debug.o": "DEBUG_VM",
}
"""Each object and the symbol that must be set for it."""

FLAGS = {"mm/queue.o": ["-DQUEUE_LENGTH=4"], "mm/mmu_gather.o": ["-DGATHER_BATCH=64"]}


def golden_calls() -> dict[Call, frozenset[str]]:
    """The recorded calls and the configurations of each."""
    calls: dict[Call, frozenset[str]] = {}
    for line in GOLDEN.read_text().splitlines():
        if line and not line.startswith("#"):
            unit, caller, _, callee, *configs = line.split()
            calls[unit, caller, callee] = frozenset(configs)
    return calls


def gcc_calls(gcc: str) -> dict[Call, frozenset[str]]:
    """What GCC says now."""
    calls: dict[Call, set[str]] = {}
    for config in CONFIGS:
        with tempfile.TemporaryDirectory() as folder:
            for call in _calls_with(gcc, config, Path(folder)):
                calls.setdefault(call, set()).add(config.stem)
    return {call: frozenset(names) for call, names in calls.items()}


def lines(calls: Mapping[Call, frozenset[str]]) -> Iterator[str]:
    """The calls as text, sorted."""
    for (unit, caller, callee), names in sorted(calls.items()):
        yield f"{unit} {caller} > {callee}  {' '.join(sorted(names))}"


def _calls_with(gcc: str, config: Path, out: Path) -> Iterator[Call]:
    values = read_dotconfig(config).values
    _prepare(values, out)
    for unit, symbol in OBJECTS.items():
        if symbol and values.get(symbol, "n") == "n":
            continue
        folder = out / unit.replace("/", "!")
        folder.mkdir()
        command = [gcc, *_options(out), *FLAGS.get(unit, ())]
        if values.get(symbol) == "m":
            command.append("-DMODULE")
        source = str(TREE / unit.removesuffix(".o")) + ".c"
        (folder / "argv").write_text("\0".join([*command, source]) + "\0")
        dumps = [
            *("-dumpdir", f"{folder}/", "-dumpbase", "tu", "-fdump-ipa-cgraph"),
            *("-fdump-tree-original", "-aux-info", f"{folder}/aux"),
        ]
        subprocess.run([*command, "-c", *dumps, "-o", f"{folder}/x.o", source], check=True)
        for function in read_unit(folder).functions:
            if function.reached:
                for callee, _ in function.calls:
                    yield unit, function.name, callee


def _options(out: Path) -> list[str]:
    return [
        *("-std=gnu11", "-O2", "-m64", "-nostdinc", "-D__KERNEL__", "-DBITS_PER_WORD=64"),
        *(f"-I{TREE}/arch/x86/include", f"-I{out}/arch/x86/include/generated"),
        *(f"-I{TREE}/include", f"-I{out}/include"),
        *("-include", f"{TREE}/include/linux/compiler-version.h"),
        *("-include", f"{TREE}/include/linux/kconfig.h"),
        *("-include", f"{TREE}/include/linux/compiler_types.h"),
    ]


def _prepare(values: Mapping[str, str], out: Path) -> None:
    """What ``make prepare`` would leave in the object tree."""
    text = ""
    for symbol, value in values.items():
        if value in ("y", "m"):
            text += f"#define CONFIG_{symbol}{'_MODULE' if value == 'm' else ''} 1\n"
        elif value != "n":
            text += f"#define CONFIG_{symbol} {value}\n"
    (out / "include/generated").mkdir(parents=True)
    (out / "include/generated/autoconf.h").write_text(text)
    wrappers = out / "arch/x86/include/generated/asm"
    wrappers.mkdir(parents=True)
    for name in ("barrier.h", "table_debug.h"):
        (wrappers / name).write_text(f"#include <asm-generic/{name}>\n")


if __name__ == "__main__":
    sys.stdout.write("# object, caller > callee, configurations; written by fixture_calls.py\n")
    sys.stdout.writelines(f"{line}\n" for line in lines(gcc_calls("gcc")))
