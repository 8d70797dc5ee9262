"""``kimpact explain``: the statements on a symbol, the chain behind it, groups, bad names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from kconfig_case import model_of, resolution_of

from analyzer.errors import BadInput
from analyzer.explain.answer import Question, explain
from analyzer.explain.result import ExplainResult, Explanation, Link, State, StatementKind
from analyzer.kconfig.toolchain import Toolchain
from analyzer.paths.result import ConfigInfo, Kernel
from analyzer.report.json_explain import explain_json

SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "schema" / "explain-1.json"

KCONFIG = """\
config MODULES
	bool "modules"
	modules
	default y
config A
	bool "a"
config B
	def_bool A
	select TARGET if C
config C
	def_bool y
menu "m"
	depends on A
	visible if !HIDE
if B
config D
	tristate "d" if EXPERT
	depends on C && X86_ONLY
	imply IMPLIED
	default m if C
	default y
endif
endmenu
config EXPERT
	bool "expert"
config HIDE
	bool "hide"
config TARGET
	bool "target"
	depends on EXPERT
config IMPLIED
	bool "implied"
config OTHER
	def_bool EXPERT
	select TARGET
config NUMBER
	int "number"
	range 2 10 if EXPERT
	range 1 LIMIT
	default 5 if !A
	default 7
config LIMIT
	int
	default 100
choice
	prompt "speed"
	default FAST if A
config SLOW
	bool "slow"
config FAST
	bool "fast"
config TURBO
	bool "turbo"
	depends on EXPERT
endchoice
config PROBED
	def_bool $(shell,{ has it; } >/dev/null 2>&1 && echo "y" || echo "n")
"""
DIAMOND = """\
config TOP
	def_bool LEFT && RIGHT
config LEFT
	def_bool BASE
config RIGHT
	def_bool BASE
config BASE
	def_bool ROOT
config ROOT
	bool "root"
