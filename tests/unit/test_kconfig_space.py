"""The configuration space of small trees, one rule of the language after the other."""

from __future__ import annotations

import pytest
from kconfig_case import NO_TOOLCHAIN, lines_of, model_of, shown

from analyzer.configset.dotconfig import parse_dotconfig
from analyzer.kconfig.model import KconfigModel
from analyzer.kconfig.resolve import ProbePolicy
from analyzer.kconfig.space.space import Space
from analyzer.kconfig.space.verdict import Impossible, Possible, Undecided, Verdict
from analyzer.kconfig.toolchain import Toolchain
from kconfig_trees import OLD_RESOLVER

MODULES = "config MODULES\n\tbool\n\tdefault y\n\tmodules\n"


def space_of(
    model: KconfigModel, base: str = "", policy: ProbePolicy = ProbePolicy.PROFILE
) -> Space:
    """The space around a base given as ``A=y B=m``."""
    text = "".join(f"CONFIG_{item}\n" for item in base.split())
    return Space(model, parse_dotconfig(text, "base", "base"), policy)


def wanted(kconfig: str, wish: str, base: str = "", **files: str) -> str:
    """The fragment for ``NAME=VALUE``, or the proof, or why neither is known."""
    space = space_of(model_of(kconfig, **files), base)
    return told(space.want(*wish.split("=", maxsplit=1)))


def told(verdict: Verdict) -> str:
    """A verdict in a line."""
    if isinstance(verdict, Possible):
        return " ".join(f"{line.symbol}={line.value}" for line in verdict.fragment)
    if isinstance(verdict, Impossible):
        return "; ".join(map(str, verdict.reasons))
    return f"undecided: {verdict.why}"


def possible_pairs(kconfig: str, one: str, other: str, **files: str) -> str:
    """The possible pairs of values of two symbols, as ``yn nn``."""
    space = space_of(model_of(kconfig, **files))
    rows = [{one: a, other: b} for a in "ymn" for b in "ymn"]
    verdicts = space.combinations(rows)
    assert not [one for one in verdicts if isinstance(one, Undecided)]
    pairs = zip(rows, verdicts, strict=True)
    return " ".join("".join(row.values()) for row, v in pairs if isinstance(v, Possible))


def test_a_line_of_ones_own_and_those_it_needs() -> None:
    kconfig = """
        config NET
            bool "net"
        config PHY
            bool "phy"
            depends on NET
        config DRIVER
            bool "driver"
            depends on PHY
        """
    assert wanted(kconfig, "DRIVER=y") == "NET=y PHY=y DRIVER=y"
    assert wanted(kconfig, "DRIVER=y", "NET=y PHY=y") == "DRIVER=y"
    assert wanted(kconfig, "DRIVER=n", "NET=y PHY=y DRIVER=y") == "DRIVER=n"
    assert wanted(kconfig, "NET=n", "NET=y PHY=y DRIVER=y") == "NET=n"
    assert wanted(kconfig, "NET=n") == ""


def test_the_witness_is_complete_and_stays() -> None:
    model = model_of('config A\n\tbool "a"\nconfig B\n\tbool "b"\n\tdefault y if A\n')
    verdict = space_of(model).want("B", "y")
    assert isinstance(verdict, Possible)
    assert str(verdict.fragment[0]) == "CONFIG_B=y"
    assert verdict.config.values == {"A": "n", "B": "y"}
    assert lines_of(model, verdict.text) == [shown(verdict.text)]
    off = space_of(model, "A=y B=y").want("B", "n")
    assert isinstance(off, Possible)
    assert [str(line) for line in off.fragment] == ["# CONFIG_B is not set"]


def test_select_lifts_over_an_unmet_dependency() -> None:
    kconfig = """
        config GONE
            bool
        config A
            bool "a"
            select B
        config B
            bool "b"
            depends on GONE
        """
    assert possible_pairs(kconfig, "A", "B") == "yy nn"
    assert wanted(kconfig, "B=y") == "A=y"
    gone = "GONE has no prompt and no default, and nothing selects it at Kconfig:2, so GONE=n"
    space = space_of(model_of(kconfig))
    assert told(space.combination({"A": "y", "B": "n"})) == "A selects B at Kconfig:6"
    assert told(space.combination({"A": "n", "B": "y"})) == (
        f"{gone}; B depends on GONE (GONE=n), and is not selected by A at Kconfig:9"
    )


