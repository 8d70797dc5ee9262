"""The miniature kernel is honest C: GCC accepts every file in every configuration.

Skipped where there is no GCC. The include paths and forced includes are those that
Kbuild gives; the wrappers that it writes for ``generic-y`` and ``mandatory-y`` are
made in a temporary directory.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from analyzer.configset.dotconfig import read_dotconfig

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
TREE = FIXTURES / "minikernel"
GCC = shutil.which("gcc")
CONFIGS = sorted(FIXTURES.glob("configs/*.config"), key=lambda path: path.stem)
OTHER_FLAGS = {"mm/queue.c": ["-DQUEUE_LENGTH=4"]}
NOT_BUILT_WITHOUT = {
    "arch/x86/kernel/paravirt.c": "PARAVIRT",
    "arch/x86/kernel/moonbase.c": "MOONBASE_GUEST",
    "arch/x86/mm/tlb.c": "SMP",
    "mm/pt_reclaim.c": "PT_RECLAIM",
    "mm/debug.c": "DEBUG_VM",
    "mm/stats_core.c": "TABLE_STATS",
    "mm/stats_debug.c": "DEBUG_VM",
}


def sources() -> list[Path]:
    return sorted(path for suffix in ("*.c", "*.S") for path in TREE.rglob(suffix))


def generated(values: dict[str, str], into: Path) -> Path:
    """What ``make prepare`` would leave in the object tree."""
    lines = []
    for symbol, text in values.items():
        if text in ("y", "m"):
            lines.append(f"#define CONFIG_{symbol}{'_MODULE' if text == 'm' else ''} 1\n")
        elif text != "n":
            lines.append(f"#define CONFIG_{symbol} {text}\n")
    (into / "include/generated").mkdir(parents=True)
    (into / "include/generated/autoconf.h").write_text("".join(lines))
    wrappers = into / "arch/x86/include/generated/asm"
    wrappers.mkdir(parents=True)
    for name in ("barrier.h", "table_debug.h"):
        (wrappers / name).write_text(f"#include <asm-generic/{name}>\n")
    return into


@pytest.mark.skipif(GCC is None, reason="no GCC on this machine")
@pytest.mark.parametrize("config", CONFIGS, ids=lambda path: path.stem)
def test_every_file_compiles(config: Path, tmp_path: Path) -> None:
    assert GCC is not None
    values = read_dotconfig(config).values
    out = generated(values, tmp_path)
    common = [
        *("-std=gnu11", "-O2", "-m64", "-nostdinc", "-Wall", "-Werror", "-Wundef"),
        *("-Wno-unused-function", "-Wno-unused-value", "-Wno-unused-variable"),
        *("-D__KERNEL__", "-DBITS_PER_WORD=64"),
        *(f"-I{TREE}/arch/x86/include", f"-I{out}/arch/x86/include/generated"),
        *(f"-I{TREE}/include", f"-I{out}/include"),
        *("-include", f"{TREE}/include/linux/compiler-version.h"),
        *("-include", f"{TREE}/include/linux/kconfig.h"),
    ]
    for source in sources():
        name = source.relative_to(TREE).as_posix()
        symbol = NOT_BUILT_WITHOUT.get(name)
        if symbol is not None and values.get(symbol, "n") == "n":
            continue
        if name.endswith(".S"):
            flags = ["-D__ASSEMBLY__", "-E", "-o", "/dev/null"]
        else:
            flags = ["-include", f"{TREE}/include/linux/compiler_types.h", "-fsyntax-only"]
        run = subprocess.run(
            [GCC, *common, *flags, *OTHER_FLAGS.get(name, ()), str(source)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, f"{name} with {config.stem}:\n{run.stderr}"


def test_there_are_four_configurations() -> None:
    assert [path.stem for path in CONFIGS] == [
        "paravirt",
        "paravirt-reclaim",
        "plain",
        "reclaim",
    ]
