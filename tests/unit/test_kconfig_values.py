"""Values of symbols, construct by construct, as the kernel's ``conf`` computes them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kconfig_case import HEADING, lines_of, model_of, resolution_of, shown

from analyzer.configset.configurations import Configurations
from analyzer.configset.dotconfig import parse_dotconfig
from analyzer.kconfig.evaluate import evaluate
from analyzer.kconfig.model import SymbolType
from analyzer.kconfig.modes import Mode, with_mode
from analyzer.kconfig.render import dotconfig_text
from analyzer.kconfig.uservalues import user_values

NOTHING = Configurations([parse_dotconfig("", "", "")])
MODULES = """
config MODULES
	bool "modules"
	modules
"""


def test_bool_takes_the_users_value_or_the_first_default_that_applies() -> None:
    model = model_of("""
        config A
            bool "a"
        config B
            bool "b"
            default n if A
            default y
        """)
    assert lines_of(model, "", "A=y", "A=y B=y", "B=n") == [
        "A=n B=y",
        "A=y B=n",
        "A=y B=y",
        "A=n B=n",
    ]


def test_a_symbol_that_cannot_be_set_ignores_the_user() -> None:
    model = model_of("""
        config A
            bool "a"
        config B
            bool "b"
            depends on A
            default y
        config HIDDEN
            def_bool y
        """)
    assert lines_of(model, "B=y", "A=y B=n HIDDEN=n") == [
        "A=n HIDDEN=y",
        "A=y B=n HIDDEN=y",
    ]


def test_tristate_without_modules_is_bool() -> None:
    model = model_of(
        MODULES
        + """
config T
	tristate "t"
config U
	tristate "u"
	depends on T
config V
	bool "v"
	depends on T
"""
    )
    assert lines_of(model, "MODULES=y T=m U=y V=y", "T=m U=m V=y") == [
        "MODULES=y T=m U=m V=y",
        "MODULES=n T=y U=y V=y",
    ]


def test_modules_attribute_in_the_old_spelling() -> None:
    model = model_of('config LOADABLE\n\tbool "l"\n\toption modules\nconfig T\n\ttristate "t"\n')
    assert model.symbols[model.modules or 0].name == "LOADABLE"
    assert lines_of(model, "LOADABLE=y T=m", "T=m") == ["LOADABLE=y T=m", "LOADABLE=n T=y"]


def test_without_any_modules_symbol_there_are_no_modules() -> None:
    assert lines_of(model_of('config T\n\ttristate "t"\n'), "T=m") == ["T=y"]


def test_a_literal_m_in_a_condition_needs_modules() -> None:
    model = model_of(
        MODULES
        + """
config A
	bool "a" if m
config B
	def_tristate m
"""
    )
    assert lines_of(model, "MODULES=y A=y", "A=y") == [
        "MODULES=y A=y B=m",
        "MODULES=n B=y",
    ]


def test_select_overrides_dependencies_and_keeps_its_strength() -> None:
    model = model_of(
        MODULES
        + """
config NEVER
	bool
config LIB
	tristate "lib"
	depends on NEVER
config USER
	tristate "user"
	select LIB
config FLAG
	bool
config ALSO
	tristate "also"
	select FLAG if USER
