"""Objects, images, module names and flags of a miniature build."""

from __future__ import annotations

from pathlib import Path

import pytest
from kbuild_case import config_set, flags_of, masks, model

from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput
from analyzer.kbuild.model import KbuildModel
from analyzer.kbuild.objects import Masked, ObjectFile
from analyzer.tree.source_tree import DirectoryTree

C = "int x;\n"


def test_built_in_module_and_absent() -> None:
    files = {
        "Kbuild": "obj-y += mm/\n",
        "mm/Makefile": "mmu-$(CONFIG_MMU) := memory.o\nobj-y := slab.o $(mmu-y)\n"
        "obj-$(CONFIG_T) += test.o\nobj-m += slab.o\n",
        "mm/slab.c": C,
        "mm/memory.c": C,
        "mm/test.c": C,
    }
    built = model(files, "MMU=y T=m", "T=y", "MMU=y")
    assert masks(built.objects()) == {
        "mm/slab.o": (0b111, 0),
        "mm/memory.o": (0b101, 0),
        "mm/test.o": (0b010, 0b001),
    }
    test = built.object("mm/test.o")
    assert test is not None
    assert test.images == (Masked(0b010, "vmlinux"), Masked(0b001, "mm/test"))
    assert test.governed_by == ("T",)
    assert "-DMODULE" in flags_of(test, 0)
    assert "-DMODULE" not in flags_of(test, 1)


def test_directories_conjoin_conditions() -> None:
    files = {
        "Kbuild": "obj-$(CONFIG_A) += fs/\n",
        "fs/Makefile": "obj-$(CONFIG_B) += deep/\nobj-y += top.o\n",
        "fs/top.c": C,
        "fs/deep/Kbuild": "obj-y += a.o\nobj-m += b.o\n",
        "fs/deep/Makefile": "obj-y += ignored.o\n",
        "fs/deep/a.c": C,
        "fs/deep/b.c": C,
    }
    built = model(files, "A=y B=y", "A=m B=y", "A=y B=m", "B=y")
    assert masks(built.objects()) == {
        "fs/top.o": (0b0101, 0),
        "fs/deep/a.o": (0b0001, 0),
        "fs/deep/b.o": (0, 0b0111),
    }
    deep = built.object("fs/deep/a.o")
    assert deep is not None
    assert deep.governed_by == ("A", "B")


def test_composites_and_module_names() -> None:
    files = {
        "Kbuild": "obj-y += d/\n",
        "d/Makefile": "obj-$(CONFIG_D) += my-mod.o other.o\n"
        "my-mod-y := core.o\nmy-mod-$(CONFIG_X) += extra.o\nother-objs := core.o\n"
        "obj-y += plain-one.o\nplain-one-$(CONFIG_NEVER) += part.o\n",
        "d/core.c": C,
        "d/extra.c": C,
        "d/part.c": C,
        "d/plain-one.c": C,
    }
    built = model(files, "D=m X=y", "D=y", "D=m NEVER=y")
    assert masks(built.objects()) == {
        "d/core.o": (0b010, 0b101),
        "d/extra.o": (0, 0b001),
        "d/part.o": (0b100, 0),
    }
    core = built.object("d/core.o")
    assert core is not None
    assert core.images == (
        Masked(0b010, "vmlinux"),
        Masked(0b101, "d/my-mod"),
        Masked(0b101, "d/other"),
    )
    assert core.modname == (Masked(0b111, "my_mod:other"),)
    extra = built.object("d/extra.o")
    assert extra is not None
    assert extra.modname == (Masked(0b001, "my_mod"),)
    assert '-DKBUILD_MODNAME="my_mod"' in flags_of(extra)


def test_library_objects() -> None:
    files = {
        "Kbuild": "obj-y += lib/ fs/\n",
        "lib/Makefile": "lib-y += string.o both.o\nobj-y += both.o\n",
        "lib/string.c": C,
        "lib/both.c": C,
        "fs/Makefile": "lib-y += lost.o\n",
        "fs/lost.c": C,
    }
    built = model(files, "A=y")
    by_path = {each.path: each for each in built.objects()}
    assert by_path["lib/string.o"].library
    assert by_path["lib/string.o"].images == (Masked(1, "vmlinux"),)
    assert not by_path["lib/both.o"].library
    assert by_path["fs/lost.o"].images == ()


