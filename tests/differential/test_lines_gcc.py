"""Active lines of whole files, and the macros in force at the end, are GCC's.

A sample of units in the kernel's defconfig; ``make differential PARTS=lines`` takes whole
directories in several configurations.
"""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from analyzer.callgraph.session import Session
from analyzer.configset.configset import ConfigSet
from analyzer.configset.dotconfig import read_dotconfig
from analyzer.diagnostics import Diagnostics
from analyzer.tree.source_tree import DirectoryTree
from full.gcc_lines import Lines, active_lines, preprocess
from full.part_lines import active_in, compare
from kernels.locking import exclusive
from kernels.trees import KernelTree
from test_parse_gcc_e import preprocessed

UNITS = ("mm/memory.i", "mm/percpu.i", "arch/x86/mm/fault.i")
HEADER = """#ifndef H
#define H
  #  define INDENTED 1
int h; /* a
comment */ int i;
#ifdef B
int b;
#else
int c; // x
#endif
#define GONE 1
#undef GONE
#endif
"""
SOURCE = """#include "h.h"
#include "h.h"
#define LONG(x) \\
	(x) + \\
	1
const char *text = "/* no comment", quote = '"';
#if 0
int never;
#elif INDENTED
	#include "twice.h"
	#include "twice.h"
#pragma pack(1)
int long_one = LONG(
	3); \\

#endif
"""


def command(file: Path) -> list[str]:
    """The arguments that ``make`` gave the compiler, as it keeps them."""
    line = file.read_text(encoding="utf-8").splitlines()[0]
    words = shlex.split(re.sub(r"^(?:saved)?cmd_\S+ := ", "", line))
    return words[1:]


@pytest.mark.skipif(shutil.which("gcc") is None, reason="needs gcc")
def test_lines_of_a_small_unit(tmp_path: Path) -> None:
    for name, text in (("h.h", HEADER), ("a.c", SOURCE), ("twice.h", "int t;\n")):
        (tmp_path / name).write_text(text)
    active = active_lines(preprocess(["-c", str(tmp_path / "a.c")], tmp_path), str(tmp_path))
    assert {file: str(lines) for file, lines in active.text.items()} == {
        "h.h": "4-5 9",
        "a.c": "6 13-14",
        "twice.h": "1x2",
    }
    assert {file: str(lines) for file, lines in active.macros.items()} == {"h.h": "2-3", "a.c": "3"}


def test_lines_are_written_and_read() -> None:
    counts = {1: 1, 2: 1, 3: 2, 4: 2, 9: 1, 12: 3}
    assert str(Lines(counts)) == "1-2 3-4x2 9 12x3"
    assert Lines.parse("1-2 3-4x2 9 12x3") == Lines(counts)


@pytest.mark.oracle
@pytest.mark.slow
def test_active_lines_are_gccs(kernel: KernelTree, oracle_folder: Path) -> None:
    with exclusive(oracle_folder / f"parse-{kernel.version}") as folder:
        preprocessed(kernel, folder, UNITS)
    configs = ConfigSet.of([read_dotconfig(folder / ".config")])
    session = Session(DirectoryTree(kernel.path), "x86", configs, Diagnostics())
    for target in UNITS:
        assert differences(session, kernel, folder, target) == []


def differences(session: Session, kernel: KernelTree, folder: Path, target: str) -> Sequence[str]:
    place = folder / target
    given = command(place.parent / f".{place.name}.cmd")
    theirs = active_lines(preprocess(given, folder), str(kernel.path))
    (item,) = session.objects(target.replace(".i", ".o"))
    compared = compare(
        target, theirs, active_in(session.analysis(item).opened.unit, 0, session.tree)
    )
    session.forget(item)
    assert compared.total > 20_000
    return [f"{one.where}: {one.what}" for one in compared.differences]