"""
    )
    assert lines_of(model, "MODULES=y USER=m ALSO=m", "MODULES=y USER=y LIB=m", "") == [
        "MODULES=y LIB=m USER=m FLAG=y ALSO=m",
        "MODULES=y LIB=y USER=y ALSO=n",
        "MODULES=n USER=n ALSO=n",
    ]


def test_imply_gives_a_default_that_dependencies_and_the_user_limit() -> None:
    model = model_of("""
        config A
            bool "a"
            imply B
            imply C
        config B
            bool "b"
        config NO
            bool "no"
        config C
            bool "c"
            depends on NO
        """)
    assert lines_of(model, "A=y", "A=y B=n", "A=y NO=y") == [
        "A=y B=y NO=n C=n",
        "A=y B=n NO=n C=n",
        "A=y B=y NO=y C=y",
    ]


def test_range_moves_values_to_its_bounds() -> None:
    model = model_of("""
        config WIDE
            bool "wide"
        config MAX
            int
            default 64 if WIDE
            default 8
        config N
            int "n"
            range 2 MAX
            default 4
        config H
            hex "h"
            range 0x10 0xff
        """)
    assert lines_of(model, "", "WIDE=y N=32", "N=32 H=0x1000", "N=1 H=20") == [
        "WIDE=n MAX=8 N=4 H=0x10",
        "WIDE=y MAX=64 N=32 H=0x10",
        "WIDE=n MAX=8 N=8 H=0xff",
        "WIDE=n MAX=8 N=2 H=20",
    ]


def test_strings_and_invalid_values() -> None:
    model = model_of(r"""
        config S
            string "s"
            default "a \"b\" \\"
        config I
            int "i"
            default 7
        config B
            bool "b"
        """)
    assert lines_of(model, "", r'S="x\"y" I=08 B=m', "S=bare I=-3 B=yes") == [
        r'S="a \"b\" \\" I=7 B=n',
        r'S="x\"y" I=7 B=n',
        r'S="a \"b\" \\" I=-3 B=y',
    ]


def test_an_invalid_later_assignment_leaves_the_earlier_in_force() -> None:
    model = model_of('config A\n\tbool "a"\nconfig I\n\tint "i"\n')
    text = "CONFIG_A=y\nCONFIG_A=maybe\nCONFIG_I=5\nCONFIG_I=five\nCONFIG_GONE=y\n"
    assert lines_of(model, text) == ["A=y I=5"]


@pytest.mark.parametrize(
    ("given_values", "expected"),
    [
        ("", "ONE=n TWO=y THREE=n"),
        ("ONE=y", "ONE=y TWO=n THREE=n"),
        ("ONE=y THREE=y", "ONE=n TWO=n THREE=y"),
        ("THREE=y ONE=y", "ONE=y TWO=n THREE=n"),
        ("TWO=n", "ONE=y TWO=n THREE=n"),
        ("TWO=n ONE=n", "ONE=n TWO=n THREE=y"),
        ("TWO=n ONE=n THREE=n", "ONE=n TWO=y THREE=n"),
        ("THREE=n ONE=n TWO=n", "ONE=n TWO=n THREE=y"),
    ],
)
def test_choice_takes_exactly_one(given_values: str, expected: str) -> None:
    model = model_of("""
        choice
            prompt "which"
            default TWO
        config ONE
            bool "one"
        config TWO
            bool "two"
        config THREE
            bool "three"
        endchoice
        """)
    assert lines_of(model, given_values) == [expected]


def test_choice_members_that_do_not_show_are_passed_over_and_cannot_be_selected() -> None:
    model = model_of("""
        config X
            bool "x"
            select ONE
        choice
            prompt "which"
            default ONE
        config ONE
            bool "one"
            depends on !X
        if X
        config TWO
            bool "two"
        endif
        config THREE
            bool "three"
        endchoice
        """)
    assert lines_of(model, "", "X=y", "X=y ONE=y THREE=y") == [
        "X=n ONE=y THREE=n",
        "X=y TWO=y THREE=n",
        "X=y TWO=n THREE=y",
    ]


OLD_RESOLVER = {"scripts__kconfig__expr.h": "struct symbol;\n"}


def test_choice_of_an_old_tree_shows_members_only_with_its_prompt() -> None:
    text = """
        config EXPERT
            bool "expert"
        choice
            prompt "which" if EXPERT
        config ONE
            bool "one"
        config TWO
            bool "two"
        endchoice
        """
    assert lines_of(model_of(text), "") == ["EXPERT=n ONE=y TWO=n"]
    old = model_of(text, **OLD_RESOLVER)
    assert lines_of(old, "", "EXPERT=y TWO=y", "EXPERT=y ONE=n") == [
        "EXPERT=n",
        "EXPERT=y ONE=n TWO=y",
        "EXPERT=y ONE=y TWO=n",
    ]


def test_members_of_an_old_choice_depend_on_its_value_instead_of_what_is_around_it() -> None:
    text = (
        MODULES
        + """
config T
	tristate "t"
config TARGET
	tristate
if T
choice
	prompt "which"