def test_imply_is_a_default_that_can_be_overridden() -> None:
    kconfig = """
        config A
            bool "a"
            imply SHOWN
            imply HIDDEN
        config SHOWN
            bool "shown"
        config HIDDEN
            bool
        """
    assert possible_pairs(kconfig, "A", "SHOWN") == "yy yn ny nn"
    assert possible_pairs(kconfig, "A", "HIDDEN") == "yy nn"
    assert wanted(kconfig, "SHOWN=y", "A=n") == "SHOWN=y"
    assert wanted(kconfig, "HIDDEN=y") == "A=y"
    space = space_of(model_of(kconfig))
    assert told(space.combination({"A": "y", "HIDDEN": "n"})) == (
        "HIDDEN has no prompt and is implied by A at Kconfig:5"
    )


def test_invisible_symbols_follow_their_defaults() -> None:
    kconfig = """
        config A
            bool "a"
        config B
            bool
            default !A
        """
    assert possible_pairs(kconfig, "A", "B") == "yn ny"
    assert wanted(kconfig, "B=n") == "A=y"
    space = space_of(model_of(kconfig))
    assert told(space.combination({"A": "n", "B": "n"})) == (
        "B has no prompt and defaults to !A at Kconfig:6"
    )


def test_without_modules_m_becomes_y() -> None:
    tristate = 'config T\n\ttristate "t"\n'
    assert wanted(MODULES + tristate, "T=m") == "T=m"
    without = "config MODULES\n\tbool\n\tmodules\n" + tristate
    assert wanted(without, "T=m") == (
        "MODULES has no prompt and no default, and nothing selects it at Kconfig:1, so MODULES=n; "
        "without MODULES the tristate T is never m at Kconfig:1"
    )
    free = 'config MODULES\n\tbool "modules"\n\tmodules\n' + tristate
    assert wanted(free, "T=m") == "MODULES=y T=m"
    assert (
        wanted(MODULES + 'config B\n\tbool "b"\n', "B=m")
        == "B is a bool, which is never m at Kconfig:5"
    )


def test_a_tristate_is_at_most_what_it_depends_on() -> None:
    kconfig = MODULES + 'config A\n\ttristate "a"\nconfig B\n\ttristate "b"\n\tdepends on A\n'
    assert possible_pairs(kconfig, "A", "B") == "yy ym yn mm mn nn"
    assert wanted(kconfig, "B=y", "A=m B=m") == "A=y B=y"


CHOICE = """
    choice
        prompt "speed"
        default SLOW
    config SLOW
        bool "slow"
    config FAST
        bool "fast"
        depends on POWER
    endchoice
    config POWER
        bool "power"
    """


@pytest.mark.parametrize("files", [{}, OLD_RESOLVER], ids=["modern", "with modes"])
def test_a_choice_takes_exactly_one(files: dict[str, str]) -> None:
    assert possible_pairs(CHOICE, "SLOW", "FAST", **files) == "yn ny"
    assert wanted(CHOICE, "FAST=y", **files) == "POWER=y FAST=y"
    assert wanted(CHOICE, "SLOW=n", "POWER=y", **files) == "FAST=y"
    space = space_of(model_of(CHOICE, **files))
    both = told(space.combination({"SLOW": "y", "FAST": "y"}))
    assert both == "only one of SLOW and FAST can be y, members of the same choice at Kconfig:2"
    without = told(space.combination({"SLOW": "n", "POWER": "n"}))
    assert without == (
        "FAST depends on POWER (POWER=n) at Kconfig:9, so FAST=n; "
        "the choice takes one of SLOW or FAST at Kconfig:2"
    )


def test_choices_with_modes_can_be_modular_or_left_out() -> None:
    choice = """
        config MODULES
            bool
            default y
            modules
        choice
            prompt "drivers"
            optional
        config ONE
            tristate "one"
        config TWO
            tristate "two"
        endchoice
        """
    assert possible_pairs(choice, "ONE", "TWO", **OLD_RESOLVER) == "yn mm mn ny nm nn"
    assert possible_pairs(choice.replace("optional", ""), "ONE", "TWO") == "yn ny"


