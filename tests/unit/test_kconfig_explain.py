"""Why a symbol has its value, where more than one statement has a say in it."""

from __future__ import annotations

import pytest
from kconfig_case import model_of, resolution_of

from analyzer.kconfig.explain import why

LEVELS = """\
config MODULES
	bool "modules"
	modules
	default y
config DRIVER
	tristate "driver"
	select LIBRARY
	select SWITCH
	select SHOWN
config LIBRARY
	tristate
config SWITCH
	bool
config SHOWN
	bool "shown"
config BUS
	tristate "bus"
config DEVICE
	tristate "device"
	depends on BUS
config SIZE
	int "size"
	range 1 8 if DRIVER=n
	range 1 64
	default 99 if BUS
	default 4
config ALWAYS
	def_bool y
	depends on BUS
"""


@pytest.mark.parametrize(
    ("config", "name", "value", "expected"),
    [
        ("DRIVER=m", "LIBRARY", "m", "selected by DRIVER at Kconfig:7"),
        ("DRIVER=m", "SWITCH", "y", "selected by DRIVER at Kconfig:8"),
        ("DRIVER=m SHOWN=n", "SHOWN", "y", "selected by DRIVER at Kconfig:9"),
        ("MODULES=n DRIVER=m", "LIBRARY", "y", "selected by DRIVER at Kconfig:7"),
        ("BUS=y DEVICE=y", "DEVICE", "y", "set in the configuration at Kconfig:19"),
        (
            "BUS=m DEVICE=y",
            "DEVICE",
            "m",
            "set to y in the configuration, but depends on BUS (BUS=m) at Kconfig:20",
        ),
        (
            "SIZE=9",
            "SIZE",
            "8",
            "set to 9 in the configuration, but the range is 1 to 8 at Kconfig:23",
        ),
        ("SIZE=9 DRIVER=y", "SIZE", "9", "set in the configuration at Kconfig:22"),
        (
            "BUS=y DRIVER=y",
            "SIZE",
            "64",
            "default 99 if BUS, but the range is 1 to 64 at Kconfig:24",
        ),
        ("DRIVER=y", "SIZE", "4", "default 4 at Kconfig:26"),
        ("BUS=y", "ALWAYS", "y", "default y at Kconfig:28"),
    ],
)
def test_why(config: str, name: str, value: str, expected: str) -> None:
    reason = why(resolution_of(model_of(LEVELS), config), name, 0)
    assert (reason.value, str(reason)) == (value, expected)


def test_what_a_reason_rests_on() -> None:
    model = model_of(LEVELS)
    resolution = resolution_of(model, "BUS=m DRIVER=m DEVICE=y")

    def because(name: str) -> list[str]:
        return [model.symbols[n].name for n in why(resolution, name, 0).because]

    assert because("SWITCH") == ["DRIVER"]
    assert because("DEVICE") == ["BUS"]
    assert because("DRIVER") == []
    assert because("ALWAYS") == ["BUS"]