config ONE
	bool "one"
	select TARGET
endchoice
endif
"""
    )
    given_values = "MODULES=y T=m"
    assert lines_of(model_of(text), given_values) == ["MODULES=y T=m TARGET=m ONE=y"]
    old = model_of(text, **OLD_RESOLVER)
    assert lines_of(old, given_values) == ["MODULES=y T=m TARGET=y ONE=y"]


def test_numbers_of_an_old_tree_start_empty_and_are_dropped_outside_their_range() -> None:
    text = """
        config EMPTY
            int "empty"
        config N
            int "n"
            range 2 9
            default 5
        """
    old = {
        "scripts__kconfig__symbol.c": "symbol_empty",
        "scripts__kconfig__confdata.c": "conf_unsaved",
    }
    assert lines_of(model_of(text), "N=12", "N=3") == ["EMPTY=0 N=9", "EMPTY=0 N=3"]
    assert lines_of(model_of(text, **old), "N=12", "N=3") == ["EMPTY= N=5", "EMPTY= N=3"]


def test_tristate_and_optional_choice_of_an_old_tree() -> None:
    model = model_of(
        MODULES
        + """
choice
	tristate "gadgets"
	optional
config ONE
	tristate "one"
config TWO
	tristate "two"
endchoice
""",
        **OLD_RESOLVER,
    )
    configs = ("MODULES=y", "MODULES=y ONE=m TWO=m", "MODULES=y TWO=y")
    assert lines_of(model, *configs) == [
        "MODULES=y",
        "MODULES=y ONE=m TWO=m",
        "MODULES=y ONE=n TWO=y",
    ]


def test_transitional_symbol_carries_the_old_value_over() -> None:
    model = model_of("""
        config NEW
            bool "new"
            default OLD
        config OLD
            bool
            transitional
            help
              The old name.
        config SIZE
            int "size"
            default OLD_SIZE
        config OLD_SIZE
            int
            transitional
        """)
    assert lines_of(model, "", "OLD=y OLD_SIZE=12", "OLD=y NEW=n SIZE=3") == [
        "NEW=n SIZE=0",
        "NEW=y SIZE=12",
        "NEW=n SIZE=3",
    ]


def test_depends_on_with_a_condition() -> None:
    model = model_of(
        MODULES
        + """
config Q
	tristate "q"
config P
	bool "p"
config R
	tristate "r"
	depends on P if Q
config S
	tristate "s"
	depends on P if Q && !R
"""
    )
    assert lines_of(
        model, "MODULES=y R=y S=y", "MODULES=y Q=m R=y S=y", "MODULES=y Q=m P=y R=m S=m"
    ) == [
        "MODULES=y Q=n P=n R=y S=y",
        "MODULES=y Q=m P=n",
        "MODULES=y Q=m P=y R=m S=m",
    ]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("N = 10", "y"),
        ("N != 10", "n"),
        ("N < 9", "n"),
        ("N >= 10", "y"),
        ("N > 9", "y"),
        ("H = 0x0a", "y"),
        ("H < 10", "n"),
        ("H < 11", "y"),
        ('S = "ten"', "y"),
        ('S != "ten"', "n"),
        ('S < "tfn"', "y"),
        ("T = y", "n"),
        ("T = m", "y"),
        ("T != n", "y"),
        ("T < y", "y"),
        ("!(T = y) && !T", "y"),
        ("UNDEFINED", "n"),
        ('UNDEFINED = "UNDEFINED"', "y"),
        ('UNDEFINED = ""', "n"),
        ("N = N", "y"),
        ("N <= 007", "n"),
    ],
)
def test_comparisons(condition: str, expected: str) -> None:
    model = model_of(
        MODULES
        + f"""
config N
	int "n"
config H
	hex "h"
config S
	string "s"
config T
	tristate "t"
config RESULT
	bool "result"
	default y if {condition}
