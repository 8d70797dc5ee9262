"""Shell probes: profiles, what can be worked out without a shell, and what has no answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from kconfig_case import NO_TOOLCHAIN, lines_of, model_of, resolution_of, shown

from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput
from analyzer.kconfig.probes import Probes
from analyzer.kconfig.resolve import ProbePolicy
from analyzer.kconfig.toolchain import (
    BUNDLED,
    CLANG,
    GCC,
    SCHEMA,
    Toolchain,
    bundled_toolchain,
    load_toolchain,
    parse_toolchain,
)
from analyzer.location import Location

HERE = Location("Kconfig", 1)
SUCCESS = '{ %s; } >/dev/null 2>&1 && echo "y" || echo "n"'


@pytest.mark.parametrize(
    ("command", "output"),
    [
        ("set -- GCC 120200 && echo $1", "GCC\n"),
        ("set -- GCC 120200 && echo $2", "120200\n"),
        ("set -- GCC && echo $2", "\n"),
        ("expr 120200 / 10000", "12\n"),
        ("expr 1 + 2", "3\n"),
        (SUCCESS % "test 124 -ge 121", "y\n"),
        (SUCCESS % "[ 12 -lt 3 ]", "n\n"),
        (SUCCESS % 'test "GCC" = Clang', "n\n"),
        (SUCCESS % 'test -z ""', "y\n"),
        (SUCCESS % "test ! -n x", "n\n"),
        (SUCCESS % "test x -ge 121", "n\n"),
        (SUCCESS % "true", "y\n"),
    ],
)
def test_what_asks_nothing_of_the_machine_is_worked_out(command: str, output: str) -> None:
    diagnostics = Diagnostics()
    assert Probes(NO_TOOLCHAIN, diagnostics).answer(command, None, HERE) == output
    assert len(diagnostics) == 0


@pytest.mark.parametrize(
    ("command", "output"),
    [
        ("gcc -print-file-name=plugin", ""),
        (SUCCESS % "test -e /etc/passwd", "n"),
        (SUCCESS % "test 1 = $(id)", "n"),
        (SUCCESS % "test 1 = 1 | cat", "n"),
        ('{ command -v gcc; } >/dev/null 2>&1 && echo "n" || echo "y"', "n"),
        ('{ gcc -m32; } >/dev/null 2>&1 && echo "-m32" || echo ""', ""),
        ("set -- `id` && echo $1", ""),
        ("expr 1 / 0", ""),
    ],
)
def test_what_has_no_answer_counts_as_failed_and_is_said(command: str, output: str) -> None:
    diagnostics = Diagnostics()
    probes = Probes(NO_TOOLCHAIN, diagnostics)
    assert probes.answer(command, "CC_HAS_X", HERE) == output
    assert probes.answer(command, "OTHER", HERE) == output
    assert [(item.code, item.location) for item in diagnostics] == [("probe-unanswered", HERE)]
    assert "CONFIG_CC_HAS_X" in next(iter(diagnostics)).message


def test_a_profile_answers_and_says_which_symbols_follow() -> None:
    toolchain = Toolchain("t", {"probe $(srctree)/x.sh gcc": "y\n", "version": "12\n13\n"}, {})
    model = model_of(
        """
        cc := gcc
        config A
            def_bool $(shell,probe $(srctree)/x.sh $(cc))
        config V
            string
            default "$(shell,version)"
        """,
        toolchain,
    )
    assert lines_of(model, "A=n V=9") == ['A=y V="12 13"']


def test_error_if_is_a_remark_when_an_answer_is_missing() -> None:
    diagnostics = Diagnostics()
    model_of(
        "v := $(shell,cc --version)\n$(error-if,y,no compiler)\n$(warning-if,y,hm)\n",
        diagnostics=diagnostics,
    )
    codes = [item.code for item in diagnostics]
    assert codes == ["probe-unanswered", "kconfig-error-if", "kconfig-warning-if"]


def test_without_answers_numbers_are_zero_and_conditions_fail() -> None:
    model = model_of("""
        config V
            int
            default $(shell,version)
        config B
            bool "b"
            depends on $(shell,works)
        """)
    assert lines_of(model, "B=y") == ["V=0"]


def test_bundled_profiles_are_whole() -> None:
    for name in BUNDLED:
        toolchain = bundled_toolchain(name)
        assert toolchain.name == name
        assert toolchain.answers
        assert toolchain.environment["CC_VERSION_TEXT"]
        assert all("$(srctree)" in c or "/scripts/" not in c for c in toolchain.answers)
    assert bundled_toolchain(GCC).environment["CC"] == "gcc"
    assert bundled_toolchain(CLANG).environment["LD"] == "ld.lld"


def test_an_unknown_bundled_profile_is_refused() -> None:
    with pytest.raises(BadInput, match="bundled are"):
        bundled_toolchain("tcc")


def test_environment_is_read_off_the_commands() -> None:
    answers = [
        ["$(srctree)/scripts/cc-version.sh clang-15", "Clang 150000\n"],
        ["$(srctree)/scripts/as-version.sh clang-15 --target=x -Werror=a", "LLVM 0\n"],
        ["$(srctree)/scripts/as-version.sh clang-15 --target=x -Werror=a -Werror=b", "LLVM 0\n"],
        ["$(srctree)/scripts/ld-version.sh ld.lld-15", "LLD 150000\n"],
        ["$(srctree)/scripts/pahole-version.sh pahole", "125\n"],
        ["{ llvm-nm --help | head; }", ""],
    ]
    text = json.dumps({"schema": SCHEMA, "answers": answers})
    toolchain = parse_toolchain(text, "mine.json", "mine")
    environment = toolchain.environment
    assert environment["CC"] == "clang-15"
    assert environment["LD"] == "ld.lld-15"
    assert environment["NM"] == "llvm-nm"
    assert environment["PAHOLE_VERSION"] == "125"
    assert "CC_VERSION_TEXT" not in environment
    assert toolchain.clang_flags("-Werror=a is used") == "--target=x -Werror=a"
    assert toolchain.clang_flags("-Werror=a -Werror=b") == "--target=x -Werror=a -Werror=b"
    assert NO_TOOLCHAIN.clang_flags("anything") == ""


def test_version_texts_of_the_same_compiler_are_assumed_and_said() -> None:
    known = bundled_toolchain(GCC)
    answers = [[c, o] for c, o in known.answers.items()]
    text = json.dumps({"schema": SCHEMA, "answers": answers})
    toolchain = parse_toolchain(text, "mine.json", "mine")
    assert toolchain.environment["CC_VERSION_TEXT"] == known.environment["CC_VERSION_TEXT"]
    assert "CC_VERSION_TEXT" in toolchain.assumed
    diagnostics = Diagnostics()
    model_of("", toolchain, diagnostics)
    assert [item.code for item in diagnostics] == ["toolchain-assumed"]
    newer = [[c, o.replace("120200", "140200")] for c, o in answers]
    text = json.dumps({"schema": SCHEMA, "answers": newer})
    assert "CC_VERSION_TEXT" not in parse_toolchain(text, "f", "mine").environment


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "no JSON"),
        ("{\n\n]", "no JSON"),
        ("[]", "schema"),
        ('{"schema": "kimpact/toolchain/2", "answers": []}', "schema"),
        ('{"schema": "kimpact/toolchain/1"}', "answers"),
        ('{"schema": "kimpact/toolchain/1", "answers": [["a"]]}', "answers"),
        ('{"schema": "kimpact/toolchain/1", "answers": {"a": "b"}}', "answers"),
        ('{"schema": "kimpact/toolchain/1", "answers": [], "environment": {"A": 1}}', "environ"),
        ('{"schema": "kimpact/toolchain/1", "answers": [], "name": 1}', "name"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_a_profile_of_another_shape_is_refused(tmp_path: Path, text: str, part: str) -> None:
    path = tmp_path / "profile.json"
    path.write_text(text)
    with pytest.raises(BadInput, match=part) as caught:
        load_toolchain(path)
    assert caught.value.file == str(path)


def test_a_profile_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        load_toolchain(tmp_path / "none.json")
    with pytest.raises(BadInput, match="cannot be read"):
        load_toolchain(tmp_path)


RECORDED = """
config CC_VERSION
	int
	default $(shell,cc-version)
