"""Configurations made from scratch: ``make allnoconfig`` and its relatives.

``conf_set_all_new_symbols()`` in ``scripts/kconfig/conf.c``: every bool or tristate that has
a prompt, is in no choice and has no value yet is given one; all else is resolved as usual.
Where choices have modes (before Linux 6.11) their members are given one too.
``randconfig`` is not among them: it depends on the C library's random numbers.
"""

from __future__ import annotations

import enum

from analyzer.kconfig.model import KconfigModel
from analyzer.kconfig.uservalues import Given, UserValues


class Mode(enum.Enum):
    """The value that a symbol without one is given."""

    ALLNOCONFIG = "allnoconfig"
    ALLYESCONFIG = "allyesconfig"
    ALLMODCONFIG = "allmodconfig"
    ALLDEFCONFIG = "alldefconfig"


def with_mode(model: KconfigModel, user: UserValues, mode: Mode) -> UserValues:
    """``user`` (empty, or what ``KCONFIG_ALLCONFIG`` names) completed as ``mode`` does."""
    if mode is Mode.ALLDEFCONFIG:
        return user
    everywhere = (1 << user.count) - 1
    given = dict(user.given)
    for index, symbol in enumerate(model.symbols):
        if not symbol.prompts or not symbol.type.is_logical:
            continue
        if symbol.choice is not None and not model.resolver.choices_have_modes:
            continue
        known = given.get(index, Given(0, 0, 0))
        new = everywhere & ~known.any
        m = new if mode in (Mode.ALLYESCONFIG, Mode.ALLMODCONFIG) else 0
        y = new if mode is Mode.ALLYESCONFIG else 0
        given[index] = Given(everywhere, known.m | m, known.y | y)
    return UserValues(user.count, given, user.priorities)