"""
    )
    line = lines_of(model, 'MODULES=y N=10 H=0xa S="ten" T=m')[0]
    assert line.endswith(f"RESULT={expected}")


def test_menu_if_and_visible_if() -> None:
    model = model_of("""
        config A
            bool "a"
        menu "of A"
            depends on A
            visible if B
        config IN_MENU
            bool "in menu"
            default y
        endmenu
        config B
            bool "b"
        if A && B
        config IN_IF
            def_bool y
        endif
        """)
    assert lines_of(model, "A=n B=y", "A=y IN_MENU=n", "A=y B=y IN_MENU=n") == [
        "A=n B=y",
        "A=y IN_MENU=y B=n",
        "A=y IN_MENU=n B=y IN_IF=y",
    ]


def test_two_entries_of_one_symbol() -> None:
    model = model_of("""
        config A
            bool "a"
        config TWICE
            bool "first"
            depends on A
        config TWICE
            bool "second"
            depends on !A
            default y
        config TWICE
            int
        """)
    assert model.type_of("TWICE") is SymbolType.BOOL
    assert lines_of(model, "", "A=y", "A=y TWICE=y") == [
        "A=n TWICE=y",
        "A=y TWICE=n",
        "A=y TWICE=y",
    ]


def test_written_file_has_titles_of_what_shows() -> None:
    model = model_of("""
        mainmenu "Main menu"
        comment "first"
        config A
            bool "a"
        menu "shown"
        config B
            bool "b"
        menu "hidden"
            depends on A
        config C
            bool "c"
        endmenu
        endmenu
        config D
            string "d"
        """)
    assert resolution_of(model, "").text(0) == HEADING + (
        "\n#\n# first\n#\n# CONFIG_A is not set\n"
        "\n#\n# shown\n#\n# CONFIG_B is not set\n# end of shown\n"
        '\nCONFIG_D=""\n'
    )


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (Mode.ALLNOCONFIG, "MODULES=n T=n B=n ONE=y TWO=n"),
        (Mode.ALLYESCONFIG, "MODULES=y T=y B=y ONE=y TWO=n"),
        (Mode.ALLMODCONFIG, "MODULES=y T=m B=y ONE=y TWO=n"),
        (Mode.ALLDEFCONFIG, "MODULES=n T=n B=y ONE=y TWO=n"),
    ],
)
def test_modes(mode: Mode, expected: str) -> None:
    model = model_of(
        MODULES
        + """
config T
	tristate "t"
config B
	bool "b"
	default y
choice
	prompt "c"
config ONE
	bool "one"
config TWO
	bool "two"
endchoice
"""
    )
    values = evaluate(
        model,
        with_mode(model, user_values(model, NOTHING), mode),
    )
    assert shown(dotconfig_text(model, values, 0)) == expected


MIXED = (
    MODULES
    + """
config T
	tristate "t"
config U
	tristate "u" if T
	default m if T = m
	default T
config N
	int "n"
	range 1 LIMIT
config LIMIT
	int
	default 4 if T
	default 9
config S
	string "s" if !U
	default "big" if N > 3
	default "small"
config P
	bool "p"
	depends on S = "big" || N = 2
	select Q if T
	imply R
config Q
	tristate
config R
	bool "r"
choice
	prompt "c"
	default C2 if P
config C1
	bool "c1"
config C2
	bool "c2"
	depends on !T
config C3
	bool "c3"
endchoice
"""
)
SYMBOLS = {
    **dict.fromkeys(("T", "U"), ("n", "m", "y")),
    **dict.fromkeys(("MODULES", "P", "R", "C1", "C2", "C3"), ("n", "y")),
    "N": ("0", "2", "5", "12"),
    "S": ('"big"', '"x"'),
}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.lists(
            st.sampled_from([f"{name}={v}" for name, vs in SYMBOLS.items() for v in vs]),
            max_size=8,
        ),
        min_size=1,
        max_size=12,
    )
)
def test_many_configurations_at_once_equal_one_at_a_time(configs: list[list[str]]) -> None:
    texts = ["".join(f"CONFIG_{item}\n" for item in config) for config in configs]
    model = MIXED_MODEL
    together = resolution_of(model, *texts)
    for number, text in enumerate(texts):
        alone = resolution_of(model, text)
        assert together.text(number) == alone.text(0)
        again = resolution_of(model, alone.text(0))
        assert again.text(0) == alone.text(0)


MIXED_MODEL = model_of(MIXED)
