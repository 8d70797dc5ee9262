"""The generators one by one: autoconf, feature masks, tick constants, hashes, versions."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.configset.configset import ConfigSet
from analyzer.configset.dotconfig import parse_dotconfig
from analyzer.errors import BadInput
from analyzer.generated.autoconf import Autoconf, autoconf_definitions
from analyzer.generated.cpufeatures import cpu_feature_masks
from analyzer.generated.extracts import hypercall_header, orc_hash_header
from analyzer.generated.syscalls import parse_options
from analyzer.generated.timeconst import timeconst_header
from analyzer.tree.source_tree import DirectoryTree
from analyzer.tree.version import kernel_version


def configs(*texts: str) -> ConfigSet:
    return ConfigSet.of(
        parse_dotconfig(text, f"{index}.config", str(index)) for index, text in enumerate(texts)
    )


def test_autoconf_writes_values_as_kconfig_does() -> None:
    found = autoconf_definitions(
        configs(
            "CONFIG_A=y\nCONFIG_B=m\nCONFIG_N=12\nCONFIG_H=0x1F\nCONFIG_BARE=1f\nCONFIG_D=10\n"
            'CONFIG_S="a \\"b\\" \\\\"\nCONFIG_NEG=-3\nCONFIG_HEXLESS=100\n',
            "CONFIG_A=m\n# CONFIG_B is not set\nCONFIG_N=12\nCONFIG_D=11\n",
        ),
        is_hex=lambda symbol: symbol == "HEXLESS",
    )
    assert {macro.name: macro.definitions for macro in found} == {
        "CONFIG_A": ((1, "1"),),
        "CONFIG_A_MODULE": ((2, "1"),),
        "CONFIG_B_MODULE": ((1, "1"),),
        "CONFIG_BARE": ((1, "0x1f"),),
        "CONFIG_D": ((1, "10"), (2, "11")),
        "CONFIG_H": ((1, "0x1F"),),
        "CONFIG_HEXLESS": ((1, "0x100"),),
        "CONFIG_N": ((3, "12"),),
        "CONFIG_NEG": ((1, "-3"),),
        "CONFIG_S": ((1, '"a \\"b\\" \\\\"'),),
    }


def test_autoconf_keeps_a_symbol_that_ends_in_module_apart() -> None:
    autoconf = Autoconf(configs("CONFIG_X=m\n", "CONFIG_X_MODULE=y\n", "CONFIG_X=y\n"))
    assert autoconf.definitions("CONFIG_X_MODULE") == ((2, "1"), (1, "1"))
    assert autoconf.definitions("CONFIG_X") == ((4, "1"),)
    assert autoconf.definitions("X") == ()
    assert [macro.name for macro in autoconf] == ["CONFIG_X", "CONFIG_X_MODULE"]


FEATURES = """\
#define NCAPINTS\t\t\t2\t   /* words */
#define X86_FEATURE_FPU\t\t( 0*32+ 0) /* "fpu" */
#define X86_FEATURE_VME\t\t( 0*32+ 1)
#define X86_FEATURE_LM\t\t( 1*32+29)
#define X86_BUG_F00F\t\tX86_BUG(0)
"""


def test_feature_masks_differ_word_by_word() -> None:
    header = cpu_feature_masks(
        "asm/masks.h",
        7,
        FEATURES,
        "cpufeatures.h",
        configs(
            "CONFIG_X86_REQUIRED_FEATURE_FPU=y\nCONFIG_X86_DISABLED_FEATURE_VME=y\n",
            "CONFIG_X86_REQUIRED_FEATURE_FPU=y\nCONFIG_X86_REQUIRED_FEATURE_LM=y\n",
            "CONFIG_X86_REQUIRED_FEATURE_FPU=y\nCONFIG_X86_DISABLED_FEATURE_VME=y\n",
        ),
    )
    [(mask, text)] = header.variants
    assert mask == 7
    assert "#define REQUIRED_MASK0 0x00000001U\n" in text
    assert "#define DISABLED_MASK1 0x00000000U\n" in text
    assert "#define DISABLED_MASK_BIT_SET(x) ((((x) >> 5) == 0 ? DISABLED_MASK0 : 0)" in text
    assert dict(header.parts) == {
        "asm/masks.h.parts/REQUIRED_MASK1": (
            (2, "#define REQUIRED_MASK1 0x20000000U\n"),
            (5, "#define REQUIRED_MASK1 0x00000000U\n"),
        ),
        "asm/masks.h.parts/DISABLED_MASK0": (
            (2, "#define DISABLED_MASK0 0x00000000U\n"),
            (5, "#define DISABLED_MASK0 0x00000002U\n"),
        ),
    }


def test_feature_masks_need_the_number_of_words() -> None:
    with pytest.raises(BadInput, match=r"cpufeatures\.h: no NCAPINTS"):
        cpu_feature_masks("h", 1, "", "cpufeatures.h", configs(""))


def macros(text: str) -> dict[str, str]:
    lines = (line.split(None, 2) for line in text.splitlines())
    return {line[1]: line[2] for line in lines if line[0] == "#define" and len(line) > 2}


@given(hz=st.integers(min_value=2, max_value=20_000), ticks=st.integers(0, 10_000_000))
def test_tick_constants_convert_exactly(hz: int, ticks: int) -> None:
    found = macros(timeconst_header(hz))
    for unit, per_second in (("MSEC", 1000), ("USEC", 10**6)):
        for name, ratio in (
            (f"HZ_TO_{unit}", Fraction(per_second, hz)),
            (f"{unit}_TO_HZ", Fraction(hz, per_second)),
        ):
            factor = int(found[f"{name}_MUL32"][6:-1], 16)
            adjust = int(found[f"{name}_ADJ32"][6:-1], 16)
            shift = int(found[f"{name}_SHR32"])
            assert 1 << 31 <= factor < 1 << 32
            assert factor == -(-ratio.numerator * (1 << shift) // ratio.denominator)
            small = ticks % 50_000
            exact = -(-small * ratio.numerator // ratio.denominator)
            if ratio.denominator == 1 or ratio < 1:
                assert (small * factor + adjust) >> shift == exact
            assert Fraction(int(found[f"{name}_NUM"]), int(found[f"{name}_DEN"])) == ratio


def test_tick_constants_of_a_common_rate() -> None:
    found = macros(timeconst_header(250))
    assert found["HZ_TO_MSEC_MUL32"] == "U64_C(0x80000000)"
    assert found["HZ_TO_MSEC_SHR32"] == "29"
    assert found["NSEC_TO_HZ_DEN"] == "4000000"
    assert "#error" in timeconst_header(1)


def test_orc_hash_takes_only_the_format() -> None:
    kept = "#define ORC_REG_SP 1\n#define ORC_TYPE_CALL 2\nstruct orc_entry {\n\ts16 a;\n} x;\n"
    source = "/* no */\n#define ORC_OTHER 3\n" + kept + "struct orc_header {\n}\n"
    digest = hashlib.sha1(kept.encode()).hexdigest()
    text = orc_hash_header(source)
    assert text.startswith("#define ORC_HASH 0x" + digest[:2] + ",0x")
    assert text.replace("0x", "").replace(",", "").split()[2] == digest


SCRIPT = """\
awk '$2 ~ /__GUEST_[a-z][a-z_0-9]*/ { v[$3] = $2 }
END { for (i in v) if (!(v[i] in v)) print "CALLME("substr(v[i], 9)")"}'
"""


def test_hypercalls_leave_out_what_has_another_name() -> None:
    first = "#define __GUEST_b 1\n#define __GUEST_UPPER 2\n# define __GUEST_arch_0 48\n"
    second = "#define __GUEST_a __GUEST_arch_0\n#define OTHER 3\n"
    assert hypercall_header(SCRIPT, [first, second]) == "CALLME(a)\nCALLME(b)\n"
    assert hypercall_header("echo", [first]) is None


def test_table_options() -> None:
    options = parse_options(["--abis", "a,b", "--emit-nr", "--prefix", '"c_"', "t.tbl", "o.h"])
    assert options is not None
    assert (options.abis, options.emit_count) == (frozenset({"a", "b"}), True)
    assert (options.prefix, options.table) == ("c_", "t.tbl")
    assert parse_options(["--new", "1", "t.tbl", "o.h"]) is None
    assert parse_options(["t.tbl"]) is None


@pytest.mark.parametrize(
    ("makefile", "expected", "code"),
    [
        ("VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 3\nEXTRAVERSION = -rc2\n", "6.1.3-rc2", 0x060103),
        ("VERSION = 7\nPATCHLEVEL = 2\nSUBLEVEL =\nEXTRAVERSION =\n", "7.2", 0x070200),
        ("VERSION := 4 # old\nPATCHLEVEL := 9\nSUBLEVEL := 337\n", "4.9.337", 0x0409FF),
    ],
)
def test_kernel_version(tmp_path: Path, makefile: str, expected: str, code: int) -> None:
    (tmp_path / "Makefile").write_text("# SPDX\n" + makefile)
    version = kernel_version(DirectoryTree(tmp_path))
    assert str(version) == expected
    assert version.code == code


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "not a kernel source tree: it is empty"),
        ({"a.c": ""}, "not a kernel source tree: it has no Makefile"),
        ({"Makefile": "all:\n"}, "the Makefile sets no VERSION"),
        ({"Makefile": "VERSION = 6\n"}, "the Makefile sets no PATCHLEVEL"),
        ({"Makefile": "VERSION =\nPATCHLEVEL = 1\n"}, "version is empty"),
        ({"Makefile": "\nVERSION = six\nPATCHLEVEL = 1\n"}, "Makefile:2: VERSION is no number"),
    ],
)
def test_what_is_no_kernel_tree(tmp_path: Path, files: dict[str, str], message: str) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(BadInput, match=message):
        kernel_version(DirectoryTree(tmp_path))
