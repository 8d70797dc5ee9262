"""A miniature tree of makefiles for the kbuild unit tests."""

from __future__ import annotations

from analyzer.configset.configset import ConfigSet
from analyzer.configset.dotconfig import parse_dotconfig
from analyzer.diagnostics import Diagnostics
from analyzer.kbuild.evaluator import Evaluator
from analyzer.kbuild.frame import Frame
from analyzer.kbuild.model import KbuildModel
from analyzer.kbuild.objects import ObjectFile
from analyzer.kbuild.scope import Scope

TOP = """
srctree := .
LINUXINCLUDE := -I$(srctree)/include
KBUILD_CPPFLAGS := -D__KERNEL__
KBUILD_CFLAGS := -O2 -pg
KBUILD_AFLAGS := -D__ASSEMBLY__
KBUILD_CFLAGS_MODULE := -DMODULE
SRCARCH := $(ARCH)
export SRCARCH LINUXINCLUDE KBUILD_CPPFLAGS KBUILD_CFLAGS KBUILD_AFLAGS KBUILD_CFLAGS_MODULE
KBUILD_VMLINUX_OBJS := lib/lib.a
CFLAGS_KASAN := -fsanitize=kernel-address
export CFLAGS_KASAN
all: image
image:
	$(Q)$(MAKE) $(build)=arch/x86/boot arch/x86/boot/image
build := -f $(srctree)/scripts/Makefile.build obj
"""

BUILD = """
obj-y :=
obj-m :=
lib-y :=
always-y :=
extra-y :=
ccflags-y :=
subdir-ccflags-y :=
include $(kbuild-file)
KBUILD_CFLAGS += $(subdir-ccflags-y)
"""

LIB = """
target-stem = $(basename $(patsubst $(obj)/%,%,$@))
modname = $(or $(modname-multi),$(basename $(notdir $@)))
modname_flags = -DKBUILD_MODNAME='"$(subst -,_,$(modname))"'
_c_flags = $(filter-out $(CFLAGS_REMOVE_$(target-stem).o), $(KBUILD_CPPFLAGS) \\
	$(KBUILD_CFLAGS) $(ccflags-y) $(CFLAGS_$(target-stem).o))
ifeq ($(CONFIG_KASAN),y)
_c_flags += $(if $(patsubst n%,, \\
	$(KASAN_SANITIZE_$(target-stem).o)$(KASAN_SANITIZE)$(is-kernel-object)), $(CFLAGS_KASAN))
endif
is-kernel-object = $(or $(part-of-builtin),$(part-of-module))
c_flags = $(LINUXINCLUDE) $(_c_flags) $(if $(part-of-module),$(KBUILD_CFLAGS_MODULE)) \\
	$(modname_flags)
a_flags = $(LINUXINCLUDE) $(KBUILD_CPPFLAGS) $(KBUILD_AFLAGS)
cmd_ld = $(LD) -o $@ $^
"""

COMMON = {
    "Makefile": TOP,
    "scripts/Makefile.build": BUILD,
    "scripts/Makefile.lib": LIB,
    "arch/x86/boot/Makefile": "",
    "scripts/Kbuild.include": "build := -f $(srctree)/scripts/Makefile.build obj\n",
}


class MemoryTree:
    """A source tree whose files are texts in memory."""

    label = "memory"

    def __init__(self, files: dict[str, str]) -> None:
        self._files = files

    def read(self, path: str) -> bytes | None:
        text = self._files.get(path)
        return None if text is None else text.encode()

    def is_file(self, path: str) -> bool:
        return path in self._files

    def listdir(self, path: str) -> tuple[str, ...]:
        prefix = f"{path}/" if path else ""
        names: set[str] = set()
        for each in self._files:
            if each.startswith(prefix):
                head, slash, _ = each[len(prefix) :].partition("/")
                names.add(head + slash)
        return tuple(sorted(names))


def config_set(*texts: str) -> ConfigSet:
    """One configuration per text, written ``A=y B=m N=64``."""
    configs = []
    for number, text in enumerate(texts):
        lines = "".join(f"CONFIG_{word}\n" for word in text.split())
        configs.append(parse_dotconfig(lines, f"config{number}", f"c{number}"))
    return ConfigSet.of(configs)


def model(
    files: dict[str, str], *configs: str, diagnostics: Diagnostics | None = None
) -> KbuildModel:
    """A model of the miniature tree over the given configurations."""
    said = Diagnostics() if diagnostics is None else diagnostics
    tree = MemoryTree({**COMMON, **files})
    return KbuildModel(tree, "x86", config_set(*configs), said)


def flags_of(each: ObjectFile | None, bit: int = 0) -> list[str]:
    """The options of an object in configuration ``bit``."""
    assert each is not None
    return [flag.text for flag in each.flags if flag.mask >> bit & 1]


def masks(objects: tuple[ObjectFile, ...]) -> dict[str, tuple[int, int]]:
    """``{path: (builtin, module)}``."""
    return {each.path: (each.builtin, each.module) for each in objects}


def evaluate(
    text: str,
    *configs: str,
    files: dict[str, str] | None = None,
    diagnostics: Diagnostics | None = None,
) -> tuple[Evaluator, Frame]:
    """Run one makefile text on its own; variables are read with :func:`value`."""
    tree = MemoryTree({**(files or {}), "t.mk": text})
    said = Diagnostics() if diagnostics is None else diagnostics
    evaluator = Evaluator(tree, config_set(*configs), said)
    frame = Frame("t.mk", Scope())
    evaluator.run_file("t.mk", frame, evaluator.everywhere)
    evaluator.frame = frame
    return evaluator, frame


def value(evaluator: Evaluator, name: str, bit: int = 0) -> str:
    """What ``$(name)`` is in configuration ``bit``, blanks squeezed."""
    text = evaluator.value_of(name, evaluator.everywhere)
    if not isinstance(text, str):
        text = "".join(part for mask, part in text if mask >> bit & 1)
    return " ".join(text.split())
