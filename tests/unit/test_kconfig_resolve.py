"""Completing files, checking configurations, and saying why a symbol has its value."""

from __future__ import annotations

import json
import lzma
from pathlib import Path

import pytest
from kconfig_case import NO_TOOLCHAIN, model_of, resolution_of, shown, tree_of

from analyzer.configset.configset import ConfigSet
from analyzer.configset.configurations import Configurations
from analyzer.configset.dotconfig import parse_dotconfig
from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput, InternalError
from analyzer.kconfig.check import CheckReport, check_configs
from analyzer.kconfig.explain import reasons, why
from analyzer.kconfig.resolve import resolve_files, suitable_toolchain
from analyzer.kconfig.toolchain import CLANG, GCC, Toolchain

KCONFIG = """
config A
	bool "a"
config B
	bool "b"
	depends on A
	default y
config S
	string "s"
	default "text"
"""


def test_files_are_completed_under_their_own_names(tmp_path: Path) -> None:
    plain, packed = tmp_path / "one.config", tmp_path / "two.config.xz"
    plain.write_text("CONFIG_A=y\n")
    packed.write_bytes(lzma.compress(b"# CONFIG_A is not set\n"))
    diagnostics = Diagnostics()
    out = tmp_path / "new" / "folder"
    written = resolve_files(
        tree_of(KCONFIG), "x86", None, [plain, packed], out, diagnostics=diagnostics
    )
    assert written == (out / "one.config", out / "two.config")
    assert shown(written[0].read_text()) == 'A=y B=y S="text"'
    assert shown(written[1].read_text()) == 'A=n S="text"'
    assert [item.code for item in diagnostics] == ["toolchain-bundled"]


def test_one_file_is_written_to_a_file_or_into_a_folder(tmp_path: Path) -> None:
    source = tmp_path / "x.config"
    source.write_text("CONFIG_A=y\n")
    target = tmp_path / "out.config"
    arguments = (tree_of(KCONFIG), "x86", NO_TOOLCHAIN, [source])
    assert resolve_files(*arguments, target, diagnostics=Diagnostics()) == (target,)
    folder = tmp_path / "folder"
    folder.mkdir()
    inside = resolve_files(*arguments, folder, diagnostics=Diagnostics())
    assert inside == (folder / "x.config",)
    assert inside[0].read_text() == target.read_text()


def test_what_cannot_be_read_or_written_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "x.config"
    source.write_text("CONFIG_A=y\n")
    other = tmp_path / "other"
    other.mkdir()
    (other / "x.config.gz").write_text("CONFIG_A=y\n")
    tree = tree_of(KCONFIG)
    diagnostics = Diagnostics()
    with pytest.raises(BadInput, match="would be written as x"):
        resolve_files(
            tree, "x86", None, [source, other / "x.config.gz"], other, diagnostics=diagnostics
        )
    with pytest.raises(BadInput, match="cannot be written"):
        resolve_files(tree, "x86", None, [source], source / "below" / "x", diagnostics=diagnostics)
    with pytest.raises(BadInput, match="no such configuration"):
        resolve_files(
            tree, "x86", None, [tmp_path / "none"], other / "out", diagnostics=diagnostics
        )


def test_the_suitable_profile_is_that_of_most_configurations() -> None:
    clang = parse_dotconfig("CONFIG_CC_IS_CLANG=y\n", "a", "a")
    gcc = parse_dotconfig("CONFIG_CC_IS_GCC=y\n", "b", "b")
    assert suitable_toolchain(Configurations([clang])).name == CLANG
    assert suitable_toolchain(Configurations([clang, gcc])).name == GCC
    assert suitable_toolchain(Configurations([])).name == GCC


def test_check_names_the_symbols_that_would_change() -> None:
    texts = {
        "good": 'CONFIG_A=y\nCONFIG_B=y\nCONFIG_S="text"\n',
        "unset": '# CONFIG_A is not set\nCONFIG_S="text"\n',
        "bad": "CONFIG_B=y\nCONFIG_OLD=y\n",
        "also-bad": "CONFIG_B=y\nCONFIG_OLD=m\n# CONFIG_OLDER is not set\n",
        "odd": 'CONFIG_A=m\nCONFIG_S="other"\n',
    }
    configs = [parse_dotconfig(text, name, name) for name, text in texts.items()]
    report = check_configs(tree_of(KCONFIG), "x86", NO_TOOLCHAIN, configs, Diagnostics())
    assert report.changed == (("A", 16), ("B", 12), ("OLD", 12), ("S", 12))
    assert report.types["S"].value == "string"
    again = CheckReport.from_data(json.loads(json.dumps(report.to_data())))
    assert again == report
    with pytest.raises(InternalError):
        CheckReport.from_data({"format": 0})
    diagnostics = Diagnostics()
    report.report(ConfigSet.of(configs), diagnostics)
    messages = [item.message for item in diagnostics]
    assert messages == [
        "odd: analysed as given, but 1 symbol differs from what the tree would make of it: A",
        "bad, also-bad: analysed as given, but 3 symbols differ from what the tree would make "
        "of it: B, OLD, S",
    ]