config CC_HAS_A
	def_bool $(shell,has-a)
config NEEDS_B
	bool "b"
	depends on $(shell,has-b)
config EITHER
	def_bool ($(shell,has-a) && X) || ($(shell,has-c) && !X)
config X
	bool "x"
config C
	bool "c" if $(shell,has-c)
config D
	bool "d" if $(shell,has-d)
"""
ANSWERS = {
    "cc-version": "12\n",
    "has-a": "y\n",
    "has-b": "n\n",
    "has-c": "n\n",
    "has-d": "y\n",
}
OTHER = {"cc-version": "9\n", "has-a": "n\n", "has-b": "y\n", "has-c": "y\n", "has-d": "n\n"}


def test_a_configuration_keeps_the_toolchain_it_records() -> None:
    mine = model_of(RECORDED, Toolchain("mine", ANSWERS, {}))
    other = model_of(RECORDED, Toolchain("other", OTHER, {}))
    text = resolution_of(other, "NEEDS_B=y C=y").text(0)
    assert shown(text) == "CC_VERSION=9 NEEDS_B=y EITHER=y X=n C=y"
    kept = resolution_of(mine, text, policy=ProbePolicy.RECORDED)
    assert kept.text(0) == text
    assert shown(resolution_of(mine, text).text(0)) == "CC_VERSION=12 CC_HAS_A=y X=n D=n"


def test_a_fragment_takes_the_profile_and_evidence_of_its_lines() -> None:
    mine = model_of(RECORDED, Toolchain("mine", ANSWERS, {}))
    fragment = resolution_of(mine, "NEEDS_B=y", "X=y", policy=ProbePolicy.RECORDED)
    assert shown(fragment.text(0)) == "CC_VERSION=12 CC_HAS_A=y NEEDS_B=y X=n D=n"
    assert shown(fragment.text(1)) == "CC_VERSION=12 CC_HAS_A=y EITHER=y X=y D=n"


def test_a_configuration_of_another_kernel_version_is_not_complete() -> None:
    mine = model_of(RECORDED, Toolchain("mine", ANSWERS, {}))
    heading = "#\n# Linux/x86 5.4.1 Kernel Configuration\n#\nCONFIG_CC_VERSION=9\n"
    kept = resolution_of(mine, heading, policy=ProbePolicy.RECORDED)
    assert shown(kept.text(0)) == "CC_VERSION=9 CC_HAS_A=y X=n D=n"
    same = heading.replace("5.4.1", "6.12.99")
    kept = resolution_of(mine, same, policy=ProbePolicy.RECORDED)
    assert shown(kept.text(0)) == "CC_VERSION=9 X=n"
