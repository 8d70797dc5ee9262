"""Makefile constructs, each in one or two configurations, with GNU make's results."""

from __future__ import annotations

from pathlib import Path

import pytest
from kbuild_case import evaluate, value

from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput

EXPRESSIONS = [
    ("$(subst ee,EE,feet on the street)", "fEEt on the strEEt"),
    ("$(patsubst %.c,%.o,x.c.c bar.c y.h)", "x.c.o bar.o y.h"),
    ("$(L:.o=.c)", "a.c b.c"),
    ("$(L:%.o=x/%.S)", "x/a.S x/b.S"),
    ("$(strip   a   b  )", "a b"),
    ("$(findstring a,a b c)", "a"),
    ("$(filter %.c %.s,foo.c bar.c baz.s ugh.h)", "foo.c bar.c baz.s"),
    ("$(filter-out main1.o main2.o,main1.o foo.o main2.o bar.o)", "foo.o bar.o"),
    ("$(sort foo bar lose foo)", "bar foo lose"),
    ("$(word 2,foo bar baz)", "bar"),
    ("$(wordlist 2,3,foo bar baz)", "bar baz"),
    ("$(words a b c)", "3"),
    ("$(firstword foo bar)$(lastword foo bar)", "foobar"),
    ("$(dir src/foo.c hacks)", "src/ ./"),
    ("$(notdir src/foo.c hacks)", "foo.c hacks"),
    ("$(suffix src/foo.c src-1.0/bar.c hacks)", ".c .c"),
    ("$(basename src/foo.c src-1.0/bar hacks)", "src/foo src-1.0/bar hacks"),
    ("$(addsuffix .c,foo bar)", "foo.c bar.c"),
    ("$(addprefix src/,foo bar)", "src/foo src/bar"),
    ("$(join a b,.c .o)", "a.c b.o"),
    ("$(if $(EMPTY),yes,no)$(if x,yes)", "noyes"),
    ("$(or $(EMPTY),,b,c)", "b"),
    ("$(and a,$(EMPTY),c)", ""),
    ("$(and a,b)", "b"),
    ("$(foreach d,a b,$(d)/x)", "a/x b/x"),
    ("$(call reverse,1st,2nd)", "2nd 1st"),
    ("$(intcmp 3,10,less,same,more)", "less"),
    ("$(intcmp 10,10,less,same,more)", "same"),
    ("$(origin L)$(origin NONE)", "fileundefined"),
    ("$(flavor S)", "simple"),
    ("$(value L)", "a.o b.o"),
    ("$$x$(comma)y", "$x,y"),
    ("${L}", "a.o b.o"),
    ("$(abspath a/../b)", "b"),
    ("$(wildcard mm/*.c none.c mm/a.h)", "mm/a.c mm/b.c mm/a.h"),
    ("$(call cc-option,-fno-foo,-falt)", "-fno-foo"),
    ("$(call cc-option,-fstrict-flex-arrays=3,-falt)", "-falt"),
    ("$(call cc-option-yn,-mfentry)", "y"),
    ("$(call cc-disable-warning,unused)", "-Wno-unused"),
    ("$(shell test 130 -ge 120 && echo y)", "y"),
    ("$(shell find mm -name '*.c' -type f)", "mm/a.c mm/b.c"),
    ("$(file < mm/a.h)", "text of a.h"),
]


@pytest.mark.parametrize(("text", "expected"), EXPRESSIONS)
def test_expression(text: str, expected: str) -> None:
    files = {"mm/a.c": "", "mm/b.c": "", "mm/a.h": "text of a.h\n"}
    preset = "L = a.o b.o\nS := x\nreverse = $2 $1\ncomma := ,\nEMPTY :=\n"
    evaluator, _ = evaluate(f"{preset}R := {text}\n", "A=y", files=files)
    assert value(evaluator, "R") == expected