def test_flags_per_object_and_directory() -> None:
    files = {
        "Kbuild": "obj-y += mm/\n",
        "mm/Makefile": "obj-y += a.o b.o c.o sub/\n"
        "CFLAGS_a.o := -DONLY_A -I$(src)/inc -include x.h -Wall -D'SPACED(x)=a b'\n"
        "CFLAGS_REMOVE_b.o = -pg\n"
        "ccflags-$(CONFIG_D) += -DDIRECTORY\nsubdir-ccflags-y += -DBELOW\n"
        "KASAN_SANITIZE_b.o := n\n",
        "mm/a.c": C,
        "mm/b.c": C,
        "mm/c.S": "",
        "mm/sub/Makefile": "obj-y := e.o\nKASAN_SANITIZE := n\n",
        "mm/sub/e.c": C,
    }
    built = model(files, "D=y", "KASAN=y")
    common = ["-Iinclude", "-D__KERNEL__", "-O2"]
    assert flags_of(built.object("mm/a.o"), 0) == [
        *common,
        "-pg",
        "-DBELOW",
        "-DDIRECTORY",
        "-DONLY_A",
        "-Imm/inc",
        "-include x.h",
        "-DSPACED(x)=a b",
        '-DKBUILD_MODNAME="a"',
    ]
    kasan = "-fsanitize=kernel-address"
    assert kasan in flags_of(built.object("mm/a.o"), 1)
    assert flags_of(built.object("mm/b.o"), 1) == [
        *common,
        "-DBELOW",
        '-DKBUILD_MODNAME="b"',
    ]
    assert flags_of(built.object("mm/c.o")) == ["-Iinclude", "-D__KERNEL__", "-D__ASSEMBLY__"]
    below = flags_of(built.object("mm/sub/e.o"), 1)
    assert "-DBELOW" in below
    assert kasan not in below


def test_stand_alone_images() -> None:
    files = {
        "Kbuild": "obj-y += arch/x86/\n",
        "arch/x86/Kbuild": "obj-$(CONFIG_V) += vdso/\n",
        "arch/x86/vdso/Makefile": "obj-y += image-64.o\n"
        "vobjs-y := note.o time.o\nvobjs := $(addprefix $(obj)/,$(vobjs-y))\n"
        "hostprogs := maker\n"
        "$(obj)/image-%.c: $(obj)/vdso%.so $(obj)/maker FORCE\n\t$(call if_changed,make)\n"
        "$(obj)/vdso64.so: $(src)/v.lds $(vobjs) FORCE\n\t$(call if_changed,ld)\n"
        "$(vobjs): KBUILD_CFLAGS := $(filter-out -pg,$(KBUILD_CFLAGS)) -m64\n",
        "arch/x86/vdso/v.lds": "",
        "arch/x86/vdso/note.S": "",
        "arch/x86/vdso/time.c": C,
        "arch/x86/boot/Makefile": "KBUILD_CFLAGS := -m16\nsetup-y := main.o\n"
        "setup-$(CONFIG_E) += early.o\n"
        "$(obj)/image: $(obj)/setup.elf $(obj)/sub/packed\n\tcat $^ > $@\n"
        "$(obj)/setup.elf: $(addprefix $(obj)/,$(setup-y)) FORCE\n\t$(call if_changed,ld)\n"
        "$(obj)/sub/packed: FORCE\n\t$(Q)$(MAKE) $(build)=$(obj)/sub $@\n"
        "$(obj)/early.o: $(srctree)/lib/early.c FORCE\n\t$(call if_changed_rule,cc_o_c)\n",
        "arch/x86/boot/main.c": C,
        "lib/early.c": C,
        "arch/x86/boot/sub/Makefile": "$(obj)/packed: $(obj)/p.o\n\t$(LD) -o $@ $^\n",
        "arch/x86/boot/sub/p.c": C,
    }
    built = model(files, "V=y E=y", "V=y", "E=y")
    vdso, setup = "arch/x86/vdso/vdso64.so", "arch/x86/boot/setup.elf"
    images = {each.path: (each.built, each.images) for each in built.objects()}
    assert images == {
        "arch/x86/vdso/image-64.o": (0b011, (Masked(0b011, "vmlinux"),)),
        "arch/x86/vdso/note.o": (0b011, (Masked(0b011, vdso),)),
        "arch/x86/vdso/time.o": (0b011, (Masked(0b011, vdso),)),
        "arch/x86/boot/main.o": (0b111, (Masked(0b111, setup),)),
        "arch/x86/boot/early.o": (0b101, (Masked(0b101, setup),)),
        "arch/x86/boot/sub/p.o": (0b111, (Masked(0b111, "arch/x86/boot/sub/packed"),)),
    }
    assert flags_of(built.object("arch/x86/vdso/time.o")) == [
        "-Iinclude",
        "-D__KERNEL__",
        "-O2",
        "-m64",
        '-DKBUILD_MODNAME="time"',
    ]
    assert "-m16" in flags_of(built.object("arch/x86/boot/sub/p.o"))
    (early,) = built.objects_of_source("lib/early.c")
    assert early.path == "arch/x86/boot/early.o"