def test_ranges_of_numbers() -> None:
    kconfig = """
        config BIG
            bool "big"
        config SIZE
            int "size"
            range 1 8 if BIG
            range 1 4
            default 2
        config HUGE
            bool
            default y if SIZE > 6
        """
    assert wanted(kconfig, "SIZE=3") == "SIZE=3"
    assert wanted(kconfig, "SIZE=8") == "BIG=y SIZE=8"
    assert wanted(kconfig, "HUGE=y").startswith("BIG=y SIZE=")
    assert wanted(kconfig, "SIZE=9") == (
        "SIZE is kept within 1 and 8 at Kconfig:6, so BIG=n; "
        "SIZE is kept within 1 and 4 at Kconfig:7"
    )
    assert wanted(kconfig, "SIZE=large") == "SIZE is an int, which is never large at Kconfig:4"
    space = space_of(model_of(kconfig))
    assert isinstance(space.combination({"SIZE": "7", "HUGE": "n"}), Impossible)
    assert isinstance(space.combination({"SIZE": "6", "HUGE": "n"}), Possible)


def test_a_range_between_symbols() -> None:
    kconfig = """
        config BIG
            bool "big"
        config MOST
            int
            default 64 if BIG
            default 8
        config SIZE
            int "size"
            range 2 MOST
        """
    assert wanted(kconfig, "SIZE=64") == "BIG=y SIZE=64"
    assert wanted(kconfig, "SIZE=65") == (
        "SIZE is kept within 2 and MOST (at most 64) at Kconfig:10"
    )


def test_texts_follow_defaults_and_visibility() -> None:
    kconfig = """
        config ON
            bool "on"
        config NAME
            string "name"
            depends on ON
        config WORD
            string
            default "two" if ON
            default "one"
        config EMPTY
            bool
            default y if NAME = "" && ON
        """
    assert wanted(kconfig, "NAME=abc") == 'ON=y NAME="abc"'
    assert wanted(kconfig, 'NAME="abc"') == 'ON=y NAME="abc"'
    assert wanted(kconfig, "WORD=two") == "ON=y"
    assert wanted(kconfig, "WORD=three") == (
        'WORD has no prompt, and its defaults give it "two" or "one" at Kconfig:7'
    )
    assert wanted(kconfig, "EMPTY=n", 'ON=y NAME=""') in ("ON=n", 'NAME="x"')
    space = space_of(model_of(kconfig), 'ON=y NAME=""')
    assert told(space.combination({"ON": "y", "EMPTY": "n"})) == 'NAME="x"'


def test_transitional_symbols_are_never_had() -> None:
    kconfig = """
        config OLD
            bool
            transitional
        config NEW
            bool "new"
            default OLD
        """
    assert wanted(kconfig, "NEW=y") == "NEW=y"
    assert wanted(kconfig, "NEW=y", "OLD=y") == ""
    assert wanted(kconfig, "OLD=y") == (
        "OLD is transitional: it hands on the value of old configurations only at Kconfig:2"
    )


def test_depends_on_if() -> None:
    kconfig = """
        config A
            bool "a"
        config B
            bool "b"
        config C
            bool "c"
            depends on A if B
        """
    assert wanted(kconfig, "C=y") == "C=y"
    assert wanted(kconfig, "C=y", "B=y") in ("B=n C=y", "A=y C=y")
    space = space_of(model_of(kconfig))
    assert isinstance(space.combination({"A": "n", "B": "y", "C": "y"}), Impossible)
    assert isinstance(space.combination({"A": "n", "B": "n", "C": "y"}), Possible)