def test_deferred_and_immediate() -> None:
    text = """
D = $(X)
S := $(X)
X := late
D += $(X)2
S += $(X)2
X := later
Q ?= first
Q ?= second
U += $(X)3
X := last
"""
    evaluator, _ = evaluate(text, "A=y")
    assert value(evaluator, "D") == "last last2"
    assert value(evaluator, "S") == "late2"
    assert value(evaluator, "Q") == "first"
    assert value(evaluator, "U") == "last3"


def test_assignment_to_itself_keeps_the_old_value() -> None:
    text = "F := -a -b -c\nF := $(filter-out -b,$(F))\n"
    evaluator, _ = evaluate(text, "A=y")
    assert value(evaluator, "F") == "-a -c"


def test_append_to_a_computed_name_splits_configurations() -> None:
    text = "obj-$(CONFIG_A) += a.o\nobj-y += b.o\nobj-$(CONFIG_A) += c.o\n"
    evaluator, _ = evaluate(text, "A=y", "A=m", "B=y")
    assert [value(evaluator, "obj-y", bit) for bit in range(3)] == ["a.o b.o c.o", "b.o", "b.o"]
    assert [value(evaluator, "obj-m", bit) for bit in range(3)] == ["", "a.o c.o", ""]
    assert [value(evaluator, "obj-", bit) for bit in range(3)] == ["", "", "a.o c.o"]


def test_conditionals() -> None:
    text = """
ifdef CONFIG_A
R += defined
else ifeq ($(CONFIG_N),64)
R += sixtyfour
else
R += neither
endif
ifneq ($(CONFIG_A),y)
R += noty
endif
ifeq "$(CONFIG_A)" 'm'
R += module
endif
ifndef CONFIG_A
	R += tabbed
endif
ifeq ($(CONFIG_A)$(CONFIG_N),y64)
R += both
endif
"""
    evaluator, _ = evaluate(text, "A=y N=64", "A=m", "N=64", "N=32")
    expected = [
        "defined both",
        "defined noty module",
        "sixtyfour noty tabbed",
        "neither noty tabbed",
    ]
    assert [value(evaluator, "R", bit) for bit in range(4)] == expected


def test_partial_assignment_leaves_the_rest() -> None:
    text = "R := base\nifdef CONFIG_A\nR := other\nendif\nR += end\n"
    evaluator, _ = evaluate(text, "A=y", "B=y")
    assert [value(evaluator, "R", bit) for bit in range(2)] == ["other end", "base end"]


def test_words_glued_from_masked_parts() -> None:
    text = "V := pre$(CONFIG_A)post $(CONFIG_B)x\nR := $(patsubst %,<%>,$(V))\n"
    evaluator, _ = evaluate(text, "A=y", "B=m", "A=m B=y")
    expected = ["<preypost> <x>", "<prepost> <mx>", "<prempost> <yx>"]
    assert [value(evaluator, "R", bit) for bit in range(3)] == expected


def test_masked_list_functions() -> None:
    text = """
L-$(CONFIG_A) += a
L-$(CONFIG_B) += b
L-y += c
F := $(firstword $(L-y))
E := $(lastword $(L-y))
W := $(word 2,$(L-y))
N := $(words $(L-y))
O := $(sort $(L-y) a)
X := $(filter-out $(L-y),a b c d)
I := $(if $(filter a,$(L-y)),has,lacks)
T := $(subst a c,Z,$(L-y))
P := $(addprefix p/,$(L-y))
"""
    evaluator, _ = evaluate(text, "A=y", "A=y B=y", "C=y")
    got = {
        name: [value(evaluator, name, bit) for bit in range(3)]
        for name in ("F", "E", "W", "N", "O", "X", "I", "T", "P")
    }
    assert got == {
        "F": ["a", "a", "c"],
        "E": ["c", "c", "c"],
        "W": ["c", "b", ""],
        "N": ["2", "3", "1"],
        "O": ["a c", "a b c", "a c"],
        "X": ["b d", "d", "a b d"],
        "I": ["has", "has", "lacks"],
        "T": ["Z", "a b c", "c"],
        "P": ["p/a p/c", "p/a p/b p/c", "p/c"],
    }