def test_check_of_many_configurations_is_said_in_one_line() -> None:
    report = CheckReport(tuple((f"S{n:02}", 1 << n) for n in range(1, 40)), {})
    names = [f"c{n}" for n in range(40)]
    diagnostics = Diagnostics()
    report.report(ConfigSet(names, names, {}), diagnostics)
    (message,) = [item.message for item in diagnostics]
    assert message.startswith("c1, c2, c3 and 36 more: analysed as given, but 39 symbols differ in")


def test_check_of_configurations_that_stay_says_nothing() -> None:
    diagnostics = Diagnostics()
    CheckReport((), {}).report(ConfigSet(["one"], ["one"], {}), diagnostics)
    assert not list(diagnostics)


def test_check_says_how_many_symbols_it_does_not_name() -> None:
    report = CheckReport(tuple((f"S{n:02}", 1) for n in range(20)), {})
    diagnostics = Diagnostics()
    report.report(ConfigSet(["one"], ["one"], {}), diagnostics)
    message = next(iter(diagnostics)).message
    assert "20 symbols differ" in message
    assert message.endswith("S11 and 8 more")


WHY = """\
config A
	bool "a"
config SEL
	bool "sel"
	select TARGET
config TARGET
	bool
config LONELY
	bool
config DEP
	bool "dep"
	depends on A && !SEL
if A
config INNER
	def_bool y
endif
config DEF
	def_bool y if A
config OFF
	bool "off"
choice
	prompt "c"
config ONE
	bool "one"
config TWO
	bool "two"
endchoice
config ASK
	bool "ask" if A
config NUM
	int "num"
	default 4
config TEXT
	string
	depends on A
config IMP
	bool "imp"
config IMPLIES
	def_bool A
	imply IMP
config CMP
	bool "cmp"
	depends on NUM > 10 || TEXT = "x"
config PROBED
	def_bool $(shell,has-it)
"""


@pytest.mark.parametrize(
    ("config", "name", "expected"),
    [
        ("", "A", "neither set nor on by default at Kconfig:2"),
        ("A=n", "A", "not set in the configuration at Kconfig:2"),
        ("A=y", "A", "set in the configuration at Kconfig:2"),
        ("", "TARGET", "selected only by SEL, none of which does at Kconfig:5"),
        ("SEL=y", "TARGET", "selected by SEL at Kconfig:5"),
        ("", "LONELY", "nothing selects it and it has no default at Kconfig:8"),
        ("A=y SEL=y", "DEP", "depends on A && !SEL (SEL=y) at Kconfig:12"),
        ("", "DEP", "depends on A && !SEL (A=n) at Kconfig:12"),
        ("", "INNER", "depends on A (A=n) at Kconfig:13"),
        ("A=y", "INNER", "default y at Kconfig:15"),
        ("", "DEF", "default y if A (A=n) at Kconfig:18"),
        ("A=y", "DEF", "default y if A at Kconfig:18"),
        ("TWO=y", "ONE", "the choice takes TWO at Kconfig:21"),
        ("TWO=y", "TWO", "taken as configured in the choice at Kconfig:21"),
        ("", "ONE", "taken by default in the choice at Kconfig:21"),
        ("", "ASK", "cannot be set here (A=n) at Kconfig:29"),
        ("", "NUM", "default 4 at Kconfig:32"),
        ("NUM=7", "NUM", "set in the configuration at Kconfig:31"),
        ("", "TEXT", "depends on A (A=n) at Kconfig:35"),
        ("A=y", "IMP", "implied by IMPLIES at Kconfig:40"),
        ("NUM=8", "CMP", 'depends on NUM>10 || TEXT="x" (NUM=8, TEXT="") at Kconfig:43'),
        ("", "PROBED", "default $(shell,has-it) (the probe failed) at Kconfig:45"),
        ("", "NOBODY", "no Kconfig file of this architecture defines it"),
    ],
)
def test_why(config: str, name: str, expected: str) -> None:
    model = model_of(WHY, Toolchain("t", {"has-it": "n"}, {}))
    resolution = resolution_of(model, "A=y TWO=y", config)
    reason = why(resolution, name, 1)
    assert str(reason) == expected
    assert reason.value in ("n", "y", "4", "7", '""')


def test_reasons_of_a_configuration_as_given() -> None:
    config = parse_dotconfig("CONFIG_A=y\n", "c", "c")
    found = reasons(
        tree_of(KCONFIG), "x86", NO_TOOLCHAIN, config, ["A", "B"], diagnostics=Diagnostics()
    )
    assert [str(reason) for reason in found] == [
        "set in the configuration at Kconfig:3",
        "default y at Kconfig:7",
    ]
