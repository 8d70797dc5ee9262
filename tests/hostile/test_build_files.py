"""Kconfig files, makefiles and configurations of a stranger: read, never run."""

from __future__ import annotations

import gzip
import lzma
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hostile_case import ASKED, CONFIG, Hostile

Change = Callable[[Hostile], object]


@pytest.fixture
def hostile(tmp_path: Path) -> Hostile:
    return Hostile(tmp_path)


def added(path: str, text: str | bytes) -> Change:
    return lambda hostile: hostile.append(path, text)


def kconfig(text: str | bytes) -> Change:
    return added("Kconfig", text)


def makefile(text: str | bytes) -> Change:
    return added("mm/Makefile", text)


def touching(template: str, path: str) -> Change:
    """``template`` with a command in place of RUN that would leave a file."""

    def change(hostile: Hostile) -> None:
        command = f"touch {hostile.folder}/pwned"
        hostile.append(path, template.replace("RUN", command).replace("FILE", f"{command[6:]}"))

    return change


COMMANDS: dict[str, Change] = {
    "kconfig shell": touching("A := $(shell,RUN)\nconfig A\n\tdef_bool $(shell,RUN)\n", "Kconfig"),
    "kconfig info": touching("$(info,SECRET $(shell,RUN))\n", "Kconfig"),
    "make shell": touching("A := $(shell RUN)\nobj-$(A) += x.o\n", "mm/Makefile"),
    "make bang": touching("A != RUN\nobj-$(A) += x.o\n", "mm/Makefile"),
    "make file": touching("A := $(file >FILE,hello)\nobj-$(A) += x.o\n", "mm/Makefile"),
    "make recipe": touching("$(obj)/x.c:\n\tRUN\nobj-y += x.o\n", "mm/Makefile"),
}


@pytest.mark.parametrize("trick", COMMANDS)
def test_no_command_is_run(trick: str, hostile: Hostile) -> None:
    COMMANDS[trick](hostile)
    hostile.answered()
    assert not (hostile.folder / "pwned").exists()


def a_linked_kconfig(hostile: Hostile) -> None:
    (hostile.tree / "Kout").symlink_to(hostile.secret)
    hostile.append("Kconfig", 'source "Kout"\n')


def a_fifo(path: str) -> Change:
    def change(hostile: Hostile) -> None:
        (hostile.tree / path).unlink()
        os.mkfifo(hostile.tree / path)

    return change


