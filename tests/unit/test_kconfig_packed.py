"""A model as text and back."""

from __future__ import annotations

import json

import pytest
from kconfig_case import model_of

from analyzer.errors import InternalError
from analyzer.kconfig.packed import pack, unpack
from analyzer.kconfig.toolchain import Toolchain

KCONFIG = """\
mainmenu "One of $(ARCH)"
comment "said"
config MODULES
	bool "modules"
	modules
menu "m"
	depends on B
	visible if !B
config A
	tristate "a" if B
	prompt "other a"
	depends on C = "x" && B != y
	select Z if $(shell,ask)
	imply C2
endmenu
if MODULES
config B
	def_bool y
config C
	string "text \\"é\\""
	default "x"
endif
config Z
	bool
config C2
	hex
	range 0x1 LIMIT if !B
	default 0x10
config LIMIT
	hex
	default 0x20
choice
	prompt "one"
	default TWO if B
config ONE
	bool "one"
config TWO
	bool "two"
endchoice
config OLD
	bool
	transitional
source "other/Kconfig"
"""


def test_what_is_read_back_is_equal() -> None:
    tools = Toolchain("t", {"ask": "y"}, {})
    model = model_of(KCONFIG, tools, other__Kconfig="config INNER\n\tdef_tristate m\n")
    text = pack(model)
    again = unpack(text)
    assert again == model
    assert list(again.by_name) == list(model.by_name)
    assert pack(again) == text
    assert again.symbols[again.by_name["A"]].prompts[0].visible_if[0].origin.value == "menu"


def test_before_choices_lost_their_modes() -> None:
    model = model_of(KCONFIG, other__Kconfig="")
    files = {"other__Kconfig": "", "scripts__kconfig__expr.h": "struct symbol;\n"}
    old = model_of(KCONFIG, **files)
    assert old.resolver != model.resolver
    assert unpack(pack(old)) == old


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"about": [1, 2]}', "null", "7"])
def test_another_text_is_refused(text: str) -> None:
    with pytest.raises((ValueError, TypeError, LookupError, InternalError)):
        unpack(text)


def test_a_part_that_is_missing_is_noticed() -> None:
    document = json.loads(pack(model_of("config A\n\tbool\n")))
    del document["probes"]
    with pytest.raises(LookupError):
        unpack(json.dumps(document))
