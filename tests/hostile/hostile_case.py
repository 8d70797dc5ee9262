"""A kernel small enough to be written by a test, and the command line run on it.

What a hostile test changes is one file of it. Everything is run in a process of its own with
a time limit and a limit on memory, as a stranger's tree would be looked at.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KIMPACT = [sys.executable, "-c", "from analyzer.cli.main import entry_point; entry_point()"]
SECONDS = 60
"""Processor time of one process; one that takes more is killed, and the test fails."""
MEMORY = 2 << 30
"""Bytes of address space that a run may take."""

FILES: Mapping[str, str] = {
    "Makefile": """\
VERSION = 6
PATCHLEVEL = 12
SUBLEVEL = 0
EXTRAVERSION = -hostile
SRCARCH := $(ARCH)
LINUXINCLUDE := -I$(srctree)/include -include $(srctree)/include/linux/kconfig.h
KBUILD_CPPFLAGS := -D__KERNEL__
KBUILD_CFLAGS := -std=gnu11
KBUILD_AFLAGS := -D__ASSEMBLY__
KBUILD_CFLAGS_MODULE := -DMODULE
export ARCH SRCARCH LINUXINCLUDE KBUILD_CPPFLAGS KBUILD_CFLAGS KBUILD_AFLAGS
export KBUILD_CFLAGS_MODULE
KBUILD_VMLINUX_OBJS := built-in.a
KBUILD_VMLINUX_LIBS :=
export KBUILD_VMLINUX_OBJS KBUILD_VMLINUX_LIBS
all: vmlinux
""",
    "Kbuild": "obj-y += mm/\n",
    "Kconfig": """\
mainmenu "Linux"
config MODULES
	bool "modules"
	modules
config X86
	def_bool y
config TRICK
	bool "trick"
config RECLAIM
	bool "reclaim"
source "mm/Kconfig"
source "arch/x86/Kconfig"
""",
    "mm/Kconfig": "config MM\n\tdef_bool y\n",
    "scripts/Kbuild.include": "build := -f $(srctree)/scripts/Makefile.build obj\n",
    "scripts/Makefile.build": """\
obj-y :=
obj-m :=
lib-y :=
ccflags-y :=
subdir-ccflags-y :=
include $(kbuild-file)
KBUILD_CFLAGS += $(subdir-ccflags-y)
""",
    "scripts/Makefile.lib": """\
c_flags = $(LINUXINCLUDE) $(KBUILD_CPPFLAGS) $(KBUILD_CFLAGS) $(ccflags-y)
a_flags = $(LINUXINCLUDE) $(KBUILD_CPPFLAGS) $(KBUILD_AFLAGS)
""",
    "arch/x86/Makefile": "",
    "arch/x86/Kconfig": "config X86_64\n\tdef_bool y\n",
    "include/linux/kconfig.h": "#include <generated/autoconf.h>\n",
    "include/linux/mm.h": "void page_release(void *page);\n",
    "mm/Makefile": "obj-y := memory.o release.o\n",
    "mm/memory.c": """\
#include <linux/mm.h>

static void free_one(void *page)
{
	page_release(page);
}

void free_all(void *page)
{
#ifdef CONFIG_RECLAIM
	free_one(page);
#endif
	page_release(page);
}
""",
    "mm/release.c": """\
#include <linux/mm.h>

void page_release(void *page)
{
}
""",
}
CONFIG = """\
CONFIG_MODULES=y
CONFIG_X86=y
# CONFIG_TRICK is not set
CONFIG_RECLAIM=y
CONFIG_MM=y
CONFIG_X86_64=y
"""
ASKED = "mm/memory.c:free_all"
Text = str | bytes


@dataclass(frozen=True, slots=True)
class Shown:
    """How a run ended and what it wrote."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)

    @property
    def codes(self) -> dict[str, str]:
        """The messages of the diagnostics of a JSON answer, the last one of each code."""
        return {each["code"]: each["message"] for each in self.document["diagnostics"]}

    @property
    def calls(self) -> set[tuple[str, str]]:
        """The edges of a JSON answer by name."""
        names = {node["id"]: node["name"] for node in self.document["nodes"]}
        return {(names[edge["from"]], edge["name"]) for edge in self.document["edges"]}


class Hostile:
    """A tree below ``folder``; what must not be touched is beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tree = folder / "linux"
        self.config = folder / "my.config"
        self.config.write_text(CONFIG)
        self.secret = folder / "secret"
        self.secret.write_text("root:SECRET\nvoid secret_function(void) { }\n")
        for path, text in FILES.items():
            self.write(path, text)

    def write(self, path: str, text: Text) -> Path:
        target = self.tree / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text if isinstance(text, bytes) else text.encode())
        return target

    def append(self, path: str, text: Text) -> None:
        self.write(path, (self.tree / path).read_bytes() + _bytes(text))

    def prepend(self, path: str, text: Text) -> None:
        self.write(path, _bytes(text) + (self.tree / path).read_bytes())

    def run(
        self, *arguments: str, stdin: bytes = b"", prepare: Callable[[], None] | None = None
    ) -> Shown:
        """Run kimpact within the limits; a status of its contract and no traceback, ever."""

        def limited() -> None:
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
            if prepare is not None:
                prepare()

        done = subprocess.run(
            [*KIMPACT, *arguments],
            input=stdin,
            capture_output=True,
            timeout=30 * SECONDS,
            check=False,
            preexec_fn=limited,
            env={**os.environ, "XDG_CACHE_HOME": str(self.folder / "xdg"), "KIMPACT_DEBUG": "0"},
        )
        shown = Shown(done.returncode, done.stdout.decode(), done.stderr.decode())
        assert "Traceback" not in shown.err
        assert shown.status in (0, 1, 2), shown.err
        assert "SECRET" not in shown.out + shown.err
        return shown

    def given(self, *configs: Path) -> list[str]:
        return ["--kernel", str(self.tree), "--config", *map(str, configs or (self.config,))]

    def paths(self, *more: str, asked: str = ASKED) -> Shown:
        """The paths of the function asked about, as JSON."""
        return self.run("paths", asked, *self.given(), "--format", "json", *more)

    def answered(self, *more: str, asked: str = ASKED) -> Shown:
        """The same; the answer must be there and be the right one."""
        shown = self.paths(*more, asked=asked)
        assert (shown.status, shown.err) == (0, "")
        assert shown.calls >= {("free_all", "free_one"), ("free_all", "page_release")}
        return shown

    def refused(self, arguments: Sequence[str]) -> str:
        """The one line with which a run refuses its input."""
        shown = self.run(*arguments)
        assert (shown.status, shown.out) == (2, "")
        assert shown.err.count("\n") == 1
        return shown.err


def _bytes(text: Text) -> bytes:
    return text if isinstance(text, bytes) else text.encode()
