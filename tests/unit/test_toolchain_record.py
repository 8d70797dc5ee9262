"""``kimpact toolchain record``: runs what a tree asks, when told to, and writes a profile."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.cli.main import main
from analyzer.kconfig.toolchain import load_toolchain

MAKEFILE = "VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 3\nEXTRAVERSION =\n"
KCONFIG = """
cc := $(shell,$(srctree)/scripts/cc-version.sh $(CC))
$(error-if,$(shell,test -n "$(cc)" || echo y),no compiler $(CC))
config CC_VERSION
	string
	default "$(cc)"
config ARCH_HAS
	def_bool $(shell,test "$SRCARCH" = x86 && echo y)
config HERE
	string
	default "$(shell,pwd && echo made > file)"
config LISTED
	def_bool $(shell,ls "$(shell,echo $(srctree)/scripts)" >/dev/null && echo y)
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "linux"
    files = {
        "Makefile": MAKEFILE,
        "Kconfig": KCONFIG,
        "arch/x86/Kconfig": "",
        "scripts/cc-version.sh": '#!/bin/sh\nexec "$1" --say-version\n',
        "scripts/Makefile.clang": "CLANG_FLAGS += -Werror=$(SRCARCH)\nCLANG_FLAGS += -b\n",
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (root / "scripts/cc-version.sh").chmod(0o755)
    return root


@pytest.fixture
def compiler(tmp_path: Path) -> Path:
    path = tmp_path / "mycc"
    path.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "mycc #1"\necho "My 70"\n')
    path.chmod(0o755)
    return path


def recorded(tree: Path, *options: str) -> int:
    return main(["toolchain", "record", "--kernel", str(tree), *options])


def test_nothing_runs_without_being_named(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert recorded(tree) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == (
        "kimpact: error: recording runs scripts of the tree and commands in its Kconfig files; "
        "--run-tree-scripts allows it\n"
    )


def test_the_answers_are_keyed_by_command_and_say_no_place(
    tree: Path, compiler: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(tree.rglob("*"))
    out = tmp_path / "profile.json"
    options = ("--run-tree-scripts", "--cc", str(compiler), "--tool", "NM=mynm", "-o", str(out))
    assert recorded(tree, *options) == 0
    assert capsys.readouterr().out == f"{out}\n"
    assert sorted(tree.rglob("*")) == before
    profile = load_toolchain(out)
    assert profile.name == "mycc 1"
    assert profile.environment["CC"] == str(compiler)
    assert profile.environment["LD"] == "ld"
    assert profile.environment["NM"] == "mynm"
    assert profile.environment["CC_VERSION_TEXT"] == "mycc 1"
    assert profile.assumed == ()
    answers = dict(profile.answers)
    assert answers.pop("pwd && echo made > file") != ""
    assert answers == {
        f"$(srctree)/scripts/cc-version.sh {compiler}": "My 70\n",
        'test -n "My 70" || echo y': "",
        'test "$SRCARCH" = x86 && echo y': "y\n",
        "echo $(srctree)/scripts": "$(srctree)/scripts\n",
        'ls "$(srctree)/scripts" >/dev/null && echo y': "y\n",
    }


def test_a_profile_recorded_with_clang_has_the_flags_of_the_tree(
    tree: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clang = tmp_path / "clang"
    clang.write_text("#!/bin/sh\necho my clang\n")
    clang.chmod(0o755)
    (tree / "Kconfig").write_text("v := $(shell,: $(CLANG_FLAGS))\n")
    assert recorded(tree, "--run-tree-scripts", "--llvm", "--cc", str(clang)) == 0
    shown = capsys.readouterr().out
    assert '[": -Werror=x86 -b", ""]' in shown
    assert '"AR": "llvm-ar"' in shown


def test_a_missing_compiler_is_what_the_tree_says_of_it(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert recorded(tree, "--run-tree-scripts", "--cc", "no-such-cc") == 2
    assert capsys.readouterr().err == "kimpact: error: Kconfig:3: no compiler no-such-cc\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--tool", "NM"), "'NM' is not of the form VAR=COMMAND"),
        (("--tool", "MAKE=gmake"), "MAKE names no tool; known are CC, LD, AR, NM, OBJCOPY"),
        (("--cc", " "), "an empty command for CC"),
        (("-o", "/nowhere/at/all"), "/nowhere/at/all: cannot be written: No such file"),
    ],
)
def test_what_cannot_be_used_is_one_line(
    tree: Path,
    compiler: Path,
    options: tuple[str, ...],
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert recorded(tree, "--run-tree-scripts", "--cc", str(compiler), *options) == 2
    shown = capsys.readouterr()
    assert message in shown.err
    assert shown.err.count("\n") == 1


def test_a_path_that_no_shell_takes_as_one_word_is_refused(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spaced = tree.rename(tree.parent / "my; linux")
    assert recorded(spaced, "--run-tree-scripts") == 2
    assert "do not take as one word" in capsys.readouterr().err