def test_lazy_answers_are_those_of_the_whole_tree() -> None:
    files = {
        "Kbuild": "obj-y += a/ b/\n",
        "a/Makefile": "obj-y += one.o ../c/far.o\n",
        "a/one.c": C,
        "c/far.c": C,
        "b/Makefile": "$(error must not be read)\nobj-y += two.o\n",
        "b/two.c": C,
    }
    said = Diagnostics()
    built = model(files, "A=y", diagnostics=said)
    assert [each.path for each in built.objects_in_directory("a")] == ["a/one.o"]
    assert len(said) == 0
    assert [each.path for each in built.objects_of_source("c/far.c")] == ["c/far.o"]
    assert [each.code for each in said] == ["kbuild-error"]
    assert built.object("none.o") is None
    assert built.objects_of_source("a/none.c") == ()


def test_why_a_source_is_absent() -> None:
    files = {
        "Kbuild": "obj-$(CONFIG_FS) += fs/\nobj-y += mm/\n",
        "mm/Makefile": "ifdef CONFIG_MMU\nobj-$(CONFIG_R) += reclaim.o\nendif\n"
        "obj-$(CONFIG_M) += mod.o\nmod-y := a.o\nmod-$(CONFIG_P) += part.o\nobj-y += always.o\n",
        "mm/reclaim.c": C,
        "mm/always.c": C,
        "mm/part.c": C,
        "mm/a.c": C,
        "fs/Makefile": "obj-$(CONFIG_EXT) += ext.o\n",
        "fs/ext.c": C,
    }
    built = model(files, "MMU=y", "MMU=y R=y", "M=y", "M=m P=y")

    def why(source: str) -> dict[str, int]:
        return {each.symbol: each.mask for each in built.why_absent(source)}

    assert why("mm/reclaim.c") == {"MMU": 0b1100, "R": 0b1101}
    assert why("mm/part.c") == {"M": 0b0011, "P": 0b0111}
    assert why("fs/ext.c") == {"FS": 0b1111, "EXT": 0b1111}
    assert why("mm/always.c") == {}
    assert why("mm/unknown.c") == {}


def test_missing_source_and_makefile_are_reported() -> None:
    said = Diagnostics()
    files = {"Kbuild": "obj-y += mm/ gone/\n", "mm/Makefile": "obj-y += none.o\n"}
    built = model(files, "A=y", diagnostics=said)
    assert built.objects() == ()
    assert sorted(each.code for each in said) == ["kbuild-no-makefile", "kbuild-no-source"]