DOUBLED = "".join(f"A{i + 1} = $(A{i})$(A{i})\n" for i in range(40))
CHAINED = "".join(f"A{i + 1} = $(A{i})\n" for i in range(5000))
STRING = 'config C\n\tstring\n\tdefault "$(A40)"\n'
LISTED = "L := 1 2 3 4 5 6 7 8 9 0\nF = "
REFUSED: dict[str, tuple[Change, str]] = {
    "source of an absolute path": (
        kconfig('source "/etc/passwd"\n'),
        "the sourced file '/etc/passwd' leads out of the tree: not read",
    ),
    "source with dots": (
        kconfig('source "../secret"\n'),
        "the sourced file '../secret' leads out of the tree: not read",
    ),
    "source of a symlink": (a_linked_kconfig, "the sourced file 'Kout' .*leads out of the tree"),
    "source of itself": (
        added("mm/Kconfig", 'source "mm/Kconfig"\n'),
        "endless recursion: 'mm/Kconfig' is sourced from within itself",
    ),
    "source of a fifo": (a_fifo("mm/Kconfig"), "the sourced file 'mm/Kconfig' does not exist"),
    "error-if": (kconfig("$(error-if,y,stop \x1b[31mred)\n"), r"stop \\x1b\[31mred"),
    "a dependency on itself": (
        kconfig('config A\n\tbool "a"\n\tdepends on B\nconfig B\n\tbool "b"\n\tdepends on A\n'),
        "recursive dependency: B -> A -> B",
    ),
    "a macro of itself": (
        kconfig('A = $(A)$(A)\nconfig C\n\tdef_bool "$(A)"\n'),
        "Preprocessor variable A recursively references itself",
    ),
    "a macro that doubles": (
        kconfig(f"A0 = xxxxxxxx\n{DOUBLED}{STRING}"),
        "(more than 10000 macros are expanded in one line|more than 1048576 characters)",
    ),
    "a macro that doubles nothing": (
        kconfig(f"A0 =\n{DOUBLED}{STRING}"),
        "more than 10000 macros are expanded in one line",
    ),
    "macros in macros": (
        kconfig(
            "A0 =\n" + "".join(f"A{i + 1} = $(A{i})\n" for i in range(5000)) + "B := $(A5000)\n"
        ),
        r"Kconfig:5014: couldn't parse .*: more than 50 macros are nested",
    ),
    "macros as arguments of macros": (
        kconfig("B := " + "$(if-success," * 5000 + "x" + ",y,n)" * 5000 + "\n"),
        r"Kconfig:13: couldn't parse .*: (more than 50 macros are nested|a line of more)",
    ),
    "parentheses": (
        kconfig(f"config C\n\tbool\n\tdepends on {'(' * 20_000}X86{')' * 20_000}\n"),
        r"Kconfig:15: .*an expression is nested too deeply, or of too many operands",
    ),
    "negations": (
        kconfig(f"config C\n\tbool\n\tdepends on {'!' * 20_000}X86\n"),
        r"Kconfig:15: .*an expression is nested too deeply, or of too many operands",
    ),
    "operands": (
        kconfig(f"config C\n\tbool\n\tdepends on {'X86 && ' * 5_000}X86\n"),
        r"Kconfig:15: .*an expression is nested too deeply, or of too many operands",
    ),
    "blocks": (
        kconfig("if X86\n" * 50_000 + "endif\n" * 50_000),
        "Kconfig:113: more than 100 blocks are nested",
    ),
    "choices in choices": (
        kconfig('choice\n\tprompt "c"\n' * 2_000 + "endchoice\n" * 2_000),
        r"Kconfig:\d+: more than 100 blocks are nested",
    ),
    "targets made for one another": (
        makefile(
            "".join(f"$(obj)/r{i}.o: $(obj)/r{i + 1}.o\n" for i in range(5000)) + "obj-y += r0.o\n"
        ),
        "mm/Makefile: more than 100 targets are made for one another",
    ),
    "a long line": (kconfig(f"# {'x' * 70_000}\nconfig {'x' * 70_000}\n"), "more than 65536"),
    "a makefile of itself": (
        makefile("include $(srctree)/mm/Makefile\n"),
        "makefiles include each other without end",
    ),
    "a text that doubles": (
        makefile("A0 := xxxxxxxx\n" + DOUBLED.replace(" = ", " := ") + "obj-y += $(A40)\n"),
        "expands to more than 16777216 characters",
    ),
    "a variable that doubles": (
        makefile(f"A0 =\n{DOUBLED}obj-y += $(A40)\n"),
        "one expression takes more than 200000 expansions",
    ),
    "loops in loops": (
        makefile(f"{LISTED}{'$(foreach a,$(L),' * 9}x{')' * 9}\nobj-y += $(F)\n"),
        "one expression takes more than 200000 expansions",
    ),
    "calls of itself": (
        makefile("f = $(call f,$(1))\nobj-y += $(call f,x)\n"),
        "(nested too deeply|a variable expands to itself)",
    ),
    "lines that make themselves": (
        makefile("define E\n$(eval $(value E))\nendef\n$(eval $(value E))\n"),
        "nested too deeply",
    ),
    "brackets in a makefile": (
        makefile(f"X := {'$(' * 50_000}a{')' * 50_000}\n"),
        "more than 100 nested brackets",
    ),
    "conditionals in a makefile": (
        makefile("ifeq (1,1)\n" * 20_000 + "endif\n" * 20_000),
        "mm/Makefile:62: more than 60 conditionals are nested",
    ),
    "a long version": (
        lambda hostile: hostile.write("Makefile", f"VERSION = {'9' * 50_000}\nPATCHLEVEL = 1\n"),
        "VERSION is no number: 9{64}$",
    ),
}


@pytest.mark.parametrize("trick", REFUSED)
def test_what_cannot_be_used_is_refused_in_one_line(trick: str, hostile: Hostile) -> None:
    change, message = REFUSED[trick]
    change(hostile)
    line = hostile.refused(["paths", ASKED, *hostile.given()])
    assert re.search(message, line.strip()), line


def a_loop_of_folders(hostile: Hostile) -> None:
    (hostile.tree / "mm/loop").symlink_to(".")
    hostile.append("mm/Makefile", "obj-y += loop/\n")


def a_folder_out(hostile: Hostile) -> None:
    (hostile.folder / "Makefile").write_text("obj-y += secret.o\n")
    (hostile.tree / "mm/out").symlink_to(hostile.folder)
    hostile.append("mm/Makefile", "obj-y += out/\n")


def a_link(path: str, line: str) -> Change:
    def change(hostile: Hostile) -> None:
        (hostile.tree / path).symlink_to(hostile.secret)
        hostile.append("mm/Makefile", line)

    return change