"""
TOOLS = Toolchain("t", {'{ has it; } >/dev/null 2>&1 && echo "y" || echo "n"': "y\n"}, {})


def explained(
    name: str, *configs: str, depth: int = 3, show_all: bool = False, fragments: bool = True
) -> tuple[Explanation, ...]:
    resolution = resolution_of(model_of(KCONFIG, TOOLS), *configs)
    return explain(resolution, Question((name,), depth, show_all, fragments))


def one(name: str, config: str = "", **options: Any) -> Explanation:
    (found,) = explained(name, config, **options)
    return found


def lines(explanation: Explanation) -> list[str]:
    return [
        f"{'*' if each.decides else ''}{each.valued} {each.state.value} {each.location.line}"
        for each in explanation.statements
    ]


def chain(links: tuple[Link, ...]) -> list[Any]:
    return [
        [f"{each.name}={each.value}{' again' if each.again else ''}", *chain(each.links)]
        for each in links
    ]


def hung(explanation: Explanation) -> list[list[Any]]:
    """The chains below the statements that have one."""
    return [chain(each.links) for each in explanation.statements if each.links]


def test_dependencies_own_and_inherited_with_values() -> None:
    found = one("D", "A=y EXPERT=y")
    assert (found.value, found.text) == ("n", "depends on C && X86_ONLY (X86_ONLY=n)")
    assert lines(found) == [
        'prompt "d" if EXPERT [=y] fails 17',
        "visible if !HIDE [=n] in force 14",
        "*depends on C [=y] && X86_ONLY [=n] fails 18",
        "depends on B [=y] in force 15",
        "depends on A [=y] in force 13",
        "default m if C [=y] fails 20",
        "default y fails 21",
    ]
    origins = [each.origin.value for each in found.statements if each.origin is not None]
    assert origins == ["menu", "entry", "if", "menu"]
    prompt, *_, default = found.statements
    assert (prompt.value, prompt.blocked) == ("n", "X86_ONLY=n")
    assert default.blocked == "X86_ONLY=n"
    assert [(each.name, each.value) for each in found.statements[2].operands] == [
        ("C", "y"),
        ("X86_ONLY", "n"),
    ]
    assert hung(found) == [[["X86_ONLY=n"]]]
    both = one("D", "EXPERT=y")
    assert both.text == "depends on C && X86_ONLY (X86_ONLY=n)"
    assert hung(both) == [[["X86_ONLY=n"]], [["B=n", ["A=n"]]], [["A=n"]]]


def test_a_select_that_applies_and_those_that_do_not() -> None:
    found = one("TARGET", "A=y")
    assert (found.value, found.text, found.unmet) == ("y", "selected by B", True)
    assert lines(found) == [
        'prompt "target" fails 29',
        "depends on EXPERT [=n] fails 30",
        "*selected by B [=y] if C [=y] in force 9",
    ]
    assert found.idle == ((StatementKind.SELECT, 1),)
    assert hung(found) == [[["EXPERT=n"]], [["B=y", ["A=y"]], ["C=y"]]]
    everything = one("TARGET", "A=y", show_all=True)
    assert lines(everything)[-1] == "selected by OTHER [=n] fails 35"
    assert everything.idle == ()
    assert one("TARGET", "EXPERT=y").unmet is False


def test_the_chain_goes_as_deep_as_asked() -> None:
    shallow = one("TARGET", "A=y", depth=1)
    (*_, select) = shallow.statements
    assert chain(select.links) == [["B=y"], ["C=y"]]
    assert [link.hidden for link in select.links] == [1, 0]


def test_a_symbol_is_explained_once() -> None:
    model = model_of(DIAMOND)
    (found,) = explain(resolution_of(model, "ROOT=y"), Question(("TOP",), 4))
    assert hung(found) == [
        [
            ["LEFT=y", ["BASE=y", ["ROOT=y"]]],
            ["RIGHT=y", ["BASE=y again"]],
        ]
    ]


def test_the_chain_hangs_at_the_top_where_no_statement_decides() -> None:
    model = model_of(
        "config GOAL\n\tbool\nconfig ONE\n\tdef_bool ROOT\n\tselect GOAL\n"
        "config TWO\n\tdef_bool y\n\tselect GOAL if ROOT\nconfig ROOT\n\tbool\n"
    )
    for show_all in (False, True):
        (found,) = explain(resolution_of(model, ""), Question(("GOAL",), 4, show_all))
        assert found.text == "selected only by ONE, TWO, none of which does"
        assert not any(each.decides for each in found.statements)
        assert chain(found.links) == [["ONE=n", ["ROOT=n"]], ["ROOT=n"]]


def test_defaults_and_ranges() -> None:
    found = one("NUMBER", "A=y")
    assert (found.value, found.text) == ("7", "default 7")
    assert lines(found) == [
        'prompt "number" in force 37',
        "default 5 if !A [=y] fails 40",
        "*default 7 in force 41",
        "range 2 10 if EXPERT [=n] fails 38",
        "range 1 LIMIT [=100] in force 39",
    ]
    ours = one("NUMBER", "NUMBER=9 EXPERT=y")
    assert [each.state for each in ours.statements] == [
        State.IN_FORCE,
        State.UNUSED,
        State.UNUSED,
        State.IN_FORCE,
        State.UNUSED,
    ]
    limited = one("NUMBER", "NUMBER=99 EXPERT=y")
    assert limited.text == "set to 99 in the configuration, but the range is 2 to 10"
    assert limited.changed
    default = one("LIMIT")
    assert (default.value, default.text) == ("100", "default 100")


def test_members_of_a_choice() -> None:
    by_default = one("SLOW", "A=y")
    assert by_default.text == "the choice takes FAST"
    assert lines(by_default) == [
        '*choice "speed" of SLOW [=n], FAST [=y], TURBO [=n] in force 45',
        "default FAST [=y] if A [=y] in force 47",
        'prompt "slow" in force 49',
    ]
    assert by_default.statements[0].source is not None
    assert by_default.statements[0].source.name == "FAST"
    chosen = one("SLOW", "A=y SLOW=y")
    assert chosen.text == "taken as configured in the choice"
    assert lines(chosen)[1] == "default FAST [=n] if A [=y] unused 47"
    assert one("TURBO").text == "depends on EXPERT (EXPERT=n)"


def test_a_probe_reads_as_in_the_file() -> None:
    assert one("PROBED").text == "default $(success,has it)"


def test_what_the_configuration_records() -> None:
    found = one("TARGET", "A=y TARGET=n", fragments=False)
    assert (found.recorded, found.value, found.changed) == ("n", "y", True)
    assert one("A", "A=y", fragments=False).changed is False
    missing = one("C", "A=y", fragments=False)
    assert (missing.recorded, missing.changed) == (None, True)
    assert one("C", "A=y", fragments=True).changed is False
    # A number that a complete configuration has no line for is no change.
    assert one("NUMBER", "NUMBER=7", fragments=False).changed is False


def test_configurations_that_see_the_same_are_explained_together() -> None:
    found = explained("TARGET", "A=y", "EXPERT=n", "A=y EXPERT=y", "A=y HIDE=y", "A=y TARGET=y")
    assert [(each.value, each.mask) for each in found] == [
        ("y", 0b01001),
        ("n", 0b00010),
        ("y", 0b00100),
        ("y", 0b10000),
    ]
    assert [each.recorded for each in found] == [None, None, None, "y"]
    alone = [one("TARGET", config) for config in ("A=y", "EXPERT=n", "A=y EXPERT=y")]
    assert [each.statements for each in found[:3]] == [each.statements for each in alone]


def test_a_symbol_that_only_another_architecture_defines() -> None:
    found = one("CONFIG_X86_ONLY")
    assert (found.name, found.type.value, found.value) == ("X86_ONLY", "unknown", "n")
    assert (found.text, found.statements) == (
        "no Kconfig file of this architecture defines it",
        (),
    )


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("EXPRT", r"unknown symbol 'EXPRT': .* mentions it; did you mean EXPERT\?$"),
        ("CONFIG_target", r"unknown symbol 'target': .* did you mean TARGET\?$"),
        ("NOTHING_LIKE_IT", "no Kconfig file of Linux 6.12.3 for x86 mentions it$"),
        ("", "unknown symbol ''"),
        ("5", "unknown symbol '5'"),
    ],
)
def test_an_unknown_symbol_is_bad_input_with_the_nearest_names(name: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        explained(name, "")


def test_json_follows_the_schema() -> None:
    names = ("D", "TARGET", "NUMBER", "SLOW", "PROBED", "X86_ONLY")
    resolution = resolution_of(model_of(KCONFIG, TOOLS), "A=y", "EXPERT=y")
    configs = (ConfigInfo("a", "a.config"), ConfigInfo("b", "b.config"))
    found = explain(resolution, Question(names, 3, True))
    text = explain_json(ExplainResult(Kernel("6.12.3", "x86"), configs, found, ()))
    document = json.loads(text)
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(document, schema)
    assert [each["name"] for each in document["symbols"]][:4] == ["D", "D", "TARGET", "TARGET"]
    target = document["symbols"][2]
    select = target["reasons"][-2]
    assert [link["name"] for link in select.pop("chain")] == ["B", "C"]
    assert select | {"symbols": []} == {
        "kind": "select",
        "state": "in force",
        "decides": True,
        "text": "selected by B if C",
        "valued": "selected by B [=y] if C [=y]",
        "value": "y",
        "symbols": [],
        "source": {"name": "B", "value": "y"},
        "origin": None,
        "blocked": None,
        "file": "Kconfig",
        "line": 9,
        "hidden": 0,
    }