def test_define_eval_and_include() -> None:
    files = {"sub/more.mk": "R += included\n"}
    text = """
define add
R += $(1)
endef
$(eval $(call add,one))
$(foreach x,two three,$(eval $(call add,$(x))))
include sub/more.mk
-include none.mk
ifdef CONFIG_A
$(eval R += only-a)
endif
"""
    evaluator, _ = evaluate(text, "A=y", "B=y", files=files)
    assert value(evaluator, "R", 0) == "one two three included only-a"
    assert value(evaluator, "R", 1) == "one two three included"


def test_comments_continuations_and_recipes() -> None:
    text = (
        "A := one \\\n   two # comment\nH := \\#x\n"
        "t: dep\n\tB := recipe\nC := after\n\tD := not a recipe\n"
        "# comment \\\n E := still comment\n"
    )
    evaluator, frame = evaluate(text, "A=y")
    assert value(evaluator, "A") == "one two"
    assert value(evaluator, "H") == "#x"
    assert value(evaluator, "B") == ""
    assert value(evaluator, "D") == "not a recipe"
    assert value(evaluator, "E") == ""
    assert [text for _, text in frame.rules[0].recipe] == ["B := recipe"]


def test_compiler_probe_follows_the_recorded_version() -> None:
    text = "F := $(call cc-option,-fstrict-flex-arrays=3)\nM := $(call cc-option,-mllvm -x)\n"
    evaluator, _ = evaluate(text, "GCC_VERSION=120200", "GCC_VERSION=140100", "CC_IS_CLANG=y")
    flags = [value(evaluator, "F", bit) for bit in range(3)]
    assert flags == ["", "-fstrict-flex-arrays=3", "-fstrict-flex-arrays=3"]
    assert [value(evaluator, "M", bit) for bit in range(3)] == ["", "", "-mllvm -x"]


def test_shell_is_not_run_and_said_so(tmp_path: Path) -> None:
    said = Diagnostics()
    hacked = tmp_path / "hacked"
    evaluator, _ = evaluate(f"\nX := $(shell touch {hacked})\n", "A=y", diagnostics=said)
    assert value(evaluator, "X") == ""
    assert not hacked.exists()
    (only,) = list(said)
    assert (only.code, str(only.location)) == ("kbuild-shell-not-run", "t.mk:2")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\nifdef A\nX := 1\n", 2),
        ("\n\nendif\n", 3),
        ("else\n", 1),
        ("define x\ny\n", 1),
        ("X := $(foo\n", 1),
        ("\nifeq y\nendif\n", 2),
        ("X = $(X)\nY := $(X)\n", 2),
    ],
)
def test_bad_makefile_names_the_line(text: str, line: int) -> None:
    with pytest.raises(BadInput) as caught:
        evaluate(text, "A=y")
    assert (caught.value.file, caught.value.line) == ("t.mk", line)


def test_include_loop_is_bad_input() -> None:
    with pytest.raises(BadInput, match="include each other"):
        evaluate("include t.mk\n", "A=y")


@pytest.mark.parametrize(
    ("use", "count"),
    [("$(filter-out a b)", 1), ("$(subst a,b)", 2), ("$(if a)", 1), ("$(foreach a,b)", 2)],
)
def test_a_function_without_its_arguments_is_refused_as_make_does(use: str, count: int) -> None:
    """Found by fuzzing: it was an IndexError."""
    name = use[2:].split(maxsplit=1)[0]
    with pytest.raises(BadInput) as caught:
        evaluate(f"A := 1\nX := {use}\n", "A=y")
    assert str(caught.value) == (
        f"t.mk:2: insufficient number of arguments ({count}) to function {name!r}"
    )
