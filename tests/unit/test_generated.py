"""Generated headers of miniature trees: wrappers, rules, masks, stand-ins, build folders."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from analyzer.configset.configset import ConfigSet
from analyzer.configset.dotconfig import parse_dotconfig
from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput
from analyzer.generated.headers import GeneratedHeaders
from analyzer.generated.offsets import Constant
from analyzer.tree.source_tree import DirectoryTree

ASM = "arch/x86/include/generated/asm/"
UAPI = "arch/x86/include/generated/uapi/asm/"
FIXTURE = Path(__file__).resolve().parents[2] / "fixtures" / "minikernel"

SYSCALL_MAKEFILE = """\
out := arch/$(SRCARCH)/include/generated/asm
uapi := arch/$(SRCARCH)/include/generated/uapi/asm
syscall64 := $(src)/syscall_64.tbl
syshdr := $(srctree)/scripts/syscallhdr.sh
systbl := $(srctree)/scripts/syscalltbl.sh
cmd_syshdr = $(CONFIG_SHELL) $(syshdr) --abis $(abis) --emit-nr \\
    $(if $(offset),--offset $(offset)) $(if $(prefix),--prefix $(prefix)) $< $@
cmd_systbl = $(CONFIG_SHELL) $(systbl) --abis $(abis) $< $@
$(uapi)/unistd_x32.h: abis := common,x32
$(uapi)/unistd_x32.h: offset := __X32_SYSCALL_BIT
$(uapi)/unistd_x32.h: $(syscall64) $(syshdr) FORCE
\t$(call if_changed,syshdr)
$(out)/unistd_64_x32.h: abis := x32
$(out)/unistd_64_x32.h: prefix := x32_
$(out)/unistd_64_x32.h: $(syscall64) $(syshdr) FORCE
\t$(call if_changed,syshdr)
$(out)/syscalls_64.h: abis := common,64
$(out)/syscalls_64.h: $(syscall64) $(systbl) FORCE
\t$(call if_changed,systbl)
made-y += unistd_x32.h
made-$(CONFIG_X86_64) += syscalls_64.h unistd_64_x32.h
made-y := $(addprefix $(out)/, $(made-y)) $(uapi)/unistd_x32.h
all: $(made-y)
"""

SYSCALL_TABLE = """\
# a comment
0\tcommon\tread\t\tsys_read
1\t64\twrite\t\tsys_write
3\tcommon\texit\t\tsys_exit\t-\tnoreturn
4\tcommon\topen\t\tsys_open\tcompat_sys_open
5\tcommon\told
512\tx32\treadv\t\tcompat_sys_readv
"""

BASE = {
    "Makefile": "VERSION = 6\nPATCHLEVEL = 9\nSUBLEVEL = 300\nEXTRAVERSION = -rc1\n",
    "arch/x86/Makefile": (
        "ifeq ($(CONFIG_X86_32),y)\nUTS_MACHINE := i386\nelse\nUTS_MACHINE := x86_64\nendif\n"
        "archheaders:\n\t$(Q)$(MAKE) $(build)=arch/x86/entry/syscalls all\n"
    ),
    "arch/x86/entry/syscalls/Makefile": SYSCALL_MAKEFILE,
    "arch/x86/entry/syscalls/syscall_64.tbl": SYSCALL_TABLE,
    "scripts/syscalltbl.sh": 'echo "__SYSCALL($nr, sys_missing)"\n',
    "scripts/syscallhdr.sh": "",
    "include/asm-generic/Kbuild": "mandatory-y += bug.h own.h\nmandatory-y += made.h\n",
    "include/uapi/asm-generic/Kbuild": "mandatory-y += errno.h\n",
    "arch/x86/include/asm/Kbuild": (
        "generated-y += made.h syscalls_64.h unistd_64_x32.h\n"
        "generic-y += extra.h\ngeneric-$(CONFIG_B) += sometimes.h\n"
    ),
    "arch/x86/include/asm/own.h": "",
    "arch/x86/include/uapi/asm/Kbuild": "generated-y += unistd_x32.h\n",
}


def headers(
    folder: Path, files: Mapping[str, str], *configs: str
) -> tuple[GeneratedHeaders, Diagnostics]:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    configset = ConfigSet.of(
        parse_dotconfig(text, f"{index}.config", str(index)) for index, text in enumerate(configs)
    )
    diagnostics = Diagnostics()
    return GeneratedHeaders(DirectoryTree(folder), "x86", configset, diagnostics), diagnostics


def codes(diagnostics: Diagnostics) -> list[str]:
    return [each.code for each in diagnostics]


def test_wrappers_are_made_for_generic_and_mandatory_headers(tmp_path: Path) -> None:
    provider, diagnostics = headers(tmp_path, BASE, "CONFIG_A=y\n", "CONFIG_B=y\n")
    assert provider.header(ASM + "bug.h") == ((3, "#include <asm-generic/bug.h>\n"),)
    assert provider.header(ASM + "extra.h") == ((3, "#include <asm-generic/extra.h>\n"),)
    assert provider.header(ASM + "sometimes.h") == ((2, "#include <asm-generic/sometimes.h>\n"),)
    assert provider.header(UAPI + "errno.h") == ((3, "#include <asm-generic/errno.h>\n"),)
    assert provider.header(ASM + "own.h") is None
    assert provider.header(ASM + "errno.h") is None
    assert provider.header("arch/arm/include/generated/asm/bug.h") is None
    assert not codes(diagnostics)


def test_um_has_no_mandatory_headers(tmp_path: Path) -> None:
    files = BASE | {"arch/um/include/asm/Kbuild": "generic-y += extra.h\n"}
    headers(tmp_path, files)
    provider = GeneratedHeaders(DirectoryTree(tmp_path), "um", ConfigSet.of([]), Diagnostics())
    configs = ConfigSet.of([parse_dotconfig("CONFIG_A=y\n", "c", "c")])
    provider = GeneratedHeaders(DirectoryTree(tmp_path), "um", configs, Diagnostics())
    assert provider.header("arch/um/include/generated/asm/bug.h") is None
    assert provider.header("arch/um/include/generated/asm/extra.h") is not None


def test_what_is_listed_but_has_no_known_rule_is_a_stand_in(tmp_path: Path) -> None:
    provider, diagnostics = headers(tmp_path, BASE, "CONFIG_A=y\n")
    assert provider.header("arch/x86/include/asm/made.h") is None
    assert provider.header(ASM + "made.h") == ((1, ""),)
    assert provider.header(ASM + "made.h") == ((1, ""),)
    assert codes(diagnostics) == ["stand-in-header"]


def test_system_call_headers_follow_their_rules(tmp_path: Path) -> None:
    provider, diagnostics = headers(tmp_path, BASE, "CONFIG_X86_64=y\n", "CONFIG_X86_32=y\n")
    assert provider.header(ASM + "syscalls_64.h") == (
        (
            1,
            "__SYSCALL(0, sys_read)\n__SYSCALL(1, sys_write)\n__SYSCALL(2, sys_missing)\n"
            "__SYSCALL_NORETURN(3, sys_exit)\n"
            "__SYSCALL_WITH_COMPAT(4, sys_open, compat_sys_open)\n"
            "__SYSCALL(5, sys_missing)\n",
        ),
    )
    numbers = provider.header(UAPI + "unistd_x32.h")
    assert numbers is not None
    [(mask, text)] = numbers
    assert mask == 3
    assert "#define __NR_open (__X32_SYSCALL_BIT + 4)\n" in text
    assert "__NR_write" not in text
    assert "#define __NR_syscalls 513\n" in text
    prefixed = provider.header(ASM + "unistd_64_x32.h")
    assert prefixed is not None
    assert prefixed[0][0] == 1
    assert "#define __NR_x32_readv 512\n" in prefixed[0][1]
    assert not codes(diagnostics)


def test_an_unsorted_table_is_bad_input_with_its_line(tmp_path: Path) -> None:
    table = "0 common read sys_read\n2 64 write sys_write\n1 64 open sys_open\n"
    files = BASE | {"arch/x86/entry/syscalls/syscall_64.tbl": table}
    provider, _ = headers(tmp_path, files, "CONFIG_X86_64=y\n")
    with pytest.raises(BadInput, match=r"syscall_64.tbl:3: .*not sorted"):
        provider.header(ASM + "syscalls_64.h")


def test_identity_headers(tmp_path: Path) -> None:
    files = BASE | {
        "init/Makefile": (
            "smp-flag-$(CONFIG_SMP) := SMP\n"
            "preempt-flag-$(CONFIG_PREEMPT_BUILD) := PREEMPT\n"
            "preempt-flag-$(CONFIG_PREEMPT_RT) := PREEMPT_RT\n"
            "$(obj)/utsversion-tmp.h: FORCE\n\t$(call filechk,uts_version)\n"
        ),
        "localversion-rt": "-rt1\n",
    }
    provider, diagnostics = headers(
        tmp_path,
        files,
        'CONFIG_SMP=y\nCONFIG_LOCALVERSION="-a"\nCONFIG_CC_VERSION_TEXT="gcc"\n',
        "CONFIG_X86_32=y\nCONFIG_PREEMPT_BUILD=y\nCONFIG_PREEMPT_RT=y\n"
        'CONFIG_CC_VERSION_TEXT="gcc"\nCONFIG_LOCALVERSION=""\n',
    )
    release = provider.header("include/generated/utsrelease.h")
    assert release is not None
    assert dict(release) == {
        1: '#define UTS_RELEASE "6.9.300-rc1-rt1-a"\n',
        2: '#define UTS_RELEASE "6.9.300-rc1-rt1"\n',
    }
    version = provider.header("include/generated/uapi/linux/version.h")
    assert version is not None
    assert f"#define LINUX_VERSION_CODE {0x0609FF}\n" in version[0][1]
    assert "LINUX_VERSION_MAJOR" not in version[0][1]
    compiled = provider.header("include/generated/compile.h")
    assert compiled is not None
    assert {mask: text.split('"')[1] for mask, text in compiled} == {1: "x86_64", 2: "i386"}
    build = provider.header("include/generated/utsversion.h")
    assert build is not None
    assert dict(build) == {
        1: '#define UTS_VERSION "#1 SMP"\n',
        2: '#define UTS_VERSION "#1 PREEMPT_RT"\n',
    }
    assert provider.header("init/utsversion-tmp.h") == build
    assert codes(diagnostics) == ["build-identity"] * 3


def test_a_release_from_a_repository_lacks_its_revision(tmp_path: Path) -> None:
    provider, diagnostics = headers(tmp_path, BASE | {".git/HEAD": ""}, "CONFIG_A=y\n")
    release = provider.header("include/generated/utsrelease.h")
    assert release == ((1, '#define UTS_RELEASE "6.9.300-rc1"\n'),)
    assert codes(diagnostics) == ["release-suffix"]


def test_rules_of_the_top_kbuild(tmp_path: Path) -> None:
    kbuild = (
        "filechk_gentimeconst = echo $(CONFIG_HZ) | bc -q $<\n"
        "include/generated/timeconst.h: kernel/time/timeconst.bc FORCE\n"
        "\t$(call filechk,gentimeconst)\n"
        "include/generated/bounds.h: kernel/bounds.s FORCE\n"
        "\t$(call filechk,offsets,__LINUX_BOUNDS_H__)\n"
    )
    files = BASE | {"Kbuild": kbuild, "kernel/bounds.c": ""}
    _, _ = headers(tmp_path, files, "CONFIG_A=y\n")
    configs = ConfigSet.of(
        parse_dotconfig(f"CONFIG_HZ={hz}\n", str(hz), str(hz)) for hz in (100, 100, 250)
    )
    asked: list[str] = []

    def constants(source: str) -> tuple[Constant, ...]:
        asked.append(source)
        return (
            Constant("SAME", ((7, 4),), source, 2),
            Constant("SPLIT", ((1, 8), (4, 9)), source, 3),
            Constant("ODD", ((3, 1), (4, None)), source, 4),
        )

    diagnostics = Diagnostics()
    provider = GeneratedHeaders(
        DirectoryTree(tmp_path), "x86", configs, diagnostics, offsets=constants
    )
    ticks = provider.header("include/generated/timeconst.h")
    assert ticks is not None
    assert [(mask, "#if HZ != 250" in text) for mask, text in ticks] == [(3, False), (4, True)]
    bounds = provider.header("include/generated/bounds.h")
    assert bounds is not None
    assert bounds == (
        (
            7,
            "#ifndef __LINUX_BOUNDS_H__\n#define __LINUX_BOUNDS_H__\n#define SAME 4\n"
            '#include "bounds.h.parts/SPLIT"\n#include "bounds.h.parts/ODD"\n#endif\n',
        ),
    )
    assert provider.header("include/generated/bounds.h.parts/SPLIT") == (
        (1, "#define SPLIT 8\n"),
        (4, "#define SPLIT 9\n"),
        (2, ""),
    )
    assert provider.header("include/generated/bounds.h.parts/ODD") == (
        (3, "#define ODD 1\n"),
        (4, ""),
    )
    assert provider.header("include/generated/bounds.h.parts/NONE") is None
    assert asked == ["kernel/bounds.c"]
    assert codes(diagnostics) == ["offset-undecided"]


def test_stand_ins_only_for_what_is_known_to_be_generated(tmp_path: Path) -> None:
    files = BASE | {
        "lib/Makefile": (
            "obj-y += crc.o\nclean-files := cleaned.h\n"
            "$(obj)/crctable.h: $(obj)/gen_crctable\n\t$(call cmd,crc32)\n"
        ),
        "crypto/x509.asn1": (
            "Name ::= CHOICE {\n -- ({ hidden })\n b BOOL ({ note_b }),\n a ({ do_a }) }\n"
        ),
        "crypto/seed.h_shipped": "#define SEED 1\n",
        "boot/Makefile": "obj-y += main.o\n",
        "boot/compressed/Makefile": "targets += ../voffset.h\n$(obj)/../voffset.h: vmlinux\n\tnm\n",
        "drm/Makefile": "$(obj)/generated/%_table.h: $(src)/%.xml\n\tgen $< $@\n",
        "drm/one.xml": "",
    }
    provider, diagnostics = headers(tmp_path, files, "CONFIG_A=y\n")
    assert provider.header("lib/crctable.h") == ((1, ""),)
    assert provider.header("lib/cleaned.h") == ((1, ""),)
    assert provider.header("lib/crc.h") is None
    assert provider.header("lib/other.h") is None
    assert provider.header("nowhere/other.h") is None
    assert provider.header("boot/voffset.h") == ((1, ""),)
    assert provider.header("boot/zoffset.h") is None
    assert provider.header("drm/generated/one_table.h") == ((1, ""),)
    assert provider.header("drm/generated/one_list.h") is None
    assert provider.header("drm/other/one_table.h") is None
    assert provider.stand_in("drm/generated/one_table.h") == 1
    assert provider.stand_in("crypto/seed.h") == 0
    assert provider.header("include/linux/list.h") is None
    assert provider.header("include/generated/uapi/linux/list.h") is None
    assert provider.header("include/generated/strange.h") == ((1, ""),)
    assert provider.header("include/generated/autoconf.h") == ((1, ""),)
    assert provider.header("crypto/seed.h") == ((1, "#define SEED 1\n"),)
    grammar = provider.header("crypto/x509.asn1.h")
    assert grammar is not None
    assert "extern const struct asn1_decoder x509_decoder;" in grammar[0][1]
    assert [line.split("(")[0] for line in grammar[0][1].splitlines()[2:]] == [
        "extern int do_a",
        "extern int note_b",
    ]
    table = provider.header("crypto/x509.asn1.c")
    assert table is not None
    assert "x509_action_table[] = {\n\tdo_a,\n\tnote_b,\n};" in table[0][1]
    assert provider.header("crypto/other.asn1.c") is None
    assert codes(diagnostics) == ["stand-in-header"] * 5
    assert [str(each.location) for each in diagnostics] == [
        "lib/Makefile:3",
        "lib/Makefile:2",
        "boot/compressed/Makefile:2",
        "drm/Makefile:1",
        "None",
    ]


def test_a_build_folder_comes_first(tmp_path: Path) -> None:
    tree, build = tmp_path / "tree", tmp_path / "build"
    headers(tree, BASE, "CONFIG_A=y\n")
    (build / "include/generated").mkdir(parents=True)
    (build / "include/generated/utsrelease.h").write_text('#define UTS_RELEASE "built"\n')
    (build / "include/generated/autoconf.h").write_text("#define CONFIG_A 1\n")
    configs = ConfigSet.of([parse_dotconfig("CONFIG_A=y\n", "c", "c")])
    diagnostics = Diagnostics()
    provider = GeneratedHeaders(
        DirectoryTree(tree), "x86", configs, diagnostics, objtree=DirectoryTree(build)
    )
    assert provider.header("include/generated/utsrelease.h") == (
        (1, '#define UTS_RELEASE "built"\n'),
    )
    assert provider.header("include/generated/autoconf.h") == ((1, ""),)
    assert provider.header(ASM + "bug.h") is not None
    assert codes(diagnostics) == ["objtree-header"]


def test_the_miniature_kernel_has_its_wrappers() -> None:
    configs = ConfigSet.of([parse_dotconfig("CONFIG_A=y\n", "c", "c")])
    provider = GeneratedHeaders(DirectoryTree(FIXTURE), "x86", configs, Diagnostics())
    for name in ("barrier.h", "table_debug.h"):
        assert provider.header(ASM + name) == ((1, f"#include <asm-generic/{name}>\n"),)
    assert provider.header(ASM + "page.h") is None