def test_a_source_in_the_kernel_and_the_boot_image() -> None:
    files = {
        "Kbuild": "obj-y += lib/\n",
        "lib/Makefile": "obj-y += both.o\n",
        "lib/both.c": C,
        "arch/x86/boot/Makefile": "$(obj)/image: $(obj)/own.o\n\t$(LD) $^\n"
        "$(obj)/own.o: $(srctree)/lib/both.c\n\t$(call if_changed_rule,cc_o_c)\n",
    }
    found = model(files, "A=y").objects_of_source("lib/both.c")
    assert [each.path for each in found] == ["lib/both.o", "arch/x86/boot/own.o"]


def test_derived_objects_pass_their_image_on() -> None:
    files = {
        "Kbuild": "obj-y += d/\n",
        "d/Makefile": "obj-y := a.pi.o\n$(obj)/%.pi.o: $(obj)/%.o\n\t$(call if_changed,copy)\n",
        "d/a.c": C,
    }
    (only,) = model(files, "A=y").objects()
    assert (only.path, only.images) == ("d/a.o", (Masked(1, "vmlinux"),))


def test_generated_sources() -> None:
    files = {
        "Kbuild": "obj-y += d/\n",
        "d/Makefile": "obj-y += keys.asn1.o tree.dtb.o map.o table.o\n"
        "$(obj)/table.c: $(src)/table.txt\n\t$(call cmd,table)\n",
        "d/keys.asn1": "",
        "d/tree.dts": "",
        "d/map.c_shipped": C,
        "d/table.txt": "",
    }
    said = Diagnostics()
    built = model(files, "A=y", diagnostics=said)
    assert {each.path: each.source for each in built.objects()} == {
        "d/keys.asn1.o": "d/keys.asn1.c",
        "d/tree.dtb.o": "d/tree.dtb.S",
        "d/map.o": "d/map.c",
        "d/table.o": "d/table.c",
    }
    assert len(said) == 0


def test_walking_a_part_first_changes_nothing() -> None:
    files = {
        "Kbuild": "obj-y += a/\n",
        "a/Makefile": "obj-y += one/ two/\n",
        "a/one/Makefile": "obj-y += one.o deep/\n",
        "a/one/one.c": C,
        "a/one/deep/Makefile": "obj-y += deep.o\n",
        "a/one/deep/deep.c": C,
        "a/two/Makefile": "obj-y += two.o\n",
        "a/two/two.c": C,
    }
    fresh = masks(model(files, "A=y").objects())
    walked = model(files, "A=y")
    assert walked.object("a/one/one.o") is not None
    assert masks(walked.objects()) == fresh
    assert len(fresh) == 3


def test_not_a_kernel_tree(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no top-level Makefile"):
        KbuildModel(DirectoryTree(tmp_path), "x86", config_set("A=y"), Diagnostics())


def test_objects_compare_by_their_flags() -> None:
    flags = (Masked(1, "-DX"),)
    first = ObjectFile("a.o", "a.c", 1, 0, (), (), flags)
    assert first == ObjectFile("a.o", "a.c", 1, 0, (), (), flags)
    assert first.built == 1


def test_where_a_kernel_of_the_architecture_is_built_from() -> None:
    files = {"Kbuild": "obj-y += a/\nobj-$(CONFIG_B) += b/\n", "a/Makefile": "", "b/Makefile": ""}
    found = model(files, "A=y")
    inside = ("a/x.c", "a/deep/x.h", "b/x.c", "arch/x86/x.S", "include/linux/x.h", "Makefile")
    outside = ("tools/x.c", "arch/arm/x.c", "scripts/Makefile.x", "ab/x.c", "Documentation/x.rst")
    assert [path for path in (*inside, *outside) if found.is_part(path)] == list(inside)


def test_a_source_that_a_makefile_lists_whatever_the_configuration() -> None:
    files = {
        "Kbuild": "obj-y += a/\n",
        "a/Makefile": "obj-$(CONFIG_B) += two.o\ntwo-y := main.o\n",
        "a/main.c": '#include "part.c"\n',
        "a/part.c": C,
    }
    found = model(files, "A=y")
    assert (found.lists("a/main.c"), found.lists("a/part.c")) == (True, False)