def test_menus_hand_down_their_conditions() -> None:
    kconfig = """
        config TOP
            bool "top"
        config SEEN
            bool "seen"
        menu "outer"
            depends on TOP
        menu "inner"
            visible if SEEN
        config A
            bool "a"
            default y
        endmenu
        endmenu
        """
    assert wanted(kconfig, "A=y") == "TOP=y"
    assert wanted(kconfig, "A=n", "TOP=y") == "TOP=n"
    assert possible_pairs(kconfig, "SEEN", "A") == "yy yn ny nn"
    space = space_of(model_of(kconfig), "TOP=y")
    assert told(space.combination({"TOP": "y", "A": "n"})) == "SEEN=y A=n"
    assert told(space.combination({"TOP": "y", "SEEN": "n", "A": "n"})) == (
        "A cannot be set here and defaults to y at Kconfig:12"
    )
    assert told(space.combination({"TOP": "n", "A": "y"})) == (
        "A depends on TOP (TOP=n) at Kconfig:7"
    )


def test_what_is_not_defined() -> None:
    kconfig = 'config A\n\tbool "a"\n\tdepends on ELSEWHERE\n'
    nowhere = "no Kconfig file of this architecture defines"
    assert wanted(kconfig, "A=y") == (
        f"{nowhere} ELSEWHERE, so ELSEWHERE=n; A depends on ELSEWHERE (ELSEWHERE=n) at Kconfig:3"
    )
    assert wanted(kconfig, "ELSEWHERE=y") == f"{nowhere} ELSEWHERE"
    assert wanted(kconfig, "UNHEARD_OF=y") == f"{nowhere} UNHEARD_OF"
    assert wanted(kconfig, "UNHEARD_OF=n") == ""


PROBED = 'config A\n\tbool "a"\n\tdepends on $(shell,probe)\n'


def test_probes_are_answered_by_the_profile() -> None:
    yes = Toolchain("yes", {"probe": "y"}, {})
    no = Toolchain("no", {"probe": "n"}, {})
    assert told(space_of(model_of(PROBED, yes)).want("A", "y")) == "A=y"
    refused = space_of(model_of(PROBED, no)).want("A", "y")
    assert isinstance(refused, Impossible)
    assert refused.probes == "toolchain profile no"
    assert [str(reason) for reason in refused.reasons] == [
        "$(shell,probe) is n (toolchain profile no)",
        "A depends on $(shell,probe) at Kconfig:3",
    ]


def test_probes_that_the_base_records() -> None:
    no = Toolchain("no", {"probe": "n"}, {})
    model = model_of(PROBED + 'config B\n\tbool "b"\n\tdepends on A\n', no)
    space = space_of(model, "A=y", ProbePolicy.RECORDED)
    assert space.probes == "as the base configuration records, else toolchain profile no"
    assert told(space.want("B", "y")) == "B=y"
    assert isinstance(space_of(model, "A=y").want("B", "y"), Impossible)


def test_a_space_without_a_base_and_asked_again() -> None:
    model = model_of('config A\n\tbool "a"\nconfig N\n\tint "n" if A\n', NO_TOOLCHAIN)
    space = Space(model)
    assert told(space.want("N", "5")) == "A=y N=5"
    assert told(space.want("N", "6")) == "A=y N=6"
    assert told(space.want("A", "y")) == "A=y"
    assert told(space.want("N", "5")) == "A=y N=5"
    verdicts = space.combinations([{"N": "7"}, {"N": "8"}, {"N": "7", "A": "n"}])
    assert [told(one) for one in verdicts[:2]] == ["A=y N=7", "A=y N=8"]
    assert isinstance(verdicts[2], Impossible)


def test_a_text_that_is_taken_over_from_another_symbol() -> None:
    kconfig = """
        config SIZE
            int "size"
            default 1
        config COPY
            int
            default SIZE
        config LIMITED
            int
            range 1 4
            default COPY
        """
    assert wanted(kconfig, "COPY=7") == "SIZE=7"
    assert wanted(kconfig, "LIMITED=3") == "SIZE=3"
    assert wanted(kconfig, "LIMITED=7") == "LIMITED is kept within 1 and 4 at Kconfig:10"


def test_a_default_above_the_visibility_is_undecided() -> None:
    """``conf`` writes ``y`` at first and ``m`` when it reads that again."""
    kconfig = MODULES + 'config A\n\tdef_tristate m\nconfig B\n\ttristate "b" if A\n\tdefault y\n'
    assert wanted(kconfig, "B=y") == (
        "undecided: B: not ruled out, but only by texts that were not tried or by values that a "
        "written configuration loses"
    )
