"""Reading Kconfig files: places, errors, bounds, and that nothing outside is touched."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kconfig_case import NO_TOOLCHAIN, lines_of, model_of

from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput
from analyzer.kconfig.expressions import expression_text
from analyzer.kconfig.load import load
from analyzer.kconfig.model import SymbolType
from analyzer.kconfig.reader import MAX_BLOCKS
from analyzer.tree.source_tree import DirectoryTree


def refused(kconfig: str, **files: str) -> BadInput:
    with pytest.raises(BadInput) as caught:
        model_of(kconfig, **files)
    return caught.value


def test_places_are_exact_across_help_texts_continuations_and_files() -> None:
    model = model_of(
        """\
        config A
        \tbool "a"
        \thelp
        \t  A text

        \t  with an empty line.
        source "sub/Kconfig"
        config C
        \tbool "c"
        \tdepends on A && \\
        \t\t   B
        \tdefault y if A
        \ttransitional_is_no_keyword := x
        """,
        sub__Kconfig='\n\nconfig B\n\ttristate "b"\n\tselect A if m\n\trange 1 2\n',
    )
    a, b, c = (model.symbol(name) for name in "ABC")
    assert a is not None
    assert b is not None
    assert c is not None
    assert str(a.definitions[0].location) == "Kconfig:1"
    assert str(a.selects[0].location) == "sub/Kconfig:5"
    assert str(b.definitions[0].location) == "sub/Kconfig:3"
    assert str(b.prompts[0].location) == "sub/Kconfig:4"
    assert str(c.definitions[0].location) == "Kconfig:8"
    assert str(c.definitions[0].depends[0].location) == "Kconfig:10"
    assert str(c.defaults[0].location) == "Kconfig:12"
    assert model.files == ("Kconfig", "sub/Kconfig")


def test_inherited_conditions_keep_the_place_where_they_stand() -> None:
    model = model_of(
        """\
        config A
        \tbool "a"
        if A
        menu "m"
        \tdepends on B
        config B
        \tbool "b"
        endmenu
        endif
        """.replace("depends on B", "depends on !C")
    )
    symbol = model.symbol("B")
    assert symbol is not None
    places = [str(depends.location) for depends in symbol.definitions[0].depends]
    assert places == ["Kconfig:3", "Kconfig:5"]


@pytest.mark.parametrize(
    ("kconfig", "line", "part"),
    [
        ('config A\n\tbool "a"\n\tdepends on\n', 3, "depends on"),
        ("config A\n\tbool\n\tdepends on B &&\n", 3, "malformed expression"),
        ("config A\n\tbool\n\tdefault y if\n", 3, "malformed"),
        ('config A\n\tbool "a\n', 2, "unterminated"),
        ("config A\n\tbool\nendmenu\n", 3, "no corresponding 'menu'"),
        ('menu "m"\nconfig A\n\tbool\n', 1, "does not end"),
        ("config\n", 1, "symbol name"),
        ("config A B\n", 1, "extra tokens"),
        ("config A\n\tbool\n\tgibberish here\n", 3, "syntax error"),
        ('source "missing/Kconfig"\n', 1, "does not exist"),
        ("source missing\n", 1, "does not exist"),
        ("config A\n\tbool\n\tdepends on A if B if C\n", 3, "extra tokens"),
        ('menu "m"\n\tbool "x"\nendmenu\n', 2, "cannot have this property"),
        ('comment "m"\n\thelp\n\t  x\n', 2, "cannot have this property"),
        ("config A\n\tbool\n\tvisible if B\n", 3, "only a menu"),
        ("config A\n\tbool\n\tmodules\nconfig B\n\tbool\n\tmodules\n", 6, "redefines"),
        ("choice\n\tmodules\nendchoice\n", 2, "only a symbol"),
        ("config A\n\tstring\n\toption env=HOME\n", 3, "option"),
        ('osource "x"\n', 1, "not known"),
        ("config A\n\tbool\n\tdefault $(shell,x\n", 3, "parenthesis"),
        ("$(error-if,y,stop here)\n", 1, "stop here"),
        ("a = $(a)\nconfig A\n\tdefault $(a)\n", 3, "recursively"),
        ("config A\n\tdef_bool B\nconfig B\n\tdef_bool A\n", 1, "A -> B -> A"),
        ("config A\n\tbool\n\tselect B\nconfig B\n\tbool\n\tselect A\n", 1, "recursive dependency"),
        ("config A\n\tbool\n\ttransitional\n\tdefault y\n", 4, "transitional"),
    ],
)
def test_errors_name_file_and_line(kconfig: str, line: int, part: str) -> None:
    error = refused(kconfig)
    assert (error.file, error.line) == ("Kconfig", line)
    assert part in error.message
    assert "\n" not in str(error)


def test_an_error_in_a_sourced_file_names_that_file() -> None:
    error = refused('source "a/Kconfig"\n', a__Kconfig="\n\nendif\n")
    assert str(error).startswith("a/Kconfig:3: ")


def test_blocks_must_end_in_their_own_file() -> None:
    error = refused('source "a/Kconfig"\nendif\n', a__Kconfig="if y\n")
    assert (error.file, error.line) == ("a/Kconfig", 1)
    error = refused('if y\nsource "a/Kconfig"\n', a__Kconfig="endif\n")
    assert (error.file, error.line) == ("a/Kconfig", 1)


def test_endless_source_is_refused() -> None:
    error = refused('source "a/Kconfig"\n', a__Kconfig='source "b/Kconfig"\n',
                    b__Kconfig='\nsource "a/Kconfig"\n')  # fmt: skip
    assert (error.file, error.line) == ("b/Kconfig", 2)
    assert "recursion" in error.message


def test_a_file_may_be_sourced_twice_and_empty_files_are_files() -> None:
    model = model_of('source "a"\nif Y\nsource "a"\nendif\n', a='config X\n\tbool "x"\n')
    symbol = model.symbol("X")
    assert symbol is not None
    assert len(symbol.definitions) == 2


def test_growing_macros_are_bounded() -> None:
    lines = ["a0 := 0123456789abcdef"]
    lines += [f"a{n} := $(a{n - 1})$(a{n - 1})" for n in range(1, 40)]
    error = refused("\n".join(lines) + "\n")
    assert "expands to more than" in error.message


def test_a_huge_line_is_refused() -> None:
    error = refused("config A\n\tdefault " + "$(x)" * 3_000_000 + "\n")
    assert error.line == 2
    assert "a line of more than" in error.message
    assert len(str(error)) < 300


def test_deep_nesting_is_bounded() -> None:
    fits = "if y\n" * MAX_BLOCKS + "config A\n\tbool\n" + "endif\n" * MAX_BLOCKS
    assert model_of(fits).symbol("A") is not None
    error = refused("if y\n" * 3000)
    assert (error.message, error.line) == ("more than 100 blocks are nested", MAX_BLOCKS + 1)
    operands = " && ".join(["A"] * 150)
    assert model_of(f"config A\n\tbool\nconfig B\n\tdef_bool {operands}\n").symbol("B")
    for text in ("(" * 5000 + "B", "!" * 160 + "B", f"{operands} && {operands}"):
        error = refused(f"config A\n\tdepends on {text}\n")
        assert "an expression is nested too deeply, or of too many operands" in error.message
        assert error.line == 2
    chain = "".join(f"M{number + 1} = $(M{number})\n" for number in range(60))
    assert "more than 50 macros are nested" in refused(f"M0 = y\n{chain}Z := $(M60)\n").message


def test_macros_functions_and_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEAK", "leaked")
    model = model_of(
        """
        name := T$(blank)WO
        both = $(1)-$(2)
        config ONE
            string
            default "$(both,$(ARCH),$(SRCARCH)) $(KERNELVERSION) $(LEAK) $LEAK ${LEAK} \\$(x)"
        config $(name)
            def_bool $(yes)
        yes := y
        config LATER
            def_bool $(yes)
        config WHERE
            string
            default "$(filename):$(lineno)"
        """.replace("$(yes)\n        yes", "n\n        yes")
    )
    line = lines_of(model, "")[0]
    assert '"x86-x86 6.12.3  $LEAK ${LEAK} $(x)"' in line
    assert "TWO" in model.by_name
    assert line.endswith('LATER=y WHERE="Kconfig:14"')


def test_nothing_is_executed_or_imported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("a command was run")

    for module, name in ((subprocess, "Popen"), (os, "system"), (os, "popen"), (os, "execv")):
        monkeypatch.setattr(module, name, forbidden)
    (tmp_path / "kconfigfunctions.py").write_text("raise AssertionError('imported')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("KCONFIG_FUNCTIONS", "kconfigfunctions")
    diagnostics = Diagnostics()
    marker = tmp_path / "ran"
    model_of(f"config A\n\tdef_bool $(shell,touch {marker})\n", diagnostics=diagnostics)
    assert not marker.exists()
    assert "kconfigfunctions" not in sys.modules
    assert [item.code for item in diagnostics] == ["probe-unanswered"]


def test_files_outside_the_tree_are_not_read(tmp_path: Path) -> None:
    outside = tmp_path / "secret"
    outside.write_text('config SECRET\n\tbool "s"\n')
    tree = tmp_path / "tree"
    (tree / "arch/x86").mkdir(parents=True)
    (tree / "arch/x86/Kconfig").write_text("")
    (tree / "Makefile").write_text("VERSION = 6\nPATCHLEVEL = 1\n")
    (tree / "link").symlink_to(outside)
    for path in ("../secret", str(outside), "link"):
        (tree / "Kconfig").write_text(f'source "{path}"\n')
        with pytest.raises(BadInput, match="leads out of the tree: not read"):
            load(DirectoryTree(tree), "x86", NO_TOOLCHAIN, Diagnostics())


def test_missing_pieces_of_a_tree(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text("VERSION = 6\nPATCHLEVEL = 1\n")
    with pytest.raises(BadInput, match="no architecture 'x86'"):
        load(DirectoryTree(tmp_path), "x86", NO_TOOLCHAIN, Diagnostics())
    (tmp_path / "arch/x86").mkdir(parents=True)
    (tmp_path / "arch/x86/Kconfig").write_text("")
    with pytest.raises(BadInput, match="no Kconfig"):
        load(DirectoryTree(tmp_path), "x86", NO_TOOLCHAIN, Diagnostics())


def test_types_and_undefined_symbols() -> None:
    model = model_of("config A\n\tint\nconfig A\n\tbool\nconfig B\n\tdef_tristate NOWHERE\n")
    assert model.type_of("A") is SymbolType.INT
    assert model.type_of("B") is SymbolType.TRISTATE
    assert model.type_of("NOWHERE") is SymbolType.UNKNOWN
    assert model.type_of("NEVER_MENTIONED") is SymbolType.UNKNOWN


def test_two_prompts_in_one_entry_both_count() -> None:
    model = model_of("""
        config A
            bool "a"
        config B
            bool "first" if A
            prompt "second" if !A
        """)
    assert lines_of(model, "B=y", "A=y B=y") == ["A=n B=y", "A=y B=y"]


def test_depends_on_if_is_written_out() -> None:
    model = model_of("config A\n\tbool\n\tdepends on B if !(C && D=1) || E\n")
    symbol = model.symbol("A")
    assert symbol is not None
    text = expression_text(
        model.nodes,
        symbol.definitions[0].depends[0].expression,
        lambda node: model.symbols[model.nodes[node][1]].name,
    )
    assert text == "B || !(C=n || !(D=1)) && E=n"


WORDS = st.sampled_from(
    "config menu endmenu if endif choice endchoice bool tristate int hex string default "
    "depends on select imply range prompt help visible modules transitional source comment "
    "mainmenu A B C y m n 1 0x2 \"text\" 'q' ( ) && || ! = != < >= $(shell,x) $(A) := = "
    "option def_bool menuconfig # \\ $( \u00e9 .".split(" ")
)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.lists(WORDS, max_size=6).map(" ".join), max_size=12))
def test_any_text_is_read_or_refused_in_one_line(lines: list[str]) -> None:
    text = "\n\t".join(lines) + "\n"
    message = ""
    try:
        lines_of(model_of(text), "A=y B=m C=1")
    except BadInput as error:
        message = str(error)
    assert "\n" not in message


def test_a_variable_may_be_called_dollar() -> None:
    diagnostics = Diagnostics()
    text = "$ := 1\n$ += 2\na$b = x\n$(warning-if,y,$($) $(a$b) $)\n"
    model_of(text, NO_TOOLCHAIN, diagnostics)
    assert [(str(one.location), one.message) for one in diagnostics] == [("Kconfig:4", "1 2 x $")]


def test_what_is_set_at_once_is_not_expanded_again() -> None:
    diagnostics = Diagnostics()
    text = "d := $\nX = no\nY := $(d)(X)\nopen := $(d)(\n$(warning-if,y,$(Y) $(open))\n"
    model_of(text, NO_TOOLCHAIN, diagnostics)
    assert [one.message for one in diagnostics] == ["$(X) $("]


def test_a_file_sourced_twice_is_an_error_where_the_trees_resolver_says_so() -> None:
    text = 'source "one"\nsource "two"\n'
    files = {
        "one": 'source "shared"\n',
        "two": '\nsource "shared"\n',
        "shared": "config A\n\tbool\n",
    }
    assert model_of(text, **files).symbol("A") is not None
    refusing = {"scripts__kconfig__util.c": "static void die_duplicated_include(void);\n"}
    error = refused(text, **files, **refusing)
    assert (error.file, error.line) == ("two", 2)
    assert error.message == "repeated inclusion of 'shared', which one:1 sources too"


def test_a_circle_of_files_is_told_with_its_places() -> None:
    error = refused('source "one"\n', one='\nsource "two"\n', two='source "one"\n')
    assert "by Kconfig:1, one:2, two:1" in error.message


def test_a_variable_has_no_value_while_it_is_set_for_the_first_time() -> None:
    """``variable_add()`` expands before it adds; found by fuzzing."""
    assert lines_of(model_of("A := $(A)y\nconfig C\n\tdef_bool $(A)\n"), "") == ["C=y"]