REMARKED: dict[str, tuple[Change, str, str]] = {
    "a makefile outside": (
        makefile("include ../../secret\n"),
        "kbuild-include-missing",
        "included makefile ../../secret leads out of the tree: not read",
    ),
    "an object outside": (
        makefile("obj-y += ../../secret.o\n"),
        "kbuild-no-source",
        "secret.o is to be built, but ../secret.c leads out of the tree: not read",
    ),
    "a linked makefile": (
        a_link("mm/Makefile.out", "include $(srctree)/mm/Makefile.out\n"),
        "kbuild-include-missing",
        "included makefile mm/Makefile.out leads out of the tree: not read",
    ),
    "a linked source": (
        a_link("mm/out.c", "obj-y += out.o\n"),
        "kbuild-no-source",
        "mm/out.o is to be built, but mm/out.c leads out of the tree: not read",
    ),
    "a text outside": (
        makefile("X := $(file < /etc/passwd)\n"),
        "kbuild-file-refused",
        "/etc/passwd leads out of the tree: not read",
    ),
    "a folder outside": (
        a_folder_out,
        "kbuild-no-makefile",
        "mm/out/ is to be built but leads out of the tree: not read",
    ),
    "a loop of folders": (
        a_loop_of_folders,
        "kbuild-no-makefile",
        "loop/ is to be built but has no Kbuild or Makefile",
    ),
}


@pytest.mark.parametrize("trick", REMARKED)
def test_what_is_left_out_is_named(trick: str, hostile: Hostile) -> None:
    change, code, message = REMARKED[trick]
    change(hostile)
    assert message in hostile.answered().codes[code]


HARMLESS: dict[str, Change] = {
    "a chain of dependencies": kconfig(
        "".join(f'config D{i}\n\tbool "d"\n\tdepends on D{i + 1}\n' for i in range(3000))
    ),
    "long numbers": kconfig(
        f'config I\n\tint "i"\n\trange 0 {"9" * 9000}\n\tdefault {"8" * 9000}\n'
        f"config H\n\thex\n\tdefault 0x{'f' * 9000}\n"
        f"config B\n\tdef_bool y if I > 5 && I < {'9' * 9000}\n"
    ),
    "files outside by wildcard": makefile("X := $(wildcard /etc/*) $(file < /etc/passwd)\n"),
    "odd names": makefile(b"obj-y += a\0b.o \xff.o x\x1b[31m.o\n"),
}


@pytest.mark.parametrize("trick", HARMLESS)
def test_what_does_no_harm(trick: str, hostile: Hostile) -> None:
    HARMLESS[trick](hostile)
    hostile.answered()


def bomb(folder: Path, kind: str) -> Path:
    """A gigabyte in a few bytes."""
    path = folder / f"bomb.{kind}"
    if kind == "gz":
        with gzip.open(path, "wb", 1) as packed:
            for _ in range(64):
                packed.write(b"#" * (1 << 20))
    else:
        path.write_bytes(lzma.compress(b"#" * (64 << 20), preset=0))
    return path


@pytest.mark.parametrize("kind", ["xz", "gz"])
def test_a_bomb_is_not_unpacked(kind: str, hostile: Hostile) -> None:
    path = bomb(hostile.folder, kind)
    line = hostile.refused(["paths", ASKED, *hostile.given(path)])
    assert line == f"kimpact: error: {path}: larger than 16 MB, no kernel .config\n"


def test_a_file_that_wants_much_memory_is_not_unpacked(hostile: Hostile) -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 256 << 20}]
    path = hostile.folder / "greedy.xz"
    path.write_bytes(lzma.compress(CONFIG.encode(), filters=filters))
    line = hostile.refused(["paths", ASKED, *hostile.given(path)])
    assert "Memory usage limit exceeded" in line


def test_a_configuration_packed_in_parts_is_read(hostile: Hostile) -> None:
    path = hostile.folder / "parts.xz"
    half = len(CONFIG) // 2
    parts = [lzma.compress(text.encode()) for text in (CONFIG[:half], CONFIG[half:])]
    path.write_bytes(parts[0] + bytes(4) + parts[1])
    shown = hostile.run("paths", ASKED, *hostile.given(path), "--format", "json")
    assert ("free_all", "free_one") in shown.calls


CONFIGS: dict[str, bytes] = {
    "no UTF-8 and escapes": b'CONFIG_A="\xff\xfe"\nCONFIG_B="\x1b[31m"\n',
    "long numbers": b"CONFIG_NR_CPUS=" + b"9" * 50_000 + b"\nCONFIG_HZ=0x" + b"f" * 50_000 + b"\n",
    "many symbols": b"".join(b"CONFIG_S%d=y\n" % number for number in range(20_000)),
}


@pytest.mark.parametrize("trick", CONFIGS)
def test_a_configuration_that_does_no_harm(trick: str, hostile: Hostile) -> None:
    hostile.config.write_bytes(CONFIG.encode() + CONFIGS[trick])
    hostile.answered()


def test_a_device_is_no_configuration_without_end(hostile: Hostile) -> None:
    line = hostile.refused(["paths", ASKED, *hostile.given(Path("/dev/zero"))])
    assert "larger than 16 MB" in line or "binary data" in line
